"""A second implementation of keys, engine and samplers, written from the documentation: python3 streams.py > streams.json

Integers are Python's own (no 32-bit halves), doubles are IEEE 754 as in JavaScript. The tables come from ziggurat.json.
"""
import hashlib
import json
import math
import struct
from pathlib import Path

M64 = 2**64 - 1
TABLES = json.loads((Path(__file__).parent / "ziggurat.json").read_text())


def enc(value):
    if isinstance(value, int):
        tag, content = b"i", str(value).encode()
    elif isinstance(value, str):
        tag, content = b"s", value.encode()
    else:
        tag, content = b"b", value
    return tag + struct.pack(">I", len(content)) + content


def key_of(seed, path):
    key = hashlib.sha256(b"repro.seed/v1\0root\0" + enc(seed)).digest()
    for element in path:
        key = hashlib.sha256(b"repro.seed/v1\0child\0" + key + enc(element)).digest()
    return key


def rotl(x, k):
    return ((x << k) | (x >> (64 - k))) & M64


class Engine:
    """xoroshiro128+ of 2018 as https://prng.di.unimi.it/xoroshiro128plus.c describes it; the low half of each output."""

    def __init__(self, key):
        self.s0, self.s1 = struct.unpack("<QQ", key[:16])
        self.draws = 0

    def word(self):
        self.draws += 1
        out = (self.s0 + self.s1) & 0xFFFFFFFF
        s1 = self.s1 ^ self.s0
        self.s0 = rotl(self.s0, 24) ^ s1 ^ ((s1 << 16) & M64)
        self.s1 = rotl(s1, 37)
        return out

    def bits53(self):
        upper = self.word() >> 5
        return (upper << 26) + (self.word() >> 6)

    def uniform(self):
        return self.bits53() * 2.0**-53

    def int(self, n):
        if n > 2**32:
            bits = (n - 1).bit_length()
            while True:
                drawn = self.bits53() >> (53 - bits)
                if drawn < n:
                    return drawn
        while True:
            product = self.word() * n
            if product % 2**32 >= 2**32 % n:
                return product >> 32

    def normal(self):
        edge, height, inside = TABLES["edge"], TABLES["height"], TABLES["inside"]
        while True:
            word = self.word()
            layer, place = word >> 24, ((word >> 5) % 2**18 << 26) + (self.word() >> 6)
            x = (place + 0.5) * 2.0**-44 * edge[layer]
            if place >= inside[layer]:
                if layer == 0:
                    x = self.tail()
                elif not height[layer] + self.uniform() * (height[layer + 1] - height[layer]) < exp(-0.5 * x * x):
                    continue
            return -x if word >> 23 & 1 else x

    def tail(self):
        edge = TABLES["edge"][1]
        while True:
            beyond = -log((self.bits53() + 1) * 2.0**-53) / edge
            high = -log((self.bits53() + 1) * 2.0**-53)
            if high + high >= beyond * beyond:
                return edge + beyond

    def permutation(self, n):
        items = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self.int(last + 1)
            items[last], items[other] = items[other], items[last]
        return items


LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10


def log(x):
    m, e = math.frexp(x)  # m in [1/2, 1)
    if m < 0.7071067811865476:
        m, e = m * 2, e - 1
    s = (m - 1) / (m + 1)
    total = 0.0
    for odd in range(21, 2, -2):
        total = (total + 1 / odd) * (s * s)
    return e * LN2_HIGH + (2 * s + (2 * s * total + e * LN2_LOW))


def exp(x):
    k = math.floor(x * 1.4426950408889634 + 0.5)
    r = x - k * LN2_HIGH - k * LN2_LOW
    total = 1.0
    for degree in range(14, 0, -1):
        total = 1 + (r * total) / degree
    return math.ldexp(total, k)


def counter_words(key, position, count):
    """Philox4x32-10 by 64-bit products: words of the counter stream of a key, from a position on."""
    k0, k1, c2, c3 = struct.unpack("<4I", key[:16])
    words = []
    for place in range(position, position + count):
        block = place // 4
        c, k = [block % 2**32, block >> 32, c2, c3], [k0, k1]
        for _ in range(10):
            p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(p1 >> 32) ^ c[1] ^ k[0], p1 % 2**32, (p0 >> 32) ^ c[3] ^ k[1], p0 % 2**32]
            k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
        words.append(c[place % 4])
    return words


def case(seed, *path):
    key = key_of(seed, path)
    make = lambda: Engine(key)
    e = make()
    words = [e.word() for _ in range(8)]
    head = hashlib.sha256(struct.pack("<8I", *words)).hexdigest()
    text = {int: "integer", str: "text", bytes: "bytes"}[type(seed)]
    value = seed.hex() if isinstance(seed, bytes) else str(seed)
    e = make()
    normals = hashlib.sha256()
    for _ in range(100_000):
        normals.update(struct.pack("<d", e.normal()))
    return {
        "seed": {"type": text, "value": value},
        "path": list(path),
        "key": "sha256:" + key.hex(),
        "words": words,
        "head": "sha256:" + head,
        "uniform": [(lambda e: [e.uniform() for _ in range(4)])(make())][0],
        "int": {str(n): (lambda e: [e.int(n) for _ in range(6)])(make()) for n in [1, 6, 2**21 + 1, 2**31 + 1, 2**32, 2**32 + 1, 2**53 - 1, 2**53]},
        "normal": (lambda e: [e.normal() for _ in range(4)])(make()),
        "normals100000": {"digest": "sha256:" + normals.hexdigest(), "draws": e.draws},
        "permutation": make().permutation(12),
        "counter": {str(at): counter_words(key, at, 6) for at in [0, 1, 2**34 - 1, 2**53 - 7]},
    }


print(json.dumps({
    "source": "test/vectors/streams.py, an implementation of its own in Python",
    "license": "MIT",
    "madeWith": "python3 streams.py",
    "cases": [
        case(0), case(42), case("42"), case(b"42"), case(7, "a", "b"), case(42, 1), case(42, "1"),
        case(42, "model", "init"), case(2**80, "é\\\U0001F600", 9007199254740991), case("fold-3", " ", 0),
    ],
}, indent=1, ensure_ascii=True))

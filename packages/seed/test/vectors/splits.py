"""A second implementation of choices, splits and computed orders, written from their documentation: python3 splits.py > splits.json

Integers are Python's own (no 32-bit halves), doubles are IEEE 754 as in JavaScript. Philox is checked against the known answers
of Random123 before it is used.
"""
import hashlib
import json
import math
import struct
from fractions import Fraction


def enc(value):
    tag, content = (b"i", str(value).encode()) if isinstance(value, int) else (b"s", value.encode())
    return tag + struct.pack(">I", len(content)) + content


def key_of(seed, *path):
    key = hashlib.sha256(b"repro.seed/v1\0root\0" + enc(seed)).digest()
    for element in path:
        key = hashlib.sha256(b"repro.seed/v1\0child\0" + key + enc(element)).digest()
    return key


class Stream:
    """xoroshiro128+ of 2018, the low half of each output."""

    def __init__(self, seed, *path):
        self.s0, self.s1 = struct.unpack("<QQ", key_of(seed, *path)[:16])

    def word(self):
        rotl = lambda x, k: (x << k | x >> (64 - k)) % 2**64
        out, s1 = (self.s0 + self.s1) % 2**32, self.s1 ^ self.s0
        self.s0, self.s1 = rotl(self.s0, 24) ^ s1 ^ (s1 << 16) % 2**64, rotl(s1, 37)
        return out

    def bits53(self):
        upper = self.word() >> 5
        return (upper << 26) + (self.word() >> 6)

    def int(self, n):
        if n > 2**32:
            while (drawn := self.bits53() >> (53 - (n - 1).bit_length())) >= n:
                pass
            return drawn
        while (product := self.word() * n) % 2**32 < 2**32 % n:
            pass
        return product >> 32

    def shuffle(self, items):
        for last in range(len(items) - 1, 0, -1):
            other = self.int(last + 1)
            items[last], items[other] = items[other], items[last]
        return items


def log(x):
    m, e = math.frexp(x)
    if m < 0.7071067811865476:
        m, e = m * 2, e - 1
    s = (m - 1) / (m + 1)
    total = 0.0
    for odd in range(21, 2, -2):
        total = (total + 1 / odd) * (s * s)
    return e * 0.6931471803691238 + (2 * s + (2 * s * total + e * 1.9082149292705877e-10))


def philox(counter, key, rounds=10):
    c, k = list(counter), list(key)
    for _ in range(rounds):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 % 2**32, (p0 >> 32) ^ c[3] ^ k[1], p0 % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


ONES = 0xFFFFFFFF
for counter, key, expected in [
    ([0] * 4, [0] * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ([ONES] * 4, [ONES] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0], "d16cfe09 94fdcceb 5001e420 24126ea1"),
]:
    assert " ".join(f"{word:08x}" for word in philox(counter, key)) == expected


# Choices


def choice(rng, n, count, replace=False, weights=None):
    if weights is None and replace:
        return [rng.int(n) for _ in range(count)]
    if weights is None:
        places = {}
        chosen = []
        for i in range(count):
            j = i + rng.int(n - i)
            places[i], places[j] = places.get(j, j), places.get(i, i)
            chosen.append(places[i])
        return chosen
    scaled = [weight / max(weights) for weight in weights]
    if replace:
        sums, total = [], 0.0
        for weight in scaled:
            total += weight
            sums.append(total)
        draw = lambda u: next(i for i, s in enumerate(sums) if s > u)
        return [draw(rng.bits53() * 2.0**-53 * total) for _ in range(count)]
    times = [-log((rng.bits53() + 1) * 2.0**-53) for _ in scaled]
    late = lambda t, w: 0.0 if t == 0 else t / w if w > 0 else math.inf  # a ratio below the least double is 0
    ranked = sorted((late(times[i], scaled[i]), i) for i, weight in enumerate(weights) if weight > 0)
    return [i for _, i in ranked[:count]]


# Splits


def largest_remainder(total, shares):
    counts = [math.floor(total * share) for share in shares]
    order = sorted(range(len(shares)), key=lambda i: (counts[i] - total * shares[i], i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts


def deal(items, counts):
    items = iter(items)
    return [[next(items) for _ in range(count)] for count in counts]


def rows_of(labels):
    rows = {}
    for i, label in enumerate(labels):
        rows.setdefault((type(label), label), []).append(i)
    return [(label, members) for (_, label), members in rows.items()]


def split(seed, size, shares):
    return [sorted(part) for part in deal(Stream(seed, "split").shuffle(list(range(size))), largest_remainder(size, shares))]


def stratified_split(seed, labels, shares):
    parts = [[] for _ in shares]
    for label, rows in rows_of(labels):
        for part, dealt in zip(parts, deal(Stream(seed, "stratifiedSplit", label).shuffle(rows), largest_remainder(len(rows), shares))):
            part += dealt
    return [sorted(part) for part in parts]


def part_at(shares, place):
    end = 0.0
    for i, share in enumerate(shares):
        end += share
        if place < end or not any(shares[i + 1 :]):
            return i


def group_split(seed, groups, shares):
    parts, start = [[] for _ in shares], 0
    for label, rows in sorted(rows_of(groups), key=lambda group: key_of(seed, "groupSplit", group[0])):
        parts[part_at(shares, (start + len(rows) / 2) / len(groups))] += rows
        start += len(rows)
    return [sorted(part) for part in parts]


def k_fold(seed, size, folds, labels=None, groups=None):
    if groups is not None:
        tests = [[] for _ in range(folds)]
        for label, rows in sorted(rows_of(groups), key=lambda group: (-len(group[1]), key_of(seed, "kFold", group[0]))):
            min(tests, key=len).extend(rows)
    else:
        if labels is None:
            order = Stream(seed, "kFold").shuffle(list(range(size)))
        else:
            order = [row for label, rows in rows_of(labels) for row in Stream(seed, "kFold", label).shuffle(rows)]
        tests = [order[fold::folds] for fold in range(folds)]
    return [sorted(test) for test in tests]


def stable_split(seed, id, shares):
    path = ["bytes", id.hex()] if isinstance(id, bytes) else [id]
    upper = int.from_bytes(key_of(seed, "stableSplit", *path)[:7], "big") >> 3
    return part_at(shares, upper * 2.0**-53)


# Computed orders


def permute_index(seed, size, index):
    k0, k1, c2, c3 = struct.unpack("<4I", key_of(seed, "permuteIndex")[:16])
    wide = math.isqrt(size - 1) + 1
    high = -(-size // wide)
    pair = [index % wide, index // wide]
    while True:
        for r in range(24 if size < 1024 else 8):
            mine, modulus = (0, wide) if r % 2 == 0 else (1, high)
            w = philox([pair[1 - mine], r, c2, c3], [k0, k1])
            u = (w[0] >> 5 << 26) + (w[1] >> 6)
            # The product is rounded to a double before it is cut off, as in the documentation.
            shift = math.floor(float(Fraction(u, 2**53)) * modulus)
            pair[mine] = (pair[mine] + shift) % modulus
        if (found := pair[1] * wide + pair[0]) < size:
            return found


# Cases

LABELS = ["a", "b", "a", 1, "1", "a", "b", "c", 1, "a", "é\U0001F600", "b", "a", "a", 0, "c", "b"]
SHARES = [[0.8, 0.2], [0.5, 0.3, 0.2], [0, 1], [1 / 3, 1 / 3, 1 / 3], [0.25, 0, 0.75, 0]]
IDS = ["", "c-1001", "7", 7, 0, 2**53 - 1, "\U0001F600"]
WEIGHTS = [3, 0, 1, 0.5, 1e-300, 7, 0, 2.25, 5e-324, 1 / 3]


def case(seed):
    at = lambda: Stream(seed, "choice")
    return {
        "seed": seed,
        "choice": [
            {"n": n, "count": count, "replace": replace, "chosen": choice(at(), n, count, replace)}
            for n, count, replace in [(0, 0, False), (6, 6, False), (10, 3, False), (100, 5, False), (2**53, 4, False), (2**53, 3, True), (3, 8, True)]
        ],
        "weighted": [
            {"weights": WEIGHTS, "count": count, "replace": replace, "chosen": choice(at(), len(WEIGHTS), count, replace, WEIGHTS)}
            for count, replace in [(20, True), (3, False), (7, False), (8, False)]
        ],
        "bootstrap": [
            {"replicate": b, "size": size, "rows": [(lambda rng: [rng.int(size) for _ in range(size)])(Stream(seed, "bootstrap", b))][0]}
            for b, size in [(0, 5), (1, 5), (837, 12)]
        ],
        "splits": [
            {
                "fractions": shares,
                "split": split(seed, 17, shares),
                "stratifiedSplit": stratified_split(seed, LABELS, shares),
                "groupSplit": group_split(seed, LABELS, shares),
                "stableSplit": [stable_split(seed, id, shares) for id in IDS],
                "stableSplitOfBytes": [stable_split(seed, id, shares) for id in [b"", b"\x07", b"\x00\xff" * 9]],
            }
            for shares in SHARES
        ],
        "kFold": [
            {"folds": folds, "alone": k_fold(seed, 17, folds), "labels": k_fold(seed, 17, folds, labels=LABELS), "groups": k_fold(seed, 17, folds, groups=LABELS)}
            for folds in [2, 3, 7]
        ],
        "permuteIndex": [
            {"size": size, "elements": {str(i): permute_index(seed, size, i) for i in sorted({0, 1, 2, size // 3, size - 2, size - 1}) if 0 <= i < size}}
            for size in [1, 2, 3, 5, 10, 100, 1023, 1024, 1025, 65_536, 10**9, 2**32, 2**32 + 1, 2**52 + 5, 2**53 - 1, 2**53]
        ],
    }


print(json.dumps({
    "source": "test/vectors/splits.py, an implementation of its own in Python",
    "license": "MIT",
    "madeWith": "python3 splits.py",
    "labels": LABELS,
    "ids": IDS,
    "cases": [case(0), case(42), case("fold-3")],
}, separators=(",", ":"), ensure_ascii=True).replace('{"', '\n{"'))

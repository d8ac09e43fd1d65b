"""log1p of the C library at the arguments of NumPy's normal tail: python3 compat-log1p.py > compat-log1p.json

CPython and NumPy call the same function. The bits are those of glibc 2.36 on x86-64 with FMA; the first argument of each pair
is u, the second log1p(-u), both as the hexadecimal digits of their bits.
"""
import json
import math
import platform
import random
import struct


def text(value):
    return struct.pack(">d", value).hex()


random.seed(20261125)
draws = [random.getrandbits(53) for _ in range(500)]
draws += [random.getrandbits(53 - random.randrange(45)) for _ in range(100)]  # near 0
draws += [2**53 - 1 - random.getrandbits(random.randrange(1, 53)) for _ in range(100)]  # near 1
draws += [2**53 - 2**e + d for e in range(1, 53) for d in (-1, 0, 1)]  # near powers of two, with the short way around them
draws += [0, 1, 2**24 - 1, 2**24, 2**24 + 1, 2**53 - 1, 0x95F6200000000 << 1]
arguments = sorted({d * 2.0**-53 for d in draws if 0 <= d < 2**53})
print(json.dumps({
    "source": "log1p of the C library",
    "license": "MIT",
    "madeWith": f"python3 compat-log1p.py, {' '.join(platform.libc_ver())} on {platform.machine()} with FMA",
    "cases": [[text(u), text(math.log1p(-u))] for u in arguments],
}))

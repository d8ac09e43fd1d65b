"""Jump polynomials of xoroshiro128+ (24, 16, 37), from its step alone: python3 jump.py

The characteristic polynomial comes from one output bit by Berlekamp and Massey, a jump of n steps is x^n modulo it. That
of 2^64 steps is published (https://prng.di.unimi.it/xoroshiro128plus.c, JUMP): the script refuses to print if it differs.
"""
M64 = 2**64 - 1
PUBLISHED = (0xDF900294D8F554A5, 0x170865DF4B3201FC)


def rotl(x, k):
    return ((x << k) | (x >> (64 - k))) & M64


def step(s0, s1):
    t = s0 ^ s1
    return rotl(s0, 24) ^ t ^ ((t << 16) & M64), rotl(t, 37)


def characteristic(bits):
    connection, previous, length, gap = 1, 1, 0, 1
    for n, bit in enumerate(bits):
        for i in range(1, length + 1):
            bit ^= (connection >> i & 1) & bits[n - i]
        if bit == 0:
            gap += 1
        elif 2 * length <= n:
            connection, previous, length, gap = connection ^ (previous << gap), connection, n + 1 - length, 1
        else:
            connection, gap = connection ^ (previous << gap), gap + 1
    return sum((connection >> i & 1) << (length - i) for i in range(length + 1))


def times(a, b, modulus):
    product = 0
    while b:
        product ^= a * (b & 1)
        a, b = a << 1, b >> 1
        a ^= modulus * (a >> 128 & 1)
    return product


def jump(n, modulus):
    result, square = 1, 2
    while n:
        result = times(result, square, modulus) if n & 1 else result
        square, n = times(square, square, modulus), n >> 1
    return result & M64, result >> 64


state, bits = (1, 2), []
for _ in range(512):
    bits.append(state[0] & 1)
    state = step(*state)
polynomial = characteristic(bits)
assert jump(2**64, polynomial) == PUBLISHED
for power in (11, 14):
    print(f"2^{power} steps:", *(f"0x{half:016x}" for half in jump(2**power, polynomial)))

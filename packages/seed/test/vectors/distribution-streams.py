"""A second implementation of the distributions, driven by the same words: python3 distribution-streams.py > distribution-streams.json

The seed is 42, or the first argument: test/peers/distributions.test.ts gives fresh ones. Needs the standard library only.
Written from the documentation and the papers, in Python's floats, which are IEEE 754 doubles as in JavaScript; integers are
Python's own. Keys, engine, uniform, int and normal are those of streams.py.
"""
import contextlib
import hashlib
import importlib
import io
import json
import math
import struct
import sys
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
with contextlib.redirect_stdout(io.StringIO()):  # it prints its vectors when it is loaded
    streams = importlib.import_module("streams")

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 42
LN2_HIGH, LN2_LOW = streams.LN2_HIGH, streams.LN2_LOW


def artanh_series(s):
    total = 0.0
    for odd in range(21, 2, -2):
        total = (total + 1 / odd) * (s * s)
    return total


log = streams.log  # by frexp: for all positive doubles


def log1p(x):
    if 0.7071067811865476 - 1 <= x < 1.4142135623730951 - 1:
        s = x / (2 + x)
        return 2 * s + 2 * s * artanh_series(s)
    return log(1 + x)


def exp(x):
    if x < -746:
        return 0.0
    return streams.exp(x)  # by ldexp, which rounds once


class Sampler:
    def __init__(self, name):
        self.engine = streams.Engine(streams.key_of(SEED, ("peer", name)))

    def u(self):
        return self.engine.uniform()

    def u1(self):
        return (self.engine.bits53() + 1) * 2.0**-53

    def e(self):
        return -log(self.u1()) or 0.0

    def exponential(self, rate):
        return self.e() / rate

    def gumbel(self, location, scale):
        e = 0.0
        while e == 0:
            e = self.e()
        return location - scale * log(e)

    def truncatedNormal(self, low, high, mean, sd):
        low, high = float(low), float(high)
        if low <= mean <= high:
            a, b = (low - mean) / sd, (high - mean) / sd
            while True:
                if b - a > 2.5066282746310002:
                    x = self.engine.normal()
                    if not a <= x <= b:
                        continue
                else:
                    x = a + self.u() * (b - a)
                    if not self.u() < exp(-0.5 * x * x):
                        continue
                return min(max(mean + sd * x, low), high)
        width, above = (high - low) / sd, mean < low
        a = (low - mean) / sd if above else (mean - high) / sd
        rate = (a + math.sqrt(a * a + 4)) / 2
        while True:
            if rate * width <= 1:
                y = self.u() * width
                height = y * (a + 0.5 * y)
            else:
                y = self.e() / rate
                height = 0.5 * (y - 1 / rate) * (y - 1 / rate)
                if y > width:
                    continue
            if self.u() < exp(-height):
                return min(max(low + sd * y if above else high - sd * y, low), high)

    def large_gamma(self, shape):
        d = shape - 1 / 3
        c = 1 / (3 * math.sqrt(d))
        while True:
            x = self.engine.normal()
            t = c * x
            if t <= -1:
                continue
            u, square = self.u1(), x * x
            if not u < 1 - 0.0331 * square * square:
                if abs(t) > 0.1:
                    rest = log1p(t) - t * (1 - t * (0.5 - t / 3))
                else:
                    rest = 0.0
                    for degree in range(20, 3, -1):
                        rest = 1 / degree - t * rest
                    rest = -(t * t * (t * t) * rest)
                if not log(u) < 3 * d * rest:
                    continue
            return d * ((1 + t) * (1 + t) * (1 + t))

    def gamma(self, shape, scale):
        if shape >= 1:
            return self.large_gamma(shape) * scale
        drawn = self.large_gamma(shape + 1)
        return drawn * exp(log(self.u1()) / shape) * scale

    def log_gamma(self, shape):
        if shape >= 1:
            return log(self.large_gamma(shape))
        drawn = log(self.large_gamma(shape + 1))
        return drawn + log(self.u1()) / shape

    def beta(self, a, b):
        x, y = self.log_gamma(a), self.log_gamma(b)
        if x > y:
            return 1 / (1 + exp(y - x))
        return exp(x - y) / (1 + exp(x - y))

    def dirichlet(self, index, *alpha):
        logs = [self.log_gamma(a) for a in alpha]
        shares = [exp(x - max(logs)) for x in logs]
        total = 0.0
        for share in shares:
            total += share
        return shares[index] / total

    def poisson(self, mean):
        if mean < 10:
            count, product = 0, self.u1()
            while product > exp(-mean):
                product *= self.u1()
                count += 1
            return count
        b = 0.931 + 2.53 * math.sqrt(mean)
        return self.hormann(-0.059 + 0.02483 * b, b, mean + 0.43, 0.92 - 3.6224 / (b - 2), 1.1239 + 1.2 / (b - 3.4),
                            math.inf, lambda k: poisson_mass(k, mean))

    def binomial(self, n, p):
        if p > 0.5:
            return n - self.binomial(n, 1 - p)
        if n * p < 10:
            count, trial = 0, 0
            while True:
                trial += math.floor(log(self.u1()) / log1p(-p)) + 1
                if trial > n:
                    return count
                count += 1
        sd = math.sqrt(n * p * (1 - p))
        b = 1.15 + 2.53 * sd
        mode = binomial_mass(math.floor((n + 1) * p), n, p)
        return self.hormann(-0.0873 + 0.0248 * b + 0.01 * p, b, n * p + 0.5, 0.92 - 4.2 / b, (2.83 + 5.1 / b) * sd,
                            n, lambda k: binomial_mass(k, n, p) - mode)

    def hormann(self, a, b, centre, squeeze, height, highest, mass):
        while True:
            u, v = self.u() - 0.5, self.u1()
            side = 0.5 - abs(u)
            k = math.floor((2 * a / side + b) * u + centre)
            if side >= 0.07 and v <= squeeze:
                return k
            if 0 <= k <= highest and log(v * height / (a / (side * side) + b)) <= mass(k):
                return k

    def categorical(self, *weights):
        keep, alias = alias_table(weights)
        column = self.engine.int(len(weights))
        return column if self.u() < keep[column] else alias[column]


def stirling_error(k):
    if k <= 15:
        return STIRLING[k]
    square = float(k) * k
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / k


def exact_stirling_errors():
    """ln k! - (k + 1/2) ln k + k - ln(2 pi) / 2, as sums of fractions.

    error(k) - error(k + 1) = (k + 1/2) ln(1 + 1/k) - 1 = sum over j > 0 of 1 / ((2j + 1) (2k + 1)^(2j)), summed down from
    k = 400, where the asymptotic series is exact to 1e-26.
    """
    k = Fraction(400)
    error = 1 / (12 * k) - 1 / (360 * k**3) + 1 / (1260 * k**5) - 1 / (1680 * k**7)
    errors = {}
    for k in range(399, 0, -1):
        error += sum(Fraction(1, (2 * j + 1) * (2 * k + 1) ** (2 * j)) for j in range(1, 40))
        error = Fraction(round(error * 10**40), 10**40)
        errors[k] = float(error)
    return errors


STIRLING = exact_stirling_errors()


def deviance(k, mean):
    v = (k - mean) / (k + mean)
    if abs(v) > 0.1:
        return k * log(k / mean) + mean - k
    total = 0.0
    for odd in range(17, 2, -2):
        total = (total + 1 / odd) * (v * v)
    return (k - mean) * v + 2 * k * v * total


def poisson_mass(k, mean):
    if k == 0:
        return -mean
    return -stirling_error(k) - deviance(k, mean) - 0.5 * log(2 * math.pi * k)


def binomial_mass(k, n, p):
    if k == 0:
        return n * log1p(-p)
    if k == n:
        return n * log(p)
    correction = stirling_error(n) - stirling_error(k) - stirling_error(n - k)
    return correction - deviance(k, n * p) - deviance(n - k, n * (1 - p)) - 0.5 * log(2 * math.pi * k * ((n - k) / n))


TABLES = {}


def alias_table(weights):
    if weights in TABLES:
        return TABLES[weights]
    n, full = len(weights), 0.0
    for weight in weights:
        full += weight
    share = [weight * n for weight in weights]
    keep = [0.0 if weight == 0 else 1.0 for weight in weights]
    alias = [weights.index(max(weights)) if weight == 0 else i for i, weight in enumerate(weights)]
    poor = [i for i in range(n) if share[i] < full]
    rich = [i for i in range(n) if share[i] >= full]
    while poor and rich:
        taker, giver = poor.pop(), rich[-1]
        keep[taker], alias[taker] = share[taker] / full, giver
        share[giver] = share[giver] + share[taker] - full
        if share[giver] < full:
            poor.append(rich.pop())
    TABLES[weights] = keep, alias
    return TABLES[weights]


CASES = [
    ("exponential", [1]), ("exponential", [0.3]), ("gumbel", [0, 1]), ("gumbel", [-3, 0.5]),
    ("truncatedNormal", [-1, 1, 0, 1]), ("truncatedNormal", [-1, 3, 0.5, 0.75]), ("truncatedNormal", [30, 31, 0, 1]), ("truncatedNormal", [8, "Infinity", 0, 1]),
    ("truncatedNormal", ["-Infinity", -6, 1, 2]), ("truncatedNormal", [2, 2.1, 0, 1]), ("truncatedNormal", [-2.2, -2, 0, 1]), ("truncatedNormal", [0.1, 3, 0, 1]),
    ("gamma", [0.001, 1]), ("gamma", [0.05, 3]), ("gamma", [1, 1]), ("gamma", [1.7, 2]), ("gamma", [300, 0.1]), ("gamma", [1e12, 1]),
    ("beta", [0.01, 0.01]), ("beta", [2, 5]), ("beta", [0.3, 40]), ("dirichlet", [2, 0.1, 1, 2.5, 4]), ("dirichlet", [0, 1e-5, 1e-5, 1e-5]),
    ("poisson", [0]), ("poisson", [0.1]), ("poisson", [9.9]), ("poisson", [10]), ("poisson", [30.5]), ("poisson", [1e6]), ("poisson", [2**52]),
    ("binomial", [10, 0.3]), ("binomial", [20, 0.5]), ("binomial", [100, 0.95]), ("binomial", [10**9, 1e-9]), ("binomial", [10**9, 0.5]), ("binomial", [2**53 - 1, 0.75]),
    ("categorical", [1]), ("categorical", [5, 0, 1, 2]), ("categorical", [0.1, 0.2, 0.3, 1e-9, 0, 0.4]), ("categorical", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
]
DRAWS = 4000


def case(sampler, arguments):
    drawer = Sampler(sampler)
    draw = getattr(drawer, sampler)
    drawn = [float(draw(*arguments)) for _ in range(DRAWS)]
    digest = hashlib.sha256(struct.pack(f"<{DRAWS}d", *drawn)).hexdigest()
    return {"sampler": sampler, "arguments": arguments, "first": drawn[:3], "digest": "sha256:" + digest, "words": drawer.engine.draws}


print(json.dumps({
    "source": "test/vectors/distribution-streams.py, an implementation of its own in Python",
    "license": "MIT",
    "madeWith": "python3 distribution-streams.py",
    "seed": SEED,
    "draws": DRAWS,
    "cases": [case(*each) for each in CASES],
}))

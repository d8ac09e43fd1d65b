"""What each distribution should look like, from SciPy and mpmath: python3 distributions.py > distributions.json

For each case: cell edges near 53 quantiles (SciPy), the exact probability of each cell (edge, next edge] computed by mpmath
with 30 digits, mean, variance and excess kurtosis. Beside them, logarithms of single probabilities with
50 digits, and the remainder of a logarithm that gamma needs.
"""
import json
import math

import scipy
import scipy.stats as st
from mpmath import betainc, exp, gammainc, inf, log, loggamma, mp, mpf, ncdf, pi, quad, sqrt

mp.dps = 30
LEVELS = [1e-4, 1e-3] + [i / 50 for i in range(1, 50)] + [1 - 1e-3, 1 - 1e-4]


def gamma_cdf(shape):
    """Of scale 1; by the integral of the density where the shape is large."""
    a = mpf(shape)
    if shape <= 50:
        return lambda x: gammainc(a, 0, x, regularized=True)
    sd = sqrt(a)
    peak = (a - 1) * log(a - 1) - (a - 1) - loggamma(a)  # loggamma is exact to the digits that mp.dps sets
    low = max(mpf(0), a - 40 * sd)
    density = lambda x: exp((a - 1) * log(x / (a - 1)) - (x - (a - 1)) + peak)
    return lambda x: quad(density, [low] + [p for p in [a - 10 * sd, a - 3 * sd, a] if low < p < x] + [mpf(x)])


def beta_cdf(a, b):
    a, b = mpf(a), mpf(b)
    if a + b <= 50:
        return lambda x: betainc(a, b, 0, x, regularized=True)
    mean, n = a / (a + b), a + b
    sd = sqrt(mean * (1 - mean) / (n + 1))
    mode = (a - 1) / (n - 2) if a > 1 and b > 1 else mean
    norm = loggamma(n) - loggamma(a) - loggamma(b)
    density = lambda x: exp((a - 1) * log(x) + (b - 1) * log(1 - x) + norm)
    low = max(mpf(10) ** -60, mean - 40 * sd)
    return lambda x: quad(density, [low] + [p for p in [mean - 10 * sd, mean - 3 * sd, mode] if low < p < x] + [mpf(x)])


def truncated(low, high, mean=0, sd=1):
    a, b = [(mpf(x) - mean) / sd for x in (low, high)]
    if a + b > 0:  # from the far side, so that nothing cancels
        tail = lambda x: ncdf(-x)
        total = tail(a) - tail(b)
        standard = lambda x: (tail(a) - tail(x)) / total
    else:
        total = ncdf(b) - ncdf(a)
        standard = lambda x: (ncdf(x) - ncdf(a)) / total
    cdf = lambda x: standard((mpf(x) - mean) / sd)
    inner = max(a, mpf(-40)) if a < 0 else a, min(b, mpf(40)) if b > 0 else b
    inner = (inner[0], min(inner[1], inner[0] + 20)) if a > 0 else (max(inner[0], inner[1] - 20), inner[1]) if b < 0 else inner
    near = a if a > 0 else b if b < 0 else mpf(0)
    weight = lambda x: exp((near * near - x * x) / 2)
    points = [inner[0] + (inner[1] - inner[0]) * i / 40 for i in range(41)]
    mass = quad(weight, points)
    m1 = quad(lambda x: x * weight(x), points) / mass
    m2, m4 = [quad(lambda x: (x - m1) ** k * weight(x), points) / mass for k in (2, 4)]
    return cdf, [mean + sd * m1, sd * sd * m2, m4 / m2**2 - 3]


def case(sampler, arguments, ppf, cdf, moments, integer=False):
    edges = []
    for level in LEVELS:
        edge = float(ppf(level))
        # Cells that rounding to doubles could blur are joined with their neighbours.
        blurred = not integer and sampler in ("beta", "gamma", "dirichlet") and not (1e-290 < edge < (1 - 1e-10 if sampler != "gamma" else math.inf))
        if math.isfinite(edge) and not blurred and edge not in edges:
            edges.append(edge)
    edges.sort()
    kept, at = [], []
    for edge in edges:
        below = cdf(edge)
        if below - (at[-1] if at else 0) >= mpf("0.00009") and 1 - below >= mpf("0.00009"):
            kept.append(edge)
            at.append(below)
    cells = [float(f"{float(b - a):.12g}") for a, b in zip([mpf(0)] + at, at + [mpf(1)])]
    mean, variance, kurtosis = [float(f"{float(m):.14g}") for m in moments]
    return {"sampler": sampler, "arguments": arguments, "edges": kept, "cells": cells,
            "mean": mean, "variance": variance, "kurtosis": kurtosis}


def near_normal(mean, sd):
    return lambda level: math.floor(mean + sd * st.norm.ppf(level))


def cases():
    for rate in [1, 2.5]:
        yield case("exponential", [rate], st.expon(scale=1 / rate).ppf, lambda x: 1 - exp(-mpf(rate) * x), [1 / rate, 1 / rate**2, 6])
    for location, scale in [(0, 1), (-3, 0.5)]:
        yield case("gumbel", [location, scale], st.gumbel_r(location, scale).ppf,
                   lambda x: exp(-exp(-(mpf(x) - location) / scale)),
                   [location + scale * mp.euler, (pi * scale) ** 2 / 6, mpf(12) / 5])
    for low, high, mean, sd in [(-1, 1, 0, 1), (30, 31, 0, 1), (8, math.inf, 0, 1), (-math.inf, -6, 0, 1), (-0.5, 4, 0, 1),
                                (2, 2.1, 0, 1), (1, 5, 3, 2), (0, math.inf, 0, 1), (-math.inf, 4, 10, 3), (0.1, math.inf, 0, 1),
                                (-3, -0.25, 0, 1), (-0.001, 0.002, 0, 1), (-2.6, 0, 0, 1), (0.3, 0.9, 0, 1)]:
        cdf, moments = truncated(low, high, mean, sd)
        ppf = st.truncnorm((low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd).ppf
        text = lambda end: end if math.isfinite(end) else "Infinity" if end > 0 else "-Infinity"
        yield case("truncatedNormal", [text(low), text(high), mean, sd], ppf, cdf, moments)
    for shape, scale in [(0.001, 1), (0.05, 1), (0.5, 2), (1, 1), (1.7, 3), (30, 1), (1000, 0.01), (10**12, 1)]:
        inner = gamma_cdf(shape)
        yield case("gamma", [shape, scale], st.gamma(shape, scale=scale).ppf, lambda x: inner(mpf(x) / scale),
                   [shape * scale, shape * scale**2, 6 / shape])
    beta_kurtosis = lambda a, b: 6 * ((a - b) ** 2 * (a + b + 1) - a * b * (a + b + 2)) / (a * b * (a + b + 2) * (a + b + 3))
    for a, b in [(0.001, 0.001), (0.01, 0.01), (0.5, 0.5), (1, 1), (2, 5), (0.05, 3), (300, 0.7), (1000, 2000)]:
        yield case("beta", [a, b], st.beta(a, b).ppf, beta_cdf(a, b), [a / (a + b), a * b / (a + b) ** 2 / (a + b + 1), beta_kurtosis(a, b)])
    alpha = [0.1, 1, 2.5, 4]
    for index, a in [(0, 0.1), (2, 2.5)]:
        b = sum(alpha) - a
        yield case("dirichlet", [index, *alpha], st.beta(a, b).ppf, beta_cdf(a, b), [a / (a + b), a * b / (a + b) ** 2 / (a + b + 1), beta_kurtosis(a, b)])
    for mean in [0.1, 1, 9.9, 10, 10.5, 15, 30, 100, 1000.5, 10**6, 10**12]:
        cdf = (lambda k: gammainc(k + 1, mean, inf, regularized=True)) if mean <= 100 else (lambda k: 1 - gamma_cdf(k + 1)(mean))
        ppf = st.poisson(mean).ppf if mean < 10**9 else near_normal(mean, math.sqrt(mean))  # SciPy's gives up there
        yield case("poisson", [mean], ppf, cdf, [mean, mean, 1 / mean], integer=True)
    for n, p in [(1, 0.25), (10, 0.3), (20, 0.5), (20, 0.7), (100, 0.099), (100, 0.1), (1000, 0.0205), (10**9, 1e-9), (10**9, 0.5),
                 (10**6, 0.999), (10**12, 0.3), (40, 0.999999 / 2), (10**12, 3e-11)]:
        cdf = lambda k: 1 if k >= n else 1 - beta_cdf(k + 1, n - k)(mpf(p))
        q = 1 - p
        yield case("binomial", [n, p], st.binom(n, p).ppf, cdf, [n * p, n * p * q, (1 - 6 * p * q) / (n * p * q)], integer=True)


def masses():
    with mp.workdps(50):
        for k, mean in [(0, 10), (1, 10), (10, 10), (15, 12.5), (16, 12.5), (40, 10.5), (10**6, 10**6), (10**6 + 4000, 10**6), (10**12 - 3 * 10**6, 10**12),
                        (2**52, 2**52), (2**52 + 2**28, 2**52), (3, 4000)]:
            yield ["poisson", k, mean, float(k * log(mpf(mean)) - mean - loggamma(k + 1))]
        for k, n, p in [(0, 100, 0.1), (100, 100, 0.1), (1, 100, 0.1), (10, 100, 0.1), (14, 30, 0.5), (16, 30, 0.5), (99, 100, 0.4), (5 * 10**8 + 30000, 10**9, 0.5),
                        (40, 10**12, 3e-11), (2**51, 2**53 - 1, 0.25), (2**51 + 2**27, 2**53 - 1, 0.25), (2**53 - 1 - 2**51, 2**53 - 1, 0.5)]:
            q = mpf(p)
            yield ["binomial", k, [n, p], float(loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1) + k * log(q) + (n - k) * log(1 - q))]


def log_remainders():
    """ln(1 + t) - t + t^2/2 - t^3/3, with digits enough for the smallest t."""
    with mp.workdps(1400):
        for t in [0.0, 1e-300, 1e-9, -1e-9, 0.003, -0.05, 0.1, -0.1, 0.1000001, -0.1000001, 0.5, -0.5, 3.0, -0.999]:
            x = mpf(t)
            yield [t, float(log(1 + x) - x + x * x / 2 - x**3 / 3)]


print(json.dumps({
    "source": f"SciPy {scipy.__version__} and mpmath {__import__('mpmath').__version__}",
    "license": "MIT",
    "madeWith": "python3 distributions.py",
    "cases": list(cases()),
    "logMasses": list(masses()),
    "logRemainders": list(log_remainders()),
}))

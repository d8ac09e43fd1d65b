"""Correctly rounded logarithms and exponentials: python3 logarithm.py > logarithm.json"""
import json
import random
from mpmath import exp, log, mp, mpf

mp.dps = 60
random.seed(1)
# Both ends, powers of two, both sides of sqrt(1/2) where the reduction switches, and 300 between.
logs = [1.0, 0.5, 2.0**-53, 1 - 2.0**-53, 0.7071067811865476, 0.7071067811865475] + [random.random() for _ in range(300)]
exps = [0.0, -20.0, -(2.0**-60), -0.34657359027997264, -0.3465735902799727] + [-20 * random.random() for _ in range(300)]
print(json.dumps({
    "source": "mpmath, 60 decimal digits",
    "license": "MIT",
    "madeWith": "python3 logarithm.py",
    "log": [[x, float(log(mpf(x)))] for x in logs],
    "exp": [[x, float(exp(mpf(x)))] for x in exps],
}))

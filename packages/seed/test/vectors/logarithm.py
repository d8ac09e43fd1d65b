"""Correctly rounded logarithms and exponentials: python3 logarithm.py > logarithm.json"""
import json
import math
import random
from mpmath import exp, log, mp, mpf

mp.dps = 60
random.seed(1)
# Both ends, powers of two, both sides of sqrt(1/2) where the reduction switches, and 300 between.
logs = [1.0, 0.5, 2.0**-53, 1 - 2.0**-53, 0.7071067811865476, 0.7071067811865475] + [random.random() for _ in range(300)]
exps = [0.0, -20.0, -(2.0**-60), -0.34657359027997264, -0.3465735902799727] + [-20 * random.random() for _ in range(300)]
# All positive doubles: the largest, the smallest normal and subnormal ones, both sides of 1 and of the switches above 1.
anywhere = lambda: math.ldexp(0.5 + random.random() / 2, random.randint(-1073, 1024))
wide_logs = [1.7976931348623157e308, 2.2250738585072014e-308, 5e-324, 1.5e-323, 1 + 2.0**-52, 1.4142135623730951, 1.414213562373095, 2.0**30,
             2.0**30 - 2.0**-23, 2.0**-30, 2.0, 3.0, 10.0] + [anywhere() for _ in range(200)] + [1 + 2 * random.random() for _ in range(100)]
# From where results are subnormal to where they overflow, both sides of each end; NaN and infinities have no line here.
wide_exps = [709.782712893384, 709.7827128933839, 709.7, 1.0, 0.34657359027997264, 2.0**-60, -708.3964185322641, -708.4, -720.5, -745.0, -745.1332191019411,
             -745.1332191019412, -693.5, 693.5] + [random.uniform(-745, 709.78) for _ in range(200)] + [random.uniform(-1, 1) for _ in range(100)]
wide_exps += [random.uniform(-745.2, -708.3) for _ in range(80)]
log1ps = [0.0, 2.0**-60, -(2.0**-60), 5e-324, -0.2928932188134524, -0.29289321881345237, 0.4142135623730951, 0.41421356237309503, -1 + 2.0**-53, -0.5, 1.0, 1e300
          ] + [random.uniform(-1, 1) for _ in range(100)] + [random.choice([-1, 1]) * 2.0 ** -random.uniform(0, 80) for _ in range(100)]
rounded = lambda f, xs: [[x, float(f(mpf(x)))] for x in xs]
print(json.dumps({
    "source": "mpmath, 60 decimal digits",
    "license": "MIT",
    "madeWith": "python3 logarithm.py",
    "log": [[x, float(log(mpf(x)))] for x in logs],
    "exp": [[x, float(exp(mpf(x)))] for x in exps],
    "wideLog": rounded(log, wide_logs),
    "wideExp": rounded(exp, wide_exps),
    "log1p": rounded(lambda x: log(1 + x), log1ps),
}))

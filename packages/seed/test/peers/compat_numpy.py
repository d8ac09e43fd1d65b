"""Answers what NumPy draws: requests as JSON on standard input, answers on standard output. test/peers/numpy.test.ts asks.

A request is {"kind": "generator" | "state" | "sequence", "seed": text or list of texts, "spawnKey": [texts], "calls": [[name, arguments…]]}.
Its answer has a list of texts for each call: integers in decimal, floats as the hexadecimal digits of their bits. A request that the peer refuses is answered by its error's name.
"""
import json
import sys

import numpy as np


def integer(value):
    return [int(v) for v in value] if isinstance(value, list) else int(value)


def texts(values):
    array = np.atleast_1d(np.asarray(values))
    if array.dtype.kind == "f":
        return [f"{bits:0{2 * array.itemsize}x}" for bits in array.view(f"u{array.itemsize}").tolist()]
    return [str(int(v)) for v in array]


def integers(draw, low, high, size, dtype, *rest):
    return draw(int(low), int(high), size, getattr(np, "bool_" if dtype == "bool" else dtype), *rest)


def choice(rng, n, size, replace, shuffle, p):
    weights = None if p is None else np.frombuffer(bytes.fromhex("".join(p)), ">f8").astype(float)
    return rng.choice(n, size, replace=replace, p=weights, shuffle=shuffle)


def shuffled(rng, n):
    items = list(range(n))
    rng.shuffle(items)
    return items


GENERATOR = {
    "random": lambda rng, size: rng.random(size),
    "randomFloat32": lambda rng, size: rng.random(size, dtype=np.float32),
    "raw": lambda rng, size: rng.bit_generator.random_raw(size),
    "integers": lambda rng, *call: integers(rng.integers, *call),
    "shuffle": shuffled,
    "permutation": lambda rng, n: rng.permutation(n),
    "choice": choice,
    "normal": lambda rng, size: rng.standard_normal(size),
}
STATE = {
    "random": lambda rng, size: rng.random_sample(size),
    "words": lambda rng, size: rng._bit_generator.random_raw(size),
    "randint": lambda rng, *call: integers(rng.randint, *call),
    "shuffle": shuffled,
    "permutation": lambda rng, n: rng.permutation(n),
}
SEQUENCE = {
    "state": lambda seq, count, dtype: seq.generate_state(count, getattr(np, dtype)),
    "spawned": lambda seq, index, count: seq.spawn(index + 1)[index].generate_state(count),
}


def answer(request):
    seed = integer(request["seed"])
    if request["kind"] == "state":
        subject, table = np.random.RandomState(seed), STATE
    else:
        sequence = np.random.SeedSequence(seed, spawn_key=integer(request.get("spawnKey", [])))
        generator = request["kind"] == "generator"
        subject, table = (np.random.default_rng(sequence), GENERATOR) if generator else (sequence, SEQUENCE)
    return [texts(table[name](subject, *arguments)) for name, *arguments in request["calls"]]


def answer_or_error(request):
    try:
        return answer(request)
    except (ValueError, TypeError, OverflowError, RuntimeError) as error:
        return type(error).__name__


MADE_WITH = f"numpy {np.__version__}"

if __name__ == "__main__":
    print(json.dumps({"madeWith": MADE_WITH, "answers": [answer_or_error(request) for request in json.load(sys.stdin)]}))

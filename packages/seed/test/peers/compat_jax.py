"""Answers what JAX draws: requests as JSON on standard input, answers on standard output. test/peers/jax.test.ts asks.

A request is {"seed": text, "x64": bool, "partitionable": bool, "calls": [[name, arguments…]]}; each call draws from the key
of the seed folded with the call's index. Its answer has a list of texts for each call: integers in decimal, floats as the
hexadecimal digits of their bits. A request that the peer refuses is answered by its error's name.
"""
import json
import struct
import sys

import jax
import numpy as np

jax.config.update("jax_platforms", "cpu")


def number(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def texts(values):
    array = np.asarray(values).ravel()
    if array.dtype.kind == "f":
        return [f"{bits:0{2 * array.itemsize}x}" for bits in array.view(f"u{array.itemsize}").tolist()]
    return [str(int(v)) for v in array]


def data(key):
    return jax.random.key_data(key)


CALLS = {
    "key": lambda key: data(key),
    "split": lambda key, count: data(jax.random.split(key, count)),
    "foldIn": lambda key, value: data(jax.random.fold_in(key, value)),
    "bits": lambda key, size: jax.random.bits(key, (size,), "uint32"),
    "bits64": lambda key, size: jax.random.bits(key, (size,), "uint64"),
    "uniform": lambda key, size, dtype, low, high: jax.random.uniform(key, (size,), dtype, number(low), number(high)),
    "randint": lambda key, size, low, high, dtype: jax.random.randint(key, (size,), int(low), int(high), dtype),
    "permutation": lambda key, n: jax.random.permutation(key, n),
}


def answer(request):
    with jax.enable_x64(request["x64"]), jax.threefry_partitionable(request["partitionable"]):
        key = jax.random.key(int(request["seed"]), impl="threefry2x32")
        calls = enumerate(request["calls"])
        return [texts(CALLS[name](jax.random.fold_in(key, index), *arguments)) for index, (name, *arguments) in calls]


def answer_or_error(request):
    try:
        return answer(request)
    except Exception as error:  # JAX lets errors of its compiler through
        return type(error).__name__


MADE_WITH = f"jax {jax.__version__}, CPU"

if __name__ == "__main__":
    print(json.dumps({"madeWith": MADE_WITH, "answers": [answer_or_error(request) for request in json.load(sys.stdin)]}))

"""Answers what torch draws on the CPU: requests as JSON on standard input, answers on standard output. test/peers/torch.test.ts asks.

A request is {"seed": text, "calls": [[name, arguments…]]}. Its answer has a list of texts for each call: integers in
decimal, floats as the hexadecimal digits of their bits. A request that the peer refuses is answered by its error's name.
"""
import json
import os
import struct
import sys

# PyPI's build names symbols of GPU libraries that a machine without a GPU need not have: bind them when they are called.
sys.setdlopenflags(os.RTLD_LAZY)
import torch  # noqa: E402


def texts(tensor):
    code = {torch.float32: ">f", torch.float64: ">d"}.get(tensor.dtype)
    return [struct.pack(code, v).hex() if code else str(v) for v in tensor.tolist()]


CALLS = {
    "rand": lambda rng, size, dtype: torch.rand(size, dtype=getattr(torch, dtype), generator=rng),
    "randint": lambda rng, low, high, size: torch.randint(low, high, (size,), generator=rng),
    "randperm": lambda rng, n: torch.randperm(n, generator=rng),
}


def answer(request):
    rng = torch.Generator().manual_seed(int(request["seed"]))
    return [texts(CALLS[name](rng, *arguments)) for name, *arguments in request["calls"]]


def answer_or_error(request):
    try:
        return answer(request)
    except (ValueError, TypeError, OverflowError, RuntimeError) as error:
        return type(error).__name__


MADE_WITH = f"torch {torch.__version__}, CPU"

if __name__ == "__main__":
    print(json.dumps({"madeWith": MADE_WITH, "answers": [answer_or_error(request) for request in json.load(sys.stdin)]}))

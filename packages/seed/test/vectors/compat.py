"""Fixed requests to the peers of test/peers and their answers: python3 compat.py numpy > compat-numpy.json (torch, jax alike)."""
import importlib
import json
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peers"))


def bits(value):
    return struct.pack(">d", value).hex()


TYPES = {"bool": (0, 2), "int8": (-128, 128), "int16": (-(2**15), 2**15), "int32": (-(2**31), 2**31), "int64": (-(2**63), 2**63), "uint8": (0, 256), "uint16": (0, 2**16), "uint32": (0, 2**32), "uint64": (0, 2**64)}
FULL = [(str(low), str(high), dtype) for dtype, (low, high) in TYPES.items()]
PART = [("0", "1", "int64"), ("0", "10", "int64"), ("-5", "100", "int8"), ("3", "200", "uint8"), ("-999", "1000", "int16"), ("0", str(2**31 + 1), "int64"), ("0", str(2**32 - 1), "int64"), ("0", str(2**32), "int64"), ("0", str(2**32 + 1), "int64"), (str(-(2**53) + 1), str(2**53 - 1), "int64"), ("0", str(2**63 + 1), "uint64"), ("7", str(3 * 2**30), "uint32")]
P = [bits(x) for x in (0.125, 0.0, 0.25, 0.0625, 0.5625)]
MIXED = [["integers", "0", "10", 3, "int64", False], ["random", 1], ["integers", "0", "10", 4, "int32", True], ["randomFloat32", 3], ["raw", 2], ["shuffle", 5], ["normal", 3], ["permutation", 4]]
numpy = [
    {"kind": "sequence", "seed": seed, "spawnKey": key, "calls": [["state", 5, "uint32"], ["state", 3, "uint64"], ["spawned", 2, 4]]}
    for seed, key in [("0", []), ("42", []), (str(2**160 - 3), []), (["1", str(2**64), "0"], []), ([], []), ("7", ["0", str(2**40)]), ([str(i) for i in range(9)], ["5"])]
] + [
    {"kind": "generator", "seed": "42", "calls": MIXED},
    {"kind": "generator", "seed": "0", "spawnKey": ["3"], "calls": [["random", 4], ["normal", 8], ["shuffle", 9], ["permutation", 0], ["permutation", 1]]},
    {"kind": "generator", "seed": "11", "calls": [["integers", low, high, 7, dtype, False] for low, high, dtype in FULL + PART]},
    {"kind": "generator", "seed": "12", "calls": [["integers", low, str(int(high) - 1), 3, dtype, True] for low, high, dtype in FULL + PART]},
    {"kind": "generator", "seed": "13", "calls": [["choice", 10, 6, True, True, None], ["choice", 10, 6, False, True, None], ["choice", 10, 6, False, False, None], ["choice", 20000, 5, False, True, None], ["choice", 2**40, 4, False, True, None], ["choice", 5, 8, True, True, P], ["choice", 5, 4, False, True, P], ["choice", 1, 1, False, True, None], ["choice", 7, 0, False, True, None], ["choice", 7, 7, False, True, None]]},
    {"kind": "state", "seed": "42", "calls": [["words", 3], ["random", 3], ["randint", "0", "10", 5, "int64"], ["shuffle", 7], ["permutation", 6]]},
    {"kind": "state", "seed": "4294967295", "calls": [["random", 2]]},
    {"kind": "state", "seed": ["1"], "calls": [["words", 3], ["random", 2]]},
    {"kind": "state", "seed": [str(i * 77777) for i in range(700)], "calls": [["words", 3], ["permutation", 9]]},
    {"kind": "state", "seed": "11", "calls": [["randint", low, high, 5, dtype] for low, high, dtype in FULL + PART]},
]
torch = [
    {"seed": seed, "calls": [["rand", 5, "float32"], ["rand", 3, "float64"], ["randint", 0, 10, 4], ["randint", -3, 2**32 - 4, 3], ["randint", -3, 2**32 - 3, 3], ["randint", -(2**53) + 1, 2**53 - 1, 3], ["randperm", 9], ["randperm", 0], ["rand", 20, "float32"]]}
    for seed in ["0", "42", "-1", str(2**32 + 42), str(2**64 - 1)]
]
jax = [
    {"seed": seed, "x64": x64, "partitionable": partitionable, "calls": [["key"], ["split", 2], ["split", 5], ["foldIn", 2**32 - 1], ["bits", 0], ["bits", 1], ["bits", 5], ["uniform", 5, "float32", bits(0.0), bits(1.0)], ["uniform", 5, "float32", bits(-0.05), bits(0.05)], ["randint", 5, "0", "10", "int32"], ["randint", 4, str(-(2**31)), str(2**31 - 1), "int32"], ["permutation", 0], ["permutation", 9]] + wide}
    for seed in ["0", "42", "-1", str(2**40 + 1)]
    for partitionable in [True, False]
    for x64, wide in [(False, []), (True, [["bits64", 3], ["uniform", 3, "float64", bits(-1.0), bits(1.7)], ["randint", 3, "-7", str(2**40), "int64"], ["randint", 3, str(-(2**63)), str(2**63 - 1), "int64"], ["randint", 3, str(-(2**31)), str(2**31), "int32"]])]
]

library = sys.argv[1]
peer = importlib.import_module(f"compat_{library}")
home = {"numpy": ("https://github.com/numpy/numpy", "BSD-3-Clause"), "torch": ("https://github.com/pytorch/pytorch", "BSD-3-Clause"), "jax": ("https://github.com/jax-ml/jax", "Apache-2.0")}
cases = [{"request": request, "answer": peer.answer(request)} for request in globals()[library]]
head = {"source": home[library][0], "license": home[library][1], "madeWith": f"python3 compat.py {library}, {peer.MADE_WITH}"}
rows = ",\n".join(json.dumps(case) for case in cases)
print(json.dumps(head)[:-1] + f', "cases": [\n{rows}\n]}}')

"""Folds of scikit-learn: python3 sklearn-folds.py > sklearn-folds.json   (pip install scikit-learn==1.9.1)"""
import json
import random

import numpy
import sklearn
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit

rng = random.Random(7)


def time_case():
    size, folds = rng.randint(3, 60), rng.randint(2, 6)
    options = {
        "gap": rng.choice([None, None, 0, 1, 5]),
        "test_size": rng.choice([None, None, 1, 3, 10]),
        "max_train_size": rng.choice([None, None, 1, 4, 30]),
    }
    given = {name: value for name, value in options.items() if value is not None}
    try:
        made = [[train.tolist(), test.tolist()] for train, test in TimeSeriesSplit(folds, **given).split(numpy.zeros(size))]
    except ValueError:
        made = None
    names = {"gap": "gap", "test_size": "testSize", "max_train_size": "maxTrain"}
    # Windows as [first, last] of train and test: they are ranges.
    ends = made and [[[part[0], part[-1]] for part in fold] for fold in made]
    assert made is None or all(part == list(range(part[0], part[-1] + 1)) for fold in made for part in fold)
    return {"size": size, "options": {"folds": folds, **{names[name]: value for name, value in given.items()}}, "ends": ends}


def size_case():
    size, folds = rng.randint(2, 100), rng.randint(2, 12)
    folds = min(folds, size)
    return {"size": size, "folds": folds, "tests": [len(test) for _, test in KFold(folds, shuffle=True, random_state=0).split(numpy.zeros(size))]}


def class_case():
    folds = rng.randint(2, 5)
    labels = [rng.choice("aaab") for _ in range(rng.randint(30, 60))]
    tests = [test for _, test in StratifiedKFold(folds, shuffle=True, random_state=0).split(labels, labels)]
    return {"folds": folds, "labels": "".join(labels), "a": sorted(sum(labels[i] == "a" for i in test) for test in tests)}


def group_case():
    groups = [rng.randint(0, 9) ** 2 for _ in range(rng.randint(40, 80))]
    folds = rng.randint(2, 5)
    return {"folds": folds, "groups": groups, "tests": sorted(len(test) for _, test in GroupKFold(folds).split(groups, groups=groups))}


print(json.dumps({
    "source": "https://scikit-learn.org/stable/api/sklearn.model_selection.html, its folds as computed",
    "license": "BSD-3-Clause (scikit-learn); these are its outputs",
    "madeWith": f"python3 sklearn-folds.py, scikit-learn {sklearn.__version__}, numpy {numpy.__version__}",
    "time": [time_case() for _ in range(120)],
    "sizes": [size_case() for _ in range(40)],
    "classes": [class_case() for _ in range(20)],
    "groups": [group_case() for _ in range(20)],
}, separators=(",", ":")).replace('{"', '\n{"'))

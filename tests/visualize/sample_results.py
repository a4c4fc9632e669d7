"""Made-up results of ladders, for the tests of what draws them."""

import numpy as np

NAMES = (
    ("baseline", "baseline"),
    ("dropout", "+ dropout"),
    ("augmentation", "+ data augmentation"),
    ("averaging", "+ averaging over noise at test time"),
    ("ensemble", "+ ensemble"),
)
MEANS = (9.1, 8.3, 6.4, 6.1, 5.2)
CLEAR, OPEN, WORSE = "helps", "no clear difference", "hurts"


def make_results(
    means=MEANS, verdicts=(CLEAR, CLEAR, OPEN, CLEAR), seeds=5, names=NAMES, epochs=40, **dataset
):
    """Return results of ``len(means)`` rungs whose errors scatter around `means`."""
    rng = np.random.Generator(np.random.PCG64(231))
    common = rng.normal(0, 0.35, seeds)
    errors = [mean + common + rng.normal(0, 0.25, seeds) for mean in means]
    rungs = [
        _rung(i, names[i], names[i - 1][0], errors, verdicts, rng, epochs if i not in (3, 4) else 0)
        for i in range(len(means))
    ]
    return {
        "schema": 1,
        "command": f"cs231n squeeze --dataset digits --seeds {seeds}",
        "date": "2026-11-23T14:30:00+00:00",
        "seconds": 71.3,
        "environment": {
            "cs231n": "0.1.0",
            "python": "3.11.7",
            "numpy": "2.4.6",
            "machine": "AMD EPYC, 2 cores",
            "kernels": "compiled by GCC 12.2.0 (SSE2, AVX2)",
        },
        "dataset": {
            "name": "digits",
            "input_shape": [1, 8, 8],
            "class_names": [str(digit) for digit in range(10)],
            "train_size": 200,
            "validation_size": 200,
            "test_size": 797,
            **dataset,
        },
        "seeds": list(range(seeds)),
        "settings": {
            "epochs": epochs,
            "batch_size": 50,
            "learning_rate": 0.001,
            "architecture": "[conv3-16]-[norm]-[relu]-[pool2]-[conv3-32]-[norm]-[relu]-[affine]",
            "dropout": 0.4,
            "rotation": 10.0,
            "passes": 30,
            "members": 5,
            "flip": False,
        },
        "rungs": rungs,
    }


def _rung(i, name, previous, errors, verdicts, rng, epochs):
    seeds = len(errors[i])
    difference = None
    if i:
        change = errors[i] - errors[i - 1]
        difference = {
            "previous": previous,
            "mean": float(change.mean()),
            "standard_error": _standard_error(change),
            "verdict": verdicts[i - 1] if seeds > 1 else "one seed: no verdict",
        }
    return {
        "name": name[0],
        "title": name[1],
        "description": f"What {name[1].removeprefix('+ ')} does, told in one sentence.",
        "errors": errors[i].tolist(),
        "mean": float(errors[i].mean()),
        "standard_error": _standard_error(errors[i]),
        "difference": difference,
        "seconds": 3.2 * (i + 1),
        "parameters": 12345 * (5 if i == 4 else 1),
        "curves": [_curve(seed, rng, epochs) for seed in range(seeds)] if epochs else [],
    }


def _curve(seed, rng, epochs):
    rise = 1 - np.exp(-np.arange(1, epochs + 1) / 5)
    noise = rng.normal(0, 0.006, (2, epochs))
    return {
        "seed": seed,
        "loss": (2.3 * (1 - rise)).tolist(),
        "train_accuracy": np.clip(0.1 + 0.89 * rise + noise[0], 0, 1).tolist(),
        "val_accuracy": np.clip(0.1 + 0.82 * rise + noise[1], 0, 1).tolist(),
    }


def _standard_error(values):
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None


def long_names(count):
    """Return `count` rungs with names that no column has room for."""
    return [
        (f"rung{i}", f"+ technique number {i} with a name that goes on and on and on for ever")
        for i in range(count - 1)
    ] + [("unbreakable", "+ AveragingOverNoiseAtTestTimeWithoutAnySpaceInItsName")]


def hurting():
    """Return results of three rungs, the last of which hurts."""
    return make_results(means=(7.1, 6.2, 8.9), verdicts=(CLEAR, WORSE))


def crowded():
    """Return results of twelve rungs with long names and twenty seeds."""
    means = np.linspace(36, 30, 12)
    verdicts = (CLEAR, OPEN, WORSE) * 4
    return make_results(means, verdicts, seeds=20, names=long_names(12))


def single():
    """Return results of one rung and one seed."""
    return make_results(means=(7.1,), seeds=1)


def one_seed():
    """Return results of five rungs and one seed."""
    return make_results(seeds=1)


def images(count, channels=1, size=8, seed=0):
    """Return (count, channels, size, size) uint8 images of soft blobs."""
    rng = np.random.Generator(np.random.PCG64(seed))
    grid = np.linspace(-1, 1, size)
    centres = rng.uniform(-0.5, 0.5, (count, channels, 2, 1, 1))
    y, x = grid[:, None] - centres[:, :, 0], grid[None, :] - centres[:, :, 1]
    return (255 * np.exp(-3 * (x**2 + y**2))).astype(np.uint8)


def make_augmented(originals=4, variants=8, channels=1, size=8):
    """Return originals and their variants."""
    shapes = images(originals * variants, channels, size, seed=1)
    return {
        "originals": images(originals, channels, size),
        "variants": shapes.reshape(originals, variants, channels, size, size),
    }


def make_misclassified(count, channels=1, size=8, classes=10):
    """Return `count` misclassified images."""
    rng = np.random.Generator(np.random.PCG64(2))
    true = rng.integers(classes, size=count)
    return {
        "images": images(count, channels, size, seed=3),
        "true": true,
        "predicted": (true + rng.integers(1, classes, size=count)) % classes,
        "confidence": rng.uniform(0.3, 1, count),
    }

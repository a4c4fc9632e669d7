"""Small made-up results, to try the drawings with."""

from typing import Any


def example_results() -> dict[str, Any]:
    """Return results of two rungs and three seeds, in the form of ``results.json``.

    Examples
    --------
    >>> [rung["title"] for rung in example_results()["rungs"]]
    ['baseline', '+ dropout']
    """
    dropout = _rung("dropout", "+ dropout", [7.9, 8.3, 8.4], 8.2, 0.15)
    dropout["difference"] = {
        "previous": "baseline",
        "mean": -0.9,
        "standard_error": 0.1,
        "verdict": "helps",
    }
    return {
        "schema": 1,
        "command": "cs231n squeeze --dataset digits --seeds 3",
        "date": "2026-01-01T12:00:00+00:00",
        "seconds": 12.0,
        "environment": {"cs231n": "0.1.0"},
        "dataset": {
            "name": "digits",
            "input_shape": [1, 8, 8],
            "class_names": [str(digit) for digit in range(10)],
            "train_size": 200,
            "validation_size": 200,
            "test_size": 797,
        },
        "seeds": [0, 1, 2],
        "settings": {"epochs": 3},
        "rungs": [_rung("baseline", "baseline", [9.0, 9.1, 9.2], 9.1, 0.06), dropout],
    }


def _rung(
    name: str, title: str, errors: list[float], mean: float, standard_error: float
) -> dict[str, Any]:
    accuracies = {"train_accuracy": [0.5, 0.8, 0.95], "val_accuracy": [0.5, 0.75, 0.9]}
    return {
        "name": name,
        "title": title,
        "description": f"The network with {title.removeprefix('+ ')}.",
        "errors": errors,
        "mean": mean,
        "standard_error": standard_error,
        "difference": None,
        "seconds": 4.0,
        "parameters": 1234,
        "curves": [{"seed": seed, "loss": [2.3, 0.9, 0.4], **accuracies} for seed in range(3)],
    }

"""The results of a ladder of techniques, checked and ready to draw."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cs231n.validation import parameter

SCHEMA = 1
VERDICTS = ("helps", "hurts", "no clear difference", "one seed: no verdict")


@dataclass(frozen=True)
class Difference:
    """How a rung's test error differs from another rung's, paired by seed, in percent points."""

    previous: str
    mean: float
    standard_error: float | None
    verdict: str


@dataclass(frozen=True)
class Curve:
    """One network's accuracies, 0 to 1, after every epoch."""

    train_accuracy: tuple[float, ...]
    val_accuracy: tuple[float, ...]


@dataclass(frozen=True)
class Rung:
    """One technique more than the rung before: its test errors in percent, one a seed."""

    name: str
    title: str
    description: str
    errors: tuple[float, ...]
    mean: float
    standard_error: float | None
    difference: Difference | None
    seconds: float
    parameters: int
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Sample:
    """The data set that was used, and how much of it."""

    name: str
    input_shape: tuple[int, ...]
    class_names: tuple[str, ...]
    train_size: int
    validation_size: int
    test_size: int


@dataclass(frozen=True)
class Results:
    """Everything that a run of the ladder wrote down."""

    command: str
    date: str
    seconds: float
    environment: Mapping[str, Any]
    dataset: Sample
    seeds: tuple[int, ...]
    settings: Mapping[str, Any]
    rungs: tuple[Rung, ...]

    @property
    def decimals(self) -> int:
        """How many decimals of the errors mean anything: one, or two where one would hide them."""
        spreads = [rung.standard_error for rung in self.rungs]
        spreads += [rung.difference.standard_error for rung in self.rungs if rung.difference]
        known = [spread for spread in spreads if spread]
        finest = min(known) if known else 100 / max(self.dataset.test_size, 1)
        return 1 if finest >= 0.095 else 2

    def title_of(self, name: str) -> str:
        """Return the title of the rung of this name, or the name itself."""
        return next((rung.title for rung in self.rungs if rung.name == name), name)


def read_results(results: Mapping[str, Any]) -> Results:
    """Check a results dict and return it as a :class:`Results`.

    Parameters
    ----------
    results : dict
        What ``cs231n squeeze`` writes as ``results.json``.

    Raises
    ------
    ValueError, TypeError
        If something is missing or of another form; the message names the place.

    Examples
    --------
    >>> read_results({"schema": 7})
    Traceback (most recent call last):
    ValueError: results['schema'] must be 1, got 7
    """
    schema = parameter("results", results, "schema")
    if schema != SCHEMA:
        raise ValueError(f"results['schema'] must be {SCHEMA}, got {schema!r}")
    entries = {key: parameter("results", results, key) for key in Results.__annotations__}
    entries["seconds"] = _number("results['seconds']", entries["seconds"])
    entries["dataset"] = _read_sample(entries["dataset"])
    entries["seeds"] = tuple(entries["seeds"])
    if not (entries["seeds"] and entries["rungs"]):
        raise ValueError("results must hold at least one seed and one rung")
    entries["rungs"] = tuple(
        _read_rung(f"results['rungs'][{i}]", rung, len(entries["seeds"]))
        for i, rung in enumerate(entries["rungs"])
    )
    return Results(**entries)


def _read_sample(entry: Mapping[str, Any]) -> Sample:
    where = "results['dataset']"
    values = {key: parameter(where, entry, key) for key in Sample.__annotations__}
    values["input_shape"] = tuple(values["input_shape"])
    values["class_names"] = tuple(map(str, values["class_names"]))
    return Sample(**values)


def _read_rung(where: str, entry: Mapping[str, Any], num_seeds: int) -> Rung:
    values = {key: parameter(where, entry, key) for key in Rung.__annotations__}
    for key in ("mean", "seconds"):
        values[key] = _number(f"{where}[{key!r}]", values[key])
    values["errors"] = _numbers(f"{where}['errors']", values["errors"])
    if len(values["errors"]) != num_seeds:
        raise ValueError(
            f"{where}['errors'] must hold one number a seed, {num_seeds}, "
            f"got {len(values['errors'])}"
        )
    values["standard_error"] = _spread(where, values["standard_error"])
    if values["difference"] is not None:
        values["difference"] = _read_difference(f"{where}['difference']", values["difference"])
    values["curves"] = tuple(
        _read_curve(f"{where}['curves'][{i}]", curve) for i, curve in enumerate(values["curves"])
    )
    return Rung(**values)


def _read_difference(where: str, entry: Mapping[str, Any]) -> Difference:
    values = {key: parameter(where, entry, key) for key in Difference.__annotations__}
    values["mean"] = _number(f"{where}['mean']", values["mean"])
    values["standard_error"] = _spread(where, values["standard_error"])
    if values["verdict"] not in VERDICTS:
        raise ValueError(f"{where}['verdict'] must be one of {VERDICTS}, got {values['verdict']!r}")
    return Difference(**values)


def _read_curve(where: str, entry: Mapping[str, Any]) -> Curve:
    return Curve(
        *(
            _numbers(f"{where}[{key!r}]", parameter(where, entry, key))
            for key in Curve.__annotations__
        )
    )


def _spread(where: str, value: Any) -> float | None:
    return None if value is None else _number(f"{where}['standard_error']", value)


def _numbers(where: str, values: Any) -> tuple[float, ...]:
    return tuple(_number(f"{where}[{i}]", value) for i, value in enumerate(values))


def _number(where: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{where} must be a number, got {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{where} must be finite, got {number}")
    return number

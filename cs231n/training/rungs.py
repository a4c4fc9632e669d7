"""The ladder of ``cs231n squeeze``: one technique added at a time. A rung is one entry below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Setup:
    """Which techniques are in use.

    The first two say how a network is trained, the others how trained networks predict.
    """

    dropout: bool = False
    augment: bool = False
    average: bool = False
    ensemble: bool = False

    @property
    def network(self) -> "Setup":
        """The part that decides how one network is trained."""
        return replace(self, average=False, ensemble=False)


@dataclass(frozen=True)
class Rung:
    """One technique of the ladder: what it changes in the setup of the rung before."""

    name: str
    title: str
    description: str
    changes: Mapping[str, Any] = field(default_factory=dict)


RUNGS = (
    Rung(
        "baseline",
        "baseline",
        "A small network of 3x3 convolutions, trained on the images as they are.",
    ),
    Rung(
        "dropout",
        "+ dropout",
        "Hidden activations are dropped at random in training; none is at test time.",
        {"dropout": True},
    ),
    Rung(
        "augmentation",
        "+ data augmentation",
        "Every time an image is trained on, it is changed at random in ways that keep its class.",
        {"augment": True},
    ),
    Rung(
        "averaging",
        "+ averaging over noise",
        "The random changes of augmentation go on at test time, and the predictions of many "
        "passes are averaged; without augmentation, dropout goes on. No network is trained anew.",
        {"average": True},
    ),
    Rung(
        "ensemble",
        "+ ensemble",
        "Several networks that differ in their random start are trained, and their predictions "
        "averaged.",
        {"ensemble": True},
    ),
)


def ladder(names: Sequence[str] | None = None) -> list[tuple[Rung, Setup]]:
    """Return the rungs, in the order given, each with all the techniques up to it.

    Parameters
    ----------
    names : sequence of str, optional
        All rungs where it is left out.

    Examples
    --------
    >>> steps = ladder(["dropout", "ensemble"])
    >>> [(rung.name, setup.dropout, setup.ensemble) for rung, setup in steps]
    [('dropout', True, False), ('ensemble', True, True)]
    """
    by_name = {rung.name: rung for rung in RUNGS}
    names = list(by_name) if names is None else list(names)
    unknown = [name for name in names if name not in by_name]
    if unknown or not names or len(set(names)) < len(names):
        raise ValueError(
            f"rungs must be different names out of {', '.join(by_name)}; got {', '.join(names)}"
        )
    setup, steps = Setup(), []
    for name in names:
        setup = replace(setup, **by_name[name].changes)
        steps.append((by_name[name], setup))
    return steps

"""The ladder of ``cs231n squeeze``: one technique added at a time. A rung is one entry below."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cs231n.nets import parse
from cs231n.training.edits import Layers, append_dropout, insert_1x1, stack_small_filters
from cs231n.training.recipes import Recipe


@dataclass(frozen=True)
class Setup:
    """Which techniques are in use.

    The first two say how a network is trained, the others how trained networks predict.

    Attributes
    ----------
    layers : tuple of specs
        All but the last one, that of the scores.
    augment, average, ensemble : bool
    """

    layers: Layers
    augment: bool = False
    average: bool = False
    ensemble: bool = False

    @property
    def network(self) -> "Setup":
        """The part that decides how one network is trained."""
        return replace(self, average=False, ensemble=False)


@dataclass(frozen=True)
class Rung:
    """One technique of the ladder: what it changes in the setup of the rung before.

    Attributes
    ----------
    name, title, description : str
    edit : callable ``(layers, recipe) -> layers``, optional
        What becomes of the network's description.
    changes : dict
        What becomes of the rest of the setup.
    """

    name: str
    title: str
    description: str
    edit: Callable[[Layers, Recipe], Layers] | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)

    def applied(self, setup: Setup, recipe: Recipe) -> Setup:
        """Return the setup with this technique."""
        layers = setup.layers if self.edit is None else self.edit(setup.layers, recipe)
        return replace(setup, layers=layers, **self.changes)


RUNGS = (
    Rung(
        "baseline",
        "baseline",
        "A small network of large filters, 5x5 or 7x7, trained on the images as they are.",
    ),
    Rung(
        "small-filters",
        "+ small filters",
        "In the place of each large filter stands a stack of 3x3 filters that sees as much, with "
        "a ReLU behind each.",
        lambda layers, recipe: stack_small_filters(layers),
    ),
    Rung(
        "1x1",
        "+ 1x1 filters",
        "In front of each pooling, 1x1 filters mix the channels once more, with a ReLU behind.",
        lambda layers, recipe: insert_1x1(layers),
    ),
    Rung(
        "dropout",
        "+ dropout",
        "Hidden activations are dropped at random in training; none is at test time.",
        lambda layers, recipe: append_dropout(layers, recipe.keep_ratio),
    ),
    Rung(
        "augmentation",
        "+ data augmentation",
        "Every time an image is trained on, it is changed at random in ways that keep its class.",
        changes={"augment": True},
    ),
    Rung(
        "averaging",
        "+ averaging over noise",
        "The random changes of augmentation go on at test time, and the predictions of many "
        "passes are averaged; without augmentation, dropout goes on. No network is trained anew.",
        changes={"average": True},
    ),
    Rung(
        "ensemble",
        "+ ensemble",
        "Several networks that differ in their random start are trained, and their predictions "
        "averaged.",
        changes={"ensemble": True},
    ),
)


def check_rungs(names: Sequence[str] | None = None) -> list[Rung]:
    """Return the rungs of these names in their order, all of them where `names` is left out."""
    by_name = {rung.name: rung for rung in RUNGS}
    names = list(by_name) if names is None else list(names)
    unknown = [name for name in names if name not in by_name]
    if unknown or not names or len(set(names)) < len(names):
        raise ValueError(
            f"rungs must be different names out of {', '.join(by_name)}; got {', '.join(names)}"
        )
    return [by_name[name] for name in names]


def ladder(recipe: Recipe, names: Sequence[str] | None = None) -> list[tuple[Rung, Setup]]:
    """Return the rungs, in the order given, each with all the techniques up to it.

    Parameters
    ----------
    recipe : Recipe
    names : sequence of str, optional
        All rungs where it is left out.

    Examples
    --------
    >>> from cs231n.nets import describe
    >>> from cs231n.training.recipes import RECIPES
    >>> steps = ladder(RECIPES["digits"], ["baseline", "small-filters", "ensemble"])
    >>> [(rung.name, setup.ensemble) for rung, setup in steps]
    [('baseline', False), ('small-filters', False), ('ensemble', True)]
    >>> describe(steps[1][1].layers)
    '[conv3-16 relu]*2 pool2 [conv3-32 relu]*2 pool2 fc-256 relu'
    """
    setup, steps = Setup(tuple(parse(recipe.layers))), []
    for rung in check_rungs(names):
        setup = rung.applied(setup, recipe)
        steps.append((rung, setup))
    return steps

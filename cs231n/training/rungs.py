"""The ladder of ``cs231n squeeze``: one technique added at a time. A rung is one entry below."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cs231n.nets import parse
from cs231n.training.edits import (
    Layers,
    append_dropout,
    drop_connections,
    insert_1x1,
    soften_pooling,
    stack_small_filters,
)
from cs231n.training.recipes import Recipe
from cs231n.training.setups import Setup


@dataclass(frozen=True)
class Rung:
    """One technique of the ladder: what it changes in the setup of the rung before.

    Attributes
    ----------
    name, title, description : str
        ``{passes}`` in them stands for the recipe's.
    edit : callable ``(layers, recipe) -> layers``, optional
        What becomes of the network's description.
    adds : callable ``recipe -> names``, optional
        Techniques that augmentation has from here on.
    changes : dict
        What becomes of the rest of the setup.
    """

    name: str
    title: str
    description: str
    edit: Callable[[Layers, Recipe], Layers] | None = None
    adds: Callable[[Recipe], tuple[str, ...]] | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)

    def applied(self, setup: Setup, recipe: Recipe) -> Setup:
        """Return the setup with this technique, or refuse what is wrong on these images."""
        layers = setup.layers if self.edit is None else self.edit(setup.layers, recipe)
        added = () if self.adds is None else self.adds(recipe)
        names = tuple(dict.fromkeys((*setup.augmentation, *added)))  # each once
        recipe.check(names)
        return replace(setup, layers=layers, augmentation=names, **self.changes)

    def worded(self, recipe: Recipe) -> "Rung":
        """Return the rung with the recipe's numbers in its words."""
        title, description = (
            text.format(passes=recipe.passes) for text in (self.title, self.description)
        )
        return replace(self, title=title, description=description)


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
        edit=lambda layers, recipe: stack_small_filters(layers),
    ),
    Rung(
        "1x1",
        "+ 1x1 filters",
        "In front of each pooling, 1x1 filters mix the channels once more, with a ReLU behind.",
        edit=lambda layers, recipe: insert_1x1(layers),
    ),
    Rung(
        "fractional-pooling",
        "+ fractional pooling",
        "In the place of each 2x2 pooling stand two gentler ones of ratio √2, with 3x3 filters "
        "between them, whose regions are drawn for each image and pass; predicting once, they are "
        "the same for all images.",
        edit=lambda layers, recipe: soften_pooling(layers),
    ),
    Rung(
        "dropout",
        "+ dropout",
        "Hidden activations are dropped at random in training; none is at test time.",
        edit=lambda layers, recipe: append_dropout(layers, recipe.keep_ratio),
    ),
    Rung(
        "dropconnect",
        "+ DropConnect",
        "In the place of dropout, weights of the hidden layer are dropped, for each image anew; at "
        "test time the mean network predicts, with all weights.",
        edit=lambda layers, recipe: drop_connections(layers, recipe.keep_ratio),
    ),
    Rung(
        "augmentation",
        "+ data augmentation",
        "Every time an image is trained on, it is changed at random in ways that keep its class.",
        adds=lambda recipe: recipe.augmentation,
    ),
    Rung(
        "flip",
        "+ flips",
        "Half of the images that are trained on are mirrored, drawn anew each time.",
        adds=lambda recipe: ("flip",),
    ),
    Rung(
        "crop",
        "+ crops",
        "Images are padded, and cropped to their size anywhere: a shift by whole pixels.",
        adds=lambda recipe: ("crop",),
    ),
    Rung(
        "colour",
        "+ colour jitter",
        "Brightness, contrast and saturation are changed at random.",
        adds=lambda recipe: ("colour",),
    ),
    Rung(
        "pca",
        "+ fancy PCA",
        "Colours are shifted along the principal components of all training pixels.",
        adds=lambda recipe: ("pca",),
    ),
    Rung(
        "affine",
        "+ affine warps",
        "Images are rotated, stretched and sheared at random, in one interpolation.",
        adds=lambda recipe: ("affine",),
    ),
    Rung(
        "weight-averaging",
        "+ weight averaging",
        "The network that predicts has a running average of the weights over the latest steps, and "
        "is what is validated and kept.",
        changes={"average_weights": True},
    ),
    Rung(
        "multi-crop",
        "+ multi-crop",
        "The predictions on shifted views of each test image are averaged, and on mirrored ones "
        "where mirroring keeps the class. No network is trained anew.",
        changes={"multi_crop": True},
    ),
    Rung(
        "averaging",
        "+ average over {passes} passes",
        "The random changes of augmentation and the regions of fractional pooling are drawn at "
        "test time, too, and the predictions of {passes} passes are averaged; where there are "
        "neither, dropout goes on. No network is trained anew.",
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


def check_rungs(names: Sequence[str]) -> list[Rung]:
    """Return the rungs of these names in their order."""
    by_name = {rung.name: rung for rung in RUNGS}
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
        The recipe's own ladder where it is left out.

    Raises
    ------
    ValueError
        If a name is none, or a technique is wrong on these images: it says why.

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
    for rung in check_rungs(recipe.ladder if names is None else list(names)):
        setup = rung.applied(setup, recipe)
        steps.append((rung.worded(recipe), setup))
    return steps

"""What an experiment is: networks side by side, and what somebody says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cs231n.nets import Spec, parse
from cs231n.training.edits import insert_batchnorm
from cs231n.training.recipes import Recipe
from cs231n.training.setups import Setup


@dataclass(frozen=True)
class Contender:
    """One network, how it is trained, and how it predicts.

    Attributes
    ----------
    name, title : str
    layers : str
        As :func:`cs231n.nets.parse` reads it, with letters for numbers of filters, and without
        batch normalisation and what all contenders end with.
    published : float or None
        The error in % that the paper gives for the network that this one stands for.
    augmentation : tuple of str
        Techniques of the recipe.
    average, multi_crop : bool
        What is averaged over at test time, as in :class:`~cs231n.training.setups.Setup`.
        Contenders that differ in nothing else share one trained network.
    """

    name: str
    title: str
    layers: str
    published: float | None = None
    augmentation: tuple[str, ...] = ()
    average: bool = False
    multi_crop: bool = False

    def specs(self, ending: str, filters: Mapping[str, Any]) -> tuple[Spec, ...]:
        """Return the layers, but for that of the scores, each convolution normalised.

        Without batch normalisation, a short training is over before deep nets have begun to learn.
        """
        return insert_batchnorm(parse(f"{self.layers} {ending}", **filters))

    def setup(self, ending: str, filters: Mapping[str, Any]) -> Setup:
        """Return all that is in use."""
        return Setup(
            self.specs(ending, filters),
            self.augmentation,
            average=self.average,
            multi_crop=self.multi_crop,
        )


@dataclass(frozen=True)
class Claim:
    """That one network has a lower error than another.

    Attributes
    ----------
    better, worse : str
        Names of contenders.
    published : float or None
        By how many points, where somebody measured it.
    source : str
    """

    better: str
    worse: str
    source: str
    published: float | None = None


@dataclass(frozen=True)
class Experiment:
    """Networks to train with the same recipe, and the claims about them.

    Attributes
    ----------
    name, title, source : str
    contenders : tuple of Contender
    claims : tuple of Claim
    filters : dict
        What the contenders' letters stand for.
    recipes : dict
        By data set. A recipe's `layers` are what all contenders end with.
    """

    name: str
    title: str
    source: str
    contenders: tuple[Contender, ...]
    claims: tuple[Claim, ...]
    filters: Mapping[str, int]
    recipes: Mapping[str, Recipe]

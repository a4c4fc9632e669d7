"""Dropout and DropConnect at test time: what is known on average, against what is sampled.

How the networks are trained was chosen on validation images of a seed that is not among the runs'.
"""

from dataclasses import replace

from cs231n.training.experiments.inference import Question, Study
from cs231n.training.recipes import Recipe
from cs231n.training.setups import ONCE, Way

PASSES = (1, 2, 5, 10, 20, 50, 100)
SAMPLES = 1000  # as many as Wan et al. take
MONTE_CARLO = tuple(
    Question(f"Monte Carlo, {n} pass{'es' if n > 1 else ''}", Way(n)) for n in PASSES
)
_STAGES = "conv3-16:bias=no bn relu pool2 conv3-32:bias=no bn relu pool2"
_THIRD = "conv3-64:bias=no bn relu pool2"
_CIFAR10 = Recipe(
    layers=f"{_STAGES} {_THIRD}",
    train_size=5_000,
    validation_size=1_000,
    seeds=5,
    epochs=40,
    learning_rate=2e-3,
    learning_rate_decay=0.95,
)
# Small batches, because fewer images make fewer steps.
_SHAPES = replace(
    _CIFAR10, train_size=1_000, validation_size=500, batch_size=20, learning_rate_decay=0.93
)
_DIGITS = replace(
    _SHAPES, layers=_STAGES, train_size=400, validation_size=200, learning_rate_decay=0.95
)


def _recipes(ending: str) -> dict[str, Recipe]:
    bodies = {"digits": _DIGITS, "shapes": _SHAPES, "cifar10": _CIFAR10}
    return {name: replace(one, layers=f"{one.layers} {ending}") for name, one in bodies.items()}


DROPOUT = Study(
    name="dropout",
    title="Dropout: weight scaling against Monte Carlo",
    source="Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html, section 7.5",
    published="MNIST: Monte Carlo is as good as weight scaling from about 50 passes on, and then "
    "slightly better, within one standard deviation",
    questions=(Question("weight scaling", ONCE), *MONTE_CARLO),
    # In front of the hidden layer, too: with one layer of dropout in front of the softmax, weight
    # scaling is a geometric mean over all masks, and no approximation.
    recipes=_recipes("dropout(keep=0.8) fc-256 relu dropout0.5"),
)
DROPCONNECT = Study(
    name="dropconnect",
    title="DropConnect: the mean network against moment matching and Monte Carlo",
    source="Wan et al. 2013, https://proceedings.mlr.press/v28/wan13.html, section 3.2",
    published="the paper predicts by moment matching, with about 1000 samples, and not by the mean "
    "network; a figure for the difference is not known to us",
    questions=(
        Question("mean network", ONCE),
        Question("moments, exact", Way(moments=True)),
        Question(f"moments, {SAMPLES} samples", Way(moments=True, samples=SAMPLES)),
        *MONTE_CARLO,
    ),
    recipes=_recipes("dropconnect-128 relu"),
)

"""The ladder: which techniques each rung has."""

import pytest

from cs231n.training.recipes import RECIPES
from cs231n.training.rungs import RUNGS, Setup, ladder

NAMES = ["baseline", "dropout", "augmentation", "averaging", "ensemble"]


def test_the_ladder_is_that_of_the_lecture():
    assert [rung.name for rung in RUNGS] == NAMES
    steps = ladder()
    assert [rung.name for rung, _ in steps] == NAMES
    assert [setup for _, setup in steps] == [
        Setup(),
        Setup(dropout=True),
        Setup(dropout=True, augment=True),
        Setup(dropout=True, augment=True, average=True),
        Setup(dropout=True, augment=True, average=True, ensemble=True),
    ]


def test_rungs_come_in_the_order_asked_for():
    steps = ladder(["ensemble", "dropout"])
    assert [rung.name for rung, _ in steps] == ["ensemble", "dropout"]
    assert [setup for _, setup in steps] == [
        Setup(ensemble=True),
        Setup(ensemble=True, dropout=True),
    ]


def test_every_rung_explains_itself():
    for rung in RUNGS:
        assert rung.title
        assert rung.description.endswith(".")


def test_how_a_network_predicts_does_not_change_how_it_is_trained():
    networks = [setup.network for _, setup in ladder()]
    assert networks[2] == networks[3] == networks[4] == Setup(dropout=True, augment=True)
    assert len(set(networks)) == 3


@pytest.mark.parametrize(
    "names",
    [["droput"], ["dropout", "dropout"], [], ["baseline", ""], ["Baseline"], ["baseline", "x"]],
)
def test_other_names_are_refused_with_those_that_there_are(names):
    with pytest.raises(ValueError, match="baseline, dropout, augmentation, averaging, ensemble"):
        ladder(names)


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_complete(name):
    recipe = RECIPES[name]
    assert recipe.passes > 1
    assert recipe.members > 1
    assert 0 < recipe.keep_ratio < 1
    assert recipe.augmentation.describe()
    flips = "random_flips" in recipe.augmentation.describe()
    assert flips == (name in ("shapes", "cifar10"))  # a mirrored digit is no digit

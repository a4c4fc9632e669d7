"""Chains of augmentations."""

import pickle
from functools import partial

import numpy as np
import pytest

from cs231n.augmentation import (
    Compose,
    CutMix,
    Flip,
    MixUp,
    random_affine,
    random_flips,
    random_shifts,
)


def add(X, rng, amount=1):
    return X + amount


def double(X, rng):
    return 2 * X


def test_steps_run_in_their_order():
    X = np.ones((1, 1, 1, 1))
    assert Compose(add, double)(X, None) == 4
    assert Compose(double, add)(X, None) == 3
    assert Compose(partial(add, amount=5), Compose(double, double))(X, None) == 24
    assert (X == 1).all()


def test_no_steps_change_nothing():
    X = np.ones((1, 1, 2, 2))
    assert Compose()(X, None) is X
    assert Compose().describe() == ""


def test_steps_draw_one_after_the_other_from_one_generator():
    X = np.random.default_rng(0).integers(0, 256, (9, 1, 6, 6)).astype(np.uint8)
    rng = np.random.default_rng(5)
    expected = random_shifts(random_flips(X, rng), rng, 2)
    chain = Compose(random_flips, partial(random_shifts, pixels=2))
    np.testing.assert_array_equal(chain(X, np.random.default_rng(5)), expected)


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([random_flips], "random_flips"),
        (
            [partial(random_affine, degrees=10, shift=0.5), random_flips],
            "random_affine(degrees=10, shift=0.5), random_flips",
        ),
        ([partial(partial(random_shifts, pixels=1), border="edge")], None),
        ([Compose(random_flips, double)], "Compose(random_flips, double)"),
    ],
)
def test_the_description_names_steps_and_options(steps, text):
    expected = "random_shifts(pixels=1, border='edge')" if text is None else text
    assert Compose(*steps).describe() == expected


def test_the_description_is_the_same_in_every_run():
    # It names the folder that outcomes are stored in, so no address may stand in it.
    assert " at 0x" not in Compose(Compose(random_flips), partial(random_shifts, 1)).describe()


def test_a_chain_can_be_sent_to_another_process():
    chain = Compose(random_flips, partial(random_shifts, pixels=2))
    assert pickle.loads(pickle.dumps(chain)).describe() == chain.describe()


@pytest.mark.parametrize("step", [3, "random_flips", None])
def test_what_cannot_be_called_is_refused(step):
    with pytest.raises(TypeError, match="steps must be callables"):
        Compose(random_flips, step)


@pytest.mark.parametrize("mixing", [MixUp(), CutMix()])
def test_mixing_is_no_step_and_the_error_says_how_to_use_it(mixing):
    with pytest.raises(TypeError, match=r"changes labels, too.*images, targets = MixUp|CutMix"):
        Compose(random_flips, mixing)


def test_an_array_in_the_place_of_a_step_is_not_printed():
    with pytest.raises(TypeError, match=r"steps must be callables \(X, rng\) -> X, got ndarray$"):
        Compose(np.zeros((9, 3, 8, 8)))


@pytest.mark.parametrize("shape", [(8, 8), (2, 3, 8, 8), 8])
def test_passes_are_told_for_the_shape_of_one_image(shape):
    with pytest.raises(ValueError, match=r"shape must be \(C, H, W\), got"):
        Compose(Flip()).passes(shape)

"""Presets, choices, and chains that draw first."""

import numpy as np
import pytest

from cs231n import augmentation as aug
from cs231n.augmentation import presets
from cs231n.augmentation.presets import PRESETS
from cs231n.augmentation.transform import run_steps


@pytest.mark.parametrize("name", PRESETS)
def test_presets_run_and_are_described(name):
    preset = PRESETS[name]()
    side = {"alexnet": 256, "vgg": 64}.get(name, 32)
    X = np.random.default_rng(0).integers(0, 256, (2, 3, side, side)).astype(np.uint8)
    out = preset(X, np.random.default_rng(0))
    assert out.shape == (2, *preset.output_shape(X.shape[1:]))
    assert preset.describe()
    assert preset.passes(X.shape[1:]).startswith("1. ")


@pytest.mark.parametrize(("field", "image"), [(94, 32), (96, 32), (34, 32), (32, 32), (24, 8)])
def test_grahams_chain_is_what_he_did_in_the_whole_field(field, image):
    shape = (3, image, image)
    X = np.random.default_rng(0).uniform(1, 2, (200, *shape))
    steps = presets.graham_cifar(field, image).steps(len(X), shape, np.random.default_rng(1))
    (tint, tinted), (_, _), (flip, flipped), *warps, (last, placed) = steps
    expected = flip.apply(tint.apply(X, tinted), flipped)
    margin = (field - image) // 2
    expected = np.pad(expected, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    expected = run_steps(expected, warps)
    most = round(field * 16 / 94)
    centre = placed["top"].min() + most, placed["left"].min() + most
    shifts = {"top": placed["top"] - centre[0], "left": placed["left"] - centre[1]}
    assert set(shifts["top"]) == set(shifts["left"]) == set(range(-most, most + 1))
    expected = aug.Shift(most, "constant").apply(expected, shifts)
    out = run_steps(X, steps)
    assert out.shape == (200, 3, field, field)
    np.testing.assert_allclose(out, expected, atol=1e-9)


def test_fields_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="field must be 32 and an even number, got 93"):
        presets.graham_cifar(93)


def test_grahams_field_stays_without_colour_around_the_image():
    X = np.full((50, 3, 32, 32), 0.0)
    out = presets.graham_cifar()(X, np.random.default_rng(0))
    assert (out != 0).any(axis=(1, 2, 3)).all()  # tinted
    at_border = np.abs(out[:, :, [0, -1]]).max() + np.abs(out[..., [0, -1]]).max()
    assert at_border == 0  # the image, 0.8 to 1.2 times 32 pixels, shifted by 16, does not reach it


def test_grahams_shift_is_in_proportion_to_the_field():
    for field, image, most in ((94, 32, 16), (752, 256, 128)):
        X = np.ones((1, 1, image, image), np.float32)
        last = presets.graham_cifar(field, image).parts[-1]
        free = presets.graham_cifar(field, image).parts[1].shape[0] + 2 * last.pad - field
        assert free == 2 * most
        assert presets.graham_cifar(field, image)(X, np.random.default_rng(0)).shape[2] == field


def test_airbench_alternates():
    X = np.arange(32 * 32.0).reshape(1, 1, 32, 32)
    assert (
        presets.airbench(epoch=4, translate=0)(X, np.random.default_rng(0)).tolist() == X.tolist()
    )
    odd = presets.airbench(epoch=5, translate=0)(X, np.random.default_rng(0))
    np.testing.assert_array_equal(odd, X[..., ::-1])
    assert "Cutout(size=12)" in presets.airbench(cutout=12).describe()


def test_one_of_is_one_of_in_proportion():
    X = np.zeros((6000, 1, 1, 1), np.uint8)
    one = aug.OneOf(aug.Tint((1, 1)), aug.Tint((2, 2)), aug.Tint((3, 3)), weights=(1, 0, 3))
    values, counts = np.unique(one(X, np.random.default_rng(0)), return_counts=True)
    assert values.tolist() == [1, 3]
    assert counts[0] / 6000 == pytest.approx(0.25, abs=0.02)


def test_sometimes_is_as_often_as_it_says():
    X = np.zeros((6000, 1, 1, 1), np.uint8)
    out = aug.Sometimes(aug.Compose(aug.Tint((1, 1)), aug.Tint((1, 1))), 0.3)(
        X, np.random.default_rng(0)
    )
    assert set(np.unique(out)) == {0, 2}
    assert (out > 0).mean() == pytest.approx(0.3, abs=0.02)


def test_a_chain_draws_everything_before_it_changes_anything():
    X = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8)).astype(np.uint8)
    chain = aug.Compose(aug.Flip(), aug.Noise((0.1, 0.1)), aug.Shift(2), aug.Tint(9))
    rng = np.random.default_rng(1)
    apart = X
    for part in chain.parts:
        apart = part(apart, rng)
    np.testing.assert_array_equal(chain(X, np.random.default_rng(1)), apart)


def test_callables_are_for_plain_chains():
    chain = aug.Compose(aug.Flip(), lambda X, rng: X + 1)
    X = np.zeros((2, 1, 2, 2))
    assert (chain(X, np.random.default_rng(0)) == 1).all()
    with pytest.raises(ValueError, match="out and layout are for chains of transforms"):
        chain(X, np.random.default_rng(0), out=X)
    with pytest.raises(TypeError, match="only transforms are drawn before"):
        chain.passes((1, 2, 2))
    with pytest.raises(TypeError, match="transform must be transforms, got <function"):
        aug.Sometimes(chain.parts[1], 0.5)

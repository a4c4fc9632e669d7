"""Linear colours that fold, fancy PCA, and the scale of pixels."""

import numpy as np
import pytest

from cs231n import augmentation as aug
from cs231n.augmentation.transform import run_steps


def images(N=6, H=8, W=9, low=60, high=190):
    return np.random.default_rng(0).integers(low, high, (N, 3, H, W)).astype(np.uint8)


def test_a_folded_chain_is_one_after_the_other():
    X = images().astype(np.float64)
    chain = [aug.Brightness(), aug.Contrast(0.5), aug.Saturation(0.5), aug.Tint(9)]
    chain += [aug.Contrast(0.3, about=100), aug.Grayscale(), aug.FancyPCA(white=255)]
    rng = np.random.default_rng(1)
    steps = [(t, t.draw(len(X), X.shape[1:], rng)) for t in chain]
    apart = X
    for transform, parameters in steps:
        apart = transform.apply(apart, parameters)
    np.testing.assert_allclose(run_steps(X, steps), apart, rtol=1e-9)
    assert len(aug.Compose(*chain).passes((3, 8, 8)).splitlines()) == 1


def test_contrast_keeps_the_mean_brightness_and_stretches_about_it():
    X = images().astype(float)
    out = aug.Contrast().apply(X, {"factor": np.full(6, 1.5)})
    grey = np.array([0.299, 0.587, 0.114])
    before, after = X.mean(axis=(2, 3)) @ grey, out.mean(axis=(2, 3)) @ grey
    np.testing.assert_allclose(after, before)
    np.testing.assert_allclose(
        out - before[:, None, None, None], 1.5 * (X - before[:, None, None, None])
    )


def test_pca_is_the_eigendecomposition_of_all_pixels():
    X = images(N=700)
    X[:, 1] = X[:, 0] // 2 + 9
    pca = aug.fit_pca(X)
    pixels = X.transpose(0, 2, 3, 1).reshape(-1, 3) / 255
    values, vectors = np.linalg.eigh(np.cov(pixels.T, bias=True))
    np.testing.assert_allclose(pca.values, values[::-1], atol=1e-12)
    for mine, theirs in zip(pca.vectors, vectors.T[::-1], strict=True):
        np.testing.assert_allclose(np.abs(mine @ theirs), 1, atol=1e-9)


@pytest.mark.parametrize("spread", ["variance", "deviation"])
def test_pca_does_the_same_on_both_scales(spread):
    X = images(N=50)
    unit = X / 255
    on_bytes, on_units = aug.fit_pca(X, spread=spread), aug.fit_pca(unit, spread=spread)
    np.testing.assert_allclose(on_bytes.values, on_units.values)
    alpha = {"alpha": np.random.default_rng(0).normal(0, 0.1, (50, 3))}
    changed = on_units.apply(unit, alpha)
    assert np.abs(255 * changed - on_bytes.apply(X, alpha)).max() <= 0.51
    as_floats = aug.fit_pca(X.astype(float), spread=spread, white=255)
    np.testing.assert_allclose(as_floats.apply(X.astype(float), alpha), 255 * changed)


def test_pca_shifts_whole_images_along_the_eigenvectors_as_far_as_it_should():
    pca = aug.FancyPCA()
    X = np.zeros((20_000, 3, 1, 1))
    shifts = pca(X, np.random.default_rng(0))[:, :, 0, 0] @ np.array(pca.vectors).T
    np.testing.assert_allclose(shifts.std(axis=0), 0.1 * np.array(pca.values), rtol=0.03)
    # The literal formula on [0, 255] would move them by thousands of grey levels.
    assert 255 * shifts.std() < 6


def test_pca_needs_colours():
    with pytest.raises(ValueError, match="X must hold images of 3 channels"):
        aug.fit_pca(np.zeros((2, 1, 4, 4)))
    with pytest.raises(ValueError, match="NaN or infinity"):
        aug.fit_pca(np.full((2, 3, 4, 4), np.nan))


@pytest.mark.parametrize("transform", [aug.ColourCast(), aug.Noise((0.1, 0.1)), aug.Gamma()])
def test_bytes_and_floats_change_alike(transform):
    X = images()
    parameters = transform.draw(6, X.shape[1:], np.random.default_rng(3))
    on_bytes = transform.apply(X, parameters)
    for dtype in (np.float32, np.float64):
        on_floats = transform.apply((X / 255).astype(dtype), parameters)
        assert np.abs(on_bytes - np.clip(255 * on_floats, 0, 255)).max() < 0.52


def test_gamma_is_a_power():
    X = images()
    out = aug.Gamma().apply(X, {"gamma": np.linspace(0.5, 2, 6)})
    expected = 255 * (X / 255) ** np.linspace(0.5, 2, 6)[:, None, None, None]
    assert np.abs(out - expected).max() < 0.51


def test_half_of_the_channels_are_cast():
    offsets = aug.ColourCast(levels=20).draw(5000, (3, 1, 1), np.random.default_rng(0))["offset"]
    assert (offsets == 0).mean() == pytest.approx(0.5 + 0.5 / 41, abs=0.02)
    assert (offsets.min(), offsets.max()) == (-20, 20)


def test_noise_has_the_spread_that_was_asked_for():
    X = np.full((20, 3, 30, 30), 0.5)
    out = aug.Noise((0.1, 0.1))(X, np.random.default_rng(0))
    assert (out - X).std() == pytest.approx(0.1, rel=0.02)


def test_noise_draws_two_numbers_an_image_and_none_a_pixel():
    drawn = aug.Noise((0.1, 0.2)).draw(50, (3, 64, 64), np.random.default_rng(0))
    assert {name: (a.shape, a.dtype.name) for name, a in drawn.items()} == {
        "sigma": ((50,), "float64"),
        "seed": ((50,), "uint64"),
    }
    assert np.unique(drawn["seed"]).size == 50
    assert (drawn["sigma"].min(), drawn["sigma"].max()) == pytest.approx((0.1, 0.2), abs=0.01)


def test_a_vignette_darkens_corners_by_its_strength_and_keeps_the_centre():
    X = np.full((2, 1, 9, 9), 200.0)
    out = aug.Vignette().apply(X, {"strength": np.array([0.5, 1.0])})[:, 0]
    np.testing.assert_allclose(out[:, 0, 0], [100, 0], atol=1e-9)
    np.testing.assert_allclose(out[:, 4, 4], 200)


def test_a_cutout_is_a_square_around_a_centre_in_the_image():
    X = np.ones((500, 1, 10, 10))
    out = aug.Cutout(4)(X, np.random.default_rng(0))
    cut = (out == 0).sum(axis=(1, 2, 3))
    assert (cut.min(), cut.max()) == (4, 16)


@pytest.mark.parametrize("mean", [0, 120])
def test_pca_of_floats_that_cannot_be_shares_of_white_asks_what_white_is(mean):
    X = images(N=20, low=0, high=256).astype(np.float32)
    X -= X.mean(axis=0) - mean
    with pytest.raises(ValueError, match=r"white=255"):
        aug.fit_pca(X)
    assert max(aug.fit_pca(X, white=255).values) < 0.25
    aug.fit_pca(X / 255)
    aug.fit_pca((X.mean() < X).astype(float))  # as far from their mean as shares can be

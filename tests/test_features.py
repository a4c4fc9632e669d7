"""Image features against loops, the standard library and Matplotlib."""

import colorsys
import math

import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv
from scipy.ndimage import uniform_filter

import cs231n
from cs231n.features import (
    _hue,
    color_histogram,
    color_histogram_cross,
    color_histogram_hsv,
    color_histogram_spatial,
    extract_features,
    hog_feature,
    rgb2gray,
)


@pytest.fixture(autouse=True)
def newest_release():
    with cs231n.use_release(2026):
        yield


def image(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0, 255, shape)


# ---- extract_features ----


@pytest.mark.parametrize(("year", "turned"), [(2015, True), (2016, False), (2026, False)])
def test_features_stand_in_the_order_of_images_and_functions(year, turned):
    imgs = image(6, 8, 8, 3)
    functions = [lambda im: im[0, 0], lambda im: im[1, :2, 0], hog_feature]
    with cs231n.use_release(year):
        features = extract_features(imgs, functions)
    rows = features.T if turned else features
    assert rows.shape == (6, 3 + 2 + 9)
    assert features.dtype == np.float64
    for row, im in zip(rows, imgs, strict=True):
        expected = [*im[0, 0], *im[1, :2, 0], *hog_feature(im)]
        np.testing.assert_array_equal(row, expected)


def test_progress_is_told_every_thousand_images(capsys):
    imgs = np.zeros((2500, 1, 1, 3))
    extract_features(imgs, [lambda im: im[0, 0]], verbose=True)
    assert capsys.readouterr().out.splitlines() == [
        "Done extracting features for 1000 / 2500 images",
        "Done extracting features for 2000 / 2500 images",
    ]
    extract_features(imgs, [lambda im: im[0, 0]])
    assert capsys.readouterr().out == ""


def test_the_flow_of_the_notebook():
    """Bytes or floats, a lambda that fixes the bins, standardised, with a bias dimension."""
    imgs = image(5, 32, 32, 3).astype(np.uint8)
    feature_fns = [hog_feature, lambda img: color_histogram_hsv(img, nbin=10)]
    features = extract_features(imgs, feature_fns)
    np.testing.assert_array_equal(features, extract_features(imgs.astype(float), feature_fns))
    features -= np.mean(features, axis=0, keepdims=True)
    features = np.hstack([features, np.ones((5, 1))])
    assert features.shape == (5, 155)


def test_grey_images_no_images_and_what_is_refused():
    assert extract_features(image(2, 16, 16, 1), [hog_feature]).shape == (2, 36)
    assert extract_features(np.zeros((0, 8, 8, 3)), [hog_feature]).shape == (0, 0)
    with pytest.raises(ValueError, match=r"imgs must be \(N, H, W, C\), got shape \(8, 8, 3\)"):
        extract_features(np.zeros((8, 8, 3)), [hog_feature])
    with pytest.raises(ValueError, match="feature_fns must hold at least one"):
        extract_features(np.zeros((1, 8, 8, 3)), [])
    with pytest.raises(ValueError, match=r"rgb2gray must return a vector, got shape \(8, 8\)"):
        extract_features(np.zeros((1, 8, 8, 3)), [rgb2gray])
    imgs = np.zeros((2, 4, 4, 3))
    imgs[1] = 1
    with pytest.raises(ValueError, match=r"lengths \[1\] for image 0 and \[2\] for image 1"):
        extract_features(imgs, [lambda im: np.zeros(1 + int(im[0, 0, 0]))])


# ---- grey ----


def test_grey_has_the_published_weights():
    rgb = image(3, 4, 3)
    expected = [[0.299 * r + 0.587 * g + 0.144 * b for r, g, b in row] for row in rgb]
    np.testing.assert_allclose(rgb2gray(rgb), expected, rtol=1e-14)
    with_alpha = np.dstack([rgb, np.full((3, 4), 9.0)])
    np.testing.assert_allclose(rgb2gray(with_alpha), expected, rtol=1e-14)
    assert rgb2gray(np.full((1, 1, 3), 255, np.uint8))[0, 0] == pytest.approx(255 * 1.03)
    assert rgb2gray(rgb.astype(np.float32)).dtype == np.float32
    with pytest.raises(ValueError, match=r"rgb must have shape \(\.\.\., 3\), got \(4, 2\)"):
        rgb2gray(np.zeros((4, 2)))


# ---- histogram of oriented gradients ----


def hog_by_loops(gray):
    H, W = gray.shape
    histogram = np.zeros((W // 8, H // 8, 9))
    for i, j in np.ndindex(H // 8 * 8, W // 8 * 8):
        gx = gray[i, j + 1] - gray[i, j] if j + 1 < W else 0.0
        gy = gray[i + 1, j] - gray[i, j] if i + 1 < H else 0.0
        angle = (math.degrees(math.atan2(gy, gx)) + 90) % 180
        histogram[j // 8, i // 8, int(angle // 20)] += math.sqrt(gx * gx + gy * gy) / 64
    return histogram.ravel()


@pytest.mark.parametrize(
    ("shape", "length"),
    [((32, 32), 144), ((8, 8), 9), ((16, 40), 90), ((40, 16), 90), ((37, 23), 72), ((9, 31), 27)],
)
def test_hog_is_that_of_loops_on_images_of_any_shape(shape, length):
    gray = image(*shape)
    feature = hog_feature(gray)
    assert feature.shape == (length,)
    np.testing.assert_allclose(feature, hog_by_loops(gray), rtol=1e-10)
    colour = image(*shape, 3)
    np.testing.assert_allclose(hog_feature(colour), hog_by_loops(rgb2gray(colour)), rtol=1e-10)


def test_hog_is_a_box_filter_at_the_middle_of_cells():
    """The sum over all orientations is SciPy's mean of the gradients' lengths."""
    gray = image(32, 48)
    lengths = np.hypot(
        np.diff(gray, axis=1, append=gray[:, -1:]), np.diff(gray, axis=0, append=gray[-1:])
    )
    expected = uniform_filter(lengths, size=8)[4::8, 4::8].T
    np.testing.assert_allclose(hog_feature(gray).reshape(6, 4, 9).sum(axis=2), expected)


@pytest.mark.parametrize("degrees", range(-160, 190, 20))
def test_a_ramp_falls_into_the_bin_of_its_direction(degrees):
    angle = math.radians(degrees)
    i, j = np.mgrid[:9, :9]
    feature = hog_feature(math.cos(angle) * j + math.sin(angle) * i)
    assert feature.argmax() == ((degrees + 90) % 180) // 20
    assert feature.max() == pytest.approx(1)


def test_hog_does_not_tell_an_image_from_its_negative():
    gray = image(24, 16)
    np.testing.assert_allclose(hog_feature(255 - gray), hog_feature(gray), rtol=1e-10)
    np.testing.assert_array_equal(hog_feature(np.full((8, 8), 3.0)), 0)


def test_rounding_at_180_degrees_leaves_no_tenth_bin():
    gray = np.zeros((8, 8))
    gray[1:] = 1e17
    gray[1:, 1::2] += 16  # as steep as floats allow: an angle of 90 - 1e-15 degrees
    for turned in (gray, -gray, gray[::-1], gray[:, ::-1]):
        assert hog_feature(turned).shape == (9,)


@pytest.mark.parametrize("shape", [(7, 8), (8, 7, 3), (8,), (2, 8, 8, 3)])
def test_hog_refuses_what_is_no_image(shape):
    with pytest.raises(ValueError, match=r"im must be \(H, W, 3\) or \(H, W\)"):
        hog_feature(np.zeros(shape))


# ---- colours ----


def test_hues_are_those_of_the_standard_library_and_of_matplotlib():
    rgb = np.random.default_rng(0).integers(0, 5, (40, 30, 3)) / 4  # with greys, blacks and ties
    expected = [[colorsys.rgb_to_hsv(*pixel)[0] for pixel in row] for row in rgb.tolist()]
    np.testing.assert_allclose(_hue(rgb), expected, atol=1e-14)
    fine = image(20, 20, 3) / 255
    np.testing.assert_allclose(_hue(fine), rgb_to_hsv(fine)[..., 0], atol=1e-14)


@pytest.mark.parametrize("nbin", [1, 4, 10])
def test_hue_histogram_counts_the_hues(nbin):
    im = image(12, 9, 3)
    hues = [colorsys.rgb_to_hsv(*pixel)[0] for pixel in im.reshape(-1, 3).tolist()]
    counts = np.bincount([int(hue * nbin) for hue in hues], minlength=nbin)
    np.testing.assert_array_equal(color_histogram_hsv(im, nbin=nbin, normalized=False), counts)
    feature = color_histogram_hsv(im, nbin=nbin)
    np.testing.assert_allclose(feature, counts / 108, rtol=1e-12)
    assert feature.sum() == pytest.approx(1)


def test_hue_histogram_of_other_scales():
    im = image(5, 5, 3)
    expected = color_histogram_hsv(im)
    np.testing.assert_allclose(color_histogram_hsv(im / 255, xmax=1), expected)
    half = color_histogram_hsv(im, nbin=4, xmin=127.5, normalized=False)
    full = color_histogram_hsv(im, nbin=8, normalized=False)
    np.testing.assert_array_equal(half, full[4:])
    assert color_histogram_hsv(np.zeros((4, 4, 3), np.uint8)).tolist() == [1] + 9 * [0]
    assert color_histogram_hsv(np.full((2, 2, 3), 255, np.uint8)).sum() == 1


def test_colour_histogram_counts_each_channel():
    im = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    counts = np.zeros((3, 5))
    for i, j, c in np.ndindex(im.shape):
        counts[c, int(im[i, j, c] / 51) if im[i, j, c] < 255 else 4] += 1
    np.testing.assert_array_equal(color_histogram(im, nbin=5, normalized=False), counts.ravel())
    np.testing.assert_allclose(color_histogram(im, nbin=5), counts.ravel() / (3 * 63))
    assert color_histogram(im.astype(float) + 1000).tolist() == 30 * [0]  # nothing in the range


@pytest.mark.parametrize("shape", [(32, 32, 3), (13, 6, 3)])
def test_spatial_histogram_begins_with_the_whole_and_goes_on_with_the_parts(shape):
    im = image(*shape)
    feature = color_histogram_spatial(im)
    assert feature.shape == (4 * 63,)
    np.testing.assert_array_equal(feature[:12], color_histogram(im, nbin=4))
    h, w = (shape[0] + 1) // 2, (shape[1] + 1) // 2
    quarters = [im[:h, :w], im[:h, w:], im[h:, :w], im[h:, w:]]
    expected = np.concatenate([color_histogram(part, nbin=4) for part in quarters])
    np.testing.assert_array_equal(feature[12:60], expected)
    np.testing.assert_allclose(feature.reshape(21, 12).sum(axis=1), 1)
    assert color_histogram_spatial(im, levels=1, nbin=2).shape == (6,)


def test_cross_histogram_counts_combinations():
    im = image(8, 9, 3)
    counts = np.zeros((5, 5, 5))
    for r, g, b in im.reshape(-1, 3) // 51:
        counts[int(r), int(g), int(b)] += 1
    np.testing.assert_array_equal(color_histogram_cross(im, normalized=False), counts.ravel())
    np.testing.assert_allclose(color_histogram_cross(im), counts.ravel() / 72)
    assert color_histogram_cross(np.full((2, 2, 3), 255, np.uint8))[-1] == 1


HISTOGRAMS = [color_histogram_hsv, color_histogram, color_histogram_spatial, color_histogram_cross]


@pytest.mark.parametrize("histogram", HISTOGRAMS)
def test_bad_images_and_bins(histogram):
    for shape in ((8, 8), (8, 8, 4), (0, 8, 3)):
        with pytest.raises(ValueError, match=r"must be an image \(H, W, 3\), got shape"):
            histogram(np.zeros(shape))
    with pytest.raises(ValueError, match="nbin must lie in"):
        histogram(np.zeros((8, 8, 3)), nbin=0)
    with pytest.raises(TypeError, match="must hold real numbers"):
        histogram(np.full((8, 8, 3), "a"))


def test_bad_ranges_and_levels():
    for histogram in HISTOGRAMS[:2]:
        with pytest.raises(ValueError, match="xmin must be less than xmax, got 3 and 3"):
            histogram(np.zeros((2, 2, 3)), xmin=3, xmax=3)
    with pytest.raises(ValueError, match=r"levels must leave parts.*got 3 for \(3, 8, 3\)"):
        color_histogram_spatial(np.zeros((3, 8, 3)))

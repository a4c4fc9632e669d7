"""The published views: how many, which, and what they are averaged for."""

import numpy as np
import pytest

from cs231n import marginalize
from cs231n.augmentation.views import (
    googlenet_views,
    grid_crops,
    shifted_views,
    ten_crop,
    vgg_views,
)

X = np.random.default_rng(0).integers(0, 256, (2, 3, 20, 24)).astype(np.uint8)


def test_ten_crops_are_five_places_and_their_mirror_images():
    views = list(ten_crop(X, (16, 16)))
    corners = [X[:, :, 2:18, 4:20], X[:, :, :16, :16], X[:, :, :16, 8:]]
    corners += [X[:, :, 4:, :16], X[:, :, 4:, 8:]]
    assert len(views) == 10
    for k, corner in enumerate(corners):
        np.testing.assert_array_equal(views[2 * k], corner)
        np.testing.assert_array_equal(views[2 * k + 1], corner[..., ::-1])


@pytest.mark.parametrize(
    ("views", "count"),
    [
        (vgg_views(X, (16, 16), sides=(18, 20, 24)), 150),
        (googlenet_views(X, (16, 16), sides=(18, 20, 22, 24)), 144),
        (shifted_views(X), 6),
    ],
)
def test_there_are_as_many_as_were_published(views, count):
    shapes = [view.shape[:2] for view in views]
    assert shapes == [(2, 3)] * count


def test_a_grid_reaches_from_corner_to_corner():
    views = list(grid_crops(X, (16, 16), 3))
    assert len(views) == 9
    np.testing.assert_array_equal(views[0], X[:, :, :16, :16])
    np.testing.assert_array_equal(views[4], X[:, :, 2:18, 4:20])
    np.testing.assert_array_equal(views[8], X[:, :, 4:, 8:])
    (single,) = grid_crops(X, (16, 16), 1)
    np.testing.assert_array_equal(single, views[4])


@pytest.mark.parametrize(
    "views",
    [
        lambda X: ten_crop(X, (16, 16)),
        lambda X: grid_crops(X, (20, 24), 2),
        lambda X: vgg_views(X, (20, 20), (20,), 2),
        lambda X: googlenet_views(X, (20, 20), (20, 24)),
        lambda X: shifted_views(X, 0),
    ],
)
def test_whoever_writes_to_a_view_changes_no_other_and_no_image(views):
    images = X.copy()
    expected, found = list(views(images)), []
    for view in views(images):
        found.append(view.copy())
        view[...] = 7
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(images, X)


def test_views_are_averaged():
    def scores(images):
        return images.reshape(2, -1)[:, :5].astype(float) / 50

    mean = marginalize.average(marginalize.softmax(scores(v)) for v in ten_crop(X, (16, 16)))
    assert mean.shape == (2, 5)
    np.testing.assert_allclose(mean.sum(axis=1), 1)


def test_windows_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="crop_shape must fit into X"):
        list(ten_crop(X, (21, 16)))
    with pytest.raises(ValueError, match="sides must lie in"):
        list(vgg_views(X, (16, 16), sides=(0,)))

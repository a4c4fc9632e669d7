"""Mixed images and their labels."""

import numpy as np
import pytest

from cs231n.augmentation import CutMix, MixUp, mixed_targets


def images(N=12):
    return np.random.default_rng(0).integers(0, 256, (N, 3, 8, 10)).astype(np.uint8)


def test_mixup_adds_images_and_labels_by_the_same_shares():
    X, y = images(), np.arange(12) % 4
    mixup = MixUp(1.0)
    drawn = mixup.draw(12, X.shape[1:], np.random.default_rng(3))
    out, targets = mixup(X, y, 4, np.random.default_rng(3))
    share = drawn["shares"][:, None, None, None]
    assert np.abs(out - (share * X + (1 - share) * X[drawn["others"]])).max() < 0.51
    one_hot = np.eye(4)[y]
    share = drawn["shares"][:, None]
    np.testing.assert_allclose(targets, share * one_hot + (1 - share) * one_hot[drawn["others"]])


def test_cutmix_pastes_boxes_and_counts_their_area():
    X, y = images(), np.arange(12)
    cutmix = CutMix()
    drawn = cutmix.draw(12, X.shape[1:], np.random.default_rng(3))
    out, targets = cutmix(X, y, 12, np.random.default_rng(3))
    for n, other in enumerate(drawn["others"]):
        from_other = (out[n] == X[other]).all(axis=0)
        from_own = (out[n] == X[n]).all(axis=0)
        assert (from_other | from_own).all()
        if other != n:
            assert from_own.mean() == pytest.approx(targets[n, n], abs=0.02)


def test_a_box_covers_a_share_as_beta_says():
    drawn = CutMix(1.0).draw(4000, (3, 32, 32), np.random.default_rng(0))
    # Uniform shares, but what stands over the border is lost.
    assert 0.55 < drawn["shares"].mean() < 0.75
    top, bottom, left, right = drawn["box"].T
    assert (top <= bottom).all()
    assert (left <= right).all()
    assert max(bottom.max(), right.max()) <= 32


@pytest.mark.parametrize("mixing", [MixUp(), CutMix()])
def test_in_place_and_empty(mixing):
    X = images()
    drawn = mixing.draw(12, X.shape[1:], np.random.default_rng(0))
    expected = mixing.apply(X, drawn)
    assert mixing.apply(X, drawn, out=X) is X
    np.testing.assert_array_equal(X, expected)
    out, targets = mixing(X[:0], np.zeros(0, int), 3, np.random.default_rng(0))
    assert (out.shape, targets.shape) == ((0, 3, 8, 10), (0, 3))


@pytest.mark.parametrize("mixing", [MixUp(1.0), CutMix()])
def test_channels_may_come_last(mixing):
    X, y = images(), np.arange(12) % 4
    expected, targets = mixing(X, y, 4, np.random.default_rng(3))
    last = np.ascontiguousarray(X.transpose(0, 2, 3, 1))
    found, same = mixing(last, y, 4, np.random.default_rng(3), layout="NHWC")
    np.testing.assert_array_equal(found.transpose(0, 3, 1, 2), expected)
    np.testing.assert_array_equal(same, targets)
    out, _ = mixing(last, y, 4, np.random.default_rng(3), out=last, layout="NHWC")
    assert out is last
    np.testing.assert_array_equal(out, found)
    out, _ = mixing(X, y, 4, np.random.default_rng(3), out=X)
    assert out is X
    np.testing.assert_array_equal(X, expected)
    with pytest.raises(ValueError, match="out must have shape"):
        mixing(X, y, 4, np.random.default_rng(3), out=X[:, :1])


def test_labels_are_checked():
    drawn = {"others": np.array([1, 0]), "shares": np.ones(2)}
    with pytest.raises(ValueError, match="y must hold labels from 0 to 2"):
        mixed_targets(np.array([0, 3]), drawn, 3)
    with pytest.raises(ValueError, match=r"y must have shape \(2,\)"):
        mixed_targets(np.array([0]), drawn, 3)

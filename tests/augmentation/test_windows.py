"""Flips and crops that fold to one copy."""

import numpy as np
import pytest

from cs231n import augmentation as aug
from cs231n.augmentation.transform import grouped, run_steps


def images(N=40, H=9, W=11):
    return np.random.default_rng(0).integers(0, 256, (N, 2, H, W)).astype(np.uint8)


CHAINS = [
    [aug.Flip(), aug.Flip(axis="vertical"), aug.Crop((6, 7))],
    [aug.Crop((6, 7)), aug.Flip(), aug.Crop((3, 4)), aug.Flip(axis="vertical")],
    [aug.Flip(), aug.Shift(3), aug.Flip()],
    [aug.Shift(3, "edge"), aug.Crop((5, 5)), aug.Flip()],
    [aug.Crop((12, 12), pad=2, border="edge"), aug.Crop((9, 9)), aug.Flip()],
]


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: ", ".join(map(repr, chain)))
def test_one_copy_is_the_same_as_many(chain):
    X, rng = images(), np.random.default_rng(1)
    shape, steps, apart = X.shape[1:], [], X
    for transform in chain:
        parameters = transform.draw(len(X), shape, rng)
        steps.append((transform, parameters))
        apart = transform.apply(apart, parameters)
        shape = transform.output_shape(shape)
    assert len(grouped(steps)) == 1
    np.testing.assert_array_equal(run_steps(X, steps), apart)


@pytest.mark.parametrize(
    "chain",
    [[aug.Crop((6, 6)), aug.Shift(2)], [aug.Shift(2), aug.Shift(1)]],
    ids=lambda chain: ", ".join(map(repr, chain)),
)
def test_a_border_that_would_show_what_was_cut_is_a_pass_of_its_own(chain):
    passes = aug.Compose(*chain).passes((3, 9, 9))
    assert len(passes.splitlines()) == 2


def test_a_vertical_flip_turns_rows():
    X = images()
    flipped = aug.Flip(p=1, axis="vertical")(X, np.random.default_rng(0))
    np.testing.assert_array_equal(flipped, X[:, :, ::-1])


@pytest.mark.parametrize("border", ["constant", "edge", "reflect"])
def test_padded_crops_come_from_everywhere(border):
    X = images(N=600)
    out = aug.Crop((9, 11), pad=2, border=border)(X, np.random.default_rng(0))
    padded = np.pad(X, ((0, 0), (0, 0), (2, 2), (2, 2)), mode=border)
    counts = np.zeros((5, 5), int)
    for image, frame in zip(out, padded, strict=True):
        found = [
            (i, j)
            for i in range(5)
            for j in range(5)
            if np.array_equal(image, frame[:, i : i + 9, j : j + 11])
        ]
        assert len(found) == 1
        counts[found[0]] += 1
    assert counts.min() > 5

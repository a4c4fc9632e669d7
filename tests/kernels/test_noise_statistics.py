"""Noise is normal and independent: of its neighbours, its pair, other channels and other seeds.

Tolerances are five standard errors. The bits of all instruction sets are the same: see test_noise.
"""

import numpy as np
import pytest
from scipy import stats

from cs231n import kernels


@pytest.fixture(scope="module")
def sample():
    """Images of adjacent seeds, (64, 3, 64, 64)."""
    zeros = np.zeros((64, 3, 64, 64), np.float32)
    return kernels.add_noise(zeros, np.arange(64), np.ones(64)).astype(float)


def test_moments_are_those_of_a_normal_distribution(sample):
    z = sample.ravel()
    for power, moment in enumerate([0, 1, 0, 3, 0, 15], start=1):
        error = (z**power).std() / np.sqrt(z.size)
        assert abs((z**power).mean() - moment) < 5 * error, power


def test_the_distribution_is_normal(sample):
    assert stats.kstest(sample.ravel(), "norm").pvalue > 0.01
    halves = sample.reshape(64, -1, 2, 128)
    for half in (halves[:, :, 0], halves[:, :, 1]):
        assert stats.kstest(half.ravel(), "norm").pvalue > 0.01
    far = np.abs(sample) > 4
    expected = 2 * stats.norm.sf(4) * sample.size  # 50
    assert abs(far.sum() - expected) < 5 * np.sqrt(expected)


NEIGHBOURS = {
    "columns": lambda z: (z[..., :-1], z[..., 1:]),
    "rows": lambda z: (z[..., :-1, :], z[..., 1:, :]),
    "channels": lambda z: (z[:, :-1], z[:, 1:]),
    "outer channels": lambda z: (z[:, 0], z[:, 2]),
    "adjacent seeds": lambda z: (z[:-1], z[1:]),
    "pairs": lambda z: tuple(z.reshape(64, -1, 2, 128).swapaxes(0, 2)),
    "blocks": lambda z: (z.reshape(64, -1, 256)[:, :-1], z.reshape(64, -1, 256)[:, 1:]),
}


@pytest.mark.parametrize("which", NEIGHBOURS)
@pytest.mark.parametrize("of", [np.positive, np.abs, np.square], ids=lambda f: f.__name__)
def test_neighbours_are_independent(sample, which, of):
    a, b = (of(part).ravel() for part in NEIGHBOURS[which](sample))
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(a.size)

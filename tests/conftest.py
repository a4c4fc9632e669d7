"""One Hypothesis profile for all tests: the same examples every time, nothing kept on disk."""

import pytest
from hypothesis import settings

from cs231n import kernels

settings.register_profile("fixed", derandomize=True, deadline=None, database=None, max_examples=100)
settings.load_profile("fixed")


@pytest.fixture
def two_threads():
    """Let the kernels use two threads during one test."""
    before = kernels.get_num_threads()
    kernels.set_num_threads(2)
    yield
    kernels.set_num_threads(before)

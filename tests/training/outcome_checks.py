"""What the tests of training share: comparing outcomes bit by bit."""

from dataclasses import fields

import numpy as np

TIMES = ("seconds", "averaging_seconds")


def assert_same_outcome(actual, expected):
    """Everything but the time it took must be the same to the last bit."""
    for field in fields(expected):
        if field.name not in TIMES:
            a, b = getattr(actual, field.name), getattr(expected, field.name)
            assert np.asarray(a).dtype == np.asarray(b).dtype, field.name
            np.testing.assert_array_equal(a, b, err_msg=field.name)


def without_times(results):
    """Return the results without what differs from run to run."""
    rungs = [{**rung, "seconds": None} for rung in results["rungs"]]
    return {**results, "rungs": rungs, "seconds": None, "date": None}

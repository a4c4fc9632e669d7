import numpy as np
import pytest

from cs231n import validation


@pytest.mark.parametrize("value", [1, 1.0, [[1, 2]], True, np.uint8(3), np.zeros((0, 2))])
def test_real_numbers_become_float_arrays(value):
    array = validation.as_float_array("x", value)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, value)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_a_float_array_is_returned_itself(dtype):
    value = np.ones(3, dtype=dtype)
    assert validation.as_float_array("x", value) is value


@pytest.mark.parametrize(
    "value",
    [1j, "one", None, object(), [None], b"1", np.array("2020", "M8[Y]"), np.array(3, "m8[s]")],
)
def test_what_is_not_real_is_refused(value):
    with pytest.raises(TypeError, match=r"^scores must hold real numbers, got dtype"):
        validation.as_float_array("scores", value)


def test_the_number_of_dimensions():
    with pytest.raises(ValueError, match=r"^x must have 2 dimensions, got shape \(3,\)$"):
        validation.as_float_array("x", np.ones(3), ndim=2)
    assert validation.as_float_array("x", 3.0, ndim=0) == 3


def test_as_shaped():
    assert validation.as_shaped("b", [1, 2], (2,), "to match w").dtype == np.float64
    with pytest.raises(ValueError, match=r"^b must have shape \(3,\) to match w, got \(2,\)$"):
        validation.as_shaped("b", [1, 2], (3,), "to match w")


@pytest.mark.parametrize("value", [0, 7, np.int8(7), 7.0, np.float32(7), np.array(7)])
def test_extents(value):
    extent = validation.as_extent("pad", value, minimum=0)
    assert type(extent) is int
    assert extent == value


@pytest.mark.parametrize("value", [0, -1, 2**31, 10**30, 1e30, -2.0])
def test_extents_out_of_range(value):
    with pytest.raises(ValueError, match=r"^stride must lie in \[1, 2147483647\], got"):
        validation.as_extent("stride", value, minimum=1)


@pytest.mark.parametrize("value", [1.5, "1", None, [1], float("nan"), float("inf"), 1j])
def test_extents_that_are_no_integer(value):
    with pytest.raises(TypeError, match=r"^stride must be an integer, got"):
        validation.as_extent("stride", value, minimum=1)


@pytest.mark.parametrize("value", [0, 0.5, 1, np.float32(0.25)])
def test_fractions(value):
    assert validation.as_fraction("p", value) == value


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_fractions_out_of_range(value):
    with pytest.raises(ValueError, match=r"^p must lie in \[0, 1\], got"):
        validation.as_fraction("p", value)


def test_fractions_above_zero():
    with pytest.raises(ValueError, match=r"^p must lie in \(0, 1\], got 0.0"):
        validation.as_fraction("p", 0, above_zero=True)
    for text in ("half", "0.5"):
        with pytest.raises(TypeError, match=rf"^p must be a number in \(0, 1\], got '{text}'"):
            validation.as_fraction("p", text, above_zero=True)


@pytest.mark.parametrize(
    ("size", "window", "pad", "stride"),
    [(5, 3, 0, 1), (5, 3, 0, 2), (6, 3, 0, 2), (5, 5, 0, 9), (1, 3, 1, 1), (0, 2, 2, 1)],
)
def test_output_extent_counts_windows(size, window, pad, stride):
    starts = [s for s in range(0, size + 2 * pad, stride) if s + window <= size + 2 * pad]
    assert validation.output_extent("height", size, window, pad, stride) == len(starts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((4, 7, 1, 1), r"^the window's width 7 is larger than the padded input's 4 \+ 2 \* 1 = 6$"),
        ((4, 0, 0, 1), "width and stride must be at least 1 .* got 0, 1 and 0$"),
        ((4, 1, 0, 0), "width and stride must be at least 1 .* got 1, 0 and 0$"),
        ((4, 1, -1, 1), "padding at least 0, got 1, 1 and -1$"),
    ],
)
def test_windows_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        validation.output_extent("width", *arguments)


def test_addressable():
    validation.addressable("pad", (2**40, 0, 2**40), np.dtype(float))
    validation.addressable("pad", (10, 10), np.dtype(float))
    with pytest.raises(ValueError, match=r"^pad asks for an array of shape \(\d+, \d+\), which is"):
        validation.addressable("pad", (2**40, 2**40), np.dtype(float))


def test_parameter_names_the_dict_and_its_keys():
    assert validation.parameter("p", {"a": None}, "a") is None
    with pytest.raises(ValueError, match=r"^p must have the key 'b', got the keys \['a', 1\]$"):
        validation.parameter("p", {"a": None, 1: 2}, "b")
    with pytest.raises(TypeError, match=r"^p must be a dict, got list$"):
        validation.parameter("p", ["b"], "b")


@pytest.mark.parametrize("value", [None, "TRAIN", 0, ["train"]])
def test_mode(value):
    assert validation.mode("p", {"mode": "train"}) == "train"
    with pytest.raises(ValueError, match=r"^p\['mode'\] must be 'train' or 'test', got"):
        validation.mode("p", {"mode": value})

"""Wrong calls, and what a layer may return that is no gradient: each is said in plain words."""

import re

import numpy as np
import pytest
from gradient_samples import (
    affine_backward,
    affine_forward,
    relu_backward,
    relu_forward,
    values,
)

from cs231n.gradient_check import (
    GradientError,
    check_gradients,
    check_loss_gradients,
)

# ------------------------------------------------------------------------------------ wrong calls

AFFINE = (affine_forward, affine_backward)
X, W, B = values(4, 3), values(3, 5), values(5)


@pytest.mark.parametrize(
    ("error", "words", "call"),
    [
        (
            TypeError,
            r"forward must be callable, got int",
            lambda: check_gradients(3, relu_backward, X),
        ),
        (
            TypeError,
            r"backward must be callable, got None",
            lambda: check_gradients(relu_forward, None, X),
        ),
        (TypeError, r"loss must be callable, got int", lambda: check_loss_gradients(3, X)),
        (
            TypeError,
            r"forward must return a tuple \(out, cache\), got a float64 array of shape \(4, 3\)",
            lambda: check_gradients(lambda x: x, relu_backward, X),
        ),
        (
            TypeError,
            r"forward must return a tuple \(out, cache\), got None",
            lambda: check_gradients(lambda x: None, relu_backward, X),
        ),
        (
            TypeError,
            r"out must be a float array .*, got an int64 array of shape \(4, 3\)",
            lambda: check_gradients(lambda x: ((x > 0).astype(np.int64), x), relu_backward, X),
        ),
        (
            TypeError,
            r"loss must return a tuple \(number, gradients\), got a tuple of length 3",
            lambda: check_loss_gradients(lambda x: (1.0, x, x), X),
        ),
        (
            TypeError,
            r"loss must return .* got \(a float64 array of shape \(4, 3\), None\)",
            lambda: check_loss_gradients(lambda x: (x, None), X),
        ),
        (
            TypeError,
            r"w must be an array of floats or integers, got an object array of shape \(3, 5\)",
            lambda: check_gradients(*AFFINE, X, W.astype(object), B),
        ),
        (
            TypeError,
            r"x must be an array of floats or integers, got a complex128 array",
            lambda: check_gradients(*AFFINE, X + 0j, W, B),
        ),
        (
            TypeError,
            r"x must be an array, got a list of floats; pass np.array\(x\)",
            lambda: check_gradients(*AFFINE, X.tolist(), W, B),
        ),
        (
            TypeError,
            r"x is an int64 array of shape \(4, 3\), so it is held constant, but backward returned",
            lambda: check_gradients(*AFFINE, np.ones((4, 3), np.int64), W, B),
        ),
        (
            ValueError,
            r"w must be finite, got nan at index \(2, 1\)",
            lambda: check_gradients(
                *AFFINE, X, np.where(np.arange(15).reshape(3, 5) == 11, np.nan, W), B
            ),
        ),
        (
            ValueError,
            r"nothing to differentiate \(x is float\); expected at least one float array",
            lambda: check_gradients(relu_forward, relu_backward, 3.0),
        ),
        (
            ValueError,
            r"nothing to differentiate \(there are none\)",
            lambda: check_gradients(*AFFINE),
        ),
        (
            ValueError,
            r"names must be 3 different names, one per input, got \['a', 'a', 'b'\]",
            lambda: check_gradients(*AFFINE, X, W, B, names=["a", "a", "b"]),
        ),
        (
            TypeError,
            "names must be a sequence of names",
            lambda: check_gradients(*AFFINE, X, W, B, names="xwb"),
        ),
        (
            ValueError,
            r"constants names \['mean'\], but the inputs are \['x', 'w', 'b'\]",
            lambda: check_gradients(*AFFINE, X, W, B, constants=["mean"]),
        ),
        (
            ValueError,
            "tolerance must be a positive",
            lambda: check_gradients(*AFFINE, X, W, B, tolerance=0),
        ),
        (ValueError, "h must be a positive", lambda: check_gradients(*AFFINE, X, W, B, h="small")),
        (
            ValueError,
            "max_elements must be a whole",
            lambda: check_gradients(*AFFINE, X, W, B, max_elements=0),
        ),
        (
            ValueError,
            "seed must be a whole number",
            lambda: check_gradients(*AFFINE, X, W, B, seed=None),
        ),
        (
            ValueError,
            r"out must keep its shape .* from \(2,\) to \(3,\)",
            lambda: check_gradients(
                lambda x: (x[x > 0], x), lambda dout, x: x * 0, np.array([1.0, 2.0, -1e-3])
            ),
        ),
    ],
)
def test_a_wrong_call_is_named(error, words, call):
    with pytest.raises(error, match=words):
        call()


def test_an_error_in_backward_keeps_its_type_and_gains_a_note():
    def backward(dout, cache):
        raise NotImplementedError("task 3")

    with pytest.raises(NotImplementedError, match="task 3") as caught:
        check_gradients(affine_forward, backward, X, W, B)
    notes = getattr(caught.value, "__notes__", ["dout of shape (4, 5)"])  # none before Python 3.11
    assert "dout of shape (4, 5)" in notes[0]


# -------------------------------------------------------------------- gradients unfit to compare


def with_db(db):
    def backward(dout, cache):
        return (*affine_backward(dout, cache)[:2], db(dout))

    return lambda: check_gradients(affine_forward, backward, X, W, B)


@pytest.mark.parametrize(
    ("words", "call"),
    [
        (r"^b: backward returned None.*constants=\['b'\]", with_db(lambda dout: None)),
        (
            r"^b: its gradient must be a float64 array of shape \(5,\), got str",
            with_db(lambda dout: "db"),
        ),
        (
            r"got an int64 array of shape \(5,\); np.zeros_like of an",
            with_db(lambda d: np.zeros(5, np.int64)),
        ),
        (r"got an object array", with_db(lambda dout: dout.sum(axis=0).astype(object))),
        (
            r"gradient is a float32 array .* loses digits",
            with_db(lambda d: d.sum(0).astype(np.float32)),
        ),
        (
            r"2 of 5 elements of its gradient are not finite, the first is nan at b\[1\]",
            with_db(lambda dout: np.array([1, np.nan, 1, np.inf, 1])),
        ),
        (
            r"backward returned 2 gradients, but forward has 3 differentiable inputs: x, w, b",
            lambda: check_gradients(
                affine_forward, lambda d, c: affine_backward(d, c)[:2], X, W, B
            ),
        ),
        (
            r"1 gradient, but .* has 2 differentiable inputs: x, w; held constant: b \(float",
            lambda: check_gradients(
                lambda x, w, b, p: affine_forward(x, w, b), lambda d, c: d, X, W, 0.0, {}
            ),
        ),
        (
            r"loss returned a dict with keys \['V'\], but the differentiable inputs are \['W'\]",
            lambda: check_loss_gradients(lambda W: (W.sum(), {"V": W}), W),
        ),
        (
            r"forward returned a float32 array of shape \(4, 3\) for float64 inputs",
            lambda: check_gradients(lambda x: (x.astype(np.float32), x), relu_backward, X),
        ),
        (
            r"forward returned inf at index \(1, 0\) of out",
            lambda: check_gradients(
                lambda x: (np.where(np.arange(12).reshape(4, 3) == 3, np.inf, x), x),
                relu_backward,
                X,
            ),
        ),
    ],
)
def test_what_is_no_gradient_is_said_so(words, call):
    with pytest.raises(GradientError) as caught:
        call()
    assert re.search(words, str(caught.value), re.MULTILINE)


def test_a_failure_tells_index_both_values_and_what_is_right():
    def backward(dout, cache):
        dx, dw, db = affine_backward(dout, cache)
        dw[2, 4] = 7.0
        return dx, dw, db

    with pytest.raises(AssertionError) as caught:
        check_gradients(affine_forward, backward, X, W, B, seed=3)
    dout = None

    def spy(given, cache):
        nonlocal dout
        dout = given
        return affine_backward(given, cache)

    check_gradients(affine_forward, spy, X, W, B, seed=3)
    right, lines = float((X.T @ dout)[2, 4]), str(caught.value).splitlines()
    assert lines[0] == "check failed for the gradient of w"
    assert lines[1] == "w: 1 of 15 measured elements are wrong (shape (3, 5))"
    error = abs(7 - right) / (7 + abs(right))
    found = re.fullmatch(
        r"  worst at w\[2, 4\]: analytic 7, numeric (\S+), relative error (\S+)", lines[2]
    )
    assert float(found.group(1)) == pytest.approx(right, rel=1e-7)
    assert float(found.group(2)) == pytest.approx(error, rel=0.1)
    assert (
        lines[3] == "  no known mistake fits: compare backward with the formula of dw, term by term"
    )
    assert [line[:2] for line in lines[4:]] == ["x:", "b:"]


def test_a_tolerance_that_is_wider_lets_a_small_error_pass():
    def check(tolerance):
        return check_gradients(
            lambda x: (x**2, x), lambda d, x: 2.0002 * x * d, values(3), tolerance=tolerance
        )

    assert check(1e-3).max_error == pytest.approx(5e-5, rel=1e-2)
    with pytest.raises(GradientError, match="three digits"):
        check(1e-6)

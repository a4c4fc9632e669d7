"""The functions of the course: numbers, printed lines and what they refuse."""

import random
import re
from types import SimpleNamespace

import numpy as np
import pytest

from cs231n.gradient_check import (
    eval_numerical_gradient,
    eval_numerical_gradient_array,
    eval_numerical_gradient_blobs,
    eval_numerical_gradient_net,
    grad_check_sparse,
    rel_error,
)


def values(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 2, shape)


def cubes(x):
    return float(np.sum(x**3))


# ------------------------------------------------------------------------------------- rel_error


def test_rel_error_is_the_formula_of_the_notebooks():
    x, y = np.array([1.0, -2.0, 0.0, 1e-12]), np.array([1.5, 2.0, 0.0, 0.0])
    assert rel_error(x, y) == 1.0
    assert rel_error(x[:1], y[:1]) == pytest.approx(0.5 / 2.5)
    assert rel_error(x[3:], y[3:]) == pytest.approx(1e-12 / 1e-8)


def test_rel_error_of_small_unsigned_integers_does_not_wrap_around():
    assert rel_error(np.array([1], np.uint8), np.array([2], np.uint8)) == pytest.approx(1 / 3)


def test_rel_error_of_nothing_is_zero_and_of_nan_is_nan():
    assert rel_error(np.zeros((0, 3)), np.zeros((0, 3))) == 0.0
    assert np.isnan(rel_error([np.nan, 1.0], [1.0, 1.0]))
    assert np.isnan(rel_error([np.inf], [np.inf]))


def test_rel_error_broadcasts_an_extra_axis():
    assert rel_error(values(2, 3), values(2, 3)[None]) == 0.0


def test_rel_error_names_both_shapes():
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(4,\)"):
        rel_error(np.zeros((2, 3)), np.zeros(4))


# ------------------------------------------------------------------------ eval_numerical_gradient


@pytest.mark.parametrize(
    "x",
    [
        values(2, 3),
        values(3, 2).T,
        values(4, 6)[::2, ::-2],
        np.asfortranarray(values(2, 3)),
        np.array(1.5),
        np.zeros((0, 3)),
    ],
    ids=["contiguous", "transposed", "strided", "fortran", "0-d", "empty"],
)
def test_gradient_is_right_for_every_memory_layout(x):
    before = x.copy()
    gradient = eval_numerical_gradient(cubes, x, verbose=False)
    assert gradient.shape == x.shape
    assert rel_error(gradient, 3 * x**2) < 1e-8
    assert np.array_equal(x, before)


def test_function_may_ignore_its_argument_and_see_the_change_in_place():
    x = values(3)
    assert rel_error(eval_numerical_gradient(lambda _: cubes(x), x, False), 3 * x**2) < 1e-8


def test_verbose_prints_index_and_value(capsys):
    eval_numerical_gradient(lambda x: np.sum(2 * x), np.zeros((1, 2)), h=0.5)
    assert capsys.readouterr().out == "(0, 0) 2.0\n(0, 1) 2.0\n"


def test_not_verbose_prints_nothing(capsys):
    eval_numerical_gradient(cubes, values(2), verbose=False)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("call_that_raises", [1, 2, 3, 4])
def test_x_is_restored_when_f_raises(call_that_raises):
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) == call_that_raises:
            raise RuntimeError("on purpose")
        return x.sum()

    x = values(2)
    before = x.copy()
    with pytest.raises(RuntimeError, match="on purpose"):
        eval_numerical_gradient(f, x, verbose=False)
    assert np.array_equal(x, before)


def test_one_element_arrays_count_as_numbers():
    gradient = eval_numerical_gradient(lambda x: np.sum(x * x, keepdims=True), values(2), False)
    assert rel_error(gradient, 2 * values(2)) < 1e-8


def test_f_that_returns_an_array_is_sent_to_the_other_function():
    with pytest.raises(ValueError, match=r"shape \(3,\).*eval_numerical_gradient_array"):
        eval_numerical_gradient(lambda x: x, values(3), verbose=False)


@pytest.mark.parametrize("dtype", [int, bool, np.uint8])
def test_integer_x_is_refused_with_the_reason(dtype):
    with pytest.raises(TypeError, match="steps of 1e-5 vanish in integers"):
        eval_numerical_gradient(cubes, np.ones(3, dtype=dtype), verbose=False)


@pytest.mark.parametrize("x", [[1.0, 2.0], 1.5, np.float64(1.5), np.ones(2, dtype=object), None])
def test_x_that_cannot_be_stepped_in_place_is_refused(x):
    with pytest.raises(TypeError, match="x must be a float array"):
        eval_numerical_gradient(cubes, x, verbose=False)


def test_read_only_x_is_refused():
    with pytest.raises(ValueError, match="x must be writeable"):
        eval_numerical_gradient(cubes, np.broadcast_to(1.0, (3,)), verbose=False)


def test_float32_warns_that_the_step_is_rounding_error():
    with pytest.warns(RuntimeWarning, match=r"x is float32.*astype\(np.float64\)") as caught:
        gradient = eval_numerical_gradient(cubes, np.ones(2, np.float32), verbose=False)
    assert gradient.dtype == np.float32
    assert caught[0].filename == __file__


def test_float32_with_a_sensible_step_is_silent_and_right():
    x = np.array([1.0, 2.0], np.float32)
    gradient = eval_numerical_gradient(lambda x: cubes(x.astype(float)), x, False, h=1e-2)
    assert rel_error(gradient, 3 * x**2) < 1e-4


def test_a_step_that_vanishes_in_rounding_is_an_error():
    with pytest.raises(ValueError, match=r"h = 1e-05 vanishes in the rounding of x\[1\]"):
        eval_numerical_gradient(cubes, np.array([1.0, 1e13]), verbose=False)


@pytest.mark.parametrize("h", [0, -1e-5, np.nan, np.inf])
def test_h_must_be_positive(h):
    with pytest.raises(ValueError, match="h must be a positive number"):
        eval_numerical_gradient(cubes, values(2), verbose=False, h=h)


# ------------------------------------------------------------------------- arrays, blobs, networks


def test_array_gradient_weighs_with_df():
    x, df = values(3, 4), values(3, 4, seed=1)
    assert rel_error(eval_numerical_gradient_array(np.sin, x, df), np.cos(x) * df) < 1e-7


def test_array_gradient_of_a_function_that_returns_its_own_buffer():
    buffer = np.zeros(3)

    def f(x):
        buffer[:] = x**2
        return buffer

    x = values(3)
    assert rel_error(eval_numerical_gradient_array(f, x, np.ones(3)), 2 * x) < 1e-8


def test_array_gradient_of_the_identity_which_returns_x_itself():
    assert rel_error(eval_numerical_gradient_array(lambda x: x, values(3), np.ones(3)), 1.0) < 1e-8


def test_df_that_does_not_fit_is_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"f\(x\), \(3, 4\), got \(4, 3\)"):
        eval_numerical_gradient_array(np.sin, values(3, 4), values(4, 3))


def blob(vals, diffs=None):
    return SimpleNamespace(vals=vals, diffs=diffs)


def test_blobs_and_net_agree_with_the_formula():
    x, w, out = blob(values(3, 2)), blob(values(2, 4)), blob(None, values(3, 4))

    def multiply(x, w, out):
        out.vals = x.vals @ w.vals

    net = SimpleNamespace(forward=lambda: multiply(x, w, out))
    for dx, dw in (
        eval_numerical_gradient_blobs(multiply, (x, w), out),
        eval_numerical_gradient_net(net, (x, w), out),
    ):
        assert rel_error(dx, out.diffs @ w.vals.T) < 1e-7
        assert rel_error(dw, x.vals.T @ out.diffs) < 1e-7


# ------------------------------------------------------------------------------ grad_check_sparse


LINE = re.compile(
    r"numerical: (-?\d+\.\d{6}) analytic: (-?\d+\.\d{6}), relative error: (\d\.\d{6}e[+-]\d\d)"
)


def test_sparse_check_prints_the_published_line_for_each_check(capsys):
    x = values(3, 4)
    assert grad_check_sparse(cubes, x, 3 * x**2) is None
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert all(float(LINE.fullmatch(line).group(3)) < 1e-6 for line in lines)


def test_sparse_check_draws_with_the_random_module(capsys):
    x, drawn = np.arange(12.0).reshape(3, 4), []
    random.seed(7)
    grad_check_sparse(lambda x: drawn.append(x.copy()) or 0.0, x, np.zeros((3, 4)), 4)
    moved = [tuple(int(i) for i in np.argwhere(seen != x)[0]) for seen in drawn[::2]]
    random.seed(7)
    assert moved == [(random.randrange(3), random.randrange(4)) for _ in range(4)]


def test_sparse_check_prints_zero_for_zero_over_zero(capsys):
    grad_check_sparse(lambda x: 1.0, values(3), np.zeros(3), num_checks=2)
    out = capsys.readouterr().out
    assert out.count("relative error: 0.000000e+00") == 2


def test_sparse_check_shows_a_wrong_gradient(capsys):
    x = np.array([2.0])
    grad_check_sparse(cubes, x, np.array([36.0]), num_checks=1)
    assert float(LINE.fullmatch(capsys.readouterr().out.strip()).group(3)) == pytest.approx(0.5)


def test_sparse_check_takes_0d_and_empty_arrays(capsys):
    grad_check_sparse(cubes, np.array(2.0), np.array(12.0), num_checks=1)
    grad_check_sparse(cubes, np.zeros((0, 2)), np.zeros((0, 2)))
    assert capsys.readouterr().out.count("numerical: 12.000000") == 1


def test_sparse_check_refuses_another_shape():
    with pytest.raises(ValueError, match=r"shape of x, \(2, 3\), got \(3, 2\)"):
        grad_check_sparse(cubes, values(2, 3), values(3, 2))

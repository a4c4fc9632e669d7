"""Planted mistakes: each must be found, and named as what it is."""

import re

import numpy as np
import pytest
from gradient_mistakes import (
    AFFINE,
    CASES,
    KEYS,
    failure,
    first_cause,
    planted,
    spoiled,
)
from gradient_samples import (
    affine_backward,
    affine_forward,
    relu_backward,
    relu_forward,
    values,
)

from cs231n.gradient_check import check_gradients


@pytest.mark.parametrize("case", CASES)
def test_the_planted_mistake_is_named(case):
    kind, check = CASES[case]
    cause = first_cause(failure(check))
    others = {k: words for k, words in KEYS.items() if k not in (kind, "factor")}
    assert KEYS[kind] in cause
    assert [k for k, words in others.items() if words in cause] == []


def test_every_kind_has_a_case():
    assert {kind for kind, _ in CASES.values()} == set(KEYS)


# --------------------------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("factor-N-softmax", "4 is x.shape[0]: a division by it is missing"),
        ("factor-1/N-softmax", "1/4 is 1 / x.shape[0]: divided by it once too often"),
        ("factor-mean-affine-b", "or a mean was taken where a sum belongs"),
        ("factor-2-affine", "a factor of 2 too much"),
        ("factor-half-norm", "a factor of 2 is missing"),
        ("factor-odd-conv", "every element is 0.731 times"),
        ("sign-N-softmax", "every element is -4 times the measured one; the sign is flipped; 4 is"),
        ("axis-affine-b-square", "it is over axis 1; sum over axis 0"),
        ("all-affine-b", "it is over axes 0, 1; sum over axis 0"),
        ("missing-axis-conv-b", "axis 3 is missing from the sum over axes 0, 2"),
        ("unreduced-affine-b", "b was spread over axis 0; sum over axis 0"),
        ("stale-lagging-norm", "before* this one"),
        ("stale-frozen-affine-w", "for the caches of two different forward calls"),
        ("regularisation-missing", "the error is -0.6 * w: the regularisation term"),
        ("mean-norm", "along axis 0: a term that is a sum or a mean"),
        ("row-affine-x", "in row 3 (index 3 of axis 0)"),
        ("column-affine-w", "in column 4 (index 4 of axis 1) and are 0: never filled"),
        ("channel-conv-x", "in channel 1 (index 1 of axis 1)"),
        ("border-conv-x", "at the border of the last two axes: look at the padding"),
        ("negative-relu", "where the input is negative"),
        ("kink-relu-at-0", "The check, not the gradient, may be at fault: move the input away"),
    ],
)
def test_the_particulars_are_said(case, words):
    assert words in first_cause(failure(CASES[case][1]))


def test_a_kink_shows_both_slopes():
    assert re.search(r"left -?0, to the right -?\d", failure(CASES["kink-relu-at-0"][1]))


def test_a_kink_does_not_hide_a_wrong_gradient_elsewhere():
    inputs = np.array([[0.0, 1.0], [-1.0, 2.0]])
    wrong = spoiled(relu_backward, 0, lambda g, *_: 3 * g)
    message = failure(lambda: check_gradients(relu_forward, wrong, inputs))
    assert "every element is 3 times" in first_cause(message)


def test_a_wrong_shape_gives_both_and_says_transposed():
    message = failure(CASES["transposed-affine-w-shape"][1])
    assert "w: its gradient has shape (5, 3), expected (3, 5), the shape of w" in message


def test_a_transposed_shape_with_wrong_values_is_told_apart():
    wrong = spoiled(affine_backward, 1, lambda g, *_: np.cos(g.T))
    message = failure(lambda: check_gradients(affine_forward, wrong, *AFFINE[2]))
    assert "the shape is that of the transpose" in first_cause(message)


def test_all_wrong_inputs_are_reported_each_with_its_cause():
    wrong = spoiled(affine_backward, 0, lambda g, *_: -g)
    wrong = spoiled(wrong, 2, lambda g, dout, _: dout.copy())
    message = failure(lambda: check_gradients(affine_forward, wrong, *AFFINE[2]))
    assert message.startswith("check failed for the gradient of x, b\n")
    assert "sign is flipped" in message
    assert "broadcast was not reduced" in message
    assert re.search(r"^w: 15 of 15 .*\(right\)$", message, re.MULTILINE)


def test_one_wrong_number_is_no_evidence_for_an_unnamed_factor():
    message = failure(
        lambda: check_gradients(lambda x: (x**2, x), lambda d, x: 2.9 * x * d, np.array(1.5))
    )
    assert "likely cause" not in message


@pytest.mark.parametrize("seed", range(5))
def test_random_nonsense_gets_no_diagnosis(seed):
    noise = values(4, 3, seed=seed + 50)
    message = failure(planted(AFFINE, 0, lambda g, dout, cache: noise * np.cos(cache[0])))
    assert "no known mistake fits" in message

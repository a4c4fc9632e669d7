"""The update rules in place: compiled and twin, against single Python floats and cs231n.optim."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import kernels, optim

SETS = kernels.instruction_sets() or ("NumPy",)
STEPS = 4
RATE, DECAY = 0.03, 0.2
# How many arrays of state each rule has, and its numbers behind the learning rate.
RULES = {
    "sgd": (kernels.sgd_update, 0, ()),
    "momentum": (kernels.momentum_update, 1, (0.9,)),
    "nesterov": (partial(kernels.momentum_update, nesterov=True), 1, (0.9,)),
    "rmsprop": (kernels.rmsprop_update, 1, (0.95, 1e-6)),
    "adam": (kernels.adam_update, 2, (0.8, 0.99, 1e-6)),
}


def one_number(rule, w, gradients, decay):
    """The rule for a single number that starts with no state: w and the state after all steps."""
    first = second = 0.0
    for t, dw in enumerate(gradients, start=1):
        g = dw + decay * w
        if rule == "sgd":
            w -= RATE * g
        elif rule == "momentum":
            first = 0.9 * first - RATE * g
            w += first
        elif rule == "nesterov":
            before, first = first, 0.9 * first - RATE * g
            w += -0.9 * before + 1.9 * first
        elif rule == "rmsprop":
            first = 0.95 * first + 0.05 * g * g
            w -= RATE * g / (math.sqrt(first) + 1e-6)
        else:
            first, second = 0.8 * first + 0.2 * g, 0.99 * second + 0.01 * g * g
            m, v = first / (1 - 0.8**t), second / (1 - 0.99**t)
            w -= RATE * m / (math.sqrt(v) + 1e-6)
    return w, first, second


def run(rule, w, gradients, state, **keywords):
    function, _, numbers = RULES[rule]
    for t, dw in enumerate(gradients, start=1):
        step = (t,) if rule == "adam" else ()
        assert function(w, dw, *state, *step, RATE, *numbers, **keywords) is None


def problem(rule, shape, dtype):
    gradients = values(STEPS, *shape).astype(dtype)
    state = [np.zeros(shape, dtype) for _ in range(RULES[rule][1])]
    return values(*shape, seed=1).astype(dtype), gradients, state


def check(rule, shape, dtype, decay):
    w, gradients, state = problem(rule, shape, dtype)
    start, copy = w.copy(), gradients.copy()
    run(rule, w, gradients, state, **({"weight_decay": decay} if decay else {}))
    np.testing.assert_array_equal(gradients, copy)
    eps = max(float(np.finfo(dtype).eps), 2.0**-52)
    for index in np.ndindex(shape):
        numbers = [float(g[index]) for g in gradients]
        right = one_number(rule, float(start[index]), numbers, decay)
        for actual, expected in zip((w, *state), right, strict=False):
            assert actual.dtype == dtype
            assert abs(float(actual[index]) - expected) <= 32 * eps * max(1, abs(expected))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("decay", [0.0, DECAY])
@pytest.mark.parametrize("shape", [(), (1,), (3, 5), (2, 3, 7, 5)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rules(machine, rule, decay, shape, dtype):
    check(rule, shape, dtype, decay)


@given(
    st.sampled_from(list(RULES)),
    st.lists(st.integers(0, 9), max_size=3).map(tuple),
    st.sampled_from(["float32", "float64", "float16", "longdouble", ">f4"]),
    st.sampled_from([0.0, DECAY]),
)
def test_any_shape_and_dtype(rule, shape, dtype, decay):
    check(rule, shape, np.dtype(dtype), decay)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_as_optim(machine, rule, dtype):
    w, gradients, state = problem(rule, (50, 41), dtype)
    names = {"momentum": "sgd_momentum", "nesterov": "nesterov_momentum"}
    keys = {
        "momentum": ("momentum",),
        "nesterov": ("momentum",),
        "rmsprop": ("decay_rate", "epsilon"),
        "adam": ("beta1", "beta2", "epsilon"),
    }
    config = {"learning_rate": RATE, **dict(zip(keys.get(rule, ()), RULES[rule][2], strict=True))}
    theirs = w.copy()
    for dw in gradients:
        theirs, config = getattr(optim, names.get(rule, rule))(theirs, dw, config)
    run(rule, w, gradients, state)
    np.testing.assert_allclose(w, theirs, rtol=0, atol=16 * np.finfo(dtype).eps)


@pytest.mark.parametrize("rule", RULES)
def test_torch_agrees(rule):
    torch = pytest.importorskip("torch")
    w, gradients, state = problem(rule, (30, 7), np.float64)
    theirs = torch.from_numpy(w.copy()).requires_grad_()
    steps = {
        "sgd": lambda: torch.optim.SGD([theirs], RATE, weight_decay=DECAY),
        "momentum": lambda: torch.optim.SGD([theirs], RATE, momentum=0.9, weight_decay=DECAY),
        "nesterov": lambda: torch.optim.SGD(
            [theirs], RATE, momentum=0.9, weight_decay=DECAY, nesterov=True
        ),
        "rmsprop": lambda: torch.optim.RMSprop([theirs], RATE, 0.95, 1e-6, DECAY),
        "adam": lambda: torch.optim.Adam([theirs], RATE, (0.8, 0.99), 1e-6, DECAY),
    }
    optimiser = steps[rule]()
    for dw in gradients:
        theirs.grad = torch.from_numpy(dw)
        optimiser.step()
    run(rule, w, gradients, state, weight_decay=DECAY)
    np.testing.assert_allclose(w, theirs.detach(), rtol=1e-12)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("change", [np.transpose, lambda a: a[::-1, ::2]])
def test_any_memory_layout(machine, rule, change):
    w, gradients, state = problem(rule, (6, 8), np.float32)
    strided = [change(array.copy()) for array in (w, *state)]
    expected = [np.ascontiguousarray(array) for array in strided]
    changed = [change(dw) for dw in gradients]
    for dw in gradients:
        dw.flags.writeable = False
    run(rule, strided[0], changed, strided[1:], weight_decay=DECAY)
    run(rule, expected[0], changed, expected[1:], weight_decay=DECAY)
    for one, other in zip(strided, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_unaligned_parameters(machine):
    w = np.zeros(41, np.uint8)[1:].view(np.float32)
    kernels.sgd_update(w, np.ones(10), 0.5)
    assert w.tolist() == [-0.5] * 10


def test_a_gradient_that_overlaps_the_parameters(machine):
    memory = values(105).astype(np.float32)
    w, dw = memory[5:], memory[:-5]
    expected = w - np.float32(0.5) * dw
    kernels.sgd_update(w, dw, 0.5)
    np.testing.assert_allclose(w, expected, rtol=1e-6, atol=1e-6)
    kernels.sgd_update(w, w, 1.0)
    assert not w.any()


def test_without_decay_the_gradient_alone_counts(machine):
    w = np.full(40, np.inf, np.float32)
    kernels.sgd_update(w, np.ones(40, np.float32), 0.5)
    assert (w == np.inf).all()


@pytest.mark.parametrize("rule", RULES)
def test_wrong_arrays_are_refused(rule):
    w, (dw, *_), state = problem(rule, (3, 4), np.float32)
    before = w.copy()
    with pytest.raises(ValueError, match=r"dw must have the shape of w \(3, 4\), got \(4, 3\)"):
        run(rule, w, [dw.T], state)
    with pytest.raises(TypeError, match="w must hold floating-point numbers, got dtype int64"):
        run(rule, w.astype(np.int64), [dw], state)
    for i in range(len(state)):
        for wrong in (np.zeros((4, 3), np.float32), np.zeros((3, 4))):
            moved = [*state[:i], wrong, *state[i + 1 :]]
            with pytest.raises(ValueError, match=r"must have the shape \(3, 4\) and dtype float32"):
                run(rule, w, [dw], moved)
    for array in (w, *state):
        array.flags.writeable = False
        with pytest.raises(ValueError, match="must be writeable: it is changed in place"):
            run(rule, w, [dw], state)
        array.flags.writeable = True
    np.testing.assert_array_equal(w, before)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((0, RATE, 0.9, 0.99, 1e-8), r"t must lie in \[1, "),
        ((1, RATE, 1.0, 0.99, 1e-8), r"beta1 must lie in \[0, 1\), got 1.0"),
        ((1, RATE, 0.9, 1.0, 1e-8), r"beta2 must lie in \[0, 1\), got 1.0"),
        ((1, RATE, -0.1, 0.9, 1e-8), r"beta1 must lie in \[0, 1\), got -0.1"),
    ],
)
def test_wrong_numbers_are_refused(numbers, message):
    w, dw, m, v = np.zeros((4, 3), np.float32)
    with pytest.raises(ValueError, match=message):
        kernels.adam_update(w, dw, m, v, *numbers)

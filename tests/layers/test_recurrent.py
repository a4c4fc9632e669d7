"""RNN and LSTM against loops, against PyTorch, against numbers."""

import math

import numpy as np
import pytest
from layer_table import LAYERS
from oracles import numerical_gradient, run_python, values, worst_element

from cs231n import rnn_layers
from cs231n.rnn_layers import (
    lstm_backward,
    lstm_forward,
    lstm_step_backward,
    lstm_step_forward,
    rnn_backward,
    rnn_forward,
    rnn_step_backward,
    rnn_step_forward,
    sigmoid,
)

N, T, D, H = 3, 4, 5, 2
NAMES = ("x", "h0", "Wx", "Wh", "b")
CELLS = {"rnn": (rnn_forward, rnn_backward, 1), "lstm": (lstm_forward, lstm_backward, 4)}
every_cell = pytest.mark.parametrize("cell", CELLS)


def arguments(gates, steps=T, scale=1.0):
    """The input x (N, T, D), the state h (N, H), and weights."""
    shapes = [(N, steps, D), (N, H), (D, gates * H), (H, gates * H), (gates * H,)]
    return [scale * values(*shape, seed=i) for i, shape in enumerate(shapes)]


def squash(a):
    return 1 / (1 + math.exp(-a))


def preactivation(x, h, Wx, Wh, b, k):
    """Column k of the sum, for one example, one product at a time."""
    total = float(b[k])
    total += sum(float(x[d]) * float(Wx[d, k]) for d in range(len(x)))
    return total + sum(float(h[j]) * float(Wh[j, k]) for j in range(len(h)))


def rnn_by_hand(x, h, Wx, Wh, b):
    out = np.zeros((*x.shape[:2], h.shape[1]))
    for n in range(len(x)):
        state = h[n]
        for t in range(x.shape[1]):
            sums = [preactivation(x[n, t], state, Wx, Wh, b, k) for k in range(len(state))]
            out[n, t] = state = np.array([math.tanh(a) for a in sums])
    return out


def lstm_by_hand(x, h, Wx, Wh, b, c=None):
    size = h.shape[1]
    out, cells = np.zeros((2, *x.shape[:2], size))
    for n in range(len(x)):
        state, cell = h[n], np.zeros(size) if c is None else c[n]
        for t in range(x.shape[1]):
            a = [preactivation(x[n, t], state, Wx, Wh, b, k) for k in range(4 * size)]
            i, f, o = ([squash(v) for v in a[k * size : (k + 1) * size]] for k in range(3))
            g = [math.tanh(v) for v in a[3 * size :]]
            cell = np.array([f[k] * cell[k] + i[k] * g[k] for k in range(size)])
            state = np.array([o[k] * math.tanh(cell[k]) for k in range(size)])
            out[n, t], cells[n, t] = state, cell
    return out, cells


# ---- forward ----


def test_rnn_forward_is_what_a_loop_gives():
    given = arguments(1)
    np.testing.assert_allclose(rnn_forward(*given)[0], rnn_by_hand(*given), rtol=1e-12)


def test_lstm_forward_is_what_a_loop_gives():
    given = arguments(4)
    np.testing.assert_allclose(lstm_forward(*given)[0], lstm_by_hand(*given)[0], rtol=1e-12)


def test_rnn_steps_are_the_sequence():
    x, h, *weights = arguments(1)
    whole, _ = rnn_forward(x, h, *weights)
    for t in range(T):
        h, _ = rnn_step_forward(x[:, t], h, *weights)
        np.testing.assert_allclose(h, whole[:, t], rtol=1e-12)


def test_lstm_steps_are_the_sequence_and_keep_a_cell():
    x, h, *weights = arguments(4)
    c = values(N, H, seed=9)
    expected = lstm_by_hand(x, h, *weights, c=c)
    for t in range(T):
        h, c, _ = lstm_step_forward(x[:, t], h, c, *weights)
        np.testing.assert_allclose(h, expected[0][:, t], rtol=1e-12)
        np.testing.assert_allclose(c, expected[1][:, t], rtol=1e-12)


def test_an_rnn_step_that_can_be_followed_on_paper():
    """The two sums are 0.5 and -0.5."""
    x, h = np.ones((2, 3)), np.zeros((2, 2))
    Wx, b = np.array([[0.1, -0.2]] * 3), np.array([0.2, 0.1])
    next_h, _ = rnn_step_forward(x, h, Wx, np.eye(2), b)
    np.testing.assert_allclose(next_h, [[math.tanh(0.5), math.tanh(-0.5)]] * 2, rtol=1e-15)


@pytest.mark.parametrize(("gate", "closed"), [(0, "input"), (1, "forget"), (2, "output")])
def test_each_gate_shuts_what_it_is_named_after(gate, closed):
    b = np.full(4 * H, 50.0)
    b[gate * H : (gate + 1) * H] = -50
    x, h, c = np.zeros((1, D)), np.zeros((1, H)), np.full((1, H), 0.5)
    h, c, _ = lstm_step_forward(x, h, c, np.zeros((D, 4 * H)), np.zeros((H, 4 * H)), b)
    expected_c = {"input": 0.5, "forget": 1.0, "output": 1.5}[closed]
    np.testing.assert_allclose(c, [[expected_c] * H], atol=1e-12)
    expected_h = 0 if closed == "output" else math.tanh(expected_c)
    np.testing.assert_allclose(h, [[expected_h] * H], atol=1e-12)


def test_the_cell_of_a_sequence_begins_with_zero():
    x, h0, Wx, Wh, b = arguments(4, steps=1)
    next_h, _, _ = lstm_step_forward(x[:, 0], h0, np.zeros((N, H)), Wx, Wh, b)
    np.testing.assert_allclose(lstm_forward(x, h0, Wx, Wh, b)[0][:, 0], next_h, rtol=1e-12)


@every_cell
def test_no_steps_leave_the_state_alone(cell):
    forward, backward, gates = CELLS[cell]
    h, cache = forward(*arguments(gates, steps=0))
    assert h.shape == (N, 0, H)
    dx, dh0, *dweights = backward(h, cache)
    assert dx.shape == (N, 0, D)
    np.testing.assert_array_equal(dh0, np.zeros((N, H)))
    assert all((dw == 0).all() for dw in dweights)


@every_cell
def test_huge_sums_neither_overflow_nor_warn(cell):
    forward, backward, gates = CELLS[cell]
    h, cache = forward(*arguments(gates, scale=1e4))
    assert np.isfinite(h).all()
    assert all(np.isfinite(gradient).all() for gradient in backward(np.ones_like(h), cache))


def test_sigmoid_is_stable_and_exact():
    x = np.array([-1e4, -745.0, -40.0, -1.0, 0.0, 1.0, 40.0, 1e4])
    expected = [0.0, math.exp(-745), math.exp(-40), squash(-1), 0.5, squash(1), 1.0, 1.0]
    np.testing.assert_allclose(sigmoid(x), expected, rtol=1e-14)
    assert sigmoid(np.float32([3])).dtype == np.float32


# ---- backward ----


@every_cell
def test_gradients_of_a_sequence_with_more_inputs_than_states(cell):
    forward, backward, gates = CELLS[cell]
    given = dict(zip(NAMES, arguments(gates, scale=0.7), strict=True))
    h, cache = forward(*given.values())
    dh = values(*h.shape, seed=8)
    for name, gradient in zip(NAMES, backward(dh, cache), strict=True):

        def moved(value, name=name):
            return forward(*{**given, name: value}.values())[0]

        error, index = worst_element(gradient, numerical_gradient(moved, given[name], dh))
        assert error <= 1e-7, f"d{name}{list(index)}: {error:.1e}"


@pytest.mark.parametrize("through", ["h", "c", "both"])
def test_gradients_of_an_lstm_step_through_both_outputs(through):
    x, h, *weights = arguments(4)
    names = ("x", "prev_h", "prev_c", "Wx", "Wh", "b")
    given = dict(zip(names, [x[:, 0], h, values(N, H, seed=6), *weights], strict=True))
    dnext_h = values(N, H, seed=7) * (through != "c")
    dnext_c = values(N, H, seed=8) * (through != "h")
    *_, cache = lstm_step_forward(*given.values())
    gradients = lstm_step_backward(dnext_h, dnext_c, cache)
    dout = np.stack([dnext_h, dnext_c])
    for name, gradient in zip(names, gradients, strict=True):

        def moved(value, name=name):
            return np.stack(lstm_step_forward(*{**given, name: value}.values())[:2])

        error, index = worst_element(gradient, numerical_gradient(moved, given[name], dout))
        assert gradient.shape == given[name].shape
        assert error <= 1e-7, f"d{name}{list(index)}: {error:.1e}"


def test_rnn_backward_is_its_steps_added_up():
    x, h0, *weights = arguments(1)
    h, cache = rnn_forward(x, h0, *weights)
    dh = values(*h.shape, seed=8)
    state, caches = h0, []
    for t in range(T):
        state, step_cache = rnn_step_forward(x[:, t], state, *weights)
        caches.append(step_cache)
    dprev, dx, sums = np.zeros((N, H)), np.zeros_like(x), [0, 0, 0]
    for t in reversed(range(T)):
        dx[:, t], dprev, *parts = rnn_step_backward(dh[:, t] + dprev, caches[t])
        sums = [a + b for a, b in zip(sums, parts, strict=True)]
    for actual, expected in zip(rnn_backward(dh, cache), [dx, dprev, *sums], strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-14)


def rows_for_torch(values_by_gate, cell):
    """PyTorch keeps (gates * H, inputs), with the LSTM's gates in the order i, f, g, o."""
    if cell == "lstm":
        i, f, o, g = np.split(values_by_gate, 4, axis=-1)
        values_by_gate = np.concatenate([i, f, g, o], axis=-1)
    return values_by_gate.T.copy()


@every_cell
def test_pytorch_agrees(cell):
    torch = pytest.importorskip("torch")
    forward, backward, gates = CELLS[cell]
    x, h0, Wx, Wh, b = arguments(gates)
    h, cache = forward(x, h0, Wx, Wh, b)
    dh = values(*h.shape, seed=8)
    dx, dh0, *dweights = backward(dh, cache)

    module = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM}[cell](D, H, batch_first=True).double()
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.from_numpy(rows_for_torch(Wx, cell)))
        module.weight_hh_l0.copy_(torch.from_numpy(rows_for_torch(Wh, cell)))
        module.bias_ih_l0.copy_(torch.from_numpy(rows_for_torch(b, cell)))
        module.bias_hh_l0.zero_()
    tx, th0 = (torch.from_numpy(a).requires_grad_() for a in (x, h0[None]))
    state = th0 if cell == "rnn" else (th0, torch.zeros(1, N, H, dtype=torch.float64))
    th, _ = module(tx, state)
    th.backward(torch.from_numpy(dh))
    np.testing.assert_allclose(h, th.detach().numpy(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(dx, tx.grad.numpy(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(dh0, th0.grad.numpy()[0], rtol=1e-10, atol=1e-12)
    theirs = (module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0)
    for ours, weight in zip(dweights, theirs, strict=True):
        expected = weight.grad.numpy()
        np.testing.assert_allclose(rows_for_torch(ours, cell), expected, rtol=1e-10, atol=1e-12)


# ---- what is refused ----


@every_cell
@pytest.mark.parametrize(
    ("position", "shape", "message"),
    [
        (0, (N, D), r"x must have 3 dimensions, got shape \(3, 5\)"),
        (1, (N + 1, H), r"h0 must have a row for each of the 3 examples.*got shape \(4, 2\)"),
        (1, (N, 1, H), r"h0 must have 2 dimensions, got shape \(3, 1, 2\)"),
        (2, (D + 1, H), r"Wx must have shape \(5, \d\) to match x .* and h0 .*, got \(6, 2\)"),
        (3, (H, H + 1), r"Wh must have shape \(2, \d\) to match .*, got \(2, 3\)"),
        (4, (1,), r"b must have shape \(\d,\) to match .*, got \(1,\)"),
    ],
)
def test_shapes_that_do_not_match(cell, position, shape, message):
    forward, _, gates = CELLS[cell]
    given = arguments(gates)
    given[position] = np.ones(shape)
    with pytest.raises(ValueError, match=f"^{message}$"):
        forward(*given)


def test_a_cell_that_does_not_match():
    x, h, *weights = arguments(4)
    with pytest.raises(ValueError, match=r"^prev_c must have shape \(3, 2\) as prev_h has"):
        lstm_step_forward(x[:, 0], h, np.ones((N, 1)), *weights)
    *_, cache = lstm_step_forward(x[:, 0], h, h, *weights)
    with pytest.raises(ValueError, match=r"^dnext_c must have shape \(3, 2\)"):
        lstm_step_backward(h, np.ones((1, H)), cache)
    with pytest.raises(ValueError, match=r"^dnext_h must have shape \(3, 2\)"):
        lstm_step_backward(np.ones(H), h, cache)


def test_the_state_is_named_as_published():
    x, h, *weights = arguments(1)
    with pytest.raises(ValueError, match=r"^prev_h must have a row"):
        rnn_step_forward(x[:, 0], h[:1], *weights)
    cache = rnn_forward(x, h, *weights)[1]
    with pytest.raises(ValueError, match=r"^dh must have shape"):
        rnn_backward(h, cache)


# ---- the published face ----


def test_every_backward_is_in_the_table():
    in_table = {getattr(layer.backward, "__wrapped__", layer.backward) for layer in LAYERS}
    backwards = {name for name in dir(rnn_layers) if name.endswith("_backward")}
    missing = {name for name in backwards if getattr(rnn_layers, name) not in in_table}
    # Words are no numbers to differentiate by: test_recurrent_words.py has it.
    assert missing == {"word_embedding_backward"}


def test_a_star_import_gives_the_published_names_and_no_submodules():
    code = "from cs231n.rnn_layers import *; print(sorted(n for n in dir() if n[0] != '_'))"
    names = run_python(code).stdout
    assert "'lstm_step_backward'" in names
    assert "'np'" in names
    assert "'affine_backward'" in names
    assert not any(f"'{name}'" in names for name in ("rnn", "lstm", "embedding", "temporal"))

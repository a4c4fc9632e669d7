"""What a plan allocates, where arrays lie, and that a steady step allocates nothing."""

import inspect
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n import kernels
from cs231n.nets import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    DropConnect,
    Dropout,
    FractionalMaxPool,
    GroupNorm,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    Network,
    ReLU,
    Residual,
    Scale,
)
from cs231n.nets import plan as plans
from cs231n.nets.memory import Block, arrange
from cs231n.nets.placing import place
from cs231n.nets.steps import Need
from nets.samples import NETWORKS, sample

RULES = ("sgd", "sgd_momentum", "rmsprop", "adam")


def vgg(width=64):
    layers = []
    for filters in (width, 2 * width, 4 * width):
        layers += [Conv(filters, bias=False), BatchNorm(), ReLU()] * 2 + [MaxPool()]
    return place([*layers, Affine(10)], (3, 32, 32))


def live(plan):
    """The bytes that are in use at the busiest tick: no arrangement needs less."""
    ticks = range(-1, 3 * len(plan.steps) + 1)
    return max(sum(b.size for b in plan.blocks if b.first <= t <= b.last) for t in ticks)


@given(
    st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 20), st.integers(0, 20)), max_size=20)
)
def test_blocks_that_live_together_lie_apart(triples):
    blocks = [Block(size, min(a, b), max(a, b)) for size, a, b in triples]
    total = arrange(blocks)
    for block, (size, *_) in zip(blocks, triples, strict=True):
        assert size <= block.size < size + 64
        assert block.offset % 64 == 0
        assert block.offset + block.size <= total
    for i, one in enumerate(blocks):
        for other in blocks[:i]:
            together = one.first <= other.last and other.first <= one.last
            apart = one.offset + one.size <= other.offset or other.offset + other.size <= one.offset
            assert apart or not together


def test_memory_of_the_vgg_step():
    # All convolutions' outputs, all that the next convolution reads, the largest pool's input,
    # the winners, the input: nothing else, and the gradients lie where these are needed no more.
    plan = plans.Plan(vgg(16), 8, np.dtype(np.float32), training=True)
    per_image = 4 * 3 * 32 * 32
    for filters, size in ((16, 32), (32, 16), (64, 8)):
        maps = 4 * filters * size**2
        per_image += 3 * maps + maps // 4 + maps // 16
    per_image += 4 * 16 * 32 * 32
    assert live(plan) <= plan.memory.nbytes <= 1.02 * live(plan)
    assert plan.memory.nbytes <= 8 * per_image + 64 * len(plan.blocks)


def test_a_gradient_lies_where_its_activation_is_needed_no_more():
    layers = place([*[Conv(8)] * 4, Affine(10)], (8, 16, 16))
    plan = plans.Plan(layers, 4, np.dtype(np.float32), training=True)
    maps, scores = 4 * 4 * 8 * 16 * 16, 4 * 4 * 10 + 64
    assert plan.memory.nbytes <= 5 * maps + 2 * scores  # the input and what the convolutions give


def test_inference_takes_turns_in_two_buffers():
    plan = plans.Plan(vgg(16), 8, np.dtype(np.float32), training=False)
    assert plan.memory.nbytes == 8 * 2 * 4 * 16 * 32 * 32


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("training", [True, False])
def test_every_array_is_aligned_and_little_is_wasted(name, training):
    network = sample(name, np.float32)[0]
    plan = plans.Plan(network.placed, 5, np.dtype(np.float32), training)
    assert plan.memory.nbytes <= 1.25 * live(plan)
    for step in plan.steps:
        arrays = [step.x, step.out, *step.extra.values()]
        arrays += [getattr(step, a) for a in ("dout", "dx") if getattr(step, a, None) is not None]
        for array in (*arrays, *plan.grads.values()):
            assert array.ctypes.data % 64 == 0
            assert array.flags.c_contiguous


# What the kernels read while they write the gradient on the input.
READ_LATE = {
    "BatchNormStep": ("x",),
    "LayerNormStep": ("x", "dout", "mean", "var"),
    "ReLUStep": ("out",),
    "GELUStep": ("x",),
    "GroupNormStep": ("x", "mean", "var"),
    "LocalResponseNormStep": ("x",),
    "LeakyReLUStep": ("out",),
    "ScaleStep": (),
    "SumStep": (),
    "MaxPoolStep": ("dout", "winners"),
    "AvgPoolStep": ("dout",),
    "ConvStep": ("masked",),
    "GroupedConvStep": ("masked",),
    "DropConnectStep": ("masked",),
    "FractionalMaxPoolStep": ("dout", "winners"),
    "AffineStep": ("masked",),
    "DropoutStep": (),
    "ChannelDropoutStep": ("factors",),
}
NEVER_IN_PLACE = {"LayerNormStep", "MaxPoolStep", "AvgPoolStep", "ConvStep", "AffineStep"}
NEVER_IN_PLACE |= {"GroupedConvStep", "DropConnectStep", "FractionalMaxPoolStep"}


@pytest.mark.parametrize("name", NETWORKS)
def test_no_gradient_is_written_over_what_its_kernel_reads(name):
    """Kernels that work in pieces would see it, even where their NumPy twins would not."""
    plan = plans.Plan(sample(name)[0].placed, 3, np.dtype(float), training=True)
    for step in (plan.steps[i] for i in plan.learning):
        if step.dx is None:
            continue
        kind = type(step).__name__
        arrays = {"x": step.x, "out": step.out, "dout": step.dout, "masked": step.masked}
        late = READ_LATE[kind]
        if kind == "MaxPoolStep" and not step.extra:
            late = ("dout", "x", "out")
        for array in late:
            assert not np.may_share_memory(step.dx, {**arrays, **step.extra}[array]), (kind, array)
        same = step.dx.ctypes.data == step.dout.ctypes.data
        assert same or not np.may_share_memory(step.dx, step.dout)
        assert not (same and kind in NEVER_IN_PLACE)


class Memory:
    """What each byte of a plan's memory holds; a read finds there what it expects, or fails."""

    def __init__(self, plan):
        self.first = plan.memory.ctypes.data
        self.holds = np.zeros(plan.memory.nbytes, int)
        self.numbers = {}

    def bytes_of(self, array):
        first = array.ctypes.data - self.first
        return self.holds[first : first + array.nbytes]

    def write(self, array, content):
        self.bytes_of(array)[...] = self.numbers.setdefault(content, len(self.numbers) + 1)

    def read(self, array, content):
        assert (self.bytes_of(array) == self.numbers[content]).all(), content


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_array_holds_what_it_should_when_it_is_read(name, training):
    plan = plans.Plan(sample(name)[0].placed, 3, np.dtype(float), training)
    memory = Memory(plan)
    memory.write(plan.input, 0)
    for step in plan.steps:
        write_scratch(step, memory, backward=False)
        for r, array in zip(step.reads, (step.x, step.other), strict=False):
            memory.read(array, r)
        memory.write(step.out, step.writes)
        read_scratch(step, memory, backward=False)
        for key, array in step.extra.items():
            memory.write(array, (key, step.writes))
    last = plan.steps[-1].writes
    memory.read(plan.scores, last)
    if not training:
        return
    memory.write(plan.dscores, "dscores")
    gradients = {last: "dscores"}
    for i in reversed(plan.learning):
        step = plan.steps[i]
        run_backward(step, memory, gradients)
    assert set(gradients) <= {last, *(r for i in plan.learning for r in plan.steps[i].reads)}


def write_scratch(step, memory, backward):
    for name, array in step.scratch[backward].items():
        memory.write(array, (name, backward, step.writes))


def read_scratch(step, memory, backward):
    for name, array in step.scratch[backward].items():
        memory.read(array, (name, backward, step.writes))


def run_backward(step, memory, gradients):
    write_scratch(step, memory, backward=True)
    given = gradients.pop(step.writes)
    memory.read(step.dout, given)
    if step.needs_out is not Need.NOT:
        memory.read(step.out, step.writes)
    if step.masks_dout:
        given = ("masked", step.writes)
        memory.write(step.masked, given)
    if step.needs_x is not Need.NOT:
        memory.read(step.x, step.reads[0])
    for key, array in step.extra.items():
        memory.read(array, (key, step.writes))
    if len(step.reads) == 1 and step.dx is not None:
        dout, given = given, ("dx", step.writes)
        if type(step).__name__ in NEVER_IN_PLACE:
            memory.write(step.dx, given)
            memory.read(step.masked, dout)
        memory.write(step.dx, given)
        read_scratch(step, memory, backward=True)
        if step.needs_x is Need.LATE:
            memory.read(step.x, step.reads[0])
        if step.needs_out is Need.LATE:
            memory.read(step.out, step.writes)
    sums = list(step.sums)
    for r in step.reads if step.dx is not None or len(step.reads) > 1 else ():
        if r in gradients:
            a, b, total = sums.pop(0)
            memory.read(a, gradients[r])
            memory.read(b, given)
            gradients[r] = ("sum", r, step.writes)
            memory.write(total, gradients[r])
        else:
            gradients[r] = given
    assert not sums


def test_fusion():
    layers = [Conv(3), ReLU(), Conv(3), BatchNorm(), ReLU(), MaxPool(), ReLU(), Dropout(0.5)]
    layers += [Affine(5), ReLU(), Dropout(1), Affine(5), Dropout(0.5), ReLU(), Affine(4)]
    network = Network(layers, (2, 6, 6))
    labels = {
        training: [
            step.label for step in plans.Plan(network.placed, 1, np.dtype("f4"), training).steps
        ]
        for training in (True, False)
    }
    assert labels[True] == [
        "Conv(filters=3) + ReLU",
        "Conv(filters=3)",
        "BatchNorm() + ReLU",
        "MaxPool()",
        "ReLU()",
        "Dropout()",
        "Affine(units=5) + ReLU",
        "Affine(units=5)",
        "Dropout()",
        "ReLU()",
        "Affine(units=4)",
    ]
    assert labels[False] == [
        *labels[True][:5],
        "Affine(units=5) + ReLU",
        "Affine(units=5) + ReLU",
        "Affine(units=4)",
    ]


def test_the_algorithm_is_chosen_by_shape_and_dtype():
    layers = [Conv(16), Conv(16), Conv(16, stride=2), Conv(16, 5), Affine(4)]

    def chosen(dtype):
        plan = plans.Plan(place(layers, (3, 8, 8)), 1, np.dtype(dtype), training=True)
        return [step.algorithm for step in plan.steps[:4]]

    fast = "winograd" if kernels.is_compiled() else "direct"
    assert chosen(np.float32) == ["direct", fast, "direct", fast]
    assert chosen(np.float64) == ["direct"] * 4


def steady(network, X, y, **keywords):
    """The most memory that a step takes beyond what was there before it."""
    for _ in range(3):
        network.step(X, y, **keywords)
    tracemalloc.start()
    try:
        network.step(X, y, **keywords)
        network.step(X[:-1], y[:-1], **keywords)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        network.step(X, y, **keywords)
        network.step(X[:-1], y[:-1], **keywords)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def large(dtype=np.uint8):
    layers = [Conv(16), ReLU(), Conv(16, bias=False), BatchNorm(), ReLU(), MaxPool(), Dropout(0.8)]
    layers += [AvgPool(), Affine(100), LayerNorm(), ReLU(), Affine(10)]
    X = np.random.default_rng(0).integers(255, size=(32, 3, 32, 32)).astype(dtype)
    return Network(layers, reg=0.1, seed=0), X, np.arange(32) % 10


class Idle:
    """Kernels that do nothing, so that what the network itself allocates is seen."""

    def __getattr__(self, name):
        return (
            (lambda *args, **kw: (1.0, None)) if name == "softmax_loss" else lambda *a, **kw: None
        )


@pytest.mark.parametrize("rule", RULES)
def test_a_steady_step_allocates_nothing_beside_the_kernels(rule, monkeypatch):
    network, X, y = large()
    network.step(X, y, update=rule)
    for module in ("network", "updates", *(f"steps.{name}" for name in STEP_MODULES)):
        monkeypatch.setattr(f"cs231n.nets.{module}.kernels", Idle())
    assert steady(network, X, y, update=rule) < 20_000


STEP_MODULES = ("base", "convolution", "affine", "normalization", "pooling", "pointwise")


@pytest.mark.skipif(not kernels.is_compiled(), reason="the NumPy twins allocate")
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_a_steady_step_allocates_nothing_of_size(rule, dtype):
    network, X, y = large(dtype)
    assert steady(network, X / 255 if dtype != np.uint8 else X, y, update=rule) < 100_000


def every_kind():
    """A network of all the other layers, large enough to see what they allocate."""
    block = (GroupNorm(4), ReLU(), Conv(16, groups=4), GELU(), Conv(16, dilation=2))
    layers = [Conv(16, frozen=True), LeakyReLU(0.1), FractionalMaxPool(1.5), Residual(block)]
    layers += [ReLU(), Scale(0.5), LocalResponseNorm(), MaxPool(3, 2, 1, ceil=True)]
    layers += [Residual((Conv(32, 3, 2, bias=False), BatchNorm(scale=False)), (Conv(32, 1, 2),))]
    layers += [Dropout(0.8, by_channel=True), AvgPool(3, 2, 1), DropConnect(100, keep=0.5), GELU()]
    X = np.random.default_rng(0).integers(255, size=(32, 3, 32, 32), dtype=np.uint8)
    return Network([*layers, Affine(10, bias=False)], reg=0.1, seed=0), X, np.arange(32) % 10


@pytest.mark.skipif(not kernels.is_compiled(), reason="the NumPy twins allocate")
def test_a_steady_step_of_every_kind_of_layer_allocates_nothing_of_size():
    network, X, y = every_kind()
    assert steady(network, X, y) < 150_000


def test_profile_names_the_layers_inside_blocks():
    network, X, y = every_kind()
    names = [row.name for row in network.profile(X[:4], y[:4], steps=1).layers]
    assert "GroupNorm(groups=4) + ReLU" in names
    assert "Conv(filters=16, groups=4)" in names
    assert "Sum() + ReLU" in names


def test_memory_is_allocated_once():
    network, X, y = large()
    network.loss(X, y)
    plan = network._plans["training"]
    for N in (32, 1, 5, 31, 32, *range(2, 20)):
        network.loss(X[:N], y[:N])
        network.loss(X[:N])
    assert network._plans["training"] is plan
    network.loss(np.concatenate([X, X]), np.concatenate([y, y]))
    assert network._plans["training"].capacity == 64


def test_profile():
    network, X, y = large()
    params = {name: w.copy() for name, w in network.params.items()}
    state = {name: a.copy() for name, a in network.state.items()}
    result = network.profile(X, y, steps=2)
    assert all(np.array_equal(params[name], w) for name, w in network.params.items())
    assert all(np.array_equal(state[name], a) for name, a in network.state.items())
    rows = {row.name: row for row in result.layers}
    assert list(rows)[:3] == [
        "Conv(filters=16) + ReLU",
        "Conv(filters=16, bias=False)",
        "BatchNorm() + ReLU",
    ]
    assert sum(row.share for row in result.layers) == pytest.approx(100)
    times = sum(row.forward_ms + row.backward_ms for row in result.layers)
    assert times == pytest.approx(result.step_ms)
    # Of the first layer there is no gradient on the input: two passes, not three.
    for name, passes, C in (
        ("Conv(filters=16) + ReLU", 2, 3),
        ("Conv(filters=16, bias=False)", 3, 16),
    ):
        row = rows[name]
        flops = 2 * 32 * passes * 32 * 32 * 16 * C * 9
        assert row.gflops == pytest.approx(flops / (row.forward_ms + row.backward_ms) / 1e6)
        assert row.megabytes == 32 * 16 * 32 * 32 * 4 / 1e6
    lines = str(result).splitlines()
    assert len(lines) == len(result.layers) + 2
    assert lines[0].split()[:4] == ["layer", "output", "fwd", "ms"]
    assert "batch 32" in lines[-1]
    with pytest.raises(ValueError, match="steps must lie in"):
        network.profile(X, y, steps=0)


def test_no_timer_runs_in_a_normal_step():
    assert "time" not in vars(inspect.getmodule(Network))

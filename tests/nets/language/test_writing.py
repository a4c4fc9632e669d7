"""Every possible list of specs is written as text that reads as the same list."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n.nets import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Constant,
    Conv,
    Dirac,
    DropConnect,
    Dropout,
    Flatten,
    FractionalMaxPool,
    GlobalAvgPool,
    Glorot,
    GrahamUniform,
    GroupNorm,
    He,
    Initial,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    Network,
    Normal,
    ReLU,
    Residual,
    Scale,
    Spec,
    describe,
    parse,
)
from cs231n.nets.language.vocabulary import BY_NAME, BY_SPEC, INITIALS, WORDS

extents = st.integers(1, 2**31 - 1) | st.integers(1, 5)
pads = st.integers(0, 2**31 - 1) | st.integers(0, 3)
flags = st.booleans()
reals = st.floats(allow_nan=False) | st.sampled_from([0.1, 2**0.5, -1.0, 1e-5, 3 ** (1 / 3)])
positive = st.floats(0, allow_nan=False)
units = st.floats(0, 1)
keeps = st.floats(0, 1, exclude_min=True) | st.just(0.5)
plain = (
    st.sampled_from([He(), Glorot(), GrahamUniform(2**0.5)])
    | st.builds(Normal, st.floats(0, allow_infinity=False))
    | st.builds(Constant, reals)
    | st.builds(GrahamUniform, reals)
)
initials = st.recursive(plain, lambda inner: st.builds(Dirac, inner), max_leaves=3)


@st.composite
def convs(draw):
    groups = draw(st.just(1) | st.integers(1, 40))
    filters = draw(st.integers(1, (2**31 - 1) // groups) | st.integers(1, 5)) * groups
    rest = [draw(s) for s in (extents, extents, st.none() | pads, flags, extents)]
    return Conv(filters, *rest, groups, draw(flags), draw(initials), draw(reals))


@st.composite
def pools(draw):
    size = draw(extents)
    pad = draw(st.integers(0, size - 1) | st.just(0))
    return draw(st.sampled_from([MaxPool, AvgPool]))(
        size, draw(st.none() | extents), pad, draw(flags)
    )


leaves = st.one_of(
    st.sampled_from(
        [ReLU(), GELU(), Flatten(), GlobalAvgPool(), MaxPool(), Conv(64), BatchNorm(), Dropout()]
    ),
    convs(),
    pools(),
    st.builds(
        FractionalMaxPool,
        st.floats(1, 2, exclude_min=True, exclude_max=True) | st.sampled_from([2**0.5]),
        st.sampled_from(["random", "pseudorandom"]),
        flags,
        st.none() | extents,
    ),
    st.builds(Affine, extents, flags, initials, reals),
    st.builds(DropConnect, extents, flags, initials, reals, keeps),
    st.builds(LeakyReLU, units),
    st.builds(Scale, st.floats(-1e30, 1e30)),
    st.builds(Dropout, keeps, flags),
    st.builds(BatchNorm, positive, units, flags),
    st.builds(LayerNorm, positive),
    st.builds(GroupNorm, extents, positive),
    st.builds(LocalResponseNorm, extents, positive, positive, st.floats(0, exclude_min=True)),
)


def stacks(layers):
    """Lists in which neighbours often repeat."""
    groups = st.tuples(st.lists(layers, min_size=1, max_size=3), st.integers(1, 4))
    return st.lists(groups, min_size=1, max_size=4).map(
        lambda parts: [layer for group, count in parts for layer in group * count]
    )


specs = st.recursive(
    leaves,
    lambda inner: st.builds(Residual, stacks(inner), st.just(()) | stacks(inner)),
    max_leaves=4,
)


@settings(max_examples=100, deadline=None)
@given(stacks(specs))
def test_text_reads_as_what_was_written(layers):
    assert parse(describe(layers)) == layers


def subclasses(cls):
    for sub in cls.__subclasses__():
        if sub.__module__.startswith("cs231n."):
            yield sub
            yield from subclasses(sub)


def test_every_spec_and_every_way_to_begin_has_a_word():
    # A pool is none of its own; a sum stands only where placing has put it.
    bases = {sub for sub in subclasses(Spec) if sub.__name__ in ("Pool", "Sum")}
    assert set(BY_SPEC) == set(subclasses(Spec)) - bases
    assert set(INITIALS.values()) == set(subclasses(Initial))
    assert len(BY_SPEC) == len(WORDS)
    assert len(BY_NAME) == sum(1 + len(word.synonyms) for word in WORDS)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_examples_of_the_table_are_right(word):
    assert isinstance(parse(word.example)[0], word.spec)


@pytest.mark.parametrize(
    ("layers", "text"),
    [
        ([ReLU()], "relu"),
        ([ReLU()] * 3, "relu*3"),
        ([Conv(8), ReLU()] * 2, "[conv3-8 relu]*2"),
        (([Conv(8), ReLU()] * 2 + [MaxPool()]) * 3, "[[conv3-8 relu]*2 pool2]*3"),
        ([ReLU(), Conv(8), ReLU(), Conv(8), GELU()], "[relu conv3-8]*2 gelu"),
        ([MaxPool(), *[ReLU(), MaxPool()] * 2, GELU()], "pool2 [relu pool2]*2 gelu"),
        ([*[MaxPool(), ReLU()] * 2, GELU()], "[pool2 relu]*2 gelu"),
        ([Dropout(0.8), Dropout()], "dropout:keep=0.8 dropout0.5"),
        ([Conv(8, 5, 2, 0, False)], "conv5-8/2:pad=0,bias=no"),
        ([AvgPool(3, 2, ceil=True), MaxPool(2, 2)], "avgpool3/2:ceil pool2/2"),
        ([FractionalMaxPool(2**0.5), FractionalMaxPool(2 ** (1 / 3))], "fmp√2 fmp∛2"),
        (
            [Residual((Conv(8), ReLU(), Conv(8), ReLU()), (Conv(8, 1),))] * 2,
            "residual([conv3-8 relu]*2 | conv1-8)*2",
        ),
        ([Conv(8, initial=Dirac(Normal(0.1)))], "conv3-8:init=dirac(normal(0.1))"),
    ],
)
def test_what_it_looks_like(layers, text):
    assert describe(layers) == text
    assert parse(text) == layers


def nested(depth):
    layers = (Conv(8, initial=Normal(0.1)), ReLU()) * 2
    for _ in range(depth):
        layers = (Residual(layers),) * 2
    return list(layers)


@pytest.mark.parametrize("depth", [1, 2, 3, 34, 35, 36, 37, 38, 39])
def test_what_is_nested_as_deep_as_the_reader_takes(depth):
    # Twice as long a level deeper, were it not folded: only the innermost blocks are doubled then.
    layers = nested(min(depth, 3))
    for _ in range(depth - 3):
        layers = [Residual(layers)]
    assert parse(describe(layers)) == layers


def test_what_cannot_be_written_is_refused():
    layers = [Conv(8)]
    for _ in range(600):
        layers = [Residual(layers)]
    with pytest.raises(ValueError, match="nested"):
        describe(layers)

    class Mine(ReLU):
        pass

    class Begin(Initial):
        pass

    for spec in (Mine(), Conv(8, initial=Begin()), Conv(8, initial=Constant(float("nan")))):
        with pytest.raises(ValueError, match=r"Mine|Begin|nan"):
            describe([ReLU(), spec])


def test_a_networks_string_is_its_description():
    layers = ["[conv3-4 relu]*2 pool2", Dropout(0.9), "fc-10"]
    network = Network(layers, (1, 8, 8), seed=0)
    assert str(network) == "[conv3-4 relu]*2 pool2 dropout:keep=0.9 fc-10"
    assert tuple(parse(str(network))) == network.layers
    assert str(pickle.loads(pickle.dumps(network))) == str(network)


def test_a_network_with_a_way_to_begin_of_the_users_own_can_be_printed():
    class Begin(Glorot):
        pass

    network = Network([Affine(2, initial=Begin())], (3,), seed=0)
    assert str(network) == repr(network)

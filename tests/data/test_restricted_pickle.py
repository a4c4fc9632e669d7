"""What plain data becomes; ``test_pickle_attacks`` has what must be refused."""

import collections
import io
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n.data import restricted_load

ARRAYS = {
    "float": np.arange(6.0).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "transposed": np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2),
    "strided": np.arange(20)[::3],
    "bool": np.array([True, False]),
    "half": np.ones(3, np.float16),
    "complex": np.array([1 + 2j]),
    "text": np.array(["ab", "ü"]),
    "bytes": np.array([b"x", b"yz"]),
    "empty": np.zeros((0, 3)),
    "scalar array": np.array(3.5),
    "big endian": np.arange(3, dtype=">i4"),
    "large": np.arange(1000, dtype=np.uint8),
    "read-only": np.frombuffer(b"abcd", np.uint8),
}
VALUES = [None, True, False, 0, -1, 255, 65536, 2**70, -(2**70), 1.5, -0.0, 2j, "", "ü\n", "'", b""]
VALUES += [b"\xff'\n", (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [[1]], {}, {"a": {1: 2}}]
VALUES += [set(), {1, "a"}, frozenset([1]), {(1, "a"): 2}, np.float32(2.5), np.int64(-3)]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name, protocol):
    data = pickle.dumps({name: ARRAYS[name]}, protocol)
    wanted, found = pickle.loads(data)[name], restricted_load(data)[name]
    assert type(found) is np.ndarray
    assert found.dtype == wanted.dtype
    assert found.strides == wanted.strides
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_values(value, protocol):
    found = restricted_load(pickle.dumps(value, protocol))
    assert found == value
    assert type(found) is type(value)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(plain, st.integers(0, 5))
def test_any_plain_value(value, protocol):
    assert restricted_load(pickle.dumps(value, protocol)) == value


def test_an_ordered_dict_comes_back_as_a_dict():
    ordered = collections.OrderedDict([("b", 1), ("a", 2)])
    for protocol in range(6):
        found = restricted_load(pickle.dumps(ordered, protocol))
        assert type(found) is dict
        assert list(found.items()) == [("b", 1), ("a", 2)]


def test_what_is_shared_stays_shared():
    part = np.zeros(3)
    for protocol in range(6):
        first, second = restricted_load(pickle.dumps([part, part], protocol))
        assert first is second


def test_a_list_may_hold_itself():
    loop = []
    loop.append(loop)
    found = restricted_load(pickle.dumps(loop))
    assert found[0] is found


# What Python 2 and NumPy 1 wrote: the same instructions as in CIFAR-10's files.
OLD_DTYPE = b"cnumpy\ndtype\n(U\x02u1I0\nI1\ntR(I3\nU\x01|NNNI-1\nI-1\nI0\ntb"
OLD_ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR"
OLD_ARRAY += b"(I1\n(I2\nt" + OLD_DTYPE + b"I00\nU\x02\x01\xfftb"
OLD = b"\x80\x02}(U\x04data" + OLD_ARRAY + b"U\x01kU\x02\xe9au."


@pytest.mark.parametrize(
    ("encoding", "key", "text"), [("latin1", "data", "éa"), ("bytes", b"data", b"\xe9a")]
)
def test_python_2_strings_and_arrays(encoding, key, text):
    found = restricted_load(OLD, encoding)
    np.testing.assert_array_equal(found[key], np.array([1, 255], np.uint8))
    assert list(found.values())[1] == text


def test_python_2_strings_that_are_not_ascii_say_what_to_do():
    with pytest.raises(pickle.UnpicklingError, match="try encoding='latin1' or 'bytes'"):
        restricted_load(OLD)


def test_python_2_text_protocol():
    assert restricted_load(b"(S'a\\xff\\n'\nS\"b\"\ntp0\n.", "latin1") == ("a\xff\n", "b")


def test_a_file_is_read_and_left_open():
    file = io.BytesIO(pickle.dumps([1]))
    assert restricted_load(file) == [1]
    assert not file.closed


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((b".", "utf-8"), ValueError, "encoding is 'utf-8'; expected one of ASCII, latin1, bytes"),
        (("text",), TypeError, "file_or_bytes is a str; expected bytes or a file"),
        ((io.StringIO("text"),), TypeError, "file_or_bytes reads str"),
        ((None,), TypeError, "file_or_bytes is a NoneType"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, words):
    with pytest.raises(error, match=words):
        restricted_load(*arguments)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_cut_anywhere_is_refused(protocol):
    data = pickle.dumps({"a": [np.arange(3), (1.5, "text", b"raw", {1})]}, protocol)
    for size in range(len(data)):
        with pytest.raises(pickle.UnpicklingError):
            restricted_load(data[:size])


def test_damaged_bytes_never_raise_anything_else():
    data = pickle.dumps({"a": [np.arange(3), (1.5, "text", b"raw", {1})]}, 2)
    rng = np.random.default_rng(0)
    for _ in range(3000):
        damaged = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            damaged[place] = rng.integers(0, 256)
        try:
            restricted_load(bytes(damaged))
        except pickle.UnpicklingError:
            continue


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "array",
    [
        np.array({1: "cat", 2: [1.5, None]}, object),
        np.array([["a"], 3, None], object),
        np.array([[1, "a"], [2, "b"]], object),
        np.array([], object),
    ],
    ids=lambda array: str(array.shape),
)
def test_arrays_of_plain_objects_if_asked_for(array, protocol):
    data = pickle.dumps([array], protocol)
    with pytest.raises(pickle.UnpicklingError, match="refused"):
        restricted_load(data)
    found = restricted_load(data, objects=True)[0]
    assert (found.dtype, found.shape) == (np.dtype(object), array.shape)
    assert found.tolist() == array.tolist()

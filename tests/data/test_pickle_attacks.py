"""Pickles that try to run code, smuggle objects or eat memory: none may load."""

import copyreg
import os
import pickle
import struct
import tracemalloc

import numpy as np
import pytest

from cs231n.data import restricted_load


def refused(data, words, encoding="latin1"):
    with pytest.raises(pickle.UnpicklingError, match=words):
        restricted_load(data, encoding)


class Call:
    """Pickles as a call of ``function`` with ``arguments``."""

    def __init__(self, function, *arguments):
        self.reduced = (function, arguments)

    def __reduce__(self):
        return self.reduced


class Plain:
    pass


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("call", "name"),
    [
        (Call(os.system, "exit 1"), r"(posix|nt)\.system"),
        (Call(eval, "1"), r"(builtins|__builtin__)\.eval"),
        (Call(exec, "1"), r"\.exec"),
        (Call(getattr, "a", "upper"), r"\.getattr"),
        (Call(__import__, "os"), r"\.__import__"),
        (Call(open, "x", "w"), r"io\.open"),
        (Call(bytearray, 10**12), r"\.bytearray"),
        (Call(range, 10**12), r"range"),
        (Call(np.load, "x"), r"numpy\.load"),
        (Call(np.zeros, 10**12), r"numpy\..*zeros"),
        (Call(np.ndarray, (10**12,)), "ndarray|more memory|damaged"),
        (Call(np.memmap, "x"), r"numpy\..*memmap"),
        (Plain(), r"(test_pickle_attacks\.Plain|copyreg?\._reconstructor|copy_reg)"),
        (np.ma.zeros(2), r"numpy\.ma"),
        (np.float32, r"numpy\.float32"),
        (len, r"\.len"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_other_names_are_refused_by_name(call, name, protocol):
    refused(pickle.dumps([call], protocol), name)


@pytest.mark.parametrize(
    "name",
    [
        "os\nsystem",
        "numpy\nload",
        "numpy.f2py\ncompile",
        "numpy\nndarray.tofile",
        "codecs\nencode",
        "_codecs\ndecode",
        "builtins\nset.__class__",
        "numpy.core.multiarray\nfromfile",
        "\n",
        "a\n",
        "numpy\ndtype.__class__",
        "cs231n.data\nload",
        "__main__\nx",
        "numpy core\nx",
    ],
)
def test_names_are_compared_whole(name):
    refused(b"c" + name.encode() + b"\n.", "refused")
    module, attribute = (part.encode() for part in name.split("\n"))
    short = b"\x8c" + bytes([len(module)]) + module + b"\x8c" + bytes([len(attribute)]) + attribute
    refused(b"\x80\x04" + short + b"\x93.", "refused")


def test_nothing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for protocol in range(6):
        refused(pickle.dumps(Call(os.system, "touch ran"), protocol), "system")
    refused(b"ios\nsystem\n(S'touch ran'\no.", "instruction")
    refused(b"(S'touch ran'\nios\nsystem\n.", "instruction INST at byte 14 is refused")
    refused(b"(cos\nsystem\nS'touch ran'\no.", r"os\.system")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (b"P1\n.", "PERSID"),
        (b"K\x01Q.", "BINPERSID"),
        (b"\x82\x01.", "EXT1"),
        (b"\x83\x01\x00.", "EXT2"),
        (b"\x84\x01\x00\x00\x00.", "EXT4"),
        (b"(o.", "OBJ"),
        (b"))\x81.", "NEWOBJ"),
        (b"))}\x92.", "NEWOBJ_EX"),
        (b"\x97.", "NEXT_BUFFER"),
        (b"\x98.", "READONLY_BUFFER"),
    ],
)
def test_other_instructions_are_refused_by_name(code, name):
    refused(b"\x80\x05" + code, f"instruction {name} at byte")


def test_the_extension_registry_is_not_asked():
    copyreg.add_extension("os", "system", 0x7FFF)
    try:
        refused(b"\x80\x02\x83\xff\x7f(S'true'\ntR.", "EXT2")
    finally:
        copyreg.remove_extension("os", "system", 0x7FFF)


@pytest.mark.parametrize(
    "data",
    [
        b"cnumpy\nndarray\n.",
        b"(lcnumpy\ndtype\na.",
        b"}S'k'\nc_codecs\nencode\ns.",
        b"(c__builtin__\nset\nt.",
        b"cnumpy\ndtype\n(S'u1'\ntR.",
    ],
)
def test_the_recipes_themselves_do_not_come_out(data):
    refused(data, "itself, which is refused")


@pytest.mark.parametrize(
    "target",
    [b"c_codecs\nencode\n", b"cnumpy\nndarray\n", b"]", b"}", b"\x8f", b"K\x01", b"X\x01\0\0\0a"],
)
@pytest.mark.parametrize("state", [b"}S'build'\nNs", b"(N}S'__class__'\nNst", b"N"])
def test_nothing_else_can_be_given_a_state(target, state):
    refused(b"\x80\x04" + target + state + b"b.", "sets up a .*refused")


def test_a_finished_array_cannot_be_given_another_state():
    array = pickle.dumps(np.arange(3, dtype=np.uint8), 2)[:-1]
    refused(array + b"(K\x01)NNNtb.", "sets up a ndarray")


@pytest.mark.parametrize("target", [b"]", b"K\x01", b"S'a'\n", b"cnumpy\nndarray\n)R"])
def test_nothing_else_can_be_called(target):
    refused(target + b")R.", "calls a|is refused|state")


def dtype(name, state=b"(K\x03X\x01\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t"):
    name = b"X" + struct.pack("<I", len(name)) + name
    return b"cnumpy\ndtype\n(" + name + b"\x89\x88tR" + state + b"b"


def array(shape, kind, raw, start=b"(K\0t"):
    head = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + start + b"C\x01btR"
    return b"\x80\x05" + head + b"(K\x01" + shape + kind + b"\x89" + raw + b"tb."


TEN = b"C\x0a0123456789"


def test_the_builder_of_these_tests_builds_arrays():
    found = restricted_load(array(b"(K\x0at", dtype(b"u1"), TEN))
    assert found.tobytes() == b"0123456789"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (array(b"(K\x02t", dtype(b"O"), b"](K\x01K\x02e"), "dtype 'O', which is refused"),
        (array(b"(K\x02t", dtype(b"u1"), b"](K\x01K\x02e"), "arrays of objects are refused"),
        (array(b"(K\x02t", dtype(b"f4,O"), TEN), "dtype 'f4,O'"),
        (array(b"(K\x02t", dtype(b"(9999,9999)f8"), TEN), "which is refused"),
        (array(b"(K\x02t", dtype(b"V5"), TEN), "dtype 'V5'"),
        (array(b"(K\x02t", dtype(b"M8[s]"), TEN), "dtype 'M8"),
        (array(b"(K\x02t", dtype(b"S0"), b"C\0"), "dtype 'S0'"),
        (array(b"(K\x02t", dtype(b"S"), b"C\0"), "dtype 'S'"),
        (array(b"(K\x0at", dtype(b"u1\n"), TEN), "which is refused"),
        (array(b"(K\x0at", b"N", TEN), "dtype is a NoneType"),
        (array(b"(K\x0at", b"cnumpy\ndtype\n", TEN), "dtype is a Recipe"),
        (array(b"(K\x0bt", dtype(b"u1"), TEN), r"shape \(11,\) and dtype uint8 has 10 bytes"),
        (array(b"(K\x09t", dtype(b"u1"), TEN), r"shape \(9,\)"),
        (array(b"(J\xff\xff\xff\xffJ\xf6\xff\xff\xfft", dtype(b"u1"), TEN), "sizes of 0 or more"),
        (array(b"(\x88t", dtype(b"u1"), b"C\x01a"), "sizes of 0 or more"),
        (array(b"N", dtype(b"u1"), TEN), "shape is None"),
        (array(b"(\x8a\x08" + b"\xff" * 7 + b"\x7ft", dtype(b"u1"), TEN), "has 10 bytes"),
        (array(b"(K\x0at", dtype(b"u1"), TEN, b"(\x8a\x05\0\0\0\0\x10t"), r"expected \(0,\)"),
        (array(b"(K\0t", dtype(b"u1"), TEN, b"(J\xff\xff\xff\x7ft"), r"expected \(0,\)"),
        (array(b"(" + b"K\x01" * 99 + b"t", dtype(b"u1"), b"C\x01a"), "sizes of 0 or more"),
        (array(b"(K\x0at", dtype(b"u1", b"N"), TEN), "state None"),
        (array(b"(K\x0at", dtype(b"u1", b"(K\x03X\x01\0\0\0|N)}JJ\0\0\0K\0K\0t"), TEN), "state"),
    ],
)
def test_arrays_that_lie_are_refused(data, words):
    refused(data, words)


def test_fields_that_smuggle_objects_are_refused():
    record = np.zeros(2, [("a", "f4"), ("b", "O")])
    objects = np.array([Plain(), None], object)
    for protocol in range(6):
        refused(pickle.dumps(record, protocol), "which is refused")
        refused(pickle.dumps(objects, protocol), "refused")


def test_an_array_without_bytes_is_refused():
    head = b"cnumpy\n_x\n"
    refused(b"\x80\x05" + head, "refused")
    start = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\x01btR."
    refused(b"\x80\x05" + start, "started and never filled")


@pytest.mark.parametrize("arguments", [b"S'a'\nS'rot13'\n", b"K\x01S'latin1'\n", b"S'a'\nS'hex'\n"])
def test_encode_knows_latin1_only(arguments):
    refused(b"c_codecs\nencode\n(" + arguments + b"tR.", "_codecs.encode with")


def peak_of(data):
    """Return the most memory that a refused pickle took."""
    tracemalloc.start()
    try:
        with pytest.raises(pickle.UnpicklingError):
            restricted_load(data, "latin1")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# One string of 100,000 letters, used again and again through the memo.
BIG = b"X" + struct.pack("<I", 100_000) + b"a" * 100_000
MANY = 2000


@pytest.mark.parametrize(
    "data",
    [
        b"\x8e" + struct.pack("<Q", 2**40) + b"a.",  # BINBYTES8
        b"\x96" + struct.pack("<Q", 2**40) + b"a.",  # BYTEARRAY8
        b"\x8d" + struct.pack("<Q", 2**62) + b"a.",  # BINUNICODE8
        b"T\xff\xff\xff\x7fa.",  # BINSTRING
        b"\x95" + struct.pack("<Q", 2**62) + b"K\x01",  # FRAME
        b"]r\xff\xff\xff\x7fa",  # LONG_BINPUT: a memo of 2 billion places
        b"\x8b\xff\xff\xff\x7f1.",  # LONG4
        b"c_codecs\nencode\nq\1" + BIG + b"X\6\0\0\0latin1\x86q\2" + b"h\1h\2R" * MANY + b".",
        b"c__builtin__\nset\nq\1](" + b"K\1" * 50_000 + b"e\x85q\2" + b"h\1h\2R" * MANY + b".",
    ],
    ids=["bytes8", "bytearray8", "text8", "string", "frame", "memo", "long4", "encode", "set"],
)
def test_small_files_cannot_take_much_memory(data):
    assert peak_of(b"\x80\x05" + data) < 100 * len(data) + 1_000_000


def test_deep_nesting_neither_crashes_nor_recurses():
    deep = restricted_load(b"\x80\x02)" + b"\x85" * 200_000 + b".")
    while deep:
        (deep,) = deep
    refused(b"\x80\x02})" + b"\x85" * 200_000 + b"K\x01s.", "a tuple is used as a key")
    refused(b"\x80\x04\x8f()" + b"\x85" * 200_000 + b"\x90.", "a tuple is used as a key")
    refused(b"\x80\x04()" + b"\x85" * 200_000 + b"\x91.", "a tuple is used as a key")


def test_sharing_a_list_many_times_is_not_walked_many_times():
    # Thirty lists, each holding the one before twice: a billion leaves if followed blindly.
    data = b"\x80\x04]\x94" + b"".join(
        b"](h" + bytes([i]) + b"h" + bytes([i]) + b"e\x94" for i in range(30)
    )
    assert len(restricted_load(data + b".")) == 2


@pytest.mark.parametrize("code", [b"]K\x01\x86a.", b"(.", b".", b"a.", b"h\x05.", b"\x86.", b"R."])
def test_nonsense_is_refused(code):
    refused(b"\x80\x02" + code, "pickle")


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value", [Call(os.system, "exit 1"), Plain(), len, np.float32, np.ma.zeros(2)], ids=str
)
def test_arrays_of_objects_let_nothing_else_in(value, protocol):
    boxed = np.empty((1, 2), object)
    boxed[0, 1] = [{"in": (value,)}]
    with pytest.raises(pickle.UnpicklingError, match="refused"):
        restricted_load(pickle.dumps(boxed, protocol), objects=True)


OBJECTS = dtype(b"O8")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (array(b"(K\x02t", OBJECTS, b"](K\x01e"), "lacks its list"),
        (array(b"(K\x02t", OBJECTS, b"(K\x01K\x02t"), "lacks its list"),
        (array(b"(K\x02t", OBJECTS, b"C\x10" + bytes(16)), "lacks its list"),
        (array(b"(J\xff\xff\xff\xfft", OBJECTS, b"]"), "expected sizes of 0 or more"),
        (array(b"(K\x01t", OBJECTS, b"](cnumpy\nndarray\ne"), "ndarray itself"),
        (b"cnumpy.core.multiarray\nscalar\n(" + OBJECTS + b"C\x08" + bytes(8) + b"tR.", "bytes"),
    ],
)
def test_addresses_and_gaps_in_arrays_of_objects_are_refused(data, words):
    with pytest.raises(pickle.UnpicklingError, match=words):
        restricted_load(data, objects=True)

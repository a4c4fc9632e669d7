import gzip
import struct

import numpy as np
import pytest

from cs231n.data import read_idx

GOOD = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + bytes(range(6))


def write(tmp_path, content, name="file"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_values_and_shape(tmp_path, pack):
    array = read_idx(write(tmp_path, pack(GOOD)))
    np.testing.assert_array_equal(array, [[0, 1, 2], [3, 4, 5]])
    assert array.dtype == np.uint8
    assert array.flags.writeable


@pytest.mark.parametrize(
    ("code", "letter", "dtype"),
    [(9, "b", "i1"), (11, "h", "i2"), (12, "i", "i4"), (13, "f", "f4"), (14, "d", "f8")],
)
def test_all_types_come_in_native_order(tmp_path, code, letter, dtype):
    content = bytes([0, 0, code, 1, 0, 0, 0, 2]) + struct.pack(f">2{letter}", -3, 100)
    array = read_idx(str(write(tmp_path, content)))
    assert array.tolist() == [-3, 100]
    assert array.dtype == np.dtype(dtype)
    assert array.dtype.isnative


@pytest.mark.parametrize("size", range(len(GOOD)))
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_cut_anywhere_is_refused(tmp_path, size, pack):
    path = write(tmp_path, pack(GOOD[:size]))
    with pytest.raises(ValueError, match=str(path)):
        read_idx(path)


def test_a_gzip_file_cut_anywhere_is_refused(tmp_path):
    packed = gzip.compress(GOOD)
    for size in range(len(packed)):
        with pytest.raises(ValueError, match="file"):
            read_idx(write(tmp_path, packed[:size]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n", "begins with 89 50 4e 47; expected the IDX magic"),
        (b"", "begins with nothing"),
        (bytes([0, 0, 7, 1, 0, 0, 0, 0]), "begins with 00 00 07 01"),
        (bytes([0, 0, 8, 0]), "begins with 00 00 08 00"),
        (bytes([0, 0, 8, 3, 0, 0]), "ends inside its header of 3 sizes"),
        (GOOD + b"\0", r"holds more bytes of values; expected 6 for \(2, 3\)"),
        (GOOD[:-1], "holds only 5 bytes of values; expected 6"),
        (bytes([0, 0, 8, 2]) + b"\xff" * 8 + bytes(9), "claims the shape"),
        (gzip.compress(bytes([0, 0, 8, 2]) + b"\xff" * 8 + bytes(9)), "claims the shape"),
        (gzip.compress(GOOD)[:-8] + b"\xff" * 8, "damaged gzip"),
    ],
)
def test_foreign_files_are_refused(tmp_path, content, words):
    with pytest.raises(ValueError, match=words):
        read_idx(write(tmp_path, content))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_idx(tmp_path / "nowhere")

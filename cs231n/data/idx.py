"""The IDX format of MNIST: a four-byte magic number, the sizes, then the values."""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_BEST = 1032  # deflate never packs better than this, so no header can claim more
# The third byte of the magic number. Values are big-endian, whatever the machine.
_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(path: str | Path) -> np.ndarray:
    """Read one IDX file, gzipped or not.

    Parameters
    ----------
    path : str or Path
        The file, such as ``train-images-idx3-ubyte.gz``.

    Returns
    -------
    ndarray
        As many dimensions as the file says, in the machine's byte order.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not an IDX file, is cut short, or goes on after its values.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "two-idx1-ubyte"
    >>> _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    >>> read_idx(path)
    array([7, 9], dtype=uint8)
    """
    path = Path(path)
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        limit = path.stat().st_size * (_GZIP_BEST if packed else 1)
        if not packed:
            return _read(raw, path, limit)
        try:
            with gzip.open(raw) as unpacked:
                return _read(unpacked, path, limit)
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"{path} is a damaged gzip file: {error}") from error


def _read(file: BinaryIO | gzip.GzipFile, path: Path, limit: int) -> np.ndarray:
    """Return the array in an open IDX file that can hold at most ``limit`` bytes."""
    dtype, shape = _read_header(file, path)
    expected = math.prod(shape) * dtype.itemsize
    if expected > limit:
        raise ValueError(f"{path} claims the shape {shape}, more than a file of its size holds")
    data = file.read(expected + 1)  # one more byte than there should be, to see if there is one
    if len(data) != expected:
        found = f"only {len(data)}" if len(data) < expected else "more"
        raise ValueError(f"{path} holds {found} bytes of values; expected {expected} for {shape}")
    values = np.frombuffer(data, dtype).reshape(shape)  # (product,) -> shape
    return values.astype(dtype.newbyteorder("="))


def _read_header(file: BinaryIO | gzip.GzipFile, path: Path) -> tuple[np.dtype, tuple[int, ...]]:
    """Return the dtype and the shape that an IDX file begins with."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES or magic[3] == 0:
        raise ValueError(
            f"{path} begins with {magic.hex(' ') or 'nothing'}; expected the IDX magic number, "
            "00 00, a type (08 for uint8) and a number of dimensions"
        )
    sizes = file.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise ValueError(f"{path} ends inside its header of {magic[3]} sizes")
    return np.dtype(_TYPES[magic[2]]), struct.unpack(f">{magic[3]}I", sizes)

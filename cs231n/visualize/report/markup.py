"""HTML elements that cannot forget to escape, and images as PNG data."""

import base64
import html
import struct
import zlib

from cs231n.validation import Array

_WITHOUT_END = ("img", "br")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, *children: object, **attributes: object) -> Markup:
    """Return an HTML element.

    Parameters
    ----------
    name : str
        The element's name.
    *children
        What stands inside: :class:`Markup` as it is, everything else as escaped text.
    **attributes
        Escaped; a trailing underscore is dropped and the others become hyphens.

    Examples
    --------
    >>> element("p", "1 < 2", element("br"), class_="note")
    '<p class="note">1 &lt; 2<br></p>'
    """
    pairs = (
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
    )
    opening = f"<{name}{''.join(pairs)}>"
    if name in _WITHOUT_END:
        return Markup(opening)
    return Markup(f"{opening}{join(*children)}</{name}>")


def join(*children: object) -> Markup:
    """Return one piece of HTML made of several, escaping what is not :class:`Markup`.

    Examples
    --------
    >>> join(element("b", "3"), " < 4")
    '<b>3</b> &lt; 4'
    """
    return Markup(
        "".join(
            child if isinstance(child, Markup) else html.escape(str(child)) for child in children
        )
    )


def section(name: str, title: str, *children: object) -> Markup:
    """Return a section of the page under its heading, which also names it."""
    heading = element("h2", title, id=name)
    return element("section", heading, *children, aria_labelledby=name)


def picture(image: Array, alt: str, size: int) -> Markup:
    """Return an image of (H, W, 3) bytes, shown about `size` CSS pixels high.

    It is enlarged by a whole number, so that all its pixels are squares of the same size.
    """
    height, width, _ = image.shape
    scale = max(1, round(size / max(height, width)))
    data = base64.b64encode(encode_png(image)).decode("ascii")
    return element(
        "img",
        src=f"data:image/png;base64,{data}",
        alt=alt,
        width=width * scale,
        height=height * scale,
    )


def encode_png(image: Array) -> bytes:
    r"""Return (H, W, 3) uint8 as the bytes of a PNG file, without any metadata.

    References
    ----------
    PNG specification, third edition, https://www.w3.org/TR/png-3/

    Examples
    --------
    >>> import numpy as np
    >>> encode_png(np.zeros((2, 2, 3), np.uint8))[:8]
    b'\x89PNG\r\n\x1a\n'
    """
    height, width, _ = image.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    # Every row begins with the number of its filter: 0, the bytes as they are.
    rows = b"".join(b"\x00" + row.tobytes() for row in image)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

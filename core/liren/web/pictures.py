# SPDX-License-Identifier: Apache-2.0
"""Takes out of a photograph what it does not show: where and when it was taken, on whose phone.

JPEG (ITU-T T.81): application and comment segments are dropped, except JFIF's, the colour profile and Adobe's colour
transform, which change how it looks; of Exif one value stays, which way up it is. PNG (ISO/IEC 15948): text, time and
Exif chunks are dropped. Other files stay as they are.
"""

import struct
from collections.abc import Iterator
from typing import Final

JPEG: Final = b"\xff\xd8\xff"
PNG: Final = b"\x89PNG\r\n\x1a\n"
_APP1, _APP2, _APP14, _COMMENT, _SCAN = 0xE1, 0xE2, 0xEE, 0xFE, 0xDA
_TELLING: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
_ORIENTATION: Final = 0x0112


def without_metadata(content: bytes) -> bytes:
    """The same picture without its metadata; what is not a whole JPEG or PNG comes back unchanged."""
    try:
        if content.startswith(JPEG):
            return b"".join(_jpeg(content))
        if content.startswith(PNG):
            return PNG + b"".join(_png(content))
    except (struct.error, IndexError, ValueError):
        return content
    return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        marker = content[at + 1]
        if marker == _SCAN:
            yield content[at:]
            return
        (length,) = struct.unpack_from(">H", content, at + 2)
        segment = content[at : at + 2 + length]
        at += 2 + length
        if marker == _APP1:
            yield _upright(segment)
        elif _shows(marker, segment):
            yield segment


def _shows(marker: int, segment: bytes) -> bool:
    """Whether the picture would look different without this segment."""
    if marker == _APP2:
        return segment[4:15] == b"ICC_PROFILE"
    told = marker == _COMMENT or 0xE1 <= marker <= 0xEF
    return not told or marker == _APP14


def _upright(segment: bytes) -> bytes:
    """An Exif segment that says which way up and nothing else; empty where the old one did not say."""
    if segment[4:10] != b"Exif\0\0":
        return b""
    tiff = segment[10:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(min(count, 200)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * entry)
            if tag == _ORIENTATION and kind == 3 and 2 <= value <= 8:
                body = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, value, 0, 0)
                return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    except struct.error:
        return b""
    return b""


def _png(content: bytes) -> Iterator[bytes]:
    at = len(PNG)
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + length]
        if len(chunk) != 12 + length:
            raise ValueError("cut off")
        at += 12 + length
        if name not in _TELLING:
            yield chunk
        if name == b"IEND":
            return

# SPDX-License-Identifier: Apache-2.0
"""What an uploaded file really is, before any parser is let near it.

A few kilobytes of zip may hold gigabytes, and two cells at opposite corners make a fast reader allocate
the whole rectangle between them. So the archive is inflated once here, counted and thrown away, and the
cell references are looked at; only then is a parser chosen.
"""

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from liren.errors import LirenError

MAX_BYTES = 10 * 1024 * 1024
MAX_INFLATED = 128 * 1024 * 1024
MAX_MEMBERS = 2000
MAX_ROWS = 50_000

_ZIP = b"PK\x03\x04"
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_CHUNK = 1 << 18

# A cell or row reference that keeps the rectangle small: up to column BZ, up to row 59 999, plainly quoted.
_FAR_REFERENCE = re.compile(rb'(?<![:\w])r\s*=(?!"(?:[AB]?[A-Z])?(?:[0-9]{1,4}|[1-5][0-9]{4})")')
# The same, up to row 499 999.
_FARTHER_REFERENCE = re.compile(rb'(?<![:\w])r\s*=(?!"(?:[AB]?[A-Z])?(?:[0-9]{1,5}|[1-4][0-9]{5})")')

Kind = Literal["xlsx", "xls", "csv"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a workbook may be; what is larger is refused before a parser sees it."""

    size: int = MAX_BYTES
    inflated: int = MAX_INFLATED
    rows: int = MAX_ROWS
    cells: int = 3_000_000

    @property
    def far(self) -> re.Pattern[bytes]:
        """A reference that makes the rectangle too large for the fast reader."""
        return _FAR_REFERENCE if self.rows <= MAX_ROWS else _FARTHER_REFERENCE


LIMITS = Limits()
CITY = Limits(size=40 * 1024 * 1024, inflated=768 * 1024 * 1024, rows=400_000, cells=8_000_000)
"""A district's whole register in one file (326 000 people are 20 MB), for pages that read it in a process apart."""


class SheetError(LirenError):
    """The file, or what is in it, cannot be used; says what to do instead."""

    status = 422
    code = "bad-file"


@dataclass(frozen=True, slots=True)
class Inspected:
    kind: Kind
    compact: bool = True
    """Whether the fast, rectangle-allocating reader may be used."""


def inspect(data: bytes, limits: Limits = LIMITS) -> Inspected:
    """The kind of file by its content, never by its name.

    :raises SheetError: empty, too large, encrypted, damaged, inflating too far, or of another type
    """
    if not data:
        raise SheetError(
            "这个文件是空的。请重新选择填好的表格。",
            "The file is empty. Please choose the filled-in workbook.",
            code="empty-file",
        )
    if len(data) > limits.size:
        megabytes = limits.size // 1024 // 1024
        raise SheetError(
            f"文件超过 {megabytes} MB。请去掉图片，或分成几个文件上传。",
            f"The file is larger than {megabytes} MB. Remove pictures, or upload it in parts.",
            status=413,
            code="file-too-large",
        )
    if data.startswith(_ZIP):
        return _inspect_zip(data, limits)
    if data.startswith(_CFB):
        if _ENCRYPTED_PACKAGE in data:
            raise encrypted()
        return Inspected("xls")
    return _inspect_text(data)


def _inspect_text(data: bytes) -> Inspected:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise SheetError(
            "这其实是一个网页，只是名字像表格。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。",
            "This is really a web page with a workbook's name. Open it in Excel and save it as .xlsx.",
            status=415,
            code="wrong-type",
        )
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if head.startswith((b"%pdf", b"\x89png", b"\xff\xd8", b"rar!", b"{")) or (not utf16 and b"\0" in data[:65536]):
        raise wrong_type()
    return Inspected("csv")


def _inspect_zip(data: bytes, limits: Limits) -> Inspected:
    try:
        members = zipfile.ZipFile(BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise damaged() from error
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise wrong_type()
    if any(member.flag_bits & 1 for member in members):
        raise encrypted()
    if len(members) > MAX_MEMBERS:
        raise inflated()
    left, compact = limits.inflated, True
    for member in members:
        worksheet = member.filename.startswith("xl/worksheets/")
        size, plain = _inflate(data, member, left, limits.far if worksheet else None)
        left -= size
        compact = compact and plain
    return Inspected("xlsx", compact)


def _inflate(data: bytes, member: zipfile.ZipInfo, limit: int, far: re.Pattern[bytes] | None) -> tuple[int, bool]:
    """(bytes the member really holds, whether all its references are near): headers may lie about the size."""
    packed = memoryview(data)[_start_of(data, member) :][: member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        if len(packed) > limit:
            raise inflated()
        return len(packed), far is None or _near(bytes(packed), far)
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise damaged()
    unpack, size, near, tail = zlib.decompressobj(-15), 0, True, b""
    try:
        rest: bytes | memoryview = packed
        while rest and not unpack.eof:
            piece = unpack.decompress(rest, _CHUNK)
            rest = unpack.unconsumed_tail
            size += len(piece)
            if size > limit:
                raise inflated()
            if far is not None and near:
                if size == len(piece) and b"\0" in piece[:8]:
                    near = False  # UTF-16: the pattern cannot see into it
                near = near and _near(tail + piece, far)
                tail = piece[-32:]
    except zlib.error as error:
        raise damaged() from error
    return size, near


def _near(xml: bytes, far: re.Pattern[bytes]) -> bool:
    found = far.search(xml)
    # A reference cut in two at the end of a piece is judged with the next one, which starts with this tail.
    return found is None or found.end() > len(xml) - 16


def _start_of(data: bytes, member: zipfile.ZipInfo) -> int:
    try:
        fields = _LOCAL_HEADER.unpack_from(data, member.header_offset)
    except struct.error as error:
        raise damaged() from error
    if fields[0] != _ZIP:
        raise damaged()
    return member.header_offset + _LOCAL_HEADER.size + int(fields[9]) + int(fields[10])


def wrong_type() -> SheetError:
    return SheetError(
        "这不是表格文件。请上传 .xlsx、.xls 或 .csv；图片、PDF、Word 请先转成表格。",
        "This is not a workbook. Upload .xlsx, .xls or .csv; turn pictures, PDF or Word into a table first.",
        status=415,
        code="wrong-type",
    )


def damaged() -> SheetError:
    return SheetError(
        "文件打不开，可能没有传完或已损坏。请用 Excel 或 WPS 打开，另存一份再上传。",
        "The file cannot be opened; it may be cut short or damaged. Open it in Excel, save a copy, upload that.",
        code="damaged-file",
    )


def encrypted() -> SheetError:
    return SheetError(
        "文件加了密码，系统读不了。请取消密码保护，另存后再上传。",
        "The file is protected by a password. Remove the protection, save it, and upload again.",
        code="encrypted-file",
    )


def inflated() -> SheetError:
    return SheetError(
        "文件解压后太大，系统没有打开它。请把数据复制到一个新表格里再上传。",
        "The file unpacks to far too much and was not opened. Copy the data into a new workbook.",
        status=413,
        code="file-too-large",
    )


def too_many_rows(most: int = MAX_ROWS) -> SheetError:
    return SheetError(
        f"表格超过 {most} 行。请分成几个文件上传。",
        f"The workbook has more than {most} rows. Please upload it in parts.",
        status=413,
        code="too-many-rows",
    )

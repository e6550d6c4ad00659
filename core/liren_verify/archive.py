# SPDX-License-Identifier: Apache-2.0
"""Zip files from strangers: nothing is unpacked to disk, nothing is read without a limit (spec section 12, "Zip").

A name is only ever compared with the names expected, so a path in it leads nowhere. What two readers of zip files would
take for different contents is refused, so that everybody judges the same bytes.
"""

import contextlib
import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from liren_verify.findings import Problem, Unusable, reason

MOST_DIRECTORY = 16 * 2**20
MOST_MEMBERS = 300_000
MOST_PLAIN_MEMBERS, MOST_PLAIN = 2**16 - 1, 2**31 - 1
"""What the short form of a zip file counts: members, and bytes of a member or an offset."""
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)
_END, _END64_LOCATOR, _END64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END_SIZE, _LOCATOR_SIZE, _ROW_SIZE = 22, 20, 46
_MISFIT = ("zip 文件的目录与内容不符，拒绝打开。", "The zip directory does not fit the file; refused.")
_FLAGS = 0b1000_0000_1110
"""Of the general purpose bits: how hard was compressed, sizes after the data, names in UTF-8."""
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class _Directory:
    """The central directory as announced at the end of the file."""

    members: int
    size: int
    start: int


def _directory(file: IO[bytes]) -> _Directory:
    """
    :raises Unusable: no zip file, or one whose end is not the end of the file
    """
    end = file.seek(0, os.SEEK_END) - _END_SIZE
    file.seek(max(0, end - _LOCATOR_SIZE))
    tail = file.read()
    if len(tail) < _END_SIZE or tail[-_END_SIZE:-18] != _END or tail[-2:] != b"\0\0":
        raise Unusable(
            "这不是完整的 zip 文件：可能选错了文件，也可能没有下载或复制完，请重新下载。",
            "This is not a whole zip file: another file was chosen, or it was not copied to its end. Get it again.",
        )
    found = _Directory(*struct.unpack("<HLL", tail[-12:-2]))
    if tail[:4] == _END64_LOCATOR and len(tail) == _LOCATOR_SIZE + _END_SIZE:
        file.seek(min(int(struct.unpack_from("<Q", tail, 8)[0]), end))
        record = file.read(56)
        if record[:4] == _END64 and len(record) == 56:
            found = _Directory(*struct.unpack_from("<QQQ", record, 32))
            # Only where it is needed: simpler readers do not know it.
            if found.members > MOST_PLAIN_MEMBERS or max(found.size, found.start) > MOST_PLAIN:
                end -= _LOCATOR_SIZE + 56
    if found.start + found.size != end:
        raise Unusable("zip 文件前后有多余内容，拒绝打开。", "There is something around the zip file; refused.")
    return found


def _fits(file: IO[bytes], directory: _Directory) -> bool:
    """Whether the rows of the directory fill it exactly: zipfile does not ask."""
    file.seek(directory.start)
    raw, at, rows = file.read(directory.size), 0, 0
    while at + _ROW_SIZE <= len(raw):
        at, rows = at + _ROW_SIZE + sum(struct.unpack_from("<HHH", raw, at + 28)), rows + 1
    return at == len(raw) and rows == directory.members


def _needless64(info: zipfile.ZipInfo) -> bool:
    """Whether a member has the long form of sizes (field 1) without being that large."""
    at, long = 0, False
    while at + 4 <= len(info.extra):
        kind, size = struct.unpack_from("<HH", info.extra, at)
        long, at = long or kind == 1, at + 4 + size
    return long and max(info.file_size, info.compress_size, info.header_offset) <= MOST_PLAIN


class Member:
    """One member, read forwards in large pieces; everything read goes into its digest."""

    def __init__(self, name: str, stream: IO[bytes], size: int) -> None:
        self.name = name
        self._stream = stream
        self._left = size
        self._digest = hashlib.sha256()
        self._buffer = b""
        self._at = 0

    def _more(self) -> bool:
        """Reads on; what was not handed out yet stays in front."""
        try:
            piece = self._stream.read(_CHUNK)
        except _BROKEN:
            raise Problem("member-broken", why="damaged") from None
        self._left -= len(piece)
        if self._left < 0 or (self._left and not piece):
            raise Problem("member-broken", why="size")
        self._digest.update(piece)
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        return bool(piece)

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; fewer only at the end.

        :raises Problem: ``member-broken``
        """
        at = self._at
        while len(self._buffer) - at < size and self._more():
            at = 0
        data = self._buffer[at : at + size]
        self._at = at + len(data)
        return data

    def frame(self, most: int) -> bytes | None:
        """The bytes after a u32 length, or None where the length is not 1 … ``most`` or the bytes are cut off.

        :raises Problem: ``member-broken``
        """
        while True:
            start = self._at + 4
            length = int.from_bytes(self._buffer[start - 4 : start], "big")
            if start + length <= len(self._buffer):
                break
            if (start <= len(self._buffer) and length > most) or not self._more():
                return None
        if not 0 < length <= most:
            return None
        self._at = start + length
        return self._buffer[start : self._at]

    def line(self, most: int) -> bytes:
        """A line with its end, at most ``most`` bytes; a longer one comes in pieces.

        :raises Problem: ``member-broken``
        """
        at = self._at
        end = self._buffer.find(b"\n", at, at + most) + 1
        while not end and len(self._buffer) - at < most and self._more():
            at = 0
            end = self._buffer.find(b"\n", 0, most) + 1
        data = self._buffer[at : end or at + most]
        self._at = at + len(data)
        return data

    def digest(self) -> str:
        """SHA-256 hex of the whole member: reads on to its end."""
        self._at = len(self._buffer)
        while self._more():
            self._at = len(self._buffer)
        return self._digest.hexdigest()


class Archive:
    """A zip file opened for checking. Close it, or use it as a context manager.

    :raises Unusable: not a zip file, or one no honest writer makes
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise Unusable(
                f"打不开文件：{reason(error, 'zh')}。", f"The file cannot be opened: {reason(error, 'en')}."
            ) from None
        try:
            directory = _directory(self._file)
            if directory.size > MOST_DIRECTORY:
                raise Unusable("文件目录过大，拒绝打开。", "The zip directory is too large; refused.")
            if not _fits(self._file, directory):
                raise Unusable(*_MISFIT)
            self._zip = zipfile.ZipFile(self._file)
        except _BROKEN:
            self._file.close()
            raise Unusable(
                "zip 文件已损坏，请重新下载。", "The zip file is damaged; please download it again."
            ) from None
        except Unusable:
            self._file.close()
            raise
        infos = self._zip.infolist()
        if len(infos) > MOST_MEMBERS:
            self.close()
            raise Unusable("文件内条目过多，拒绝打开。", "The zip file has too many members; refused.")
        starts = [info.header_offset for info in infos]
        if min(starts, default=0) or any(map(_needless64, infos)):
            self.close()
            raise Unusable(*_MISFIT)
        # Not `filename`: it ends at a NUL byte, so that two names would look like one. Of two the first is read.
        self._infos = {info.orig_filename: info for info in reversed(infos)}
        self.repeated = sorted({i.orig_filename for i in infos if self._infos[i.orig_filename] is not i})

    @property
    def names(self) -> set[str]:
        return set(self._infos)

    @contextlib.contextmanager
    def open(self, name: str, most: int) -> Iterator[Member]:
        """A member of at most ``most`` bytes.

        :raises Problem: ``member-missing`` or ``member-broken``
        """
        info = self._infos.get(name)
        if info is None:
            raise Problem("member-missing")
        if info.file_size > most:
            raise Problem("member-broken", why="too large")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & ~_FLAGS:
            raise Problem("member-broken", why="compression")
        try:
            stream = self._zip.open(info)
        except _BROKEN:
            raise Problem("member-broken", why="damaged") from None
        with stream:
            yield Member(name, stream, info.file_size)

    def bytes(self, name: str, most: int) -> bytes:
        """A small member whole.

        :raises Problem: ``member-missing`` or ``member-broken``
        """
        with self.open(name, most) as member:
            data = member.read(most)
            member.read(1)
            return data

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

# SPDX-License-Identifier: Apache-2.0
"""Zip files from strangers: nothing is unpacked to disk, nothing is read without a limit.

A name is only ever compared with the names expected, so a path in it leads nowhere.
"""

import contextlib
import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from liren_verify.findings import Problem, Unusable

MOST_DIRECTORY = 16 * 2**20
MOST_MEMBERS = 300_000
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
_CHUNK = 1 << 16


def _directory_size(file: IO[bytes]) -> int:
    """Bytes of the central directory as announced at the end of the file; zipfile would read them all at once."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 65_557)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Unusable("这不是 zip 文件，请确认选对了文件。", "This is not a zip file; please choose another file.")
    found = int(struct.unpack_from("<L", tail, at + 12)[0])
    locator = tail.rfind(_END64_LOCATOR, 0, at)
    if locator >= 0 and len(tail) >= locator + 16:
        file.seek(min(int(struct.unpack_from("<Q", tail, locator + 8)[0]), size))
        record = file.read(56)
        if record[:4] == _END64 and len(record) == 56:
            found = max(found, int(struct.unpack_from("<Q", record, 40)[0]))
    return found


class Member:
    """One member, read forwards in large pieces; everything read goes into its digest."""

    def __init__(self, name: str, stream: IO[bytes], most: int) -> None:
        self.name = name
        self._stream = stream
        self._left = most
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
        if self._left < 0:
            raise Problem("member-broken", why="too large")
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
            raise Unusable(f"打不开文件：{error.strerror}。", f"The file cannot be opened: {error.strerror}.") from None
        try:
            if _directory_size(self._file) > MOST_DIRECTORY:
                raise Unusable("文件目录过大，拒绝打开。", "The zip directory is too large; refused.")
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
        self._infos = {info.filename: info for info in infos}
        self.repeated = sorted({info.filename for info in infos if self._infos[info.filename] is not info})

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
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise Problem("member-broken", why="compression")
        try:
            stream = self._zip.open(info)
        except _BROKEN:
            raise Problem("member-broken", why="damaged") from None
        with stream:
            yield Member(name, stream, most)

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

# SPDX-License-Identifier: Apache-2.0
"""A list of residents as judged rows, a batch at a time: a short one in a thread, a long one in a process of its own.

A workbook of 326 000 rows takes 300 MB while it is open and half a minute of pure computing. In a process apart the
memory is given back when it ends, and the pages of the street keep the other core. The file goes in through a pipe and
never lies on the disk in the clear; the process knows neither database nor keys.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import BinaryIO, Final

import msgspec

from liren.identity.lists.import_columns import COLUMNS
from liren.identity.lists.import_rules import Bounds, Judged, judge
from liren.web.sheets import CITY, SheetError, Table, choose_table, find_tables, read_book

ROWS: Final = 500
"""In a batch."""
SHORT: Final = 1024 * 1024
"""Bytes of a file that is read in a thread: some fifteen thousand rows."""
_LENGTH: Final = 4
_PIECE: Final = 1 << 18
_TITLES: Final[Mapping[str, str]] = {column.key: column.words[0] for column in COLUMNS}


class UnclearColumns(SheetError):
    """A needed column was not found, or two could be meant: the page asks."""

    def __init__(self, table: Table) -> None:
        self.table = table
        missing = "、".join(_TITLES[doubt.key] for doubt in table.doubts)
        super().__init__(
            f"没有认出这些列：{missing}。请在表头写明，再上传一次。",
            f"These columns were not recognised: {missing}. Name them in the header row and upload the file again.",
            code="unclear-columns",
        )


class Begun(msgspec.Struct, frozen=True, tag=True):
    """The list was opened and its columns are clear."""

    rows: int
    """How many there are, about."""
    titles: tuple[str, ...]


class Rows(msgspec.Struct, frozen=True, tag=True):
    judged: list[Judged]


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The file cannot be used."""

    zh: str
    en: str
    status: int
    code: str


Frame = Begun | Rows | Refused
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode
_bounds = msgspec.msgpack.Decoder(Bounds).decode


def read_list(data: bytes, *, sheet: str = "", last: int = 0, columns: Mapping[str, int] | None = None) -> Table:
    """The best sheet of a workbook, its columns recognised.

    :param columns: key → column index, where a person pointed them out on ``sheet`` with the header in row ``last``
    :raises SheetError: no workbook, nothing in it
    :raises UnclearColumns: which column holds the name or the community?
    """
    book = read_book(data, CITY)
    if columns is not None:
        table = choose_table(book, COLUMNS, sheet=sheet, last=last, columns=columns)
    else:
        table, *others = find_tables(book, COLUMNS)
        if also := [each.sheet for each in others if not _unclear(each) and not each.source.hidden]:
            raise _several([table.sheet, *also])
    if _unclear(table):
        raise UnclearColumns(table)
    return table


def _unclear(table: Table) -> bool:
    """Nobody's name, community or number is guessed; columns a list may do without are."""
    return any(
        doubt.key in ("name", "community") or (doubt.reason == "several" and doubt.key in ("id_number", "phone"))
        for doubt in table.doubts
    )


def _several(sheets: Sequence[str]) -> SheetError:
    """One of them would be taken, and nobody would notice that the others were not."""
    names = "、".join(sheets[:6])
    return SheetError(
        f"文件里有好几张居民名单：{names}。请合并成一张，或者一张存一个文件，分别上传。",
        f"The file holds several lists of residents: {names}. Put them on one sheet, or upload one file each.",
        code="several-sheets",
    )


def frames(data: bytes, bounds: Bounds) -> Iterator[Frame]:
    """:raises SheetError: the file cannot be used"""
    table = read_list(data)
    yield Begun(max(len(table.source.rows), table.source.height) - table.last, table.titles)
    for batch in _batched(judge(table, bounds)):
        yield Rows(batch)


def _batched(rows: Iterator[Judged]) -> Iterator[list[Judged]]:
    batch: list[Judged] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


async def judged(data: bytes, bounds: Bounds) -> AsyncGenerator[Frame, None]:
    """One :class:`Begun`, then batches of :class:`Rows`.

    :raises SheetError, UnclearColumns: the file cannot be used
    """
    if len(data) <= SHORT:
        for frame in await asyncio.to_thread(lambda: list(frames(data, bounds))):
            yield frame
        return
    async with aclosing(_apart(data, bounds)) as read:
        async for frame in read:
            if isinstance(frame, Refused):
                raise SheetError(frame.zh, frame.en, status=frame.status, code=frame.code)
            yield frame


async def _apart(data: bytes, bounds: Bounds) -> AsyncGenerator[Frame, None]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"from {__name__} import main; main()",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        await _feed(child.stdin, data, bounds)
        while True:
            size = int.from_bytes(await child.stdout.readexactly(_LENGTH), "big")
            if size == 0:
                return
            yield _decode(await child.stdout.readexactly(size))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise SheetError(
            "读取名单时中断了，可能是内存不够。请分成几个文件上传。",
            "Reading the list broke off, perhaps for want of memory. Please upload it in parts.",
        ) from error
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        while await child.stdout.read(_PIECE):  # to its end: what is left open is found by a loop that is closed
            pass
        await child.wait()


async def _feed(pipe: asyncio.StreamWriter, data: bytes, bounds: Bounds) -> None:
    head = _encode(bounds)
    pipe.write(len(head).to_bytes(_LENGTH, "big") + head)
    for start in range(0, len(data), _PIECE):
        pipe.write(data[start : start + _PIECE])
        await pipe.drain()
    pipe.close()


def _write(out: BinaryIO, frame: Frame) -> None:
    packed = _encode(frame)
    out.write(len(packed).to_bytes(_LENGTH, "big") + packed)


def main() -> None:
    """The process: bounds and file on standard input, frames on standard output, an empty one at the end."""
    source, out = sys.stdin.buffer, sys.stdout.buffer
    bounds = _bounds(source.read(int.from_bytes(source.read(_LENGTH), "big")))
    data = source.read()
    try:
        for frame in frames(data, bounds):
            _write(out, frame)
    except SheetError as error:
        _write(out, Refused(error.zh, error.en, error.status, error.code))
    out.write(bytes(_LENGTH))
    out.flush()

# SPDX-License-Identifier: Apache-2.0
"""A list comes in: upload, columns named where they were not recognised, verdicts stored, submitted for review."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence

import msgspec

from liren.api import Context, Tx
from liren.web.sheets import (
    Book,
    Column,
    SheetError,
    Table,
    choose_table,
    find_tables,
    read_book,
)
from liren_credit import errors, rows
from liren_credit.check import Checker
from liren_credit.judging import Judged, checker_for, judge
from liren_credit.list_flow import LIST, advance, begin, case_of
from liren_credit.sampling import Candidate, draw, lowest_common
from liren_credit.settings import Settings
from liren_credit.tables import AwardList, UploadedFile


class Enter(msgspec.Struct, frozen=True):
    """Command: a file handed in."""

    title: str
    digest: str


class NameColumns(msgspec.Struct, frozen=True):
    """Command: sheet, header row and columns as a person named them."""

    list: str
    sheet: str
    last: int
    columns: tuple[tuple[str, int], ...]


class Submit(msgspec.Struct, frozen=True):
    list: str


class Drop(msgspec.Struct, frozen=True):
    list: str


class Layout(msgspec.Struct, frozen=True):
    """How a list was laid out, kept for showing its rows as they were typed."""

    titles: tuple[str, ...]
    columns: dict[str, int]


async def enter(ctx: Context, key: str, title: str, name: str, data: bytes) -> str:
    """A file handed in: checked at once where its columns are clear, else kept until a person names them.

    :returns: id of the list
    :raises SheetError: the file cannot be used
    :raises Conflict: this very file was handed in before
    """
    ctx.require("credit.collect")
    digest = hashlib.sha256(data).hexdigest()
    book = await asyncio.to_thread(read_book, data)
    plain = await checker_for(ctx, book)
    table, asks, several = await asyncio.to_thread(_best, book, plain.columns())
    judged = None if asks else await judge(ctx, plain, table)
    # A workbook with a sheet a community comes once for each sheet; which one is said on the next page.
    known_as = f"{digest}/{key}" if several else digest

    async def body(tx: Tx) -> str:
        if before := await _same_file(known_as):
            raise errors.uploaded_before(before.title)
        entered = await new_list(ctx, tx, title=title, origin="file", name=name, digest=known_as, sheet=table.sheet)
        if judged is None:
            await UploadedFile.insert(UploadedFile(list=entered.id, data=data))
        else:
            await store(ctx, tx, entered, judged)
        await tx.audit("list-entered", entered.id)
        return str(entered.id)

    return await ctx.once(key, Enter(title, digest), body, str)


def _best(book: Book, columns: Sequence[Column]) -> tuple[Table, bool, bool]:
    """The likeliest table; whether a person has to be asked (an unclear column, a second such sheet); whether
    there are several such sheets."""
    tables = find_tables(book, columns)
    several = sum(not table.doubts for table in tables) > 1
    return tables[0], bool(tables[0].doubts) or several, several


async def tables_of(ctx: Context, list_id: str) -> tuple[AwardList, list[Table], Book, Checker]:
    """For the page that asks: every sheet that may be meant, the likeliest first."""
    entered = await own_list(ctx, list_id)
    stored = await UploadedFile.objects().where(UploadedFile.list == list_id).first()
    if entered.state != "columns" or stored is None:
        raise errors.moved_on()
    book = await asyncio.to_thread(read_book, stored.data)
    plain = await checker_for(ctx, book)
    return entered, await asyncio.to_thread(find_tables, book, plain.columns()), book, plain


async def name_columns(ctx: Context, key: str, list_id: str, sheet: str, last: int, columns: Mapping[str, int]) -> str:
    """The answers of a person to what was in doubt; the list is then checked.

    :raises SheetError: a needed column is still missing, or one is chosen twice
    """
    command = NameColumns(list_id, sheet, last, tuple(sorted(columns.items())))
    before = await own_list(ctx, list_id)
    judged = None
    if before.state == "columns":
        _, _, book, plain = await tables_of(ctx, list_id)
        table = choose_table(book, plain.columns(), sheet=sheet, last=last, columns=columns)
        if table.doubts:
            raise SheetError(
                "姓名、细则、数量、日期四列都要指明。", "Name, rule, quantity and day: please point out all four."
            )
        judged = await judge(ctx, plain, table)

    async def body(tx: Tx) -> str:
        entered = await own_list(ctx, list_id)
        if entered.state != "columns" or judged is None:
            raise errors.moved_on()
        digest, several, _key = entered.file_digest.partition("/")
        if several:
            digest = f"{digest}/{sheet}"
            if before := await _same_file(digest):
                raise errors.uploaded_before(before.title)
        title = f"{entered.title}（{sheet}）" if several else entered.title
        await AwardList.update({AwardList.sheet: sheet, AwardList.file_digest: digest, AwardList.title: title}).where(
            AwardList.id == list_id
        )
        await ctx.cases.amend(tx, await case_of(ctx, list_id), title=title)
        await store(ctx, tx, entered, judged)
        await UploadedFile.delete().where(UploadedFile.list == list_id)
        await tx.audit("columns-named", list_id)
        return list_id

    return await ctx.once(key, command, body, str)


async def submit(ctx: Context, key: str, list_id: str) -> str:
    """On to review: from here on its good rows count as on their way, so nobody else can enter them again."""

    async def body(tx: Tx) -> str:
        entered = await own_list(ctx, list_id)
        if entered.state != "checked":
            raise errors.moved_on()
        await send_on(ctx, tx, entered)
        return list_id

    return await ctx.once(key, Submit(list_id), body, str)


async def send_on(ctx: Context, tx: Tx, entered: AwardList) -> None:
    """Inside the caller's transaction: a checked list goes to review.

    :raises CreditError: no row of it can be credited
    """
    await rows.take(entered.id)
    good = await rows.good(entered.id)
    if not good:
        raise errors.nothing_good()
    settings: Settings = ctx.settings
    candidates = [Candidate(row.id, row.unit, row.person, row.points) for row in good]
    await rows.sample(draw(candidates, settings.sample_percent, entered.file_digest))
    paths = {unit.code: unit.path for unit in await ctx.units.all()}
    unit = lowest_common(paths, [row.unit for row in good])
    await AwardList.update({AwardList.submitted_ms: tx.now_ms, AwardList.unit: unit}).where(AwardList.id == entered.id)
    await ctx.cases.amend(tx, await case_of(ctx, entered.id), unit=unit)
    await advance(ctx, tx, entered.id, "submit")
    await tx.audit("list-submitted", entered.id, rows=len(good))


async def drop(ctx: Context, key: str, list_id: str) -> str:
    """Thrown away by its collector before anybody decided on it: the same file may come again."""

    async def body(tx: Tx) -> str:
        entered = await own_list(ctx, list_id)
        if entered.state not in ("columns", "checked", "review", "returned"):
            raise errors.moved_on()
        await rows.release(list_id)
        await UploadedFile.delete().where(UploadedFile.list == list_id)
        await advance(ctx, tx, list_id, "drop")
        await tx.audit("list-dropped", list_id)
        return list_id

    return await ctx.once(key, Drop(list_id), body, str)


async def own_list(ctx: Context, list_id: str) -> AwardList:
    """:raises NotFound: not there, or somebody else's"""
    found = await AwardList.objects().where(AwardList.id == list_id).first()
    if found is None or found.collector != ctx.actor:
        raise errors.no_such_list()
    return found


async def _same_file(digest: str) -> AwardList | None:
    return (
        await AwardList.objects()
        .where((AwardList.file_digest == digest) & AwardList.state.not_in(["dropped", "returned"]))
        .first()
    )


async def new_list(ctx: Context, tx: Tx, *, title: str, origin: str, name: str, digest: str, sheet: str) -> AwardList:
    """Inside the caller\'s transaction: a list with the next number, no rows yet."""
    number = (await AwardList.select(AwardList.number).order_by(AwardList.number, ascending=False).first()) or {}
    street = await ctx.units.street()
    entered = AwardList(
        id=f"{tx.now_ms:x}{secrets.token_hex(3)}",
        number=number.get("number", 0) + 1,
        title=title,
        state=LIST.initial,
        origin=origin,
        unit=street.code,
        collector=ctx.actor,
        file_name=name,
        file_digest=digest,
        sheet=sheet,
        entered_ms=tx.now_ms,
    )
    await AwardList.insert(entered)
    await begin(ctx, tx, entered)
    return entered


async def store(ctx: Context, tx: Tx, entered: AwardList, judged: Judged) -> None:
    """Inside the caller's transaction: the rows with their verdicts; the list is checked."""
    await rows.insert(entered.id, entered.number, judged.drafts)
    await settle_layout(ctx, tx, entered, judged.table.titles, judged.table.columns)


async def settle_layout(
    ctx: Context, tx: Tx, entered: AwardList, titles: tuple[str, ...], columns: Mapping[str, int]
) -> None:
    """Inside the caller's transaction: the list is checked, its columns are remembered."""
    layout = Layout(titles, dict(columns))
    await AwardList.update({AwardList.layout: msgspec.json.encode(layout).decode()}).where(AwardList.id == entered.id)
    await advance(ctx, tx, entered.id, "check")

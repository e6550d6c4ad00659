# SPDX-License-Identifier: Apache-2.0
"""Owners (业主) in and out of Excel: which dwelling, whose, how much, since when; taken all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.register import ownership
from liren.identity.register.directory import Directory
from liren.identity.register.export_pages import EXPORT
from liren.identity.register.lookup import AFTER_PATH
from liren.identity.register.ownership import fits, parse_share
from liren.identity.register.people_pages import PEOPLE, REGISTER
from liren.plugins.context import Context
from liren.plugins.services import PersonCard, Progress
from liren.store import Tx
from liren.store.audit import write as audit
from liren.store.parts import in_parts, marks
from liren.units.dwelling_list import Read
from liren.units.dwellings import clean_number
from liren.units.errors import no_such_unit
from liren.units.places import Places, way_text
from liren.units.scope import service
from liren.web import N_, Upload, download, get
from liren.web import gettext as _
from liren.web.i18n import both
from liren.web.lists import LIST_KINDS, ListKind, Summary, list_routes
from liren.web.sheets import CheckedRecords, read_records, write_records

PART: Final = 200
EARLIEST: Final = 1950


class OwnerRow(msgspec.Struct, frozen=True):
    """One row of the list."""

    place: Annotated[
        str, Meta(title=N_("所在单位"), max_length=200, extra={"titles": ("单位", "楼栋", "位置", "所在楼栋", "unit")})
    ]
    number: Annotated[
        str, Meta(title=N_("房号"), max_length=20, extra={"titles": ("房间号", "门牌号", "室", "户号", "room")})
    ]
    owner: Annotated[
        str,
        Meta(title=N_("业主"), max_length=60, extra={"titles": ("业主姓名", "产权人", "权利人", "姓名", "owner")}),
    ]
    id_number: Annotated[str, Meta(title=N_("身份证号"), max_length=20, extra={"holds": "id_number"})] = ""
    phone: Annotated[str, Meta(title=N_("手机号"), max_length=20, extra={"holds": "phone"})] = ""
    code: Annotated[
        str, Meta(title=N_("统一社会信用代码"), max_length=24, extra={"titles": ("信用代码", "credit code")})
    ] = ""
    share: Annotated[str, Meta(title=N_("份额"), max_length=20, extra={"titles": ("产权份额", "占比", "share")})] = "1"
    since: Annotated[date | None, Meta(title=N_("从哪天起"), extra={"titles": ("取得日期", "登记日期", "since")})] = (
        None
    )


class OwnerUpload(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=N_("业主名单"), extra=LIST_KINDS)]


@dataclass(frozen=True, slots=True)
class Owning:
    """One share that stands, or that the list brings."""

    dwelling: str
    person: str | None
    organisation: str | None
    name: str
    share: Fraction
    since: date
    until: date | None = None


@dataclass(slots=True)
class Judging:
    """The rows of one list against dwellings, people and organisations there are."""

    ctx: Context
    street: str
    places: Places
    dwellings: dict[tuple[str, str], str] = field(default_factory=dict)
    by_number: dict[str, Sequence[PersonCard]] = field(default_factory=dict)
    firms: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Credit code or name → (id, name) each."""
    shares: dict[str, list[Owning]] = field(default_factory=dict)
    ready: list[Owning] = field(default_factory=list)
    same: int = 0

    def judge(self, row: OwnerRow) -> str | None:
        """What is wrong with a row, or None."""
        card = self.places.find(row.place)
        if card is None or not self.ctx.can(REGISTER, card.code):
            return _("没有这个单位，或者不在您负责的范围内：%(place)s", place=row.place[:60])
        try:
            dwelling = self.dwellings.get((card.code, clean_number(row.number)))
        except LirenError as error:
            return both(error.zh, error.en)
        if dwelling is None:
            return _("没有登记过这处房屋，请先登记房屋")
        share = parse_share(row.share or "1")
        if share is None:
            return _("份额写成 1/2、50% 或 1")
        since = row.since or self.ctx.today()
        if since > self.ctx.today() or since.year < EARLIEST:
            return _("日期不对：不能晚于今天")
        here = self.shares.setdefault(dwelling, [])
        named = [each for each in here if each.until is None and each.name == row.owner]
        if not (row.id_number or row.phone or row.code) and [each.share for each in named] == [share]:
            self.same += 1  # as it was written out: without numbers
            return None
        who = self._who(row)
        return who if isinstance(who, str) else self._add(here, dwelling, row.owner, who, share, since)

    def _add(
        self,
        here: list[Owning],
        dwelling: str,
        name: str,
        who: tuple[str | None, str | None],
        share: Fraction,
        since: date,
    ) -> str | None:
        for each in here:
            if each.until is None and (each.person, each.organisation) == who:
                if each.share != share:
                    return _("已经是这处房屋的业主，份额不一样：请到房屋的页面改")
                self.same += 1
                return None
        if not fits([(each.share, each.since, each.until) for each in here], (share, since, None)):
            return _("这处房屋的份额加起来超过了全部。请先结束原来业主的份额。")
        here.append(Owning(dwelling, *who, name, share, since))
        self.ready.append(here[-1])
        return None

    def _who(self, row: OwnerRow) -> tuple[str | None, str | None] | str:
        """(person, organisation), or what is wrong."""
        hashes = numbers(self.ctx, row)
        if not hashes:
            firms = [each for each in self.firms.get(row.code or row.owner, ()) if each[1] == row.owner]
            if len(firms) == 1:
                return None, firms[0][0]
            return _("请填身份证号、手机号或信用代码，好认出是谁")
        found = {c.id: c for hashed in hashes for c in self.by_number.get(hashed, ()) if c.name == row.owner}
        seen = [c for c in found.values() if self.ctx.can(PEOPLE, c.community or self.street)]
        if len(seen) != 1:
            return _("有两个人都对得上，请填身份证号") if seen else _("没有登记过这个姓名和号码")
        if not seen[0].active:
            return _("登记为已迁出或去世，请到本人页面办理")
        return _("自己名下的房屋请另一位同事来登记") if seen[0].id == self.ctx.actor else (seen[0].id, None)


def numbers(ctx: Context, row: OwnerRow) -> list[str]:
    """Keyed hashes of what the row knows its owner by."""
    kinds = (("id_number", row.id_number), ("phone", row.phone))
    return [ctx.people.hash_of(kind, value) for kind, value in kinds if value]


async def read(ctx: Context, sent: OwnerUpload, reading: Read) -> tuple[CheckedRecords[OwnerRow], Judging]:
    """Twice: first for what the rows name, to ask for all of it at once; then for the verdicts.

    :raises SheetError: no workbook, or a needed column that is not there
    """
    typed = (await read_records(sent.file.content, OwnerRow)).values
    judging = Judging(ctx, (await ctx.units.street()).code, Places(await service(ctx).tree()))
    units = {card.code for row in typed if (card := judging.places.find(row.place)) is not None}
    query = "SELECT id, unit, number FROM dwelling WHERE closed IS NULL AND unit IN ({})"
    async for identity, unit, number in _rows(reading, query, units):
        judging.dwellings[unit, number] = identity
    for kind in ("id_number", "phone"):
        values = [ctx.people.hash_of(kind, value) for row in typed if (value := getattr(row, kind))]
        judging.by_number |= await ctx.people.matching(kind, values)
    for column, names in (("credit_code", {row.code for row in typed}), ("name", {row.owner for row in typed})):
        query = f"SELECT {column}, id, name FROM organisation WHERE closed IS NULL AND {column} IN ({{}})"  # noqa: S608
        async for key, identity, name in _rows(reading, query, names - {""}):
            judging.firms.setdefault(key, []).append((identity, name))
    query = (
        "SELECT w.dwelling, w.person, w.organisation, coalesce(p.name, o.name), w.share_of, w.share_in, w.since,"
        " w.until FROM ownership w LEFT JOIN person p ON p.id = w.person"
        " LEFT JOIN organisation o ON o.id = w.organisation WHERE w.dwelling IN ({})"
    )
    async for dwelling, person, firm, name, of, whole, since, until in _rows(
        reading, query, set(judging.dwellings.values())
    ):
        share = Owning(dwelling, person, firm, name, Fraction(of, whole), since, until)
        judging.shares.setdefault(dwelling, []).append(share)
    return await read_records(sent.file.content, OwnerRow, judge=judging.judge), judging


async def _rows(reading: Read, query: str, values: set[str]) -> Any:
    for part in in_parts(sorted(values)):
        for row in await reading(query.format(marks(part)), *part):
            yield row


async def check(ctx: Context, sent: OwnerUpload) -> Summary:
    checked, found = await read(ctx, sent, service(ctx).store.read)
    return Summary.of(ready=len(found.ready), same=found.same, skipped=checked.skipped, mend=checked.mend)


async def take(ctx: Context, tx: Tx, sent: OwnerUpload, progress: Progress) -> str:
    _checked, found = await read(ctx, sent, tx.sql)
    for number, each in enumerate(found.ready, 1):
        await ownership.own(
            tx, dwelling=each.dwelling, share=each.share, since=each.since, person=each.person,
            organisation=each.organisation,
        )  # fmt: skip
        if number % PART == 0 or number == len(found.ready):
            progress(number, len(found.ready))
    return ctx.t("登记了 {n} 份产权。", n=len(found.ready))


def template(ctx: Context) -> bytes:
    sample = OwnerRow(
        "桃园社区/第3网格/7号楼/2单元", "503", "王秀兰", "379901196411220003", "", "", "1/2", date(2008, 5, 20)
    )
    return write_records(OwnerRow, [sample], ctx.t(N_("业主名单")))


@get("/people/of/{unit:str}/owners.xlsx", allow=EXPORT, name="owners_file", step_up=True)
async def owners_file(ctx: Context, request: Request[Any, Any, Any], unit: str) -> Response[bytes]:
    """Whose the dwellings of a subtree are today; names without numbers, as :func:`read` takes them again."""
    identity = identity_of(request)
    card = await identity.units.get(unit)
    if card is None or not ctx.can(EXPORT, unit):
        raise no_such_unit()
    today = ctx.today()
    assert isinstance(ctx.people, Directory)
    rows = await identity.store.read(
        "SELECT d.unit, d.number, coalesce(p.name, o.name), coalesce(o.credit_code, ''), w.share_of, w.share_in,"
        " w.since FROM unit u JOIN dwelling d ON d.unit = u.code AND d.closed IS NULL"
        " JOIN ownership w ON w.dwelling = d.id"
        " LEFT JOIN person p ON p.id = w.person LEFT JOIN organisation o ON o.id = w.organisation"
        " WHERE u.path >= ? AND u.path < ? AND w.since <= ? AND (w.until IS NULL OR w.until > ?)"
        " ORDER BY u.path, length(d.number), d.number, w.since, w.id",
        card.path, card.path + AFTER_PATH, today, today,
    )  # fmt: skip
    tree = await identity.units.tree()
    ways = {code: way_text(tree, code) for code in {row[0] for row in rows}}
    values = [
        OwnerRow(ways[at], number, name, "", "", code, f"{of}/{whole}" if of != whole else "1", since)
        for at, number, name, code, of, whole, since in rows
    ]
    async with identity.store.transaction(ctx.actor) as tx:
        detail = {"owners": len(values)}
        await audit(tx, "identity", "identity.exported", card.code, unit=card.code, detail=detail)
    title = ctx.t(N_("业主名单"))
    return download(write_records(OwnerRow, values, title), f"{card.name} {title} {today.isoformat()}.xlsx")


KIND: Final = ListKind(
    name="identity.owners",
    title=N_("业主名单"),
    path="/people/owners/lists",
    route="owners",
    permission=REGISTER,
    form=OwnerUpload,
    check=check,
    take=take,
    template=template,
    back="people",
    back_title=N_("找居民"),
    about=(
        N_("一行一份产权：所在单位、房号、业主，再加身份证号或手机号；单位业主写信用代码。"),
        N_("所在单位从社区写起，用“/”隔开，比如“桃园社区/第3网格/7号楼/2单元”。份额不写就是全部。"),
    ),
)
ROUTES = (owners_file, *list_routes(KIND))

# SPDX-License-Identifier: Apache-2.0
"""Appointments in and out of Excel: unit, post, who, term; every row judged, taken all or nothing.

Who is meant: the number of the person in the register (our own export has it), or name and phone together.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.services import PersonCard, Progress, UnitCard
from liren.store import Tx
from liren.store.audit import write as audit
from liren.store.parts import in_parts, marks
from liren.units.appointments import (
    VERSION,
    Term,
    check_post,
    check_term,
    overlap,
)
from liren.units.dwelling_list import Read
from liren.units.ids import new_id
from liren.units.places import Places, way_text
from liren.units.posts import PostCard
from liren.units.scope import APPOINT, GRANT, posts_of, service
from liren.units.tree import Tree
from liren.units.version import raise_version
from liren.web import N_, Upload
from liren.web import gettext as _
from liren.web.i18n import both
from liren.web.lists import LIST_KINDS, ListKind, Summary
from liren.web.sheets import CheckedRecords, FaultyRow, read_records, write_records


class AppointmentRow(msgspec.Struct, frozen=True):
    """One row of the list."""

    place: Annotated[
        str, Meta(title=N_("所在单位"), max_length=200, extra={"titles": ("单位", "任职单位", "所在网格", "unit")})
    ]
    post: Annotated[str, Meta(title=N_("岗位"), max_length=40, extra={"titles": ("职务", "任职", "post")})]
    name: Annotated[str, Meta(title=N_("姓名"), max_length=40, extra={"holds": "name"})]
    phone: Annotated[
        str, Meta(title=N_("本人手机号"), max_length=20, extra={"titles": ("手机号", "手机", "mobile")})
    ] = ""
    person: Annotated[str, Meta(title=N_("人员编号"), max_length=20, extra={"titles": ("编号", "person")})] = ""
    since: Annotated[date | None, Meta(title=N_("从哪天起"), extra={"titles": ("任期开始", "开始日期", "since")})] = (
        None
    )
    until: Annotated[date | None, Meta(title=N_("到哪天止"), extra={"titles": ("任期结束", "结束日期", "until")})] = (
        None
    )
    work_phone: Annotated[str, Meta(title=N_("工作电话"), max_length=20, extra={"titles": ("办公电话",)})] = ""


class AppointmentUpload(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=N_("任职名单"), extra=LIST_KINDS)]


Seat = tuple[str, str]
"""(unit, post)"""
Held = tuple[str, date, date | None]
"""(person, since, until)"""


@dataclass(slots=True)
class Judging:
    """The rows of one list against the street; what an earlier row takes, a later one cannot."""

    ctx: Context
    places: Places
    posts: dict[str, PostCard]
    """By title, as the visitor reads it, and by key."""
    people: dict[str, PersonCard]
    by_phone: dict[str, list[PersonCard]]
    held: dict[Seat, list[Held]]
    today: date
    terms: list[Term] = field(default_factory=list)
    same: int = 0

    def take(self, row: AppointmentRow) -> str | None:
        """What is wrong with a row, or None."""
        unit = self.places.find(row.place)
        if unit is None or not self.ctx.can(APPOINT, unit.code):
            return _("没有这个单位，或者不在您负责的范围内：%(place)s", place=row.place[:60])
        post = self.posts.get(plain(row.post))
        if post is None:
            return _("没有这个岗位：%(post)s", post=row.post[:40])
        if post.roles and not self.ctx.can(GRANT, unit.code):
            return _("“%(post)s”带有系统角色，您不能在这里任命", post=row.post[:40])
        person = self._who(row)
        if isinstance(person, str):
            return person
        if person.id == self.ctx.actor:
            return _("不能任命自己")
        since = row.since or self.today
        seats = self.held.setdefault((unit.code, post.key), [])
        if any(each == (person.id, since, row.until) for each in seats):
            self.same += 1
            return None
        try:
            check_post(post, unit.level, unit.name, unit.closed)
            check_term(since, row.until, self.today)
        except LirenError as error:
            return both(error.zh, error.en)
        for holder, from_day, to_day in seats:
            if overlap((since, row.until), (from_day, to_day)) and (post.single or holder == person.id):
                return _("任期和已有的任职重叠：这里从 %(day)s 起有人担任", day=from_day.isoformat())
        seats.append((person.id, since, row.until))
        self.terms.append(Term(post, unit.code, person.id, since, row.until, row.work_phone))
        return None

    def _who(self, row: AppointmentRow) -> PersonCard | str:
        if row.person:
            card = self.people.get(row.person.strip())
            if card is None or not card.active:
                return _("没有这个人员编号")
            return card if card.name == row.name else _("编号和姓名对不上")
        digits = plain(row.phone)
        if not digits:
            return _("请填手机号或人员编号，好认出是谁")
        found = [card for card in self.by_phone.get(digits, []) if card.name == row.name and card.active]
        if len(found) == 1:
            return found[0]
        return _("没有登记过这个姓名和手机号") if not found else _("有两个人姓名和手机号都一样，请填人员编号")


def plain(text: str) -> str:
    """Half-width, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


async def judged(ctx: Context, data: bytes, reading: Read) -> tuple[CheckedRecords[AppointmentRow], Judging]:
    """Every row with its verdict, and the terms that would begin.

    :raises SheetError: no workbook, or a needed column that is not there
    """
    tree = await service(ctx).tree()
    places = Places(tree)
    read = await read_records(data, AppointmentRow)
    posts: dict[str, PostCard] = {}
    for post in (await posts_of(ctx)).open():
        posts |= {plain(ctx.t(post.title)): post, plain(post.title): post, post.key: post}
    people = await ctx.people.cards([row.person.strip() for row in read.values if row.person])
    phones = {plain(row.phone) for row in read.values if row.phone and not row.person}
    hashes = {ctx.people.hash_of("phone", phone): phone for phone in phones}
    matching = await ctx.people.matching("phone", list(hashes)) if hashes else {}
    by_phone = {hashes[value]: list(cards) for value, cards in matching.items()}
    units = {card.code for row in read.values if (card := places.find(row.place)) is not None}
    held = await _held(reading, sorted(units), ctx.today())
    judging = Judging(ctx, places, posts, people, by_phone, held, ctx.today())
    good, faulty = [], list(read.faulty)
    for each in read.good:
        problem = judging.take(each.value)
        if problem is None:
            good.append(each)
        else:
            faulty.append(FaultyRow(each.number, _typed(each.value), (problem,)))
    faulty.sort(key=lambda row: row.number)
    return CheckedRecords(read.sheet, _titles(), good, faulty, read.skipped), judging


def _titles() -> tuple[str, ...]:
    return tuple(
        _(title)
        for title in (
            N_("所在单位"), N_("岗位"), N_("姓名"), N_("本人手机号"), N_("人员编号"), N_("从哪天起"), N_("到哪天止"),
            N_("工作电话"),
        )
    )  # fmt: skip


def _typed(row: AppointmentRow) -> tuple[str, ...]:
    """The row in our own columns, for the workbook of rows to mend."""
    values = (row.place, row.post, row.name, row.phone, row.person, row.since, row.until, row.work_phone)
    return tuple(str(value) if value is not None else "" for value in values)


async def _held(reading: Read, units: list[str], today: date) -> dict[Seat, list[Held]]:
    held: dict[Seat, list[Held]] = {}
    for part in in_parts(units):
        query = (
            "SELECT unit, post, person, since, until FROM appointment"  # noqa: S608 - marks only
            f" WHERE unit IN ({marks(part)}) AND (until IS NULL OR until > ?)"
        )
        for unit, post, person, since, until in await reading(query, *part, today):
            held.setdefault((unit, post), []).append((person, since, until))
    return held


async def check(ctx: Context, sent: AppointmentUpload) -> Summary:
    checked, judging = await judged(ctx, sent.file.content, service(ctx).store.read)
    return Summary.of(ready=len(judging.terms), same=judging.same, skipped=checked.skipped, mend=checked.mend)


async def take(ctx: Context, tx: Tx, sent: AppointmentUpload, progress: Progress) -> str:
    await raise_version(tx, VERSION)  # two lists at once see each other
    _, judging = await judged(ctx, sent.file.content, tx.sql)
    rows = [
        (new_id(), term.post.key, term.unit, term.person, term.since, term.until, term.phone, tx.actor, tx.now_ms)
        for term in judging.terms
    ]
    if rows:
        await tx.many(
            "INSERT INTO appointment (id, post, unit, person, since, until, phone, made_by, made_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    for term in judging.terms:
        await audit(tx, "units", "units.appointed", term.person, unit=term.unit, detail={"post": term.post.key})
    progress(len(rows), max(1, len(rows)))
    return ctx.t("任命了 {n} 人。", n=len(rows))


def template(ctx: Context) -> bytes:
    row = AppointmentRow(
        "桃园社区/第3网格", ctx.t("网格员"), "王芳", "13800000000", "", ctx.today(), None, "0533-8200000"
    )
    return write_records(AppointmentRow, [row], ctx.t(N_("任职名单")))


async def export(ctx: Context, tree: Tree, top: UnitCard) -> bytes:
    """What holds today or later in a subtree, as :func:`judged` reads it again: by number, without private phones."""
    rows = await service(ctx).store.read(
        "SELECT a.unit, a.post, a.person, a.since, a.until, a.phone FROM unit u JOIN appointment a ON a.unit = u.code"
        " WHERE u.path >= ? AND u.path < ? AND (a.until IS NULL OR a.until > ?) ORDER BY u.path, a.post, a.since",
        top.path, top.path + "{", ctx.today(),
    )  # fmt: skip
    people = await ctx.people.cards([row[2] for row in rows])
    posts = await posts_of(ctx)
    values = [
        AppointmentRow(
            way_text(tree, unit),
            ctx.t(known.title) if (known := posts.get(post)) else post,
            people[person].name,
            "",
            person,
            since,
            until,
            phone,
        )
        for unit, post, person, since, until, phone in rows
        if person in people
    ]
    return write_records(AppointmentRow, values, ctx.t(N_("任职名单")))


KIND: Final = ListKind(
    name="units.appointments",
    title=N_("任职名单"),
    path="/lists/appointments",
    route="appointments",
    permission=APPOINT,
    form=AppointmentUpload,
    check=check,
    take=take,
    template=template,
    back="tree",
    back_title=N_("单位"),
    about=(
        N_("一行一项任职：所在单位、岗位、姓名，加上本人手机号或人员编号，任期从哪天到哪天。"),
        N_("本人手机号只用来认人，不会公开；要让居民看到的，写在“工作电话”里。"),
    ),
)

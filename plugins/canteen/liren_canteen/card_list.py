# SPDX-License-Identifier: Apache-2.0
"""Meal cards from Excel: a community's list of who is registered here, in which category, with which card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from liren.api import Context, Outbox, PersonCard, Progress, _
from liren.web import Upload, gettext
from liren.web.lists import LIST_KINDS, ListKind, Summary
from liren.web.sheets import CheckedRecords, read_records, write_records
from liren_canteen import diners, words
from liren_canteen.diners import CHECK
from liren_canteen.tables import DinerCard

CHUNK: Final = 200
Category = Literal["support", "disabled", "alone", "honoured", "bereft"]


class CardRow(msgspec.Struct, frozen=True):
    """One row of the list."""

    name: Annotated[str, Meta(title=_("姓名"), max_length=40, extra={"holds": "name"})]
    id_number: Annotated[str, Meta(title=_("身份证号"), max_length=20, extra={"holds": "id_number"})] = ""
    phone: Annotated[str, Meta(title=_("手机号"), max_length=20, extra={"holds": "phone"})] = ""
    registration: Annotated[
        Literal["", "local", "other"],
        Meta(title=_("户籍"), extra={"titles": ("户籍类别", "registration"), "names": words.REGISTRATIONS}),
    ] = ""
    categories: Annotated[
        list[Category],
        Meta(title=_("属于哪类"), extra={"titles": ("类别", "人员类别", "categories"), "names": words.CATEGORIES}),
    ] = []
    evidence: Annotated[
        str, Meta(title=_("看了什么证件"), max_length=120, extra={"titles": ("证件", "依据", "evidence")})
    ] = ""
    card: Annotated[str, Meta(title=_("餐卡号"), max_length=40, extra={"titles": ("卡号", "card")})] = ""


class CardUpload(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=_("餐卡名单"), extra=LIST_KINDS)]


@dataclass(slots=True)
class Judging:
    """The rows of one list against the register and the cards there are."""

    ctx: Context
    by_number: Mapping[str, Sequence[PersonCard]]
    """Keyed hash of an identity number or a phone → whose."""
    cards: Mapping[str, DinerCard]
    holders: Mapping[str, str]
    """Keyed hash of a card → who has it."""
    ready: list[tuple[str, CardRow]] = field(default_factory=list)
    same: int = 0
    given: dict[str, str] = field(default_factory=dict)
    """Cards this list gave out further up."""

    def judge(self, row: CardRow) -> str | None:
        """What is wrong with a row, or None."""
        who = self._who(row)
        if isinstance(who, str):
            return who
        if (wrong := diners.categories_wrong(row.categories, row.evidence)) is not None:
            return wrong[1]
        hashed = card_hash(self.ctx, row)
        holder = self.given.get(hashed or "") or self.holders.get(hashed or "")
        if hashed and holder not in (None, who.id):
            return gettext("这张卡已经登记在别人名下")
        if any(person == who.id for person, _row in self.ready):
            return gettext("这个人前面已经有一行了")
        if hashed:
            self.given[hashed] = who.id
        if self._is_so(self.cards.get(who.id), row, hashed):
            self.same += 1
        else:
            self.ready.append((who.id, row))
        return None

    def _who(self, row: CardRow) -> PersonCard | str:
        hashes = numbers(self.ctx, row)
        if not hashes:
            return gettext("请填身份证号或手机号，好认出是谁")
        found = {card.id: card for hashed in hashes for card in self.by_number.get(hashed, ()) if card.name == row.name}
        if len(found) != 1:
            return gettext("没有登记过这个姓名和号码") if not found else gettext("有两个人都对得上，请填身份证号")
        [card] = found.values()
        if card.community is None or not self.ctx.can(CHECK, card.community):
            return gettext("没有登记过这个姓名和号码")
        return card if card.active else gettext("登记显示已去世或迁出")

    def _is_so(self, card: DinerCard | None, row: CardRow, hashed: str | None) -> bool:
        return (
            card is not None
            and card.registration == row.registration
            and card.categories == diners.in_order(row.categories)
            and card.evidence == row.evidence
            and hashed in (None, card.card_hash)
        )


def numbers(ctx: Context, row: CardRow) -> list[str]:
    """Keyed hashes of what the row knows its person by."""
    kinds = (("id_number", row.id_number), ("phone", row.phone))
    return [ctx.people.hash_of(kind, value) for kind, value in kinds if value]


def card_hash(ctx: Context, row: CardRow) -> str | None:
    number = diners.card_number(row.card)
    return diners.hash_of_card(ctx, number) if number else None


async def read(ctx: Context, sent: CardUpload) -> tuple[CheckedRecords[CardRow], Judging]:
    """Twice: first for the numbers, to ask the register about all of them at once; then for the verdicts.

    :raises SheetError: no workbook, or a needed column that is not there
    """
    typed = (await read_records(sent.file.content, CardRow)).values
    by_number: dict[str, Sequence[PersonCard]] = {}
    for kind in ("id_number", "phone"):
        values = [ctx.people.hash_of(kind, value) for row in typed if (value := getattr(row, kind))]
        for start in range(0, len(values), CHUNK):
            by_number |= await ctx.people.matching(kind, values[start : start + CHUNK])
    people = sorted({card.id for found in by_number.values() for card in found})
    cards: dict[str, DinerCard] = {}
    for start in range(0, len(people), CHUNK):
        cards |= await diners.cards_of(people[start : start + CHUNK])
    judging = Judging(ctx, by_number, cards, await _holders(ctx, typed))
    return await read_records(sent.file.content, CardRow, judge=judging.judge), judging


async def _holders(ctx: Context, rows: Sequence[CardRow]) -> dict[str, str]:
    hashes = [hashed for row in rows if (hashed := card_hash(ctx, row))]
    found: dict[str, str] = {}
    for start in range(0, len(hashes), CHUNK):
        part = DinerCard.card_hash.is_in(hashes[start : start + CHUNK])
        for row in await DinerCard.select(DinerCard.card_hash, DinerCard.person).where(part).limit(CHUNK):
            found[row["card_hash"]] = row["person"]
    return found


async def check(ctx: Context, sent: CardUpload) -> Summary:
    checked, found = await read(ctx, sent)
    return Summary.of(ready=len(found.ready), same=found.same, skipped=checked.skipped, mend=checked.mend)


async def write(ctx: Context, tx: Outbox, sent: CardUpload, progress: Progress) -> str:
    _checked, found = await read(ctx, sent)
    rows = [_written(ctx, found.cards.get(person), person, row) for person, row in found.ready]
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        await DinerCard.delete().where(DinerCard.person.is_in([row.person for row in part]))
        await DinerCard.insert(*part)
        progress(start + len(part), len(rows))
    await tx.audit("cards-listed", "list", cards=len(rows))
    return ctx.t(_("登记了 {n} 张餐卡。"), n=len(rows))


def _written(ctx: Context, before: DinerCard | None, person: str, row: CardRow) -> DinerCard:
    """The staff's part is the list's; what the diner said themself stays."""
    said = ("allergens", "diets", "site", "deliver_to")
    kept = {name: getattr(before, name) for name in said} if before else {}
    today: date = ctx.today()
    return DinerCard(
        person=person,
        registration=row.registration,
        categories=diners.in_order(row.categories),
        evidence=row.evidence,
        card_hash=card_hash(ctx, row) or (before.card_hash if before else None),
        checked_on=today,
        checked_by=ctx.actor,
        **kept,
    )


def template(ctx: Context) -> bytes:
    sample = CardRow("王秀兰", "", "19900001234", "local", ["alone"], "户口本、独居老人登记表", "0001")
    return write_records(CardRow, [sample], ctx.t(_("餐卡名单")))


KIND: Final = ListKind(
    name="canteen.cards",
    title=_("餐卡名单"),
    path="/desk/lists/cards",
    route="cards",
    permission=CHECK,
    form=CardUpload,
    check=check,
    write=write,
    template=template,
    back="diners",
    back_title=_("老人餐卡"),
    about=(
        _("一行一位老人：姓名，加身份证号或手机号；户籍、类别、看了什么证件、餐卡号有就写。"),
        _("只登记您负责的社区里登记过的人。老人自己说的（不能吃什么、送到哪里）不会被改掉。"),
    ),
)

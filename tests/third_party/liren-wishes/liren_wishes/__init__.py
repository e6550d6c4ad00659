# SPDX-License-Identifier: Apache-2.0
"""微心愿: uses every hook of the contract once, each for something small and real."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import click
import msgspec
from markupsafe import Markup
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.api import (
    Context,
    Deed,
    Demo,
    Erased,
    Event,
    Field,
    Figure,
    HealthCheck,
    Hit,
    Holding,
    Job,
    LoginMethod,
    NavItem,
    Permission,
    PersonalData,
    Received,
    RecordCode,
    Role,
    RuleTemplate,
    Sent,
    Signer,
    TableFields,
    Titled,
    Todo,
    UnitChange,
    Workflow,
    _,
)
from liren_wishes import api, flow, pages, providers
from liren_wishes.tables import OVER, Wish

FOLDER = Path(__file__).parent


class Settings(msgspec.Struct, frozen=True):
    shown: Annotated[int, msgspec.Meta(title=_("公开栏上显示几条"), ge=1, le=20)] = 3


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("wishes", str(FOLDER / "piccolo_migrations"), table_classes=[Wish])


@hookimpl
def register_fields() -> Sequence[TableFields]:
    wish = Field(_("心愿"), ("person", "text", "heard"), _("帮您实现"), _("您删除为止"), _("圆梦人"))
    return [TableFields("wishes_wish", (wish,), plain=("id", "unit"))]


@hookimpl
def register_routes() -> Sequence[Any]:
    return [pages.wishes, pages.file]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [Permission("wishes.grant", _("实现心愿"))]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [Role("wishes.helper", _("圆梦人"), ("wishes.grant",))]


@hookimpl
def register_settings() -> type[Settings]:
    return Settings


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [Job("count", _("数一数心愿"), flow.count, every=timedelta(seconds=1))]


@hookimpl
def register_workflows() -> Sequence[Workflow]:
    return [flow.WISH]


@hookimpl
def register_commands() -> Sequence[click.Command]:
    return [pages.make]


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [HealthCheck("open", _("没有放太久的心愿"), flow.check)]


@hookimpl
def register_events() -> Sequence[type[Event]]:
    return [api.WishMade]


@hookimpl
def register_point_rules() -> Sequence[RuleTemplate]:
    return [
        RuleTemplate("wishes.granted", _("帮邻居圆梦"), "dedication", _("次"), 2),
        RuleTemplate("wishes.broken", _("答应了却没有做"), "breach_of_faith", _("次"), 1),
    ]


@hookimpl
def register_codes() -> Sequence[RecordCode]:
    return [RecordCode("wishes.give", _("捐给心愿")), RecordCode("wishes.given", _("心愿收到积分"))]


@hookimpl
def register_deeds() -> Sequence[Deed]:
    return [Deed("wishes.make", _("许一个心愿"), page="wishes", undo=api.unmake, measure="times", cap=3)]


@hookimpl
def login_method() -> LoginMethod:
    return providers.METHOD


@hookimpl
def signer() -> Signer:
    return providers.Memory()


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [NavItem(_("微心愿"), "wishes", place="board")]


@hookimpl
async def page_slot(ctx: Context, slot: str) -> Markup | None:
    if slot != "board.main":
        return None
    return await ctx.fragment("latest.html", wishes=await api.latest(ctx.settings.shown))


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    if not ctx.can("wishes.grant"):
        return []
    return [Todo(ctx.t("等人实现的心愿"), ctx.url("wishes"), count=await api.count())]


@hookimpl
async def record_titles(codes: Sequence[str], accounts: Sequence[str]) -> Sequence[Titled]:
    found = await Wish.objects().where(Wish.id.is_in(list(accounts)))
    thanks = [Titled(code, _("谢谢您的心意")) for code in codes if code.startswith("wishes.thanks-")]
    return [*thanks, *(Titled(wish.id, wish.text) for wish in found)]


@hookimpl
async def figures(ctx: Context) -> Sequence[Figure]:
    return [Figure("wishes.made", ctx.t("微心愿"), await api.count(), ctx.t("个"))]


@hookimpl
async def search(ctx: Context, text: str) -> Sequence[Hit]:
    found = await Wish.objects().where(Wish.text.like(f"%{text}%")).limit(10)
    return [Hit(wish.text, ctx.url("wishes"), ctx.t("微心愿")) for wish in found]


@hookimpl
async def on_event(ctx: Context, event: Received) -> None:
    if event.name == api.WishMade.name:
        await flow.heard(ctx, event.read(api.WishMade).wish)


@hookimpl
async def notifier(person: str, text: str) -> Sent:
    return Sent(providers.send(person, text))


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    mine = await Wish.select(Wish.text).where(Wish.person == person)
    return [PersonalData(ctx.t("微心愿"), mine)]


@hookimpl
async def erase_person(person: str) -> Erased:
    mine = await Wish.count().where(Wish.person == person)
    await Wish.delete().where(Wish.person == person)
    return Erased(int(mine))


@hookimpl
async def person_merged(kept: str, gone: str) -> None:
    await Wish.update({Wish.person: kept}).where(Wish.person == gone)


@hookimpl
async def person_left(person: str) -> None:
    await Wish.update({Wish.heard: OVER}).where(Wish.person == person)


@hookimpl
async def unit_holds(unit: str) -> Sequence[Holding]:
    return [Holding(_("微心愿"), int(await Wish.count().where(Wish.unit == unit)), _("个"))]


@hookimpl
async def dwelling_holds(dwelling: str) -> Sequence[Holding]:
    return []  # a wish belongs to a person, wherever they live


@hookimpl
async def unit_changed(change: UnitChange) -> None:
    if change.heir:
        await Wish.update({Wish.unit: change.heir}).where(Wish.unit == change.gone)


@hookimpl
async def demo_data(ctx: Context, demo: Demo) -> None:
    helper = await demo.acting("wishes.helper")
    unit = (await helper.units.street()).code

    async def wish() -> None:
        for number in range(1, 101 if demo.scale == "city" else 2):
            await api.make(helper, f"想有人陪着下盘棋（第 {number} 回）", unit)
            demo.progress("wishes", number, 100)

    await demo.step("wishes", wish)

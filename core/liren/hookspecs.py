# SPDX-License-Identifier: Apache-2.0
"""Every hook there is, on one page. The core's own packages use these and nothing else.

An implementation is a function in the plugin's top module, marked ``@hookimpl``, with any subset of the
arguments in any order. Hooks of kind *start* are called once while the plugin loads and get nothing;
all others get the plugin's own frozen :class:`~liren.plugins.context.Context` and may be ``async``.
The annotations here are checked against what comes back: a wrong type is a fault of the plugin.
"""

from collections.abc import Sequence
from datetime import date

import click
import msgspec
from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup
from piccolo.conf.apps import AppConfig

from liren.plugins.acting import Deed
from liren.plugins.context import Context
from liren.plugins.custody import Signer
from liren.plugins.events import Event, Received
from liren.plugins.flows import Workflow
from liren.plugins.points import RuleTemplate
from liren.plugins.specs import HookSpec, declared_in
from liren.plugins.types import (
    Demo,
    Erased,
    Figure,
    Fragment,
    HealthCheck,
    Hit,
    Holding,
    Job,
    LoginMethod,
    NavItem,
    Permission,
    PersonalData,
    RecordCode,
    Retain,
    Role,
    Sent,
    TableFields,
    Titled,
    Todo,
    UnitChange,
)

SPECS: dict[str, HookSpec] = {}
_spec = declared_in(SPECS)


# --- start: what the plugin brings; called once, inside the loading time limit ---------------------


@_spec("start", 20)
def register_tables() -> AppConfig:
    """The plugin's Piccolo tables and its migrations folder.

    Table names start with ``<id>_``; no foreign keys outside the plugin: keep ids of people and units.

    Example::

        @hookimpl
        def register_tables():
            return AppConfig("canteen", str(HERE / "piccolo_migrations"), table_classes=[Menu, MealOrder])
    """
    raise NotImplementedError


@_spec("start", 20)
def register_fields() -> Sequence[TableFields]:
    """What the plugin's tables say of people, column by column: what for, how long, who sees it.

    Residents read it at ``/privacy/fields``. Every column of every table stands in a ``Field`` or is plain.

    Example::

        @hookimpl
        def register_fields():
            card = Field(_("餐卡号"), ("card_hash",), _("刷卡认出是您"), _("您被删除为止"), _("谁也看不到"))
            return [TableFields("canteen_diner", (card,), plain=("id", "site"))]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_routes() -> Sequence[HTTPRouteHandler]:
    """Handlers made with ``liren.web.get`` and ``post``; the path ``/menu`` becomes ``/<id>/menu``.

    Each says whom it lets in (``allow=``; ``step_up=True`` asks for a fresh proof) and takes ``ctx: Context``.

    Example::

        @hookimpl
        def register_routes():
            return [pages.menu, pages.order]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_permissions() -> Sequence[Permission]:
    """Permissions routes and verbs ask for; names start with ``<id>.``.

    Example::

        @hookimpl
        def register_permissions():
            return [Permission("canteen.serve", _("核销订餐"))]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_roles() -> Sequence[Role]:
    """Roles offered by default; an administrator grants them at a unit.

    Example::

        @hookimpl
        def register_roles():
            return [Role("canteen.clerk", _("助餐点店员"), ("canteen.serve",))]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_settings() -> type[msgspec.Struct]:
    """A frozen Struct whose every field has a default; ``ctx.settings`` holds one.

    ``msgspec.Meta(title=…, description=…, ge=…)`` gives the console's form its labels and bounds.

    Example::

        class Settings(msgspec.Struct, frozen=True):
            cut_off_hour: Annotated[int, Meta(title=_("几点截止"), ge=0, le=23)] = 9

        @hookimpl
        def register_settings():
            return Settings
    """
    raise NotImplementedError


@_spec("start", 20)
def register_jobs() -> Sequence[Job]:
    """Scheduled work; runs while the plugin is enabled, each run with a time limit.

    Example::

        @hookimpl
        def register_jobs():
            return [Job("no_shows", _("记录爽约"), flow.mark_no_shows, daily=time(20, 0))]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_workflows() -> Sequence[Workflow]:
    """Declared transition tables; ``ctx.cases`` opens and moves the cases that follow them.

    Example::

        @hookimpl
        def register_workflows():
            return [
                Workflow(
                    "visit", _("上门走访"), initial="asked",
                    states=(
                        State("asked", _("待走访"), due=timedelta(days=3), escalate="canteen.serve"),
                        State("visited", _("已走访"), "done"),
                    ),
                    transitions=(
                        Transition("visit", _("登记走访"), ("asked",), "visited", ("canteen.serve",), note="required"),
                    ),
                )
            ]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_commands() -> Sequence[click.Command]:
    """Commands under ``liren <id> …``; the function is ``async`` and gets the Context first.

    Example::

        @click.command()
        @click.argument("day")
        async def kitchen_sheet(ctx, day):
            click.echo(await flow.sheet_of(date.fromisoformat(day)))

        @hookimpl
        def register_commands():
            return [kitchen_sheet]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_health_checks() -> Sequence[HealthCheck]:
    """Checks on the health page.

    Example::

        @hookimpl
        def register_health_checks():
            return [HealthCheck("menu", _("明天有菜单"), flow.menu_is_there)]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_events() -> Sequence[type[Event]]:
    """The events the plugin emits; others may listen without requiring it. Names start with ``<id>.``.

    Example::

        @hookimpl
        def register_events():
            return [MealServed, MealMissed]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_point_rules() -> Sequence[RuleTemplate]:
    """Rules a street may adopt in ``credit``; until it does, nothing is awarded.

    Example::

        @hookimpl
        def register_point_rules():
            return [RuleTemplate("canteen.delivery", _("送餐上门"), "dedication", _("次"), 2, daily_cap=3,
                                 event="canteen.delivered")]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_codes() -> Sequence[RecordCode]:
    """What the codes mean under which the plugin posts and attests; names start with ``<id>.``.

    A record stays for ever: passbooks, receipts and the auditor show the title while the plugin is installed (on or
    off), and the code itself after that.

    Example::

        @hookimpl
        def register_codes():
            return [RecordCode("canteen.meal", _("订餐")), RecordCode("canteen.cancel", _("取消订餐，积分退回"))]
    """
    raise NotImplementedError


@_spec("start", 20)
def register_deeds() -> Sequence[Deed]:
    """What a worker or somebody's family can do for a person (代办); names start with ``<id>.``.

    The core takes the consent and leads to ``page`` with ``?mandate=<id>``; the plugin's verb ends with
    ``ctx.acting.did``. ``undo`` is called within ``undo_hours``, at the person's word.

    Example::

        async def undo_meal(ctx, tx, slip):
            await orders.cancel_in(ctx, tx, slip.subject)

        @hookimpl
        def register_deeds():
            return [Deed("canteen.order", _("订餐"), page="menu", undo=undo_meal, measure="fen")]
    """
    raise NotImplementedError


@_spec("start", 20)
def login_method() -> LoginMethod:
    """A way to sign in beside password and link, offered on the login page while the plugin is on.

    Example::

        @hookimpl
        def login_method():
            return LoginMethod("sms", _("短信验证码登录"), _("手机号"), _("短信里的 6 位数字"), sms.begin, sms.finish)
    """
    raise NotImplementedError


@_spec("start", 20)
def signer() -> Signer:
    """Holds the ledger's private keys elsewhere; used for new keys where ``LIREN_SIGNER`` names this plugin.

    Example::

        @hookimpl
        def signer():
            return Module("/usr/lib/softhsm/libsofthsm2.so", slot=0)
    """
    raise NotImplementedError


# --- page: asked for while a page is made; a fault leaves the rest of the page as it is -------------


@_spec("page", 1)
def nav_items(ctx: Context) -> Sequence[NavItem]:
    """Menu entries. Name the route; who may not open it does not see the entry.

    Example::

        @hookimpl
        def nav_items():
            return [NavItem(_("订餐"), "menu", place="home")]
    """
    raise NotImplementedError


@_spec("page", 1)
def page_slot(ctx: Context, slot: str, subject: str | None) -> Markup | Fragment | None:
    """What the plugin puts into a named slot of a core page, or None. One query at most.

    ``subject`` is the person or thing the page is about (see the list of slots in the contract).

    Example::

        @hookimpl
        async def page_slot(ctx, slot, subject):
            if slot == "home.main":
                return await ctx.fragment("today.html", menu=await todays_menu())
    """
    raise NotImplementedError


@_spec("page", 1)
def todo_items(ctx: Context) -> Sequence[Todo]:
    """Work waiting for ``ctx.visitor``.

    Example::

        @hookimpl
        async def todo_items(ctx):
            return [Todo(ctx.t("待核订餐"), ctx.url("counter"), count=await waiting(ctx))]
    """
    raise NotImplementedError


@_spec("page", 1)
def figures(ctx: Context) -> Sequence[Figure]:
    """Figures for the public board and the dashboards: sums only, never a person.

    Example::

        @hookimpl
        async def figures(ctx):
            return [Figure("canteen.meals", _("本月助餐"), await meals_this_month(), _("份"))]
    """
    raise NotImplementedError


@_spec("page", 1)
def search(ctx: Context, text: str) -> Sequence[Hit]:
    """What the visitor may see of what they look for, the best first, ten at most; scope every query.

    Example::

        @hookimpl
        async def search(ctx, text):
            return [Hit(site.name, ctx.url("site", site=site.id), ctx.t("助餐点")) for site in await sites_like(text)]
    """
    raise NotImplementedError


@_spec("page", 1)
def record_titles(ctx: Context, codes: Sequence[str], accounts: Sequence[str]) -> Sequence[Titled]:
    """What names in signed records stand for that only the plugin's own tables know, for a page that shows them.

    ``accounts``: ids of its merchants, as given to ``Settle``; asked only for who may see the record they stand in.
    ``codes``: those ``register_codes`` does not name: of ``credit`` the street's rules (shown to anyone), of others
    what begins with their own id. Leave out what is not known. One query at most for each.

    Example::

        @hookimpl
        async def record_titles(accounts):
            found = await Site.select(Site.id, Site.name).where(Site.id.is_in(list(accounts)))
            return [Titled(row["id"], row["name"]) for row in found]
    """
    raise NotImplementedError


# --- fact: told after it was committed; cannot undo it ----------------------------------------------


@_spec("fact", 30)
def on_event(ctx: Context, event: Received) -> None:
    """Something happened. Called at least once, in no fixed order; a fault is retried for days, then shown to staff.

    Act through ``ctx.once(event.key, …)``: a repetition then does nothing. ``ctx.visitor`` is None.

    Example::

        @hookimpl
        async def on_event(ctx, event):
            if event.name == "canteen.meal_missed":
                await ask_for_a_visit(ctx, event.key, event.read(Missed).person)
    """
    raise NotImplementedError


# --- provider: work the core hands on ---------------------------------------------------------------


@_spec("provider", 30)
def notifier(ctx: Context, person: str, text: str, link: str) -> Sent:
    """Forward a notice to the person's phone. It stands on their page in any case; faults are tried again for a day.

    ``link`` is a path of this site. Send what you must and no more: a text message passes through other hands.

    Example::

        @hookimpl
        async def notifier(ctx, person, text, link):
            return Sent(await gateway.send(await number_of(person), ctx.t("您有一条新通知，请登录查看。")))
    """
    raise NotImplementedError


# --- data: duties towards a person; inside the core's transaction, so a fault undoes the whole -----


@_spec("data", 60)
def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    """Everything the plugin holds about a person, for the download they may ask for.

    Example::

        @hookimpl
        async def export_person(ctx, person):
            return [PersonalData(_("订餐"), await orders_of(person))]
    """
    raise NotImplementedError


@_spec("data", 60)
def erase_person(ctx: Context, person: str) -> Erased | Retain:
    """Delete what names the person, or say until when which law keeps it.

    Called inside the core's transaction: write with Piccolo, start no transaction of your own.

    Example::

        @hookimpl
        async def erase_person(ctx, person):
            return Erased(await forget_orders_of(person))
    """
    raise NotImplementedError


@_spec("data", 60)
def person_merged(ctx: Context, kept: str, gone: str) -> None:
    """Two entries were one person: rows of ``gone`` belong to ``kept`` from now on.

    Called inside the core's transaction: write with Piccolo, start no transaction of your own.

    Example::

        @hookimpl
        async def person_merged(kept, gone):
            await MealOrder.update({MealOrder.person: kept}).where(MealOrder.person == gone)
    """
    raise NotImplementedError


@_spec("data", 60)
def person_left(ctx: Context, person: str, reason: str, on: date) -> None:
    """Somebody moved away (``reason`` ``moved``) or died (``died``), ``on`` that day: what runs on of itself ends.

    Called inside the core's transaction: write with Piccolo, start no transaction of your own. Close, do not delete: it
    may be taken back for a day. What posts points waits for the event ``identity.departed``.

    Example::

        @hookimpl
        async def person_left(person, on):
            await WeeklyMeal.update({WeeklyMeal.until: on}).where(WeeklyMeal.person == person)
    """
    raise NotImplementedError


@_spec("data", 60)
def unit_holds(ctx: Context, unit: str) -> Sequence[Holding]:
    """What the plugin keeps of a unit and its subtree today, by its code: shown before the unit is changed.

    Example::

        @hookimpl
        async def unit_holds(unit):
            count = await MealPoint.count().where(MealPoint.unit == unit)
            return [Holding(_("助餐点"), count, _("个"), blocks=True)]
    """
    raise NotImplementedError


@_spec("data", 60)
def dwelling_holds(ctx: Context, dwelling: str) -> Sequence[Holding]:
    """What the plugin keeps of one dwelling today, by its id: asked before the dwelling is given up.

    Example::

        @hookimpl
        async def dwelling_holds(dwelling):
            return [Holding(_("送餐"), await deliveries_to(dwelling), _("份"), blocks=True)]
    """
    raise NotImplementedError


@_spec("data", 60)
def unit_changed(ctx: Context, change: UnitChange) -> None:
    """A unit was merged, split, moved or closed: what is still under way belongs to its heir from that day on.

    Called inside the core's transaction: write with Piccolo, start no transaction of your own. What is over stays
    under the old code.

    Example::

        @hookimpl
        async def unit_changed(change):
            if change.heir:
                await MealPoint.update({MealPoint.unit: change.heir}).where(MealPoint.unit == change.gone)
    """
    raise NotImplementedError


# --- life -------------------------------------------------------------------------------------------


@_spec("life", 3600)
def demo_data(ctx: Context, demo: Demo) -> None:
    """Fill the demo street, through the plugin's real verbs; plugins run in the order they require.

    A city (``demo.scale == "city"``) takes minutes: cut the work into ``demo.step``s, and a killed run goes on.

    Example::

        @hookimpl
        async def demo_data(ctx, demo):
            clerk = await demo.acting("canteen.clerk")
            await demo.step("menu", lambda: publish_menu(clerk, SAMPLE_MENU))
    """
    raise NotImplementedError

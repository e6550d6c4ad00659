# SPDX-License-Identifier: Apache-2.0
"""幸福食堂: menus, meal orders, subsidies explained line by line, the kitchen's count. Hooks only."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren.api import (
    Context,
    Deed,
    Demo,
    Erased,
    Event,
    Figure,
    Fragment,
    HealthCheck,
    Hit,
    Holding,
    Job,
    NavItem,
    Permission,
    PersonalData,
    Received,
    RecordCode,
    Retain,
    Role,
    RuleTemplate,
    TableFields,
    Titled,
    Todo,
    UnitChange,
    Workflow,
    _,
    hookimpl,
)
from liren.web.lists import list_routes
from liren_canteen import (
    card_list,
    claim_pages,
    claims,
    counter_pages,
    deliver_pages,
    deliveries,
    departed,
    diner_pages,
    doubles,
    fields,
    for_someone,
    hits,
    kitchen,
    kitchen_pages,
    menu_list,
    menu_pages,
    own_pages,
    personal,
    resident,
    rule_pages,
    slots,
    staff,
    standing,
    todos,
    unit_duties,
    visits,
    words,
)
from liren_canteen.demo import fill
from liren_canteen.events import EVENTS
from liren_canteen.order_flow import ORDER
from liren_canteen.settings import Settings
from liren_canteen.tables import TABLES, Site

HERE = Path(__file__).parent


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("canteen", str(HERE / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    own = (resident, own_pages)
    staff_pages = (staff, menu_pages, rule_pages, diner_pages, kitchen_pages, counter_pages, deliver_pages, claim_pages)
    from_excel = [*list_routes(menu_list.KIND), *list_routes(card_list.KIND)]
    return [*(handler for page in (*own, *staff_pages) for handler in page.HANDLERS), *from_excel]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("canteen.serve", _("备餐和取餐"), _("只在自己负责的食堂。")),
        Permission("canteen.manage", _("管理食堂、时间和菜单"), _("在自己负责的社区。")),
        Permission("canteen.check", _("登记老人餐卡"), _("按证件登记户籍和类别；看得到年龄和不能吃的东西。")),
        Permission("canteen.deliver", _("给老人送餐"), _("只看得到自己领的那一趟的地址。")),
        Permission("canteen.visit", _("上门看望没来的老人"), _("在自己负责的社区。")),
        Permission("canteen.subsidy", _("定补贴规则"), _("起草和公布；公布后不能改。"), street=True),
    ]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [
        Role("canteen.clerk", _("食堂工作人员"), ("canteen.serve",)),
        Role("canteen.volunteer", _("送餐志愿者"), ("canteen.deliver",)),
        Role("canteen.visitor", _("助餐探访员"), ("canteen.visit",)),
        Role("canteen.registrar", _("餐卡登记员"), ("canteen.check",)),
        Role(
            "canteen.manager",
            _("幸福食堂管理员"),
            ("canteen.manage", "canteen.serve", "canteen.check", "canteen.subsidy", "canteen.deliver", "canteen.visit"),
        ),
    ]


@hookimpl
def register_workflows() -> Sequence[Workflow]:
    return [ORDER, visits.WORKFLOW]


@hookimpl
def register_codes() -> Sequence[RecordCode]:
    return words.CODES


@hookimpl
def register_deeds() -> Sequence[Deed]:
    return for_someone.DEEDS


@hookimpl
def register_events() -> Sequence[type[Event]]:
    return EVENTS


@hookimpl
def register_point_rules() -> Sequence[RuleTemplate]:
    return [deliveries.RULE]


@hookimpl
def register_settings() -> type[Settings]:
    return Settings


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [
        Job("count", _("到点截止，把份数交给厨房"), kitchen.count_due, every=timedelta(minutes=2), limit_s=120),
        Job("missed", _("没来的记下来"), kitchen.mark_missed, every=timedelta(minutes=15), limit_s=300),
        Job("settle", _("结算过的月份，一单一单了结"), claims.settle_due, every=timedelta(minutes=10), limit_s=600),
        Job("tidy", _("过了保存年限的订单去掉姓名"), personal.tidy, daily=time(2, 50), limit_s=600),
        Job("standing", _("每周自动订餐"), standing.order_ahead, every=timedelta(minutes=30), limit_s=600),
    ]


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [HealthCheck("open", _("过了日子的订单都有着落"), kitchen.nothing_forgotten)]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [
        NavItem(_("吃饭"), "home", place="home", order=10, icon="bowl"),
        NavItem(_("助餐补贴"), "public_rules", place="board", order=40, icon="bowl"),
        NavItem(_("取餐"), "counter", place="desk", order=12, icon="bowl"),
        NavItem(_("备餐"), "kitchen", place="desk", order=15, icon="bowl"),
        NavItem(_("送餐"), "deliver", place="desk", order=16, icon="heart"),
        NavItem(_("助餐月报"), "report", place="desk", order=61, icon="chart"),
        NavItem(_("老人餐卡"), "diners", place="desk", order=50, icon="person"),
        NavItem(_("食堂和菜单"), "desk", place="desk", order=62, icon="bowl"),
        NavItem(_("补贴规则"), "rules", place="desk", order=63, icon="coin"),
    ]


@hookimpl
async def on_event(ctx: Context, event: Received) -> None:
    await visits.hear(ctx, event)
    await departed.hear(ctx, event)
    await doubles.hear(ctx, event)


@hookimpl
async def page_slot(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    return await slots.fill(ctx, slot, subject)


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    return await todos.waiting(ctx)


@hookimpl
async def search(ctx: Context, text: str) -> Sequence[Hit]:
    return await hits.find(ctx, text)


@hookimpl
async def record_titles(accounts: Sequence[str]) -> Sequence[Titled]:
    found = await Site.select(Site.id, Site.name).where(Site.id.is_in(list(accounts)))
    return [Titled(row["id"], row["name"]) for row in found]


@hookimpl
async def figures(ctx: Context) -> Sequence[Figure]:
    return await slots.figures(ctx)


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return await personal.export(ctx, person)


@hookimpl
async def erase_person(ctx: Context, person: str) -> Erased | Retain:
    return await personal.erase(ctx, person)


@hookimpl
async def person_merged(kept: str, gone: str) -> None:
    await personal.merged(kept, gone)


@hookimpl
async def person_left(person: str, on: date) -> None:
    await departed.left(person, on)


@hookimpl
async def unit_holds(unit: str) -> Sequence[Holding]:
    return await unit_duties.holds(unit)


@hookimpl
async def unit_changed(change: UnitChange) -> None:
    await unit_duties.follow(change)


@hookimpl
async def demo_data(ctx: Context, demo: Demo) -> None:
    await fill(ctx, demo)

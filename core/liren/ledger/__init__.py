# SPDX-License-Identifier: Apache-2.0
"""The signed points ledger: double entry, append only, every record provable without this server.

Read it in this order: ``rules`` (what may move, where to, until when), ``log`` (how a record is written, signed and
hashed), ``authority`` (who may say it), ``engine`` (``drafts`` decides the numbers, ``posting`` checks, signs and
moves, ``participant`` and ``flush`` make entries of records), ``reading``, ``papers`` and ``archive`` (how anyone
reads them, takes them home, and checks them), ``keys`` and ``desk`` (what the street's people do with it).
The formats stand in ``docs/ledger-spec.md``; ``liren_verify`` checks them and shares no code with us.
"""

from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.ledger import duties, fields, health, log_pages, pages, slots, words
from liren.ledger.archive import nightly
from liren.ledger.desk import auditor_pages, closing_pages, departed, desk_pages, expiry, proposing_pages
from liren.ledger.desk.auditor_pages import AUDIT
from liren.ledger.desk.proposals import PROPOSE, REVIEW
from liren.ledger.keys import life as key_life
from liren.ledger.keys import pages as key_pages
from liren.ledger.lines import lines
from liren.ledger.papers import board_pages, paper_pages, passbook_pages, statement_job, statement_pages
from liren.ledger.reading import months
from liren.ledger.tables import ProposalRow
from liren.plugins.context import Context
from liren.plugins.events import Received
from liren.plugins.points import Subject
from liren.plugins.types import (
    Erased,
    Figure,
    Fragment,
    HealthCheck,
    Job,
    NavItem,
    Permission,
    PersonalData,
    RecordCode,
    Retain,
    Role,
    TableFields,
    _,
)


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("ledger", str(Path(__file__).parent / "piccolo_migrations"), table_classes=[ProposalRow])


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(REVIEW, _("在积分记录上作第二签名")),
        Permission(key_pages.KEYS, _("管理账本密钥和恢复单"), street=True),
        Permission(PROPOSE, _("提出预算、结算、更正、注销"), _("要另一位审核员签名才入账")),
        Permission(AUDIT, _("查账"), _("看账本的每一条记录，只有化名；能导出全部"), street=True),
    ]


@hookimpl
def register_codes() -> Sequence[RecordCode]:
    return words.CODES


@hookimpl
def register_roles() -> Sequence[Role]:
    return [Role("ledger.treasurer", _("积分账经办人"), (PROPOSE,))]


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [
        pages.everyday,
        pages.everyday_from_qr,
        pages.proof,
        pages.checkpoint,
        pages.keys_note,
        pages.mine,
        pages.check,
        pages.receipt,
        *log_pages.ROUTES,
        *key_pages.ROUTES,
        *paper_pages.ROUTES,
        *passbook_pages.ROUTES,
        *statement_pages.ROUTES,
        *board_pages.ROUTES,
        *auditor_pages.ROUTES,
        *desk_pages.ROUTES,
        *proposing_pages.ROUTES,
        *closing_pages.ROUTES,
    ]


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [
        Job("expire", _("清理到期的积分"), expiry.expire_points, daily=time(0, 20), limit_s=3600),
        Job("keys", _("不再审核的人，撤销其审核密钥"), key_life.follow_roles, daily=time(0, 10)),
        Job("verify", _("核对整本账"), nightly.verify, daily=time(2, 30), limit_s=4 * 3600),
        Job("months", _("按月汇总积分"), months.counting, every=timedelta(minutes=5), limit_s=3600),
        Job("statement", _("出上个月的对账单"), statement_job.make_due, daily=time(1, 0), limit_s=3600),
    ]


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [
        HealthCheck("disk", _("数据库能写，磁盘有空"), health.storable),
        HealthCheck("ledger", _("账本能记账，检查点已签"), health.writable),
        HealthCheck("sheet", _("恢复单在纸上"), health.sheet_kept),
    ]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [
        NavItem(_("怎样自己查"), "proof", place="board", order=90, icon="shield"),
        NavItem(_("积分账公示"), "board", place="board", order=80, icon="book"),
        NavItem(_("查账"), "audit", order=86, icon="shield"),
        NavItem(_("存折"), "mine", place="home", order=15, icon="book"),
        NavItem(_("账本密钥"), "keys", order=83, icon="key"),
    ]


@hookimpl
async def figures(ctx: Context) -> Sequence[Figure]:
    return await months.figures(ctx)


@hookimpl
async def page_slot(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    return await slots.fill(ctx, slot, subject)


@hookimpl
async def on_event(ctx: Context, event: Received) -> None:
    await departed.hear(ctx, event)


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    """Every record that moved their points, newest first, with the personal part only they may read."""
    subject, rows, before = Subject("h", person), list[dict[str, str | int | None]](), None
    while entries := await ctx.ledger.entries(subject, limit=500, before=before):
        before = entries[-1].pos
        rows += [
            {
                "凭证编号": line.entry.rid,
                "账本位置": line.entry.pos,
                "日期": line.entry.eff.isoformat(),
                "事由": line.title,
                "地点": line.where,
                "细则": line.entry.code,
                "变动": line.entry.amount,
            }
            for line in await lines(ctx, entries)
        ]
    return [PersonalData(_("积分记录"), rows), *await duties.export(ctx, person)]


@hookimpl
async def erase_person(ctx: Context, person: str) -> Erased | Retain:
    """Their points are closed and their pseudonyms forgotten by the caller; this is about what they did in office."""
    return await duties.erase(ctx, person)


@hookimpl
async def person_merged(ctx: Context, kept: str, gone: str) -> None:
    await duties.merged(kept, gone)

# SPDX-License-Identifier: Apache-2.0
"""The living style guide: every component as it really is, and two specimen pages made of nothing else.

Module authors look here; the tests measure contrast, sizes and behaviour here, in every mode.
"""

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from litestar import Request, Response
from msgspec import Meta, Struct

from liren.plugins.services import TaskView
from liren.web.cases import Action, CasePage, StateTag, TimelineEntry
from liren.web.charts import Series
from liren.web.components import GROUPS
from liren.web.fields import Fen
from liren.web.formats import month_name
from liren.web.forms import Form
from liren.web.i18n import N_
from liren.web.i18n import gettext as _
from liren.web.paging import slice_of
from liren.web.qr import qr
from liren.web.responses import redirect
from liren.web.routes import ANYONE, get, post
from liren.web.sheets import CheckedRecords, FaultyRow, Good
from liren.web.site import render
from liren.web.uploads import Upload


class Kind(Enum):
    DEDICATION = "dedication"
    GOOD_FAITH = "good-faith"
    BREACH = "breach"


class Specimen(Struct, frozen=True, kw_only=True):
    """One field of every kind."""

    title: Annotated[str, Meta(title=N_("细则名称"), min_length=2, max_length=20)]
    points: Annotated[int, Meta(title=N_("每次几分"), ge=1, le=100)]
    price_fen: Annotated[Fen | None, Meta(title=N_("值多少钱"))] = None
    starts: Annotated[date, Meta(title=N_("哪天开始"))]
    kind: Annotated[Kind, Meta(title=N_("行为类别"))]
    community: Annotated[str, Meta(title=N_("社区"))]
    days: Annotated[list[str], Meta(title=N_("星期几"), max_length=7)] = []
    why: Annotated[str | None, Meta(title=N_("说明"), max_length=200)] = None
    sheet: Annotated[Upload | None, Meta(title=N_("名单"), extra={"kinds": ("xlsx",)})] = None
    agreed: Annotated[bool, Meta(title=N_("我看过这条细则的全文"))] = False


def _choices() -> dict[str, Any]:
    return {
        "kinds": [
            ("dedication", _("奉献"), _("为大家出力，例如食堂帮厨")),
            ("good-faith", _("守信"), _("说到做到，例如按时缴物业费")),
            ("breach", _("失信"), _("只用于组织")),
        ],
        "communities": [("taoyuan", _("桃园社区")), ("laojie", _("老街社区"))],
        "days": [("1", _("星期一")), ("3", _("星期三")), ("5", _("星期五"))],
    }


@get("/styleguide", allow=ANYONE)
async def styleguide(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every component, with a form that can be sent."""
    return await _guide(request, Form(Specimen), 200)


@post("/styleguide", allow=ANYONE)
async def styleguide_sent(request: Request[Any, Any, Any]) -> Response[Any]:
    """The specimen form: comes back with its mistakes, or says that it would be kept."""
    form = await Form.read(request, Specimen)
    if not form.valid:
        return await _guide(request, form, 422)
    return redirect("/styleguide", notice=_("收到了。这是样张，什么也没有保存。"))


async def _guide(request: Request[Any, Any, Any], form: Form[Specimen], status: int) -> Response[Any]:
    rows = slice_of(range(1, 187), request.query_params.get("page"), size=5)
    view = {**_choices(), **_numbers(), "work": _work(), "checked": _checked()}
    return await render("styleguide.html", status=status, groups=GROUPS, form=form, rows=rows, case=_case(), **view)


def _work() -> TaskView:
    return TaskView("task", "styleguide", _("登记居民"), "done", 30, 30, _("登记了 28 人，更新住址 2 人。"))


def _checked() -> CheckedRecords[Specimen]:
    good = Specimen(title=_("食堂帮厨"), points=2, starts=date(2026, 3, 9), kind=Kind.DEDICATION, community="taoyuan")
    faulty = [
        FaultyRow(7, (_("夜间义务巡逻"), "0"), (_("每次几分不能小于 1"), _("请填写哪天开始"))),
        FaultyRow(9, (_("无偿献血"), "20"), (_("和第 %(n)s 行重复", n=4),)),
    ]
    return CheckedRecords(_("三月"), (_("细则名称"), _("每次几分")), [Good(3, good), Good(4, good)], faulty, skipped=1)


def _months() -> list[tuple[str, int]]:
    gained = enumerate((12, 18, 9, 21, 16, 26), start=6)
    return [(month_name(date(2026, month, 1)), points) for month, points in gained]


def _numbers() -> dict[str, Any]:
    """What the charts show."""
    places = [_("桃园"), _("荷畔"), _("银山"), _("宝发"), _("洸河"), _("老街")]
    timely = [
        (92, 94, 93, 95, 96, 97),
        (88, 87, 90, 91, 90, 93),
        (95, 93, 94, 92, 95, 94),
        (84, 86, 85, 88, 91, 90),
        (90, 91, None, 93, 92, 95),
        (71, 74, 70, 78, 83, 86),
    ]
    return {
        "months": _months(),
        "month_names": [name for name, _points in _months()],
        "communities_each": list(zip(places, (12.9, 12.6, 13.1, 12.4, 12.8, 19.7), strict=True)),
        "flows": [
            Series(_("发放"), (31200, 36480, 33010, 35220, 39060, 40248)),
            Series(_("兑换"), (8200, 15100, 12740, 18800, 21300, 24980)),
            Series(_("过期"), (0, 0, 1200, 900, 1100, 760)),
        ],
        "on_time": [Series(place, values) for place, values in zip(places, timely, strict=True)],
    }


@get("/styleguide/resident", allow=ANYONE)
async def specimen_resident() -> Response[Any]:
    """A resident's home, made of components only."""
    return await render("specimen_resident.html", months=_months())


@get("/styleguide/review", allow=ANYONE)
async def specimen_review() -> Response[Any]:
    """A reviewer's batch, made of components only."""
    return await render("specimen_review.html", rows=_review_rows())


@get("/styleguide/case", allow=ANYONE)
async def specimen_case() -> Response[Any]:
    """One case on its page: state, actions with a note, timeline."""
    return await render("specimen_case.html", case=_case())


@get("/styleguide/slip", allow=ANYONE)
async def specimen_slip() -> Response[Any]:
    """A page for paper."""
    return await render("specimen_slip.html", code=qr("LIREN-3K7M-92QF", label=_("二维码样张")))


def _review_rows() -> list[tuple[Any, ...]]:
    laojie, yinshan, hepan = _("老街"), _("银山"), _("荷畔")
    return [
        (18, "钟*", laojie, _("FX-04 食堂帮厨"), 3, date(2026, 3, 26), 6, "good", _("签到表 2 页")),
        (204, "欧阳*", yinshan, _("FX-02 无偿献血"), 1, date(2026, 3, 9), 20, "good", _("献血证")),
        (229, "龚**", laojie, _("SX-02 按时缴纳物业费"), 1, None, None, "bad", _("日期读不懂：3月32日")),
        (390, "史**", laojie, _("FX-01 志愿服务"), 4, date(2026, 3, 4), None, "bad", _("手机号是别人的")),
        (641, "杨**", hepan, _("SX-01 参加居民议事会"), 2, date(2026, 3, 17), 6, "wait", _("与审核员同户，另请人审")),
    ]


def _ms(month: int, day: int, hour: int) -> int:
    return int(datetime(2026, month, day, hour, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


def _case() -> CasePage:
    at = [_ms(11, day, hour) for day, hour in ((21, 9), (21, 10), (20, 18))]
    return CasePage(
        title=_("报修：卫生间漏水"),
        state=StateTag(_("等您确认"), "wait"),
        note=_("第 2026-0318 号 · 桃园社区第三网格"),
        facts=[(_("谁报的"), _("王秀兰")), (_("地点"), _("3 号楼 402")), (_("最晚"), _("11月23日 18:00"))],
        files=[(_("漏水的地方.jpg"), "#", _("照片，820 KB"))],
        actions=[
            Action(title=_("修好了，确认"), url="/styleguide", kind=""),
            Action(
                title=_("没修好，退回去"),
                url="/styleguide",
                note="needed",
                label=_("哪里没修好"),
                hint=_("师傅会看到这句话。"),
                files=True,
            ),
            Action(title=_("撤回这件事"), url="/styleguide", kind="bad", note="optional"),
        ],
        events=[
            TimelineEntry(at=None, title=_("两天内请您确认"), note="", kind="wait"),
            TimelineEntry(
                at=at[1],
                title=_("说修好了"),
                who=_("赵师傅"),
                note=_("换了一段水管，试水不漏。"),
                files=[(_("换好的水管.jpg"), "#")],
            ),
            TimelineEntry(at=at[0], title=_("派给赵师傅，晚了 2 小时"), who=_("陈国强 · 网格员"), kind="bad"),
            TimelineEntry(at=at[2], title=_("报修"), who=_("王秀兰"), note=_("卫生间顶上漏水。")),
        ],
    )


HANDLERS = (styleguide, styleguide_sent, specimen_resident, specimen_review, specimen_case, specimen_slip)

# SPDX-License-Identifier: Apache-2.0
"""The catalogue of components: one source for the living page ``/styleguide`` and for ``docs/plugins/components.md``.

A component is a macro of ``templates/ui/*.html`` (or a function of :mod:`liren.web.charts`). The comment above the
macro says what it is, ``templates/examples/<name>.html`` shows it. ``python -m liren.web.components
docs/plugins/components.md`` writes the generated part of that page; a test fails when the two differ.
"""

import inspect
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from liren.web import charts
from liren.web.i18n import N_
from liren.web.qr import qr

TEMPLATES = Path(__file__).parent / "templates"
MACRO = re.compile(r"\{# (?P<says>(?:(?!#\}).)*?) #\}\n\{% macro (?P<name>[a-z]\w*)\((?P<takes>.*?)\) -?%\}", re.S)
FIRST_LINE = re.compile(r"\A\{# SPDX[^#]*#\}\n")
BEGIN, END = "<!-- components: generated, see liren.web.components -->\n", "<!-- /components -->\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One specimen: the components it shows (the first one names its example)."""

    names: tuple[str, ...]
    title: str
    live: bool = True
    """Shown on the page; not where it is the page's own head or a whole page."""
    wide: bool = False

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def source(self) -> str:
        """The example as an author would write it."""
        return FIRST_LINE.sub("", (TEMPLATES / f"examples/{self.name}.html").read_text("utf-8")).rstrip()

    @property
    def signatures(self) -> list[str]:
        return [SPOKEN[name].signature for name in self.names]

    def says(self) -> list["Spoken"]:
        return [SPOKEN[name] for name in self.names]


@dataclass(frozen=True, slots=True)
class Group:
    """Components for one purpose."""

    id: str
    title: str
    english: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the source itself says about one component."""

    name: str
    signature: str
    """As it is called: ``ui.tag(text, kind="")``."""
    says: str


def _part(names: str, title: str, *, live: bool = True, wide: bool = False) -> Part:
    return Part(tuple(names.split()), title, live, wide)


GROUPS = (
    Group(
        "page",
        N_("一页的骨架"),
        "The frame of a page",
        (
            _part("greeting back", N_("页名和返回"), live=False),
            _part("card", N_("卡片")),
            _part("tabs", N_("栏目")),
            _part("steps", N_("办到哪一步")),
            _part("more", N_("展开再看")),
        ),
    ),
    Group(
        "showing",
        N_("给人看的"),
        "Showing",
        (
            _part("figures trend", N_("数字和走向"), wide=True),
            _part("balance", N_("一个大数字")),
            _part("guide", N_("一步一步怎么做")),
            _part("facts", N_("已知的几项")),
            _part("answers", N_("核对再提交")),
            _part("bill", N_("账单")),
            _part("face", N_("一个人")),
            _part("tag", N_("状态")),
            _part("amount", N_("得分和用分")),
            _part("icon seal", N_("图标")),
            _part("qr", N_("二维码")),
            _part("signatures", N_("纸上签字")),
        ),
    ),
    Group(
        "lists",
        N_("列表"),
        "Lists",
        (
            _part("table td tools pagination", N_("表格：下载、打印、翻页"), wide=True),
            _part("verdicts", N_("核对一份 Excel"), wide=True),
            _part("entries entry", N_("记录")),
            _part("task_list", N_("要办的几件")),
            _part("files", N_("附件")),
            _part("chips", N_("筛选")),
            _part("search", N_("查找")),
        ),
    ),
    Group(
        "saying",
        N_("告诉人"),
        "Saying something",
        (
            _part("notice", N_("提示")),
            _part("empty", N_("空的时候")),
            _part("progress reload", N_("进度")),
            _part("task", N_("后台的活"), wide=True),
        ),
    ),
    Group(
        "going",
        N_("去哪里、做什么"),
        "Going somewhere, acting",
        (
            _part("button row", N_("按钮")),
            _part("act", N_("一按就办")),
            _part("tiles", N_("常用入口")),
        ),
    ),
    Group(
        "cases",
        N_("一件事"),
        "A case",
        (
            _part("timeline", N_("经过")),
            _part("actions", N_("现在可以做什么")),
            _part("case", N_("一件事的整页"), live=False),
        ),
    ),
    Group(
        "charts",
        N_("图"),
        "Charts",
        (
            _part("bars", N_("比大小")),
            _part("columns", N_("一个数按月")),
            _part("lines", N_("几个数按月"), wide=True),
            _part("multiples", N_("每处一张小图"), wide=True),
            _part("spark", N_("卡片里的小图")),
        ),
    ),
    Group(
        "forms",
        N_("表单"),
        "Forms",
        (
            _part(
                "form text number money date radios select checkboxes textarea file checkbox "
                "password error_summary form_keys",
                N_("每种栏目"),
                wide=True,
            ),
        ),
    ),
)


def _spoken() -> dict[str, Spoken]:
    found = {}
    for path in sorted((TEMPLATES / "ui").glob("*.html")):
        for macro in MACRO.finditer(path.read_text("utf-8")):
            name, takes = macro["name"], macro["takes"]
            found[name] = Spoken(name, f"ui.{name}({takes})", " ".join(macro["says"].split()))
    for function, prefix in [*((getattr(charts, n), "charts.") for n in CHARTS), (qr, "")]:
        takes = ", ".join(_parameter(p) for p in inspect.signature(function).parameters.values())
        says = (inspect.getdoc(function) or "").split("\n\n")[0]
        found[function.__name__] = Spoken(
            function.__name__, f"{prefix}{function.__name__}({takes})", " ".join(says.split())
        )
    return found


def _parameter(parameter: inspect.Parameter) -> str:
    has_default = parameter.default is not inspect.Parameter.empty
    return f"{parameter.name}={parameter.default!r}".replace("'", '"') if has_default else parameter.name


CHARTS = ("bars", "columns", "lines", "multiples", "trend")
SPOKEN = _spoken()


def page() -> str:
    """The generated part of the authors' page, in Markdown."""
    lines: list[str] = []
    for group in GROUPS:
        lines += [f"### {group.english}", ""]
        lines += ["| component | what it is |", "|---|---|"]
        spoken = [one for part in group.parts for one in part.says()]
        lines += [f"| `{_cell(one.signature)}` | {_cell(one.says)} |" for one in spoken]
        lines += ["", "```jinja"]
        for part in group.parts:
            lines += [part.source]
        lines += ["```", ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def written(document: str) -> str:
    """A page with its generated part renewed."""
    before, _begin, rest = document.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return before + BEGIN + "\n" + page() + END + after


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(written(path.read_text("utf-8")), "utf-8")

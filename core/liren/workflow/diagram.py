# SPDX-License-Identifier: Apache-2.0
"""Draws a workflow: its states from top to bottom in declared order, every move an arrow, as SVG without style.

The step to the next state goes straight down; what skips states runs in lanes on the right, what leads back in lanes on
the left. A move that stays where it is stands inside its state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from markupsafe import Markup

from liren.plugins.flows import Kind, State, Workflow
from liren.web import element

BOX: Final = 200
HEIGHT: Final = 52
GAP: Final = 64
LANE_GAP: Final = 26
PAD: Final = 20
TIP: Final = 7
INK: Final = "#1f2a37"
LINE: Final = "#64748b"
PAPER: Final = "#ffffff"
EDGE: Final[dict[Kind, str]] = {
    "open": "#b45309",
    "waiting": "#64748b",
    "running": "#15803d",
    "done": "#15803d",
    "stopped": "#b91c1c",
}
FONT: Final = "PingFang SC, HarmonyOS Sans SC, MiSans, Noto Sans CJK SC, Noto Sans SC, sans-serif"
Side = Literal["down", "right", "left"]


@dataclass(frozen=True, slots=True)
class Arrow:
    """All moves from one state to another, by their places in the order."""

    source: int
    target: int
    label: str

    @property
    def side(self) -> Side:
        if self.target == self.source + 1:
            return "down"
        return "right" if self.target > self.source else "left"

    @property
    def top(self) -> int:
        return min(self.source, self.target)

    @property
    def length(self) -> int:
        return self.bottom - self.top

    @property
    def bottom(self) -> int:
        return max(self.source, self.target)


@dataclass(frozen=True, slots=True)
class Lane:
    """A column beside the states in which arrows run that do not meet."""

    arrows: tuple[Arrow, ...]

    @property
    def width(self) -> int:
        return max(width_of(arrow.label) for arrow in self.arrows) + LANE_GAP

    def has_room(self, arrow: Arrow) -> bool:
        return all(arrow.bottom <= one.top or one.bottom <= arrow.top for one in self.arrows)


def width_of(text: str) -> int:
    """Of a line of 13-pixel text: a Chinese character is as wide as it is high."""
    return sum(13 if ord(char) > 0x2E80 else 7 for char in text)


def arrows_of(flow: Workflow) -> list[Arrow]:
    place = {state.name: n for n, state in enumerate(flow.states)}
    titles: dict[tuple[int, int], list[str]] = {}
    for each in flow.transitions:
        for source in each.source:
            if source != each.target:
                titles.setdefault((place[source], place[each.target]), []).append(each.title)
    return [Arrow(source, target, "、".join(names)) for (source, target), names in titles.items()]


def lanes_of(arrows: Sequence[Arrow]) -> list[Lane]:
    """The shortest arrows run nearest to the states."""
    lanes: list[Lane] = []
    for arrow in sorted(arrows, key=lambda one: (one.length, one.top)):
        free = next((n for n, lane in enumerate(lanes) if lane.has_room(arrow)), None)
        if free is None:
            lanes.append(Lane((arrow,)))
        else:
            lanes[free] = Lane((*lanes[free].arrows, arrow))
    return lanes


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where things stand on the drawing."""

    flow: Workflow
    right: Sequence[Lane]
    left: Sequence[Lane]
    arrows: Sequence[Arrow]

    @property
    def x(self) -> int:
        """Left edge of the states."""
        return PAD + sum(lane.width for lane in self.left) + (LANE_GAP if self.left else 0)

    @property
    def width(self) -> int:
        return self.x + BOX + sum(lane.width for lane in self.right) + (LANE_GAP if self.right else 0) + PAD

    @property
    def height(self) -> int:
        return PAD * 2 + len(self.flow.states) * (HEIGHT + GAP) - GAP

    def y(self, place: int) -> int:
        """Top of a state."""
        return PAD + place * (HEIGHT + GAP)

    def port(self, arrow: Arrow, place: int) -> float:
        """Height at which an arrow meets a state's side: those that meet it there share the side evenly."""
        beside = [one for one in self.arrows if one.side == arrow.side and place in (one.source, one.target)]
        # Those from above first, the shortest on top; then those from below, the longest on top: none crosses another.
        beside.sort(key=lambda one: (0, one.length) if one.bottom == place else (1, -one.length))
        return self.y(place) + HEIGHT * (beside.index(arrow) + 1) / (len(beside) + 1)


def svg(flow: Workflow) -> Markup:
    """The drawing, readable alone: colours say what the words in the boxes say too."""
    arrows = arrows_of(flow)
    sheet = Sheet(
        flow,
        lanes_of([one for one in arrows if one.side == "right"]),
        lanes_of([one for one in arrows if one.side == "left"]),
        arrows,
    )
    drawn = [_down(sheet, arrow) for arrow in arrows if arrow.side == "down"]
    for lanes, side in ((sheet.right, 1), (sheet.left, -1)):
        x = sheet.x + BOX + LANE_GAP if side > 0 else sheet.x - LANE_GAP
        for lane in lanes:
            drawn += [_beside(sheet, arrow, x, side) for arrow in lane.arrows]
            x += side * lane.width
    return element(
        "svg",
        element("rect", width=sheet.width, height=sheet.height, fill=PAPER),
        *drawn,
        *(_box(sheet, n, state) for n, state in enumerate(flow.states)),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {sheet.width} {sheet.height}",
        width=sheet.width,
        height=sheet.height,
        role="img",
        aria_label=flow.title,
        font_family=FONT,
        font_size="13",
    )


def _box(sheet: Sheet, place: int, state: State) -> Markup:
    x, y = sheet.x, sheet.y(place)
    stays = [each.title for each in sheet.flow.transitions if state.name in each.source and each.target == state.name]
    below = " · ".join([*_time(state), *(f"↻ {title}" for title in stays)])
    middle = x + BOX // 2
    first = state.name == sheet.flow.initial
    return element(
        "g",
        element(
            "rect", x=x, y=y, width=BOX, height=HEIGHT, rx="10", fill=PAPER, stroke=EDGE[state.kind],
            stroke_width="3" if first else "1.5", stroke_dasharray="5 4" if state.kind == "waiting" else None,
        ),
        _text(state.title, middle, y + (22 if below else 31), size="15", weight="600"),
        _text(below, middle, y + 41, size="12", fill=LINE) if below else None,
    )  # fmt: skip


def _time(state: State) -> list[str]:
    if state.due is None:
        return []
    hours = int(state.due.total_seconds() // 3600)
    days, rest = divmod(hours, 24)
    return [f"{days} 天" if days and not rest else f"{hours} 小时"]


def _down(sheet: Sheet, arrow: Arrow) -> Markup:
    x, top, bottom = sheet.x + BOX // 2, sheet.y(arrow.source) + HEIGHT, sheet.y(arrow.target)
    return element(
        "g",
        element("path", d=f"M{x} {top}V{bottom - TIP}", stroke=LINE, fill="none"),
        element("path", d=f"M{x} {bottom}l-4.5 -{TIP}h9z", fill=LINE),
        _label(arrow.label, x, (top + bottom) / 2 - 2),
    )


def _beside(sheet: Sheet, arrow: Arrow, x: int, side: int) -> Markup:
    """Out of one side, along a lane, into the same side of the other state."""
    edge = sheet.x + BOX if side > 0 else sheet.x
    out, into = sheet.port(arrow, arrow.source), sheet.port(arrow, arrow.target)
    tip = edge + side * TIP
    middle = (out + into) / 2
    anchor = "start" if side > 0 else "end"
    return element(
        "g",
        element("path", d=f"M{edge} {out:g}H{x}V{into:g}H{tip}", stroke=LINE, fill="none", stroke_linejoin="round"),
        element("path", d=f"M{edge} {into:g}l{side * TIP} -4.5v9z", fill=LINE),
        _text(arrow.label, x + side * 6, middle + 4, anchor=anchor),
    )


def _label(text: str, x: float, y: float) -> Markup:
    """Words on the line itself, with paper behind them."""
    wide = width_of(text) + 10
    return element(
        "g",
        element("rect", x=f"{x - wide / 2:g}", y=f"{y - 11:g}", width=wide, height=20, fill=PAPER),
        _text(text, x, y + 4),
    )


def _text(
    text: str, x: float, y: float, *, size: str | None = None, weight: str | None = None, anchor: str = "middle",
    fill: str = INK,
) -> Markup:  # fmt: skip
    return element(
        "text", text, x=f"{x:g}", y=f"{y:g}", text_anchor=anchor, fill=fill, font_size=size, font_weight=weight
    )

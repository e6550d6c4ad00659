# SPDX-License-Identifier: Apache-2.0
"""What a street calls its five levels: an administrative title and, where the two nets coincide, a party title.

Level codes are fixed, names are free. The presets are those of streets that said how they do it; a street may change
every word of them in its settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from liren.units.rules import LEVELS
from liren.web import N_

Preset = Literal["plain", "xincheng", "huantai", "jiyang"]
PRESETS: Final[Mapping[str, str]] = {
    "plain": N_("通用"),
    "xincheng": N_("新城：楼栋设党小组，党员中心户联到户"),
    "huantai": N_("桓台：基础网格，红色楼长、红色单元长"),
    "jiyang": N_("济阳：网格（小区）、楼院"),
}

_TITLES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "plain": (
        (N_("街道"), N_("党工委")),
        (N_("社区"), N_("党委")),
        (N_("网格"), N_("党支部")),
        (N_("楼栋"), N_("党小组")),
        (N_("单元"), ""),
    ),
    "xincheng": (
        (N_("街道"), N_("街道党工委")),
        (N_("社区"), N_("社区党委")),
        (N_("网格"), N_("网格党支部")),
        (N_("楼栋"), N_("楼栋党小组")),
        (N_("单元"), ""),
    ),
    "huantai": (
        (N_("街道"), N_("街道党工委")),
        (N_("社区"), N_("社区党委")),
        (N_("基础网格"), N_("网格党支部")),
        (N_("楼栋"), N_("红色楼长")),
        (N_("单元"), N_("红色单元长")),
    ),
    "jiyang": (
        (N_("街道"), N_("街道党工委")),
        (N_("社区"), N_("社区党委")),
        (N_("网格（小区）"), N_("网格党支部")),
        (N_("楼院"), ""),
        (N_("单元"), ""),
    ),
}
"""Preset → (administrative title, party title) of each level, the street first."""

EMPTY: Final = N_("不填就用上面所选的叫法")
Title = Annotated[str, Meta(max_length=12, description=EMPTY)]


class Naming(msgspec.Struct, frozen=True):
    """The settings of units: a preset, and what this street calls otherwise."""

    preset: Annotated[Preset, Meta(title=N_("按哪里的叫法"), extra={"choices": PRESETS})] = "plain"
    street: Annotated[Title, Meta(title=N_("第一级（街道）叫"))] = ""
    street_party: Annotated[Title, Meta(title=N_("第一级的党组织叫"))] = ""
    community: Annotated[Title, Meta(title=N_("第二级（社区）叫"))] = ""
    community_party: Annotated[Title, Meta(title=N_("第二级的党组织叫"))] = ""
    grid: Annotated[Title, Meta(title=N_("第三级（网格）叫"))] = ""
    grid_party: Annotated[Title, Meta(title=N_("第三级的党组织叫"))] = ""
    building: Annotated[Title, Meta(title=N_("第四级（楼栋）叫"))] = ""
    building_party: Annotated[Title, Meta(title=N_("第四级的党组织叫"))] = ""
    stair: Annotated[Title, Meta(title=N_("第五级（单元）叫"))] = ""
    stair_party: Annotated[Title, Meta(title=N_("第五级的党组织叫"))] = ""


@dataclass(frozen=True, slots=True)
class LevelNames:
    """What each level is called here; texts of presets are still to be translated."""

    admin: Mapping[str, str]
    party: Mapping[str, str]
    """Empty where a level has no party title."""

    @classmethod
    def of(cls, naming: Naming | None) -> "LevelNames":
        """:param naming: the street's settings; None: the plain names"""
        said = naming or Naming()
        titles = dict(zip(LEVELS, _TITLES[said.preset], strict=True))
        admin = {level: getattr(said, level) or titles[level][0] for level in LEVELS}
        party = {level: getattr(said, f"{level}_party") or titles[level][1] for level in LEVELS}
        return cls(admin, party)

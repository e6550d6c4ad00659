# SPDX-License-Identifier: Apache-2.0
"""Posts a street fills: 网格长, 网格员, 楼长 … A preset brings the usual ones, the street adds and changes its own.

A post of the administrative axis may carry roles: whoever holds it has them at its unit, for its term. A party post
carries none: it gives no sight of other people's data.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from liren.store import Tx
from liren.store.audit import write as audit
from liren.units.errors import BadPost
from liren.units.rules import LEVELS
from liren.units.version import raise_version
from liren.web import N_

Axis = Literal["admin", "party"]
VERSION: Final = "units"
COLUMNS: Final = "key, title, axis, levels, roles, single, published, position, retired"
TITLE_MAX: Final = 20
_KEY = re.compile(r"[a-z][a-z0-9_]{1,29}")


@dataclass(frozen=True, slots=True)
class PostCard:
    """One post as this street has it."""

    key: str
    title: str
    """A preset's is still to be translated."""
    axis: Axis
    levels: tuple[str, ...]
    roles: tuple[str, ...] = ()
    single: bool = False
    """One holder a unit at a time."""
    published: bool = True
    """Residents see who holds it where they live."""
    position: int = 50
    retired: date | None = None

    def carries(self, role: str) -> bool:
        return self.axis == "admin" and role in self.roles


_CLERK: Final = ("identity.clerk",)
_USUAL: Final = (
    PostCard("grid_lead", N_("网格长"), "admin", ("grid",), _CLERK, single=True, position=10),
    PostCard("grid_worker", N_("网格员"), "admin", ("grid",), _CLERK, position=20),
    PostCard("building_lead", N_("楼长"), "admin", ("building",), single=True, position=30),
    PostCard("stair_lead", N_("单元长"), "admin", ("stair",), single=True, position=40),
    PostCard("first_secretary", N_("第一书记"), "party", ("community",), single=True, position=50),
    PostCard("member_hub", N_("党员中心户"), "party", ("building", "stair"), published=False, position=60),
)


def _with(*changed: PostCard) -> tuple[PostCard, ...]:
    mine = {post.key: post for post in changed}
    kept = [mine.pop(post.key, post) for post in _USUAL]
    return (*kept, *mine.values())


PRESET_POSTS: Final[Mapping[str, tuple[PostCard, ...]]] = {
    "plain": _USUAL,
    "xincheng": _USUAL,
    "huantai": _with(
        # One working and one retired party member a building: two hold it, and it is the party's.
        PostCard("building_lead", N_("红色楼长"), "party", ("building",), position=30),
        PostCard("stair_lead", N_("红色单元长"), "party", ("stair",), position=40),
    ),
    "jiyang": _with(
        # 2+1+N: two grid leads, one full-time worker, others beside their work.
        PostCard("grid_lead", N_("网格长"), "admin", ("grid",), _CLERK, position=10),
        PostCard("grid_worker", N_("专职网格员"), "admin", ("grid",), _CLERK, single=True, position=20),
        PostCard("part_time_grid_worker", N_("兼职网格员"), "admin", ("grid",), position=25),
    ),
}
_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    post.key: post.roles for posts in PRESET_POSTS.values() for post in posts if post.axis == "admin"
}
"""What a preset's post carries is the same in every preset, so that a change of names changes nobody's rights."""


@dataclass(frozen=True, slots=True)
class Posts:
    """Every post there is or was: the preset's, with the street's own changes over them."""

    by_key: Mapping[str, PostCard]

    @classmethod
    def of(cls, preset: str, rows: Iterable[Sequence[Any]]) -> "Posts":
        """:param rows: of :data:`COLUMNS`"""
        known = {post.key: replace(post, retired=date.min) for posts in PRESET_POSTS.values() for post in posts}
        known |= {post.key: post for post in PRESET_POSTS[preset]}
        known |= {row[0]: _card(row) for row in rows}
        ordered = sorted(known.values(), key=lambda post: (post.position, post.key))
        return cls({post.key: post for post in ordered})

    def get(self, key: str) -> PostCard | None:
        return self.by_key.get(key)

    def open(self, level: str | None = None) -> list[PostCard]:
        """Those that can be filled, at one level or at any."""
        return [
            post for post in self.by_key.values() if post.retired is None and (level is None or level in post.levels)
        ]


def _card(row: Sequence[Any]) -> PostCard:
    key, title, axis, levels, roles, single, published, position, retired = row
    return PostCard(
        key, title, axis, tuple(levels.split()), tuple(roles.split()), bool(single), bool(published), position, retired
    )


def roles_carried(rows: Iterable[Sequence[Any]]) -> dict[str, tuple[str, ...]]:
    """Post → the roles it carries, whatever the street calls it."""
    carried = dict(_ROLES)
    for row in rows:
        card = _card(row)
        carried[card.key] = card.roles if card.axis == "admin" else ()
    return {key: roles for key, roles in carried.items() if roles}


def check(post: PostCard, known_roles: Collection[str]) -> PostCard:
    """A post that makes sense, its title cleaned.

    :param known_roles: the roles there are
    :raises BadPost: no title, no level, an unknown role, or a party post with roles
    """
    title = "".join(post.title.split())
    if not 1 <= len(title) <= TITLE_MAX:
        raise BadPost(f"岗位名称要有 1 到 {TITLE_MAX} 个字。", f"A post's title has 1 to {TITLE_MAX} characters.")
    if not _KEY.fullmatch(post.key):
        raise BadPost(
            "岗位代码只能用小写字母、数字和下划线，以字母开头。",
            "A post's key is lower-case letters, digits and underscores, beginning with a letter.",
        )
    if post.axis not in ("admin", "party"):
        raise BadPost("请选行政岗位还是党内岗位。", "Choose an administrative or a party post.")
    if not post.levels or not set(post.levels) <= set(LEVELS):
        raise BadPost("请选这个岗位设在哪一级。", "Choose at which level this post exists.")
    if post.axis == "party" and post.roles:
        raise BadPost(
            "党内岗位不能带角色：党内任职不作为查看他人信息的依据。需要权限的，请另设行政岗位。",
            "A party post carries no roles: it gives no sight of other people's data. Make an administrative post.",
        )
    if unknown := [role for role in post.roles if role not in known_roles]:
        raise BadPost(f"没有这个角色：{unknown[0]}。", f"There is no role {unknown[0]}.")
    return replace(post, title=title)


async def save(tx: Tx, post: PostCard, *, old: PostCard | None, known_roles: Collection[str], today: date) -> None:
    """Add a post or change it; who holds it goes on holding it.

    Whether the actor may change its roles is the caller's question (``identity.grant`` at the street).

    :raises BadPost: it makes no sense, or its roles would change while the actor holds it
    """
    post = check(post, known_roles)
    if old is not None and set(old.roles) != set(post.roles):
        await _refuse_own(tx, post, today)
    if post.single and not (old and old.single):
        await _refuse_crowd(tx, post, today)
    await tx.sql(
        f"INSERT INTO post ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"  # noqa: S608
        " title = excluded.title, axis = excluded.axis, levels = excluded.levels, roles = excluded.roles,"
        " single = excluded.single, published = excluded.published, position = excluded.position,"
        " retired = excluded.retired",
        post.key, post.title, post.axis, " ".join(post.levels), " ".join(post.roles), int(post.single),
        int(post.published), post.position, post.retired,
    )  # fmt: skip
    await raise_version(tx, VERSION)
    await audit(tx, "units", "units.post-saved", f"post/{post.key}", detail={"roles": " ".join(post.roles)})


async def _refuse_own(tx: Tx, post: PostCard, today: date) -> None:
    """A change of roles is a grant to everybody who holds the post: never to oneself."""
    if await tx.sql(
        "SELECT 1 FROM appointment WHERE post = ? AND person = ? AND (until IS NULL OR until > ?)",
        post.key, tx.actor, today,
    ):  # fmt: skip
        raise BadPost(
            "您自己担任这个岗位，它带的角色要请另一位管理员来改。",
            "You hold this post yourself: ask another administrator to change its roles.",
        )


async def _refuse_crowd(tx: Tx, post: PostCard, today: date) -> None:
    rows = await tx.sql(
        "SELECT count(*) FROM appointment WHERE post = ? AND (until IS NULL OR until > ?) GROUP BY unit"
        " HAVING count(*) > 1 LIMIT 1",
        post.key, today,
    )  # fmt: skip
    if rows:
        raise BadPost(
            "有的单位现在不止一人担任这个岗位，不能改成只设一人。",
            "Somewhere more than one person holds this post now, so it cannot become a single seat.",
        )


async def retire(tx: Tx, post: PostCard, today: date) -> None:
    """It is not filled any more; who held it stays known.

    :raises BadPost: somebody holds it
    """
    rows = await tx.sql(
        "SELECT count(*) FROM appointment WHERE post = ? AND (until IS NULL OR until > ?)", post.key, today
    )
    if rows[0][0]:
        raise BadPost(
            f"还有 {rows[0][0]} 人担任“{post.title}”，请先办结任期。",
            f"{rows[0][0]} people still hold this post: end their terms first.",
        )
    await save(tx, replace(post, retired=today), old=post, known_roles=post.roles, today=today)

# SPDX-License-Identifier: Apache-2.0
"""Copies the starter module under another id and title."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from liren.errors import LirenError
from liren.plugins import manifest

STARTER = Path(__file__).parent / "starter" / "liren-starter"
ID, TITLE, ENGLISH = "starter", "样板间", "Starter"
"""What stands in the starter wherever the new module's own names go; used for nothing else in it."""
TITLES = re.compile(r"[\w·（）()—-]([\w·（）() —-]{0,18}[\w·（）()—-])?")
LEFT_OUT = ("__pycache__", ".pytest_cache", ".liren")


class NameRefused(LirenError):
    """The new module cannot be called so, or cannot lie there."""

    code = "name-refused"


@dataclass(frozen=True, slots=True)
class Written:
    """A new module's folder and the names in it."""

    folder: Path
    plugin: str
    title: str


def write_plugin(plugin: str, title: str, parent: Path) -> Written:
    """Write ``liren-<plugin>/`` into ``parent``.

    :param title: what people call it, up to 20 characters; empty: its id
    :raises NameRefused: no id, a taken one, no title, or the folder is there already
    """
    title = title or plugin
    _check(plugin, title)
    folder = parent / f"liren-{plugin}"
    if folder.exists():
        raise NameRefused(
            f"{folder} 已经有了。请换一个名字，或先把它挪开。",
            f"{folder} is there already. Choose another name, or move it away first.",
        )
    names = {ID: plugin, TITLE: title, ENGLISH: plugin.capitalize()}
    half_way = parent / f".liren-{plugin}.part"
    shutil.rmtree(half_way, ignore_errors=True)
    for source in sorted(path for path in STARTER.rglob("*") if path.is_file()):
        relative = source.relative_to(STARTER)
        if not any(part in LEFT_OUT for part in relative.parts):
            target = half_way / _renamed(str(relative), names)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_renamed(source.read_text("utf-8"), names), "utf-8")
    half_way.rename(folder)
    return Written(folder, plugin, title)


def _renamed(text: str, names: dict[str, str]) -> str:
    """All names at once: a title that contains another name is not replaced again."""
    return re.sub("|".join(names), lambda match: names[match[0]], text)


def _check(plugin: str, title: str) -> None:
    if not manifest.ID.fullmatch(plugin) or plugin in manifest.RESERVED:
        raise NameRefused(
            f"“{plugin}”不能做模块标识：须为 2 到 20 个小写字母，且不是系统自用的名字，例如 canteen。",
            f"{plugin!r} cannot be a plugin id: 2 to 20 small letters, none of the core's names; e.g. canteen.",
        )
    taken = {found.entry: found.distribution for found in manifest.find()}
    if plugin in taken:
        raise NameRefused(
            f"模块标识“{plugin}”已经有人用了（{taken[plugin]}）。请换一个。",
            f"The plugin id {plugin!r} is taken by {taken[plugin]}. Choose another one.",
        )
    if not TITLES.fullmatch(title):
        raise NameRefused(
            "标题须为 1 到 20 个字，不带引号等符号，例如“公告栏”。",
            "A title has 1 to 20 letters or characters and no quotes or such, e.g. 公告栏.",
        )

# SPDX-License-Identifier: Apache-2.0
"""Where wheels come from (an index folder, a wheel's own folder, a one-file bundle), and which may be used."""

import os
import shutil
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from liren.errors import LirenError
from liren.packaging import trust
from liren.packaging.errors import BadIndex, BadWheel, NotTrusted
from liren.packaging.index import LIMIT, NAME, read_note
from liren.packaging.trust import Trusted
from liren.packaging.wheels import Wheel, newest, wheels_in

MAX_FILES = 1000
COPY = 1 << 20


@dataclass(frozen=True, slots=True)
class Shelf:
    """Wheels in a folder, and the index that vouches for them, or why none does."""

    folder: Path
    trusted: Trusted | None
    doubt: LirenError | None
    """Why nothing vouches for them; None where an index does."""

    def usable(self, *, allow_unsigned: bool = False) -> list[Wheel]:
        """What may be looked at: the wheels an index names, or all where nothing has to vouch for them."""
        found = wheels_in(self.folder)
        if allow_unsigned:
            return found
        return [one for one in found if self.trusted is not None and self.trusted.index.names(one)]

    def check(self, one: Wheel, *, allow_unsigned: bool = False) -> str:
        """Who vouches for this wheel: names of keys, or ``""`` where nobody does and that is allowed.

        :raises NotTrusted: its content is not what the index says, or nothing vouches for it
        """
        if self.trusted is not None and self.trusted.index.names(one):
            if not self.trusted.index.lists(one, one.sha256()):
                raise NotTrusted(
                    f"{one.path.name} 的内容和目录里的指纹对不上：损坏，或被人改过。没有安装，请重新向发布者要一份。",
                    f"{one.path.name} is not the file the index lists: damaged, or tampered with. "
                    "Nothing was installed; ask whoever publishes it for another copy.",
                )
            return ", ".join(self.trusted.signers)
        if allow_unsigned:
            return ""
        raise self.doubt or NotTrusted(
            f"{one.path.name} 不在签过名的目录里，没有安装。确实信得过，可以加 --allow-unsigned（会留下记录）。",
            f"{one.path.name} is not in the signed index; nothing was installed. "
            "If you trust it all the same, add --allow-unsigned (this is recorded).",
        )


def open_shelf(home: Path, folder: Path, today: date) -> Shelf:
    """The wheels of a folder with the index that lies there; a doubtful index is kept as the reason, not raised."""
    if not folder.is_dir():
        raise BadIndex(f"没有目录 {folder}。请核对路径。", f"There is no folder {folder}. Check the path.")
    if not (folder / NAME).exists():
        doubt = NotTrusted(
            f"{folder} 里没有签过名的目录（{NAME}），没有安装。确实信得过，可以加 --allow-unsigned（会留下记录）。",
            f"There is no signed index ({NAME}) in {folder}; nothing was installed. "
            "If you trust it all the same, add --allow-unsigned (this is recorded).",
        )
        return Shelf(folder, None, doubt)
    try:
        return Shelf(folder, trust.verify(home, read_note(folder / NAME), today), None)
    except (NotTrusted, BadIndex) as doubt_:
        return Shelf(folder, None, doubt_)


def unpack(bundle: Path, folder: Path) -> Path:
    """The wheels and the index of a bundle, in ``folder``; nothing else of it is looked at.

    :raises BadWheel: not a bundle
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(bundle) as archive:
            infos = [i for i in archive.infolist() if i.filename == NAME or _is_wheel(i.filename)]
            if len(infos) > MAX_FILES or not any(_is_wheel(i.filename) for i in infos):
                raise _no_bundle(bundle)
            for info in infos:
                if info.filename == NAME and info.file_size > LIMIT:
                    raise _no_bundle(bundle)
                with archive.open(info) as source, (folder / info.filename).open("wb") as target:
                    shutil.copyfileobj(source, target, COPY)
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise _no_bundle(bundle) from error
    return folder


def bundle(shelf: Shelf, one: Wheel, target: Path) -> list[Wheel]:
    """One file with a wheel, what it needs of the shelf, and the index as it is; :returns: what is in it."""
    packed = [one, *_needed(one, wheels_in(shelf.folder))]
    part = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(part, "w") as archive:  # wheels are compressed already
        archive.write(shelf.folder / NAME, NAME)
        for each in packed:
            archive.write(each.path, each.path.name)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(target)
    return packed


def find(wheels: list[Wheel], name: str) -> Wheel:
    """The newest wheel of a module, by its id or the name of its distribution.

    :raises BadWheel: there is none that runs here
    """
    mine = [one for one in wheels if canonicalize_name(name) == one.name]
    mine = mine or [one for one in wheels if name in {found.entry for found in one.plugins()}]
    mine = mine or [one for one in wheels if one.name == f"liren-{canonicalize_name(name)}"]
    found = newest(mine)
    if found is None:
        at_hand = ", ".join(sorted({one.name for one in wheels})) or "–"
        raise BadWheel(
            f"目录里没有能在这台机器上用的 {name}。目录里有：{at_hand}。",
            f"The index has no {name} that runs on this machine. It has: {at_hand}.",
        )
    return found


def _needed(one: Wheel, wheels: list[Wheel]) -> list[Wheel]:
    """What lies on the shelf and the wheel asks for, directly or through others."""
    needed: dict[str, Wheel] = {}
    waiting = [one]
    while waiting:
        for requirement in requirements(waiting.pop().needs()):
            name = canonicalize_name(requirement.name)
            fitting = newest(w for w in wheels if w.name == name and w.version in requirement.specifier)
            if fitting is not None and name not in needed and name != one.name:
                needed[name] = fitting
                waiting.append(fitting)
    return list(needed.values())


def requirements(needs: list[str]) -> list[Requirement]:
    """Those that hold on this machine, without extras; an unreadable one is left to pip to complain about."""
    environment = {"extra": ""}
    found = []
    for need in needs:
        try:
            requirement = Requirement(need)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate(environment):
            found.append(requirement)
    return found


def _is_wheel(name: str) -> bool:
    return name.endswith(".whl") and "/" not in name and "\\" not in name and not name.startswith(".")


def _no_bundle(path: Path) -> BadWheel:
    return BadWheel(
        f"{path.name} 不是完整的模块包（里面要有 .whl 和 {NAME}）。请重新向发布者要一份。",
        f"{path.name} is not a complete bundle (wheels and {NAME}). Ask whoever publishes it for another copy.",
    )

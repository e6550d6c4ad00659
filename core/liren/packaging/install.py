# SPDX-License-Identifier: Apache-2.0
"""Installing a module: found, vouched for, planned, tried in another process; only then handed to pip."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from liren.packaging import lock, pip, shelf, trust
from liren.packaging.brings import Brings, Change, changes
from liren.packaging.errors import BadWheel, DoesNotFit
from liren.packaging.shelf import Shelf
from liren.packaging.stage import Stage
from liren.packaging.trial import fitting, try_out
from liren.packaging.wheels import Wheel, wheel
from liren.plugins import manifest
from liren.plugins.manifest import Manifest
from liren.plugins.plugin import BuiltIn
from liren.store import Store
from liren.store.audit import write as write_audit


@dataclass(frozen=True, slots=True)
class Source:
    """The module asked for, and the shelf it was found on."""

    wheel: Wheel
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class Offer:
    """One module as it would be after the installation."""

    brings: Brings
    installed: Brings | None
    """As it is now; None where it is not installed, or what is installed does not load."""
    was: str
    """The version installed now; empty where none is."""

    @property
    def changes(self) -> list[Change]:
        return changes(self.brings, self.installed)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What will be installed if somebody says yes."""

    files: tuple[tuple[Wheel, str], ...]
    """Each file and who vouches for it (empty: nobody), the module asked for first."""
    offers: tuple[Offer, ...]


def locate(home: Path, asked: str, index: Path | None, today: date, scratch: Path) -> Source:
    """
    :param asked: a wheel, a bundle, a project folder, or the name of a module on the shelf ``index``
    :raises BadWheel: nothing like that
    """
    path = Path(asked)
    if path.suffix == ".zip":
        folder = shelf.unpack(path, scratch / "bundle")
        return Source(_first(path, folder), shelf.open_shelf(home, folder, today))
    if path.suffix == ".whl":
        one = wheel(path)
        return Source(one, shelf.open_shelf(home, index or path.parent, today))
    if (path / "pyproject.toml").is_file():
        built = pip.build(path, scratch / "built")
        return Source(wheel(built), shelf.open_shelf(home, index or built.parent, today))
    if path.is_file():
        raise BadWheel(
            f"{asked} 不是模块：要安装包（.whl）、打成一个文件的模块（.zip），或者有 pyproject.toml 的文件夹。",
            f"{asked} is no module: give a wheel (.whl), a bundle (.zip), or a folder with a pyproject.toml.",
        )
    if index is None:
        raise BadWheel(
            f"没有文件 {asked}。按名字安装，请用 --index 或 LIREN_INDEX 说明模块目录在哪里。",
            f"There is no file {asked}. To install by name, say where the index lies: --index FOLDER, or LIREN_INDEX.",
        )
    opened = shelf.open_shelf(home, index, today)
    return Source(shelf.find(opened.usable(allow_unsigned=opened.trusted is None), asked), opened)


def prepare(
    source: Source, stage: Stage, built_in: Sequence[BuiltIn], scratch: Path, *, vouched: bool = True
) -> Prepared:
    """Everything that can be said before anything is changed.

    :param vouched: False lets unsigned files through (``--allow-unsigned``, and where nothing will be installed)
    :raises LirenError: why it cannot be installed
    """
    source.shelf.check(source.wheel, allow_unsigned=not vouched)
    here = lock.installed()
    for its in _modules(source.wheel):
        _same_distribution(its, source.wheel)
    usable = source.shelf.usable(allow_unsigned=not vouched)
    at_hand: dict[str, list[Wheel]] = {}
    for one in usable:
        at_hand.setdefault(one.name, []).append(one)
    lock.check_needs(source.wheel, at_hand, here)
    planned = pip.plan(source.wheel.path, _links(usable, scratch / "links"), lock.core_lock(here), scratch)
    files = [source.wheel, *(wheel(path) for path in planned if path.name != source.wheel.path.name)]
    if broken := lock.broken_by({one.name: one.version for one in files}, here):
        raise DoesNotFit(
            f"装上之后，别的模块就不能用了（{'; '.join(broken)}）。没有安装。",
            f"With it, something else would no longer work ({'; '.join(broken)}). Nothing was installed.",
        )
    staged = stage.bring(files)
    signers = [source.shelf.check(one, allow_unsigned=not vouched) for one in staged]
    pip.install([one.path for one in staged], into=scratch / "site")
    offered = fitting(try_out(scratch / "site", built_in))
    return Prepared(tuple(zip(staged, signers, strict=True)), tuple(_offers(offered, built_in)))


async def carry_out(home: Path, store: Store, actor: str, source: Source, prepared: Prepared, stage: Stage) -> None:
    """Hand the files to pip; first an audit row each says what was about to be installed, and who vouched for it."""
    async with store.transaction(actor) as tx:
        for one, signers in prepared.files:
            detail: dict[str, str | int] = {"version": str(one.version), "sha256": one.sha256()}
            detail |= {"signed_by": signers} if signers else {"unsigned": 1}
            await write_audit(tx, "plugins", "plugins.install", f"distribution/{one.name}", detail=detail)
    if source.shelf.trusted is not None:
        trust.remember(home, source.shelf.trusted)
    stage.install([one for one, _ in prepared.files])


def installed_version(one: Wheel) -> Version | None:
    """Of the distribution in this environment."""
    found = lock.installed().get(one.name)
    return None if found is None else Version(found.version)


def check_version(one: Wheel, *, downgrade: bool) -> None:
    """:raises DoesNotFit: a newer version is installed, and nobody said ``--downgrade``"""
    here = installed_version(one)
    if here is not None and one.version < here and not downgrade:
        raise DoesNotFit(
            f"已经装了更新的 {one.name} {here}，没有换成 {one.version}。确实要换回旧版，请加 --downgrade。",
            f"{one.name} {here} is installed, which is newer than {one.version}. "
            "To go back all the same, add --downgrade.",
        )


def _modules(one: Wheel) -> list[Manifest]:
    found = one.manifests()
    if not found:
        raise BadWheel(
            f"{one.path.name} 里没有里仁的模块。请核对是不是拿错了文件。",
            f"There is no Liren module in {one.path.name}. Check that it is the right file.",
        )
    return found


def _same_distribution(its: Manifest, one: Wheel) -> None:
    for found in manifest.find():
        try:
            other = manifest.read(found).id
        except manifest.PluginRefused:
            other = found.entry
        if other == its.id and canonicalize_name(found.distribution) != one.name:
            raise DoesNotFit(
                f"标识 {its.id} 已经由 {found.distribution} 使用，{one.name} 装不了。请先卸载 {found.distribution}。",
                f"The plugin id {its.id} already belongs to {found.distribution}; {one.name} cannot be installed "
                f"beside it. Remove {found.distribution} first.",
            )


def _links(wheels: Sequence[Wheel], folder: Path) -> Path:
    """A folder that holds just these files, for pip to look into."""
    folder.mkdir()
    for one in wheels:
        (folder / one.path.name).symlink_to(one.path.resolve())
    return folder


def _offers(offered: Sequence[Brings], built_in: Sequence[BuiltIn]) -> list[Offer]:
    here = lock.installed()
    versions = {b.plugin: here[name].version for b in offered if (name := canonicalize_name(b.distribution)) in here}
    now = {b.plugin: b for b in try_out(None, built_in, tuple(versions)).brings} if versions else {}
    return [Offer(b, now.get(b.plugin), versions.get(b.plugin, "")) for b in offered]


def _first(bundle: Path, folder: Path) -> Wheel:
    """The module a bundle is about: its first wheel."""
    with zipfile.ZipFile(bundle) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".whl"))
    return wheel(folder / name)

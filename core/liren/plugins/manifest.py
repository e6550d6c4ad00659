# SPDX-License-Identifier: Apache-2.0
"""Reads ``liren.toml`` of every installed plugin without importing any of them.

A plugin that cannot be imported can still be named, shown and refused with a reason.
"""

import importlib.metadata
import importlib.util
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from liren import API_VERSION
from liren.errors import LirenError

GROUP = "liren.plugins"
FILE = "liren.toml"
ID = re.compile(r"[a-z]{2,20}")
RESERVED = frozenset(
    """acting api static login logout r health me livez readyz metrics styleguide drafts core kernel liren
    portal units identity ledger admin audit privacy workflow cases inbox search jobs web store
    event form job key log login one organisation organisations people person plugin receipt register role sign subject
    appointment dwelling post team unit uploaded former record recovery second statement
    label labels guardianship ownership""".split()  # noqa: SIM905
)
"""Addresses of the core, its packages, and what its tables begin with: ``<id>_…`` belongs to the plugin alone."""


class PluginRefused(LirenError):
    """The plugin is left out; the street runs without it. The message is for its administrator."""

    code = "plugin-refused"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``liren.toml``."""

    api: str
    """Contract version the plugin was written for, ``major.minor``."""
    id: str
    title: str
    summary: str = ""
    requires: tuple[str, ...] = ()
    personal_data: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """An installed distribution with an entry point in ``liren.plugins``."""

    distribution: str
    version: str
    entry: str
    """Name of the entry point: names the plugin where its manifest cannot be read."""
    target: str
    """``package`` or ``package:object``."""
    folder: Path | None
    """The package's folder; None where the package is not there."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A plugin that is not running, and why."""

    plugin: str
    distribution: str
    error: LirenError


def find() -> list[Found]:
    """Every installed plugin, by name. Imports nothing of theirs."""
    entries = importlib.metadata.entry_points(group=GROUP)
    found = []
    for entry in sorted(entries, key=lambda e: (e.name, e.value)):
        dist = entry.dist
        if dist is not None and set_aside(dist):
            continue
        found.append(
            Found(
                distribution=dist.name if dist else "?",
                version=dist.version if dist else "?",
                entry=entry.name,
                target=entry.value,
                folder=_folder(entry.value),
            )
        )
    return found


def set_aside(dist: importlib.metadata.Distribution) -> bool:
    """Whether a killed pip left this behind: it renames what it is about to delete to ``~…``, metadata included."""
    return Path(str(getattr(dist, "_path", ""))).name.startswith("~")


def _folder(target: str) -> Path | None:
    """Where the top-level package lies: its finder is asked, its code does not run."""
    package = re.split(r"[.:\s\[]", target, maxsplit=1)[0]
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def read(found: Found) -> Manifest:
    """:raises PluginRefused: not there, not readable, or not for this version of the contract"""
    if found.folder is None:
        raise PluginRefused(
            f"模块 {found.entry}（{found.distribution}）的程序不见了。请重新安装它。",
            f"The package of plugin {found.entry} ({found.distribution}) is gone. Install it again.",
        )
    try:
        text = (found.folder / FILE).read_text("utf-8")
        manifest = msgspec.convert(tomllib.loads(text), Manifest)
    except FileNotFoundError:
        raise PluginRefused(
            f"模块 {found.entry}（{found.distribution}）里没有 {FILE}。请向模块作者要一份完整的安装包。",
            f"Plugin {found.entry} ({found.distribution}) has no {FILE}. Ask its author for a complete package.",
        ) from None
    except (OSError, UnicodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PluginRefused(
            f"模块 {found.entry}（{found.distribution}）的 {FILE} 读不懂：{error}。请模块作者改正。",
            f"{FILE} of plugin {found.entry} ({found.distribution}) cannot be read: {error}. "
            "Its author has to correct it.",
        ) from error
    check(manifest)
    return manifest


def check(manifest: Manifest) -> None:
    """:raises PluginRefused: the id is not one, is the core's, or the contract version does not fit"""
    if not ID.fullmatch(manifest.id) or manifest.id in RESERVED:
        raise PluginRefused(
            f"模块标识“{manifest.id}”不能用：须为 2 到 20 个小写字母，且不是系统自用的名字。请模块作者改名。",
            f"Plugin id {manifest.id!r} cannot be used: 2 to 20 small letters, none of the core's names. "
            "Its author has to rename it.",
        )
    if not fits(manifest.api):
        raise PluginRefused(
            f"模块 {manifest.id} 是为接口 {manifest.api} 写的，这里是 {API_VERSION}。"
            "请安装适合的模块版本，或升级里仁。",
            f"Plugin {manifest.id} is written for contract {manifest.api}; this is {API_VERSION}. "
            "Install a version of it that fits, or upgrade Liren.",
        )


def fits(api: str) -> bool:
    """Same major, minor no newer than ours."""
    match = re.fullmatch(r"(\d{1,4})\.(\d{1,4})", api)
    if match is None:
        return False
    ours = tuple(int(part) for part in API_VERSION.split("."))
    return int(match[1]) == ours[0] and int(match[2]) <= ours[1]


def read_all(found: list[Found]) -> tuple[list[tuple[Found, Manifest]], list[Refusal]]:
    """Manifests that can be used, and what is left out: unreadable ones, and ids claimed twice.

    Of two distributions with one id, the one called ``liren-<id>`` keeps it; else both stay out.
    """
    readable: dict[str, list[tuple[Found, Manifest]]] = {}
    refused: list[Refusal] = []
    for one in found:
        try:
            manifest = read(one)
        except PluginRefused as error:
            refused.append(Refusal(one.entry, one.distribution, error))
        else:
            readable.setdefault(manifest.id, []).append((one, manifest))
    usable = []
    for plugin, claims in readable.items():
        named = [claim for claim in claims if claim[0].distribution == f"liren-{plugin}"]
        kept = claims[0] if len(claims) == 1 else named[0] if len(named) == 1 else None
        if kept is not None:
            usable.append(kept)
        refused += [
            Refusal(plugin, one.distribution, _claimed_twice(plugin, [c[0].distribution for c in claims]))
            for one, manifest in claims
            if kept is None or one is not kept[0]
        ]
    return usable, refused


def _claimed_twice(plugin: str, distributions: list[str]) -> PluginRefused:
    names = ", ".join(distributions)
    return PluginRefused(
        f"有两个安装包都自称模块 {plugin}：{names}。请卸载其中一个。",
        f"More than one distribution claims the plugin id {plugin}: {names}. Uninstall one of them.",
    )

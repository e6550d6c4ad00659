# SPDX-License-Identifier: Apache-2.0
"""Loads a module in a process of its own, with an empty home and an empty database, and says what it brings.

So a module is known before it is installed, and one that hangs, exits or crashes takes nobody down. The process runs
the module's code: what a street does not trust it does not try either.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from liren.errors import LirenError
from liren.packaging.brings import Brings, brings_of
from liren.packaging.errors import DoesNotFit
from liren.plugins import manifest
from liren.plugins.loader import limit_s, load
from liren.plugins.manifest import Found, Manifest, PluginRefused
from liren.plugins.plugin import BuiltIn, Plugin
from liren.store import MigrationSource, Store, migrate

START_S = 30.0
"""Beside the loading limit: Python, the core's packages, an empty database, on a slow machine."""
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "LIREN_LOAD_LIMIT", "SYSTEMROOT")
"""Of the environment: nothing that tells where the street's data or keys lie."""


class Asked(msgspec.Struct, frozen=True):
    site: str
    """Folder with the module and what it needs beside the installed; empty: what is installed."""
    plugins: tuple[str, ...]
    """Ids to report on; with a ``site`` all that lie there."""
    built_in: tuple[BuiltIn, ...]
    home: str
    answer: str


class Said(msgspec.Struct, frozen=True):
    plugin: str
    zh: str
    en: str


class Answer(msgspec.Struct, frozen=True):
    brings: tuple[Brings, ...]
    refused: tuple[Said, ...]


def try_out(site: Path | None, built_in: Sequence[BuiltIn], plugins: Sequence[str] = ()) -> Answer:
    """
    :param site: folder that holds an unpacked module; None: report on ``plugins`` as they are installed
    :raises DoesNotFit: the process did not survive it
    """
    with tempfile.TemporaryDirectory(prefix="liren-trial-") as folder:
        home, answer = Path(folder) / "home", Path(folder) / "answer"
        asked = Asked(str(site or ""), tuple(plugins), tuple(built_in), str(home), str(answer))
        env = {name: value for name, value in os.environ.items() if name in KEPT}
        limit = limit_s() + START_S
        try:
            done = subprocess.run(
                [sys.executable, "-m", "liren.packaging.trial"],
                input=msgspec.json.encode(asked),
                env=env,
                cwd=folder,
                capture_output=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _died(f"> {limit:.0f} s") from error
        if done.returncode or not answer.exists():
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise _died(f"exit code {done.returncode}; {_telling(lines)}")
        return msgspec.json.decode(answer.read_bytes(), type=Answer)


def _telling(lines: list[str]) -> str:
    """Of a trace: that a time limit ended it and where, or its last line."""
    if any(line.startswith("Timeout") for line in lines):
        where = next((line.strip() for line in lines if line.strip().startswith("File ")), "")
        return f"time limit, {where}"
    return lines[-1][:200] if lines else "–"


def _died(what: str) -> DoesNotFit:
    return DoesNotFit(
        f"试着启动这个模块时进程停了（{what}）。没有安装，请把这段话发给模块作者。",
        f"The process that tried to load this module did not survive ({what}). Nothing was installed; tell its author.",
    )


def fitting(answer: Answer) -> tuple[Brings, ...]:
    """:raises PluginRefused: one of the modules does not fit, in its own words"""
    if answer.refused:
        first = answer.refused[0]
        raise PluginRefused(first.zh, first.en)
    return answer.brings


# --- inside the process


def _inside(asked: Asked) -> Answer:
    site = Path(asked.site) if asked.site else None
    if site is not None:
        sys.path.insert(0, str(site))
    found = manifest.find()
    usable, refused = manifest.read_all(found)
    wanted = _wanted(site, asked.plugins, usable)
    loaded = load(
        Path(asked.home), asked.built_in, found=[f for f, its in usable if its.id in _closure(wanted, usable)]
    )
    said = [Said(r.plugin, r.error.zh, r.error.en) for r in loaded.refused if r.plugin in wanted]
    said += [Said(r.plugin, r.error.zh, r.error.en) for r in refused if site and _lies_in(site, r.distribution, found)]
    brings = []
    for plugin in loaded.plugins:
        if plugin.id in wanted:
            try:
                asyncio.run(_migrated(Path(asked.home), plugin))
                brings.append(brings_of(plugin))
            except LirenError as error:
                said.append(Said(plugin.id, error.zh, error.en))
    return Answer(tuple(brings), tuple(said))


def _wanted(site: Path | None, plugins: Sequence[str], usable: list[tuple[Found, Manifest]]) -> set[str]:
    if site is None:
        return set(plugins)
    return {its.id for found, its in usable if found.folder is not None and found.folder.is_relative_to(site)}


def _closure(wanted: set[str], usable: list[tuple[Found, Manifest]]) -> set[str]:
    """With all they require: nothing else is imported."""
    by_id = {its.id: its for _, its in usable}
    closure: set[str] = set()
    waiting = list(wanted)
    while waiting:
        plugin = waiting.pop()
        if plugin not in closure and plugin in by_id:
            closure.add(plugin)
            waiting += by_id[plugin].requires
    return closure


def _lies_in(site: Path, distribution: str, found: list[Found]) -> bool:
    return any(f.distribution == distribution and (f.folder is None or f.folder.is_relative_to(site)) for f in found)


async def _migrated(home: Path, plugin: Plugin) -> None:
    """Run its migrations on an empty database.

    :raises MigrationFailed: one of them fails
    """
    if plugin.tables is None:
        return
    store = await Store.open(home / f"{plugin.id}.sqlite")
    try:
        await migrate(store, [MigrationSource(plugin.id, Path(plugin.tables.migrations_folder_path))])
    finally:
        await store.close()


def _main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    Path(asked.answer).write_bytes(msgspec.json.encode(_inside(asked)))


if __name__ == "__main__":
    _main()

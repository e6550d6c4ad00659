# SPDX-License-Identifier: Apache-2.0
"""What a module brings, as lines a person can read and two versions can be compared by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from liren.plugins.plugin import Plugin
from liren.plugins.types import Gate, Job
from liren.store import MigrationSource
from liren.store.migrations import load as load_migrations


class Brings(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one module. Every tuple is sorted lines; the part before two spaces names the thing."""

    plugin: str
    title: str
    summary: str
    distribution: str
    version: str
    api: str
    requires: tuple[str, ...] = ()
    personal_data: bool = False
    tables: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    point_rules: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


PARTS = {
    "requires": ("需要模块", "requires"),
    "tables": ("数据表", "table"),
    "migrations": ("数据库升级", "migration"),
    "pages": ("页面", "page"),
    "permissions": ("权限", "permission"),
    "roles": ("角色", "role"),
    "settings": ("设置", "setting"),
    "jobs": ("定时任务", "job"),
    "commands": ("命令", "command"),
    "workflows": ("流程", "workflow"),
    "events": ("事件", "event"),
    "point_rules": ("积分细则模板", "point rule"),
    "codes": ("记账代码", "code"),
    "hooks": ("钩子", "hook"),
}
"""Field → what its lines are called, Chinese and English, in the order they are shown."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a difference."""

    sign: Literal["+", "-"]
    part: str
    """A key of :data:`PARTS`."""
    line: str


def brings_of(plugin: Plugin) -> Brings:
    """Of a plugin that has loaded."""
    gates = {Gate.ANYONE: "所有人 anyone", Gate.SIGNED_IN: "登录后 signed in"}
    pages = [
        f"{'/'.join(sorted(route.methods - {'HEAD', 'OPTIONS'}))} {route.path}  "
        f"{gates[route.allow] if isinstance(route.allow, Gate) else route.allow}"
        for route in plugin.routes
    ]
    return Brings(
        plugin=plugin.id,
        title=plugin.manifest.title,
        summary=plugin.manifest.summary,
        distribution=plugin.distribution,
        version=plugin.version,
        api=plugin.manifest.api,
        requires=tuple(sorted(plugin.manifest.requires)),
        personal_data=plugin.manifest.personal_data,
        tables=_sorted(_tables(plugin)),
        migrations=_sorted(_migrations(plugin)),
        pages=_sorted(pages),
        permissions=_sorted(f"{one.name}  {one.title}" for one in plugin.permissions),
        roles=_sorted(f"{one.name}  {one.title}: {', '.join(one.permissions)}" for one in plugin.roles),
        settings=_sorted(_settings(plugin)),
        jobs=_sorted(f"{job.name}  {job.title} ({_when(job)})" for job in plugin.jobs),
        commands=_sorted(f"liren {plugin.id} {command.name}" for command in plugin.commands),
        workflows=_sorted(f"{one.name}  {one.title}" for one in plugin.workflows),
        events=_sorted(f"{one.name}  {one.title} (v{one.version})" for one in plugin.events),
        point_rules=_sorted(f"{one.name}  {one.title}: {one.points}/{one.unit}" for one in plugin.point_rules),
        codes=_sorted(f"{one.name}  {one.title}" for one in plugin.codes),
        hooks=_sorted(impl.hook for impl in plugin.impls if not impl.hook.startswith("register_")),
    )


def changes(new: Brings, old: Brings | None) -> list[Change]:
    """From what is installed to what would be; everything is new where nothing is installed. Pure."""
    found = []
    for part in PARTS:
        before: Sequence[str] = () if old is None else getattr(old, part)
        after: Sequence[str] = getattr(new, part)
        found += [Change("-", part, line) for line in before if line not in after]
        found += [Change("+", part, line) for line in after if line not in before]
    return found


def _sorted(lines: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(lines))


def _tables(plugin: Plugin) -> Iterator[str]:
    for table in plugin.tables.table_classes if plugin.tables else ():
        columns = ", ".join(column._meta.db_column_name for column in table._meta.columns)
        yield f"{table._meta.tablename}  {columns}"


def _migrations(plugin: Plugin) -> Iterator[str]:
    if plugin.tables is not None:
        for one in load_migrations(MigrationSource(plugin.id, Path(plugin.tables.migrations_folder_path))):
            yield one.id


def _settings(plugin: Plugin) -> Iterator[str]:
    if plugin.settings is not None:
        default = plugin.settings()
        for name in plugin.settings.__struct_fields__:
            yield f"{name}  {getattr(default, name)!r}"


def _when(job: Job) -> str:
    return f"every {job.every}" if job.every is not None else f"daily {job.daily:%H:%M}"

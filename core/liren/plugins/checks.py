# SPDX-License-Identifier: Apache-2.0
"""What a plugin may not bring: refused at load. Pure, but for the migration files."""

import ast
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import get_args

import msgspec
from piccolo.columns import ForeignKey
from piccolo.conf.apps import AppConfig

from liren.plugins import flow_checks
from liren.plugins.acting import Measure
from liren.plugins.manifest import PluginRefused
from liren.plugins.plugin import Plugin
from liren.store import MigrationSource
from liren.store.migrations import load as load_migrations
from liren.unchanged import read_once

JOB_NAME = re.compile(r"[a-z][a-z_]{0,39}")


def check(plugin: Plugin, permissions: Collection[str]) -> None:
    """Everything a single plugin can get wrong by itself; collisions of pages are checked in ``routes``.

    :param permissions: names the plugin may refer to: the core's, its own, those of plugins it requires
    :raises PluginRefused: the first thing found
    """
    if plugin.tables is not None:
        _tables(plugin, plugin.tables)
        _migrations(plugin, Path(plugin.tables.migrations_folder_path))
    _permissions(plugin, permissions)
    _jobs(plugin)
    for zh, en in flow_checks.faults(plugin.workflows, permissions):
        raise refused(plugin.id, zh, en)
    _events(plugin)
    _codes(plugin)
    _deeds(plugin)
    if plugin.settings is not None:
        _settings(plugin, plugin.settings)
    hooks = {impl.hook for impl in plugin.impls}
    if plugin.manifest.personal_data and not {"export_person", "erase_person"} <= hooks:
        raise refused(
            plugin.id,
            "声明保存个人信息，却没有提供导出和删除（export_person、erase_person）",
            "declares personal_data but lacks export_person or erase_person",
        )


def refused(plugin: str, zh: str, en: str) -> PluginRefused:
    return PluginRefused(
        f"模块 {plugin} 没有启动：{zh}。请模块作者改正。",
        f"Plugin {plugin} was not loaded: {en}. Its author has to mend it.",
    )


def _tables(plugin: Plugin, app: AppConfig) -> None:
    if app.app_name != plugin.id:
        raise refused(
            plugin.id,
            f"数据表登记在“{app.app_name}”名下",
            f"register_tables names the app {app.app_name!r}, not {plugin.id!r}",
        )
    if plugin.built_in:
        return
    own = {table._meta.tablename for table in app.table_classes}
    for name in sorted(own):
        if not name.startswith(f"{plugin.id}_"):
            raise refused(
                plugin.id,
                f"数据表 {name} 不以 {plugin.id}_ 开头",
                f"table {name} does not start with {plugin.id}_",
            )
    for table in app.table_classes:
        for column in table._meta.columns:
            if isinstance(column, ForeignKey):
                target = column._foreign_key_meta.resolved_references._meta.tablename
                if target not in own:
                    raise refused(
                        plugin.id,
                        f"数据表 {table._meta.tablename} 用外键连到别人的表 {target}（只能记编号）",
                        f"table {table._meta.tablename} has a foreign key to {target}, "
                        "which is not the plugin's own (keep ids only)",
                    )


def _migrations(plugin: Plugin, folder: Path) -> None:
    """Two files with one id: the second would never run. Read first; then each is imported, here where it may fail."""
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("[!_]*.py")):
        identity = _migration_id(path)
        if identity is None:
            raise refused(
                plugin.id,
                f"数据库升级 {path.name} 没有写明编号 ID",
                f'migration {path.name} has no ID = "…"',
            )
        if identity in seen:
            raise refused(
                plugin.id,
                f"数据库升级 {path.name} 与 {seen[identity]} 编号相同",
                f"migrations {seen[identity]} and {path.name} share the id {identity}",
            )
        seen[identity] = path.name
    load_migrations(MigrationSource(plugin.id, folder))


@read_once
def _migration_id(path: Path) -> str | None:
    try:
        body = ast.parse(path.read_text("utf-8")).body
    except (SyntaxError, ValueError):
        return None
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if "ID" in names:
                return str(node.value.value)
    return None


def _permissions(plugin: Plugin, known: Collection[str]) -> None:
    names = [permission.name for permission in plugin.permissions]
    names += [role.name for role in plugin.roles]
    for name in names:
        if not plugin.built_in and not name.startswith(f"{plugin.id}."):
            raise refused(
                plugin.id,
                f"权限或角色 {name} 不以 {plugin.id}. 开头",
                f"permission or role {name} does not start with {plugin.id + '.'}",
            )
    if doubled := {name for name in names if names.count(name) > 1}:
        raise refused(
            plugin.id,
            f"权限或角色重复：{', '.join(sorted(doubled))}",
            f"permissions or roles declared twice: {', '.join(sorted(doubled))}",
        )
    asked = [name for role in plugin.roles for name in role.permissions]
    asked += [route.allow for route in plugin.routes if isinstance(route.allow, str)]
    if unknown := sorted(set(asked) - set(known)):
        raise refused(
            plugin.id,
            f"用到了没有登记的权限：{', '.join(unknown)}",
            f"it uses permissions nobody registered: {', '.join(unknown)}",
        )


def _jobs(plugin: Plugin) -> None:
    names: list[str] = []
    for job in plugin.jobs:
        if not JOB_NAME.fullmatch(job.name) or job.name in names or (job.every is None) == (job.daily is None):
            raise refused(
                plugin.id,
                f"定时任务 {job.name} 的名字不对、重复，或没有写明时间（every、daily 选一个）",
                f"job {job.name!r}: name not [a-z_]+, used twice, or not exactly one of every and daily",
            )
        names.append(job.name)


def _events(plugin: Plugin) -> None:
    seen: set[str] = set()
    for kind in plugin.events:
        name = kind.name
        if not name.startswith(f"{plugin.id}.") or name in seen or not kind.title or kind.version < 1:
            raise refused(
                plugin.id,
                f"事件 {name or kind.__name__} 重名、没有标题，或名字不以 {plugin.id}. 开头",
                f"event {name or kind.__name__}: declared twice, without a title, or not under {plugin.id + '.'}",
            )
        if not kind.__struct_config__.frozen:
            raise refused(plugin.id, f"事件 {name} 可以改动（没有写 frozen=True）", f"event {name} is not frozen")
        seen.add(name)
    for template in plugin.point_rules:
        if not template.name.startswith(f"{plugin.id}.") or template.name in seen or template.points < 1:
            raise refused(
                plugin.id,
                f"细则样板 {template.name} 重名、分值不对，或名字不以 {plugin.id}. 开头",
                f"rule template {template.name}: used twice, without points, or not under {plugin.id + '.'}",
            )
        seen.add(template.name)


def _codes(plugin: Plugin) -> None:
    seen: set[str] = set()
    for code in plugin.codes:
        own = plugin.built_in or code.name.startswith(f"{plugin.id}.")
        if not own or code.name in seen or not code.title:
            raise refused(
                plugin.id,
                f"记账代码 {code.name} 重名、没有标题，或名字不以 {plugin.id}. 开头",
                f"code {code.name}: named twice, without a title, or not under {plugin.id + '.'}",
            )
        seen.add(code.name)


def _deeds(plugin: Plugin) -> None:
    pages = {route.name for route in plugin.routes if "GET" in route.methods and "{" not in route.path}
    seen: set[str] = set()
    for deed in plugin.deeds:
        wrong = not deed.name.startswith(f"{plugin.id}.") or deed.name in seen or not deed.title
        wrong = wrong or not callable(deed.undo) or deed.measure not in get_args(Measure)
        if wrong or deed.cap < 0 or deed.undo_hours < 1 or not (deed.staff or deed.family):
            raise refused(
                plugin.id,
                f"代办事项 {deed.name} 重名、没有标题、不能撤销、上限或时间不对，或名字不以 {plugin.id}. 开头",
                f"deed {deed.name}: declared twice, without a title or an undo, with a wrong cap or term, for nobody, "
                f"or not under {plugin.id + '.'}",
            )
        if f"{plugin.id}.{deed.page}" not in pages:
            raise refused(
                plugin.id,
                f"代办事项 {deed.name} 的页面 {deed.page} 不存在",
                f"deed {deed.name} begins at {deed.page!r}, which is no page of its own without parameters",
            )
        seen.add(deed.name)


def _settings(plugin: Plugin, settings: type[msgspec.Struct]) -> None:
    try:
        settings()
    except TypeError as error:
        raise refused(plugin.id, f"设置里有一项没有默认值：{error}", f"a setting has no default: {error}") from error


def known_permissions(plugin: Plugin, others: Sequence[Plugin]) -> set[str]:
    """What this plugin may refer to."""
    visible = [p for p in others if p.built_in or p.id in plugin.manifest.requires]
    return {permission.name for p in (plugin, *visible) for permission in p.permissions}

# SPDX-License-Identifier: Apache-2.0
"""Taking a module away: off, exported, cleared, uninstalled, in this order: a killed removal is repeated.

Works for a module that is broken, and for one whose program somebody took away by hand while its data is still here.
What it did in the ledger stays readable: entries carry their own titles.
"""

from dataclasses import dataclass
from importlib import invalidate_caches
from pathlib import Path

from packaging.utils import canonicalize_name

from liren.errors import NotFound
from liren.packaging import lock, pip
from liren.packaging.errors import CannotRemove
from liren.packaging.export import Head, export
from liren.packaging.parts import SETTLED, quoted
from liren.packaging.remains import Remains, open_spends
from liren.packaging.remains import remains as remains_of
from liren.plugins import manifest
from liren.plugins.manifest import FILE, RESERVED, Found, PluginRefused
from liren.plugins.marker import Markers
from liren.store import Store
from liren.store.audit import write as write_audit


@dataclass(frozen=True, slots=True)
class Leaving:
    """A module, and all that would go with it."""

    plugin: str
    found: Found | None
    """What is installed; None: its program is gone already."""
    remains: Remains
    open_spends: int

    @property
    def gone_by_hand(self) -> bool:
        return self.found is None and self.remains.anything


async def look(store: Store, name: str) -> Leaving:
    """
    :param name: the module's id, or the name of its distribution
    :raises NotFound: there is no such module and never was
    :raises CannotRemove: another installed module requires it
    """
    plugin, found = _installed(name)
    if plugin in RESERVED:
        raise NotFound(f"{plugin} 是里仁自带的，不能卸载。", f"{plugin} belongs to Liren itself and cannot be removed.")
    here = await remains_of(store, plugin)
    if found is None and not here.anything:
        if await store.read("SELECT 1 FROM audit WHERE what = 'plugins.remove' AND subject = ?", f"plugin/{plugin}"):
            return Leaving(plugin, None, here, 0)
        raise NotFound(
            f"没有装过叫 {name} 的模块，也没有它的数据。liren plugin list 可以看有哪些。",
            f"There is no module {name}, and nothing of it. liren plugin list says what there is.",
        )
    if users := _required_by(plugin):
        names = ", ".join(users)
        raise CannotRemove(
            f"模块 {plugin} 还被 {names} 使用，没有卸载。请先卸载 {names}。",
            f"Module {plugin} is required by {names} and was not removed. Remove {names} first.",
        )
    return Leaving(plugin, found, here, await open_spends(store, plugin))


def check(leaving: Leaving, *, exported: bool, drop_tables: bool, signer: str = "") -> None:
    """
    :param signer: the module that holds the ledger's private keys (``LIREN_SIGNER``)
    :raises CannotRemove: something would be lost for good
    """
    if leaving.plugin == signer:
        raise CannotRemove(
            f"账本的私钥由模块 {signer} 保管，没有卸载：没有它就签不了名。请先换一种保管方式（LIREN_SIGNER）。",
            f"Module {signer} holds the ledger's private keys, and nothing could be signed without it. "
            "First change who holds them (LIREN_SIGNER).",
        )
    if drop_tables and leaving.open_spends:
        raise CannotRemove(
            f"模块 {leaving.plugin} 还有 {leaving.open_spends} 笔没办完的兑换，积分还冻结着，没有删表。"
            "请先办完或取消。",
            f"Module {leaving.plugin} still holds {leaving.open_spends} open orders with residents' points; "
            "its tables were not dropped. Settle or void them first.",
        )
    if drop_tables and leaving.remains.total and not exported:
        raise CannotRemove(
            f"模块 {leaving.plugin} 还有 {leaving.remains.total} 行数据，删了就找不回来。请加 --export 文件.zip。",
            f"Module {leaving.plugin} holds {leaving.remains.total} rows, which would be lost for good. "
            "Add --export FILE.zip.",
        )


async def export_of(home: Path, store: Store, leaving: Leaving, target: Path) -> Head:
    """:raises CannotRemove: the file is there and holds something else"""
    found, text = leaving.found, ""
    if found is not None and found.folder is not None and (found.folder / FILE).is_file():
        text = (found.folder / FILE).read_text("utf-8", "replace")
    distribution, version = ("", "") if found is None else (found.distribution, found.version)
    return await export(
        store,
        leaving.plugin,
        target,
        files=home / "files",
        distribution=distribution,
        version=version,
        manifest=text,
    )


async def switch_off(store: Store, actor: str, leaving: Leaving) -> None:
    """First of all: nothing writes to its tables from now on."""
    if leaving.remains.enabled:
        async with store.transaction(actor) as tx:
            await tx.sql("UPDATE plugin_state SET enabled = 0, changed_ms = ? WHERE id = ?", tx.now_ms, leaving.plugin)
            await write_audit(tx, "plugins", "plugins.disable", f"plugin/{leaving.plugin}")


async def clear(store: Store, actor: str, leaving: Leaving, *, drop_tables: bool) -> None:
    """Grants, settings, job rows, and with ``drop_tables`` tables and migration rows: all in one transaction."""
    its = leaving.remains
    dropped = its.tables if drop_tables else []
    async with store.transaction(actor, limit_s=600) as tx:
        for table, column in SETTLED if its.known else ():
            await tx.sql(f"DELETE FROM {table} WHERE {column} = ?", its.plugin)
        if its.grants:
            await tx.sql("DELETE FROM role_grant WHERE role LIKE ?", f"{its.plugin}.%")
        for part in reversed(its.rows) if drop_tables else ():
            if part.shared:
                await tx.sql(f"DELETE FROM {quoted(part.table)}{part.of(its.plugin)[0]}", its.plugin)
        if dropped and tx.kind == "sqlite":
            await tx.sql("PRAGMA defer_foreign_keys = ON")
            for table in dropped:
                await tx.sql(f"DROP TABLE IF EXISTS {quoted(table)}")
        elif dropped:
            await tx.sql(f"DROP TABLE {', '.join(quoted(table) for table in dropped)}")
        if drop_tables:
            await tx.sql("DELETE FROM migration WHERE app = ?", its.plugin)
        detail: dict[str, str | int] = {"grants": its.grants, "rows": its.total, "tables_dropped": len(dropped)}
        await write_audit(tx, "plugins", "plugins.remove", f"plugin/{its.plugin}", detail=detail)


def uninstall(home: Path, leaving: Leaving) -> None:
    """:raises CannotRemove: pip did not take it away"""
    Markers(home, 1).retry(leaving.plugin)
    if leaving.found is None:
        return
    pip.uninstall(leaving.found.distribution)
    pip.tidy(leaving.found.distribution)
    invalidate_caches()
    if canonicalize_name(leaving.found.distribution) in lock.installed():
        raise CannotRemove(
            f"{leaving.found.distribution} 不在这个环境里，pip 卸不掉。数据已清理，请手工删除 {leaving.found.folder}。",
            f"{leaving.found.distribution} lies outside this environment and pip left it. Its data has been cleared; "
            f"delete {leaving.found.folder} by hand.",
        )


def _installed(name: str) -> tuple[str, Found | None]:
    for found in manifest.find():
        plugin = _id(found)
        if name in (plugin, found.distribution) or canonicalize_name(name) == canonicalize_name(found.distribution):
            return plugin, found
    return name, None


def _required_by(plugin: str) -> list[str]:
    users = []
    for found in manifest.find():
        try:
            its = manifest.read(found)
        except PluginRefused:
            continue
        if plugin in its.requires:
            users.append(its.id)
    return sorted(users)


def _id(found: Found) -> str:
    try:
        return manifest.read(found).id
    except PluginRefused:
        return found.entry

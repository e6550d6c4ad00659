# SPDX-License-Identifier: Apache-2.0
"""What the street decided about each plugin: enabled or not, for whom, with which settings. Rows outlive the plugin.

Why a plugin was refused or quarantined is not stored here: that is found out anew at each start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from liren.store import MigrationSource, Store
from liren.store.audit import write as write_audit

log = structlog.get_logger("liren.plugins")
MIGRATIONS = MigrationSource("plugins", Path(__file__).parent / "piccolo_migrations")


@dataclass(frozen=True, slots=True)
class State:
    """Of one plugin; a plugin never seen before is off, for everyone, with default settings."""

    enabled: bool = False
    pilot: str = ""
    """Code of the one community it is enabled for; empty: the whole street."""
    settings: str = ""
    """JSON as last saved; empty: defaults."""


class States:
    """All rows, in memory: asked on every request, written hardly ever."""

    def __init__(self) -> None:
        self._states: Mapping[str, State] = {}

    def of(self, plugin: str) -> State:
        return self._states.get(plugin, State())

    async def refresh(self, store: Store) -> bool:
        """Read what is stored; another process may have written it.

        :returns: whether anything changed
        """
        rows = await store.read("SELECT id, enabled, pilot, settings FROM plugin_state ORDER BY id")
        states = {str(i): State(bool(enabled), str(pilot), str(text)) for i, enabled, pilot, text in rows}
        changed = states != self._states
        self._states = states
        return changed


async def save(store: Store, actor: str, plugin: str, state: State, what: str) -> None:
    """Store the state and one audit row in one transaction.

    The first row also keeps the last event there was: what happened before a plugin came is not its concern.
    """
    async with store.transaction(actor) as tx:
        await tx.sql(
            "INSERT INTO plugin_state (id, enabled, pilot, settings, changed_ms, heard_from)"
            " VALUES (?, ?, ?, ?, ?, (SELECT COALESCE(MAX(id), 0) FROM outbox))"
            " ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled, pilot = excluded.pilot,"
            " settings = excluded.settings, changed_ms = excluded.changed_ms",
            plugin,
            int(state.enabled),
            state.pilot,
            state.settings,
            tx.now_ms,
        )
        await write_audit(tx, plugin="plugins", what=what, subject=f"plugin/{plugin}", unit=state.pilot or None)


def read_settings(kind: type[msgspec.Struct] | None, stored: str) -> tuple[msgspec.Struct | None, Mapping[str, str]]:
    """The stored settings as the plugin's Struct; what no longer fits falls back to the default, field by field.

    :returns: the settings as they hold, and what was stored and does not fit: field (or ``""`` for all) → why
    """
    if kind is None:
        return None, {}
    if not stored:
        return kind(), {}
    try:
        values = msgspec.json.decode(stored.encode(), type=dict[str, object])
    except msgspec.DecodeError as error:
        return kind(), _unfit(kind, {"": str(error)})
    good: dict[str, object] = {}
    unfit: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name in values:
            one = {field.encode_name: values[field.encode_name]}
            try:
                good |= {field.name: getattr(msgspec.convert(one, kind), field.name)}
            except Exception as error:
                unfit[field.name] = f"{values[field.encode_name]!r:.60}: {error}"
    try:
        return kind(**good), _unfit(kind, unfit)
    except Exception as error:  # each fits, all together they do not: the plugin's own __post_init__ says so
        return kind(), _unfit(kind, unfit | {"": str(error)})


def _unfit(kind: type[msgspec.Struct], found: Mapping[str, str]) -> Mapping[str, str]:
    for field, why in found.items():
        log.error("plugin_setting_refused", kind=kind.__name__, field=field, why=why)
    return found

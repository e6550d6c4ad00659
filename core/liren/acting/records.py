# SPDX-License-Identifier: Apache-2.0
"""Consents and slips as rows. Reads join the open transaction, or use a reader where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from liren.plugins.acting import How, Kind, Slip
from liren.store import Store
from liren.store import Tx as StoreTx

_MANDATE: Final = (
    "SELECT id, person, actor, kind, how, unit, asked_ms, given_ms, until_ms, ended_ms, recorded_by, code_hash,"
    " code_tries, code_until_ms, paper FROM acting_mandate"
)
_SLIP: Final = (
    "SELECT id, number, mandate, person, actor, kind, how, deed, measure, amount, text, subject, record, unit, at_ms,"
    " undo_until_ms, undone_ms, undone_by, objected_ms FROM acting_slip"
)


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it stands, in force or not."""

    id: str
    person: str
    actor: str
    kind: Kind
    how: How
    unit: str
    asked_ms: int
    given_ms: int | None
    until_ms: int
    ended_ms: int | None
    recorded_by: str
    code_hash: str | None
    code_tries: int
    code_until_ms: int | None
    paper: str | None

    def holds(self, now_ms: int) -> bool:
        return self.given_ms is not None and self.ended_ms is None and now_ms < self.until_ms

    def asked(self, now_ms: int) -> bool:
        """Waits for an answer."""
        return self.given_ms is None and self.ended_ms is None and now_ms < self.until_ms


@dataclass(frozen=True, slots=True)
class Records:
    """One per process."""

    store: Store

    def tx(self) -> StoreTx:
        """:raises RuntimeError: no transaction is open: the module's slip"""
        open_one = self.store.engine.current_transaction.get()
        if open_one is None:
            raise RuntimeError("acting is written inside ctx.once or ctx.transaction")
        assert isinstance(open_one, StoreTx)
        return open_one

    async def read(self, query: str, *args: Any) -> list[tuple[Any, ...]]:
        tx: StoreTx | None = self.store.engine.current_transaction.get()
        return await (self.store.read(query, *args) if tx is None else tx.sql(query, *args))

    # --- consents

    async def consent(self, mandate: str) -> Consent | None:
        rows = await self.read(f"{_MANDATE} WHERE id = ?", mandate)
        return Consent(*rows[0]) if rows else None

    async def consents_to(self, actor: str, since_ms: int) -> list[Consent]:
        """Those an actor has or is asked about, and those that ended after ``since_ms``; the newest first."""
        rows = await self.read(
            f"{_MANDATE} WHERE actor = ? AND until_ms > ? ORDER BY asked_ms DESC, id LIMIT 200", actor, since_ms
        )
        return [Consent(*row) for row in rows]

    async def consents_of(self, person: str, since_ms: int) -> list[Consent]:
        """Those a person gave or was asked for; the newest first."""
        rows = await self.read(
            f"{_MANDATE} WHERE person = ? AND until_ms > ? ORDER BY asked_ms DESC, id LIMIT 200", person, since_ms
        )
        return [Consent(*row) for row in rows]

    async def caps(self, mandate: str) -> dict[str, int]:
        rows = await self.read("SELECT deed, cap FROM acting_limit WHERE mandate = ? ORDER BY deed", mandate)
        return {deed: int(cap) for deed, cap in rows}

    async def ask(self, consent: Consent, caps: Mapping[str, int]) -> None:
        """Write a new one down."""
        await self.tx().sql(
            "INSERT INTO acting_mandate (id, person, actor, kind, how, unit, asked_ms, given_ms, until_ms, ended_ms,"
            " ended_by, recorded_by, code_hash, code_tries, code_until_ms, paper)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?, 0, ?, ?)",
            consent.id, consent.person, consent.actor, consent.kind, consent.how, consent.unit, consent.asked_ms,
            consent.given_ms, consent.until_ms, consent.recorded_by, consent.code_hash, consent.code_until_ms,
            consent.paper,
        )  # fmt: skip
        await self.tx().many(
            "INSERT INTO acting_limit (mandate, deed, cap) VALUES (?, ?, ?)",
            [(consent.id, deed, cap) for deed, cap in caps.items()],
        )

    async def between(self, person: str, actor: str, now_ms: int) -> list[Consent]:
        """The delegations of one to the other that hold or wait for an answer."""
        rows = await self.read(
            f"{_MANDATE} WHERE person = ? AND actor = ? AND kind = 'family' AND ended_ms IS NULL AND until_ms > ?",
            person, actor, now_ms,
        )  # fmt: skip
        return [Consent(*row) for row in rows]

    async def give(self, mandate: str) -> bool:
        """In force from now; the code that led to it is gone."""
        rows = await self.tx().sql(
            "UPDATE acting_mandate SET given_ms = ?, code_hash = NULL WHERE id = ? AND given_ms IS NULL"
            " AND ended_ms IS NULL RETURNING id",
            self.tx().now_ms, mandate,
        )  # fmt: skip
        return bool(rows)

    async def end(self, mandate: str, by: str) -> bool:
        """:returns: False where it had ended"""
        rows = await self.tx().sql(
            "UPDATE acting_mandate SET ended_ms = ?, ended_by = ?, code_hash = NULL WHERE id = ? AND ended_ms IS NULL"
            " RETURNING id",
            self.tx().now_ms, by, mandate,
        )  # fmt: skip
        return bool(rows)

    async def try_code(self, mandate: str, most: int) -> str | None:
        """Count a try; :returns: the hash to compare with, None where there is nothing to try any more"""
        rows = await self.tx().sql(
            "UPDATE acting_mandate SET code_tries = code_tries + 1 WHERE id = ? AND given_ms IS NULL"
            " AND ended_ms IS NULL AND code_tries < ? AND code_until_ms > ? RETURNING code_hash",
            mandate, most, self.tx().now_ms,
        )  # fmt: skip
        return rows[0][0] if rows else None

    async def blocked(self, person: str) -> bool:
        return bool(await self.read("SELECT 1 FROM acting_block WHERE person = ?", person))

    # --- caps

    async def use(self, scope: str, deed: str, month: str, amount: int, cap: int) -> bool:
        """Count it, if the cap holds: guarded by the statement itself, whoever else counts at the same moment."""
        await self.tx().sql(
            "INSERT INTO acting_use (scope, deed, month, used) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING",
            scope, deed, month,
        )  # fmt: skip
        rows = await self.tx().sql(
            "UPDATE acting_use SET used = used + ? WHERE scope = ? AND deed = ? AND month = ? AND used + ? <= ?"
            " RETURNING used",
            amount, scope, deed, month, amount, cap,
        )  # fmt: skip
        return bool(rows)

    async def give_back(self, scope: str, deed: str, month: str, amount: int) -> None:
        await self.tx().sql(
            "UPDATE acting_use SET used = CASE WHEN used > ? THEN used - ? ELSE 0 END"
            " WHERE scope = ? AND deed = ? AND month = ?",
            amount, amount, scope, deed, month,
        )  # fmt: skip

    async def used(self, scope: str, deed: str, month: str) -> int:
        rows = await self.read(
            "SELECT used FROM acting_use WHERE scope = ? AND deed = ? AND month = ?", scope, deed, month
        )
        return int(rows[0][0]) if rows else 0

    # --- slips

    async def slip(self, slip: str) -> Slip | None:
        rows = await self.read(f"{_SLIP} WHERE id = ?", slip)
        return Slip(*rows[0]) if rows else None

    async def slip_numbered(self, number: str) -> Slip | None:
        rows = await self.read(f"{_SLIP} WHERE number = ?", number)
        return Slip(*rows[0]) if rows else None

    async def slip_of(self, deed: str, subject: str) -> Slip | None:
        rows = await self.read(f"{_SLIP} WHERE deed = ? AND subject = ?", deed, subject)
        return Slip(*rows[0]) if rows else None

    async def has_acts(self, mandate: str) -> bool:
        return bool(await self.read("SELECT 1 FROM acting_slip WHERE mandate = ? LIMIT 1", mandate))

    async def slips_for(self, person: str, limit: int, offset: int = 0) -> tuple[list[Slip], int]:
        """(some, how many): what was done for a person, the latest first."""
        return await self._page("person", person, limit, offset)

    async def slips_by(self, actor: str, limit: int, offset: int = 0) -> tuple[list[Slip], int]:
        """(some, how many): what somebody did for others, the latest first."""
        return await self._page("actor", actor, limit, offset)

    async def _page(self, column: str, value: str, limit: int, offset: int) -> tuple[list[Slip], int]:
        total = await self.read(f"SELECT count(*) FROM acting_slip WHERE {column} = ?", value)  # noqa: S608 - own names
        query = f"{_SLIP} WHERE {column} = ? ORDER BY at_ms DESC, id LIMIT ? OFFSET ?"
        return [Slip(*row) for row in await self.read(query, value, limit, offset)], int(total[0][0])

    async def put(self, slip: Slip, month: str, *, sampled: bool) -> bool:
        """:returns: False where the number is taken"""
        rows = await self.tx().sql(
            "INSERT INTO acting_slip (id, number, mandate, person, actor, kind, how, deed, measure, amount, text,"
            " subject, record, unit, at_ms, month, undo_until_ms, undone_ms, undone_by, objected_ms, sampled)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?)"
            " ON CONFLICT (number) DO NOTHING RETURNING id",
            slip.id, slip.number, slip.mandate, slip.person, slip.actor, slip.kind, slip.how, slip.deed, slip.measure,
            slip.amount, slip.text, slip.subject, slip.record, slip.unit, slip.at_ms, month, slip.undo_until_ms,
            int(sampled),
        )  # fmt: skip
        return bool(rows)

    async def sample(self, slip: str) -> bool:
        """Put into the sample; :returns: False where it was"""
        rows = await self.tx().sql("UPDATE acting_slip SET sampled = 1 WHERE id = ? AND sampled = 0 RETURNING id", slip)
        return bool(rows)

    async def undo(self, slip: str, by: str) -> bool:
        """Once: whoever comes second gets False."""
        rows = await self.tx().sql(
            "UPDATE acting_slip SET undone_ms = ?, undone_by = ? WHERE id = ? AND undone_ms IS NULL RETURNING id",
            self.tx().now_ms, by, slip,
        )  # fmt: skip
        return bool(rows)

# SPDX-License-Identifier: Apache-2.0
"""Monthly statements: the root over all holders goes into the log, and each holder gets a file that leads to it.

A statement covers every entry admitted until the month's last moment in street time. It can be made at any later time
and always comes out the same; its secret alone is drawn anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from secrets import token_bytes
from typing import Final, cast

from liren.errors import NotFound
from liren.ledger.engine.participant import Ledger
from liren.ledger.engine.posting import LedgerState
from liren.ledger.log import canonical, records
from liren.ledger.log.history import end_of, position_at
from liren.ledger.papers import statement_tree
from liren.ledger.papers.receipts import Receipts, keys_note, pack, proof_file
from liren.ledger.papers.statement_tree import TILE, Leaf, LeafProof, Tile
from liren.ledger.reading.reader import Reader
from liren.ledger.rules import addresses
from liren.ledger.rules.days import day_of, month_end
from liren.store import Store, Tx
from liren.web import typed_day

ACTOR: Final = "job:ledger.statement"
CODE: Final = "ledger.statement"
SUFFIX: Final = ".liren-statement"
LIMIT_S: Final = 60


@dataclass(frozen=True, slots=True)
class Statement:
    """One month as it was attested."""

    month: str
    """``2026-10``."""
    size: int
    """Entries of the log it covers."""
    leaves: int
    root: bytes
    secret: bytes
    salt: bytes
    """Of the attest record's digest."""
    rid: str
    """The attest record."""

    @property
    def last_day(self) -> date:
        return last_day(self.month)

    def document(self) -> bytes:
        """The attested bytes: u64 number of leaves ‖ root."""
        return self.leaves.to_bytes(8, "big") + self.root


def last_day(month: str) -> date:
    """:raises NotFound: not a month"""
    first = typed_day(f"{month}-01")
    if first is None:
        raise no_statement()
    return month_end(first.year, first.month)


def month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def month_after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1}-01" if number == 12 else f"{year}-{number + 1:02}"


class Statements:
    """Makes statements, and finds what one says of a holder."""

    def __init__(self, store: Store, ledger: Ledger, reader: Reader) -> None:
        self._store = store
        self._ledger = ledger
        self._reader = reader

    # --- making them

    async def due(self) -> list[str]:
        """The months that are over and have no statement yet, oldest first."""
        rows = await self._store.read("SELECT admitted_ms FROM log_entry ORDER BY pos LIMIT 1")
        if not rows:
            return []
        made = {month for (month,) in await self._store.read("SELECT month FROM statement")}
        month, this = f"{day_of(rows[0][0], self._reader.tz):%Y-%m}", f"{self._reader.today():%Y-%m}"
        months = []
        while month < this:
            if month not in made:
                months.append(month)
            month = month_after(month)
        return months

    async def make(self, month: str) -> Statement:
        """Attest one month; gives back what is there where that was done already.

        :raises NotFound: not a month, or one that is not over
        """
        made = await self.find(month)
        if made is not None:
            return made
        if last_day(month) >= self._reader.today():
            raise NotFound(f"{month} 还没有过完，月底以后才能出对账单。", f"{month} is not over: no statement yet.")
        size = await position_at(self._store.read, end_of(last_day(month), self._reader.tz))
        secret, salt = token_bytes(32), token_bytes(32)
        tiles = [tile async for tile in statement_tree.tiles(self._store.read, size, secret, month)]
        root = statement_tree.root_of([tile.hash for tile in tiles])
        new = Statement(month, size, sum(tile.leaves for tile in tiles), root, secret, salt, "")

        async def body(tx: Tx) -> bool:
            if not await tx.sql("SELECT 1 FROM statement WHERE month = ?", month):
                await self._keep(tx, new, tiles)
            return True

        await self._store.once(ACTOR, f"statement/{month}", month, body, returns=bool, limit_s=LIMIT_S)
        found = await self.find(month)
        assert found is not None
        return found

    async def _keep(self, tx: Tx, new: Statement, tiles: Sequence[Tile]) -> None:
        state = cast(LedgerState, tx.part("ledger"))
        digest = records.attest_digest(new.salt, new.document())
        street = state.view.keys.street
        posted = await state.attest(f"statement/{new.month}", digest, code=CODE, unit=street)
        await tx.sql(
            "INSERT INTO statement (month, size, leaves, root, secret, salt, rid, made_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(new.month, new.size, new.leaves, new.root, new.secret, new.salt, posted.rid, tx.now_ms),
        )
        await tx.many(
            "INSERT INTO statement_tile (month, idx, first, hash) VALUES (?, ?, ?, ?)",
            [(new.month, number, tile.first, tile.hash) for number, tile in enumerate(tiles)],
        )

    # --- reading them

    async def find(self, month: str) -> Statement | None:
        rows = await self._store.read(f"{_SELECT} WHERE month = ?", month)
        return _statement(rows[0]) if rows else None

    async def all(self) -> list[Statement]:
        """Newest first."""
        return [_statement(row) for row in await self._store.read(f"{_SELECT} ORDER BY month DESC")]

    async def leaf(self, statement: Statement, holder: str) -> Leaf | None:
        """What the statement says of a holder; None where the log had not named them yet."""
        found = await statement_tree.between(self._store.read, statement.size, holder, holder)
        return found[0] if found else None

    async def proof(self, statement: Statement, holder: str) -> LeafProof:
        """:raises NotFound: the holder has no leaf in it"""
        rows = await self._store.read(
            "SELECT first, hash FROM statement_tile WHERE month = ? ORDER BY idx", statement.month
        )
        below = [number for number, (first, _) in enumerate(rows) if first <= holder]
        if not below:
            raise no_statement()
        number = below[-1]
        leaves = await self._tile(statement, rows[number][0], rows[number + 1][0] if number + 1 < len(rows) else None)
        hashes = [leaf.hash(statement.secret, statement.month, statement.size) for leaf in leaves]
        places = [place for place, leaf in enumerate(leaves) if leaf.holder == holder]
        if not places:
            raise no_statement()
        inner = statement_tree.path_of(places[0], hashes)
        outer = statement_tree.path_of(number, [bytes(hash_) for _, hash_ in rows])
        salt = statement_tree.salt_of(statement.secret, statement.month, holder)
        return LeafProof(number * TILE + places[0], statement.leaves, (*inner, *outer), salt)

    async def _tile(self, statement: Statement, first: str, following: str | None) -> list[Leaf]:
        last = following or "~"  # above every character of base64url
        found = await statement_tree.between(self._store.read, statement.size, first, last)
        return [leaf for leaf in found if leaf.holder != following]

    async def file(self, statement: Statement, holder: str) -> bytes:
        """The ``.liren-statement`` of a holder (``docs/ledger-spec.md`` 12). For its holder alone.

        :raises NotFound: the holder has no leaf in it
        """
        leaf = await self.leaf(statement, holder)
        if leaf is None:
            raise no_statement()
        proof = await self.proof(statement, holder)
        receipts = Receipts(self._store, self._ledger, self._reader)
        pos, entry, size, path, checkpoint = await receipts.proven(statement.rid)
        return pack(
            {
                "statement.json": statement_tree.statement_json(
                    statement.month, leaf, statement.size, proof, statement.salt
                ),
                "entries.bin": await self._entries(statement.size, holder),
                "entry": entry,
                "proof.tlog-proof": proof_file(pos, path, checkpoint),
                "keys.note": await keys_note(self._store, size),
            }
        )

    async def _entries(self, size: int, holder: str) -> bytes:
        """u64 position ‖ u32 length ‖ entry bytes of each of the holder's entries below ``size``."""
        rows = await self._store.read(
            "SELECT e.pos, e.admitted_ms, e.body FROM log_entry e WHERE e.pos IN (SELECT p.pos FROM posting p"
            " JOIN account a ON a.id = p.account WHERE a.holder = ? AND p.pos < ?) ORDER BY e.pos",
            holder,
            size,
        )
        framed = []
        for pos, admitted_ms, body in rows:
            entry = records.entry_bytes(admitted_ms, bytes(body))
            framed.append(pos.to_bytes(8, "big") + len(entry).to_bytes(4, "big") + entry)
        return b"".join(framed)


_SELECT: Final = "SELECT month, size, leaves, root, secret, salt, rid FROM statement"


def _statement(row: tuple[object, ...]) -> Statement:
    month, size, leaves, root, secret, salt, rid = cast(tuple[str, int, int, bytes, bytes, bytes, str], row)
    return Statement(month, size, leaves, bytes(root), bytes(secret), bytes(salt), rid)


async def export_json(store: Store, size: int) -> bytes | None:
    """``statements.json`` of an export: with the secrets, an auditor computes every leaf; None where there is none."""
    rows = await store.read(
        "SELECT s.month, s.size, s.leaves, s.secret, s.salt FROM statement s JOIN log_entry e ON e.rid = s.rid"
        " WHERE e.pos < ? ORDER BY s.month",
        size,
    )
    told = [
        {
            "attest_salt": addresses.encode_id(bytes(salt)),
            "leaves": leaves,
            "month": month,
            "secret": addresses.encode_id(bytes(secret)),
            "size": covered,
        }
        for month, covered, leaves, secret, salt in rows
    ]
    return canonical.encode({"format": "liren/statements/v1", "statements": told}) if told else None


def no_statement() -> NotFound:
    return NotFound(
        "没有这个月的对账单。每月1日出上个月的。",
        "There is no statement of this month. The first of each month brings that of the month before.",
    )

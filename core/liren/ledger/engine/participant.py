# SPDX-License-Identifier: Apache-2.0
"""The ledger as a participant of the writer: locks the head, gathers records, writes them as one batch.

Positions, leaves and the head are made once per batch, after every transaction in it has succeeded, so the
order of the log is the order of admission and nothing that failed leaves a gap.
"""

import asyncio
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from liren import clock
from liren.ledger.authority import policy
from liren.ledger.authority.custody import Custody
from liren.ledger.engine import flush
from liren.ledger.engine.book import CACHE_LIMIT, Book
from liren.ledger.engine.checkpoints import Checkpoints
from liren.ledger.engine.posting import LedgerState, ReviewerGate
from liren.ledger.errors import LedgerError, ReadOnly
from liren.ledger.log.anchor import Anchor
from liren.ledger.log.merkle import Edge
from liren.ledger.log.note import NoteSigner, VerifierKey
from liren.ledger.log.records import Key, May
from liren.store import Store, Tx, Vault, WriterConnection

CLOCK_PATIENCE_MS = 2000
"""How far the machine's clock may have gone back before postings are refused."""


class Ledger:
    """One per process; ``store.join(ledger)``, migrate, then ``await ledger.start(store)``.

    :param vault: unseals the private keys
    :param tz: the street's time zone, which every policy it adopts names
    :param anchor: the file that remembers the largest (size, root) ever published
    :param keys: the folder of the master key, and of the root until it is on paper
    :param gate: tells whether a person may give second signatures (identity's roles)
    """

    name = "ledger"

    def __init__(
        self,
        vault: Vault,
        *,
        tz: ZoneInfo,
        anchor: Path,
        gate: ReviewerGate | None = None,
        custody: Custody | None = None,
        keys: Path | None = None,
    ) -> None:
        self.vault = vault
        self.custody = custody or Custody(vault)
        self.tz = tz
        self.gate = gate
        self.keys_folder = keys
        self.anchor = Anchor(anchor)
        self.book = Book()
        self.checkpoints = Checkpoints(self)
        self.blocked: LedgerError | None = _not_started()
        self.writing = False
        """A batch is open."""
        self._clock_back: LedgerError | None = None
        self._now_ms = 0
        self._grown: Edge | None = None

    async def start(self, store: Store) -> None:
        """Load the head, compare it with the anchor, sign it if the last process did not get so far.

        A ledger behind its anchor stays readable and refuses records: ``self.blocked`` says why.
        """
        self.blocked = await self.checkpoints.start(store)

    async def stop(self) -> None:
        """Sign what is unsigned and end the background task; before the store is closed."""
        await self.checkpoints.stop()

    # --- Participant

    async def begin(self, conn: WriterConnection, now_ms: int) -> int:
        """See :class:`liren.store.tx.Participant`: lock and load the head."""
        self.writing = True
        lock = " FOR UPDATE" if conn.kind == "postgres" else ""
        rows = await conn.sql(f"SELECT origin, size, root, edge, last_ms, regrouped FROM log_head{lock}")  # noqa: S608
        size, regrouped = (rows[0][1], rows[0][5]) if rows else (0, 0)
        if (size, regrouped) != (self.book.size, self.book.regrouped):
            await self._load(conn, rows)
        self._now_ms = await self._admission_ms(now_ms)
        return self._now_ms

    def open(self, tx: Tx) -> LedgerState:
        blocked = self.blocked or self._clock_back
        return LedgerState(self.book, tx, self.custody, self.vault, self.tz, blocked, self.gate)

    def admit(self, state: LedgerState) -> None:
        state.view.admit()

    def drop(self, state: LedgerState) -> None:
        """A rolled back transaction has touched nothing but its own view."""

    async def flush(self, conn: WriterConnection) -> None:
        if self.book.batch.records:
            self._grown = await flush.write(conn, self.book, self._now_ms)

    async def committed(self) -> None:
        self.writing = False
        book, grown = self.book, self._grown
        if grown is None:
            return
        self._grown = None
        book.size, book.edge, book.root, book.last_ms = grown.size, grown, grown.root(), self._now_ms
        book.batch = type(book.batch)()
        if len(book.accounts) > CACHE_LIMIT:
            book.forget_accounts()
        self.checkpoints.grown(book.size, book.root)

    def forget(self) -> None:
        self.writing = False
        self.book = Book()
        self._grown = None

    # --- inside

    def log_key(self) -> NoteSigner | None:
        """The key that signs checkpoints of the committed log."""
        known = self.book.keys.find("log", self.book.size, name=self.book.origin or "")
        return self.book.ring.get(known.vkey) if known is not None else None

    async def _admission_ms(self, now_ms: int) -> int:
        behind_ms = self.book.last_ms - now_ms
        self._clock_back = None
        if 0 < behind_ms <= CLOCK_PATIENCE_MS:
            await asyncio.sleep(behind_ms / 1000)
            return max(self.book.last_ms, clock.now_ms())
        if behind_ms > 0:
            self._clock_back = ReadOnly(
                "服务器的时钟比账本最后一笔还早，暂停记账。请校准服务器时间后再试。",
                "The server's clock is behind the ledger's last entry; records are refused. Set the clock.",
            )
        return now_ms

    async def _load(self, conn: WriterConnection, rows: list[tuple[object, ...]]) -> None:
        """Everything but accounts, which are loaded as they are needed."""
        book = self.book = Book()
        book.size = 0
        if rows:
            origin, size, root, edge, last_ms, regrouped = rows[0]
            assert isinstance(regrouped, int)
            book.regrouped = regrouped
            assert isinstance(origin, str)
            assert isinstance(size, int)
            assert isinstance(last_ms, int)
            book.origin, book.size, book.last_ms = origin, size, last_ms
            book.edge, book.root = Edge.load(size, bytes(edge)), bytes(root)  # type: ignore[call-overload]
        await load_keys(conn, book)
        for vkey, sealed, owner, custody in await conn.sql("SELECT vkey, sealed, owner, custody FROM key_secret"):
            known = book.keys.get(VerifierKey.parse(vkey))
            if known is not None and known.revoked is None:
                key = self.custody.take(vkey, bytes(sealed), custody)
                if key is not None:
                    book.ring.add(key, owner)
        found = await conn.sql(
            "SELECT body FROM log_entry WHERE kind <> 'post' AND kind = 'policy' ORDER BY pos DESC LIMIT 1"
        )
        if found:
            digest = policy.read_record(bytes(found[0][0]))
            ((body,),) = await conn.sql("SELECT body FROM policy WHERE digest = ?", digest)
            book.policy = policy.read_body(bytes(body))
        ((last,),) = await conn.sql("SELECT max(id) FROM account")
        book.last_account_id = last or 0


async def load_keys(conn: WriterConnection, book: Book) -> None:
    """The register of keys from its derived table."""
    rows = await conn.sql("SELECT vkey, role, unit, may, added, revoked FROM key ORDER BY added")
    for vkey, role, unit, may, added, _ in rows:
        fields = {"unit": unit, "may": msgspec.json.decode(may, type=May) if may else None}
        given = {name: value for name, value in fields.items() if value is not None}
        record = Key(act="add", eff="", log="", rid="", role=role, vkey=vkey, **given)
        book.keys.apply(record, added)
    for vkey, role, _, _, _, revoked in sorted(rows, key=lambda row: row[5] or 0):
        if revoked is not None:
            book.keys.apply(Key(act="revoke", eff="", log="", rid="", role=role, vkey=vkey), revoked)


def _not_started() -> LedgerError:
    return ReadOnly("账本还没有准备好，请稍后再试。", "The ledger is not ready yet: start it before posting.")

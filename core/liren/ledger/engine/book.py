# SPDX-License-Identifier: Apache-2.0
"""What the ledger holds in memory between two batches, and how a transaction sees it.

The database is the truth; this is a cache of it that is dropped whenever a batch dies or another process has
written. Accounts are loaded by address, a holder's all together, so that nothing is ever scanned.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from msgspec import Struct

from liren.ledger.authority.keyring import KeyRing
from liren.ledger.authority.keys import KeyBook
from liren.ledger.authority.policy import PolicyInForce
from liren.ledger.errors import NotEnough, Refused
from liren.ledger.log.canonical import MAX_INTEGER
from liren.ledger.log.merkle import EMPTY_ROOT, Edge
from liren.ledger.log.nodes import Read
from liren.ledger.log.records import Post, Record
from liren.ledger.rules import addresses
from liren.ledger.rules.allocation import Part
from liren.ledger.rules.moves import Posting
from liren.plugins.points import Subject
from liren.store import SubjectKey

T = TypeVar("T")
AccountKey = tuple[str, str]
"""(asset, address)."""

CACHE_LIMIT: Final = 250_000
"""Accounts kept in memory; beyond it the cache starts afresh."""
CHUNK: Final = 500
"""Values in one ``IN (…)``."""


class Account(Struct):
    """One account as of the last admitted transaction."""

    asset: str
    address: str
    holder: str | None
    expires_on: date | None
    balance: int = 0
    id: int = 0
    """0 until it is stored."""


class Drafted(Struct):
    """A signed record on its way into the log."""

    record: Record
    note: bytes
    unit: str | None = None
    """In whose name, where the record says so."""
    ref: str | None = None
    """What a post refers to."""
    after: Sequence[tuple[AccountKey, int, int]] = ()
    """(account, signed amount, balance after), in order of first mention."""
    opening: tuple[bytes, bytes] | None = None
    """(salt, ciphertext)."""
    key_row: tuple[Any, ...] | None = None
    """Of a key record: the row of table ``key`` without its position."""


class Batch(Struct):
    """Records on their way: of one transaction, or admitted and not yet committed."""

    records: list[Drafted] = []
    by_rid: dict[str, Drafted] = {}
    by_ref: dict[str, list[Drafted]] = {}

    def add(self, drafted: Drafted) -> None:
        self.records.append(drafted)
        self.by_rid[drafted.record.rid] = drafted
        if drafted.ref is not None:
            self.by_ref.setdefault(drafted.ref, []).append(drafted)

    def take(self, other: "Batch") -> None:
        """What one transaction gathered."""
        self.records += other.records
        self.by_rid.update(other.by_rid)
        for ref, drafted in other.by_ref.items():
            self.by_ref.setdefault(ref, []).extend(drafted)

    def forget(self, holders: set[str]) -> None:
        """Drop the openings of what touches these pseudonyms."""
        for drafted in self.records:
            found = addresses.holder_of(drafted.record.p) if isinstance(drafted.record, Post) else None
            if found is not None and found[1] in holders:
                drafted.opening = None


class Book:
    """Head, keys, policy and the accounts touched so far."""

    def __init__(self) -> None:
        self.origin: str | None = None
        self.size = -1
        """Entries in the database as of the last COMMIT; −1: nothing is known, load everything."""
        self.regrouped = 0
        """How often pseudonyms have changed hands, as of the last batch: a merge leaves no record to be noticed by."""
        self.edge = Edge()
        self.root = EMPTY_ROOT
        self.last_ms = 0
        self.keys = KeyBook()
        self.ring = KeyRing()
        self.policy: PolicyInForce | None = None
        self.last_account_id = 0
        self.batch = Batch()
        self.forget_accounts()

    def forget_accounts(self) -> None:
        self.accounts: dict[AccountKey, Account] = {}
        self.holders: dict[str, list[Account]] = {}
        self.pseudonyms: dict[Subject, tuple[str, ...]] = {}
        self.subject_keys: dict[str, SubjectKey] = {}

    @property
    def next_position(self) -> int:
        """Where the next admitted record will stand: transactions take turns, so it is certain."""
        return self.size + len(self.batch.records)

    async def load_accounts(self, read: Read, keys: Iterable[AccountKey]) -> None:
        """Load accounts that belong to no holder; one that is not stored yet starts at 0."""
        missing = [key for key in dict.fromkeys(keys) if key not in self.accounts]
        if not missing:
            return
        by_asset: dict[str, list[str]] = {}
        for asset, address in missing:
            by_asset.setdefault(asset, []).append(address)
        for asset, wanted in by_asset.items():
            for part in chunks(wanted):
                marks = ", ".join("?" * len(part))
                query = f"SELECT id, address, balance FROM account WHERE asset = ? AND address IN ({marks})"  # noqa: S608
                for id_, address, balance in await read(query, asset, *part):
                    self.accounts[asset, address] = Account(asset, address, None, None, balance, id_)
        for asset, address in missing:
            self.accounts.setdefault((asset, address), Account(asset, address, None, None))

    async def load_holders(self, read: Read, holders: Iterable[str]) -> None:
        """Load every account of these holders."""
        missing = [holder for holder in dict.fromkeys(holders) if holder not in self.holders]
        for part in chunks(missing):
            marks = ", ".join("?" * len(part))
            rows = await read(
                f"SELECT id, asset, address, holder, expires_on, balance FROM account WHERE holder IN ({marks})",  # noqa: S608
                *part,
            )
            self.holders.update((holder, []) for holder in part)
            for id_, asset, address, holder, expires_on, balance in rows:
                end = date.fromisoformat(expires_on) if expires_on else None
                self.adopt(Account(asset, address, holder, end, balance, id_))

    def adopt(self, account: Account) -> None:
        """Take an account into the cache."""
        self.accounts[account.asset, account.address] = account
        if account.holder is not None:
            self.holders[account.holder].append(account)

    async def load_pseudonyms(self, read: Read, subjects: Iterable[Subject]) -> None:
        """Load the pseudonyms of these subjects; one without any gets an empty tuple."""
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in self.pseudonyms]
        for part in chunks(missing):
            marks = ", ".join("?" * len(part))
            rows = await read(
                f"SELECT kind, subject, holder FROM pseudonym WHERE subject IN ({marks})",  # noqa: S608
                *(subject.id for subject in part),
            )
            found: dict[Subject, list[str]] = {subject: [] for subject in part}
            for kind, id_, holder in rows:
                subject = Subject(kind, id_)
                if subject in found:
                    found[subject].append(holder)
            self.pseudonyms.update((subject, tuple(sorted(names))) for subject, names in found.items())


class View:
    """The book as one transaction sees it: its own moves lie on top until it is admitted."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.balances: dict[AccountKey, int] = {}
        self.born: dict[AccountKey, Account] = {}
        self._born_of: dict[str, list[Account]] = {}
        self.pseudonyms: dict[Subject, tuple[str, ...]] = {}
        self.subject_keys: dict[str, SubjectKey] = {}
        self.keys = book.keys
        self.ring = book.ring
        self.policy = book.policy
        self.origin = book.origin
        self.orders: dict[str, list[Post]] = {}
        """Spends read for a list of settlements: the record and those made beside it, by the first's rid."""
        self.forgotten: set[str] = set()
        """Pseudonyms that were erased: what the batch holds of them is admitted without its opening."""
        self.gathered = Batch()

    @property
    def position(self) -> int:
        """Where the next record of this transaction will stand."""
        return self.book.next_position + len(self.gathered.records)

    def balance(self, key: AccountKey) -> int:
        """Of a loaded account; 0 where there is none."""
        moved = self.balances.get(key)
        if moved is not None:
            return moved
        account = self.book.accounts.get(key)
        return account.balance if account is not None else 0

    def holders_of(self, subject: Subject) -> tuple[str, ...]:
        """The loaded pseudonyms of a subject."""
        return self.pseudonyms.get(subject) or self.book.pseudonyms.get(subject, ())

    def subject_key(self, name: str) -> SubjectKey | None:
        return self.subject_keys.get(name) or self.book.subject_keys.get(name)

    def lots(self, asset: str, holder: str) -> list[Part]:
        """What a loaded holder has in each account of one asset."""
        return [
            Part(account.expires_on, balance, holder)
            for account in self.accounts_of(holder)
            if account.asset == asset and (balance := self.balance((asset, account.address)))
        ]

    def accounts_of(self, holder: str) -> Sequence[Account]:
        known, born = self.book.holders.get(holder, ()), self._born_of.get(holder, ())
        return [*known, *born] if born else known

    def apply(self, p: Sequence[Posting]) -> Sequence[tuple[AccountKey, int, int]]:
        """Move the points of one record.

        :returns: (account, signed amount, balance after) for each account, in order of first mention
        :raises NotEnough: an account but issuance would fall below 0; nothing was moved
        :raises Refused: more would be issued than a whole number of the format can say
        """
        deltas: dict[AccountKey, int] = {}
        for asset, source, target, amount in p:
            a, b = (asset, source), (asset, target)
            deltas[a] = deltas.get(a, 0) - amount
            deltas[b] = deltas.get(b, 0) + amount
        after = []
        for key, delta in deltas.items():
            balance = self.balance(key) + delta
            if balance < 0:
                _check_below(key[1], balance - delta, -delta)
            after.append((key, delta, balance))
        stored = self.book.accounts
        for key, _, balance in after:
            self.balances[key] = balance
            if key not in stored and key not in self.born:
                self._bear(key)
        return after

    def _bear(self, key: AccountKey) -> None:
        """An account is named for the first time; its address was read when the record's shape was checked."""
        if key[1][1] != "/":  # neither h/… nor o/…
            self.born[key] = Account(*key, None, None)
            return
        address = addresses.parse(key[1])
        account = self.born[key] = Account(*key, address.name, address.expires_on)
        self._born_of.setdefault(address.name, []).append(account)

    def pending(self, rid: str) -> Drafted | None:
        """A record of this transaction or of an earlier one of the batch: not in the database yet."""
        return self.gathered.by_rid.get(rid) or self.book.batch.by_rid.get(rid)

    def pending_refs(self, rid: str) -> list[Drafted]:
        return [*self.book.batch.by_ref.get(rid, ()), *self.gathered.by_ref.get(rid, ())]

    def admit(self) -> None:
        """The transaction succeeded: its moves become the book's."""
        book = self.book
        book.keys, book.ring, book.policy, book.origin = self.keys, self.ring, self.policy, self.origin
        book.pseudonyms.update(self.pseudonyms)
        book.subject_keys.update(self.subject_keys)
        book.batch.take(self.gathered)
        if self.forgotten:
            book.batch.forget(self.forgotten)
        for account in self.born.values():
            if account.holder is not None:
                book.holders.setdefault(account.holder, [])
            book.adopt(account)
        for key, balance in self.balances.items():
            book.accounts[key].balance = balance


def _check_below(address: str, held: int, wanted: int) -> None:
    """An account would fall below 0: only issuance may, as far as the format can say."""
    if address != addresses.ISSUANCE:
        raise not_enough(address, held, wanted)
    if held - wanted < -MAX_INTEGER:
        raise Refused(
            f"积分总量不能超过 {MAX_INTEGER}。请改小数额。",
            f"No more than {MAX_INTEGER} points can be issued in all. Choose a smaller amount.",
        )


def not_enough(address: str, held: int, wanted: int) -> NotEnough:
    """The refusal a person reads when an account holds too little."""
    match addresses.parse(address).kind:
        case "budget":
            zh, en = f"本单位的积分预算不够：还剩 {held} 分，这次要 {wanted} 分。请先追加预算。", "budget"
        case "escrow":
            zh, en = f"这笔订单里只剩 {held} 分可以处理，不够 {wanted} 分。请刷新后再看。", "order"
        case "merchant":
            zh, en = f"商户账上只有 {held} 分，不够 {wanted} 分。", "merchant's account"
        case _:
            zh, en = f"积分不够：现有 {held} 分，需要 {wanted} 分。", "account"
    return NotEnough(zh, f"Not enough points: the {en} holds {held}, {wanted} are needed.")


def chunks(values: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]

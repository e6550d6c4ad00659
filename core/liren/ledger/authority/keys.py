# SPDX-License-Identifier: Apache-2.0
"""Which key may sign what, and where: the register of keys that the log itself carries.

A key is valid from the entry after the one that adds it until the entry that revokes it. Everything here is
pure; private keys live in ``keyring``. Rules: ``docs/ledger-spec.md`` 7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from msgspec import UNSET, UnsetType

from liren.ledger.errors import Malformed, NotSigned
from liren.ledger.log.note import VerifierKey
from liren.ledger.log.records import Attest, Erase, Key, May, Policy, Post, Record, Role
from liren.ledger.rules.moves import MOVES

CORE: Final = "ledger"
"""The name of the core's own service key."""

_UNIT_WHY: Final = ("award", "close", "deduct", "reverse")
_STREET_WHY: Final = ("award", "budget", "clear", "close", "deduct", "reverse")


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One key as its records describe it."""

    vkey: VerifierKey
    role: Role
    unit: str | None
    may: May | None
    added: int
    """Position of the record that adds it."""
    revoked: int | None = None

    def valid_at(self, position: int) -> bool:
        return self.added < position and (self.revoked is None or position < self.revoked)

    @property
    def plugin(self) -> str:
        """Of a service key: whose it is."""
        return self.vkey.name.rpartition("/")[2]


class KeyBook:
    """Every key the log ever named, in order of position."""

    def __init__(self) -> None:
        self._keys: dict[VerifierKey, KnownKey] = {}
        self._publics: set[bytes] = set()
        self._found: dict[tuple[Role, str | None, str], KnownKey] = {}
        self.root: KnownKey | None = None

    def copy(self) -> "KeyBook":
        other = KeyBook()
        other._keys, other._publics, other.root = dict(self._keys), set(self._publics), self.root
        return other

    def __iter__(self) -> Iterator[KnownKey]:
        return iter(self._keys.values())

    def get(self, vkey: VerifierKey) -> KnownKey | None:
        return self._keys.get(vkey)

    @property
    def street(self) -> str:
        """The street's own unit code.

        :raises NotSigned: the log has no entry 0 yet
        """
        if self.root is None or self.root.unit is None:
            raise NotSigned(
                "账本还没有启用：没有根密钥。请先运行开站步骤。",
                "The ledger has not been founded: there is no root key. Found the street first.",
                status=503,
            )
        return self.root.unit

    def unit_of(self, record: Record) -> str:
        """In whose name a record stands; a reviewer's revocation in that of the unit whose reviewer it was."""
        if isinstance(record, Post | Attest):
            return record.unit
        if isinstance(record, Key) and record.role == "reviewer":
            known = self._keys.get(VerifierKey.parse(record.vkey)) if record.act == "revoke" else None
            unit = known.unit if known is not None else record.unit
            return unit if isinstance(unit, str) else self.street
        return self.street

    def find(self, role: Role, position: int, *, unit: str | None = None, name: str = "") -> KnownKey | None:
        """The latest key of a role that is valid at ``position``, which is never below that of an earlier question."""
        found = self._found.get((role, unit, name))
        if found is not None and found.valid_at(position):
            return found
        for key in reversed(self._keys.values()):
            if (
                key.role == role
                and key.valid_at(position)
                and (unit is None or key.unit == unit)
                and (not name or key.vkey.name == name)
            ):
                self._found[role, unit, name] = key
                return key
        return None

    def apply(self, record: Key, position: int) -> None:
        """Take a ``key`` record at ``position``; its signatures were checked.

        :raises Malformed: it adds a key twice, or revokes one that is not there or of another role
        """
        vkey = VerifierKey.parse(record.vkey)
        known = self._keys.get(vkey)
        self._found = {}
        if record.act == "revoke":
            if known is None or known.role == "root" or known.revoked is not None or known.role != record.role:
                raise _malformed("a key that is not valid cannot be revoked")
            self._keys[vkey] = replace(known, revoked=position)
            return
        if vkey.public in self._publics:
            raise _malformed("a public key is added at most once")
        if (record.role == "root") != (position == 0):
            raise _malformed("the root is entry 0 and nothing else is")
        unit = None if isinstance(record.unit, UnsetType) else record.unit
        may = None if isinstance(record.may, UnsetType) else record.may
        key = KnownKey(vkey, record.role, unit, may, position)
        self._keys[vkey] = key
        self._publics.add(vkey.public)
        if record.role == "root":
            self.root = key


def unit_may(*, street: bool) -> May:
    """What a unit's key is for."""
    if street:
        return May(kinds=("key", "policy", "post"), why=_STREET_WHY, certify=("reviewer", "service"))
    return May(kinds=("key", "post"), why=_UNIT_WHY, certify=("reviewer",))


def reviewer_may(unit: str, *, street: bool) -> May:
    """What a reviewer's key is for: the second signature, everywhere or in one unit."""
    if street:
        return unit_may(street=True)
    return May(kinds=("key", "post"), why=_UNIT_WHY, certify=("reviewer",), units=(unit,))


def service_may(plugin: str) -> May:
    """What a plugin's service key is for; the core's own expires, erases and attests."""
    if plugin == CORE:
        return May(kinds=("attest", "erase", "post"), why=("expire",), prefix=f"{CORE}.")
    return May(kinds=("attest", "post"), why=("refund", "settle", "spend", "void"), prefix=f"{plugin}.")


def covers(key: KnownKey, record: Record, unit: str) -> bool:
    """Whether the key's ``may`` covers a record that stands in the name of ``unit`` (position aside)."""
    may = key.may
    if may is None or record.kind not in may.kinds:
        return False
    if key.role == "unit" and key.unit != unit:
        return False
    if isinstance(may.units, tuple) and unit not in may.units:
        return False
    if isinstance(record, Key) and (may.certify is UNSET or record.role not in may.certify):
        return False
    if isinstance(record, Post):
        if may.why is UNSET or record.why not in may.why:
            return False
        if isinstance(may.assets, tuple) and not {posting[0] for posting in record.p} <= set(may.assets):
            return False
    if isinstance(may.prefix, str):
        return not isinstance(record, Post | Attest) or record.code.startswith(may.prefix)
    return True


def wanted(record: Record, street: str, *, reviewers: int = 1) -> tuple[tuple[Role, str], ...]:
    """Whose signatures a record needs: (role, unit or plugin) each; empty: any key that may.

    :param reviewers: of an award: how many its rule asks for
    """
    match record:
        case Post(why=why):
            signers = MOVES[why].signers
            if "service" in signers:
                return (("service", record.code.partition(".")[0]),)
            if "core" in signers:
                return (("service", CORE),)
            unit = street if "street" in signers else record.unit
            if "reviewer?" in signers and not reviewers:
                return (("unit", unit),)
            return (("unit", unit), ("reviewer", ""))
        case Policy():
            return (("unit", street), ("reviewer", ""))
        case Attest():
            return (("service", record.code.partition(".")[0]),)
        case Erase():
            return (("service", CORE),)
        case Key(role="service"):
            return (("unit", street), ("reviewer", ""))
        case Key():
            return (("root", ""),)
    raise AssertionError(record)


def enough(book: KeyBook, record: Record, signers: Sequence[VerifierKey], position: int, *, reviewers: int = 1) -> bool:
    """Whether these verified signers give the record its right at this position."""
    if isinstance(record, Key) and record.role == "root":
        return position == 0 and [str(key) for key in signers] == [record.vkey]
    unit = book.unit_of(record)
    valid = [key for key in map(book.get, signers) if key is not None and key.valid_at(position)]
    if isinstance(record, Key) and record.role != "service" and any(key.role == "root" for key in valid):
        return True
    needs = wanted(record, book.street, reviewers=reviewers)
    if isinstance(record, Key) and record.role == "reviewer":
        needs = (("unit", unit), ("reviewer", ""))
    elif isinstance(record, Key) and record.role != "service":
        return False
    return all(any(_fits(key, need, record, unit) for key in valid) for need in needs)


def _fits(key: KnownKey, need: tuple[Role, str], record: Record, unit: str) -> bool:
    role, of = need
    if key.role != role or not covers(key, record, unit):
        return False
    if role == "reviewer" and isinstance(record, Key) and str(key.vkey) == record.vkey:
        return False  # nobody certifies or revokes themself
    if role == "service":
        return key.plugin == of
    return not of or key.unit == of


def _malformed(why: str) -> Malformed:
    return Malformed(f"密钥记录不合规范（{why}）。", f"This key record is not well formed: {why}.")

# SPDX-License-Identifier: Apache-2.0
"""Who may sign what, and from when to when (spec section 7).

A :class:`KeyRing` is fed the log's entries in order: whatever it knows at an entry is what stood before it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liren_verify.findings import Problem
from liren_verify.note import SignatureLine, VerifierKey, parse_vkey, verifies
from liren_verify.records import ASSET, PLUGIN, UNIT, Entry, Other, Post, Record
from liren_verify.signatures import SignatureQueue

STREET_MOVES = frozenset({"budget", "clear"})
UNIT_MOVES = frozenset({"award", "budget", "clear", "close", "deduct", "reverse"})
SERVICE_MOVES = frozenset({"expire", "refund", "settle", "spend", "void"})
_KINDS = {
    "unit": frozenset({"key", "policy", "post"}),
    "reviewer": frozenset({"key", "policy", "post"}),
    "service": frozenset({"attest", "erase", "post"}),
}
MOST_ANSWERS = 10_000
_MEMBERS = {"kinds", "why", "certify", "units", "assets", "prefix"}


@dataclass(frozen=True, slots=True)
class May:
    """What a key may sign; None where nothing narrows it."""

    kinds: frozenset[str] = frozenset()
    why: frozenset[str] = frozenset()
    certify: frozenset[str] = frozenset()
    units: frozenset[str] | None = None
    assets: frozenset[str] | None = None
    prefix: str = ""


@dataclass(slots=True, eq=False)
class Key:
    """One key of the log; two are never equal."""

    vkey: VerifierKey
    role: str
    unit: str | None
    may: May
    added_at: int
    revoked_at: int | None = None

    @property
    def name(self) -> str:
        return self.vkey.name


def _list(may: Mapping[str, Any], name: str, pattern: str, most: int) -> frozenset[str] | None:
    if name not in may:
        return None
    values = may[name]
    if not isinstance(values, list) or not 1 <= len(values) <= most:
        raise Problem("key-bad", why=f"may.{name}")
    if not all(isinstance(value, str) and re.fullmatch(pattern, value) for value in values):
        raise Problem("key-bad", why=f"may.{name}")
    if values != sorted(set(values)):
        raise Problem("key-bad", why=f"may.{name} is not ascending")
    return frozenset(values)


def parse_may(may: Any, role: str, unit: str | None, street_unit: str, name: str) -> May:
    """The ``may`` of a unit, reviewer or service key, held against what its role can have at most.

    :raises Problem: ``key-bad``
    """
    if not isinstance(may, dict) or not may.keys() <= _MEMBERS:
        raise Problem("key-bad", why="may")
    kinds = _list(may, "kinds", "[a-z]+", 5) or frozenset()
    why = _list(may, "why", "[a-z]+", 11) or frozenset()
    certify = _list(may, "certify", "reviewer|service", 2) or frozenset()
    units, assets = _list(may, "units", UNIT, 64), _list(may, "assets", ASSET, 16)
    prefix = may.get("prefix", "")
    if not kinds or not kinds <= _KINDS[role]:
        raise Problem("key-bad", why="may.kinds")
    if bool(why) != ("post" in kinds) or bool(certify) != ("key" in kinds):
        raise Problem("key-bad", why="may.why or may.certify")
    if not why <= (SERVICE_MOVES if role == "service" else UNIT_MOVES):
        raise Problem("key-bad", why="may.why")
    if role == "service":
        plugin = name.rpartition("/")[2]
        core = plugin == "ledger"
        if prefix != plugin + "." or (not core and "erase" in kinds) or (why and core != (why == {"expire"})):
            raise Problem("key-bad", why="may of a service key")
        if not core and "expire" in why:
            raise Problem("key-bad", why="may.why")
    elif "prefix" in may:
        raise Problem("key-bad", why="may.prefix")
    if role != "reviewer" and units is not None:
        raise Problem("key-bad", why="may.units")
    if role == "reviewer" and unit != street_unit and units != frozenset({unit or ""}):
        raise Problem("key-bad", why="may.units")
    if role == "unit" and unit != street_unit and (why & STREET_MOVES or "policy" in kinds or "service" in certify):
        raise Problem("key-bad", why="only the street may have this")
    return May(kinds, why, certify, units, assets, prefix)


class KeyRing:
    """The keys of one log as they stand at one position."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.street = origin.rpartition("/log/")[0]
        self.street_unit = ""
        self.root: Key | None = None
        self._known: dict[tuple[str, bytes], Key] = {}
        self._publics: set[bytes] = set()
        self._answered: set[tuple[str, str, str, int, str | tuple[str, ...], tuple[Key, ...]]] = set()
        """What decides whether a post is signed as it must be: why, unit, code, reviewers, its assets, its keys."""

    def by_vkey(self, vkey: VerifierKey) -> Key | None:
        return self._known.get((vkey.name, vkey.id))

    def name_of(self, key_id: bytes) -> str | None:
        """The name of the key with this 4-byte id, where the names were not written down."""
        return next((name for name, known in self._known if known == key_id), None)

    # -- signatures

    def signers(
        self, text: bytes, lines: Sequence[SignatureLine], later: SignatureQueue | None = None, position: int = 0
    ) -> list[Key]:
        """The known keys that signed; lines of unknown keys are passed over.

        :param later: where the checks go instead of being done at once; the queue then reports what fails
        :raises Problem: ``signature-wrong`` where a known key's line fails
        """
        found: list[Key] = []
        for name, key_id, signature in lines:
            key = self._known.get((name, key_id))
            if key is None:
                continue
            if later is not None:
                later.add(position, key.vkey, signature, text)
            elif not verifies(key.vkey.public, signature, text):
                raise Problem("signature-wrong", key=name)
            found.append(key)
        return found

    def authorise(self, record: Record, signers: Sequence[Key], reviewers: int = 0) -> None:
        """Whether the signers are those the record needs; ``reviewers`` counts for awards alone.

        :raises Problem: ``signature-missing``, ``key-may`` or ``key-revoked``
        """
        if isinstance(record, Post):
            # Most posts repeat an answer: same move, unit, code, assets, same keys, and no key record in between.
            postings = record.postings
            assets = postings[0][0] if len(postings) == 1 else tuple([posting[0] for posting in postings])
            asked = (record.why, record.unit, record.code, reviewers, assets, tuple(signers))
            if asked not in self._answered:
                self._authorise_post(record, signers, reviewers)
                if len(self._answered) < MOST_ANSWERS:
                    self._answered.add(asked)
        elif record.kind in ("attest", "erase"):
            self._need("service", record, signers, record.unit or self.street_unit)
        elif record.kind == "policy":
            self._need("unit", record, signers, self.street_unit)
            self._need("reviewer", record, signers, self.street_unit)
        else:
            self._authorise_key(record, signers)

    def _authorise_post(self, post: Post, signers: Sequence[Key], reviewers: int) -> None:
        if post.why in SERVICE_MOVES:
            self._need("service", post, signers, post.unit)
            return
        if post.why in STREET_MOVES and post.unit != self.street_unit:
            raise Problem("unit-wrong", unit=post.unit, account=post.why)
        self._need("unit", post, signers, post.unit)
        if post.why != "award" or reviewers:
            self._need("reviewer", post, signers, post.unit)

    def _authorise_key(self, record: Other, signers: Sequence[Key]) -> None:
        role, unit = record.fields["role"], self.street_unit
        if role == "reviewer":
            if record.fields["act"] == "add":
                unit = record.fields.get("unit", "")
            else:
                known = self.by_vkey(parse_vkey(record.fields["vkey"]))
                unit = (known.unit if known else None) or ""
        by_root = any(key.role == "root" for key in signers)
        if role in ("unit", "log", "reviewer") and by_root:
            return
        if role in ("unit", "log", "root"):
            raise Problem("signature-missing", who="root")
        others = [key for key in signers if key.vkey.text != record.fields["vkey"]]  # nobody revokes themself
        self._need("unit", record, others, unit)
        self._need("reviewer", record, others, unit)

    def _need(self, role: str, record: Record, signers: Sequence[Key], unit: str) -> None:
        refused: Problem | None = None
        for key in signers:
            if key.role != role:
                continue
            if key.revoked_at is not None:
                refused = Problem("key-revoked", key=key.name, at=key.revoked_at)
            elif self._may(key, record, unit):
                return
            else:
                refused = Problem("key-may", key=key.name)
        raise refused or Problem("signature-missing", who=role)

    @staticmethod
    def _may(key: Key, record: Record, unit: str) -> bool:
        may = key.may
        if record.kind not in may.kinds:
            return False
        if key.role == "unit":
            if key.unit != unit:
                return False
        elif may.units is not None and unit not in may.units:
            return False
        if isinstance(record, Post):
            if record.why not in may.why or not record.code.startswith(may.prefix):
                return False
            return may.assets is None or all(posting[0] in may.assets for posting in record.postings)
        if record.kind == "key":
            return record.fields["role"] in may.certify
        return record.kind != "attest" or str(record.fields["code"]).startswith(may.prefix)

    # -- key records

    def start(self, entry: Entry) -> None:
        """Takes entry 0: the root key, signed by itself.

        :raises Problem: ``entry-zero``, ``key-bad`` or ``signature-wrong``
        """
        record = entry.record
        if not isinstance(record, Other) or record.kind != "key":
            raise Problem("entry-zero")
        if record.fields["act"] != "add" or record.fields["role"] != "root":
            raise Problem("entry-zero")
        self.street_unit = record.fields.get("unit", "")
        key = self._new_key(record, 0)
        self._remember(key)
        self.root = key
        if key not in self.signers(entry.text, entry.lines):
            raise Problem("entry-zero")

    def apply(self, record: Other, position: int) -> None:
        """Adds or revokes, after :meth:`authorise`.

        :raises Problem: ``key-bad``
        """
        self._answered.clear()
        vkey = parse_vkey(record.fields["vkey"])
        if record.fields["act"] == "add":
            if record.fields["role"] == "root":
                raise Problem("key-bad", why="a second root")
            self._remember(self._new_key(record, position))
            return
        key = self.by_vkey(vkey)
        if key is None or key.vkey.raw != vkey.raw or key.revoked_at is not None or key.role == "root":
            raise Problem("key-bad", why="nothing to revoke")
        if key.role != record.fields["role"] or "unit" in record.fields or "may" in record.fields:
            raise Problem("key-bad", why="fields of the revocation")
        key.revoked_at = position

    def _remember(self, key: Key) -> None:
        who = (key.vkey.name, key.vkey.id)
        if who in self._known or key.vkey.raw in self._publics:
            raise Problem("key-bad", why="the public key stands in the log already")
        self._known[who] = key
        self._publics.add(key.vkey.raw)

    def _new_key(self, record: Other, position: int) -> Key:
        fields = record.fields
        vkey, role, unit = parse_vkey(fields["vkey"]), fields["role"], fields.get("unit")
        street = re.escape(self.street)
        pattern = {
            "root": rf"{street}/root",
            "unit": rf"{street}/unit/{re.escape(unit or '?')}",
            "reviewer": rf"{street}/reviewer/[1-9][0-9]{{0,8}}",
            "service": rf"{street}/service/{PLUGIN}",
            "log": re.escape(self.origin),
        }[role]
        if not re.fullmatch(pattern, vkey.name):
            raise Problem("key-bad", why="name of the key")
        if (unit is not None) != (role in ("root", "unit", "reviewer")):
            raise Problem("key-bad", why="unit")
        if role in ("root", "log"):
            if "may" in fields:
                raise Problem("key-bad", why="may")
            return Key(vkey, role, unit, May(), position)
        may = parse_may(fields.get("may"), role, unit, self.street_unit, vkey.name)
        return Key(vkey, role, unit, may, position)

# SPDX-License-Identifier: Apache-2.0
"""Writes monthly statements as ``docs/ledger-spec.md`` 12 describes them, without a line of ours or the verifier's."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.liren_verify.street import Street, b64u, dumps, path_of, root_of, sha, zipped

SECRET, SALT = b"s" * 32, b"a" * 32


@dataclass
class Stating:
    """A street with two holders who lived through a November, and its statement of it."""

    street: Street = field(default_factory=lambda: Street(seed=3).founded())
    month: str = "2026-11"
    size: int = 0
    position: int = 0
    """Of the attest record."""

    def lived(self) -> "Stating":
        street = self.street
        self.other = street.id()
        street.award(40)
        street.award(20, "unit/03", "reviewer/2", code="FX-02", expiry="2026-12-31")
        street.award(7, to=street.h(holder=self.other))
        spend = street.spend(("2026-12-31", 20), ("2027-12-31", 5))
        street.settle(spend, 25)
        self.size = len(street.entries)
        street.later(20)
        street.award(3, to=street.h(holder=self.other))
        self.attest()
        street.award(2)
        return self

    def leaf(self, holder: str) -> tuple[Any, ...]:
        """(holder, balances, entries, size) by replaying the records below the size."""
        held: dict[tuple[str, str], int] = {}
        entries = 0
        for record in self.street.records[: self.size]:
            touched = False
            for asset, src, dst, amount in record.get("p", ()):
                for address, change in ((src, -amount), (dst, amount)):
                    if address[2:24] == holder:
                        touched = True
                        lot = (asset, address[25:])
                        held[lot] = held.get(lot, 0) + change
            entries += touched
        return holder, [[*lot, n] for lot, n in sorted(held.items()) if n], entries, self.size

    def hash(self, holder: str) -> bytes:
        salt = hmac.digest(SECRET, f"{self.month}{holder}".encode(), "sha256")
        return sha(b"\x00", salt, dumps(list(self.leaf(holder))))

    @property
    def holders(self) -> list[str]:
        return sorted([self.street.holder, self.other])

    def attest(self, **fields: Any) -> None:
        leaves = [self.hash(holder) for holder in self.holders]
        digest = sha(b"liren/attest/v1\n", SALT, len(leaves).to_bytes(8, "big"), root_of(leaves))
        record = {
            "kind": "attest",
            "subject": f"statement/{self.month}",
            "digest": b64u(digest),
            "code": "ledger.statement",
            "unit": "street",
            **fields,
        }
        self.position = len(self.street.entries)
        self.street.add(record, "service/ledger")

    def told(self, holder: str | None = None, **changed: Any) -> dict[str, Any]:
        holder = holder or self.street.holder
        leaves = [self.hash(one) for one in self.holders]
        index = self.holders.index(holder)
        _, balances, entries, size = self.leaf(holder)
        return {
            "attest_salt": b64u(SALT),
            "balances": balances,
            "entries": entries,
            "format": "liren/statement/v1",
            "holder": holder,
            "index": index,
            "leaves": len(leaves),
            "month": self.month,
            "path": [b64u(node) for node in path_of(index, leaves)],
            "salt": b64u(hmac.digest(SECRET, f"{self.month}{holder}".encode(), "sha256")),
            "size": size,
            **changed,
        }

    def own(self, holder: str | None = None) -> list[tuple[int, bytes]]:
        name = (holder or self.street.holder).encode()
        mine = [(at, raw) for at, raw in enumerate(self.street.entries[: self.size]) if b"/" + name + b"/" in raw]
        return mine

    def members(self, **changed: bytes) -> dict[str, bytes]:
        proof = self.street.receipt_members(self.position)
        return {
            "statement.json": dumps(self.told()),
            "entries.bin": framed(self.own()),
            **{name: proof[name] for name in ("entry", "proof.tlog-proof", "keys.note")},
            **changed,
        }

    def file(self, **changed: bytes) -> bytes:
        return zipped(self.members(**{name.replace("_", "."): data for name, data in changed.items()}))

    def export(self, *told: Mapping[str, Any]) -> bytes:
        one = {"attest_salt": b64u(SALT), "leaves": 2, "month": self.month, "secret": b64u(SECRET), "size": self.size}
        statements = dumps({"format": "liren/statements/v1", "statements": list(told or (one,))})
        return self.street.export({**self.street.members(), "statements.json": statements})


def framed(entries: list[tuple[int, bytes]]) -> bytes:
    return b"".join(at.to_bytes(8, "big") + len(raw).to_bytes(4, "big") + raw for at, raw in entries)

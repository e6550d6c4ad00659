# SPDX-License-Identifier: Apache-2.0
"""Signing in by a way some module brings: what is carried between its two steps, and whose account was proved.

The step in between is sealed and given to the browser, because a visitor who is not signed in has no session here.
It says which method it belongs to and ends after ten minutes; that a code works once is the method's own to see to.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from liren.identity.errors import LinkSpent
from liren.identity.register.numbers import phone
from liren.identity.register.pending import VISIBLE
from liren.identity.sealed import hash_of
from liren.identity.signin.accounts import open_account
from liren.identity.signin.throttle import Limit
from liren.plugins.types import Proved
from liren.store import Store, Tx, Vault
from liren.store.vault import VaultError

VALID_MS: Final = 10 * 60 * 1000
CONTEXT: Final = "login-step"
PER_TYPED: Final = Limit("method-typed", tries=6, window_s=3600)
"""Codes asked for by one phone: each may cost the street money and its owner patience."""
PER_ADDRESS: Final = Limit("method-address", tries=60, window_s=900)
PER_STEP: Final = Limit("method-step", tries=6, window_s=900)
"""Answers to one code."""
FAMILY: Final = 8


class Step(msgspec.Struct, frozen=True):
    """What is carried from one page to the next."""

    method: str
    """``<plugin>.<name>``."""
    state: str
    """The method's own; or, once it is done, empty."""
    ends_ms: int
    persons: tuple[str, ...] = ()
    """Proved: one of these."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a proof may stand for."""

    person: str
    name: str


def seal(vault: Vault, step: Step) -> str:
    return urlsafe_b64encode(vault.seal(msgspec.json.encode(step), CONTEXT)).decode()


def unseal(vault: Vault, sealed: str, method: str, now_ms: int) -> Step:
    """:raises LinkSpent: too late, altered, or another method's"""
    try:
        step = msgspec.json.decode(vault.unseal(urlsafe_b64decode(sealed.encode()), CONTEXT), type=Step)
    except (VaultError, ValueError, msgspec.DecodeError):
        raise over() from None
    if step.method != method or step.ends_ms <= now_ms:
        raise over()
    return step


def over() -> LinkSpent:
    return LinkSpent(
        "时间过了，请从登录页重新来一次。", "That took too long. Please start again from the sign-in page."
    )


async def candidates(store: Store, vault: Vault, proved: Proved) -> Sequence[Candidate]:
    """The living entries a proof may stand for; nobody whose account is disabled."""
    number = phone(proved.phone) if proved.phone else None
    if number is None and not proved.person:
        return ()
    rows = await store.read(
        "SELECT p.id, p.name FROM person p LEFT JOIN login_account a ON a.person = p.id"  # noqa: S608 - own names
        " WHERE (p.phone_hash = ? OR p.id = ?) AND p.merged_into IS NULL AND a.disabled_ms IS NULL"
        f" AND {VISIBLE}"
        " ORDER BY p.name, p.id LIMIT ?",
        hash_of(vault, "phone", number) if number else None,
        proved.person or None,
        FAMILY,
    )
    return [Candidate(person, name) for person, name in rows]


async def account_of(tx: Tx, person: str) -> str:
    """Theirs; opened now where they had none.

    :raises LinkSpent: disabled meanwhile
    """
    account = await open_account(tx, person)
    if not await tx.sql("SELECT 1 FROM login_account WHERE id = ? AND disabled_ms IS NULL", account):
        raise over()
    return account

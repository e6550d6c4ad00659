# SPDX-License-Identifier: Apache-2.0
"""Keys in memory, a login nobody can use, messages nobody sends: small, but called as any other."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liren.api import Context, LoginMethod, Proved, _


class Memory:
    """For a street that loses its keys with every restart: only where ``LIREN_SIGNER`` names it."""

    def __init__(self) -> None:
        self._keys: dict[bytes, Ed25519PrivateKey] = {}

    def make(self, name: str) -> bytes:
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        self._keys[public] = key
        return public

    def sign(self, public: bytes, message: bytes) -> bytes:
        return self._keys[public].sign(message)


async def _begin(ctx: Context, typed: str) -> str:
    return ""


async def _finish(ctx: Context, state: str, answer: str) -> Proved | None:
    return None


OUTBOX: list[tuple[str, str]] | None = None
"""Person and text of each message; None: this street has no way to reach a phone."""


def send(person: str, text: str) -> bool:
    if OUTBOX is None:
        return False
    OUTBOX.append((person, text))
    return True


METHOD = LoginMethod("wish", _("凭心愿登录"), _("心愿"), _("愿望成真的日子"), _begin, _finish)

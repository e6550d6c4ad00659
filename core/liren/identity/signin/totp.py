# SPDX-License-Identifier: Apache-2.0
"""Six digits that change every thirty seconds (TOTP, RFC 6238 on HOTP, RFC 4226), and codes for a lost phone. Pure.

SHA-1, six digits, thirty seconds: what every authenticator on every phone understands (RFC 6238 §1.2).
"""

import base64
import hmac
import secrets
import unicodedata
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES: Final = 20
"""RFC 4226 §4, R6 recommends 160 bits."""
DIGITS: Final = 6
STEP_S: Final = 30
DRIFT: Final = 1
"""Steps before and after now: a phone's clock is never quite ours (RFC 6238 §5.2)."""
RECOVERY_CODES: Final = 10
_ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Nothing that can be taken for something else on paper."""
_HALF: Final = 5


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303 - RFC 6238, not for collisions


def step_of(now_ms: int) -> int:
    """Number of the half minute ``now_ms`` (Unix milliseconds) lies in."""
    return now_ms // 1000 // STEP_S


def code_at(secret: bytes, step: int) -> str:
    return _totp(secret).generate(step * STEP_S).decode()


def fits(secret: bytes, code: str, now_ms: int) -> int | None:
    """The step this code belongs to, if it is one of now, the one before or the one after; else None.

    The caller remembers the step and accepts none that is not later (RFC 6238 §5.2: once).
    """
    now, found = step_of(now_ms), None
    for step in range(now - DRIFT, now + DRIFT + 1):  # all of them: how long it takes tells nothing
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def as_text(secret: bytes) -> str:
    """Base32 in groups of four, for whoever cannot scan."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def address(secret: bytes, person: str, street: str) -> str:
    """``otpauth://…``: what the QR code says to the authenticator."""
    return _totp(secret).get_provisioning_uri(person, street)


def typed(text: str) -> str:
    """As people type it: full-width digits, spaces, hyphens, small letters."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def is_code(text: str) -> bool:
    """Whether it is meant as one of six digits; else it is a recovery code."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def recovery_codes() -> list[str]:
    """Ten, about fifty bits each, ``ABCDE-FGHJK``."""
    return ["-".join(_piece() for _ in range(2)) for _ in range(RECOVERY_CODES)]


def _piece() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_HALF))

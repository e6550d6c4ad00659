# SPDX-License-Identifier: Apache-2.0
"""Random public ids: 100 bits in 20 lower-case letters and digits, safe in addresses and file names."""

import base64
import re
import secrets

_ID = re.compile(r"[a-z2-7]{20}")


def is_id(text: str) -> bool:
    """Whether a text from an address can be an id at all; what cannot never reaches the database."""
    return _ID.fullmatch(text) is not None


def new_id() -> str:
    """Names a person, a dwelling, an organisation … for ever; tells nothing about it."""
    return base64.b32encode(secrets.token_bytes(13)).decode().lower()[:20]

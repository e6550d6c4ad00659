# SPDX-License-Identifier: Apache-2.0
"""Random public ids: 100 bits in 20 lower-case letters and digits, safe in addresses and file names."""

import os
import re
from typing import Final

_LETTERS: Final = bytes(b"abcdefghijklmnopqrstuvwxyz234567"[byte % 32] for byte in range(256))
"""Every letter stands for eight of the 256 bytes: none is likelier than another."""
_ID = re.compile(r"[a-z2-7]{20}")


def is_id(text: str) -> bool:
    """Whether a text from an address can be an id at all; what cannot never reaches the database."""
    return _ID.fullmatch(text) is not None


def new_id() -> str:
    """Names a person, a dwelling, an organisation … for ever; tells nothing about it."""
    return os.urandom(20).translate(_LETTERS).decode()

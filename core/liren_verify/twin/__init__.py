# SPDX-License-Identifier: Apache-2.0
"""The verifier as one HTML file, for phones and for people without a command line: opens from a USB stick, asks nobody.

The file is put together from what lies in this folder; the same folder gives the same bytes, so that its SHA-256 can be
published and compared. A key list may be put in: the page then trusts that street alone and takes paper codes.
"""

import hashlib
import json
from importlib.resources import files

from liren_verify.findings import SENTENCES

_SCRIPTS = ("vendor/crypto.js", "vendor/jsqr.js", "verify.js", "page.js")
"""In the order in which each needs the one before."""


def _read(name: str) -> str:
    text = files(__package__).joinpath(name).read_text("utf-8")
    if "</script" in text.lower():
        raise ValueError(f"{name} would end its script element")
    return text


def build(trusted: bytes | None = None) -> bytes:
    """The page.

    :param trusted: a ``keys.note`` to trust; without it the page shows the root's fingerprint to compare by eye
    """
    data = {"sentences": SENTENCES, "keys": trusted.decode("ascii") if trusted is not None else None}
    # "<" would let a string end the script element.
    known = "const known = " + json.dumps(data, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c") + ";"
    scripts = "\n".join([known, *(_read(name) for name in _SCRIPTS)])
    page = _read_page().replace("/*style*/", _read("page.css")).replace("/*scripts*/", scripts)
    return page.encode()


def _read_page() -> str:
    return files(__package__).joinpath("page.html").read_text("utf-8")


def digest(page: bytes) -> str:
    """SHA-256, hex: what is published beside the page."""
    return hashlib.sha256(page).hexdigest()

# SPDX-License-Identifier: Apache-2.0
"""Files people send: bounded, and known by their content instead of their name."""

from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024

MAGIC = {
    "xlsx": (b"PK\x03\x04",),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """One file from a form: a field of this type in the form's Struct.

    ``Annotated[Upload, msgspec.Meta(title="名单", extra={"kinds": ("xlsx",)})]`` takes real Excel only.
    """

    name: str
    """What the sender called it; for showing only, never a path."""
    content: bytes

    @property
    def kind(self) -> str | None:
        """By the first bytes: ``xlsx``, ``xls``, ``pdf``, ``png``, ``jpg``; ``csv`` for readable text;
        else None.
        """
        for kind, beginnings in MAGIC.items():
            if self.content.startswith(beginnings):
                return kind
        return "csv" if _is_text(self.content[:4096]) else None


def _is_text(beginning: bytes) -> bool:
    if not beginning or b"\0" in beginning:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            beginning.decode(encoding)
        except UnicodeDecodeError as error:
            # A character may be cut in two where the sample ends.
            if error.end >= len(beginning) - 3:
                return True
            continue
        return True
    return False

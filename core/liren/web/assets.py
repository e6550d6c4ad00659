# SPDX-License-Identifier: Apache-2.0
"""Static files under addresses that carry their content's hash, so a browser keeps them for ever.

Everything is read and compressed once at start: a street's style sheets, scripts and pictures are a few
hundred KB.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HASH_LENGTH = 12
IMMUTABLE = "public, max-age=31536000, immutable"
TEXT = frozenset({"text/css", "text/javascript", "image/svg+xml", "text/plain", "text/html", "application/json"})
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file as it is served."""

    name: str
    content: bytes
    compressed: bytes | None
    media_type: str
    hash: str

    @property
    def url(self) -> str:
        return f"/static/{self.hash}/{self.name}"


class Assets:
    """The static files of the core (bare names), of plugins (``<id>/name``) and of the theme
    (``theme/name``).
    """

    def __init__(self, folders: Iterable[tuple[str, Path]]) -> None:
        """:param folders: (prefix, folder) pairs; the prefix is empty for the core"""
        self._assets: dict[str, Asset] = {}
        for prefix, folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    inside = path.relative_to(folder).as_posix()
                    name = f"{prefix}/{inside}" if prefix else inside
                    self._assets[name] = _load(name, path)

    def url(self, name: str) -> str:
        """The address of a file; a misspelt name is an error at once, not a broken picture later."""
        try:
            return self._assets[name].url
        except KeyError:
            raise LookupError(f"no static file {name!r}; there are: {', '.join(sorted(self._assets))}") from None

    def __contains__(self, name: str) -> bool:
        return name in self._assets

    def find(self, path: str) -> tuple[Asset, bool] | None:
        """(file, whether the hash in the address is today's) for ``<hash>/<name>``."""
        given, _, name = path.partition("/")
        asset = self._assets.get(name)
        return (asset, asset.hash == given) if asset else None


def _load(name: str, path: Path) -> Asset:
    content = path.read_bytes()
    media_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    compressed = gzip.compress(content, 9, mtime=0) if media_type in TEXT else None
    return Asset(name, content, compressed, media_type, hashlib.sha256(content).hexdigest()[:HASH_LENGTH])

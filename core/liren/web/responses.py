# SPDX-License-Identifier: Apache-2.0
"""The few ways a page answers besides rendering."""

from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Response

from liren.web.scene import NoticeKind, current

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "xlsx": EXCEL,
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "json": "application/json",
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
}


def redirect(url: str, *, notice: str | None = None, kind: NoticeKind = "good") -> Response[bytes]:
    """After a form: go on to ``url`` (303), and say ``notice`` there once.

    Only addresses of this site; anything else leads to the front page.
    """
    if notice is not None:
        current().say(notice, kind)
    return Response(b"", status_code=303, headers={"location": local(url)})


def local(url: str | None, otherwise: str = "/") -> str:
    """``url`` when it is a path of this site, else ``otherwise``: what ``?next=`` may lead to."""
    if not url or not url.startswith("/") or url[:2] in {"//", "/\\"} or any(ord(c) < 33 or c == "\\" for c in url):
        return otherwise
    try:
        parts = urlsplit(url)
    except ValueError:
        return otherwise
    return quote(url, safe="/?&=%#:+,;~!$'()*@[]") if not parts.scheme and not parts.netloc else otherwise


def download(content: bytes, name: str, *, media_type: str | None = None) -> Response[bytes]:
    """A file to keep, under a name that may be Chinese; the type follows the name's ending."""
    ending = name.rpartition(".")[2].lower()
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    headers: dict[str, Any] = {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
    }
    return Response(content, media_type=media_type or TYPES.get(ending, "application/octet-stream"), headers=headers)

# SPDX-License-Identifier: Apache-2.0
"""What was checked goes along in the page until it is confirmed: nothing is put down for somebody who walks away.

Rows travel compressed in a hidden field, sealed for this visitor and this purpose: they come back exactly as they were
checked. The module's own rules still run when they are taken, for the world may have moved on meanwhile.
"""

import base64
import zlib
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response

from liren.errors import LirenError
from liren.web.i18n import gettext as _
from liren.web.responses import download
from liren.web.scene import current
from liren.web.sheets import Mend, write_faulty

C = TypeVar("C", bound=msgspec.Struct)
FIELD: Final = "_rows"
MAX_BYTES: Final = 4 * 1024 * 1024
"""Of one sealed list: some fifty thousand short rows."""


class NotCarried(LirenError):
    """The rows are not those this visitor was shown."""

    status = 422
    code = "not-carried"


def carry(rows: "Sequence[msgspec.Struct] | Mend") -> str:
    """For the hidden field; ``ui.verdicts`` writes it.

    :raises NotCarried: too many rows for one page
    """
    packed = zlib.compress(msgspec.json.encode(rows), 6)
    if len(packed) > MAX_BYTES:
        raise NotCarried(
            "这份名单太长了，请分成几份上传。", "This list is too long. Please split it and upload the parts."
        )
    kind = "mend" if isinstance(rows, Mend) else type(rows[0]).__qualname__ if rows else ""
    return current().site.signer.seal(_purpose(kind), base64.urlsafe_b64encode(packed).decode())


async def carried(request: Request[Any, Any, Any], struct: type[C]) -> list[C]:
    """The good rows of the page that was confirmed.

    :raises NotCarried: another visitor's page, or altered
    """
    rows: list[C] = await _opened(request, struct.__qualname__, list[struct])  # type: ignore[valid-type]
    return rows


async def faulty_download(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """The rows to mend as a workbook, in the columns they came in.

    :param name: of the list: ``{name} 要改的行.xlsx``
    """
    mend: Mend = await _opened(request, "mend", Mend)
    title = _("要改的行")
    return download(write_faulty(mend.titles, mend.rows, title), f"{name} {title}.xlsx")


async def _opened(request: Request[Any, Any, Any], kind: str, wanted: Any) -> Any:
    sealed = str((await request.form()).get(FIELD, ""))
    packed = current().site.signer.unseal(_purpose(kind), sealed)
    if packed is None:
        raise NotCarried(
            "这一页已经过期，什么都没有存。请重新上传名单。",
            "This page has expired; nothing was saved. Upload the list again.",
        )
    # Sealed by us a moment ago: what is inside needs no distrust.
    return msgspec.json.decode(zlib.decompress(base64.urlsafe_b64decode(packed)), type=wanted)


def _purpose(kind: str) -> str:
    visitor = current().visitor
    return f"carried/{visitor.account if visitor else ''}/{kind}"

# SPDX-License-Identifier: Apache-2.0
"""QR codes as inline SVG, without a style attribute and without a request."""

import segno
from markupsafe import Markup

from liren.web.html import element

QUIET_MODULES = 4
"""The white border the standard (ISO/IEC 18004) asks for."""


def qr(text: str, *, label: str, error: str = "m") -> Markup:
    """A scannable picture of ``text``; dark on white in every theme, also at night.

    :param label: what a screen reader says, e.g. ``"兑换码 3K7M-92"``
    :param error: error correction: l, m, q, h (7 to 30 % of the picture may be damaged)
    """
    matrix = segno.make(text, error=error, micro=False).matrix
    size = len(matrix) + 2 * QUIET_MODULES
    return element(
        "svg",
        element("rect", class_="qr__paper", width=size, height=size),
        element("path", class_="qr__ink", d=_outline([bytes(row) for row in matrix])),
        class_="qr",
        viewBox=f"0 0 {size} {size}",
        role="img",
        aria_label=label,
        shape_rendering="crispEdges",
    )


def _outline(rows: list[bytes]) -> str:
    """One run of dark modules a sub-path: ``M4 4h7v1h-7z``."""
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            length = x - start
            runs.append(f"M{start + QUIET_MODULES} {y + QUIET_MODULES}h{length}v1h-{length}z")
    return "".join(runs)

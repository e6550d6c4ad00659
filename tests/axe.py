# SPDX-License-Identifier: Apache-2.0
"""axe-core 4.14.1 (MPL-2.0, unmodified, its licence beside it): what it finds wrong with a page, in one line each.

Used by tests only and shipped with nothing; one version, held to by its digest.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

HOME = Path(__file__).parent / "vendor/axe-core"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """(rules) => axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]})
    .then((found) => ({checked: found.passes.length, violations: found.violations}))"""


@cache
def script() -> str:
    content = (HOME / "axe.min.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256, "not the published axe-core 4.14.1"
    return content.decode()


def violations(page: Page) -> list[str]:
    """Everything axe objects to; empty where nothing is wrong."""
    page.evaluate(script())
    found: dict[str, Any] = page.evaluate(RUN, RULES)
    assert found["checked"] > 5, "axe looked at nothing"
    return [
        f"{page.url}: {fault['id']} ({fault['impact']}): {node['html'][:160]}"
        for fault in found["violations"]
        for node in fault["nodes"][:5]
    ]

# SPDX-License-Identifier: Apache-2.0
"""Finding an installed theme without running any of it: a theme is data, its package is never imported."""

from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import structlog

from liren.web.templates import Theme

log = structlog.get_logger("liren.web")
GROUP = "liren.themes"
FALLBACK = "plain"


def installed() -> dict[str, Theme]:
    """Every theme that is installed here, by id."""
    found: dict[str, Theme] = {}
    for point in entry_points(group=GROUP):
        spec = find_spec(point.value) if "." not in point.value else None
        if spec is not None and spec.submodule_search_locations:
            found.setdefault(point.name, Theme(point.name, Path(next(iter(spec.submodule_search_locations)))))
    return found


def choose(wanted: str | None) -> tuple[Theme | None, Theme | None]:
    """(the theme a street asked for, the one to fall back to); either may be missing."""
    themes = installed()
    fallback = themes.get(FALLBACK)
    if wanted and wanted not in themes:
        log.warning("theme not installed", theme=wanted, installed=sorted(themes))
    return (themes.get(wanted) if wanted else fallback), fallback

# SPDX-License-Identifier: Apache-2.0
"""Finds installed themes (entry points in ``liren.themes``) without running their code."""

import importlib.metadata
import importlib.util
from pathlib import Path

from liren.web.templates import Theme

GROUP = "liren.themes"
PLAIN = "plain"


def find() -> dict[str, Theme]:
    """Every installed theme by its id."""
    themes = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        spec = importlib.util.find_spec(entry.value.partition(":")[0])
        if spec is not None and spec.submodule_search_locations:
            themes[entry.name] = Theme(entry.name, Path(next(iter(spec.submodule_search_locations))))
    return themes

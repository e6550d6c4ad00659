# SPDX-License-Identifier: Apache-2.0
"""The field register: what is kept of people, what for, how long, who sees it; gathered from what runs.

《个人信息保护法》第十七条: purpose, kinds, term and audience are told before anything is collected.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from liren.plugins.kernel import Kernel
from liren.plugins.types import TableFields


@dataclass(frozen=True, slots=True)
class OfPlugin:
    """What one package says of its tables."""

    id: str
    title: str
    tables: Sequence[TableFields]
    silent: bool = False
    """It keeps tables and says nothing of them."""


def register(kernel: Kernel) -> list[OfPlugin]:
    """Every package that keeps something, in load order; a plugin that is switched off keeps what it has."""
    return [
        OfPlugin(plugin.id, plugin.manifest.title, plugin.fields, silent=not plugin.fields)
        for plugin in kernel.plugins.values()
        if plugin.fields or (plugin.tables is not None and plugin.tables.table_classes)
    ]

# SPDX-License-Identifier: Apache-2.0
"""The plugin the checks are about."""

import re

from liren.plugins.plugin import Plugin, Route
from liren.testing.street import Running

SAMPLES = {"int": "1", "float": "1.5", "date": "2026-11-21", "uuid": "00000000-0000-4000-8000-000000000000"}


def its(street: Running, plugin: str) -> Plugin:
    """The plugin, or why it did not load."""
    said = {refusal.plugin: refusal.error.en for refusal in street.street.kernel.refused}
    assert plugin not in said, said.get(plugin)
    assert plugin in street.street.kernel.plugins, f"no plugin {plugin} is installed"
    return street.street.kernel.plugins[plugin]


def address(route: Route) -> str:
    """The route's path with something in every place."""
    return re.sub(r"\{[^}:]+(?::([^}]+))?\}", lambda m: SAMPLES.get(m[1] or "", "x"), route.path)

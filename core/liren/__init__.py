# SPDX-License-Identifier: Apache-2.0
"""Liren 里仁: what a plugin's first line imports."""

import pluggy

API_VERSION = "1.0"
"""Version of the plugin contract (not of the core): a manifest's ``api`` is checked against it."""

hookimpl = pluggy.HookimplMarker("liren")
"""Marks a function as the implementation of a hook listed in :mod:`liren.hookspecs`."""

__all__ = ["API_VERSION", "hookimpl"]

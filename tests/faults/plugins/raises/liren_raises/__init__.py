# SPDX-License-Identifier: Apache-2.0
"""Raises at import."""

raise RuntimeError("the author forgot something")

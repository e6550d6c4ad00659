# SPDX-License-Identifier: Apache-2.0
"""Requires a plugin nobody has."""

raise AssertionError("must not be imported")

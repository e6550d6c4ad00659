# SPDX-License-Identifier: Apache-2.0
"""Ours: Piccolo installs a namespace package of this name, and a package beats it."""

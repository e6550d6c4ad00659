# SPDX-License-Identifier: Apache-2.0
"""Calls itself by a name that is taken."""

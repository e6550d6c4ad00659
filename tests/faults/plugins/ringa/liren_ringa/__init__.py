# SPDX-License-Identifier: Apache-2.0
"""Requires ringb, which requires ringa."""

# SPDX-License-Identifier: Apache-2.0
"""Requires ringa, which requires ringb."""

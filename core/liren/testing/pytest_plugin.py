# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every plugin author gets by installing Liren."""

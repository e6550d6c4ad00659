# SPDX-License-Identifier: Apache-2.0
"""The fixtures every author gets, not the browser tests' own of the same names."""

from liren.testing.pytest_plugin import client, resident, staff, street

__all__ = ["client", "resident", "staff", "street"]

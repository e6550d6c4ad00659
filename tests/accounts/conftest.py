# SPDX-License-Identifier: Apache-2.0
"""A street served in process, not the demo as a process of its own."""

from liren.testing.pytest_plugin import street

__all__ = ["street"]

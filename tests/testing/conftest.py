# SPDX-License-Identifier: Apache-2.0
"""The fixtures an author gets, not the served demo street of this repository's other tests."""

from liren.testing.pytest_plugin import street

__all__ = ["street"]

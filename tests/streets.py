# SPDX-License-Identifier: Apache-2.0
"""The small street of :mod:`liren.testing`, under the name our own tests use."""

from liren.testing.street import PLAN, Running, Visitor, in_own_task, settings_for, small_street

__all__ = ["PLAN", "Running", "Visitor", "in_own_task", "settings_for", "small_street"]

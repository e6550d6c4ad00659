# SPDX-License-Identifier: Apache-2.0
"""The core's own packages, in load order; each registers through the hooks, exactly as a plugin does."""

from liren.plugins.plugin import BuiltIn
from liren.plugins.types import _

BUILT_IN = (
    BuiltIn("units", _("组织"), "liren.units"),
    BuiltIn("jobs", _("任务"), "liren.jobs"),
    BuiltIn("inbox", _("通知"), "liren.inbox"),
    BuiltIn("identity", _("人员"), "liren.identity", mount="/"),
    BuiltIn("ledger", _("账本"), "liren.ledger"),
    BuiltIn("portal", _("门户"), "liren.portal", mount="/"),
    BuiltIn("admin", _("管理"), "liren.admin"),
)

# SPDX-License-Identifier: Apache-2.0
"""The core's own packages, in load order; each registers through the hooks, exactly as a plugin does."""

from collections.abc import Sequence
from pathlib import Path

import liren
from liren.plugins.plugin import BuiltIn
from liren.store import MigrationSource

BUILT_IN = (
    BuiltIn("jobs", "任务", "liren.jobs"),
    BuiltIn("units", "单位", "liren.units"),
    BuiltIn("inbox", "通知", "liren.inbox"),
    BuiltIn("identity", "人员", "liren.identity", mount="/"),
    BuiltIn("workflow", "事项", "liren.workflow", mount="/cases"),
    BuiltIn("ledger", "账本", "liren.ledger", mount="/"),
    BuiltIn("acting", "代办", "liren.acting"),
    BuiltIn("privacy", "个人信息", "liren.privacy"),
    BuiltIn("audit", "审计", "liren.audit"),
    BuiltIn("portal", "门户", "liren.portal", mount="/"),
    BuiltIn("admin", "管理", "liren.admin"),
)

CORE = Path(liren.__file__).parent


def own_sources(of_plugins: Sequence[MigrationSource]) -> list[MigrationSource]:
    """Every source once: the core packages without pages first, then what plugins registered."""
    sources = {app: MigrationSource(app, CORE / app / "piccolo_migrations") for app in ("units", "identity")}
    sources |= {source.app: source for source in of_plugins}
    return list(sources.values())

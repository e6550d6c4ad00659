# SPDX-License-Identifier: Apache-2.0
"""居民报修: a whole module whose matters follow one workflow. Hooks only."""

from collections.abc import Sequence
from pathlib import Path

from piccolo.conf.apps import AppConfig

from liren.api import Permission, Role, Workflow, _, hookimpl
from liren_repairs.flow import REPAIR
from liren_repairs.tables import Repair


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("repairs", str(Path(__file__).parent / "piccolo_migrations"), table_classes=[Repair])


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("repairs.dispatch", _("派单")),
        Permission("repairs.fix", _("维修")),
        Permission("repairs.supervise", _("督办")),
    ]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [
        Role("repairs.dispatcher", _("派单员"), ("repairs.dispatch",)),
        Role("repairs.fixer", _("维修工"), ("repairs.fix",)),
        Role("repairs.chief", _("督办员"), ("repairs.supervise",)),
    ]


@hookimpl
def register_workflows() -> Sequence[Workflow]:
    return [REPAIR]

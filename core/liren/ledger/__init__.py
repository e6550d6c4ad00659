# SPDX-License-Identifier: Apache-2.0
"""The signed points ledger: double entry, append only, every record provable without this server.

Read it in this order: ``records`` and ``moves`` (what may be said), ``canonical``, ``note`` and ``merkle``
(how it is written down), ``keys`` (who may say it), ``posting`` (how a draft becomes a record),
``participant`` (how records become entries), ``reader``, ``receipts`` and ``export`` (how anyone reads them).
The formats stand in ``docs/ledger-spec.md``; ``liren_verify`` checks them and shares no code with us.
"""

from collections.abc import Sequence
from pathlib import Path

from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.plugins.types import Permission, _

REVIEW = "ledger.review"
"""Who holds it at a unit may put the second signature under records of that unit's subtree."""


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("ledger", str(Path(__file__).parent / "piccolo_migrations"))


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [Permission(REVIEW, _("在积分记录上作第二签名"))]

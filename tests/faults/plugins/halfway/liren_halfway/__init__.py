# SPDX-License-Identifier: Apache-2.0
"""Its second migration fails in the middle."""

from pathlib import Path

from piccolo.columns import Text
from piccolo.conf.apps import AppConfig
from piccolo.table import Table

from liren import hookimpl


class First(Table, tablename="halfway_first"):
    name = Text()


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("halfway", str(Path(__file__).parent / "piccolo_migrations"), table_classes=[First])

# SPDX-License-Identifier: Apache-2.0
"""Brings a table under somebody else's name."""

from pathlib import Path

from piccolo.columns import Text
from piccolo.conf.apps import AppConfig
from piccolo.table import Table

from liren import hookimpl


class Stray(Table, tablename="credit_stray"):
    name = Text()


@hookimpl
def register_tables() -> AppConfig:
    folder = Path(__file__).parent / "piccolo_migrations"
    return AppConfig("straytable", str(folder), table_classes=[Stray])

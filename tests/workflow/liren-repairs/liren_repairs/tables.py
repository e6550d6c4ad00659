# SPDX-License-Identifier: Apache-2.0
"""What is to be mended."""

from piccolo.columns import BigInt, Text
from piccolo.table import Table


class Repair(Table, tablename="repairs_repair"):
    id = Text(primary_key=True, default=None)
    text = Text()
    state = Text(help_text="follows the case")
    parts = BigInt(default=1, help_text="1: the parts are there")
    fixed = BigInt(default=0, help_text="how often somebody said so")

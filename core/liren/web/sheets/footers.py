# SPDX-License-Identifier: Apache-2.0
"""Lines of a list that are no data: sums, signatures, notes under the table."""

import re

from liren.web.sheets.columns import Row
from liren.web.sheets.values import same_words

_TOTALS = re.compile(
    r"(?:本页|本月|全部|各社区)?(?:合计|小计|总计|共计|累计|总和|汇总|total|subtotal|sum)(?:[:(]|$|\d)"
)
_SIGNED = re.compile(
    r"(?:填表|填报|制表|审核|复核|登记|经办|统计|报送|单位|社区)?(?:人|负责人|单位|主任|书记|签字|签章|盖章|日期)(?:\(.*\))?:"
    r"|(?:注|备注|说明|填表说明|note)s?:"
)


def says_total(row: Row) -> bool:
    """合计, 小计 … stands in one of its cells. Whether that makes it a sum, the other cells decide."""
    return any(_TOTALS.match(text) for text in _texts(row))


def says_signed(row: Row) -> bool:
    """填表人：, 备注： … stands in one of its cells."""
    return any(_SIGNED.match(text) for text in _texts(row))


def _texts(row: Row) -> list[str]:
    return [same_words(cell) for cell in row.cells if isinstance(cell, str) and cell]

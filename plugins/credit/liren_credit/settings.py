# SPDX-License-Identifier: Apache-2.0
"""What a street may set about awards."""

from typing import Annotated

import msgspec
from msgspec import Meta

from liren.api import _


class Settings(msgspec.Struct, frozen=True):
    publicity_days: Annotated[
        int,
        Meta(title=_("公示天数"), description=_("审核通过后公示多少天才入账；填 0 就不等"), ge=0, le=60),
    ] = 7
    announce_days: Annotated[
        int,
        Meta(
            title=_("新细则提前公布天数"),
            description=_("公布多少天后才能起用；已在纸上公布的不限"),
            ge=0,
            le=90,
        ),
    ] = 7
    sample_percent: Annotated[
        int,
        Meta(title=_("抽查比例（%）"), description=_("审核员要看过这么多行才能通过，至少 20 行"), ge=0, le=100),
    ] = 1
    show_names: Annotated[
        bool,
        Meta(title=_("公示时显示打码的姓名"), description=_("另行同意的居民才写“张*”，其他人只写编号")),
    ] = False

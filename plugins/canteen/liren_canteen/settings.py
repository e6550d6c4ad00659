# SPDX-License-Identifier: Apache-2.0
"""What a street may set."""

from typing import Annotated

import msgspec
from msgspec import Meta

from liren.api import _


class Settings(msgspec.Struct, frozen=True):
    order_days: Annotated[int, Meta(title=_("可以提前几天订餐"), description=_("今天算第 0 天。"), ge=1, le=14)] = 7
    point_fen: Annotated[
        int,
        Meta(
            title=_("1 积分抵多少分钱"),
            description=_("按人民币分填：100 就是 1 积分抵 1 元。只影响以后的订单；只能抵自己付的那一部分，不找零。"),
            ge=1,
            le=10_000,
        ),
    ] = 100
    missed_days: Annotated[
        int,
        Meta(
            title=_("连续几天没来就上门看看"),
            description=_("常来吃饭的老人订了餐却连续这么多天没来，就请网格员去看一看。"),
            ge=1,
            le=14,
        ),
    ] = 2
    usual_meals: Annotated[
        int,
        Meta(title=_("吃过几餐算常客"), description=_("近三十天里吃过这么多餐，才会因为没来而上门。"), ge=1, le=60),
    ] = 5
    keep_years: Annotated[
        int,
        Meta(
            title=_("补贴凭据保存几年"),
            description=_("领过补贴的订单是会计凭据，保存期满才删除（《会计档案管理办法》）。"),
            ge=5,
            le=30,
        ),
    ] = 10

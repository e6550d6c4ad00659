# SPDX-License-Identifier: Apache-2.0
"""What a street may set."""

from typing import Annotated

import msgspec
from msgspec import Meta

from liren.api import _


class Settings(msgspec.Struct, frozen=True):
    pickup_days: Annotated[
        int,
        Meta(
            title=_("几天内取货"),
            description=_("下单后多少天内要取；过期自动退回积分。只影响以后的订单。"),
            ge=1,
            le=60,
        ),
    ] = 7
    refund_days: Annotated[
        int,
        Meta(title=_("几天内可退"), description=_("核销后多少天内商户可以退货；0 表示只有当天。"), ge=0, le=60),
    ] = 7
    wrong_codes: Annotated[
        int,
        Meta(
            title=_("输错几次先停一停"),
            description=_("一家商户十分钟内输错这么多次兑换码，就要等一等，防止有人乱试。"),
            ge=3,
            le=100,
        ),
    ] = 10

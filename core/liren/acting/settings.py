# SPDX-License-Identifier: Apache-2.0
"""What a street may set about acting for somebody."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from liren.plugins.acting import Deed, Measure
from liren.web import N_


class Settings(msgspec.Struct, frozen=True):
    sample_percent: Annotated[
        int,
        Meta(
            title=N_("抽查百分之几"),
            description=N_("由系统抽，办的人事先不知道；另外每个代办员每周至少抽一件。"),
            ge=1,
            le=100,
        ),
    ] = 10
    staff_points: Annotated[
        int,
        Meta(
            title=N_("工作人员每月最多代用积分"),
            description=N_("给同一位居民，所有工作人员合计。"),
            ge=1,
            le=100_000,
        ),
    ] = 200
    staff_fen: Annotated[
        int,
        Meta(
            title=N_("工作人员每月最多代花的钱"),
            description=N_("给同一位居民，所有工作人员合计，单位是元。"),
            ge=1,
            le=10_000_000,
            extra={"fen": True},
        ),
    ] = 30_000
    staff_times: Annotated[
        int,
        Meta(
            title=N_("工作人员每月最多代办次数"),
            description=N_("给同一位居民，所有工作人员合计；按次数算的事才看这一项。"),
            ge=1,
            le=1_000,
        ),
    ] = 30
    months: Annotated[
        int,
        Meta(title=N_("亲友委托最长几个月"), description=N_("到期要重新委托。只影响以后的委托。"), ge=1, le=36),
    ] = 12


FAMILY: Final[dict[Measure, int]] = {"points": 100, "fen": 30_000, "times": 30}
"""What the form proposes to a person who names a helper, by month."""
FAMILY_MOST: Final[dict[Measure, int]] = {"points": 1_000, "fen": 300_000, "times": 300}


def staff_cap(settings: Settings, deed: Deed) -> int:
    """The most of a deed in a month for one person, all staff together."""
    of_street = {"points": settings.staff_points, "fen": settings.staff_fen, "times": settings.staff_times}
    most = of_street[deed.measure]
    return min(deed.cap, most) if deed.cap else most

# SPDX-License-Identifier: Apache-2.0
"""What a street may choose; the console draws the form."""

from typing import Annotated

import msgspec

from liren.api import _


class Settings(msgspec.Struct, frozen=True):
    shown: Annotated[int, msgspec.Meta(title=_("公开栏上显示几条"), ge=1, le=20)] = 3

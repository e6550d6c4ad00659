# SPDX-License-Identifier: Apache-2.0
"""What street IT should know about accounts before it hurts: duties in one hand, the last administrator's last day."""

from datetime import timedelta
from typing import Final

from liren.identity.roles.administrators import doubles, ending
from liren.identity.settings import AccountSettings, separated
from liren.plugins.context import Context
from liren.plugins.types import Health
from liren.settings import Settings

WARNED: Final = timedelta(days=30)


async def duties(ctx: Context) -> Health:
    """三员分立, and who does not keep to it."""
    assert isinstance(ctx.settings, AccountSettings)
    if not separated(ctx.settings, Settings.from_env().profile):
        return Health(True, ctx.t("没有要求三员分立。"))
    names = "、".join(double.name for double in await doubles(ctx.today()))
    if not names:
        return Health(True, ctx.t("系统管理、权限管理、审计由不同的人担任。"))
    return Health(False, ctx.t("一人兼了两样以上：{names}。请把其中一样授予别人，再从这位那里收回。", names=names))


async def administrators(ctx: Context) -> Health:
    """Whether somebody can still give roles and run the system a month from now."""
    if not await ending(ctx.today(), WARNED):
        return Health(True, ctx.t("一个月以后也有人能授权、能管理系统。"))
    return Health(False, ctx.t("一个月之内，最后一位管理员的任期就到了。请现在续上，或授予另一位同事。"))

# SPDX-License-Identifier: Apache-2.0
"""What a street decides about accounts, at ``/admin/settings/identity``."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from liren.identity.signin.profiles import PROFILES, Profile
from liren.web import N_

CHOICES: Final[Mapping[str, str]] = {
    "server": N_("按服务器的设置"),
    "asvs": N_("通行做法（OWASP ASVS 5.0）"),
    "dengbao3": N_("等保三级（GB/T 22239-2019）"),
}


class AccountSettings(msgspec.Struct, frozen=True):
    """Settings of the core's accounts."""

    profile: Annotated[
        Literal["server", "asvs", "dengbao3"],
        Meta(
            title=N_("登录规则"),
            description=N_("密码、动态码、锁定和自动退出都按它来。不合新规则的人，下次登录时会被请去补上。"),
            extra={"choices": CHOICES},
        ),
    ] = "server"
    separate_duties: Annotated[
        bool,
        Meta(
            title=N_("三员分立"),
            description=N_("系统管理、权限管理、审计由三个人分担，一个人不能兼两样。等保三级下一直生效。"),
        ),
    ] = False


def profile_of(settings: AccountSettings, default: str) -> Profile:
    """:param default: of the server (``LIREN_PROFILE``), where the street has not decided"""
    return PROFILES[settings.profile if settings.profile in PROFILES else default]


def separated(settings: AccountSettings, default: str) -> bool:
    """Whether nobody may hold two of the three duties."""
    return settings.separate_duties or profile_of(settings, default).separates_duties

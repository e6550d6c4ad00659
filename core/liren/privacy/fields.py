# SPDX-License-Identifier: Apache-2.0
"""What is kept of people by this package, and by the floors beneath it that have no pages of their own."""

from typing import Final

from liren.plugins.types import Field, TableFields
from liren.web import N_

_NOBODY: Final = N_("谁也看不到")
_OFFICER: Final = N_("本人；个人信息保护专员")

OWN: Final = (
    TableFields(
        "privacy_request",
        (
            Field(
                N_("您要求删除信息"),
                ("person", "at_ms"),
                N_("十五天内办好、答复您"),
                N_("办完或者您撤回为止"),
                _OFFICER,
            ),
        ),
    ),
    TableFields(
        "privacy_retained",
        (
            Field(
                N_("法律要求暂时保留的"),
                ("person", "until", "law"),
                N_("到期自动再删一次"),
                N_("法定期限届满当天"),
                N_("个人信息保护专员"),
            ),
        ),
        ("id", "plugin"),
    ),
    TableFields(
        "privacy_erasure",
        (
            Field(
                N_("哪些编号已经删除"),
                ("person", "day", "by"),
                N_("从备份恢复时再删一次"),
                N_("长期；只有编号，查不到任何人"),
                _NOBODY,
            ),
        ),
    ),
    TableFields(
        "privacy_correction",
        (
            Field(
                N_("您要求更正的内容（加密）"),
                ("person", "field", "value", "at_ms"),
                N_("核实以后改过来"),
                N_("内容在办结时删除，记录在您被删除时删除"),
                N_("本人；个人信息保护专员，每次查看都有记录"),
            ),
        ),
        ("id", "case_id"),
    ),
)

BENEATH: Final = (
    TableFields(
        "outbox",
        (
            Field(
                N_("模块之间传的消息"),
                ("payload", "at_ms"),
                N_("让积分、通知这些事接得上"),
                N_("三十天"),
                _NOBODY,
            ),
        ),
        ("id", "plugin", "event", "version"),
    ),
    TableFields("event_listener", plain=("plugin", "heard", "owner", "owned_until_ms")),
    TableFields("event_retry", plain=("event", "plugin", "tries", "next_ms", "dead", "error")),
    TableFields(
        "request",
        (
            Field(
                N_("谁提交过哪张表单（只存摘要）"),
                ("actor", "result", "at_ms"),
                N_("点了两次也只办一次"),
                N_("四百天，或者您被删除为止"),
                _NOBODY,
            ),
        ),
        ("key", "digest"),
    ),
    TableFields(
        "task",
        (
            Field(
                N_("后台办的事和进度"),
                ("actor", "title", "text", "started_ms", "changed_ms"),
                N_("让发起的人看到办到哪一步"),
                N_("三十天，或者您被删除为止"),
                N_("发起的人"),
            ),
        ),
        ("id", "plugin", "key", "state", "done", "total"),
    ),
    TableFields(
        "uploaded_list",
        (
            Field(
                N_("上传和导出的名单（加密）"),
                ("actor", "file_name", "options", "summary", "at_ms", "done_ms"),
                N_("核对、登记名单"),
                N_("上传的七天，导出的一天；有人被删除时导出的当场删除"),
                N_("上传或者导出的那个人"),
                sensitive=True,
            ),
        ),
        ("id", "kind", "task"),
    ),
    TableFields(
        "uploaded_content",
        (
            Field(
                N_("上传和导出的名单（加密）"),
                ("content",),
                N_("核对、登记名单"),
                N_("上传的七天，导出的一天；有人被删除时导出的当场删除"),
                N_("上传或者导出的那个人"),
                sensitive=True,
            ),
        ),
        ("list",),
    ),
    TableFields(
        "subject_key",
        (
            Field(
                N_("您的加密钥匙"),
                ("subject", "wrapped"),
                N_("只有用它才能打开您的加密信息"),
                N_("您被删除时销毁，备份里的也打不开了"),
                _NOBODY,
            ),
        ),
    ),
    TableFields("register_version", plain=("name", "version")),
    TableFields("migration", plain=("app", "id", "ran_ms")),
    TableFields("plugin_state", plain=("id", "enabled", "pilot", "settings", "heard_from", "changed_ms")),
    TableFields("job_run", plain=("plugin", "name", "last_ms", "state", "took_ms", "text")),
)

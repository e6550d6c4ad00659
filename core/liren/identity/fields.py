# SPDX-License-Identifier: Apache-2.0
"""What the tables of people say of them, for the field register."""

from typing import Final

from liren.plugins.types import Field, TableFields
from liren.web import N_

_ERASED: Final = N_("本人被删除为止")
_STAFF: Final = N_("本人；负责这个片区的工作人员")
_LOOKED: Final = N_("本人；负责这个片区的工作人员，每次查看都有记录")
_NOBODY: Final = N_("谁也看不到")
_SELF: Final = N_("只有本人")
_ADMIN: Final = N_("本人；街道管理员")
_RECORD: Final = N_("有据可查")
_LOGIN: Final = N_("登录时确认是您本人")
_MINUTES: Final = N_("名单登记完就删除，最多七天")

FIELDS: Final = (
    TableFields(
        "person",
        (
            Field(
                N_("姓名"),
                ("name", "given", "pinyin", "initials"),
                N_("称呼您、查找您"),
                _ERASED,
                N_("本人；负责这个片区的工作人员；公示时打码"),
            ),
            Field(N_("手机号（加密）"), ("phone_sealed",), N_("联系您"), _ERASED, _LOOKED),
            Field(
                N_("身份证号（加密）"),
                ("id_number_sealed",),
                N_("分清同名的人"),
                _ERASED,
                N_("本人；获准导出名册的人，每次都有记录"),
                sensitive=True,
            ),
            Field(N_("出生日期（加密）"), ("birthday_sealed",), N_("按年龄算补贴"), _ERASED, _LOOKED),
            Field(N_("住址补充（加密）"), ("address_sealed",), N_("找到您家"), _ERASED, _LOOKED),
            Field(
                N_("号码的摘要（还原不了）"),
                ("phone_hash", "phone_tail", "id_number_hash", "number_tail", "twin_hash"),
                N_("按号码查找，避免重复登记"),
                _ERASED,
                _NOBODY,
            ),
            Field(N_("编号"), ("id", "merged_into", "created_ms"), N_("各处用编号，不用姓名"), _ERASED, _STAFF),
            Field(N_("去世、迁出日期"), ("died", "left_on"), N_("停止服务和补贴"), _ERASED, _STAFF),
        ),
        ("import_id", "area"),
    ),
    TableFields(
        "people_pending",
        (Field(N_("正在登记的名单"), ("actor", "started_ms"), N_("登记到一半也不出错"), _MINUTES, _NOBODY),),
        ("id",),
    ),
    TableFields("people_pending_unit", plain=("import_id", "unit", "role", "n")),
    TableFields(
        "people_pending_move",
        (
            Field(
                N_("名单里要搬家的人"),
                ("person", "unit", "dwelling", "role"),
                N_("登记到一半也不出错"),
                _MINUTES,
                _NOBODY,
            ),
        ),
        ("import_id",),
    ),
    TableFields("people_in_unit", plain=("unit", "role", "n")),
    TableFields(
        "residence",
        (
            Field(
                N_("住在哪里、在家里是"),
                ("person", "unit", "dwelling", "role", "since", "until"),
                N_("知道您归哪个网格服务、同住的是谁"),
                _ERASED,
                _STAFF,
            ),
        ),
        ("id",),
    ),
    TableFields(
        "ownership",
        (
            Field(
                N_("名下的房屋和份额"),
                ("person", "dwelling", "share_of", "share_in", "since", "until"),
                N_("业主表决、联系业主"),
                _ERASED,
                _STAFF,
            ),
        ),
        ("id", "organisation"),
    ),
    TableFields(
        "departure",
        (
            Field(
                N_("迁出、去世登记"),
                ("person", "day", "died", "actor", "at_ms", "closed", "undone_ms"),
                N_("登记错了能改回来"),
                _ERASED,
                _STAFF,
            ),
        ),
        ("id",),
    ),
    TableFields(
        "organisation",
        (
            Field(
                N_("单位的联系人和电话"),
                ("contact", "phone"),
                N_("联系单位"),
                N_("单位改掉为止"),
                N_("单位自己的人；负责这个片区的工作人员"),
            ),
        ),
        ("id", "name", "kind", "unit", "pinyin", "initials", "opened", "closed", "credit_code"),
    ),
    TableFields(
        "organisation_member",
        (
            Field(
                N_("代表哪家单位"),
                ("person", "role", "since", "until"),
                N_("知道谁能替单位办事"),
                _ERASED,
                N_("本人；单位自己的人；负责这个片区的工作人员"),
            ),
        ),
        ("id", "organisation"),
    ),
    TableFields(
        "login_account",
        (
            Field(
                N_("登录账号"),
                ("person", "login_name", "language", "elder", "disabled_ms", "created_ms"),
                N_("让您登录，记住语言和大字"),
                _ERASED,
                _ADMIN,
            ),
            Field(N_("密码（只存摘要）"), ("password_hash", "password_ms"), _LOGIN, _ERASED, _NOBODY),
        ),
        ("id",),
    ),
    TableFields(
        "login_session",
        (
            Field(
                N_("登录着的设备"),
                ("account", "address", "device", "started_ms", "seen_ms", "way"),
                N_("您能看到、能退出不认识的设备"),
                N_("退出，或者一段时间不用就删除"),
                _SELF,
            ),
        ),
        (
            "token_hash", "remembered", "idle_ms", "ends_ms", "id", "proven_ms", "powers", "former_hash",
            "former_until_ms",
        ),
    ),
    TableFields(
        "sign_in",
        (
            Field(
                N_("登录记录：时间、网络地址、设备"),
                ("account", "at_ms", "address", "device"),
                N_("发现别人冒用您的账号（网络安全法要求留存六个月）"),
                N_("六个月"),
                _SELF,
            ),
        ),
        ("id",),
    ),
    TableFields(
        "one_time_login",
        (
            Field(
                N_("一次性登录链接"),
                ("account", "made_by", "created_ms", "ends_ms", "used_ms", "recognised"),
                N_("忘了密码也能登录"),
                N_("过期以后三十天"),
                _ADMIN,
            ),
        ),
        ("token_hash",),
    ),
    TableFields(
        "second_factor",
        (
            Field(
                N_("动态码的密钥（加密）"),
                ("account", "secret", "waiting", "confirmed_ms", "last_step"),
                _LOGIN,
                N_("停用动态码或者本人被删除为止"),
                _NOBODY,
            ),
        ),
    ),
    TableFields(
        "recovery_code",
        (Field(N_("备用码（只存摘要）"), ("account", "code_hash", "used_ms"), _LOGIN, _ERASED, _NOBODY),),
        ("id",),
    ),
    TableFields(
        "login_pending",
        (
            Field(
                N_("登录到一半"),
                ("account", "way", "second", "wanted", "ends_ms"),
                _LOGIN,
                N_("几分钟"),
                _NOBODY,
            ),
        ),
        ("token_hash",),
    ),
    TableFields(
        "former_password",
        (
            Field(
                N_("用过的密码（只存摘要）"),
                ("account", "password_hash", "at_ms"),
                N_("不重复用旧密码"),
                N_("只留最近几个"),
                _NOBODY,
            ),
        ),
        ("id",),
    ),
    TableFields(
        "role_grant",
        (
            Field(
                N_("担任的角色"),
                ("person", "role", "unit", "since", "until", "granted_by", "granted_ms"),
                N_("只给办事需要的权限"),
                _ERASED,
                _ADMIN,
            ),
        ),
        ("id",),
    ),
    TableFields(
        "consent",
        (
            Field(
                N_("同意过的事项和版本"),
                ("person", "purpose", "version", "how", "given", "withdrawn", "given_by"),
                N_("没有您同意就不做"),
                _ERASED,
                N_("本人；个人信息保护专员"),
            ),
        ),
        ("id",),
    ),
    TableFields("label_kind", plain=("id", "code", "title", "sensitive", "seen_by", "opened", "closed")),
    TableFields(
        "label_text",
        (Field(N_("谁写的标签说明"), ("actor", "at_ms"), _RECORD, N_("长期：说明的各个版本"), N_("审计员")),),
        ("id", "kind", "version", "text"),
    ),
    TableFields(
        "person_label",
        (
            Field(
                N_("需要关照的标签"),
                ("person", "kind", "consent", "since", "until", "actor"),
                N_("上门探访、优先帮助；您单独同意才有"),
                N_("您撤回同意或者到期以后一个月"),
                N_("本人；获准看这一种标签的工作人员，每次查看您都能看到"),
                sensitive=True,
            ),
        ),
        ("id",),
    ),
    TableFields(
        "guardianship",
        (
            Field(
                N_("谁是谁的监护人"),
                ("guardian", "ward", "kind", "evidence", "basis", "since", "until", "actor"),
                N_("孩子和需要照顾的成年人，由监护人同意"),
                _ERASED,
                _STAFF,
                sensitive=True,
            ),
        ),
        ("id",),
    ),
    TableFields(
        "form_draft",
        (
            Field(
                N_("没提交的表单（加密）"),
                ("account", "content", "at_ms"),
                N_("填了一半不白填"),
                N_("提交就删除，最多三十天"),
                _SELF,
            ),
        ),
        ("id", "name", "key"),
    ),
    TableFields("attempts", plain=("bucket", "started_ms", "tries")),
)  # fmt: skip

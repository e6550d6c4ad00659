# SPDX-License-Identifier: Apache-2.0
"""What the ledger says of people, for the field register: what is public names nobody."""

from typing import Final

from liren.plugins.types import Field, TableFields
from liren.web import N_

_FOR_EVER: Final = N_("长期：改了就验不过；您被删除以后，谁也认不出是您")
_ALL: Final = N_("所有人，但是认不出是谁")
_NOBODY: Final = N_("谁也看不到")

FIELDS: Final = (
    TableFields(
        "log_entry",
        (
            Field(
                N_("每一笔积分的记录（化名）"),
                ("body", "unit", "why", "eff", "admitted_ms"),
                N_("任何人都能核对账没有被改过"),
                _FOR_EVER,
                _ALL,
            ),
        ),
        ("pos", "rid", "kind", "ref", "leaf"),
    ),
    TableFields(
        "account",
        (Field(N_("积分账户和余额（化名）"), ("holder", "balance", "expires_on"), N_("算清余额"), _FOR_EVER, _ALL),),
        ("id", "asset", "address"),
    ),
    TableFields(
        "posting",
        (Field(N_("每一笔的变动（化名）"), ("account", "amount", "balance"), N_("算清余额"), _FOR_EVER, _ALL),),
        ("pos",),
    ),
    TableFields(
        "pseudonym",
        (
            Field(
                N_("化名对应哪位居民"),
                ("holder", "kind", "subject"),
                N_("知道这是您的积分"),
                N_("您被删除为止"),
                N_("本人；审核积分的工作人员"),
            ),
        ),
    ),
    TableFields(
        "opening",
        (
            Field(
                N_("每一笔的事由（加密）"),
                ("ciphertext", "salt"),
                N_("您能看到为什么加分、扣分"),
                N_("您被删除为止"),
                N_("本人；审核积分的工作人员，每次查看都有记录"),
            ),
        ),
        ("pos",),
    ),
    TableFields(
        "receipt_token",
        (Field(N_("凭条上的二维码"), ("token", "rid"), N_("凭条能在线核对"), N_("您被删除为止"), N_("拿着凭条的人")),),
    ),
    TableFields(
        "key_secret",
        (Field(N_("谁持有审核密钥"), ("owner",), N_("签名的人负责"), N_("不再审核时撤销"), N_("密钥管理员")),),
        ("vkey", "sealed", "custody"),
    ),
    TableFields(
        "ledger_proposal",
        (
            Field(
                N_("谁提出、谁签了更正"),
                ("proposed_by", "decided_by", "body", "note", "proposed_ms", "decided_ms"),
                N_("一人提、另一人签，有据可查"),
                N_("三十年，同会计凭证"),
                N_("管积分的工作人员"),
            ),
        ),
        ("id", "kind", "unit", "state", "rid"),
    ),
    TableFields(
        "statement_tile",
        (Field(N_("每月对账单的校验值"), ("first", "hash"), N_("证明对账单没有改过"), _FOR_EVER, _NOBODY),),
        ("month", "idx"),
    ),
    TableFields("record_part", plain=("rid", "first", "nth")),
    TableFields("statement", plain=("month", "size", "leaves", "root", "secret", "salt", "rid", "made_ms")),
    TableFields("log_head", plain=("one", "origin", "size", "root", "edge", "last_ms", "regrouped")),
    TableFields("log_node", plain=("level", "idx", "hash")),
    TableFields("checkpoint", plain=("size", "note", "at_ms")),
    TableFields("policy", plain=("digest", "body")),
    TableFields("key", plain=("vkey", "role", "unit", "may", "added", "revoked")),
    TableFields("recovery", plain=("rid", "pos", "body")),
    TableFields("recovery_sheet", plain=("kind", "digest", "asked", "checked_ms")),
    TableFields("ledger_month", plain=("month", "asset", "why", "records", "held", "moved")),
    TableFields("ledger_budget", plain=("month", "unit", "asset", "funded", "awarded")),
    TableFields("ledger_counted", plain=("one", "pos")),
)

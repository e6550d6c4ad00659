# SPDX-License-Identifier: Apache-2.0
"""What records are called on pages."""

from typing import Final

from liren.plugins.services import EntryView
from liren.plugins.types import RecordCode
from liren.web import N_

WHY: Final = {
    "award": N_("得分"),
    "spend": N_("兑换"),
    "settle": N_("核销"),
    "void": N_("取消订单，积分退回"),
    "refund": N_("退货，积分退回"),
    "expire": N_("到期清零"),
    "deduct": N_("扣分"),
    "reverse": N_("更正"),
    "close": N_("注销"),
    "budget": N_("预算"),
    "clear": N_("结算"),
}
"""Each move in a resident's words."""

KINDS: Final = {
    "post": N_("积分"),
    "key": N_("密钥"),
    "policy": N_("细则"),
    "attest": N_("存证"),
    "erase": N_("抹去姓名"),
}
"""Each kind of record."""
ROLES: Final = {
    "root": N_("根"),
    "unit": N_("单位"),
    "reviewer": N_("审核"),
    "service": N_("模块"),
    "log": N_("检查点"),
}
"""What a key is for."""
FIELDS: Final = {
    "act": N_("动作"),
    "code": N_("依据"),
    "commit": N_("事由的摘要"),
    "digest": N_("摘要"),
    "eff": N_("生效日"),
    "holder": N_("化名"),
    "kind": N_("记录种类"),
    "log": N_("账本"),
    "may": N_("能签"),
    "policy": N_("细则的摘要"),
    "ref": N_("针对哪一条"),
    "rid": N_("记录编号"),
    "role": N_("角色"),
    "subject": N_("文件"),
    "unit": N_("记账单位"),
    "vkey": N_("验证钥"),
    "why": N_("什么事"),
}
"""Members of a record, for who reads them one by one."""
ASSETS: Final = {"resident": N_("居民分"), "partner": N_("伙伴分"), "fen": N_("人民币（分）")}
ACCOUNTS: Final = {
    "issuance": N_("发行"),
    "budget": N_("预算"),
    "h": N_("居民（化名）"),
    "o": N_("组织（化名）"),
    "escrow": N_("已下单、还没取"),
    "merchant": N_("商户"),
    "fund": N_("基金"),
    "redeemed": N_("已结算"),
    "expired": N_("已清零"),
}
"""What an account is, by the first word of its address."""
MAY: Final = {**WHY, "void": N_("取消"), "refund": N_("退货")}
"""Moves a key may sign, short enough for a list of them."""


CODES: Final = (
    RecordCode("core.budget", N_("预算")),
    RecordCode("core.clear", N_("商户结算")),
    RecordCode("core.close", N_("注销账户")),
    RecordCode("core.expire", N_("到期清零")),
    RecordCode("core.recovery", N_("从备份恢复")),
    RecordCode("core.reverse", N_("更正")),
    RecordCode("ledger.statement", N_("月度对账单")),
)
"""The core's own codes."""


def title_of(entry: EntryView) -> str:
    """What happened, from the personal part where it is still there."""
    reason = entry.reason
    said = reason.get("title") or reason.get("what")
    if not said or "quantity" not in reason:
        return str(said or "")
    return f"{said} {reason['quantity']} {reason.get('unit', '')}".rstrip()

# SPDX-License-Identifier: Apache-2.0
"""The one table of the ledger that names people who work here: who proposed and who decided."""

from piccolo.columns import BigInt, Text, Varchar
from piccolo.table import Table


class ProposalRow(Table, tablename="ledger_proposal"):
    """A proposal as it is stored; :mod:`liren.ledger.desk.proposals` reads and writes it."""

    id = Varchar(22, primary_key=True)
    kind = Text()
    unit = Text()
    state = Text()
    body = Text(help_text="提议的内容：单位、积分数、理由；不写姓名")
    proposed_by = Text(help_text="提出的工作人员的编号：公务记录，随会计凭证保存三十年")
    proposed_ms = BigInt()
    decided_by = Text(null=True, help_text="签名或退回的审核员的编号：公务记录，随会计凭证保存三十年")
    decided_ms = BigInt(null=True)
    note = Text(null=True, help_text="退回的理由")
    rid = Text(null=True)

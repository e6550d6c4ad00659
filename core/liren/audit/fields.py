# SPDX-License-Identifier: Apache-2.0
"""What the audit says of people, for the field register. It holds random ids, never a name."""

from typing import Final

from liren.plugins.types import Field, TableFields
from liren.web import N_

FIELDS: Final = (
    TableFields(
        "audit",
        (
            Field(
                N_("谁在什么时候做了什么"),
                ("actor", "subject", "at_ms", "unit", "detail"),
                N_("查得清、改不了；谁看过您的信息，您也能看到"),
                N_("长期；只有编号，人被删除以后编号查不到任何人"),
                N_("审计员；有关您的查看，您本人"),
            ),
        ),
        ("id", "plugin", "what"),
    ),
    TableFields("audit_link", plain=("id", "digest")),
    TableFields("audit_head", plain=("day", "last", "digest", "salt", "rid")),
)

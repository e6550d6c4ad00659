# SPDX-License-Identifier: Apache-2.0
"""What the table of notices says of people, for the field register."""

from typing import Final

from liren.plugins.types import Field, TableFields, _

FIELDS: Final = (
    TableFields(
        "inbox_notice",
        (
            Field(
                _("发给您的通知"),
                ("person", "text", "link", "at_ms", "read_ms", "forwarded_ms"),
                _("告诉您和您有关的事"),
                _("一年，到期自动删除"),
                _("只有本人"),
            ),
        ),
        ("id", "plugin"),
    ),
)

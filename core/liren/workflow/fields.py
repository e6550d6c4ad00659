# SPDX-License-Identifier: Apache-2.0
"""What the tables of cases say of people, for the field register."""

from typing import Final

from liren.plugins.types import Field, TableFields
from liren.web import N_

_HANDLERS: Final = N_("本人；办理这件事的工作人员")
_ERASED: Final = N_("本人被删除为止")

FIELDS: Final = (
    TableFields(
        "workflow_case",
        (
            Field(
                N_("您办的事和进度"),
                ("holder", "title", "state", "opened_ms", "since_ms", "due_ms", "closed_ms", "unit"),
                N_("把事办完，按时答复"),
                _ERASED,
                _HANDLERS,
            ),
            Field(N_("承办人"), ("worker",), N_("知道该找谁"), _ERASED, _HANDLERS),
        ),
        ("id", "plugin", "workflow", "subject", "path", "alarm_ms", "version"),
    ),
    TableFields(
        "workflow_step",
        (
            Field(
                N_("每一步谁办的、说了什么"),
                ("actor", "at_ms", "note", "worker"),
                N_("有据可查，避免推诿"),
                N_("本人被删除为止；之后只剩查不到人的编号"),
                _HANDLERS,
            ),
        ),
        ("case_id", "number", "transition", "source", "target", "due_ms"),
    ),
    TableFields(
        "workflow_file",
        (
            Field(
                N_("交来的照片和文件（加密）"),
                ("name",),
                N_("说明情况"),
                N_("本人被删除为止，文件隔天清除"),
                _HANDLERS,
            ),
        ),
        ("id", "case_id", "step", "kind", "size"),
    ),
)

# SPDX-License-Identifier: Apache-2.0
"""The few words in which SQLite's and PostgreSQL's table definitions differ.

``BIGINT`` and ``TEXT`` mean the same on both (SQLite gives BIGINT integer affinity; PostgreSQL's INTEGER has only
32 bits, so it is never used).
"""


def ddl(kind: str, template: str) -> str:
    """Fill ``{bytes}`` and ``{serial}`` of one statement.

    :param template: e.g. ``CREATE TABLE t (id {serial}, body {bytes} NOT NULL)``
    """
    if kind == "sqlite":
        # AUTOINCREMENT: an id is never given out twice, even after a delete.
        return template.format(bytes="BLOB", serial="INTEGER PRIMARY KEY AUTOINCREMENT")
    return template.format(bytes="BYTEA", serial="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")

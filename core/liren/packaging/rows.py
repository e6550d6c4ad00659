# SPDX-License-Identifier: Apache-2.0
"""Rows as lines of JSON, and back: what JSON has no word for is an object, ``{"date": "2026-11-02"}``. Pure."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from liren.packaging.errors import BadExport

_READ: dict[str, Callable[[Any], Any]] = {
    "bytes": lambda text: b64decode(text, validate=True),
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: timedelta(seconds=seconds),
    "decimal": Decimal,
    "uuid": UUID,
}


def line(columns: Sequence[str], row: Sequence[Any]) -> bytes:
    """One row, with the newline."""
    return msgspec.json.encode({name: _out(value) for name, value in zip(columns, row, strict=True)}) + b"\n"


def row(columns: Sequence[str], text: bytes) -> tuple[Any, ...]:
    """:raises BadExport: not a row of these columns"""
    try:
        found = msgspec.json.decode(text, type=dict[str, Any])
        if set(found) != set(columns):
            raise ValueError("other columns")
        return tuple(_in(found[name]) for name in columns)
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise BadExport(
            "导出文件里有一行读不懂，什么都没有恢复。请换一份导出文件。",
            f"A row of the export cannot be read ({error}); nothing was restored. Use another copy of the export.",
        ) from error


def _out(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes() | memoryview():
            return {"bytes": b64encode(value).decode()}
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
        case Decimal():
            return {"decimal": str(value)}
        case UUID():
            return {"uuid": str(value)}
        case list() | tuple():
            return [_out(one) for one in value]
    raise BadExport(
        f"有一种数据导不出来（{type(value).__name__}），没有导出。请联系模块作者。",
        f"There is a kind of value no export knows ({type(value).__name__}); nothing was exported. Tell the author.",
    )


def _in(value: Any) -> Any:
    if isinstance(value, list):
        return [_in(one) for one in value]
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return _READ[kind](text)
    return value

# SPDX-License-Identifier: Apache-2.0
"""One field of a form: which type and limits its Struct declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec

from liren.web.uploads import MAX_BYTES, Upload

MAX_TEXT = 2_000
"""Characters in a text field that declares no limit of its own."""
MAX_INT = 2**53 - 1
Fen = Annotated[int, msgspec.Meta(extra={"fen": True})]
"""An amount of money: an int of 分 in the Struct, yuan in its field (``12.50``). Limits stay in 分."""


class _Missing(Enum):
    MISSING = 0


MISSING: Final = _Missing.MISSING


@dataclass(frozen=True, slots=True)
class Field:
    """What a Struct says about one of its fields."""

    name: str
    kind: type
    """str, int, bool, date, time, Upload, an Enum, or str for a Literal."""
    title: str
    many: bool
    optional: bool
    """None is a value of the field."""
    needed: bool
    default: Any
    options: tuple[Any, ...]
    """Members of an Enum, values of a Literal; empty for free text."""
    limits: Mapping[str, Any]
    kinds: tuple[str, ...]
    fen: bool = False
    """An int of 分 that people write in yuan."""
    megabytes: int = MAX_BYTES // 1024 // 1024
    """How large a file may be: ``Meta(extra={"megabytes": 40})``."""
    secret: bool = False
    """Never put down in a draft (a password, a code)."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """Value → what it is called, ``Meta(extra={"choices": …})``: for forms made from the Struct alone."""


Maker = Callable[[], Any]


def fields_of(struct: type[msgspec.Struct]) -> list[Field]:
    """Read once for each Struct; an unsupported type is a programmer's error and raises.

    What a ``default_factory`` makes is made anew each time: it may be today, or a list.
    """
    return [one if make is None else replace(one, default=make()) for one, make in _declared(struct)]


@lru_cache(maxsize=1024)
def _declared(struct: type[msgspec.Struct]) -> tuple[tuple[Field, Maker | None], ...]:
    """Each field, and what makes its default where that is not a value."""
    infos = msgspec.structs.fields(struct)
    return tuple((_field(info), _factory(info)) for info in infos)


def _factory(info: msgspec.structs.FieldInfo) -> Maker | None:
    return None if info.default_factory is msgspec.NODEFAULT else info.default_factory


def _field(info: msgspec.structs.FieldInfo) -> Field:
    declared, metas = info.type, []
    optional = many = False
    while True:
        origin = get_origin(declared)
        if origin is Annotated:
            declared, *more = get_args(declared)
            metas += [meta for meta in more if isinstance(meta, msgspec.Meta)]
        elif origin in (Union, UnionType) and type(None) in get_args(declared):
            (declared,) = [one for one in get_args(declared) if one is not type(None)]
            optional = True
        elif origin in (list, tuple):
            declared, many = get_args(declared)[0], True
        else:
            break
    options: tuple[Any, ...] = ()
    if get_origin(declared) is Literal:
        options, declared = get_args(declared), str
    elif isinstance(declared, type) and issubclass(declared, Enum):
        options = tuple(declared)
    if not (isinstance(declared, type) and (declared in {str, int, bool, date, time, Upload} or options)):
        raise TypeError(f"form field {info.name!r} has type {info.type!r}, which no form field can hold")
    default: Any = MISSING if info.default is msgspec.NODEFAULT else info.default
    made = _factory(info) is not None
    names = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")
    limits = {n: getattr(m, n) for m in metas for n in names if getattr(m, n) is not None}
    extra: dict[str, Any] = {key: value for m in metas for key, value in (m.extra or {}).items()}
    title = next((m.title for m in metas if m.title), info.name)
    needed = (
        not optional and declared is not bool and ((default is MISSING and not made) or bool(limits.get("min_length")))
    )
    kinds = tuple(extra.get("kinds", ()))
    fen = bool(extra.get("fen"))
    secret = bool(extra.get("secret"))
    most = int(extra.get("megabytes", MAX_BYTES // 1024 // 1024))
    choices = dict(extra.get("choices", {}))
    return Field(
        info.name, declared, title, many, optional, needed, default, options, limits, kinds, fen, most, secret, choices
    )

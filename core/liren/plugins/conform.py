# SPDX-License-Identifier: Apache-2.0
"""Whether what a plugin returned is what the hook's annotation promises: the annotations are the one truth."""

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Sequence
from typing import Any

from liren import hookspecs


@functools.cache
def returns(hook: str) -> Any:
    """The annotated return type of a hook."""
    return typing.get_type_hints(getattr(hookspecs, hook))["return"]


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """(name, annotation) of each field of one of our dataclasses."""
    return tuple(typing.get_type_hints(kind, localns={"Context": Any}).items())


def conforms(value: object, annotation: Any) -> bool:
    """For the shapes hookspecs and their types use; what is neither of them is not looked into (callables).

    Looks inside our dataclasses too: a figure whose value is a text would break the page, not its plugin.
    """
    if annotation is None or annotation is type(None):
        return value is None
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return any(conforms(value, one) for one in args)
    if origin is typing.Literal:
        return value in args
    if origin is type:
        return isinstance(value, type) and issubclass(value, args[0])
    if origin in (Sequence, tuple):
        return isinstance(value, (list, tuple)) and all(conforms(one, args[0]) for one in value)
    if not isinstance(annotation, type):
        return True
    if annotation is float:
        return isinstance(value, (int, float))
    if not isinstance(value, annotation):
        return False
    ours = annotation.__module__ == "liren.plugins.types" and dataclasses.is_dataclass(annotation)
    return not ours or all(conforms(getattr(value, name), one) for name, one in _fields(annotation))


def named(annotation: Any) -> str:
    """The annotation as an author would write it."""
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return "None" if annotation is type(None) else annotation.__name__
    return re.sub(r"(?:\w+\.)+", "", str(annotation))

# SPDX-License-Identifier: Apache-2.0
"""Whether what a plugin returned is what the hook's annotation promises: the annotations are the one truth."""

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


def conforms(value: object, annotation: Any) -> bool:
    """For the few shapes hookspecs use: classes, ``X | Y``, ``type[X]``, ``Sequence[X]``, None."""
    if annotation is None or annotation is type(None):
        return value is None
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return any(conforms(value, one) for one in args)
    if origin is type:
        return isinstance(value, type) and issubclass(value, args[0])
    if origin is Sequence:
        return isinstance(value, (list, tuple)) and all(conforms(one, args[0]) for one in value)
    return isinstance(value, annotation)


def named(annotation: Any) -> str:
    """The annotation as an author would write it."""
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return "None" if annotation is type(None) else annotation.__name__
    return re.sub(r"(?:\w+\.)+", "", str(annotation))

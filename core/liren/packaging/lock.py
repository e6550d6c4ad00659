# SPDX-License-Identifier: Apache-2.0
"""What the core itself stands on: installed now, and never changed for the sake of a module."""

from collections.abc import Mapping
from importlib import metadata

from packaging.utils import canonicalize_name
from packaging.version import Version

from liren.packaging.errors import DoesNotFit
from liren.packaging.shelf import requirements
from liren.packaging.wheels import Wheel
from liren.plugins.manifest import set_aside

CORE = "liren"


def installed() -> dict[str, metadata.Distribution]:
    """Every distribution of this environment, by its normal name; the one that imports is the one that counts."""
    found: dict[str, metadata.Distribution] = {}
    for one in metadata.distributions():
        if one.metadata["Name"] and not set_aside(one):
            found.setdefault(canonicalize_name(one.metadata["Name"]), one)
    return found


def core_lock(here: Mapping[str, metadata.Distribution]) -> dict[str, Version]:
    """The core and everything it needs, directly or through others, at the versions installed now."""
    lock: dict[str, Version] = {}
    waiting = [CORE]
    while waiting:
        name = waiting.pop()
        if name not in lock and name in here:
            lock[name] = Version(here[name].version)
            waiting += [canonicalize_name(r.name) for r in requirements(list(here[name].requires or []))]
    return lock


def check_needs(one: Wheel, at_hand: Mapping[str, list[Wheel]], here: Mapping[str, metadata.Distribution]) -> None:
    """Whether what the wheel asks for is installed or at hand, without touching the core's.

    :raises DoesNotFit: in words, before pip says it in its own
    """
    lock = core_lock(here)
    for need in requirements(one.needs()):
        name = canonicalize_name(need.name)
        if name in lock:
            if not need.specifier.contains(lock[name], prereleases=True):
                raise DoesNotFit(
                    f"{one.name} 需要 {need}，里仁自己用的是 {name} {lock[name]}，不会为模块更换。请找适合的模块版本。",
                    f"{one.name} needs {need}; Liren itself runs on {name} {lock[name]}, which no module changes. "
                    "Look for a version of the module that fits.",
                )
            continue
        versions = [w.version for w in at_hand.get(name, []) if w.runs_here]
        versions += [Version(here[name].version)] if name in here else []
        if not any(need.specifier.contains(version, prereleases=True) for version in versions):
            raise DoesNotFit(
                f"{one.name} 需要 {need}，这里没有。请把它的安装包（.whl）放进目录，重新 build 和 sign，再安装。",
                f"{one.name} needs {need}, which is not at hand. Put its wheel into the index folder, "
                "build and sign the index again, then install.",
            )


def broken_by(planned: Mapping[str, Version], here: Mapping[str, metadata.Distribution]) -> list[str]:
    """``<distribution>: <requirement>`` of what is installed and would no longer be met. Pure."""
    broken = []
    for name, one in here.items():
        if name in planned:
            continue
        for need in requirements(list(one.requires or [])):
            version = planned.get(canonicalize_name(need.name))
            if version is not None and not need.specifier.contains(version, prereleases=True):
                broken.append(f"{name}: {need}")
    return sorted(broken)

# SPDX-License-Identifier: Apache-2.0
"""Finds modules on a shelf by what their manifests say."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

from liren.errors import LirenError
from liren.packaging.shelf import Shelf
from liren.packaging.wheels import newest


@dataclass(frozen=True, slots=True)
class Hit:
    plugin: str
    title: str
    summary: str
    distribution: str
    version: str
    installed: str
    """The version that is installed; empty where none is."""


def search(shelf: Shelf, words: Sequence[str]) -> list[Hit]:
    """The newest version of every module whose id, title, summary or distribution has all the words."""
    usable = shelf.usable()
    hits = []
    for name in sorted({one.name for one in usable}):
        best = newest(one for one in usable if one.name == name)
        if best is None:
            continue
        try:
            shelf.check(best)
            found = best.manifests()
        except LirenError:
            continue  # installing it would say why
        for its in found:
            text = f"{its.id} {its.title} {its.summary} {best.name}".lower()
            if all(word.lower() in text for word in words):
                hits.append(Hit(its.id, its.title, its.summary, best.name, str(best.version), _installed(best.name)))
    return hits


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""

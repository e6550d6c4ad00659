# SPDX-License-Identifier: Apache-2.0
"""A wheel as it lies in a folder: read without installing it and without running any of it."""

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import cast

from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from liren.packaging.errors import BadWheel
from liren.plugins import manifest
from liren.plugins.manifest import Found, Manifest

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file ``<name>-<version>-<tags>.whl``."""

    path: Path
    name: str
    """Of the distribution, in the normal form of PEP 503."""
    version: Version

    @property
    def runs_here(self) -> bool:
        """Whether its tags (PEP 425) allow this Python on this machine."""
        tags = parse_wheel_filename(self.path.name)[3]
        return any(tag in tags for tag in sys_tags())

    def sha256(self) -> str:
        """Of the file, in hexadecimal."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def metadata(self) -> Message:
        """:raises BadWheel: not a wheel inside"""
        return cast(Message, self._distribution().metadata)

    def needs(self) -> list[str]:
        """``Requires-Dist``, as written."""
        return list(self._distribution().requires or [])

    def plugins(self) -> list[Found]:
        """The plugins in it, each with the folder of its package inside the wheel."""
        entries = self._distribution().entry_points.select(group=manifest.GROUP)
        root = zipfile.Path(self.path)
        return [
            Found(self.name, str(self.version), entry.name, entry.value, cast(Path, root / entry.module.split(".")[0]))
            for entry in sorted(entries, key=lambda e: e.name)
        ]

    def manifests(self) -> list[Manifest]:
        """:raises PluginRefused: one of them is unreadable or not for this version of the contract"""
        return [manifest.read(found) for found in self.plugins()]

    def _distribution(self) -> PathDistribution:
        try:
            root = zipfile.Path(self.path)
            infos = [entry for entry in root.iterdir() if entry.name.endswith(".dist-info")]
            found = PathDistribution(infos[0])
            if len(infos) != 1 or canonicalize_name(found.name) != self.name or Version(found.version) != self.version:
                raise _bad(self.path)
        except (OSError, zipfile.BadZipFile, IndexError, KeyError, ValueError, TypeError) as error:
            raise _bad(self.path) from error
        return found


def wheel(path: Path) -> Wheel:
    """:raises BadWheel: there is no such file, or its name is not that of a wheel"""
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise _bad(path) from error
    if not path.is_file():
        raise BadWheel(f"没有文件 {path}。请核对路径。", f"There is no file {path}. Check the path.")
    return Wheel(path, name, version)


def wheels_in(folder: Path) -> list[Wheel]:
    """:raises BadWheel: there is no such folder, or a file that ends in ``.whl`` and is none"""
    if not folder.is_dir():
        raise BadWheel(f"没有目录 {folder}。请核对路径。", f"There is no folder {folder}. Check the path.")
    # A name that begins with a dot is what some machines leave beside the files they copy.
    return [wheel(path) for path in sorted(folder.glob("*.whl")) if not path.name.startswith(".")]


def newest(wheels: Iterable[Wheel]) -> Wheel | None:
    """The highest version that runs here; one marked as a preview only where there is nothing else."""
    usable = [one for one in wheels if one.runs_here]
    return max(usable, key=lambda w: (not w.version.is_prerelease, w.version), default=None)


def _bad(path: Path) -> BadWheel:
    return BadWheel(
        f"{path.name} 不是完整的安装包（.whl）。请重新向发布者要一份。",
        f"{path.name} is not a complete wheel. Ask whoever publishes it for another copy.",
    )

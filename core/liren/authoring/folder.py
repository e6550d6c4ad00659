# SPDX-License-Identifier: Apache-2.0
"""The folder an author works in: which module it is, and how it is found without being installed."""

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from liren.errors import LirenError
from liren.plugins import manifest
from liren.testing.site import Site

OWN = ".liren"
"""Holds what belongs to one author's machine: the street, and the metadata an installer would write."""


class NoPluginHere(LirenError):
    """The folder is not a module's, or holds several."""

    code = "no-plugin-here"


@dataclass(frozen=True, slots=True)
class PluginFolder:
    """A module's source folder, the one that holds ``pyproject.toml``."""

    path: Path
    plugin: str

    @property
    def own(self) -> Path:
        return self.path / OWN

    def put_on_path(self) -> None:
        """Let this process find the module here, whether it is installed or not."""
        site = Site(self.own / "site")
        for old in site.path.glob("*.dist-info"):
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
        site.refer(self.path)
        sys.path[:0] = [str(self.path), str(site.path)]


def find(folder: Path) -> PluginFolder:
    """The module in ``folder``, or in the only ``liren-*`` folder in it.

    :raises NoPluginHere: there is none, or there are several
    """
    if (plugin := _plugin_of(folder)) is not None:
        return PluginFolder(folder.resolve(), plugin)
    inside = [(path, plugin) for path in sorted(folder.glob("liren-*")) if (plugin := _plugin_of(path)) is not None]
    if len(inside) == 1:
        return PluginFolder(inside[0][0].resolve(), inside[0][1])
    if inside:
        names = ", ".join(path.name for path, _ in inside)
        raise NoPluginHere(
            f"这里有几个模块：{names}。请说明是哪一个，例如 liren dev {inside[0][0].name}。",
            f"There are several modules here: {names}. Say which one, e.g. liren dev {inside[0][0].name}.",
        )
    raise NoPluginHere(
        f"{folder.resolve()} 里没有模块。请到模块的文件夹里运行，或先用 liren plugin new 写一个。",
        f"There is no module in {folder.resolve()}. Run this in its folder, or write one: liren plugin new NAME.",
    )


def _plugin_of(folder: Path) -> str | None:
    """Its id as ``pyproject.toml`` has it; None where the folder is no module's.

    :raises NoPluginHere: the file cannot be read
    """
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("project", {})
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise NoPluginHere(
            f"{folder / 'pyproject.toml'} 读不懂：{error}。请改正后再试。",
            f"{folder / 'pyproject.toml'} cannot be read: {error}. Mend it and try again.",
        ) from error
    entries = project.get("entry-points", {}).get(manifest.GROUP, {})
    return next(iter(entries), None)

# SPDX-License-Identifier: Apache-2.0
"""Installs a plugin's folder into a folder of its own, as an installer would lay it out, without building a wheel.

Good for tests that start a street with just these plugins: put :attr:`Site.path` on ``PYTHONPATH``.
"""

import shutil
import tomllib
from pathlib import Path

Entries = dict[str, dict[str, str]]
"""Group → name → target."""


def _project(folder: Path) -> tuple[str, str, Entries]:
    """(name, version, entry points) as ``pyproject.toml`` has them."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["name"]), str(project.get("version", "1.0")), project.get("entry-points", {})


class Site:
    """A folder to be put on ``sys.path``: packages, and beside each the metadata that names its entry points."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def install(self, folder: Path) -> str:
        """Install the distribution whose ``pyproject.toml`` lies in ``folder``.

        :returns: its name
        """
        name, version, entries = _project(folder)
        for package in sorted(folder.iterdir()):
            if package.is_dir() and package.name.isidentifier() and package.name != "tests":
                shutil.copytree(package, self.path / package.name, ignore=shutil.ignore_patterns("__pycache__"))
        self._metadata(name, version, entries)
        return name

    def refer(self, folder: Path) -> str:
        """Name the distribution in ``folder`` without copying it; ``folder`` goes on the path beside :attr:`path`.

        :returns: its name
        """
        name, version, entries = _project(folder)
        self._metadata(name, version, entries)
        return name

    def write(self, name: str, files: dict[str, str], *, version: str = "1.0", entry: str | None = None) -> str:
        """Install a distribution given as text.

        :param name: of the distribution and, with ``_`` for ``-``, of its package
        :param files: path inside the package → content
        :param entry: entry point as ``name = target``; the package under the part after ``liren-`` where not said
        """
        package = name.replace("-", "_")
        for path, content in files.items():
            target = self.path / package / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, "utf-8")
        key, _, value = (entry or f"{name.removeprefix('liren-')} = {package}").partition("=")
        self._metadata(name, version, {"liren.plugins": {key.strip(): value.strip()}})
        return package

    def _metadata(self, name: str, version: str, groups: Entries) -> None:
        info = self.path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
        lines = []
        for group, entries in groups.items():
            lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")

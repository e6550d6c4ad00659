# SPDX-License-Identifier: Apache-2.0
"""Installs a plugin's folder into a folder of its own, as an installer would lay it out, without building a wheel.

Good for tests that start a street with just these plugins: put :attr:`Site.path` on ``PYTHONPATH``.
"""

import shutil
import tomllib
from pathlib import Path


class Site:
    """A folder to be put on ``sys.path``: packages, and beside each the metadata that names its entry points."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def install(self, folder: Path) -> str:
        """Install the distribution whose ``pyproject.toml`` lies in ``folder``.

        :returns: its name
        """
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        name, version = project["name"], project.get("version", "1.0")
        for package in sorted(folder.iterdir()):
            if package.is_dir() and package.name.isidentifier() and package.name != "tests":
                shutil.copytree(package, self.path / package.name, ignore=shutil.ignore_patterns("__pycache__"))
        self._metadata(name, version, project.get("entry-points", {}))
        return str(name)

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

    def _metadata(self, name: str, version: str, groups: dict[str, dict[str, str]]) -> None:
        info = self.path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
        lines = []
        for group, entries in groups.items():
            lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")

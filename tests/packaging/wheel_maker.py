# SPDX-License-Identifier: Apache-2.0
"""Small real wheels, written in a moment: what a build tool would make of a folder."""

import base64
import hashlib
import zipfile
from pathlib import Path

MANIFEST = """api = "1.0"
id = "{id}"
title = "{title}"
summary = "{summary}"
requires = {requires}
"""


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: dict[str, str] | None = None,
    plugin: str | None = None,
    title: str = "小模块",
    summary: str = "试一试",
    requires: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Path:
    """A pure Python wheel of a plugin; ``plugin=""`` makes one of an ordinary library.

    :param files: path inside the package → content, beside ``liren.toml``
    :param requires: plugin ids
    :param needs: ``Requires-Dist`` lines
    """
    package = name.replace("-", "_")
    key = name.removeprefix("liren-").replace("-", "") if plugin is None else plugin
    content = {f"{package}/__init__.py": ""} | {f"{package}/{path}": text for path, text in (files or {}).items()}
    info = f"{package}-{version}.dist-info"
    if key:
        wanted = "[" + ", ".join(f'"{one}"' for one in requires) + "]"
        content.setdefault(
            f"{package}/liren.toml", MANIFEST.format(id=key, title=title, summary=summary, requires=wanted)
        )
        content[f"{info}/entry_points.txt"] = f"[liren.plugins]\n{key} = {package}\n"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {n}" for n in needs)]
    content[f"{info}/METADATA"] = "\n".join(metadata) + "\n"
    content[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    lines = []
    for path, text in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(text.encode())}")
    content[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{package}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return target

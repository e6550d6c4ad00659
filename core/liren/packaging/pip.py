# SPDX-License-Identifier: Apache-2.0
"""pip, kept on a short lead: this environment, no network, no settings of its own, only the files it is given."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.version import Version

from liren.packaging.errors import DoesNotFit

LIMIT_S = 600
_LEAD = ("--isolated", "--disable-pip-version-check", "--no-input", "--quiet")


def plan(wheel: Path, links: Path, lock: Mapping[str, Version], folder: Path) -> list[Path]:
    """The files pip would install for ``wheel``: itself, and what it needs and is not installed.

    :param links: the only folder looked into
    :param lock: distributions that stay at these versions
    :raises DoesNotFit: what it needs is not there, or does not go with what is
    """
    constraints, report = folder / "constraints.txt", folder / "report.json"
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in sorted(lock.items())))
    _run(
        *("install", "--dry-run", "--report", str(report), "--no-index", "--find-links", str(links)),
        *("--constraint", str(constraints), str(wheel)),
    )
    items = json.loads(report.read_text("utf-8"))["install"]
    return [Path(unquote(urlsplit(item["download_info"]["url"]).path)) for item in items]


def install(wheels: Sequence[Path], *, into: Path | None = None) -> None:
    """Install just these files, over whatever version is there.

    :param into: a folder instead of this environment
    """
    where = ("--target", str(into)) if into is not None else ("--force-reinstall",)
    _run("install", "--no-index", "--no-deps", "--no-warn-script-location", *where, *map(str, wheels))


def uninstall(distribution: str) -> None:
    _run("uninstall", "--yes", distribution)


def tidy(distribution: str) -> None:
    """Delete what a killed pip left of it: metadata without a list of files, folders set aside."""
    site = Path(sysconfig.get_paths()["purelib"])
    stem = distribution.lower().replace("-", "_").replace(".", "_")
    for info in site.glob("*.dist-info"):
        if info.name.lower().startswith(f"{stem}-") and not (info / "RECORD").exists():
            shutil.rmtree(info, ignore_errors=True)
    for aside in site.glob("~*"):  # a few first letters are replaced
        rest = aside.name.lstrip("~-.=%0123456789").lower()
        if any(rest == stem[cut:] or rest.startswith(f"{stem[cut:]}-") for cut in range(1, 5)):
            shutil.rmtree(aside, ignore_errors=True)


def build(project: Path, into: Path) -> Path:
    """A wheel of a project folder, with the build tools that are installed.

    :raises DoesNotFit: it does not build
    """
    _run("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(into), str(project))
    return next(into.glob("*.whl"))


def _run(*arguments: str) -> None:
    """:raises DoesNotFit: pip said no; its last words are kept"""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    env["PIP_CONFIG_FILE"] = os.devnull
    command = [sys.executable, "-m", "pip", arguments[0], *_LEAD, *arguments[1:]]
    # The arguments are our own words and paths of files that were checked.
    done = subprocess.run(  # noqa: S603
        command, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith(("ERROR", "error"))]
        words = " ".join(said or done.stderr.splitlines()[-3:])[:600]
        raise DoesNotFit(
            f"pip 没有做成（{words}）。现有的模块没有改动。",
            f"pip did not manage ({words}). What is installed has not been changed.",
        )

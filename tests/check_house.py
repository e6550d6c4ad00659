# SPDX-License-Identifier: Apache-2.0
"""The house rules no other tool knows: complete English, pages without inline script or style, headers in place.

Prints one line a finding and exits with 1 if there is any; long files are only reported.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from liren.testing.house import check_python, check_template
from liren.web.i18n import read_messages
from liren.web.strings import Finding, misplaced, missing

ROOT = Path(__file__).resolve().parent.parent
LONG = 300
SOURCES = {".py", ".html", ".css", ".js"}
MARKUP_HOME = ROOT / "core/liren/web/html.py"
AUTHORING = ROOT / "core/liren/authoring"
"""Holds a module of its own, the one that new modules are copied from."""
SPDX = "SPDX-License-Identifier: Apache-2.0"


def tracked() -> list[Path]:
    """Files of the repository, also those not committed yet; without third-party ones."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    paths = [ROOT / line for line in listed if "/vendor/" not in line]
    return [path for path in paths if path.is_file()]


def packages() -> Iterator[tuple[Path, bool]]:
    """(package folder, whether it belongs to the core)"""
    for path in sorted((ROOT / "core/liren").iterdir()):
        if path.is_dir() and (path / "__init__.py").exists() and path != AUTHORING:
            yield path, True
    yield from ((path.parent, False) for path in AUTHORING.glob("starter/*/*/__init__.py"))
    for kind in ("plugins", "themes"):
        for path in sorted((ROOT / kind).glob("*/liren_*")):
            if path.is_dir() and (path / "__init__.py").exists():
                yield path, False


def check_strings() -> Iterator[Finding]:
    every = list(packages())
    core = {}
    for package, is_core in every:
        if is_core:
            core.update(read_messages(package / "locale/en.po"))
    for package, _ in every:
        yield from missing(package, core)
        yield from misplaced(package)


def check_file(path: Path) -> Iterator[Finding]:
    if path.suffix in SOURCES and SPDX not in path.read_text("utf-8")[:200]:
        yield Finding(path, 1, f"the first line is missing: {SPDX}")
    if "templates" in path.parts and path.is_relative_to(ROOT):
        yield from check_template(path)
    elif path.suffix == ".py" and path != MARKUP_HOME and "tests" not in path.relative_to(ROOT).parts:
        yield from check_python(path)


def main() -> int:
    paths = tracked()
    findings = [finding for path in paths for finding in check_file(path)]
    findings += check_strings()
    for finding in findings:
        print(f"{finding.path.relative_to(ROOT)}:{finding.line}: {finding.text}")
    long = {path: len(path.read_text("utf-8").splitlines()) for path in paths if path.suffix == ".py"}
    for path, lines in sorted(long.items(), key=lambda item: -item[1]):
        if lines > LONG:
            print(f"note: {path.relative_to(ROOT)} has {lines} lines; is it one idea?")
    print(f"house: {len(findings)} findings in {len(paths)} files")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

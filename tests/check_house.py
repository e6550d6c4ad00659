# SPDX-License-Identifier: Apache-2.0
"""The house rules no other tool knows: complete English, pages without inline script or style, headers in place.

Prints one line a finding and exits with 1 if there is any; long files are only reported.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from liren.web.i18n import read_messages
from liren.web.strings import Finding, bare, misplaced, missing

ROOT = Path(__file__).resolve().parent.parent
LONG = 300
SOURCES = {".py", ".html", ".css", ".js"}
MARKUP_HOME = ROOT / "core/liren/web/html.py"
AUTHORING = ROOT / "core/liren/authoring"
"""Holds a module of its own, the one that new modules are copied from."""
SPDX = "SPDX-License-Identifier: Apache-2.0"

FORBIDDEN = (
    (re.compile(r"\|\s*safe\b"), "|safe lets unescaped text through: build fragments with liren.web.element"),
    (re.compile(r"\bMarkup\b"), "Markup in a template"),
    (re.compile(r"autoescape\s+false"), "autoescape switched off"),
    (re.compile(r"<[^>]*\son\w+\s*=", re.S), "an inline handler; the content security policy would drop it"),
    (re.compile(r"<[^>]*\sstyle\s*=", re.S), "an inline style; the content security policy would drop it"),
    (re.compile(r"<style\b"), "an inline style sheet"),
    (re.compile(r"<script\b(?![^>]*\ssrc=)"), "an inline script"),
    (re.compile(r"javascript:", re.I), "a javascript: address"),
    (re.compile(r"\b(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"), "an address of another site"),
    (re.compile(r"\bhx-(?:on|vals)\b"), "htmx that needs eval"),
)


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


def check_template(path: Path) -> Iterator[Finding]:
    text = path.read_text("utf-8")
    if path.suffix != ".html":
        yield Finding(path, 0, "templates end in .html, or jinja does not escape them")
        return
    for pattern, why in FORBIDDEN:
        for match in pattern.finditer(text):
            yield Finding(path, text.count("\n", 0, match.start()) + 1, why)
    yield from bare(path)


def check_python(path: Path) -> Iterator[Finding]:
    if path == MARKUP_HOME or "tests" in path.relative_to(ROOT).parts:
        return
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if re.search(r"(?<![\w`])Markup\(", line):
            yield Finding(path, number, "Markup( belongs in liren/web/html.py alone: use liren.web.element")


def check_file(path: Path) -> Iterator[Finding]:
    if path.suffix in SOURCES and SPDX not in path.read_text("utf-8")[:200]:
        yield Finding(path, 1, f"the first line is missing: {SPDX}")
    if "templates" in path.parts and path.is_relative_to(ROOT):
        yield from check_template(path)
    elif path.suffix == ".py":
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

# SPDX-License-Identifier: Apache-2.0
"""``make bench``: every measure, a table on the screen and in ``docs/benchmarks.md``.

A module with ``LONG`` is left out and asked for by name: ``make bench-city``, ``python -m tests.bench growth``.
"""

import importlib.util
import os
import platform
import sqlite3
import sys
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
MARK = "<!-- measured: written by make bench, do not edit below -->"
PARTS = {"city": "## A city\n", "growth": "## A log of a million\n"}
"""What ``python -m tests.bench NAME`` writes under a heading of its own."""
VERSIONS = ("litestar", "piccolo", "cryptography", "msgspec", "uvicorn", "uvloop", "asyncpg", "jinja2")


def modules(chosen: list[str]) -> list[Path]:
    found = sorted(Path(__file__).parent.glob("[!_]*.py"))
    return [path for path in found if not chosen or path.stem in chosen]


def main() -> None:
    sys.path.insert(0, str(ROOT))
    console = Console()
    rows = ["| measure | ours | beside (same run) | ratio | goal |", "|---|---|---|---|---|"]
    for path in modules(sys.argv[1:]):
        spec = importlib.util.spec_from_file_location(f"tests.bench.{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if not hasattr(module, "measures") or (hasattr(module, "LONG") and not sys.argv[1:]):
            continue  # a helper of other modules; or one that is asked for by name
        for m in module.measures():
            ratio = "" if m.ratio is None else f"{m.ratio:.2f}"
            console.print(f"{m.what}: {m.ours} · {m.beside} · {ratio} (goal {m.goal or '–'})")
            rows.append(f"| {m.what} | {m.ours} | {m.beside} | {ratio} | {m.goal} |")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    machine += f", SQLite {sqlite3.sqlite_version}"
    machine += "; " + ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    table = f"Machine: {machine}.\n\n" + "\n".join(rows) + "\n"
    before, _, measured = PAGE.read_text().partition(MARK)
    parts = split(measured)
    if not sys.argv[1:]:
        parts[""] = table
    elif len(sys.argv) == 2 and sys.argv[1] in PARTS:
        parts[sys.argv[1]] = table
    told = [PARTS.get(name, "") + ("\n" if name else "") + parts[name] for name in ("", *PARTS) if name in parts]
    PAGE.write_text(f"{before.rstrip()}\n\n{MARK}\n\n" + "\n".join(told))


def split(measured: str) -> dict[str, str]:
    """The measured part of the page by what wrote it: ``make bench`` under an empty name."""
    parts, name = {"": ""}, ""
    for line in measured.splitlines(keepends=True):
        headed = [part for part, heading in PARTS.items() if line == heading]
        if headed:
            name = headed[0]
            parts[name] = ""
        else:
            parts[name] += line
    return {part: text.strip() + "\n" for part, text in parts.items()}


if __name__ == "__main__":
    main()

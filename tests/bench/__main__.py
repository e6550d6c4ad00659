# SPDX-License-Identifier: Apache-2.0
"""``make bench``: every measure, a table on the screen and in ``docs/benchmarks.md``.

A module with ``LONG`` is left out and asked for by name: ``make bench-city``.
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
CITY = "## A city\n"
"""Begins the part that ``python -m tests.bench city`` writes."""
VERSIONS = ("litestar", "piccolo", "cryptography", "msgspec", "uvicorn", "asyncpg", "jinja2")


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
    short, _, city = measured.partition(CITY)
    if sys.argv[1:] == ["city"]:
        city = f"\n\n{table}"
    elif not sys.argv[1:]:
        short = f"\n\n{table}\n"
    PAGE.write_text(f"{before.rstrip()}\n\n{MARK}{short}" + (f"{CITY}{city}" if city else ""))


if __name__ == "__main__":
    main()

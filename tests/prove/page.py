# SPDX-License-Identifier: Apache-2.0
"""``docs/proof.md``, drawn from ``docs/proof.json``, where the results of every step are kept until it runs again."""

import os
import platform
from collections.abc import Iterator
from typing import Final

import msgspec

from tests.prove import TITLES, Kind
from tests.prove.faults import FAULTS, NOT_APPLICABLE, Fault
from tests.prove.steps import BOTH, ROOT, STEPS, Result

PAGE: Final = ROOT / "docs" / "proof.md"
KEPT: Final = ROOT / "docs" / "proof.json"
MISSING: Final = "**not shown**"
ABOUT: Final = """\
kill −9 ends a process; it is not the end of power to the disk, which is not tried here. Steps run two at a time, one
a core, so that times are not those of a quiet machine: speeds stand in `benchmarks.md`.
"""


class Proof(msgspec.Struct):
    """Everything the page is made from."""

    steps: dict[str, dict[str, Result]]
    """Name of the step → database → what came of it."""
    machine: str = ""
    whole: str = ""
    """When everything was last run in one go, and how long that took."""


def read() -> Proof:
    return msgspec.json.decode(KEPT.read_bytes(), type=Proof) if KEPT.exists() else Proof({})


def write(proof: Proof) -> None:
    proof.machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(proof), indent=1) + b"\n")
    whole = f"\nThe whole of it: {proof.whole}.\n" if proof.whole else ""
    text = f"# Proof\n\nWritten by `make prove`: {proof.machine}.\n{whole}\n{ABOUT}\n## Faults\n\n"
    text += "\n".join(faults(proof)) + "\n\n## What was run\n\n" + "\n".join(runs(proof)) + "\n"
    PAGE.write_text(text, "utf-8")


def faults(proof: Proof) -> Iterator[str]:
    yield "| fault | must happen | shown by | SQLite | PostgreSQL |"
    yield "|---|---|---|---|---|"
    for fault in FAULTS:
        cells = [cell(proof, fault, kind) for kind in BOTH]
        yield f"| {fault.what} | {fault.must} | {'<br>'.join(shown_by(proof, fault))} | {cells[0]} | {cells[1]} |"


def shown_by(proof: Proof, fault: Fault) -> list[str]:
    tests = {note["test"]: None for _, note in notes(proof, fault) if "test" in note}
    return [f"`{test}`" for test in tests]


def cell(proof: Proof, fault: Fault, kind: Kind) -> str:
    """The figures; where a test has none, that it held."""
    mine = [note for _, note in notes(proof, fault) if note["on"] == kind]
    tests = [note for note in mine if "test" in note]
    ran = {note["test"] for note in tests if not note.get("why")}  # in one step of two, where only one can
    said = [
        f"{note['test'].rpartition('::')[2]}: skipped, {note['why']}"
        for note in tests
        if note.get("why") and note["test"] not in ran
    ]
    held = [note for note in tests if not note.get("why")]
    if not held and not said:
        return NOT_APPLICABLE.get((fault.name, kind), MISSING)
    if broken := [note["test"].rpartition("::")[2] for note in held if not note["held"]]:
        return f"**failed**: {', '.join(broken)}"
    lines = [note["line"] for note in mine if "line" in note]
    held_line = f"{len(held)} tests hold" if len(held) > 1 else "holds"
    return "<br>".join([*lines, *said] if lines else [held_line, *said])


def notes(proof: Proof, fault: Fault) -> Iterator[tuple[str, dict[str, str]]]:
    for step in STEPS:
        for result in proof.steps.get(step.name, {}).values():
            yield from ((step.name, note) for note in result.notes if note.get("fault") == fault.name)


def runs(proof: Proof) -> Iterator[str]:
    yield "| name | proof | result | when |"
    yield "|---|---|---|---|"
    for step in STEPS:
        for kind, result in sorted(proof.steps.get(step.name, {}).items(), key=lambda item: item[0], reverse=True):
            on = f"{TITLES[kind]}: " if kind else ""
            lines = [note["line"] for note in result.notes if "line" in note]
            said = "<br>".join([f"{on}{result.count}", *lines])
            yield f"| {step.name} | {step.what} | {said} | {result.day}, {result.minutes:.1f} min |"


def incomplete(proof: Proof) -> list[str]:
    """Cells of the matrix with nothing in them, or with something that failed."""
    return [
        f"{fault.name}, {TITLES[kind]}"
        for fault in FAULTS
        for kind in BOTH
        if cell(proof, fault, kind).startswith("**")
    ]

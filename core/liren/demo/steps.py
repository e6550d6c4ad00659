# SPDX-License-Identifier: Apache-2.0
"""How far a demo street is: ``demo.json`` in its home, so that a city whose making was killed goes on where it stopped.

A step is noted after its work: killed in between, it is done again, so every step's work can be repeated.
"""

import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

MARKER = "demo.json"

Scale = Literal["street", "city"]


@dataclass(slots=True)
class Steps:
    """``ready`` once all is done."""

    path: Path
    scale: Scale = "street"
    ready: bool = False
    done: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, home: Path) -> Self | None:
        """None where no demo street was begun."""
        path = home / MARKER
        if not path.exists():
            return None
        kept = json.loads(path.read_text())
        return cls(path, kept.get("scale", "street"), kept["state"] == "ready", set(kept.get("done", ())))

    @classmethod
    def begin(cls, home: Path, scale: Scale) -> Self:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        steps = cls(home / MARKER, scale)
        steps._write()
        return steps

    def finish(self) -> None:
        self.ready = True
        self._write()

    async def step(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do the work, unless an earlier run did it to the end."""
        if name in self.done:
            return
        await work()
        self.done.add(name)
        self._write()

    def _write(self) -> None:
        state = "ready" if self.ready else "started"
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps({"state": state, "scale": self.scale, "done": sorted(self.done)}) + "\n")
        os.replace(beside, self.path)

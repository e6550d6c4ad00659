# SPDX-License-Identifier: Apache-2.0
"""The tutorial does what it says: every command and every block of ``first-plugin.md``, in order, as printed."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from liren.testing.patience import PATIENCE_S, wait_until
from tests.docs import DOCS
from tests.served import environment, free_port

PAGE = DOCS / "plugins/first-plugin.md"
BLOCK = re.compile(r"^`(?P<path>[\w./-]+\.\w+)`$|^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


class Reader:
    """Somebody who does what the page says: a folder, two terminals, an editor."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self.port = free_port()
        bin_first = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
        # The starter's own tests run on both databases elsewhere.
        own = {"PORT": str(self.port), "PATH": bin_first, "LIREN_TEST_DATABASES": "sqlite"}
        self.env = environment(where / "not-used", **own)
        self.serving: subprocess.Popen[bytes] | None = None
        self.said: dict[str, str] = {}

    def type(self, command: str) -> None:
        words = shlex.split(command)
        if words[0] == "cd":
            self.where = self.where / words[1]
        elif words == ["liren", "dev"]:
            log = (self.where.parent / "terminal").open("w")
            self.serving = subprocess.Popen(words, cwd=self.where, env=self.env, stdout=log, stderr=log)
            self.sees("/noticeboard", "还没有内容")
        else:
            done = subprocess.run(
                words, cwd=self.where, env=self.env, capture_output=True, text=True, timeout=PATIENCE_S * 3
            )
            assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
            self.said[command] = done.stdout

    def change(self, path: str, diff: str) -> None:
        """Lines with a minus become lines with a plus; the others only say where."""
        lines = diff.splitlines()
        old = "\n".join(line[1:] for line in lines if line[:1] != "+")
        new = "\n".join(line[1:] for line in lines if line[:1] != "-")
        file = self.where / path
        text = file.read_text("utf-8")
        assert text.count(old) == 1, f"{path} does not hold once:\n{old}"
        file.write_text(text.replace(old, new), "utf-8")

    def sees(self, path: str, words: str) -> None:
        def says() -> bool:
            try:
                url = f"http://127.0.0.1:{self.port}{path}"
                return words in httpx.get(url, follow_redirects=True, timeout=PATIENCE_S).text
            except httpx.TransportError:
                return False

        wait_until(says, lambda: (self.where.parent / "terminal").read_text("utf-8"))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    yield reader
    if reader.serving is not None:
        reader.serving.terminate()
        reader.serving.wait(PATIENCE_S)


@pytest.mark.slow
def test_the_first_plugin_is_made_as_the_page_says(reader: Reader) -> None:
    path, done = "", {"sh": 0, "diff": 0, "python": 0}
    for block in BLOCK.finditer(PAGE.read_text("utf-8")):
        kind, text = block["kind"], block["text"]
        if kind is None:
            path = block["path"]
        elif kind == "sh":
            for command in text.splitlines():
                reader.type(command)
        elif kind == "diff":
            reader.change(path, text)
        else:
            assert not (reader.where / path).exists()
            (reader.where / path).write_text(text, "utf-8")
        if kind:
            done[kind] += 1
    assert done == {"sh": 3, "diff": 11, "python": 1}
    assert re.search(r"\d+ passed", reader.said["pytest"])
    assert "failed" not in reader.said["pytest"]
    assert "noticeboard" in reader.said["liren plugin check dist/liren_noticeboard-0.1.0-py3-none-any.whl"]
    reader.sees("/noticeboard", "还没有内容")  # the second migration ran, and the changed plugin serves

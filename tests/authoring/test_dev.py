# SPDX-License-Identifier: Apache-2.0
"""``liren dev``: from nothing to a page in two commands, reloaded on save, whatever is saved."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.served import LIREN, Client, Served, environment, free_port

from liren.authoring import folder, watch, write_plugin
from liren.authoring.dev import dev
from liren.authoring.folder import NoPluginHere
from liren.errors import Busy
from liren.testing.patience import PATIENCE_S, wait_until

MIGRATION = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Text
from piccolo.table import Table

ID = "0002"


class Note(Table, tablename="bulletin_note"):
    text = Text()


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="bulletin", description="notes")
    manager.add_raw(Note.create_table)
    return manager
"""


class Author:
    """Somebody at a terminal, with a browser beside it."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self.port = free_port()
        self.env = environment(where / "not-used", PORT=str(self.port))
        self.process: subprocess.Popen[str] | None = None

    def run(self, *command: str) -> None:
        subprocess.run([LIREN, *command], cwd=self.where, env=self.env, check=True, timeout=PATIENCE_S)

    def start(self, *command: str) -> None:
        with (self.where / "terminal").open("w") as out:
            self.process = subprocess.Popen(
                [LIREN, *command], cwd=self.where, env=self.env, stdout=out, stderr=out, text=True
            )

    def terminal(self) -> str:
        return (self.where / "terminal").read_text("utf-8")

    def page(self, path: str) -> str:
        """What the browser shows; nothing while the server is down."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", follow_redirects=True, timeout=PATIENCE_S).text
        except httpx.TransportError:
            return ""

    def until(self, seen: Callable[[], object], what: str) -> None:
        wait_until(seen, lambda: f"{what}\n{self.terminal()}")

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.where / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def author(tmp_path: Path) -> Iterator[Author]:
    author = Author(tmp_path)
    yield author
    if author.process is not None and author.process.poll() is None:
        author.process.terminate()
        author.process.wait(PATIENCE_S)


@pytest.mark.slow
def test_from_nothing_to_a_page_in_two_commands_and_every_save_shows(author: Author) -> None:
    began = time.monotonic()
    author.run("plugin", "new", "bulletin", "--title", "布告栏")
    author.start("dev")
    author.until(lambda: "还没有内容" in author.page("/bulletin"), "the plugin's page")
    print(f"\nfrom nothing to a page in the browser: {time.monotonic() - began:.1f} s")
    assert f"http://127.0.0.1:{author.port}/bulletin" in author.terminal()
    links = dict(re.findall(r"^  (\S+) .*\n    (http\S+)$", author.terminal(), re.M))
    assert set(links) == {"管理员", "审核员", "居民", "编辑员"}
    editor = Client.signed_in(Served(f"http://127.0.0.1:{author.port}", author.where, None, links), "编辑员")  # type: ignore[arg-type]
    assert "写一条" in editor.get("/bulletin").text

    author.edit("liren-bulletin/liren_bulletin/templates/entries.html", "还没有内容", "没有布告")
    author.until(lambda: "没有布告" in author.page("/bulletin"), "the changed page")
    sent = editor.send_form("/bulletin/new", "/bulletin/new", title="周三停水", body="上午八点到十二点。")
    assert sent.status_code == 303, "still signed in after a reload"

    author.edit("liren-bulletin/liren_bulletin/verbs.py", "import secrets", "import secrets, nonsense")
    author.until(lambda: "No module named 'nonsense'" in author.terminal(), "why it does not load")
    author.until(lambda: "tried again at the next save" in author.terminal(), "that it waits")
    assert author.page("/bulletin") == ""
    (author.where / "liren-bulletin/liren_bulletin/piccolo_migrations/0002_note.py").write_text(MIGRATION, "utf-8")
    author.edit("liren-bulletin/liren_bulletin/verbs.py", "import secrets, nonsense", "import secrets")
    author.until(lambda: "周三停水" in author.page("/bulletin"), "the page again, with what was written")
    assert len(re.findall(r"login/once/", author.terminal())) == 5, "links are printed once"

    assert author.process is not None
    author.process.send_signal(signal.SIGTERM)
    assert author.process.wait(PATIENCE_S) == 0
    with socket.create_server(("127.0.0.1", author.port)):
        pass  # the one that served has stopped too


@pytest.mark.slow
def test_a_module_that_ends_the_process_while_loading_is_tried_again_at_the_next_save(author: Author) -> None:
    write_plugin("bulletin", "布告栏", author.where)
    module = "liren-bulletin/liren_bulletin/settings.py"
    author.edit(module, "import msgspec\n", "import msgspec\nimport os; os._exit(7)\n")
    author.start("dev", "liren-bulletin")
    author.until(lambda: "Not running (7)" in author.terminal(), "that it ended")
    author.edit(module, "import os; os._exit(7)\n", "")
    author.until(lambda: "还没有内容" in author.page("/bulletin"), "the plugin's page")


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = write_plugin("bulletin", "", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(Busy, match="is taken"):
            dev(folder.find(made.folder), fresh=False)
    assert not (made.folder / ".liren").exists()


def test_the_module_is_the_folder_or_the_only_one_in_it(tmp_path: Path) -> None:
    with pytest.raises(NoPluginHere, match="no module in"):
        folder.find(tmp_path)
    made = write_plugin("bulletin", "", tmp_path).folder
    assert folder.find(tmp_path) == folder.find(made)
    assert folder.find(made).plugin == "bulletin"
    write_plugin("noticeboard", "", tmp_path)
    with pytest.raises(NoPluginHere, match="several modules here: liren-bulletin, liren-noticeboard"):
        folder.find(tmp_path)
    (made / "pyproject.toml").write_text("[project", "utf-8")
    with pytest.raises(NoPluginHere, match="cannot be read"):
        folder.find(made)


def test_hidden_folders_and_what_builds_leave_behind_are_not_watched(tmp_path: Path) -> None:
    for path in ("pages.py", ".liren/home/x", "__pycache__/pages.pyc", "a/b.html"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    seen = watch.look(tmp_path)
    assert {os.path.relpath(path, tmp_path) for path in seen} == {"pages.py", "a/b.html"}
    (tmp_path / "a/b.html").write_text("xy")
    assert watch.look(tmp_path) != seen

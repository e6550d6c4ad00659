# SPDX-License-Identifier: Apache-2.0
"""The whole street, really started, with broken plugins installed: its pages answer and say what is missing."""

import time
from pathlib import Path

from tests.faults.conftest import ON_PAGES
from tests.faults.town import NOTICEBOARD, PLUGINS, Town, sign_in

from liren.testing.patience import PATIENCE_S, wait_until

AT_START = ["raises", "exits", "unreadable", "future", "orphan", "ringa", "ringb", "straytable", "twinroutes"]


def test_a_dozen_broken_plugins_cost_their_own_pieces_only(town: Town, founded: tuple[Path, str]) -> None:
    for plugin in ("steady", *AT_START, *ON_PAGES):
        town.site.install(PLUGINS / plugin)
    with town.serving() as client:
        assert client.get("/steady").text == "steady as ever"
        board = client.get("/")
        assert board.status_code == 200
        assert "steady in the slot" in board.text
        for leak in ("not today", "alert(1)", "RuntimeError", "slotraises", "wrongtype"):
            assert leak not in board.text, "residents see nothing of it"
        ready = client.get("/readyz").text
        for plugin in AT_START:
            assert plugin in ready
        for plugin in ON_PAGES:
            assert f"refused {plugin}" not in ready
        sign_in(client, founded[1])
        board = client.get("/")
        assert "steady in the slot" in board.text
        for plugin in ON_PAGES:
            assert plugin in board.text, "whoever looks after plugins sees whose piece is missing"
        console = client.get("/admin/plugins").text
        for plugin in (*AT_START, *ON_PAGES):
            assert plugin in console

        def as_fast_as_ever() -> bool:
            """In less than the time limit of one slow slot: by now the slow one is left alone."""
            began = time.monotonic()
            assert "steady in the slot" in client.get("/").text
            return time.monotonic() - began < 1

        wait_until(as_fast_as_ever)


def test_after_plugins_took_the_process_down_the_next_start_is_up_without_them(town: Town) -> None:
    for plugin in ("steady", "dies", "hangs"):
        town.site.install(PLUGINS / plugin)
    for _ in ("dies", "hangs"):
        assert town.start().wait(PATIENCE_S) != 0
    with town.serving() as client:
        assert client.get("/").status_code == 200
        assert client.get("/steady").text == "steady as ever"
        ready = client.get("/readyz").text
        assert "refused dies" in ready
        assert "refused hangs" in ready
    said = town.run("plugin", "list")
    assert "liren plugin retry dies" in said
    assert "liren plugin retry hangs" in said


def test_safe_mode_starts_the_core_alone_whatever_is_installed(town: Town) -> None:
    for plugin in ("steady", "dies", "raises"):
        town.site.install(PLUGINS / plugin)
    town.more = {"LIREN_SAFE_MODE": "1"}
    with town.serving() as client:
        assert client.get("/").status_code == 200
        assert client.get("/steady").status_code == 404
        assert "refused" not in client.get("/readyz").text


def test_a_plugin_whose_tables_are_not_there_yet_is_left_out_until_liren_migrate(town: Town) -> None:
    town.site.install(NOTICEBOARD)
    with town.serving() as client:
        assert client.get("/").status_code == 200
        assert client.get("/noticeboard").status_code == 404
        assert "noticeboard" in client.get("/readyz").text
    town.run("migrate")
    town.run("plugin", "enable", "noticeboard")
    with town.serving() as client:
        assert client.get("/noticeboard").status_code == 200

# SPDX-License-Identifier: Apache-2.0
"""A street that cannot start, or a command that cannot finish, for want of its disk or its database: said in words."""

import shutil
from pathlib import Path

import pytest
from tests.faults.small_disk import small_disk
from tests.faults.town import Town


@pytest.mark.proves("disk-full", on="sqlite")
def test_on_a_full_disk_nothing_starts_and_it_is_said_why(founded: tuple[Path, str]) -> None:
    with small_disk() as disk:
        shutil.copytree(founded[0], disk.path / "home")
        town = Town(disk.path)
        disk.fill()
        for words in (("serve",), ("backup", str(disk.path / "copies"))):
            said = town.run(*words, code=1)
            assert "Traceback" not in said
            assert "磁盘" in said
            assert "disk" in said
        disk.empty()
        assert "clean" in town.run("ledger", "verify")
        with town.serving() as client:
            assert client.get("/").status_code == 200


def test_where_the_database_server_is_away_nothing_starts_and_it_is_said_why(town: Town) -> None:
    town.more = {"LIREN_DATABASE": f"postgresql://postgres@/street?host={town.home}"}
    said = town.run("serve", code=1)
    assert "Traceback" not in said
    assert "数据库服务有没有启动" in said
    assert "does the database server run" in said

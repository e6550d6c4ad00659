# SPDX-License-Identifier: Apache-2.0
"""The first way in and the last one: links printed by commands on the server, used once, written down nowhere."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.served import LIREN, environment

from liren.app import Plan, found_street, open_street
from liren.app.founding import OneForTwo
from liren.identity.signin.accounts import open_account
from liren.testing.patience import PATIENCE_S
from liren.testing.street import settings_for
from liren.web.errors import _without_tokens


def liren(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LIREN, *arguments], env=environment(home, **more), capture_output=True, text=True, timeout=PATIENCE_S
    )


def test_an_empty_home_says_how_the_first_administrator_comes_in(tmp_path: Path) -> None:
    said = liren(tmp_path / "home", "serve")
    assert said.returncode == 1
    assert "liren init" in said.stderr


async def test_founding_prints_links_and_keeps_none(tmp_path: Path) -> None:
    plan = Plan("里仁街道", "liren.example", ("桃园社区",), "李敏", "吴志强")
    home = tmp_path / "home"
    settings = settings_for(home, str(home / "liren.sqlite"), LIREN_PROFILE="dengbao3")
    async with open_street(settings, create=True) as street:
        founded = await found_street(street, plan)
        assert [name for name, _ in founded.links] == ["李敏", "吴志强"]
        assert await street.store.read("SELECT count(*) FROM login_account WHERE password_hash IS NOT NULL") == [(0,)]
        steps = " ".join(zh for zh, _ in founded.next_steps)
        assert "审计员" in steps
        assert "三员分立还没有做到" in steps
        [(admin,)] = await street.store.read("SELECT id FROM person WHERE name = '吴志强'")
        async with street.store.transaction("job:test") as tx:
            await open_account(tx, admin, login_name="wzq")
        tokens = [link.rpartition("/")[2].encode() for _, link in founded.links]
    for path in home.rglob("*"):
        if path.is_file():
            assert not [token for token in tokens if token in path.read_bytes()], path

    said = liren(home, "link", "WZQ")  # lost password, phone and papers: the last way in
    assert re.fullmatch(r"吴志强  http\S+/login/once/\S+\n", said.stdout), said.stderr
    assert "/login/once/" not in said.stderr
    assert "吴志强  http" in liren(home, "link", "吴志强").stdout, "who let the first link expire has no login name yet"
    assert "Nobody has the login name" in liren(home, "link", "nobody").stderr


async def test_three_duties_may_be_three_people_from_the_first_day(tmp_path: Path) -> None:
    plan = Plan("里仁街道", "liren.example", ("桃园社区",), "李敏", "吴志强", security="周大海", auditor="何静")
    settings = settings_for(tmp_path / "home", str(tmp_path / "home" / "liren.sqlite"), LIREN_PROFILE="dengbao3")
    async with open_street(settings, create=True) as street:
        with pytest.raises(OneForTwo):
            await found_street(street, replace(plan, auditor="吴志强"))
        founded = await found_street(street, plan)
        assert len(founded.links) == 4
        assert len(founded.next_steps) == 1
        ctx = street.kernel.context("identity", await street.identity.who.who_is(""))
        [duties] = [c for c in street.kernel.plugins["identity"].health_checks if c.name == "duties"]
        assert (await duties.run(ctx)).ok


def test_a_link_is_no_part_of_the_log() -> None:
    token = "IRsKnUhZFKP4n6nBx5CTupi9CkcUm_Ob"
    assert _without_tokens(f"/login/once/{token}") == "/login/once/…"
    assert _without_tokens("/people/nzfwgxyszzmbhfedhmh7/account") == "/people/nzfwgxyszzmbhfedhmh7/account"

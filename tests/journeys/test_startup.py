# SPDX-License-Identifier: Apache-2.0
"""``make demo`` as a newcomer meets it: builds, prints logins, serves, stops; and refuses what would do harm."""

import subprocess
from pathlib import Path

import httpx
from tests.served import LIREN, Served, environment, start

from liren.testing.patience import PATIENCE_S


def test_the_demo_prints_a_login_for_every_part_and_stops_on_sigterm(street: Served) -> None:
    assert set(street.logins) >= {"居民", "采集员", "审核员", "商户", "系统管理员"}
    assert httpx.get(street.url + "/", timeout=PATIENCE_S).status_code == 200
    assert street.stop() == 0


def test_each_start_prints_new_links_and_a_link_works_once(street: Served) -> None:
    link = street.logins["居民"]
    street.stop()
    again = start(street.home)
    assert again.logins["居民"].rpartition("/")[2] != link.rpartition("/")[2]
    assert again.stop() == 0


def test_the_demo_leaves_a_folder_alone_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "precious").write_text("mine")
    done = subprocess.run(
        [LIREN, "demo", "--build-only"], env=environment(tmp_path / "home"), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "LIREN_HOME" in done.stderr
    assert (tmp_path / "home" / "precious").read_text() == "mine"


def test_the_demo_never_listens_beyond_this_machine(tmp_path: Path) -> None:
    done = subprocess.run(
        [LIREN, "demo"], env=environment(tmp_path / "home", LIREN_HOST="0.0.0.0"), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr


def test_a_second_server_on_the_same_database_says_why_it_does_not_start(street: Served) -> None:
    done = street.liren("serve")
    assert done.returncode == 1
    assert "Another Liren process" in done.stderr
    assert httpx.get(street.url + "/livez", timeout=PATIENCE_S).status_code == 200


def test_a_street_is_founded_and_served_from_the_command_line(tmp_path: Path) -> None:
    env = environment(tmp_path / "home")
    plan = ["--name", "新城街道", "--domain", "xincheng.example", "--communities", "桃园社区，荷畔社区"]
    made = subprocess.run(
        [LIREN, "init", *plan, "--reviewer", "李敏", "--admin", "吴志强"], env=env, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert "fingerprint" in made.stdout
    assert made.stdout.count("/login/once/") == 2
    listed = subprocess.run([LIREN, "plugin", "list"], env=env, capture_output=True, text=True)
    assert "启用 on" in listed.stdout, listed.stdout + listed.stderr

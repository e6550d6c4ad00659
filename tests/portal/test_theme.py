# SPDX-License-Identifier: Apache-2.0
"""A street chooses its theme by a setting; one that is not there changes nothing."""

from pathlib import Path

import pytest

from liren.testing.street import small_street


@pytest.mark.parametrize(("wanted", "worn"), [("festive", "festive"), ("", "plain"), ("nothing-like-it", "plain")])
async def test_a_street_wears_the_theme_its_setting_names(tmp_path: Path, wanted: str, worn: str) -> None:
    database = str(tmp_path / "liren.sqlite")
    async with small_street(tmp_path / "home", database, LIREN_THEME=wanted) as running, running.visitor() as visitor:
        page = await visitor.get("/")
        assert page.status_code == 200
        assert f"/theme/{worn}.css" in page.text
        css = page.text.split(f"/theme/{worn}.css")[0].rpartition('"')[2] + f"/theme/{worn}.css"
        assert "@layer theme" in (await visitor.get(css)).text

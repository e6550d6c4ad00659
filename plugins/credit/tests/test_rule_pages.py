# SPDX-License-Identifier: Apache-2.0
"""Rules through the pages: from Excel or by form, adopted by a second person, changed without touching the past."""

from pathlib import Path

from credit_lists import SAMPLES
from credit_pages import a_list, posted
from credit_street import award_street

from liren.testing.street import CSRF, KEY


async def test_rules_are_published_read_from_excel_and_adopted_by_a_second_person(
    database: str, tmp_path: Path
) -> None:
    async with award_street(tmp_path / "home", database, rules=False) as town:
        anyone = town.visitor()
        assert "还没有施行的细则" in (await anyone.get("/credit/rules")).text
        collector = await town.enter("赵磊")
        path = "/credit/drafts/excel"
        text = (await collector.get(path)).text
        token, key = CSRF.search(text), KEY.search(text)
        assert token is not None
        assert key is not None
        fields = {"_csrf": token[1], "_key": key[1], "valid_from": "2026-01-01", "expiry": "next-year-end"}
        file = {"file": ("rules.xlsx", (SAMPLES / "rules.xlsx").read_bytes())}
        early = await collector.post(path, data=fields, files=file)
        assert early.status_code == 422
        assert "先公布再起用" in early.text
        answer = await collector.post(path, data={**fields, "source": "纸质公布"}, files=file)
        assert answer.status_code == 303, answer.text
        draft = answer.headers["location"]
        assert (await collector.send_form(draft, f"{draft}/adopt")).status_code == 403
        reviewer = await town.enter("李敏")
        assert "审定并签名" in (await reviewer.get(draft)).text
        assert (await reviewer.send_form(draft, f"{draft}/adopt")).status_code == 303
        assert (await reviewer.send_form("/me", f"{draft}/adopt")).status_code == 409
        public = (await anyone.get("/credit/rules")).text
        assert "幸福食堂帮厨" in public
        assert "纸质公布" in (await anyone.get("/credit/rules/FX-04")).text


async def test_a_changed_rule_is_announced_and_the_old_version_keeps_its_days(database: str, tmp_path: Path) -> None:
    async with award_street(tmp_path / "home", database) as town:
        collector = await town.enter("赵磊")
        path = "/credit/drafts/new"
        change = {
            **{"code": "FX-01", "title": "志愿服务", "behaviour": "dedication", "unit": "小时", "points": "3"},
            **{"daily_cap": "8", "evidence": "签到表", "valid_from": "2026-02-01", "expiry": "next-year-end"},
        }
        past = await collector.send_form(path, path, **change)
        assert past.status_code == 422
        assert "不能追溯" in past.text
        answer = await collector.send_form(path, path, **{**change, "valid_from": "2099-01-01"})
        assert answer.status_code == 303, answer.text
        reviewer = await town.enter("李敏")
        draft = answer.headers["location"]
        assert (await reviewer.send_form(draft, f"{draft}/adopt")).status_code == 303
        told = (await town.visitor().get("/credit/rules/FX-01")).text
        assert "第 2 版" in told
        assert "还没起用" in told
        assert "现行" in told
        await posted(town, a_list())


async def test_a_rule_by_form_says_every_mistake_at_once(tmp_path: Path) -> None:
    async with award_street(tmp_path / "home", str(tmp_path / "liren.sqlite")) as town:
        collector = await town.enter("赵磊")
        answer = await collector.send_form("/credit/drafts/new", "/credit/drafts/new", code="!", points="0")
        assert answer.status_code == 422
        assert answer.text.count('class="error"') >= 5

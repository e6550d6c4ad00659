# SPDX-License-Identifier: Apache-2.0
"""Which acts are checked nobody foresees; what came of the call; whose acts stand out."""

from tests.acting.conftest import MAKE, Town

from liren.acting import consent, review, rules, slips
from liren.acting.consent import Name
from liren.acting.rules import Record


async def always(town: Town, percent: int = 100) -> None:
    street = town.running.street
    settings = type(street.kernel.settings("acting"))(sample_percent=percent)
    await street.kernel.configure(street.store, town.people["周敏"], "acting", settings)


def test_the_share_is_the_share_and_the_same_every_time() -> None:
    digests = [f"{n * 0x9E3779B9 % 2**32:08x}" for n in range(10_000)]
    chosen = [digest for digest in digests if rules.chosen(digest, 10)]
    assert 950 < len(chosen) < 1050
    assert chosen == [digest for digest in digests if rules.chosen(digest, 10)]
    assert all(rules.chosen(digest, 100) for digest in digests)
    assert set(chosen) <= {digest for digest in digests if rules.chosen(digest, 20)}


async def test_the_street_alone_can_compute_which_act_is_checked_and_undoing_does_not_help(town: Town) -> None:
    await always(town)
    slip = await town.wish(await town.begin())
    digest = town.running.street.vault.keyed_hash("acting/sample", slip.id)
    assert digest == town.running.street.vault.keyed_hash("acting/sample", slip.id)
    assert len(digest) == 64
    worker, reviewer = await town.browser("周敏"), await town.browser("回访员")
    at = f"/acting/slips/{slip.id}"
    assert "回访" not in (await worker.get(at)).text
    assert "代办单" not in (await worker.get("/cases/?show=open")).text
    await slips.undo(await town.ctx("周敏", "acting"), "k1", slip)
    cases, total = await (await town.ctx("回访员", "acting")).cases.find("review", states=("due",))
    assert (total, cases[0].subject) == (1, slip.id)
    assert "代办回访" in (await reviewer.get("/desk")).text
    assert (await worker.send_form("/acting/desk", f"{at}/doubt", note="没请过")).status_code == 403


async def test_a_reviewer_confirms_by_a_call_but_never_their_own(town: Town) -> None:
    await always(town)
    own = await town.wish(await town.begin(by="回访员"), by="回访员")
    other = await town.wish(await town.begin(), "别的")
    reviewer = await town.ctx("回访员", "acting")
    for slip, expected in ((own, False), (other, True)):
        case = await reviewer.cases.of("review", slip.id)
        assert case is not None
        moves = {move.transition.name: move.why_not for move in await reviewer.cases.moves(case)}
        assert (moves.get("confirm") == "") is expected
    browser = await town.browser("回访员")
    refused = await browser.send_form("/acting/review", f"/acting/slips/{own.id}/doubt", note="是我办的")
    assert refused.status_code in (404, 422)
    page = await browser.get(f"/acting/slips/{other.id}")
    assert "本人确认" in page.text
    assert "本人不认" in page.text
    case = await reviewer.cases.of("review", other.id)
    assert case is not None
    done = await browser.send_form(
        f"/acting/slips/{other.id}", f"/cases/{case.id}/confirm", version=str(case.version), note="电话里说是"
    )
    assert done.status_code == 303
    now = await reviewer.cases.of("review", other.id)
    assert now is not None
    assert now.state == "confirmed"


async def test_what_the_person_denies_is_undone_and_reported(town: Town) -> None:
    await always(town)
    slip = await town.wish(await town.begin())
    town.clock.later(days=2)  # too late for the person; not for the street
    browser = await town.browser("回访员")
    at = f"/acting/slips/{slip.id}"
    short = await browser.send_form(at, f"{at}/doubt", note="")
    assert short.status_code == 422
    done = await browser.send_form(at, f"{at}/doubt", note="说没有请人许愿")
    assert (done.status_code, await town.wishes()) == (303, 0)
    reviewer = await town.ctx("回访员", "acting")
    case = await reviewer.cases.of("review", slip.id)
    assert case is not None
    assert case.state == "doubtful"
    [record] = await review.by_actor(reviewer, 30)
    assert (record.actor, record.acts, record.undone, record.unconfirmed) == (town.people["周敏"], 1, 1, 1)
    assert record.stands_out
    assert "要看一看" in (await browser.get("/acting/review")).text
    assert await review.by_actor(await town.ctx("邻区网格员", "acting"), 30) == []


async def test_the_street_sets_the_share_on_a_page(town: Town) -> None:
    [(admin,)] = await town.read("SELECT id FROM person WHERE name = '吴志强'")
    town.people["吴志强"] = admin
    browser = await town.browser("吴志强")
    page = "/admin/settings/acting"
    assert "抽查百分之几" in (await browser.get(page)).text
    fields = {"staff_points": "50", "staff_fen": "80", "staff_times": "9", "months": "6"}
    refused = await browser.send_form(page, page, sample_percent="0", **fields)
    assert refused.status_code == 422
    saved = await browser.send_form(page, page, sample_percent="25", **fields)
    assert (saved.status_code, saved.headers["location"]) == (303, page)
    settings = town.running.street.kernel.settings("acting")
    assert (settings.sample_percent, settings.staff_fen) == (25, 8000)


async def test_every_worker_has_one_act_a_week_checked(town: Town) -> None:
    await always(town, 1)
    for text in ("一", "二"):
        await town.wish(await town.begin(), text)
    await town.wish(await town.begin(by="赵强"), "三", by="赵强")
    await town.sql("UPDATE acting_slip SET sampled = 0")
    await town.sql("DELETE FROM workflow_step")
    await town.sql("DELETE FROM workflow_case")
    job = await town.ctx(None, "acting")
    assert await review.one_a_week(job) == 0  # the week is not over
    town.clock.set(2026, 11, 24, 2, 20)
    assert not (await review.nobody_escaped(job)).ok
    assert await review.one_a_week(job) == 2
    assert await review.one_a_week(job) == 0
    chosen = [row[0] for row in await town.read("SELECT id FROM acting_slip WHERE sampled = 1 ORDER BY actor")]
    assert len(chosen) == 2
    [mine] = [
        row[0] for row in await town.read(
            "SELECT id FROM acting_slip WHERE actor = ? AND sampled = 1", town.people["周敏"]
        )
    ]  # fmt: skip
    ids = [row[0] for row in await town.read("SELECT id FROM acting_slip WHERE actor = ?", town.people["周敏"])]
    vault = town.running.street.vault
    assert mine == min(ids, key=lambda slip: vault.keyed_hash("acting/sample", slip))
    assert (await review.nobody_escaped(job)).ok
    _, total = await (await town.ctx("回访员", "acting")).cases.find("review", states=("due",))
    assert total == 2


async def test_the_first_act_under_a_paper_a_worker_wrote_down_is_always_checked(town: Town) -> None:
    await always(town, 1)
    named = Name(town.people["张秀英"], town.people["王芳"], {MAKE: 3}, 6, "paper")
    mandate = await consent.name_helper(await town.ctx("周敏", "acting"), "k1", named)
    await consent.accept(await town.ctx("王芳", "acting"), mandate)
    first = await town.wish(mandate, "一", by="王芳")
    assert await town.read("SELECT sampled FROM acting_slip WHERE id = ?", first.id) == [(1,)]
    reviewer = await town.ctx("回访员", "acting")
    assert await reviewer.cases.of("review", first.id) is not None


def test_what_stands_out_is_what_went_wrong_or_leans_on_one_person() -> None:
    def of(acts: int, wrong: int = 0, unconfirmed: int = 0, most: int = 1) -> bool:
        return Record("a", acts, acts, wrong, 0, unconfirmed, most).stands_out

    assert not of(100, wrong=9)
    assert of(30, wrong=3)
    assert not of(2, wrong=2)
    assert of(1, unconfirmed=1)
    assert of(10, most=6)
    assert not of(10, most=5)
    assert not of(9, most=9)

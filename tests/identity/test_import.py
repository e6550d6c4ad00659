# SPDX-License-Identifier: Apache-2.0
"""A list of residents, from Excel into the register; on both databases."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from tests.identity.conftest import TODAY

from liren import demo
from liren.errors import Conflict, LirenError
from liren.identity.lists import importer, list_reading
from liren.identity.lists.import_rules import TEXTS
from liren.identity.lists.importer import Imported, UnclearColumns
from liren.identity.register import pending
from liren.identity.register.belonging import belonged
from liren.identity.register.directory import Directory
from liren.identity.register.people import NewPerson, register
from liren.identity.sealed import Private
from liren.store import Store, Vault
from liren.units.service import UnitsService
from liren.web.sheets import SheetError

SAMPLE = Path(next(iter(demo.__path__))) / "samples" / "people.xlsx"
HEADER = ("姓名", "身份证号", "手机号", "社区", "楼栋", "房号")


def book(rows: Sequence[Sequence[object]]) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = BytesIO()
    made.save(out)
    return out.getvalue()


async def verdicts(
    data: bytes, directory: Directory, tree: UnitsService, *, new_communities: bool = True
) -> dict[int, str]:
    bounds = await importer.bounds_of(directory, tree, new_communities=new_communities)
    found = {row.row: row.code async for rows in importer.rows_of(data, directory, bounds) for row in rows}
    assert set(found.values()) <= set(TEXTS)
    return found


async def test_the_sample_street_is_imported_whole_and_a_second_time_changes_nothing(
    empty: Store, vault: Vault
) -> None:
    units = UnitsService(empty)
    directory = Directory(empty, vault, units, lambda: TODAY)
    told: list[int] = []

    async def run() -> Imported:
        _, done = await importer.import_people(
            empty, vault, directory, units, SAMPLE.read_bytes(), actor="job:test", street="里仁街道", day=TODAY,
            consent=("points", "2026-01", "paper"), progress=lambda what, done, total: told.append(done),
        )  # fmt: skip
        return done

    assert (await run()).registered == 6000
    assert told == list(range(500, 6001, 500))
    assert [card.name for card in await units.all("community")] == [
        "宝发社区", "洸河社区", "荷畔社区", "老街社区", "桃园社区", "银山社区",
    ]  # fmt: skip
    assert len(await units.all("grid")) == 30
    assert (await units.street()).name == "里仁街道"
    assert await directory.residents_in("liren/") == 6000
    keys = await directory.keys()
    assert len(keys) == 6000
    assert all(key.community and key.household and key.phone_hash and key.id_number_hash for key in keys)
    assert (await empty.read("SELECT count(*) FROM consent WHERE how = 'paper'"))[0][0] == 6000
    again = await run()
    assert (again.registered, again.moved) == (0, 0)


async def test_every_row_gets_its_verdict(directory: Directory, tree: UnitsService) -> None:
    rows = [
        ("里仁街道居民登记表", None, None, None, None, None),
        ("填表日期：2026年11月", None, None, None, None, None),
        HEADER,
        ("王秀兰", "379901196411220003", 19900000001, "桃园社区", "7号楼", 503),  # 4
        ("王 秀兰", "379901196411220003", None, "桃园社区", None, None),
        ("王建国", "379901196411220003", None, "桃园社区", None, None),  # 6: somebody else's number
        ("赵磊", "379901196411220004", None, "桃园社区", None, None),
        (None, "379901196507150011", None, "桃园社区", None, None),
        ("赵磊", None, "1990000", "桃园社区", None, None),  # 9
        ("赵磊", None, None, "桃园社区", None, None),
        ("赵磊", None, "１９９００００００９９", None, None, None),
        ("赵磊", None, 1.9900000099e10, "桃园", "8号楼", "101"),  # 12
        ("赵大磊", None, "+86 199 0000 0099", "桃园社区", None, None),
        ("赵 磊", None, "199-0000-0099", "桃园社区", None, None),
        HEADER,
        ("合计", None, None, None, None, None),  # 16
        ("12345", None, "19900000098", "桃园社区", None, None),
    ]
    assert await verdicts(book(rows), directory, tree) == {
        4: "ok", 5: "duplicate", 6: "other-name", 7: "bad-id-number", 8: "missing-name", 9: "bad-phone",
        10: "missing-number", 11: "missing-community", 12: "ok", 13: "phone-shared", 14: "duplicate",
        15: "ignored", 16: "ignored", 17: "bad-name",
    }  # fmt: skip


async def test_birthdays_must_agree_with_the_id_number(directory: Directory, tree: UnitsService) -> None:
    rows = [
        ("出生日期", "所在社区", "居民姓名", "证件号码"),
        (datetime(1964, 11, 22), "桃园社区", "王秀兰", "379901196411220003"),
        ("1965/7/15", "桃园社区", "郭熙", "379901196507150011"),
        ("1965-07-16", "桃园社区", "郭熙熙", "379901196411220011"[:17] + "0"),
        ("1983-03-12", "桃园社区", "邵文荣", "379901198303110025"),
        ("去年", "桃园社区", "邵荣", "379901198303110025"),
    ]
    assert await verdicts(book(rows), directory, tree) == {
        2: "ok", 3: "ok", 4: "bad-id-number", 5: "birthday-differs", 6: "bad-birthday",
    }  # fmt: skip


async def test_children_agree_to_nothing_by_a_list(
    store: Store, vault: Vault, directory: Directory, tree: UnitsService
) -> None:
    def born(years: int, days: int = 0) -> str:
        return (TODAY.replace(year=TODAY.year - years) + timedelta(days=days)).isoformat()

    data = book(
        [
            ("姓名", "手机号", "出生日期", "社区"),
            ("小满", "19900000091", born(13, 364), "桃园"),
            ("小寒", "19900000091", born(14, 1), "桃园"),
            ("立春", "19900000092", born(14), "桃园"),
            ("霜降", "19900000093", None, "桃园"),
        ]
    )
    found = await verdicts(data, directory, tree)
    assert found == {2: "child", 3: "child", 4: "ok", 5: "ok"}
    await importer.import_people(
        store, vault, directory, tree, data, actor="job:test", street="里仁街道", day=TODAY, new_communities=False,
        consent=("points", "2026-01", "paper"),
    )  # fmt: skip
    agreed = await store.read("SELECT p.name FROM consent c JOIN person p ON p.id = c.person ORDER BY p.name")
    assert {name for (name,) in agreed} == {"立春", "霜降"}
    assert {card.name for card in await directory.lookup("小")} == {"小满", "小寒"}


async def test_a_list_of_staff_brings_no_new_communities(directory: Directory, tree: UnitsService) -> None:
    rows = [
        HEADER,
        ("赵磊", None, "19900000099", "桃原社区", None, None),
        ("钱多", None, "19900000098", "老街", None, None),
    ]
    found = await verdicts(book(rows), directory, tree, new_communities=False)
    assert found == {2: "unknown-community", 3: "ok"}


async def test_who_is_registered_is_known_and_moves_when_the_list_says_so(
    store: Store, vault: Vault, directory: Directory, tree: UnitsService, folk: dict[str, str]
) -> None:
    rows = [
        HEADER,
        ("王秀兰", "379901196411220003", None, "老街社区", "1号楼", "101"),
        ("王小兰", None, "19900000002", "桃园社区", "7号楼", "503"),
        ("欧阳锋", "379901196507150011", "19900010001", "老街社区", None, None),  # registered without a number
        ("王建国", "379901196411220003", None, "老街社区", None, None),
        ("王建军", None, "19900000002", "桃园社区", "7号楼", "503"),
    ]
    report, done = await importer.import_people(
        store, vault, directory, tree, book(rows), actor="job:test", street="", day=date(2026, 12, 1)
    )
    assert report.counts == {"known": 3, "other-name": 1, "phone-shared": 1}
    assert [row.row for row in report.wrong] == [5]
    assert (done.registered, done.moved) == (1, 1)
    assert (await directory.cards([folk["王秀兰"]]))[folk["王秀兰"]].community == "laojie"
    keys = {key.name: key for key in await directory.keys()}
    assert keys["王建军"].household == keys["王小兰"].household


async def test_nothing_is_half_imported(store: Store, vault: Vault, directory: Directory, tree: UnitsService) -> None:
    data = book([HEADER, *[_row(n) for n in range(600)]])
    seen: list[int] = []

    def fail(what: str, done: int, total: int) -> None:
        seen.append(done)
        if done == 600:
            raise RuntimeError("the disk is full here")

    with pytest.raises(RuntimeError):
        await _register(store, vault, directory, tree, data, fail)
    assert seen == [500, 600]
    assert await directory.keys() == []
    for table in ("person", "residence", "consent", "subject_key", "people_pending", "people_pending_unit"):
        assert (await store.read(f"SELECT count(*) FROM {table}"))[0][0] == 0


async def test_nobody_sees_a_list_that_was_cut_off_and_it_goes_on_where_it_stopped(
    store: Store, vault: Vault, directory: Directory, tree: UnitsService, folk: dict[str, str]
) -> None:
    data = book([HEADER, *[_row(n) for n in range(600)], ("王秀兰", "379901196411220003", None, "老街社区", "", "")])

    class PowerCut(BaseException):
        pass

    def cut(what: str, done: int, total: int) -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        await _register(store, vault, directory, tree, data, cut, "once")
    written = (await store.read("SELECT count(*) FROM person"))[0][0] - 4
    assert written in (100, 200, 300, 400, 500), "whole chunks; what was under way is not half there"
    assert len(await directory.keys()) == 4
    assert await directory.search("赵", None) == []
    assert await directory.residents_in("liren/") == 3
    with pytest.raises(Conflict):
        await _register(store, vault, directory, tree, data, None, "another")
    done = await _register(store, vault, directory, tree, data, None, "once")
    assert (done.registered, done.moved) == (600, 1)
    assert len(await directory.keys()) == 604
    assert await directory.residents_in("liren/") == 603
    assert len(await directory.search("赵", None)) == 20
    assert (await directory.cards([folk["王秀兰"]]))[folk["王秀兰"]].community == "laojie"


async def test_a_list_that_was_cut_off_can_be_given_up(
    store: Store, vault: Vault, directory: Directory, tree: UnitsService
) -> None:
    async with store.transaction("job:test") as tx:
        await pending.begin(tx, "half")
        new = NewPerson("赵磊", Private("19900000001"), "taoyuan")
        await register(tx, vault, [new], TODAY, import_id="half")
    assert await directory.search("zl", None) == []
    assert await pending.give_up(store, "half", "job:test") == 1
    assert await store.read("SELECT 1 FROM person") == []
    assert await pending.give_up(store, "half", "job:test") == 0


async def test_a_long_list_is_read_in_a_process_apart_with_the_same_verdicts(
    directory: Directory, tree: UnitsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = book([HEADER, *[_row(n) for n in range(600)], ("孙一", None, "1990000", "桃园社区", None, None)])
    near = await verdicts(data, directory, tree)
    monkeypatch.setattr(list_reading, "SHORT", 1)
    assert await verdicts(data, directory, tree) == near
    assert near[602] == "bad-phone"
    with pytest.raises(SheetError) as caught:
        await verdicts(b"%PDF-1.7 not a workbook", directory, tree)
    assert caught.value.code == "wrong-type"


def _row(n: int) -> tuple[object, ...]:
    return (f"赵{chr(0x4E00 + n)}", None, str(19900002000 + n), "老街社区", f"{n // 50 + 1}号楼", str(100 + n % 50))


async def _register(
    store: Store,
    vault: Vault,
    directory: Directory,
    tree: UnitsService,
    data: bytes,
    progress: importer.Progress | None,
    import_id: str = "once",
) -> Imported:
    report = await importer.check(data, directory, tree)
    return await importer.register_list(
        store, vault, directory, data, import_id=import_id, bounds=await importer.bounds_of(
            directory, tree, new_communities=False
        ), ways=report.ways, actor="job:test", street="里仁街道", day=date(2026, 12, 1), progress=progress,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", SheetError),
        (b"%PDF-1.7 not a workbook", SheetError),
        (book([HEADER]), SheetError),
        (book([("a", "b"), (1, 2), (3, 4)]), UnclearColumns),
        (book([("姓名", "手机号"), ("赵磊", "19900000099"), ("钱多", "19900000098")]), UnclearColumns),
    ],
)
async def test_a_file_that_cannot_be_read_says_what_to_do(
    directory: Directory, tree: UnitsService, data: bytes, error: type[LirenError]
) -> None:
    with pytest.raises(error) as caught:
        await importer.check(data, directory, tree)
    assert 400 <= caught.value.status < 500
    assert caught.value.zh
    assert caught.value.en


async def test_what_excel_does_to_lists_is_said_row_by_row(directory: Directory, tree: UnitsService) -> None:
    rows = [
        HEADER,
        ("赵磊", 379901196411220003.0, None, "桃园社区", None, None),  # stored as a number: 15 digits are left of it
        ("赵磊", "3.79901E+17", None, "桃园社区", None, None),
        ("赵磊", "３７９９０１１９６４１１２２０００３", None, "桃园社区", None, None),
        ("钱多", None, "19900000001", "桃园社区", None, None),
        ("孙一", None, "19900000001", "桃园社区", None, None),  # two people, one phone
        ("李二", None, "19900000002", "桃原社区", None, None),
        ("周三", None, "19900000003", "桃园社区", "=HYPERLINK(1)", None),
        ("吴四", None, "19900000004", "'=1+1", None, None),
    ]
    data = book(
        [[f"'{cell}" if isinstance(cell, str) and cell.startswith("=") else cell for cell in row] for row in rows]
    )
    found = await verdicts(data, directory, tree, new_communities=False)
    assert found == {
        2: "number-rounded", 3: "number-rounded", 4: "ok", 5: "ok", 6: "phone-shared", 7: "unknown-community",
        8: "formula", 9: "formula",
    }  # fmt: skip


async def test_cells_merged_over_several_rows_count_for_each(directory: Directory, tree: UnitsService) -> None:
    made = openpyxl.load_workbook(
        BytesIO(
            book(
                [
                    HEADER,
                    *[
                        (f"赵{c}", None, f"1990000000{n}", "桃园社区" if n == 0 else None, None, None)
                        for n, c in enumerate("甲乙丙")
                    ],
                ]
            )
        )
    )
    assert made.active is not None
    made.active.merge_cells("D2:D4")
    out = BytesIO()
    made.save(out)
    assert set((await verdicts(out.getvalue(), directory, tree)).values()) == {"ok"}


async def test_who_came_by_a_list_belongs_to_their_unit_on_that_day(
    store: Store, vault: Vault, directory: Directory, tree: UnitsService
) -> None:
    data = book([HEADER, *[_row(n) for n in range(3)]])
    await _register(store, vault, directory, tree, data, None, "once")
    card = await tree.get("laojie")
    assert card is not None
    day, after = date(2026, 12, 2), None
    seen: list[str] = []
    for left in (True, False):
        found, after = await belonged(directory, "laojie", card.path, day, size=2, after=after)
        seen += [each.name for each in found]
        assert (after is not None) is left
    assert len(seen) == len(set(seen)) == 3
    assert await belonged(directory, "laojie", card.path, TODAY - timedelta(days=1), size=2) == ([], None)

# SPDX-License-Identifier: Apache-2.0
"""A plugin's settings: drawn from its Struct, checked by its limits, in force at once."""

from typing import Any

from liren.testing.street import Running

PAGE = "/admin/settings/credit"


async def test_the_form_comes_from_the_struct_and_saved_settings_hold_at_once(street: Running, staff: Any) -> None:
    admin = await staff("admin.system")
    assert 'href="/admin/settings/credit"' in (await admin.get("/admin/plugins")).text
    page = (await admin.get(PAGE)).text
    assert "公示天数" in page
    assert "审核通过后公示多少天才入账" in page
    sent = {"publicity_days": "3", "announce_days": "0", "sample_percent": "5", "show_names": "on"}
    assert (await admin.send_form(PAGE, PAGE, **sent)).status_code == 303
    settings = (await street.acting("credit")).settings
    assert (settings.publicity_days, settings.sample_percent, settings.show_names) == (3, 5, True)
    del sent["show_names"]
    await admin.send_form(PAGE, PAGE, **sent)
    assert (await street.acting("credit")).settings.show_names is False


async def test_a_value_out_of_bounds_is_refused_and_nothing_changes(street: Running, staff: Any) -> None:
    admin = await staff("admin.system")
    sent = {"publicity_days": "61", "announce_days": "many", "sample_percent": "5"}
    answer = await admin.send_form(PAGE, PAGE, **sent)
    assert answer.status_code == 422
    assert 'value="61"' in answer.text
    assert "有 2 处要改一改" in answer.text
    assert (await street.acting("credit")).settings.publicity_days == 7


async def test_settings_are_not_everybodys(street: Running, resident: Any, staff: Any) -> None:
    assert (await resident.get(PAGE)).status_code == 403
    admin = await staff("admin.system")
    assert (await admin.get("/admin/settings/ledger")).status_code == 404
    assert (await admin.get("/admin/settings/nowhere")).status_code == 404

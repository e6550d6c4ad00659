# SPDX-License-Identifier: Apache-2.0
"""A catalog nobody can read costs its own translations, not everybody's."""

from pathlib import Path

import pytest

from liren.web.i18n import Catalogs


@pytest.mark.parametrize("bad", [b"\xff\xfe\x00", b'msgid ""\nmsgstr "Plural-Forms: nplurals=x; plural=(n\\n"\n'])
def test_an_unreadable_catalog_leaves_the_others(tmp_path: Path, bad: bytes) -> None:
    for package, content in (("broken", bad), ("good", 'msgid "公告"\nmsgstr "Notice"\n'.encode())):
        (tmp_path / package / "locale").mkdir(parents=True)
        (tmp_path / package / "locale" / "en.po").write_bytes(content)
    assert Catalogs.read([tmp_path / "broken", tmp_path / "good"]).one("en", "公告") == "Notice"

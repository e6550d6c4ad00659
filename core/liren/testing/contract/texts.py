# SPDX-License-Identifier: Apache-2.0
"""Complete English, and templates the content security policy lets through."""

from liren.testing.contract.subject import its
from liren.testing.house import check_python, check_template
from liren.testing.street import Running
from liren.web.strings import misplaced, missing

__all__ = ["test_every_text_has_its_english", "test_its_templates_keep_the_house_rules"]


async def test_every_text_has_its_english(street: Running, plugin: str) -> None:
    folder = its(street, plugin).folder
    findings = [*missing(folder, street.street.site.catalogs.english), *misplaced(folder)]
    assert not findings, "\n".join(str(finding) for finding in findings)


async def test_its_templates_keep_the_house_rules(street: Running, plugin: str) -> None:
    """No inline script or style, no unescaped text, no other site's address, every text in ``_()``."""
    folder = its(street, plugin).folder
    templates = sorted(path for path in (folder / "templates").rglob("*") if path.is_file())
    findings = [finding for path in templates for finding in check_template(path)]
    findings += [finding for path in sorted(folder.rglob("*.py")) for finding in check_python(path)]
    assert not findings, "\n".join(f"{one.path}:{one.line}: {one.text}" for one in findings)

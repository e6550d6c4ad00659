# SPDX-License-Identifier: Apache-2.0
"""A form of a page, filled in by its labels the way people do."""

from collections.abc import Iterator, Mapping
from typing import Any

from liren.testing.html import Element

OPTIONAL = "field__optional"
"""Class of the words behind an optional field's label; not part of its name."""
File = tuple[str, bytes]
"""(name, content)."""


class PageForm:
    """Fields as the page has them; :meth:`fill` changes them, the browser sends them."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.action = element.get("action")
        self.method = element.get("method", "get").lower()
        self.files: dict[str, File] = {}
        self.values: dict[str, Any] = {}
        for control in element.all("input", "select", "textarea"):
            self._read(control)

    def _read(self, control: Element) -> None:
        """What a browser would send if nothing was touched."""
        name, kind = control.get("name"), control.get("type", "text")
        if not name or kind in ("submit", "button", "image", "file"):
            return
        if kind in ("checkbox", "radio"):
            if "checked" in control.attributes:
                self._add(name, control.get("value", "on"))
        elif control.tag == "select":
            options = list(control.all("option"))
            chosen = [o for o in options if "selected" in o.attributes] or options[:1]
            for option in chosen:
                self._add(name, option.get("value", option.text))
        elif control.tag == "textarea":
            self._add(name, control.raw.removeprefix("\n"))
        else:
            self._add(name, control.get("value"))

    def _add(self, name: str, value: str) -> None:
        had = self.values.get(name)
        self.values[name] = value if had is None else [*(had if isinstance(had, list) else [had]), value]

    @property
    def labels(self) -> list[str]:
        """What can be filled in, by the words beside it."""
        return [label for label, _ in self._labelled()]

    def value(self, label: str) -> Any:
        """What stands in the field now; of choices, the values that are marked."""
        return self.values.get(self._controls(label)[0].get("name"))

    def fill(self, values: Mapping[str, Any]) -> None:
        """Label → what to write: a text; a choice's title, or several; True or False; ``(name, bytes)`` of a file."""
        for label, value in values.items():
            self._fill(self._controls(label), value)

    def _fill(self, controls: list[Element], value: Any) -> None:
        control = controls[0]
        name, kind = control.get("name"), control.get("type", "text")
        if kind == "file":
            self.files[name] = value
        elif isinstance(value, bool):
            self.values.pop(name, None)
            if value:
                self.values[name] = control.get("value", "on")
        elif control.tag == "select" or kind in ("checkbox", "radio"):
            titles = [value] if isinstance(value, str) else list(value)
            chosen = [_choice(control, controls, title, self.element) for title in titles]
            self.values[name] = chosen[0] if len(chosen) == 1 else chosen
        else:
            self.values[name] = str(value)

    def _controls(self, label: str) -> list[Element]:
        found = next((controls for words, controls in self._labelled() if words == label), None)
        assert found, f"no field “{label}” in this form; there are: {', '.join(self.labels)}"
        return found

    def _labelled(self) -> Iterator[tuple[str, list[Element]]]:
        """(label, its controls): a group of choices goes by its legend, everything else by its label."""
        grouped: set[int] = set()
        for group in self.element.all("fieldset"):
            legend, controls = group.first("legend"), list(group.all("input"))
            if legend is not None and controls:
                grouped |= {id(control) for control in controls}
                yield _words(legend), controls
        by_id = {control.get("id"): control for control in self.element.all("input", "select", "textarea")}
        for label in self.element.all("label"):
            control = by_id.get(label.get("for")) if label.get("for") else label.first("input", "select", "textarea")
            if control is not None and id(control) not in grouped:
                yield _words(label), [control]


def _words(label: Element) -> str:
    optional = " ".join(span.text for span in label.all("span") if span.get("class") == OPTIONAL)
    return label.text.removesuffix(optional).strip()


def _choice(control: Element, controls: list[Element], title: str, form: Element) -> str:
    """The value behind a choice's title."""
    if control.tag == "select":
        choices = {option.text: option.get("value", option.text) for option in control.all("option")}
    else:
        mine = {id(one) for one in controls}
        labels = [(label, label.first("input")) for label in form.all("label")]
        choices = {
            _title(label): box.get("value", "on") for label, box in labels if box is not None and id(box) in mine
        }
    assert title in choices, f"no choice “{title}”; there are: {', '.join(choices)}"
    return choices[title]


def _title(label: Element) -> str:
    """A choice's own words, without the hint below them."""
    hint = label.first("small")
    return label.text.removesuffix(hint.text).strip() if hint is not None else label.text

# SPDX-License-Identifier: Apache-2.0
"""A page as a person without script sees it: read it, fill its forms by their labels, follow its links.

``page = await visitor.open("/canteen/order")``, then ``await page.press("订餐", 哪天="2026-11-23")``.
"""

from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from liren.testing.form import PageForm
from liren.testing.html import Element, parse
from liren.testing.patience import until


class Browser:
    """One visitor's open page; the next one takes its place. Close it, or use it as a context manager."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.answer: httpx.Response = httpx.Response(204)
        """The page as it came."""
        self._root: tuple[httpx.Response, Element] | None = None

    @classmethod
    def of(cls, app: Any, *, session: str = "", base: str = "http://liren.test") -> Self:
        """:param app: what ``create_app`` returns
        :param session: cookie of a signed-in visitor
        """
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=base, headers={"sec-fetch-site": "same-origin"}
        )
        if session:
            client.cookies.set("liren", session)
        return cls(client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    # --- reading

    @property
    def root(self) -> Element:
        if self._root is None or self._root[0] is not self.answer:
            self._root = (self.answer, parse(self.answer.text))
        return self._root[1]

    @property
    def main(self) -> Element:
        """The page's own part, without the frame around it."""
        return self.root.first("main") or self.root

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def path(self) -> str:
        """Where one is, after redirects."""
        return self.answer.url.path

    @property
    def title(self) -> str:
        """The page's one heading."""
        heading = self.main.first("h1")
        return heading.text if heading is not None else ""

    @property
    def text(self) -> str:
        """What a person reads, spaces run together."""
        return self.main.text

    @property
    def errors(self) -> list[str]:
        """What the form says has to be mended, in its order."""
        summary = next((e for e in self.main.all("div") if "data-focus" in e.attributes), None)
        return [item.text for item in summary.all("li")] if summary is not None else []

    def rows(self, caption: str = "") -> list[dict[str, str]]:
        """The rows of a table, each column title → text.

        :param caption: whose caption says so; empty: the first table
        """
        for table in self.main.all("table"):
            name = table.first("caption")
            if not caption or (name is not None and name.text == caption):
                head, body = table.first("thead"), table.first("tbody")
                assert head is not None
                titles = [cell.text for cell in head.all("th")]
                rows = [] if body is None else [[cell.text for cell in row.all("td", "th")] for row in body.all("tr")]
                return [dict(zip(titles, row, strict=False)) for row in rows]
        raise AssertionError(f"no table “{caption}” on {self.path}")

    # --- going on

    async def open(self, path: str) -> Self:
        self.answer = await self.client.get(path, follow_redirects=True)
        return self

    async def until(self, *words: str) -> Self:
        """Look again until the page says one of these: what is done in the background shows sooner or later."""

        async def says() -> bool:
            if not any(one in self.text for one in words):
                await self.open(self.path)
            return any(one in self.text for one in words)

        await until(says, f"{words} on {self.path}")
        return self

    async def follow(self, words: str) -> Self:
        """Click the link that says so."""
        links = {link.text: link.get("href") for link in self.root.all("a") if link.get("href")}
        assert words in links, f"no link “{words}” on {self.path}; there are: {', '.join(links)}"
        return await self.open(links[words])

    def form(self, button: str) -> PageForm:
        """The form that is sent by the button with these words."""
        return self._sent_by(button)[0]

    def _sent_by(self, words: str) -> tuple[PageForm, Element]:
        said = []
        for form in self.root.all("form"):
            for button in form.all("button"):
                if (button.text or button.get("aria-label")) == words:
                    return PageForm(form), button
                said.append(button.text)
        raise AssertionError(f"no button “{words}” on {self.path}; there are: {', '.join(said)}")

    async def press(self, button: str, values: dict[str, Any] | None = None, /, **more: Any) -> Self:
        """Fill the form by its labels (see :meth:`PageForm.fill`) and press its button; redirects are followed."""
        form, pressed = self._sent_by(button)
        form.fill({**(values or {}), **more})
        if pressed.get("name"):
            form.values[pressed.get("name")] = pressed.get("value")
        return await self._send(form, pressed.get("formaction") or form.action)

    async def send(self, action: str, **values: Any) -> Self:
        """Send the form with this action, its fields by their names; for what has no words."""
        form = self._with_action(action)
        form.values |= values
        return await self._send(form, action)

    def fields(self, action: str) -> dict[str, Any]:
        """Name → value of that form's fields as the page has them."""
        return self._with_action(action).values

    def _with_action(self, action: str) -> PageForm:
        found = next((form for form in self.root.all("form") if form.get("action") == action), None)
        assert found is not None, f"no form for {action} on {self.answer.url}"
        return PageForm(found)

    async def _send(self, form: PageForm, action: str) -> Self:
        where = urlsplit(action)._replace(fragment="").geturl() or self.path
        if form.method == "get":
            self.answer = await self.client.get(where, params=form.values, follow_redirects=True)
            return self
        files = {name: (file[0], file[1]) for name, file in form.files.items()}
        self.answer = await self.client.post(where, data=form.values, files=files or None, follow_redirects=True)
        return self

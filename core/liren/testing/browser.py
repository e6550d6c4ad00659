# SPDX-License-Identifier: Apache-2.0
"""A browser without script: reads pages and sends their forms, through the real application in this process.

What a module's pages must work with: ``page = await (await Browser.of(app)).open("/market/")``.
"""

import re
from html import unescape
from types import TracebackType
from typing import Any, Self

import httpx

FORM = r'<form[^>]*action="{action}"[^>]*>(.*?)</form>'
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


class Browser:
    """One visitor; close it, or use it as a context manager."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.answer: httpx.Response = httpx.Response(204)
        """The page as it came."""

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

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        """What a person reads: the page's main part without tags, spaces run together."""
        main = self.answer.text.split("<main", 1)[-1].split("</main>", 1)[0].partition(">")[2]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())

    async def open(self, path: str) -> Self:
        self.answer = await self.client.get(path, follow_redirects=True)
        return self

    async def send(self, action: str, **values: Any) -> Self:
        """Fill the form with this action and send it; its hidden fields go along, redirects are followed."""
        fields = {**self.fields(action), **values}
        self.answer = await self.client.post(action, data=fields, follow_redirects=True)
        return self

    def fields(self, action: str) -> dict[str, str]:
        """Name → value of that form's inputs as the page has them; unmarked boxes are left out, as browsers do."""
        found = re.search(FORM.format(action=re.escape(action)), self.answer.text, re.S)
        assert found, f"no form for {action} on {self.answer.url}"
        values = {}
        for tag in re.findall(r"<input[^>]*>", found[1]):
            attributes = dict(ATTRIBUTE.findall(tag))
            if attributes.get("type") in ("checkbox", "radio") and " checked" not in tag:
                continue
            values[unescape(attributes["name"])] = unescape(attributes.get("value", ""))
        return values

# SPDX-License-Identifier: Apache-2.0
"""A street in a process of its own, served as ``liren serve`` does; says on one line where and for whom.

    python -m tests.bench._serving FOLDER DATABASE PORT

A module of the bench lets people spend a point by a form: with session and permission, or without either. A request to
``/postman/clients`` sets 64 clients of the service to posting inside the process, for the delay of a trivial page.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path
from secrets import token_hex

import uvicorn

from liren.app.serve import Server, collect_seldom, new_event_loop
from liren.ledger.engine.posting import LedgerState
from liren.plugins.points import Spend, Subject
from liren.store import Tx
from liren.testing.points import Points
from liren.testing.site import Site
from liren.testing.street import Running, small_street

PEOPLE = 16
POINTS = 50_000
CLIENTS = 64
MANIFEST = 'api = "1.0"\nid = "postman"\ntitle = "postman"\n'
CODE = """
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response

from liren import hookimpl
from liren.api import Context, Permission, Role, Spend, Subject
from liren.web import ANYONE, Form, current, get, post


class Order(msgspec.Struct, frozen=True):
    person: str
    n: int


async def spent(ctx: Context, request: Any) -> Response[str]:
    form = await Form.read(request, Order)
    command = form.command

    async def place(tx: Any) -> str:
        return (await tx.post(Spend(Subject("h", command.person), "postman.order", 1))).rid

    return Response(await ctx.once(form.key, command, place, str), media_type=MediaType.TEXT)


@get("/keys", allow=ANYONE)
async def keys(ctx: Context) -> Response[str]:
    return Response(current().csrf, media_type=MediaType.TEXT)


@get("/trivial", allow=ANYONE)
async def trivial(ctx: Context) -> Response[str]:
    return Response("ok", media_type=MediaType.TEXT)


@post("/spend", allow="postman.spend")
async def spend(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    return await spent(ctx, request)


@post("/open", allow=ANYONE)
async def spend_openly(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    return await spent(ctx, request)


@hookimpl
def register_routes() -> list[object]:
    return [keys, trivial, spend, spend_openly]


@hookimpl
def register_permissions() -> list[Permission]:
    return [Permission("postman.spend", "spend")]


@hookimpl
def register_roles() -> list[Role]:
    return [Role("postman.clerk", "clerk", ("postman.spend",))]
"""


async def browsers(running: Running) -> list[dict[str, str]]:
    """(person, cookies, token) of people who may post, and of as many without a session."""
    points, found = Points(running.street), []
    for number in range(PEOPLE):
        name = "员" + "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"[number]
        person = await running.person(name, "postman.clerk")
        await points.give(person, POINTS)
        for visitor in (await running.signed_in(name, fresh=False), running.visitor()):
            token = (await visitor.get("/postman/keys")).text
            cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.cookies.jar)
            found.append({"person": person, "cookies": cookies, "token": token})
    return found


async def posting(running: Running, people: list[str]) -> None:
    """64 clients that post for ever, straight through the service."""
    store = running.street.store

    async def client(number: int) -> None:
        person = Subject("h", people[number % len(people)])

        async def body(tx: Tx) -> str:
            state: LedgerState = tx.part("ledger")
            return (await state.post(Spend(person, "postman.order", 1))).rid

        while True:
            key = token_hex(8)
            await store.once(f"p{number}", key, key, body, returns=str)

    await asyncio.gather(*(client(n) for n in range(CLIENTS)))


async def main(folder: Path, database: str, port: int) -> None:
    Site(folder / "site").write("liren-postman", {"liren.toml": MANIFEST, "__init__.py": CODE})
    sys.path.insert(0, str(folder / "site"))
    home = folder / "home"
    async with small_street(home, database, LIREN_PUBLIC_URL=f"http://127.0.0.1:{port}") as running:
        found = await browsers(running)
        collect_seldom()
        config = uvicorn.Config(
            running.app, port=port, lifespan="off", log_config=None, access_log=False, log_level="warning"
        )
        server = Server(config)
        print(json.dumps(found), flush=True)
        clients: asyncio.Task[None] | None = None

        async def orders() -> None:
            """Lines on the input: ``post`` and ``rest``."""
            nonlocal clients
            loop = asyncio.get_running_loop()
            while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
                if line == "post":
                    clients = asyncio.create_task(posting(running, [each["person"] for each in found]))
                elif clients is not None:
                    clients.cancel()
                    await asyncio.gather(clients, return_exceptions=True)
                print("done", flush=True)
            server.should_exit = True

        listening = asyncio.create_task(orders())
        await server.serve()
        listening.cancel()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))

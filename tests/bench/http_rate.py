# SPDX-License-Identifier: Apache-2.0
"""Posting through HTTP on a real server, loaded from this process; and how long a trivial page takes meanwhile.

Each request is a form: a spend of one point, with its request key and CSRF token, its one record signed and its rows
written through ``ctx.once``. Two cores serve both processes, so what the load costs is taken from the server: the
clients are bare sockets in one thread, 35 µs a request (asyncio's streams took 80).
"""

import asyncio
import json
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from tests.bench import Measure, in_turns
from tests.bench._databases import KINDS, TITLES, places
from tests.bench._raw import Raw
from tests.served import free_port

ROOT = Path(__file__).resolve().parents[2]
CLIENTS, REQUESTS = 64, 640
ASKED, EVERY_S = 200, 0.01


class Loaded:
    """The serving process and its load."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process, self.port = process, port
        assert process.stdout is not None
        self.browsers = json.loads(process.stdout.readline())
        self.loop = asyncio.new_event_loop()
        self.number = count()

    def order(self, what: str) -> None:
        """``post``: 64 clients inside the process begin; ``rest``: they stop."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def rate(self, path: str, *, signed_in: bool) -> float:
        """Acknowledged records a second of 64 connections."""
        browsers = self.browsers[0 if signed_in else 1 :: 2]
        work = iter([self._request(path, browsers[n % len(browsers)]) for n in range(REQUESTS)])
        with selectors.DefaultSelector() as waiting, ExitStack() as connections:
            for _ in range(CLIENTS):
                one = connections.enter_context(socket.create_connection(("127.0.0.1", self.port)))
                waiting.register(one, selectors.EVENT_READ, bytearray())
            started = time.perf_counter()
            for key in list(waiting.get_map().values()):
                _socket(key).sendall(next(work))
            done = 0
            while done < REQUESTS:
                for key, _ in waiting.select():
                    if _received(key):
                        done += 1
                        _socket(key).sendall(next(work, b""))
            return REQUESTS / (time.perf_counter() - started)

    def delay(self) -> float:
        """p99 of a trivial page, asked for every ten milliseconds, in milliseconds."""
        request = f"GET /postman/trivial HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode()

        async def ask() -> float:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            took = []
            for _ in range(ASKED):
                started = time.perf_counter()
                await _answer(reader, writer, request)
                took.append((time.perf_counter() - started) * 1000)
                await asyncio.sleep(EVERY_S)
            writer.close()
            return statistics.quantiles(took, n=100)[98]

        return self.loop.run_until_complete(ask())

    def _request(self, path: str, browser: dict[str, str]) -> bytes:
        fields = {"_csrf": browser["token"], "_key": f"{next(self.number):022}", "person": browser["person"], "n": "1"}
        body = urlencode(fields).encode()
        head = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Cookie: {browser['cookies']}"]
        head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(head).encode() + body


def _socket(key: selectors.SelectorKey) -> socket.socket:
    assert isinstance(key.fileobj, socket.socket)
    return key.fileobj


def _received(key: selectors.SelectorKey) -> bool:
    """Take what has come of an answer; :returns: whether it is whole, and then it must be a success."""
    so_far: bytearray = key.data
    so_far += _socket(key).recv(65_536)
    head, end, body = bytes(so_far).partition(b"\r\n\r\n")
    if not end or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
        return False
    if b" 20" not in head[:13]:
        raise AssertionError(so_far.decode()[:1000])
    so_far.clear()
    return True


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    """Send one request and read its answer, which must be a success."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    if b" 20" not in head[:13]:
        raise AssertionError(head.decode() + body.decode()[:500])


@contextmanager
def served(folder: Path, database: str) -> Iterator[Loaded]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench._serving", str(folder), database, str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        loaded = Loaded(process, port)
        try:
            _wait(port)
            yield loaded
        finally:
            loaded.loop.close()
            process.terminate()


def _wait(port: int) -> None:
    import httpx

    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/postman/trivial")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def measures() -> list[Measure]:
    found = []
    for kind in KINDS:
        with places(kind, "bench", "raw") as (folder, (ours, beside)), served(folder, ours) as loaded:
            raw = Raw(beside)
            try:
                found += _of(TITLES[kind], loaded, raw)
            finally:
                raw.close()
    return found


def _of(title: str, loaded: Loaded, raw: Raw) -> list[Measure]:
    with_session, [(rows, of_rows)] = in_turns(
        lambda: loaded.rate("/postman/spend", signed_in=True), lambda: raw.spends(REQUESTS)
    )
    without, [(_, of_rows_without)] = in_turns(
        lambda: loaded.rate("/postman/open", signed_in=False), lambda: raw.spends(REQUESTS)
    )
    alone = statistics.median(loaded.delay() for _ in range(3))
    loaded.order("post")
    beside = statistics.median(loaded.delay() for _ in range(3))
    loaded.order("rest")
    commits = f"raw commits of the same rows, one connection: {rows:,.0f}/s"
    return [
        Measure(
            f"{title}: a posting through HTTP with session and permission, {CLIENTS} connections",
            f"{with_session:,.0f} records/s",
            commits,
            of_rows,
            "≥ 0.5",
        ),
        Measure(f"{title}: the same without session", f"{without:,.0f} records/s", commits, of_rows_without, ""),
        Measure(
            f"{title}: a trivial page while {CLIENTS} clients post, p99",
            f"{beside:.1f} ms",
            f"while nobody posts: {alone:.1f} ms",
            None,
            "< 10 ms",
        ),
    ]

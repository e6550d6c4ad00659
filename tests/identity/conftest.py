# SPDX-License-Identifier: Apache-2.0
"""A street with two communities, on both databases."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from argon2 import PasswordHasher
from tests.identity.street import build

from liren import clock as wall
from liren import identity, inbox, jobs, units
from liren.identity.register.directory import Directory
from liren.identity.register.people import NewPerson, register
from liren.identity.roles.grants import grant
from liren.identity.sealed import Private
from liren.identity.service import Identity
from liren.identity.signin.accounts import open_account
from liren.plugins.state import MIGRATIONS
from liren.plugins.types import Role
from liren.store import MigrationSource, Store, Vault, migrate
from liren.units.build import Builder
from liren.units.service import UnitsService
from liren.units.verbs import add
from liren.web.app import PageApp

TODAY = date(2026, 11, 21)
SOURCES = [
    MigrationSource(package.__name__.removeprefix("liren."), Path(package.__file__ or "").parent / "piccolo_migrations")
    for package in (units, identity, jobs, inbox)
] + [MIGRATIONS]


def prepare(database: str) -> None:
    """Make every table of the core in an empty database; in a thread, for it needs a loop of its own."""

    async def make() -> None:
        store = await Store.open(database)
        await migrate(store, SOURCES)
        await store.close()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, make()).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no row, copied for each test: migrating 130 times would take a minute."""
    path = tmp_path_factory.mktemp("template") / "liren.sqlite"
    prepare(str(path))
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres_server: Any) -> str:
    """The same on PostgreSQL, emptied for each test: creating a database takes ten times as long."""
    with ThreadPoolExecutor(1) as threads:
        address: str = threads.submit(asyncio.run, postgres_server.create()).result()
    prepare(address)
    return address


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with every table of the core and no row."""
    if request.param == "sqlite":
        return str(shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "liren.sqlite"))
    address: str = request.getfixturevalue("postgres_database")
    connection = await asyncpg.connect(address)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = ", ".join(f'"{row[0]}"' for row in tables if row[0] != "migration")
    await connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    await connection.close()
    return address


@pytest.fixture
async def empty(database: str) -> AsyncIterator[Store]:
    """A store with the tables of the core, and nothing in them."""
    store = await Store.open(database)
    yield store
    await store.close()


@pytest.fixture
async def store(empty: Store) -> Store:
    """里仁街道 with 桃园社区 (one building) and 老街社区."""
    async with empty.transaction("job:test") as tx:
        await add(tx, level="street", name="里仁街道", parent=None, opened=TODAY)
        await add(tx, level="community", name="桃园社区", parent="liren", opened=TODAY)
        await add(tx, level="building", name="7号楼", parent="taoyuan", opened=TODAY)
        await add(tx, level="community", name="老街社区", parent="liren", opened=TODAY)
    return empty


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path / "keys", create=True)


@pytest.fixture
async def tree(store: Store) -> UnitsService:
    return UnitsService(store)


@pytest.fixture
def directory(store: Store, vault: Vault, tree: UnitsService) -> Directory:
    return Directory(store, vault, tree, lambda: TODAY)


@pytest.fixture
async def folk(store: Store, vault: Vault) -> dict[str, str]:
    """王秀兰 and 王小兰 of 桃园 (one household), 欧阳锋 of 老街, and 李敏 who lives elsewhere: name → id."""
    async with store.transaction("job:test") as tx:
        builder = await Builder.load(tx, TODAY)
        home = builder.dwelling("taoyuan-b7", "503")
        await builder.write(tx)
        people = [
            NewPerson(
                "王秀兰", Private("19900000001", "379901196411220003", date(1964, 11, 22)), "taoyuan-b7", home, "head"
            ),
            NewPerson("王小兰", Private("19900000002"), "taoyuan-b7", home),
            NewPerson("欧阳锋", Private("19900010001"), "laojie"),
            NewPerson("李敏"),
        ]
        ids = await register(tx, vault, people, TODAY, consent=("points", "2026-01", "paper"))
    return dict(zip([p.name for p in people], ids, strict=True))


class Clock:
    """The street's time, moved by hand."""

    def __init__(self) -> None:
        self.now = wall.now(ZoneInfo("Asia/Shanghai"))

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def identity_(store: Store, vault: Vault, clock: Clock) -> Identity:
    """The whole of identity, with quick argon2id parameters."""
    made = Identity(store, vault, clock, hasher=PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    made.know(ROLES.values())
    return made


ROLES = {
    role.name: role
    for role in (
        Role("identity.clerk", "社区工作人员", ("identity.people", "identity.register", "units.view")),
        Role("identity.registrar", "人员管理员", ("identity.people", "identity.phone", "units.view", "units.manage")),
        Role("identity.security", "权限管理员", ("identity.people", "identity.grant", "units.view")),
    )
}
PASSWORD = "桃花潭水 深千尺"


@pytest.fixture
async def app(identity_: Identity, vault: Vault, tmp_path: Path) -> PageApp:
    return await build(identity_, vault, tmp_path)


@pytest.fixture
async def staff(identity_: Identity, folk: dict[str, str]) -> str:
    """李敏 works for 桃园社区: login name limin; :returns: her person id."""
    stored = await identity_.passwords.hash(PASSWORD)
    async with identity_.store.transaction("job:test") as tx:
        await open_account(tx, folk["李敏"], login_name="limin", password_hash=stored)
        await grant(tx, person=folk["李敏"], role="identity.clerk", unit="taoyuan", roles=ROLES, since=TODAY)
    return folk["李敏"]


@pytest.fixture
async def chief(identity_: Identity, folk: dict[str, str]) -> str:
    """赵磊 is the street's administrator: login name zhaolei; :returns: his person id."""
    stored = await identity_.passwords.hash(PASSWORD)
    async with identity_.store.transaction("job:test") as tx:
        (person,) = await register(tx, identity_.vault, [NewPerson("赵磊")], TODAY)
        await open_account(tx, person, login_name="zhaolei", password_hash=stored)
        for role in ("identity.registrar", "identity.security"):
            await grant(tx, person=person, role=role, unit="liren", roles=ROLES, since=TODAY)
    return person

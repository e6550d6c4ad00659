# SPDX-License-Identifier: Apache-2.0
"""The life of keys (docs/keys.md): ``keys rotate revoke renew sheet remove-root restore-key new-master``.

All but ``keys`` change something: on SQLite with the server stopped.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

import click
import segno

from liren.app import open_street
from liren.app.street import Street
from liren.cli.run import run
from liren.errors import Conflict, NotFound
from liren.ledger.keys import life as key_life
from liren.ledger.keys import sheet as sheets
from liren.ledger.keys.life import KeyView
from liren.settings import Settings
from liren.store import Store, Vault

T = TypeVar("T")


def _folder() -> Path:
    return Settings.from_env().home / "keys"


def _changing(work: Callable[[Street], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with open_street(Settings.from_env()) as street:
            return await work(street)

    return run(opened(), level=logging.ERROR)


async def _find(store: Store, name: str) -> KeyView:
    """A valid key by its name or its whole verifier key."""
    found = [key for key in await key_life.listed(store) if key.valid and name in (key.vkey, key.name)]
    if len(found) != 1:
        raise NotFound(
            f"没有这把密钥：{name}。用 liren ledger keys 查看。", f"No such key: {name}; see liren ledger keys."
        )
    return found[0]


@click.command()
@click.option("--all", "everything", is_flag=True, help="连同已撤销的 revoked ones too")
def keys(everything: bool) -> None:
    """列出密钥 Which keys sign, since which entry, and who holds them."""

    async def work() -> Sequence[KeyView]:
        store = await Store.open(Settings.from_env().database, read_only=True)
        try:
            return await key_life.listed(store)
        finally:
            await store.close()

    for key in run(work(), level=logging.ERROR):
        if key.valid or everything:
            held = "纸上 paper" if key.custody is None else key.custody or "server"
            ended = f", {key.revoked} 撤销 revoked" if key.revoked is not None else ""
            click.echo(f"{key.name}  {key.role} {key.unit or ''}  {held}  @{key.added}{ended}")


@click.command()
@click.argument("name")
def rotate(name: str) -> None:
    """换一把密钥 A new key in the place of NAME; the old one ends. Unit and log keys need keys/root."""

    async def work(street: Street) -> str:
        key = await _find(street.store, name)
        return await key_life.rotate(street.store, vkey=key.vkey, key=token_hex(8), keys_folder=_folder())

    click.echo(_changing(work))


@click.command()
@click.argument("name")
def revoke(name: str) -> None:
    """撤销密钥 End a key: lost, stolen, or of somebody who left. What it signed stays valid."""

    async def work(street: Street) -> None:
        key = await _find(street.store, name)
        await key_life.revoke(street.store, vkey=key.vkey, key=token_hex(8), keys_folder=_folder())

    _changing(work)
    click.echo(f"已撤销 revoked: {name}")


@click.command()
def renew() -> None:
    """主密钥丢失之后 After a lost master key: the root issues new keys for all that can no longer be used."""

    async def work(street: Street) -> Sequence[str]:
        return await key_life.renew(street.store, key=token_hex(8), keys_folder=_folder())

    made = _changing(work)
    for name in made:
        click.echo(name)
    if not made:
        click.echo("密钥都能用，没有要换的。 Every key can be used: nothing to renew.")


@click.command()
@click.option("--check", is_flag=True, help="照纸输入要核对的词 Type the asked words back")
def sheet(check: bool) -> None:
    """恢复单：打印后离线保存 The recovery sheet, for the printer: master key and root key as words and QR."""

    async def shown(street: Street) -> None:
        for part in await sheets.parts(street.store, _folder()):
            if not part.here or part.checked:
                click.echo(
                    f"{part.which}: {'已核对 checked' if part.checked else '不在这台机器上 not on this machine'}"
                )
                continue
            words = await sheets.show(street.store, _folder(), part.which)
            click.echo(f"\n{part.which}")
            for start in range(0, len(words), 4):
                line = "  ".join(f"{n:2} {word}" for n, word in enumerate(words[start : start + 4], start + 1))
                click.echo(f"  {line}")
            segno.make(" ".join(words), error="m").terminal(compact=True)

    async def checked(street: Street) -> None:
        for part in await sheets.parts(street.store, _folder()):
            if part.here and not part.checked and part.asked:
                asked = [click.prompt(f"{part.which}: 第 {n} 个词 word {n}") for n in part.asked]
                await sheets.confirm(street.store, _folder(), part.which, asked)
                click.echo(f"{part.which}: 已核对 checked")

    _changing(checked if check else shown)


@click.command("remove-root")
def remove_root() -> None:
    """移走根密钥 Take the root key off this machine, once the sheet was checked."""
    _changing(lambda street: sheets.remove_root(street.store, _folder()))
    click.echo("根密钥不在这台机器上了。 The root key is no longer on this machine.")


@click.command("restore-key")
@click.argument("which", type=click.Choice(sheets.WHICH))
def restore_key(which: sheets.Which) -> None:
    """从恢复单放回密钥 Put a key back from the words of the sheet."""
    sheets.restore(_folder(), which, click.prompt("恢复单上的 17 个词 the seventeen words", hide_input=True))
    click.echo(f"{_folder() / which}")


@click.command("new-master")
@click.confirmation_option(prompt="封存的内容都打不开了，确定？ Everything sealed stays closed for ever. Sure?")
def new_master() -> None:
    """没有恢复单时另造主密钥 A new master key where the old one and its sheet are lost; then: renew."""
    if (_folder() / "master").exists():
        raise Conflict("已经有主密钥，没有改动。", "There is a master key already; nothing was changed.")
    Vault.open(_folder(), create=True)
    click.echo(f"{_folder() / 'master'}")


COMMANDS = (keys, rotate, revoke, renew, sheet, remove_root, restore_key, new_master)

# SPDX-License-Identifier: Apache-2.0
"""``liren index …``: the signed list of modules, made by a publisher, trusted by a street."""

from datetime import date
from pathlib import Path

import click

from liren import clock
from liren.cli.home import ACTOR, home_store
from liren.cli.run import run
from liren.ledger.log.note import SigningKey
from liren.packaging import index as indexes
from liren.packaging import keys, shelf, trust
from liren.packaging.errors import BadIndex
from liren.packaging.search import search as find
from liren.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def index_option(function: click.decorators.FC) -> click.decorators.FC:
    """``--index FOLDER``, or what ``LIREN_INDEX`` says."""
    return click.option(
        "--index", "folder", type=FOLDER, envvar="LIREN_INDEX", help="模块目录 the index folder (or LIREN_INDEX)"
    )(function)


def today(settings: Settings) -> date:
    return clock.now(settings.tz).date()


@click.group()
def index() -> None:
    """模块目录 The signed index of modules."""


@index.command()
@click.argument("file", type=FILE)
@click.option("--name", required=True, help="密钥名 name of the key, e.g. it.example/modules")
def key(file: Path, name: str) -> None:
    """做一把发布用的密钥 Make the key of a publisher; FILE is theirs alone."""
    made = keys.make(name, file)
    click.echo(f"私钥 private key: {file}（只有您能读，请妥善保管 yours alone, keep it safe）")
    click.echo(f"公钥 verifier key:\n{made.verifier}")


@index.command()
@click.argument("folder", type=FOLDER)
@click.option("--renew", is_flag=True, help="没有变化也换新日期 a new serial and date though nothing changed")
def build(folder: Path, renew: bool) -> None:
    """列出文件夹里的安装包 Write FOLDER/index.note for the wheels in it."""
    made = indexes.build(folder, today(Settings.from_env()), renew=renew)
    click.echo(f"{folder / indexes.NAME}: {made.serial} · {made.day} · {len(made.entries)} 个安装包 wheels")


@index.command()
@click.argument("folder", type=FOLDER)
@click.option("--key", "file", type=FILE, required=True, help="私钥文件 the private key's file")
def sign(folder: Path, file: Path) -> None:
    """签名 Sign FOLDER/index.note."""
    with_key: SigningKey = keys.read(file)
    made = indexes.sign(folder, with_key)
    click.echo(f"{folder / indexes.NAME}: {made.serial} — {with_key.name}")


@index.command("trust")
@click.argument("key")
@click.option("--remove", is_flag=True, help="不再信任（写密钥名） trust no key of this name any longer")
def trust_key(key: str, remove: bool) -> None:
    """信任一位发布者 Believe indexes signed by this verifier KEY."""
    settings = Settings.from_env()

    async def work() -> None:
        async with home_store(settings) as store:
            if remove:
                count = await trust.distrust(settings.home, store, ACTOR, key)
                click.echo(f"{key}: 移除 {count} 把 removed")
            else:
                added = await trust.trust(settings.home, store, ACTOR, key)
                click.echo(f"已信任 trusted: {added}")

    run(work())


@index.command()
@click.argument("words", nargs=-1)
@index_option
def search(words: tuple[str, ...], folder: Path | None) -> None:
    """找模块 Find modules whose name, title or summary has all WORDS."""
    settings = Settings.from_env()
    opened = shelf.open_shelf(settings.home, _said(folder), today(settings))
    if opened.doubt is not None:
        raise opened.doubt
    warn_old(opened)
    for hit in find(opened, words):
        mark = f"  [已安装 installed {hit.installed}]" if hit.installed else ""
        click.echo(f"{hit.plugin}  {hit.title}  ({hit.distribution} {hit.version}){mark}\n  {hit.summary}")


@index.command()
@click.argument("name")
@click.option("--out", "target", type=FILE, required=True, help="写到哪个文件 the file to write, e.g. canteen.zip")
@index_option
def bundle(name: str, target: Path, folder: Path | None) -> None:
    """打成一个文件 Pack a module, what it needs and the index into one file."""
    settings = Settings.from_env()
    where = _said(folder)
    opened = shelf.open_shelf(settings.home, where, today(settings))
    indexes.read_note(where / indexes.NAME)
    packed = shelf.bundle(opened, shelf.find(opened.usable(allow_unsigned=True), name), target)
    click.echo(f"{target}: {', '.join(one.path.name for one in packed)}")


def warn_old(opened: shelf.Shelf) -> None:
    if opened.trusted is not None and opened.trusted.old:
        day = opened.trusted.index.day
        click.echo(
            f"注意：目录是 {day} 的，请问问有没有新的。 This index dates from {day}: ask for a newer one.", err=True
        )


def _said(folder: Path | None) -> Path:
    if folder is None:
        raise BadIndex(
            "请用 --index 或 LIREN_INDEX 说明模块目录在哪里。",
            "Say where the index lies: --index FOLDER, or LIREN_INDEX.",
        )
    return folder

# SPDX-License-Identifier: Apache-2.0
"""``liren plugin new`` and ``liren dev``: for authors of modules."""

import secrets
import sys
from pathlib import Path

import click

from liren.authoring import write_plugin
from liren.authoring.dev import LEVEL, forget, serve_once
from liren.authoring.dev import dev as keep_serving
from liren.authoring.folder import find
from liren.cli.run import run

FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)


@click.command()
@click.argument("name")
@click.option("--title", default="", help="标题，例如 公告栏 what people call it")
@click.option("--folder", "parent", type=FOLDER, default=".", help="写到哪个文件夹里 where to write it (here)")
def new(name: str, title: str, parent: Path) -> None:
    """写一个新模块 Write a new plugin, liren-NAME, that runs and passes its tests."""
    written = write_plugin(name, title, parent)
    click.echo(f"{written.folder}: {written.title}")
    click.echo("接着运行 liren dev，改了就能看到。 Next: liren dev; what you change shows at once.")


@click.command()
@click.argument("folder", type=FOLDER, default=".")
@click.option("--fresh", is_flag=True, help="重新建一条街道 a new street instead of the one in .liren/")
@click.option("--once", is_flag=True, help="保存后不重来 do not reload on save")
@click.option("--run", "name", default="", hidden=True)
def dev(folder: Path, fresh: bool, once: bool, name: str) -> None:
    """在小街道上试模块 Serve a plugin in FOLDER on a small street of its own; reload on save."""
    found = find(folder)
    if not once:
        keep_serving(found, fresh=fresh)
        return
    if fresh:
        forget(found)
    sys.exit(run(serve_once(found, name or secrets.token_hex(8)), level=LEVEL))

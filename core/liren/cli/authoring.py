# SPDX-License-Identifier: Apache-2.0
"""``liren plugin new`` and ``liren dev``: for authors of modules."""

from pathlib import Path

import click

from liren.authoring import write_plugin

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

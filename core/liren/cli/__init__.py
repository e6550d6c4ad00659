# SPDX-License-Identifier: Apache-2.0
"""The ``liren`` command."""

import gc
import sys

import click

gc.disable()  # importing makes no garbage, and looking for it takes a fifth of a start
from liren.cli import access, audit, authoring, backup, demo, index, ledger, plugin, statement, street  # noqa: E402
from liren.cli.of_plugins import WithPlugins  # noqa: E402
from liren.cli.usage import in_chinese  # noqa: E402
from liren.errors import LirenError  # noqa: E402
from liren.store.trouble import in_words  # noqa: E402

gc.enable()

__all__ = ["main"]


@click.group(cls=WithPlugins, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """里仁 Liren：街道自己的平台。Settings come from the environment: LIREN_HOME, LIREN_DATABASE, PORT …"""


cli.add_command(street.init)
cli.add_command(street.migrate)
cli.add_command(street.serve)
cli.add_command(access.link)
cli.add_command(demo.demo)
cli.add_command(authoring.dev)
cli.add_command(ledger.ledger)
ledger.ledger.add_command(statement.statement)
cli.add_command(audit.audit)
cli.add_command(backup.backup)
cli.add_command(backup.restore)
cli.add_command(plugin.plugin)
plugin.plugin.add_command(authoring.new)
cli.add_command(index.index)


def main() -> None:
    """An error a person can act on is two lines, never a trace."""
    gc.freeze()  # what was imported stays: no collection has to look through it
    try:
        cli(standalone_mode=False)
    except LirenError as error:
        click.echo(f"{error.zh}\n{error.en}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        click.echo(in_chinese(error), err=True)
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if (said := in_words(error)) is None:
            raise
        click.echo(f"{said.zh}\n{said.en}", err=True)
        sys.exit(1)

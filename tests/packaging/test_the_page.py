# SPDX-License-Identifier: Apache-2.0
"""``docs/plugins/life-cycle.md``: every command it prints is one the command line takes, and no command is missing."""

import re
import shlex
from pathlib import Path

import click
import pytest

from liren.cli import cli

PAGE = (Path(__file__).parents[2] / "docs" / "plugins" / "life-cycle.md").read_text("utf-8")
COMMANDS = re.findall(r"^(liren .+)$", "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.S)), re.M)
COMMANDS += [said for said in re.findall(r"`(liren [^`]+)`", PAGE) if "canteen" in said]


def parsed(words: list[str], group: click.Group = cli) -> tuple[str, ...]:
    """The names on the way to the command; click itself reads its arguments and options."""
    command = group.get_command(click.Context(group), words[0])
    assert command is not None, words
    if isinstance(command, click.Group):
        return (words[0], *parsed(words[1:], command))
    command.make_context(words[0], words[1:])
    return (words[0],)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_is_taken_as_printed(command: str) -> None:
    assert parsed(shlex.split(command)[1:])


def test_no_command_about_modules_is_missing_from_the_page() -> None:
    shown = {parsed(shlex.split(command)[1:]) for command in COMMANDS}
    for name in ("index", "plugin"):
        group = cli.get_command(click.Context(cli), name)
        assert isinstance(group, click.Group)
        for_authors = {"new"}
        assert {(name, each) for each in group.commands if each not in for_authors} <= shown

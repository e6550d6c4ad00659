# SPDX-License-Identifier: Apache-2.0
"""``liren link``: the last way in, for an administrator who lost password, phone and papers.

It runs on the server, with the server stopped where the database is a SQLite file: whoever can do that holds the master
key as well. The link is printed and never logged; that it was made stands in the audit.
"""

import click

from liren.app import open_street
from liren.cli.home import ACTOR
from liren.cli.run import run
from liren.errors import NotFound
from liren.identity.signin import accounts, links
from liren.settings import Settings

VALID_S = 30 * 60


@click.command()
@click.argument("name")
def link(name: str) -> None:
    """一次性登录链接 A one-time sign-in link for a login name or phone, or the name of somebody with a role; valid for
    half an hour.
    """

    async def work() -> None:
        async with open_street(Settings.from_env()) as street:
            found = await street.identity.logins.persons(name)
            if not found:
                raise NotFound(
                    f"没有登录名或手机号是 {name} 的人，也没有叫这个名字的工作人员。",
                    f"Nobody has the login name or phone {name}, and no staff is called so.",
                )
            for person, called in found:
                async with street.store.transaction(ACTOR) as tx:
                    token = await links.make(tx, await accounts.open_account(tx, person), valid_s=VALID_S)
                click.echo(f"{called}  {street.settings.public_url}/login/once/{token}")

    run(work())

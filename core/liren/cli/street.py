# SPDX-License-Identifier: Apache-2.0
"""``liren init``, ``liren migrate``, ``liren serve``."""

import logging
import re
import sys
from dataclasses import replace

import click

from liren.app import Plan, found_street, open_street
from liren.app import serve as serve_street
from liren.app.address import can_be_had
from liren.app.founding import check_plan
from liren.app.street import must_be_there
from liren.cli.run import run
from liren.settings import Settings
from liren.store.migrations import MigrationFailed


@click.command()
def migrate() -> None:
    """升级数据库 Bring the database up to date (with the server stopped)."""

    async def work() -> None:
        async with open_street(Settings.from_env(), upgrade=True) as street:
            failed = [r.error for r in street.kernel.refused if isinstance(r.error, MigrationFailed)]
        for error in failed:
            click.echo(f"{error.zh}\n{error.en}", err=True)
        if failed:
            click.echo("其余的已是最新。 Everything else is up to date.")
            sys.exit(1)
        click.echo("数据库已是最新。 The database is up to date.")

    run(work())


@click.command()
def serve() -> None:
    """启动 Serve the street until SIGTERM."""

    settings = Settings.from_env()
    must_be_there(settings)
    can_be_had(settings)

    async def work() -> None:
        async with open_street(settings) as street:
            click.echo(f"http://{street.settings.host}:{street.settings.port}")
            await serve_street(street)

    run(work(), level=logging.INFO)


@click.command()
@click.option("--name", required=True, help="街道名称 the street's name, e.g. 里仁街道")
@click.option("--domain", required=True, help="账本名 name of its keys and log, e.g. liren.example")
@click.option("--communities", required=True, help="社区，用逗号隔开 communities, separated by commas")
@click.option("--reviewer", required=True, help="第一位审核员 the first reviewer's name")
@click.option("--admin", required=True, help="系统管理员 the administrator's name")
@click.option(
    "--security", default="", help="权限管理员，授予角色的人 who gives roles; the administrator where left out"
)
@click.option("--auditor", default="", help="审计员 the auditor's name")
def init(name: str, domain: str, communities: str, reviewer: str, admin: str, security: str, auditor: str) -> None:
    """建街道 Found a street: units, keys, the ledger, and one-time links for its first people."""
    settings = Settings.from_env()
    named = [one.strip() for one in re.split("[,，、]", communities)]
    plan = Plan(name, domain.strip(), tuple(filter(None, named)), reviewer.strip(), admin.strip())
    plan = replace(plan, security=security.strip(), auditor=auditor.strip())
    check_plan(plan)

    async def work() -> None:
        async with open_street(settings, create=True) as street:
            made = await found_street(street, plan)
            click.echo(f"{name}: 根指纹 root fingerprint {made.fingerprint}")
            for title, url in made.links:
                click.echo(f"  {title}  {url}")
            for zh, en in made.next_steps:
                click.echo(f"- {zh}\n  {en}")
            click.echo(
                "请打印恢复单（liren ledger sheet），核对后移走根密钥。 "
                "Print the recovery sheet (liren ledger sheet), check it, then: liren ledger remove-root"
            )

    run(work())

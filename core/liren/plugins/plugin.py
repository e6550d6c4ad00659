# SPDX-License-Identifier: Apache-2.0
"""A loaded plugin: what it is and what it brought."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec
from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren.plugins.acting import Deed
from liren.plugins.custody import Signer
from liren.plugins.events import Event
from liren.plugins.flows import Workflow
from liren.plugins.manifest import Manifest
from liren.plugins.points import RuleTemplate
from liren.plugins.types import Allow, HealthCheck, Job, LoginMethod, Permission, RecordCode, Role, TableFields


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A core package that registers itself through the hooks like any plugin; ``liren.app`` lists them."""

    id: str
    title: str
    target: str
    """``package`` or ``package:object``."""
    mount: str | None = None
    """Where its pages stand; ``/<id>`` where not said."""


@dataclass(frozen=True, slots=True)
class Route:
    """One page of one plugin."""

    name: str
    """``<plugin>.<handler>``."""
    plugin: str
    path: str
    """Whole, with its parameters: ``/market/orders/{order:str}``."""
    methods: frozenset[str]
    allow: Allow
    handler: HTTPRouteHandler
    step_up: bool = False
    """Only for who proved a few minutes ago who they are."""


@dataclass(frozen=True, slots=True)
class Impl:
    """One implementation of one hook."""

    plugin: str
    hook: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    is_async: bool


@dataclass(frozen=True, slots=True)
class Plugin:
    manifest: Manifest
    distribution: str
    version: str
    built_in: bool
    mount: str
    """What its pages' addresses start with."""
    folder: Path
    """Of its package: ``templates/``, ``static/``, ``locale/`` and ``piccolo_migrations/`` lie there."""
    impls: tuple[Impl, ...]
    tables: AppConfig | None = None
    fields: Sequence[TableFields] = ()
    """What its tables say of people."""
    routes: Sequence[Route] = ()
    permissions: Sequence[Permission] = ()
    roles: Sequence[Role] = ()
    settings: type[msgspec.Struct] | None = None
    jobs: Sequence[Job] = ()
    commands: Sequence[click.Command] = ()
    health_checks: Sequence[HealthCheck] = ()
    workflows: Sequence[Workflow] = ()
    warnings: tuple[str, ...] = ()
    """Deprecated hooks and arguments it uses."""
    events: Sequence[type[Event]] = ()
    point_rules: Sequence[RuleTemplate] = ()
    codes: Sequence[RecordCode] = ()
    """What its codes in signed records mean."""
    deeds: Sequence[Deed] = ()
    login_method: LoginMethod | None = None
    signer: Signer | None = None

    @property
    def id(self) -> str:
        return self.manifest.id

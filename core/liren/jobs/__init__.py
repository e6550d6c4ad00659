# SPDX-License-Identifier: Apache-2.0
"""Scheduled jobs and background work, inside the server's own process."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.jobs.events import DeadLetter, Deliverer
from liren.jobs.runner import JobRun, Runner
from liren.jobs.tasks import BackgroundTasks

__all__ = ["BackgroundTasks", "DeadLetter", "Deliverer", "JobRun", "Runner"]


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("jobs", str(Path(__file__).parent / "piccolo_migrations"))

# SPDX-License-Identifier: Apache-2.0
"""Scheduled jobs and background work, inside the server's own process."""

from pathlib import Path

from liren.jobs.runner import JobRun, Runner
from liren.jobs.tasks import BackgroundTasks
from liren.store import MigrationSource

MIGRATIONS = MigrationSource("jobs", Path(__file__).parent / "piccolo_migrations")

__all__ = ["MIGRATIONS", "BackgroundTasks", "JobRun", "Runner"]

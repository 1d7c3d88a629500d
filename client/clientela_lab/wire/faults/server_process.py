"""The server's process, which a proxy may kill or freeze.

Rule: a frozen process is always thawed in the end: while stopped it does not even handle SIGTERM.
"""

import os
import signal
from contextlib import suppress
from typing import Protocol


class HasPid(Protocol):
    """Has a process id, as LocalServer."""

    @property
    def pid(self) -> int:
        """The process id."""


class ServerProcess:
    """Signals the current process of `server`: after a restart its pid is another."""

    def __init__(self, server: HasPid | None) -> None:
        self._server = server
        self._frozen: int | None = None

    @property
    def known(self) -> bool:
        """Whether the process is known."""
        return self._server is not None

    def kill(self) -> None:
        """Kill it (SIGKILL), as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self._pid(), signal.SIGKILL)

    def freeze(self) -> None:
        """Stop it (SIGSTOP), as a paused container."""
        pid = self._pid()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self._frozen = pid

    def thaw(self) -> bool:
        """Continue it (SIGCONT); return False where it was not frozen."""
        pid, self._frozen = self._frozen, None
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        return True

    def _pid(self) -> int:
        if self._server is None:
            raise RuntimeError("nobody said which process the server is")
        return self._server.pid

"""The server's process, where a tap may kill or freeze it.

Rule: what was frozen is thawed in the end, for a process that stands still cannot even be asked to end.
"""

import os
import signal
from contextlib import suppress
from typing import Protocol


class HasPid(Protocol):
    """A process, as LocalServer is one."""

    @property
    def pid(self) -> int:
        """Its number."""


class ServerProcess:
    """Signals the process that `server` is at the moment: one that was restarted has another number."""

    def __init__(self, server: HasPid | None) -> None:
        self._server = server
        self._frozen: int | None = None

    @property
    def known(self) -> bool:
        """Whether anybody said which process it is."""
        return self._server is not None

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self._pid(), signal.SIGKILL)

    def freeze(self) -> None:
        """Let it stand still, as an overloaded machine or a paused container does."""
        pid = self._pid()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self._frozen = pid

    def thaw(self) -> bool:
        """Let it go on; False where it was not frozen."""
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

"""Lets profile_server.py have a server profiled by yappi that knows nothing of it.

Python imports this at start because its folder is in PYTHONPATH. SIGUSR1 starts the profile, SIGUSR2 ends it
and writes one line for each function: thread, function, calls, seconds with all it calls, seconds of its own.
"""

import os
import signal
from pathlib import Path

if "PROFILE_TO" in os.environ:
    import yappi  # type: ignore[import-untyped]

    def start(*_: object) -> None:
        """Begin to count, on every thread; what is written in C counts for the function that calls it."""
        yappi.start(builtins=False)

    def stop(*_: object) -> None:
        """End, and write what was counted."""
        yappi.stop()
        lines = [
            f"{thread.name}\t{one.full_name}\t{one.ncall}\t{one.ttot}\t{one.tsub}\n"
            for thread in yappi.get_thread_stats()
            for one in yappi.get_func_stats(filter={"ctx_id": thread.id})
        ]
        written = Path(os.environ["PROFILE_TO"]).with_suffix(".part")
        written.write_text("".join(lines), encoding="utf-8")
        written.rename(os.environ["PROFILE_TO"])

    yappi.set_clock_type("cpu")
    signal.signal(signal.SIGUSR1, start)
    signal.signal(signal.SIGUSR2, stop)

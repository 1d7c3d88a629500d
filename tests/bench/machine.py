"""What the figures were measured on: what a reader needs to judge them, nothing that names the machine."""

import os
import platform
import resource
from importlib import metadata

import apsw
import psutil

PACKAGES = ("grpcio", "protobuf", "protovalidate", "uvloop", "apsw")


def facts() -> dict[str, str]:
    """Returns the machine's and the software's figures, by name."""
    memory_gib = psutil.virtual_memory().total / 2**30
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory_gib:.1f} GiB",
        "kernel": platform.release(),
        "python": platform.python_version(),
        **{package: _version(package) for package in PACKAGES},
        "sqlite": apsw.sqlite_lib_version(),
    }


class Disturbance:
    """How much of all processor time went elsewhere since this object was made."""

    def __init__(self) -> None:
        self._all, self._ours = psutil.cpu_times(), _own_cpu_s()

    def facts(self) -> dict[str, str]:
        """Returns the shares taken by other machines on the same host and by other programs on this one.

        Only children that have ended count as ours: ask when all have.
        """
        now = psutil.cpu_times()
        passed = {name: getattr(now, name) - getattr(self._all, name) for name in now._fields}
        total = sum(passed.values()) or 1.0
        stolen = passed.get("steal", 0.0)
        idle = passed["idle"] + passed.get("iowait", 0.0)
        others = max(0.0, total - idle - stolen - (_own_cpu_s() - self._ours))
        return {
            "processor time stolen": f"{stolen / total:.1%}",
            "of other programs": f"{others / total:.1%}",
        }


def _own_cpu_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"

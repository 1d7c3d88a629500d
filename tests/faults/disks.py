"""Disks of our own, to be cut off from power and to be filled: a file with ext4 in it, and a piece of memory.

Both need root, and a machine that lets it mount. Whatever happens, they are unmounted at the end.
"""

import fcntl
import functools
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clientela_lab.patience import HANG_S

WITHIN_S = HANG_S
_MIB = 1024 * 1024
# linux/fs/ext4: stop the file system at once; the flag 2 says that nothing more is brought to the disk.
_EXT4_IOC_SHUTDOWN = 0x8004587D
_NOLOGFLUSH = struct.pack("I", 2)


def run(*command: str | Path) -> None:
    """Run a command; CalledProcessError where it fails."""
    subprocess.run(command, check=True, capture_output=True, timeout=WITHIN_S)


class PowerCutDisk:
    """A disk on which all that was not synced is lost when the power is cut, and nothing else."""

    def __init__(self, image: Path, mount: Path) -> None:
        self._image = image
        self.mount = mount

    def cut(self) -> None:
        """Cut the power: from now on nothing reaches the disk, and every sync fails."""
        handle = os.open(self.mount, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _EXT4_IOC_SHUTDOWN, _NOLOGFLUSH)
        finally:
            os.close(handle)

    def come_back(self) -> None:
        """Have power again, with what is on the disk. Nobody may have a file of it open."""
        run("umount", self.mount)
        self.plug_in()

    def plug_in(self) -> None:
        """Mount it, so that nothing is brought to the disk by time alone, but what is asked for."""
        run("mount", "-o", "loop,commit=900,noauto_da_alloc", self._image, self.mount)


@contextmanager
def power_cut_disk(folder: Path, size_mib: int = 64) -> Iterator[PowerCutDisk]:
    """Make a disk, mounted on `folder`; its image lies elsewhere, and is removed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="clientela-disk-") as elsewhere:
        image = Path(elsewhere) / "image"
        with image.open("wb") as file:
            file.truncate(size_mib * _MIB)
        run("mkfs.ext4", "-q", "-F", image)
        disk = PowerCutDisk(image, folder)
        disk.plug_in()
        try:
            yield disk
        finally:
            _unmount(folder)


@contextmanager
def small_disk(folder: Path, size_kib: int) -> Iterator[Path]:
    """Make a disk in memory, mounted on `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", f"size={size_kib}k,mode=700", "tmpfs", folder)
    try:
        yield folder
    finally:
        _unmount(folder)


def _unmount(folder: Path) -> None:
    """Unmount; where somebody still has a file open, as soon as he has not."""
    if subprocess.run(["umount", folder], capture_output=True, timeout=WITHIN_S, check=False).returncode:
        run("umount", "-l", folder)


@functools.cache
def unusable() -> str:
    """Why disks can't be made here; nothing where they can."""
    if os.geteuid() != 0:
        return "only root may mount"
    missing = [name for name in ("mount", "umount", "mkfs.ext4") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    try:
        with tempfile.TemporaryDirectory(prefix="clientela-try-") as folder:
            with small_disk(Path(folder) / "small", 64):
                pass
            with power_cut_disk(Path(folder) / "cut", 8) as disk:
                disk.cut()
    except (subprocess.CalledProcessError, OSError) as error:
        return f"disks can't be mounted or cut off here: {error}"
    return ""


needed = pytest.mark.skipif(bool(unusable()), reason=unusable())

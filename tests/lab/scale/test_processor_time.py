"""Processor times as the system counts them, of real processes."""

import os
import subprocess
import sys

from clientela_lab.patience import HANG_S
from clientela_lab.scale.processor_time import all_processors_s, family_processor_s, processor_s

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
BURN = "import time\nwhile time.process_time() < 0.1: pass\n"
# A parent that has one child which has ended and one which goes on, and is done when it is told to be.
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}])
child = subprocess.Popen([sys.executable, "-c", {BURN!r} + "print(flush=True); input()"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(flush=True)
input()
child.communicate(b"\\n")
"""


def test_a_family_counts_children_that_live_and_that_have_ended() -> None:
    everything = all_processors_s()
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as it:
        assert it.stdout
        it.stdout.readline()
        alone, family = processor_s(it.pid), family_processor_s(it.pid)
        it.communicate(b"\n", timeout=HANG_S)

    assert family >= alone + 0.2 - 4 * TICK_S
    assert all_processors_s() - everything >= family - 8 * TICK_S

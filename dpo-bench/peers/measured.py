"""Runs a command and tells what it took, and whether anything else ran beside it."""
import os
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """What a process that has ended took.

    wall_seconds  from its start to its end
    peak_rss_gb   its largest resident memory
    load          the machine's load averages of one minute, before and after
    others        what everything else took of all processors meanwhile, as a share; None where the system does not tell
    """
    output: str
    wall_seconds: float
    peak_rss_gb: float
    load: tuple
    others: float | None


def run(command, log):
    """Runs a command to its end with standard error in a file; ends this program where it fails."""
    before, busy, begin = os.getloadavg()[0], busy_seconds(), time.monotonic()
    with open(log, "w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment())
        output = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begin
    if process.returncode != 0:
        with open(log, encoding="utf-8") as errors:
            sys.exit(f"{errors.read()[-4000:]}\nended with {process.returncode}: {' '.join(command)}")
    others = None
    if busy is not None:
        others = max(0.0, busy_seconds() - busy - usage.ru_utime - usage.ru_stime) / (wall * os.cpu_count())
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Process(output, wall, kilobytes / 1e6, (before, os.getloadavg()[0]), others)


def environment():
    """The same for all: no network, and threads that wait without spinning, unless the user has set otherwise."""
    return {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "passive", **os.environ}


def busy_seconds():
    """Seconds that the processors have been at work since the start of the machine, or were taken by a neighbour."""
    try:
        with open("/proc/stat", encoding="ascii") as stat:
            user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    except OSError:
        return None
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

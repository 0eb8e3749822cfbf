# SPDX-License-Identifier: GPL-2.0
"""
What takes the processors away: each load runs beside the test for a time, and ends by itself, for
the test may be what it starves.
"""

import os
import shutil
import subprocess
import tempfile
import time

from netns import Broken

# What a starved process may need beyond the time of the load to end and be seen to.
PATIENCE_S = 60


def storm(*words):
    return lambda _build, seconds: ["stress-ng", "--quiet", *words, "--timeout", "%ds" % round(seconds)]


def hogs(priority):
    return lambda build, seconds: [build + "/selftests/tools/hog", str(priority), "%g" % seconds]


# Name: the command, of the build folder and the seconds.  stress-ng: one worker a processor.
LOADS = {
    "idle": None,
    "FIFO 50 hogs": hogs(50),
    "FIFO 99 hogs": hogs(99),
    "timer storm": storm("--timer", "0", "--hrtimers", "0"),
    "switch storm": storm("--switch", "0"),
}


def possible(name):
    return "storm" not in name or shutil.which("stress-ng") is not None


def stolen_s():
    """Seconds that the hypervisor took from all processors together."""
    with open("/proc/stat", encoding="ascii") as file:
        return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


class Load:
    """One load, from start() to finish(): with `with`, so that it ends in any case."""

    def __init__(self, name, build, seconds):
        self.name, self.seconds = name, seconds
        self.words = LOADS[name] and LOADS[name](build, seconds)
        self.process = self.output = None
        self.end_s = self.stolen_s = 0

    def __enter__(self):
        self.output = tempfile.TemporaryFile("w+")
        self.stolen_s = stolen_s()
        self.end_s = time.monotonic() + self.seconds
        if self.words:
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, cwd=tempfile.gettempdir(),
                                            stdout=self.output, stderr=self.output)
        return self

    def finish(self):
        """Waits for its end; what it and the machine said of it."""
        if self.process:
            try:
                status = self.process.wait(self.seconds + PATIENCE_S)
            except subprocess.TimeoutExpired:
                status = "none"
        else:
            time.sleep(max(0, self.end_s - time.monotonic()))
            status = 0
        self.output.seek(0)
        said = self.output.read().strip()
        if status != 0:
            raise Broken("%s: %s, exit status %s" % (self.name, said, status))
        if time.monotonic() < self.end_s - 1:
            raise Broken("%s ended before its time: %s" % (self.name, said))
        stolen = stolen_s() - self.stolen_s
        return ", ".join(([said] if said else []) + ["the hypervisor took %.1f s" % stolen])

    def __exit__(self, *_what):
        if self.process and self.process.poll() is None:
            # stress-ng and the hogs take their children with them.
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()

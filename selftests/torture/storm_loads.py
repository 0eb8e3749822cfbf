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
from stall_times import read_stalls

HERE = os.path.dirname(os.path.abspath(__file__))
STALLS = os.path.join(HERE, "..", "tools", "stalls.py")
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


class Stalls:
    """When a processor itself stood still for some milliseconds: not even a deadline task ran."""

    def __init__(self):
        self.file = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([STALLS, "--deadline"], stdin=subprocess.DEVNULL,
                                        stdout=self.file)

    def read(self):
        """(since when, until when), by the system's clock."""
        self.file.seek(0)
        return read_stalls(self.file)

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.file.close()


def stall_words(found):
    if not found:
        return "no stall of a processor"
    return "%d stalls of processors, the longest %.0f ms" % (
        len(found), 1000 * max(until - since for since, until in found))


class Load:
    """One load, from start() to finish(): with `with`, so that it ends in any case."""

    def __init__(self, name, build, seconds):
        self.name, self.seconds = name, seconds
        self.words = LOADS[name] and LOADS[name](build, seconds)
        self.process = self.output = self.stalls = None
        self.end_s = 0

    def __enter__(self):
        self.output = tempfile.TemporaryFile("w+")
        self.stalls = Stalls()
        self.end_s = time.monotonic() + self.seconds
        try:
            if self.words:
                self.process = subprocess.Popen(
                    self.words, stdin=subprocess.DEVNULL, cwd=tempfile.gettempdir(),
                    stdout=self.output, stderr=self.output)
        except BaseException:
            self.__exit__()
            raise
        return self

    def finish(self):
        """Waits for its end; what it said of itself."""
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
        return said or "as planned"

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
        self.stalls.close()

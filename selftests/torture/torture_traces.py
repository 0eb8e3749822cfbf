# SPDX-License-Identifier: GPL-2.0
"""
What the torture test remembers of its run, so that a failure tells its cause: the faults, the events of
both ends, and what the agents said.  It must not judge.
"""

import collections
import contextlib
import os
import signal
import subprocess
import time

LAST_FAULTS = 6
LAST_EVENTS = 8
LAST_WORDS = 12


def clock(seconds):
    """As `ip bfd monitor` writes it."""
    return time.strftime("%H:%M:%S", time.localtime(seconds)) + (".%06d" % (seconds % 1 * 1e6))


class Traces:
    """Of the agents of a Netns, by their ends."""

    def __init__(self, net, folder, ends):
        self.net, self.folder, self.ends = net, folder, ends
        self.faults = collections.deque(maxlen=LAST_FAULTS)
        self.fault_s = 0
        self.said = {end: collections.deque(maxlen=LAST_WORDS) for end in ends}
        self.monitors = []

    def fault(self, text):
        self.fault_s = time.time()
        self.faults.append("%s %s" % (clock(self.fault_s), text))

    def since_fault(self, when_us):
        """When that was, in words."""
        if not when_us:
            return "(when isn't known)"
        return "at %s, %.3f s after the fault began" % (clock(when_us / 1e6), when_us / 1e6 - self.fault_s)

    def listen(self, end):
        """All events of an end, over restarts of its agent."""
        with open(self.path(end), "w", encoding="utf-8") as file:
            self.monitors.append(subprocess.Popen(
                [self.net.build + "/ip", "-t", "-n", self.net.name(end), "bfd", "monitor"],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file))

    def path(self, end):
        return os.path.join(self.folder, "events-" + end)

    def events(self, end, remote):
        """The last of a session, and of none."""
        with open(self.path(end), encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file]
        wanted = [line for line in lines if remote in line.split() or " fault " in line or " lost " in line]
        return ["%s: %s" % (end, line) for line in wanted[-LAST_EVENTS:]]

    def lines(self, end):
        """What the agent said.  A log that was cut begins with zeroes where it was written on."""
        return self.net.agents[end].messages().replace("\0", "").splitlines()

    def begun(self, end):
        """How often the agent, which begins anew by itself, was ready."""
        return self.lines(end).count("bfd-agent: ready")

    def unapplied(self, end):
        """What is missing until the agent has applied its file as often as it began; empty: nothing."""
        applied = [line for line in self.lines(end)
                   if line.startswith("bfd-agent: configuration: ") and line.endswith(" is applied")]
        missing = self.begun(end) - len(applied)
        return "the configuration file was not applied" if missing > 0 else ""

    def repairs(self, end, fault):
        """How often an event said that this was put right."""
        with open(self.path(end), encoding="utf-8", errors="replace") as file:
            return sum(line.startswith("fault %s " % fault) and line.endswith(" repaired\n") for line in file)

    def keep(self, end):
        """Before another agent starts, whose log is a new one."""
        self.said[end].extend(self.lines(end))

    def words(self):
        """What the agents said last."""
        lines = []
        for end in self.ends:
            now = self.lines(end) if end in self.net.agents else []
            lines += ["agent of %s: %s" % (end, line)
                      for line in [*self.said[end], *now][-LAST_WORDS:]]
        return lines

    def close(self):
        for monitor in self.monitors:
            monitor.send_signal(signal.SIGTERM)
        for monitor in self.monitors:
            with contextlib.suppress(subprocess.TimeoutExpired):
                monitor.wait(5)
                continue
            monitor.kill()
            monitor.wait()

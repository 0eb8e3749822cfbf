# SPDX-License-Identifier: GPL-2.0
"""
How late is a failure detected while the processors are taken away and the agents stand still?
All sessions run over one bridge, which cuts them at once, both ways and without any link going down, by
one word that a deadline task writes.  How late Down was declared is in the kernel's own record of
each session (detect_overshoot_last), read when the load is over and the agents run again.
"""

import math
import os
import signal
import subprocess
import time

from netns import Broken, run
from storm_loads import LOADS, Load, possible, stall_words
from storm_systems import Ipbfd
from torture import DEVICE, ENDS

HERE = os.path.dirname(os.path.abspath(__file__))
WRITE_AT = os.path.join(HERE, "..", "tools", "write_at.py")
AHEAD_S = 1.0    # of the load, before the cut
BEHIND_S = 1.0   # and after it
DETECTIONS = 200  # for each load, at least
# Of p99: what no noise may reach, which after a stall of over 2 ms has 20 ms of grace (kern/detect.h).
BOUND_US = 100000


class Switched(Ipbfd):
    """Both ends at ports of a bridge.  Two isolated ports don't talk to each other."""

    def link(self):
        switch = self.net.add("switch")
        run("ip", "-n", switch, "link", "add", "b0", "type", "bridge", "mcast_snooping", "0")
        run("ip", "-n", switch, "link", "set", "b0", "up")
        for end in ENDS:
            run("ip", "-n", switch, "link", "add", end, "type", "veth",
                "peer", "name", DEVICE[end], "netns", self.net.name(end))
            run("ip", "-n", switch, "link", "set", end, "up", "master", "b0")
        self.net.ip("switch", "link", "set", "them", "type", "bridge_slave", "isolated", "on")

    def cut_at(self, when_s):
        """The process that will cut."""
        cutter = subprocess.Popen(
            ["ip", "netns", "exec", self.net.name("switch"), WRITE_AT, "%.6f" % when_s, "1",
             "/sys/class/net/us/brport/isolated"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True)
        if cutter.stdout.readline() != "ready\n":
            cutter.wait()
            raise Broken("write_at.py can't cut the link")
        return cutter

    def heal(self):
        self.net.ip("switch", "link", "set", "us", "type", "bridge_slave", "isolated", "off")

    def signal(self, number):
        for end in ENDS:
            self.net.agents[end].signal(number)

    def record(self):
        """Of each session at both ends: (how often it went down, how late and why the last time)."""
        return {(end, session["local_discr"]): (
            session["stats"]["down_count"], session["stats"]["detect_overshoot_last"], session["diag"])
                for end in ENDS for session in self.show(end)}


def cut(table, load_name, options):
    """One cut under one load: microseconds of each detection, how many were cut, stalls, remarks."""
    before = table.record()
    cutter = table.cut_at(time.monotonic() + AHEAD_S)
    try:
        table.signal(signal.SIGSTOP)
        with Load(load_name, options.build, AHEAD_S + BEHIND_S) as load:
            said = load.finish()
            stalls = load.stalls.read()
        cut_late = cutter.communicate(timeout=30)[0].strip()
    finally:
        table.signal(signal.SIGCONT)
        cutter.kill()
        cutter.wait()
    if cutter.returncode != 0:
        raise Broken("write_at.py failed to cut the link")
    after = table.record()
    table.heal()
    overshoots = [late_us for key, (count, late_us, diag) in after.items()
                  if count == before[key][0] + 1 and diag == "control-expiry"]
    return overshoots, len(before), stalls, "cut %s s late, %s" % (cut_late, said)


def percentile(values, percent):
    """By rank."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def under(table, load_name, options, tap):
    overshoots, stalls, cuts, rounds, said = [], [], 0, 0, ""
    while rounds < options.rounds or len(overshoots) < DETECTIONS:
        if rounds >= 20 * options.rounds:
            break  # 20 times what should be enough
        if table.wait_up(30) < options.sessions:
            raise Broken("not all sessions came up again")
        time.sleep(1)  # the agreed intervals come into force
        late, sessions, stood_still, said = cut(table, load_name, options)
        overshoots += late
        stalls += stood_still
        cuts += sessions
        rounds += 1
    tap.point(len(overshoots) >= DETECTIONS, "%s: %d detections or more" % (load_name, DETECTIONS),
              "%d of %d ends of sessions, in %d cuts" % (len(overshoots), cuts, rounds))
    if not overshoots:
        return
    p50, p99, most = (percentile(overshoots, percent) for percent in (50, 99, 100))
    tap.note("%-13s %6d of %d %8.3f %8.3f %8.3f  %s; the last: %s" % (
        load_name, len(overshoots), cuts, p50 / 1000, p99 / 1000, most / 1000, stall_words(stalls), said))
    tap.point(p99 < BOUND_US, "%s: 99 %% are less than %d ms late" % (load_name, BOUND_US / 1000),
              "%.3f ms" % (p99 / 1000))


def measure(options, tap):
    tap.note("detection overshoot with both agents stopped: %d sessions at %g ms x3, %d cuts of all "
             "of them at once" % (options.sessions, options.tx_us / 1000, options.rounds))
    tap.note("%-13s %10s %8s %8s %8s  (ms)" % ("load", "detections", "p50", "p99", "max"))
    with Switched(options.build, options.prefix + "cut", options.sessions, options.tx_us) as table:
        for load_name in LOADS:
            if possible(load_name):
                under(table, load_name, options, tap)
            else:
                tap.note("%s: stress-ng is not installed" % load_name)

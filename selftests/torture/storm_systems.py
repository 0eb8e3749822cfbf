# SPDX-License-Identifier: GPL-2.0
"""
The same table of sessions between two namespaces, in ipbfd and in the distribution's BIRD and FRR: how
many of them are up, and how often any went down.  It must not know what is done to them.
"""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time

from netns import Broken, Netns, run
from torture import DEVICE, ENDS, other

FRR_DAEMONS = "/usr/lib/frr"
MULTIPLIER = 3


def address(end, number):
    """Of each family half of the sessions: each has neighbours' tables of its own in the kernel."""
    index, last = ENDS.index(end), number // 2
    if number % 2 == 0:
        return "198.%d.%d.%d" % (18 + index, last // 250, last % 250 + 1)
    return "2001:db8::%d:%x" % (index + 1, last + 1)


class System:
    """Two namespaces with one link, and N pairs of addresses, half of each family."""

    name = ""

    def __init__(self, build, prefix, sessions, interval_us):
        self.build, self.sessions, self.interval_us = build, sessions, interval_us
        self.net = Netns(build, prefix)
        self.tmp = tempfile.TemporaryDirectory(prefix="ipbfd-storms-")
        os.chmod(self.tmp.name, 0o755)  # daemons that give up root work below it

    def __enter__(self):
        try:
            self.make()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_what):
        self.close()

    def file(self, name, lines):
        path = os.path.join(self.tmp.name, name)
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def link(self):
        us, them = self.net.name("us"), self.net.name("them")
        run("ip", "-n", us, "link", "add", DEVICE["us"], "type", "veth",
            "peer", "name", DEVICE["them"], "netns", them)

    def make(self):
        for end in ENDS:
            self.net.add(end)
        self.link()
        for end in ENDS:
            self.net.ip(end, "link", "set", DEVICE[end], "up")
            lines = ["addr add %s%s dev %s" % (address(end, number), "/64" if number % 2 else "/15",
                                               DEVICE[end]) for number in range(self.sessions)]
            self.net.ip(end, "-batch", self.file("addresses-" + end, lines))
        for end in ENDS:
            self.start(end)

    def pairs(self, end):
        """(peer, own address), of each session."""
        return [(address(other(end), number), address(end, number)) for number in range(self.sessions)]

    def ups(self):
        """How many are up at both ends."""
        return min(self.ups_of(end) for end in ENDS)

    def downs(self):
        """How often any session left Up so far, counted at both ends."""
        return sum(self.downs_of(end) for end in ENDS)

    def wait_up(self, seconds):
        """How many came up in that time."""
        end_s = time.monotonic() + seconds
        while (ups := self.ups()) < self.sessions and time.monotonic() < end_s:
            time.sleep(0.5)
        return ups

    def start(self, end):
        raise NotImplementedError

    def ups_of(self, end):
        raise NotImplementedError

    def downs_of(self, end):
        raise NotImplementedError

    def close(self):
        self.net.close()
        self.tmp.cleanup()


class Ipbfd(System):
    """An agent at each end, of normal priority."""

    name = "ipbfd"

    @staticmethod
    def missing():
        return None

    def start(self, end):
        self.net.start_agent(end)
        lines = ["bfd add remote %s local %s dev %s tx %dus rx %dus mult %d" % (
            peer, own, DEVICE[end], self.interval_us, self.interval_us, MULTIPLIER)
                 for peer, own in self.pairs(end)]
        run(self.build + "/ip", "-n", self.net.name(end), "-batch", self.file("sessions-" + end, lines),
            timeout=120)

    def show(self, end):
        return self.net.bfd(end, "show") or []

    def ups_of(self, end):
        return sum(session["state"] == "up" for session in self.show(end))

    def downs_of(self, end):
        return sum(session["stats"]["down_count"] for session in self.show(end))

    def last_downs(self):
        """Of each session at both ends: (how often it went down, the last time by the system's clock)."""
        return {(end, session["local_discr"]): (
            session["stats"]["down_count"], session.get("last_down", 0) / 1e6)
                for end in ENDS for session in self.show(end)}

    def nearest(self):
        """Since the start: how near any session came to a flap, per cent of the detection time, and how
        long the clock stood still, in microseconds."""
        closest = max(session["stats"]["closest_call_pct"] for end in ENDS for session in self.show(end))
        gap_us = max(device["tick_gap_max"] for end in ENDS for device in self.net.bfd(end, "dev", "show")
                     if "tick_gap_max" in device)
        return closest, gap_us

    def nearest_since(self, before):
        """The same in words; what no load surpassed is from before it."""
        (old_pct, old_us), (pct, us) = before, self.nearest()
        return "longest silence %s%.0f %% of the detection time, longest gap of the clock %s%.2f ms" % (
            "<= " if pct == old_pct else "", pct, "<= " if us == old_us else "", us / 1000)


class Daemons(System):
    """What is common to peers: their processes, as they come, of normal priority."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.processes = []

    def daemon(self, end, *words):
        log = os.path.join(self.tmp.name, "%s-%s.out" % (os.path.basename(words[0]), end))
        with open(log, "w", encoding="utf-8") as file:
            process = subprocess.Popen(["ip", "netns", "exec", self.net.name(end), *words],
                                       stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self.processes.append(process)
        return process

    def wait_for(self, ready, what):
        end_s = time.monotonic() + 20
        while not ready():
            if time.monotonic() > end_s:
                raise Broken("%s did not start" % what)
            time.sleep(0.05)

    def close(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
                continue
            process.kill()
            process.wait()
        super().close()


class Bird(Daemons):
    """BIRD with the table as static neighbours; what went down is in its log."""

    name = "BIRD"

    @staticmethod
    def missing():
        return None if shutil.which("bird") else "bird is not installed"

    def path(self, end, name):
        return os.path.join(self.tmp.name, end + "." + name)

    def birdc(self, end, *words):
        return run("birdc", "-s", self.path(end, "ctl"), *words, check=False, timeout=60)

    def start(self, end):
        times = "min rx interval %d us; min tx interval %d us; multiplier %d;" % (
            self.interval_us, self.interval_us, MULTIPLIER)
        conf = self.file(end + ".conf", [
            'log "%s" all;' % self.path(end, "log"), "router id 192.0.2.200;",
            "debug protocols { states, events };", "protocol device { }", "protocol bfd {",
            'interface "%s" { %s };' % (DEVICE[end], times),
            *['neighbor %s dev "%s" local %s;' % (peer, DEVICE[end], own)
              for peer, own in self.pairs(end)], "}"])
        self.daemon(end, "bird", "-f", "-c", conf, "-s", self.path(end, "ctl"),
                    "-P", self.path(end, "pid"))
        self.wait_for(lambda: self.birdc(end, "show", "status").returncode == 0, "BIRD")

    def ups_of(self, end):
        return self.birdc(end, "show", "bfd", "sessions").stdout.count(" Up ")

    def downs_of(self, end):
        with open(self.path(end, "log"), encoding="utf-8", errors="replace") as file:
            return sum("changed state from Up" in line for line in file)


class Frr(Daemons):
    """FRR's zebra and bfdd; what went down it counts itself."""

    name = "FRR"

    @staticmethod
    def missing():
        there = os.access(FRR_DAEMONS + "/bfdd", os.X_OK) and shutil.which("vtysh")
        return None if there else "frr is not installed"

    def folder(self, end):
        return os.path.join(self.tmp.name, "frr-" + end)

    def frr_daemon(self, end, name, *words):
        folder = self.folder(end)
        self.daemon(end, os.path.join(FRR_DAEMONS, name), "-u", "frr", "-g", "frr",
                    "-i", "%s/%s.pid" % (folder, name), "-z", folder + "/zserv.api", "--vty_socket", folder,
                    "-A", "127.0.0.1", "-P", "0", "-f", "/dev/null",
                    "--log", "file:%s/%s.log" % (folder, name), *words)
        self.wait_for(lambda: os.path.exists("%s/%s.vty" % (folder, name)), name)

    def vtysh(self, end, *words):
        return run("vtysh", "--vty_socket", self.folder(end), *words, check=False, timeout=120)

    def answer(self, end, command):
        done = self.vtysh(end, "-c", command)
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise Broken("FRR answers '%s' with: %s" % (command, (done.stderr or done.stdout)[:200])) from error

    def start(self, end):
        interval_ms, rest_us = divmod(self.interval_us, 1000)
        if rest_us or interval_ms < 10:
            raise Broken("FRR takes no interval of %d us" % self.interval_us)
        os.mkdir(self.folder(end), 0o755)
        shutil.chown(self.folder(end), "frr", "frrvty")
        self.frr_daemon(end, "zebra")
        self.frr_daemon(end, "bfdd", "--bfdctl", self.folder(end) + "/bfdd.sock")
        lines = ["bfd"]
        for peer, own in self.pairs(end):
            lines += [" peer %s local-address %s interface %s" % (peer, own, DEVICE[end]),
                      "  transmit-interval %d" % interval_ms, "  receive-interval %d" % interval_ms,
                      "  detect-multiplier %d" % MULTIPLIER, " exit"]
        self.vtysh(end, "-f", self.file("frr-lines-" + end, lines))

    def ups_of(self, end):
        return sum(peer["status"] == "up" for peer in self.answer(end, "show bfd peers json"))

    def downs_of(self, end):
        return sum(peer["session-down"] for peer in self.answer(end, "show bfd peers counters json"))


SYSTEMS = (Ipbfd, Bird, Frr)

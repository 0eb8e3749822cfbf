#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What is done to the agents must not hurt a session.  Two ends, many sessions of all kinds; for some
time one fault after another, at a random end, by a seed that is printed.  After each the agent has put
right what it says that it does, every session is the one that it was (torture_ledger.py), is up and
hears its peer, and none has failed; at the end nothing may be left.  A fault that did not happen is none
that was survived; each happens at least once, which may take longer than --seconds.  TAP.

	torture.py [--build DIR] [--seconds N] [--sessions N] [--tx TIME] [--seed N] [--without FAULT]

A session's only Down with a fault that came with a longer stall of this machine than its detection
time allows is told, and counts as the machine's (stall_times.py).
"""

import argparse
import doctest
import glob
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "conformance"))
from netns import Broken, DutError, Netns, end_by_signals, inside, run, sweep, sweep_ended  # noqa: E402
import stall_times  # noqa: E402
import torture_ledger  # noqa: E402
from torture_traces import Traces  # noqa: E402

PREFIX = "bfdtorture"
ENDS = ("us", "them")
DEVICE = {"us": "u0", "them": "t0"}
KINDS = ("plain", "echo", "demand", "auth")
SLOW_TX = "200ms"  # of a session that was reconfigured
CLOCK = "bfd-tick0"
PINS = "/sys/fs/bpf/ipbfd"
SO_NETNS_COOKIE = 71
# Bounds of what takes a second at most, for a machine that stands still in between.
APPLY_S = 60   # of a configuration file
REPAIR_S = 30  # of what somebody else broke
ALIVE_S = 30   # until each session is up and has heard its peer, which speaks once a second or more


class Impossible(Exception):
    """There is nothing here that the fault could be done to, and nothing was done."""


def other(end):
    return ENDS[1 - ENDS.index(end)]


def milliseconds(text):
    return int(text.removesuffix("ms"))


def detection(session):
    """(detection time, interval) in seconds of a session as it is shown; None: it isn't up."""
    if session["state"] != "up":
        return None
    whole = session["detection_time"]
    interval = whole / session["mult"] if session["demand"] else session["negotiated_rx"]
    echo = session.get("echo_tx_in_use")
    if echo and echo * session["mult"] < whole:
        whole, interval = echo * session["mult"], echo
    return whole / 1e6, interval / 1e6


def address(end, number):
    """Of each family half of the sessions."""
    last = number // 2 + 1
    if number % 2 == 0:
        return "198.18.%d.%d" % (ENDS.index(end), last)
    return "2001:db8::%d:%d" % (ENDS.index(end) + 1, last)


class Torture:
    """Two namespaces with agents, and what was done to them."""

    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.net = Netns(options.build, "%s%d" % (PREFIX, os.getpid()))
        self.count = self.failed = 0
        self.stalls = None
        self.folder = tempfile.TemporaryDirectory(prefix=PREFIX)
        self.next = None        # the build of the next version, while it isn't at work everywhere
        self.older = list(ENDS)  # the ends that can be upgraded
        self.tx = {}            # what is other than options.tx, by end and number
        self.objects = set()    # (kind, identifier) of all that the agents ever held in the kernel
        self.traces = Traces(self.net, self.folder.name, ENDS)

    def point(self, good, text, why=""):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, text))
        for line in str(why).splitlines() if not good or why else []:
            print("#   " + line)
        sys.stdout.flush()

    # --- set-up

    def make(self):
        us, them = self.net.add("us"), self.net.add("them")
        run("ip", "-n", us, "link", "add", "u0", "type", "veth", "peer", "name", "t0", "netns", them)
        with open(self.path("secret"), "w", encoding="ascii", opener=self.private) as file:
            file.write("0123456789abcdef")
        for end in ENDS:
            self.net.ip(end, "link", "set", DEVICE[end], "up")
            for number in range(self.options.sessions):
                length = "/15" if number % 2 == 0 else "/64"
                self.net.ip(end, "addr", "add", address(end, number) + length, "dev", DEVICE[end])
            self.configure(end)
            self.net.start_agent(end, "--config", self.path(end))
            self.traces.listen(end)
            self.apply(end)
            self.remember(end)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    @staticmethod
    def private(path, flags):
        return os.open(path, flags, 0o600)

    def build_next(self):
        """A version whose maps are laid out otherwise."""
        run(os.path.join(HERE, "..", "tools", "next_version.sh"), self.options.build,
            self.path("next"), timeout=300)
        self.next = self.path("next") + "/build/bfd-agent"

    def configure(self, end):
        with open(self.path(end), "w", encoding="ascii") as file:
            print("bfd key add chain id 1 type meticulous-sha1 file", self.path("secret"), file=file)
            for number in range(self.options.sessions):
                print("bfd", *self.line(end, number), file=file)

    def line(self, end, number):
        kind = KINDS[number // 2 % len(KINDS)]
        words = ["add", "remote", address(other(end), number), "local", address(end, number),
                 "dev", DEVICE[end], "tx", self.tx.get((end, number), self.options.tx),
                 "rx", self.options.tx]
        if kind == "echo":
            words += ["echo", "50ms", "echo-rx", "on"]
        if kind == "demand":
            words += ["demand", "on", "poll-interval", "1s"]
        if kind == "auth":
            words += ["auth", "meticulous-sha1", "key", "chain"]
        return words

    def start(self, end, *options):
        self.traces.keep(end)
        self.net.agents[end].start("--config", self.path(end), *options)
        self.apply(end)
        self.remember(end)

    def apply(self, end):
        """The file can't undo any more what is done to sessions by hand afterwards."""
        why = self.wait_for(lambda: self.traces.unapplied(end), APPLY_S)
        if why:
            raise Broken("%s: %s" % (end, why))

    def remember(self, end):
        """What the agent holds, so that it is known whether it is gone in the end."""
        for kind, number, _ in self.held(end):
            self.objects.add((kind, number))

    def held(self, end):
        """(kind, identifier, all that is told) of the BPF objects that the agent has open."""
        for path in glob.glob("/proc/%d/fdinfo/*" % self.net.agents[end].process.pid):
            try:
                with open(path, encoding="ascii") as file:
                    info = dict(re.findall(r"^(\w+):\s*(\S+)", file.read(), re.M))
            except FileNotFoundError:
                continue
            for kind in ("map", "prog", "link"):
                if kind + "_id" in info and (kind == "link" or "link_id" not in info):
                    yield kind, int(info[kind + "_id"]), info

    def sessions(self, end):
        return {session["remote"]: session for session in self.net.bfd(end, "show") or []}

    def each(self):
        """(end, number, address of the peer), of each session."""
        return [(end, number, address(other(end), number))
                for end in ENDS for number in range(self.options.sessions)]

    @staticmethod
    def wait_for(why, seconds):
        """Until why() has nothing to say any more; what it says if that takes longer."""
        end_s = time.monotonic() + seconds
        while (words := why()) and time.monotonic() < end_s:
            time.sleep(0.1)
        return words

    def wait_up(self, seconds):
        return not self.wait_for(lambda: self.idle({end: {} for end in ENDS}), seconds)

    def idle(self, since):
        """((end, number), why) of the sessions that don't live, by what they were then."""
        now = {end: self.sessions(end) for end in ENDS}
        found = []
        for end, number, remote in self.each():
            why = torture_ledger.idle(since[end].get(remote), now[end].get(remote))
            if why:
                found.append(((end, number), "%s: %s %s" % (end, remote, why)))
        return found

    def not_up(self):
        """Why wait_up() was in vain."""
        down = [(end, number) for end in ENDS for number in range(self.options.sessions)
                if self.sessions(end).get(address(other(end), number), {}).get("state") != "up"]
        return self.describe(["%s: %s isn't up" % (end, address(other(end), number))
                              for end, number in down], down)

    def describe(self, what, concerned):
        """Of the first sessions, by end and number, all that helps to find the cause afterwards."""
        lines = what[:10] + ["and %d more" % (len(what) - 10)] * (len(what) > 10)
        lines += ["seed %d; the last faults:" % self.options.seed, *self.traces.faults]
        for end, number in concerned[:3]:
            lines.append("of kind %s, %s's end first:" % (KINDS[number // 2 % len(KINDS)], end))
            for side in (end, other(end)):
                session = self.sessions(side).get(address(other(side), number))
                lines.append("%s: %s" % (side, json.dumps(session)))
                lines += self.traces.events(side, address(other(side), number))
        return "\n".join(lines + self.traces.words())

    # --- faults: each is seen to have happened, and leaves an agent running at both ends

    def pause(self, most=1.0):
        time.sleep(self.random.uniform(0, most))

    def proceed(self, end, *words):
        """A command has its effect; it is tried again, for agents take things away to replace them."""
        def failed():
            done = run(*words, check=False)
            return (done.stderr or done.stdout or "no word").strip() if done.returncode else ""

        why = self.wait_for(failed, REPAIR_S)
        if why:
            raise Broken("%s: %s: %s" % (end, " ".join(words), why))

    def repaired(self, end, fault, why):
        """Since fault, (event, how often there was one): why() ends, and there is one more."""
        def missing():
            said = self.traces.repairs(end, fault[0]) > fault[1]
            return why() or ("" if said else "no event says %s" % fault[0])

        words = self.wait_for(missing, REPAIR_S)
        self.point(not words, "%s: %s is repaired, and told" % (end, fault[0]), words)

    def events(self, end, fault):
        return fault, self.traces.repairs(end, fault)

    def halt(self, end):
        """SIGSTOP; the agent, once it stands still."""
        agent = self.net.agents[end]
        agent.signal(signal.SIGSTOP)

        def running():
            with open("/proc/%d/stat" % agent.process.pid, encoding="ascii") as file:
                state = file.read().rpartition(")")[2].split()[0]
            return "" if state == "T" else "the agent's state is %s, not T" % state

        why = self.wait_for(running, REPAIR_S)
        if why:
            raise Broken("%s: %s" % (end, why))
        return agent

    def stop(self, end):
        """SIGSTOP for up to a minute."""
        agent = self.halt(end)
        time.sleep(self.random.uniform(0.1, min(60, self.options.seconds / 6)))
        agent.signal(signal.SIGCONT)

    def ended(self, end, status, wanted):
        if status != wanted:
            raise Broken("%s: the agent's exit status was %d, not %d" % (end, status, wanted))

    def kill(self, end):
        """kill -9, and a new one after a while."""
        self.ended(end, self.net.agents[end].kill(), -signal.SIGKILL)
        self.pause(3)
        self.start(end)

    def restart(self, end):
        self.ended(end, self.net.agents[end].stop(), 0)
        self.start(end)

    def handover(self, end):
        before = self.net.agents[end].process
        self.start(end, "--handover")
        self.ended(end, before.wait(20), 0)

    def upgrade(self, end):
        """To the version whose maps are laid out otherwise; there is no way back."""
        if end not in self.older:
            return self.handover(end)
        self.older.remove(end)
        layout = self.layout(end)
        self.net.agents[end].path = self.next
        self.handover(end)
        return self.point(self.layout(end) not in ([], layout), "%s: the maps are laid out otherwise" % end,
                          self.layout(end))

    def pins(self, end):
        """The folder of the namespace's pins."""
        with inside(self.net.name(end)), socket.socket() as one:
            cookie = one.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8)
        return "%s/netns-%d" % (PINS, int.from_bytes(cookie, sys.byteorder))

    def layout(self, end):
        """By the names of the folders with pins."""
        return sorted(os.listdir(self.pins(end)))

    def unpin(self, end):
        """All that is pinned."""
        fault = self.events(end, "pins-removed")
        pinned = sorted(glob.glob(self.pins(end) + "/*/*"))
        if not pinned:
            raise Broken("%s: nothing is pinned" % end)
        for path in pinned:
            os.unlink(path)
        self.repaired(end, fault, lambda: "\n".join(path for path in pinned if not os.path.exists(path)))

    def reload(self, end):
        """It serves again, and all sessions are as the file says."""
        begun = self.traces.begun(end)
        self.net.agents[end].signal(signal.SIGHUP)
        why = self.wait_for(lambda: self.unlike_file(end, begun), APPLY_S)
        self.point(not why, "%s: the configuration file is applied again" % end, why)

    def unlike_file(self, end, begun):
        """What is missing after a reload by an agent that had begun so often; empty: nothing."""
        if self.traces.begun(end) <= begun:
            return "the agent did not begin anew"
        try:
            sessions = self.sessions(end)
        except DutError as error:
            return str(error)
        wrong = []
        for number in range(self.options.sessions):
            remote = address(other(end), number)
            tx = self.tx.get((end, number), self.options.tx)
            session = sessions.get(remote)
            if not session or session["desired_min_tx"] != milliseconds(tx) * 1000:
                wrong.append("%s: %s, not tx %s" % (
                    remote, session["desired_min_tx"] if session else "is gone", tx))
        return "\n".join(wrong[:10]) or self.traces.unapplied(end)

    def reconfigure(self, end):
        """A session of the configuration file sends more slowly, or as before."""
        one = (end, self.random.randrange(self.options.sessions))
        if one in self.tx:
            del self.tx[one]
        else:
            self.tx[one] = SLOW_TX
        self.configure(end)
        self.reload(end)

    def link(self, end, name):
        """As `ip link` shows it; None: it isn't there."""
        done = run("ip", "-n", self.net.name(end), "-j", "link", "show", "dev", name, check=False)
        return json.loads(done.stdout)[0] if done.returncode == 0 else None

    def detach(self, end):
        """The receiver is taken off the device by another tool."""
        fault = self.events(end, "program-detached")
        attached = [number for kind, number, info in self.held(end) if kind == "link" and
                    info.get("link_type") == "xdp" and info.get("ifindex", "0") != "0"]
        if not attached or "xdp" not in self.link(end, DEVICE[end]):
            raise Broken("%s: there is no receiver on %s" % (end, DEVICE[end]))
        for number in attached:
            run("bpftool", "link", "detach", "id", str(number))
        self.repaired(end, fault, lambda: "" if "xdp" in self.link(end, DEVICE[end]) else
                      "there is no receiver on " + DEVICE[end])

    def delete_clock(self, end, agent_is_stopped=False):
        fault, before = self.events(end, "clock-device"), self.link(end, CLOCK)
        agent = self.halt(end) if agent_is_stopped else None
        self.net.ip(end, "link", "del", CLOCK)
        if agent:
            time.sleep(1)
            gone = not self.link(end, CLOCK)
            agent.signal(signal.SIGCONT)
            self.point(gone, "%s: there is no clock while the agent is stopped" % end)
        self.repaired(end, fault, lambda: self.unlike_clock(end, before["qdisc"], before["ifindex"]))

    def unlike_clock(self, end, qdisc, older=0):
        """What is wrong with the clock, which shall have that discipline and not be the older device."""
        clock = self.link(end, CLOCK)
        if not clock or clock["ifindex"] == older:
            return "there is no new " + CLOCK
        if clock["qdisc"] != qdisc or "UP" not in clock["flags"]:
            return "%s is %s, with the discipline %s" % (CLOCK, ",".join(clock["flags"]), clock["qdisc"])
        return ""

    def stop_and_delete_clock(self, end):
        """Nobody makes a new one for a second."""
        self.delete_clock(end, agent_is_stopped=True)

    def change_qdisc(self, end):
        fault, qdisc = self.events(end, "clock-device"), self.link(end, CLOCK)["qdisc"]
        if qdisc != "tbf":
            raise Impossible("the kernel lacks the discipline tbf")
        self.proceed(end, "tc", "-n", self.net.name(end), "qdisc", "del", "dev", CLOCK, "root")
        self.repaired(end, fault, lambda: self.unlike_clock(end, qdisc))

    def flush_neighbours(self, end):
        """Not all may be gone at once in the end, since they are made again."""
        done = run("ip", "-s", "-n", self.net.name(end), "neigh", "flush", "dev", DEVICE[end], check=False)
        gone = sum(int(number) for number in re.findall(r"deleting (\d+) entr", done.stdout))
        if gone < self.options.sessions:
            raise Broken("%s: only %d neighbours were flushed: %s" % (end, gone, done.stdout + done.stderr))
        why = self.wait_for(lambda: self.no_neighbours(end), REPAIR_S)
        self.point(not why, "%s: neighbours are made again" % end, why)

    def no_neighbours(self, end):
        shown = json.loads(self.net.ip(end, "-j", "neigh", "show", "dev", DEVICE[end]).stdout)
        there = {entry["dst"] for entry in shown if "managed" in entry and "lladdr" in entry}
        gone = {remote for one, _, remote in self.each() if one == end} - there
        return "without an Ethernet address: " + " ".join(sorted(gone)[:10]) if gone else ""

    def change(self, end):
        """Parameters of a session there and back, with their Polls."""
        remote = address(other(end), self.random.randrange(self.options.sessions))
        for mult in (5, 3):
            self.proceed(end, self.options.build + "/ip", "-n", self.net.name(end), "bfd", "change",
                         "remote", remote, "mult", str(mult))
            shown = self.sessions(end)[remote]["mult"]
            if shown != mult:
                raise Broken("%s: %s has mult %d, not %d" % (end, remote, shown, mult))

    def stop_both(self, _end):
        agents = [self.halt(end) for end in ENDS]
        self.pause(5)
        for agent in agents:
            agent.signal(signal.SIGCONT)

    FAULTS = (stop, kill, restart, handover, upgrade, reload, reconfigure, delete_clock,
              stop_and_delete_clock, change_qdisc, detach, unpin, flush_neighbours, change, stop_both)

    # --- what came of it

    def settle(self):
        """Both agents serve; all sessions of each, as they are shown."""
        end_s = time.monotonic() + 60
        while True:
            try:
                return {end: self.net.bfd(end, "show") or [] for end in ENDS}
            except DutError:
                if time.monotonic() > end_s:
                    raise
                time.sleep(0.2)

    @staticmethod
    def by_remote(shown):
        return {end: {session["remote"]: session for session in shown[end]} for end in ENDS}

    def wait_alive(self):
        """What idle() says after a time that suffices for sessions of which none has to come up anew."""
        since = self.by_remote(self.settle())
        return self.wait_for(lambda: self.idle(since), ALIVE_S)

    def is_machines(self, old, new):
        """Was this machine too slow for what is new?  By the slower of the times before and after."""
        times = max((one for one in (detection(old), detection(new)) if one), default=None)
        rise = new["stats"]["down_count"] - old["stats"]["down_count"]
        if not times or not new.get("last_down"):
            return False
        with open(self.stalls.name, encoding="utf-8") as file:
            return stall_times.excused(stall_times.read_stalls(file), rise, new["last_down"] / 1e6, *times)

    def judge(self, before, found, text):
        """Of what was shown before, and of what is known to be wrong already."""
        shown = self.settle()
        was, now = self.by_remote(before), self.by_remote(shown)
        machine = 0
        for end, number, remote in self.each():
            old, new = was[end].get(remote), now[end].get(remote)
            if not old or not new:
                continue  # the census says it
            found += [((end, number), "%s: %s: %s" % (end, remote, words))
                      for words in torture_ledger.broken(old, new)]
            downs = new["stats"]["down_count"] - old["stats"]["down_count"]
            if downs > 0 and self.is_machines(old, new):
                machine += 1
            elif downs > 0:
                found.append(((end, number), "%s: %s failed %d times, the last %s" % (
                    end, remote, downs, self.traces.since_fault(new.get("last_down")))))
        if machine:
            print("# %d Downs while this machine stood still" % machine)
        strange = ["%s: %s %s" % (end, remote, words) for end in ENDS
                   for remote, words in torture_ledger.census(
                       shown[end], [peer for one, _, peer in self.each() if one == end]).items()]
        words = strange + [words for _, words in found]
        why = self.describe(words, [one for one, _ in found]) if words else ""
        self.point(not why, text, why)
        return shown

    def run(self):
        before = self.settle()
        end_s = time.monotonic() + self.options.seconds
        faults = [fault for fault in self.FAULTS if fault.__name__ not in self.options.without]
        tally = {}
        # Each once before any comes again, and before the end, so that none is missed by chance.
        deck = first = self.random.sample(faults, len(faults))
        while first or time.monotonic() < end_s:
            deck = deck or self.random.sample(faults, len(faults))
            fault = deck.pop()
            end = self.random.choice(ENDS)
            start_s = time.monotonic()
            self.traces.fault("%s at %s" % (fault.__name__.replace("_", " "), end))
            try:
                fault(self, end)
            except Impossible as why:
                print("# %s at %s can't be done: %s" % (fault.__name__.replace("_", " "), end, why))
                self.pause()
                continue
            for one in ENDS:
                self.remember(one)
            dead = self.wait_alive()
            tally[fault.__name__] = tally.get(fault.__name__, 0) + 1
            before = self.judge(before, dead, "%s at %s, %.1f s: no session fails" % (
                fault.__name__.replace("_", " "), end, time.monotonic() - start_s))
        print("# faults: " + ", ".join("%s %d" % one for one in sorted(tally.items())))
        came_up = self.wait_up(60)
        self.point(came_up, "all sessions are up at the end", "" if came_up else self.not_up())

    def leftovers(self):
        for end in ENDS:
            self.net.agents[end].stop()
            self.net.agents[end].flush()
            links = json.loads(self.net.ip(end, "-j", "link", "show").stdout)
            names = sorted(link["ifname"] for link in links)
            self.point(names == sorted(["lo", DEVICE[end]]), "%s: no device is left" % end, names)
            self.point(not any("xdp" in link for link in links), "%s: no program is left" % end)
        end_s = time.monotonic() + 30
        left = self.objects
        while left and time.monotonic() < end_s:  # the kernel takes its time
            left = {(kind, number) for kind, number in left
                    if run("bpftool", kind, "show", "id", str(number), check=False).returncode == 0}
        self.point(self.objects and not left, "of %d programs, maps and links none is left" %
                   len(self.objects), " ".join("%s %d" % one for one in sorted(left)))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--build", default=os.path.join(HERE, "..", "..", "build"))
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--tx", default="10ms", help="in ms")
    parser.add_argument("--without", action="append", default=[], metavar="FAULT",
                        choices=[fault.__name__ for fault in Torture.FAULTS])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    return parser.parse_args()


def main():
    options = parse()
    options.build = os.path.abspath(options.build)
    end_by_signals("Bail out! seed %d, ended by " % options.seed)
    sweep_ended(options.build, PREFIX)
    torture = Torture(options)
    print("# seed %d: %d sessions at %s x3, %g s" % (options.seed, options.sessions, options.tx,
                                                     options.seconds))
    with tempfile.NamedTemporaryFile("w", suffix=".stalls") as torture.stalls:
        watcher = subprocess.Popen([os.path.join(HERE, "..", "tools", "stalls.py")],
                                   stdout=torture.stalls)
        try:
            if "upgrade" not in options.without:
                torture.build_next()
            torture.make()
            torture.point(doctest.testmod(stall_times).failed == 0, "a stall excuses no more than it may")
            torture.point(doctest.testmod(torture_ledger).failed == 0, "a session that lost anything is seen")
            came_up = torture.wait_up(60)
            torture.point(came_up, "%d sessions are up" % options.sessions,
                          "" if came_up else torture.not_up())
            torture.run()
            torture.leftovers()
        except (Broken, DutError, subprocess.TimeoutExpired) as error:
            torture.point(False, "it runs to its end", "\n".join(
                [str(error), "seed %d; the last faults:" % options.seed, *torture.traces.faults,
                 *torture.traces.words()]))
        finally:
            watcher.terminate()
            watcher.wait()
            torture.traces.close()
            torture.net.close()
            # What an interrupted removal left.
            sweep(options.build, torture.net.prefix)
            torture.folder.cleanup()
    print("1..%d" % torture.count)
    return 1 if torture.failed else 0


if __name__ == "__main__":
    sys.exit(main())

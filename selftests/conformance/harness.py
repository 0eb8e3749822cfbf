# SPDX-License-Identifier: GPL-2.0
"""
What the conformance tests are written with; README tells how.  A test is a function
with @row("ID"), called with a Test.  It must not contain tests.
"""

import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

import netns
import wire
from netns import Broken, DutError  # pylint: disable=unused-import
from wire import rawpeer

DEFAULT_CONFIG = "tx 100ms rx 100ms mult 5"
# Slow towards the peer, so that whatever the DUT sends out of turn stands out.
DEFAULT_PEER = "tx=100000 rx=500000 mult=8"
VOLATILE = {"stats", "uptime_ms", "last_up", "last_down"}
SLACK = 0.25  # seconds, for upper bounds: this machine may stand still for a while
TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools")
STAMP = 0.001  # seconds, for lower bounds: two clocks and a timestamp

WATCH = "IPBFD_CONFORMANCE_STALLS"  # of the environment: the file of stalls.py, which run.py starts

ROWS = {}  # ID to Row


class Failed(Exception):
    """The row does not hold."""


class Skipped(Exception):
    """The row can't be tested, and why."""


class Row:
    """How a row is tested."""

    def __init__(self, function, variants, limit, exclusive, options):
        self.function, self.variants, self.limit = function, variants, limit
        self.exclusive, self.options = exclusive, options


def row(identifier, variants=("",), limit=90, exclusive=False, **options):
    """
    The test of a row.  It runs once for each variant ("generic": devices without
    XDP in their driver), each in at most `limit` seconds; exclusive: nothing else runs meanwhile.
    Options are those of Test.
    """
    def register(function):
        if identifier in ROWS:
            raise ValueError("two tests of " + identifier)
        ROWS[identifier] = Row(function, variants, limit, exclusive, options)
        return function
    return register


def check(condition, text):
    if not condition:
        raise Failed(text)


def check_equal(got, wanted, what):
    check(got == wanted, "%s is %r, not %r" % (what, got, wanted))


def check_range(value, low, high, what):
    check(low <= value <= high, "%s is %r, not within %r and %r" % (what, value, low, high))


def stood_still(start, end):
    """
    Seconds between two times in which the machine stood still, as run.py has it watched: for these nothing
    that runs on it can be blamed.
    """
    name, total, known = os.environ.get(WATCH), 0.0, start
    times = [(float(at) - float(length), float(at)) for _, at, length in
             (line.split() for line in stall_lines(name) if line.startswith("stall "))] if name else []
    for begun, ended in sorted(times):  # one for each processor, so they may overlap
        total += max(0.0, min(ended, end) - max(begun, known))
        known = max(known, ended)
    return total


def check_took(start, end, low, high, what):
    """Seconds from one time to the other; more than `high` only for as long as the machine stood still."""
    took = end - start
    check_range(took, low, high if took <= high else high + stood_still(start, end), what)


def ran(start, end):
    """Seconds from one time to the other for which the machine ran, unless that is a moment anyway."""
    took = end - start
    return took if took < 0.005 else max(0.0, took - stood_still(start, end))


def late_gaps(packets, most):
    """Gaps of more than so many seconds in which the machine ran."""
    return [gap for gap, before, after in zip(gaps(packets), packets, packets[1:])
            if gap > most and ran(before["time"], after["time"]) > most]


def early_gaps(packets, least):
    """
    Gaps of less than so many seconds, unless the machine stood still while the packet before was on its way
    to the capture: that takes from the gap after it what it adds to the one before.
    """
    early = []
    for gap, before in zip(gaps(packets), packets):
        lack = least - STAMP - gap
        if lack > 0 and stood_still(before["time"] - lack - 0.02, before["time"] + 0.005) < lack:
            early.append(gap)
    return early


def skip(why):
    """The row can't be tested here."""
    raise Skipped(why)


def gaps(packets):
    """Seconds between consecutive packets."""
    return [after["time"] - before["time"] for before, after in zip(packets, packets[1:])]


def check_spaced(packets, interval, what):
    """
    No gap below 75 % of the interval (seconds, RFC 5880 6.8.7).  What is late on its way to the
    capture adds to the gap before it what it takes from the one after, so that both together are
    long enough; that happens to few.
    """
    found, least = gaps(packets), interval * 0.75
    slack = min(STAMP, interval * 0.02)
    short = [number for number, gap in enumerate(found) if gap < least - slack]
    for number in short:
        check(number == 0 or found[number - 1] + found[number] >= 2 * least - slack,
              "%s: a gap of %.2f ms" % (what, found[number] * 1e3))
    check(len(short) <= max(1, len(found) * 0.01), "%s: %d of %d gaps below %.2f ms" % (
        what, len(short), len(found), least * 1e3))


def periodic(packets):
    """Those that the schedule sent, as far as can be told: not Finals, not the first of a state."""
    kept, state = [], None
    for packet in packets:
        if "F" not in packet["flags"] and packet["state"] == state:
            kept.append(packet)
        state = packet["state"]
    return kept


def eventually(condition, within, what):
    """Wait until condition() is true; its value.  Not longer than `within` seconds (wire.Patience)."""
    patience = wire.Patience(within)
    while True:
        value = condition()
        if value:
            return value
        check(not patience.over(), "%s: not in %g s" % (what, within))
        time.sleep(0.02)


class Link:
    """A veth pair: u<number> here, p<number> at the scripted peer, who has no IP stack."""

    def __init__(self, test, number, generic):
        self.number, self.dev, self.far = number, "u%d" % number, "p%d" % number
        self.us = {4: "192.0.%d.1" % (2 + number), 6: "2001:db8:%d::1" % (number + 1), "local": "fe80::1"}
        self.them = {4: "192.0.%d.2" % (2 + number), 6: "2001:db8:%d::2" % (number + 1),
                     "local": "fe80::2"}
        spaces = test.netns
        lower = "l%d" % number if generic else self.dev
        spaces.ip("us", "link", "add", lower, "type", "veth", "peer", "name", self.far, "netns",
                  spaces.name("them"))
        spaces.shell("them", "echo 1 > /proc/sys/net/ipv6/conf/%s/disable_ipv6" % self.far)
        spaces.ip("them", "link", "set", self.far, "up")
        spaces.ip("us", "link", "set", lower, "up")
        if generic:
            # The device below must not answer for the addresses of the one above.
            spaces.shell("us", "echo 1 > /proc/sys/net/ipv4/conf/%s/arp_ignore" % lower)
            spaces.ip("us", "link", "add", self.dev, "link", lower, "type", "macvlan", "mode", "bridge")
            spaces.ip("us", "link", "set", self.dev, "up")
        for address in (self.us[4] + "/24", self.us[6] + "/64", self.us["local"] + "/64"):
            spaces.ip("us", "addr", "add", address, "dev", self.dev,
                      *(["nodad"] if ":" in address else []))
        self.wire = wire.Wire(spaces.name("them"), self.far)


class Monitor:
    """`ip bfd monitor`, whose events are collected."""

    def __init__(self, test, *words):
        self.events = []
        self.lock = threading.Condition()
        self.process = subprocess.Popen(
            [test.netns.build + "/ip", "-n", test.netns.name("us"), "-j", "bfd", "monitor", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        eventually(self.listens, 10, "the monitor joining a group")

    def listens(self):
        """A socket of this process, not just one of its namespace, is in both groups."""
        folder, sockets = "/proc/%d" % self.process.pid, set()
        for name in os.listdir(folder + "/fd"):
            with contextlib.suppress(FileNotFoundError):
                sockets.add(os.readlink(folder + "/fd/" + name))
        # Columns: socket, protocol (2 is usersock), port, groups; the last is the inode.
        with open(folder + "/net/netlink", encoding="ascii") as file:
            words = [line.split() for line in file]
        return any(line[1] == "2" and bin(int(line[3], 16)).count("1") >= 2
                   and "socket:[%s]" % line[-1] in sockets for line in words[1:])

    def read(self):
        for line in self.process.stdout:
            with self.lock:
                try:
                    self.events.append(json.loads(line))
                except ValueError:
                    self.events.append({"event": "text", "text": line})
                self.lock.notify_all()

    def mark(self):
        with self.lock:
            return len(self.events)

    def since(self, mark=0, **wanted):
        with self.lock:
            return [event for event in self.events[mark:] if wire.matches(event, wanted)]

    def wait(self, mark=0, within=5, **wanted):
        return eventually(lambda: self.since(mark, **wanted), within, "event %r" % wanted)[0]

    def close(self):
        self.process.terminate()
        self.process.wait(5)


class Stalls:
    """Watches, for all tests of a run, when the machine stands still, by tools/stalls.py: see stood_still()."""

    def __init__(self):
        self.output = tempfile.NamedTemporaryFile("r", prefix="bfd-stalls-")
        with open(self.output.name, "w", encoding="ascii") as file:
            self.process = subprocess.Popen([sys.executable, os.path.join(TOOLS, "stalls.py")],
                                            stdin=subprocess.DEVNULL, stdout=file,
                                            preexec_fn=netns.end_with_parent)
        eventually(lambda: "watching" in stall_lines(self.output.name), 10, "stalls.py watching")

    def close(self):
        self.process.terminate()
        self.process.wait(5)
        self.output.close()


def stall_lines(name):
    with open(name, encoding="ascii") as file:
        return file.read().splitlines()


class Session:
    """A session of the agent, and the scripted peer's end of it (`peer`, a rawpeer.Session)."""

    def __init__(self, test, link, family, peer, local=None, remote=None):
        self.test, self.link, self.wire, self.family = test, link, link.wire, family
        self.local, self.remote = local or link.us[family], remote or link.them[family]
        self.id = None
        self.driven = False
        number = len(test.sessions) + 1
        self.name = "s%d" % number
        words = dict(rawpeer.key_values(peer.split()))
        words.setdefault("discr", str(0x5000 + 0x101 * number))
        words.setdefault("port", str(50000 + number))
        words.update(local=self.remote, remote=self.local)
        self.peer = rawpeer.Session(self.name, words)
        with self.wire.lock:
            self.wire.peer.sessions[self.name] = self.peer
        test.sessions.append(self)

    # --- the agent's end

    def add(self, config, dev=True):
        """ip bfd add; dev: another device than the link's, or False: none."""
        words = ["add", "remote", self.remote]
        if dev:
            words += ["dev", self.link.dev if dev is True else dev]
        self.id = self.test.bfd(*words, *config.split())[0]["local_discr"]
        return self

    def show(self):
        return self.test.bfd("show", "id", str(self.id))[0]

    def stats(self):
        return self.show()["stats"]

    def change(self, config):
        self.test.bfd("change", "id", str(self.id), *config.split())

    def delete(self):
        self.test.bfd("del", "id", str(self.id))

    def wait(self, within=5, **wanted):
        """Until `show` has these fields; what it showed."""
        patience = wire.Patience(within)
        while True:
            shown = self.show()
            if wire.matches(shown, wanted):
                return shown
            check(not patience.over(), "show: %r, not %r in %g s" % (
                {key: shown.get(key) for key in wanted}, wanted, within))
            time.sleep(0.03)

    def is_now(self, **wanted):
        shown = self.show()
        check(wire.matches(shown, wanted), "show: %r, not %r" % (
            {key: shown.get(key) for key in wanted}, wanted))
        return shown

    # --- the peer's end

    def set(self, **values):
        """Change the scripted peer: tx rx mult discr state diag machine mute final poll ..."""
        with self.wire.lock:
            for key, value in values.items():
                if key not in rawpeer.Session.KEYS:
                    raise ValueError("unknown key " + key)
                setattr(self.peer, key, value)
            if "mute" in values or "state" in values:
                self.peer.next_tx = 0
            else:
                self.peer.next_tx = min(self.peer.next_tx, time.monotonic() + self.peer.interval())
        self.wire.wake()

    def send(self, **fields):
        """
        One packet of the peer, its values but for those given; the mark of it: what was on its way before
        isn't since that mark.
        """
        for key in fields:
            if key not in self.peer.fields() and key not in ("smac", "dmac"):
                raise ValueError("unknown key " + key)
        patience = wire.Patience(5)
        while True:
            with self.wire.lock:
                mark = self.wire.mark()
                if self.wire.peer.send(self.peer, fields):
                    return self.wire.mark_of_sent(mark)
            if patience.over():
                raise Broken("no Ethernet address for " + self.local)
            time.sleep(0.02)

    def latency(self, fields, within=2, **wanted):
        """
        Seconds, as the wire saw it, from a packet of the peer to our first one that is wanted, without those
        in which the machine stood still.
        """
        mark = self.send(**fields)
        packet = self.packet(mark, within, **wanted)
        return ran(self.packets(mark, direction="sent")[0]["time"], packet["time"])

    def frame(self, **fields):
        """The bytes of a packet as send() would send it, for Wire.flood()."""
        with self.wire.lock:
            return rawpeer.packet_bytes(self.wire.peer.addressed(self.peer, fields))

    def hush(self):
        """The peer says nothing more by itself; its last packet and the mark after it."""
        with self.wire.lock:
            self.peer.mute = True
            mark = self.wire.mark()
            sent = self.packets(0, direction="sent")
        if not sent:
            raise Broken("the peer never sent anything")
        return sent[-1], mark

    # --- the wire

    def mark(self):
        return self.wire.mark()

    def packets(self, since=0, until=None, direction="received", **wanted):
        """Packets of this session (its addresses and port) between two marks."""
        near, far = ("src", "dst") if direction == "received" else ("dst", "src")
        wanted.setdefault(near, self.local)
        wanted.setdefault(far, self.remote)
        wanted.setdefault("dport", self.peer.dport)
        wanted.setdefault("vlan", self.peer.has_tag)
        return self.wire.packets(since, until, direction, **wanted)

    def packet(self, since, within=2, **wanted):
        """The first packet of ours after a mark that has these fields."""
        full = {"src": self.local, "dst": self.remote, "dport": self.peer.dport,
                "vlan": self.peer.has_tag, **wanted}
        found = self.wire.wait(since, within, **full)
        if not found:
            seen = [brief(packet) for packet in self.packets(since)[:3]]
            raise Failed("no packet %r in %g s, but %s" % (wanted, within, seen))
        return found

    def next_packet(self, since, within=2, **wanted):
        """
        The very first packet of ours after a mark must have these fields; after the peer's
        first one since the mark, if there is one.
        """
        sent = self.packets(since, direction="sent")[:1]
        packet = self.packet(since, within, **({"time": lambda at: at > sent[0]["time"]}
                                               if sent else {}))
        check(wire.matches(packet, wanted), "packet %s, not %r" % (brief(packet), wanted))
        return packet

    def quiet(self, since, seconds, **wanted):
        """No such packet from a mark until so many seconds from now."""
        time.sleep(seconds)
        found = self.packets(since, **wanted)
        check(not found, "sent %s" % [brief(packet) for packet in found[:3]])

    def expires(self, detection, diag=1):
        """The peer falls silent: Down, in the detection time (seconds) after its last packet."""
        last, mark = self.hush()
        return self.down_after(last["time"], mark, detection, diag)

    def down_after(self, start, mark, detection, diag=1):
        down = self.packet(mark, detection * 1.5 + SLACK + 1, state="down", time=lambda at: at > start)
        check_equal(down["diag"], diag, "diag of the expiry")
        check_took(start, down["time"], detection - STAMP, detection * 1.5 + SLACK, "seconds to Down")
        return down

    # --- what most tests begin or end with

    def up(self, within=10):
        """Both ends Up, and the Poll that follows answered unless the peer withholds Finals."""
        self.set(mute=False, machine=True)
        if self.driven:
            self.driven = False
            self.set(final=True)
        self.wait(within, state="up")
        eventually(lambda: self.peer.state == "up", within, "the scripted peer up")
        if self.peer.final:
            self.packet(self.mark(), 5, state="up", clear="PF")
        return self

    def drive(self, state):
        """The agent's end into a state; the peer silent, Finals too, until up()."""
        if state == "up":
            self.up()
            self.hush()
            return self
        # It can answer: before it knows the neighbour it can't, and AdminDown that was never Down says nothing.
        self.packet(0, 5)
        self.driven = True
        self.set(final=False)
        if state == "init":
            self.set(mute=True, machine=False, state="down")
            self.send(state="down", your=0)
            self.wait(state="init")
        elif state == "admin-down":
            self.set(mute=True, machine=False)
            self.change("admin down")
            self.wait(state="admin-down")
        else:
            self.set(mute=True, machine=False, state="down")
            self.wait(state="down")
        return self

    def silent_drop(self, reason, *bad, session=True, expiry=True, times=3):
        """
        The four-part check SD, for each packet of `bad` (fields of `send`): no answer, counted
        under the reason (session=False: of none), nothing in `show` moves, detection goes on.
        What isn't given is chosen so that an accepted packet would be noticed.
        """
        poison = {"flags": "P", "state": "down", "diag": 5, "mult": self.peer.mult + 1,
                  "my": self.peer.discr ^ 0x5555, "tx": self.peer.tx + 1000, "rx": self.peer.rx + 1000}
        bad = [{**poison, **fields} for fields in bad]
        before, counts, mark = self.still(), self.test.discards(self), self.mark()
        last = self.packets(0, mark)[-1:]
        for fields in bad:
            for _ in range(times):
                self.send(**fields)
                time.sleep(0.02)
        time.sleep(0.3)
        moved = {key: (before.get(key), value) for key, value in self.still().items()
                 if before.get(key) != value}
        check(not moved, "show moved: %r" % moved)
        counts = {key: count - counts.get(key, 0)
                  for key, count in self.test.discards(self).items() if count != counts.get(key, 0)}
        check_equal(counts, {("session" if session else "none", reason): times * len(bad)},
                    "what was counted")
        self.check_schedule(last + self.packets(mark), before["negotiated_tx"] / 1e6)
        if expiry and before["state"] == "up":
            self.check_expiry_despite(bad, before["detection_time"] / 1e6)

    def still(self):
        """`show` without what moves by itself."""
        return {key: value for key, value in self.show().items() if key not in VOLATILE}

    def check_schedule(self, packets, interval):
        """Nothing left out of turn: no Final, no packet early (RFC 5880 6.8.7)."""
        for packet in packets[1:]:
            check("F" not in packet["flags"], "an answer: %s" % brief(packet))
        early = early_gaps(packets, interval * 0.75)
        check(not early, "packets out of turn, after %r s" % early)

    def check_expiry_despite(self, bad, detection):
        """These packets, instead of good ones, don't put the end off."""
        last, mark = self.hush()
        end = last["time"] + detection * 2 + 0.5
        down = None
        while not down and time.time() < end:
            for fields in bad:
                self.send(**fields)
            time.sleep(min(detection / 10, 0.05))
            down = (self.packets(mark, state="down") or [None])[0]
        check(down or self.packets(mark, state="down"), "bad packets keep the session up")
        self.down_after(last["time"], mark, detection)


def brief(packet):
    keys = ("state", "diag", "flags", "my", "your", "tx", "rx", "mult", "payload")
    return " ".join("%s=%s" % (key, packet[key]) for key in keys if key in packet)


class Test:
    """
    What a test is given: namespaces `us` and `them`, a first link, and an agent.  agent=False:
    it is not started yet; links: how many there are.
    """

    def __init__(self, build, prefix, variant="", agent=True, links=1, agent_options=()):
        self.variant, self.remarks = variant, []
        self.netns = netns.Netns(build, prefix)
        self.links, self.sessions, self.closing = [], [], []
        self.agent = None
        try:
            self.netns.add("us")
            self.netns.add("them")
            for _ in range(links):
                self.add_link()
            if agent:
                self.start_agent(*agent_options)
        except BaseException:
            self.close()
            raise

    def start_agent(self, *options):
        self.agent = self.netns.start_agent("us", *options)
        return self.agent

    @property
    def link(self):
        return self.links[0]

    def add_link(self):
        self.links.append(Link(self, len(self.links), self.variant == "generic"))
        return self.links[-1]

    def bfd(self, *words, **options):
        """`ip bfd WORDS` with -j -s -d: its JSON; a refusal raises DutError."""
        return self.netns.bfd("us", *words, **options)

    def refused(self, *words):
        """This must be refused; its message."""
        try:
            self.bfd(*words)
        except DutError as error:
            return str(error)
        raise Failed("not refused: ip bfd " + " ".join(words))

    def session(self, config=DEFAULT_CONFIG, peer=DEFAULT_PEER, family=4, link=None, add=True,
                **ends):
        """
        A session of the agent with the scripted peer, who is silent until told otherwise (mute).
        family: 4, 6 or "local" (fe80::).  add=False: only the peer, the agent isn't told.
        """
        made = Session(self, link or self.link, family, "mute=on " + peer if "mute=" not in peer
                       else peer, **ends)
        return made.add(config) if add else made

    def monitor(self, *words):
        monitor = Monitor(self, *words)
        self.closing.append(monitor)
        return monitor

    def remark(self, text):
        """What the table says of the row beside what it asks for."""
        self.remarks.append(text)

    def discards(self, session=None):
        """Counts of discarded packets: ("session" or "none", reason) to count."""
        counts = {("none", reason): count
                  for reason, count in self.bfd("agent", "show")[0].get("rx_invalid", {}).items()}
        if session:
            counts.update({("session", reason): count for reason, count
                           in session.stats().get("rx_invalid", {}).items()})
        return counts

    @staticmethod
    def input(name, default):
        """A value that the list of mutations can alter (input:NAME=VALUE)."""
        key, _, value = os.environ.get("IPBFD_CONFORMANCE_INPUT", "").partition("=")
        if key != name:
            return default
        return type(default)(int(value, 0)) if isinstance(default, int) else type(default)(value)

    @staticmethod
    def random_discriminator():
        return random.randrange(1 << 20, 1 << 32)

    def describe(self):
        """What helps to understand a failure."""
        lines = []
        for session in self.sessions:
            try:
                lines.append(json.dumps(session.show()) if session.id else "(not added)")
            except Exception as error:  # pylint: disable=broad-except
                lines.append("show: %s" % error)
            with session.wire.lock:
                lines += ["%.6f %-8s %s" % (packet["time"], packet["direction"], brief(packet))
                          for packet in session.wire.peer.record[-12:]]
        if self.agent:
            lines += ["agent: " + line for line in self.agent.messages().splitlines()[-8:]]
        return lines

    def close(self):
        for thing in self.closing + [link.wire for link in self.links]:
            try:
                thing.close()
            except Exception:  # pylint: disable=broad-except
                pass
        self.netns.close()

# SPDX-License-Identifier: GPL-2.0
"""XDP: hazards of a session machine in XDP, whatever the RFCs say."""

import glob
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import netns
import wire
from harness import Broken, check, check_equal, check_range, eventually, gaps, row, skip
from rows._auth import authenticated

PATHS = ("native", "generic")
rawpeer = wire.rawpeer


def tap(test, dev="u0"):
    """What of a device reaches the stack: XDP consumes before a packet socket sees."""
    made = wire.Wire(test.netns.name("us"), dev)
    test.closing.append(made)
    return made


def rewritten(frame, change):
    """A frame over IPv6 with an extension header, or with tags in front."""
    if change == "extension":
        length = struct.unpack("!H", frame[18:20])[0] + 8
        return (frame[:18] + struct.pack("!HB", length, 60) + frame[21:54]
                + b"\x11\x00\x01\x04\x00\x00\x00\x00" + frame[54:])
    tags = {"qinq": b"\x88\xa8\x00\x07\x81\x00\x00\x08", "three tags": b"\x81\x00\x00\x07" * 3}
    return frame[:12] + tags[change] + frame[12:]


# --- XDP-01


def send_by_stack(test, session, count):
    """Packets of a plain socket at the far end: the checksum is as the stack leaves it."""
    with netns.inside(test.netns.name("them")):
        plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with plain:
        plain.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
        plain.bind((session.remote, 50123))
        for _ in range(count):
            fields = {**session.peer.fields(), "state": "down", "your": 0}
            plain.sendto(rawpeer.bfd_bytes(fields), (session.local, 3784))
            time.sleep(0.02)


@row("XDP-01", PATHS, links=2)
def checksums(test):
    plain = test.session(link=test.links[1])
    plain.set(final=False)
    test.netns.ip("them", "addr", "add", plain.remote + "/24", "dev", "p1")
    for offload in ("on", "off"):
        test.netns.shell("them", "ethtool -K p1 tx " + offload)
        before, discards = plain.stats()["rx_packets"], test.discards(plain)
        send_by_stack(test, plain, 10)
        check_equal(plain.stats()["rx_packets"], before + 10, "received, offload " + offload)
        check_equal(test.discards(plain), discards, "discards, offload " + offload)
    absent = test.session().up()
    received = absent.stats()["rx_packets"]
    absent.hush()
    for _ in range(5):
        absent.send(udp_checksum="zero")
    check_range(absent.stats()["rx_packets"], received + 5, received + 30, "received without checksum")
    absent.set(mute=False)
    absent.silent_drop("checksum", {"udp_checksum": test.input("checksum", "bad")},
                       {"ip_checksum": "bad"})
    test.session(family=6).up().silent_drop("checksum", {"udp_checksum": "bad"},
                                            {"udp_checksum": "zero"})


# --- XDP-02


@row("XDP-02", PATHS)
def shapes(test):
    v4, v6 = test.session().up(), test.session(family=6).up()
    stack = tap(test)
    # Left to the stack, which gets them as they came; neither counted nor heard.
    before = (v4.still(), v6.still(), test.discards(v4), test.discards(v6))
    poison = {"state": "down", "flags": "P", "rx": 777000}
    mark = stack.mark()
    for fields in ({"options": test.input("options", "01010101")}, {"fragment": "2000"},
                   {"fragment": "0001"}):
        v4.send(**poison, **fields)
    seen, changes = 3, [(v6, "extension")]
    # The stack takes a tag off before a program that runs in it sees the frame.
    if test.variant == "native":
        v4.send(**poison, vlan=7)
        v6.send(**poison, vlan=7)
        seen, changes = 7, changes + [(v4, "qinq"), (v6, "qinq"), (v4, "three tags")]
    for session, change in changes:
        session.wire.peer.transmit(rewritten(session.frame(**poison), change))
    time.sleep(0.5)
    after = (v4.still(), v6.still(), test.discards(v4), test.discards(v6))
    check(after == before, "show moved, or something was counted")
    check_equal(len(stack.packets(mark, rx=777000)), seen, "packets in the stack")
    # Odd but ours.
    if test.variant == "native":
        for space, dev in (("us", "u0"), ("them", "p0")):
            test.netns.ip(space, "link", "set", dev, "mtu", "9000")
    for session in (v4, v6):
        received, discards = session.stats()["rx_packets"], test.discards(session)
        session.hush()
        odd = [{"trailer": "00" * 18}, {"trailer": "ff" * 3}, {"pad": 1}, {"pad": 1000, "trailer": "55"},
               {"vlan": 0}, {"vlan": 0x6000}]
        if test.variant == "native":
            odd += [{"pad": 8900}, {"filler": "c3" * 5000}]
        for fields in odd:
            session.send(**fields)
            time.sleep(0.03)
        shown = session.is_now(state="up")["stats"]
        check_range(shown["rx_packets"], received + len(odd), received + len(odd) + 30, "received")
        check_equal(test.discards(session), discards, "discards")
        session.set(mute=False)


# --- XDP-03


@row("XDP-03", PATHS, links=2)
def not_ours(test):
    session = test.session().up()
    beyond = test.session(link=test.links[1], add=False)
    test.netns.shell("us", "echo 1 > /proc/sys/net/ipv4/ip_forward")
    session.set(final=False)
    before, counts = session.still(), test.discards(session)
    # In transit.
    poison = {"state": "down", "flags": "P", "rx": 777000, "dst": test.input("dst", beyond.remote)}
    mark = beyond.wire.mark()
    sent = 0
    for port in (3784, 3785, 4784):
        for ttl in (255, 64):
            session.send(**poison, dport=port, ttl=ttl)
            time.sleep(0.1)
            sent += 1
    eventually(lambda: len(beyond.wire.packets(mark, src=session.remote)) >= sent, 5, "what was forwarded")
    time.sleep(0.3)
    arrived = beyond.wire.packets(mark, src=session.remote)
    check_equal(sorted((packet["dport"], packet["ttl"]) for packet in arrived),
                [(port, ttl) for port in (3784, 3785, 4784) for ttl in (63, 254)], "what was forwarded")
    check(all(packet["udp_checksum"] == "good" for packet in arrived), "checksums of what was forwarded")
    # To processes of ours.
    for port in (6784, 7784, 4785):
        with netns.inside(test.netns.name("us")):
            process = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with process:
            process.bind(("", port))
            process.settimeout(3)
            session.send(dport=port, state="down")
            try:
                check_equal(len(process.recv(100)), 24, "payload at port %d" % port)
            except socket.timeout:
                check(False, "nothing came to port %d" % port)
    check_equal(test.discards(session), counts, "discards")
    check_equal(session.still(), before, "show")


# --- XDP-05


def story(events):
    """Each event begins where the one before ended."""
    for before, after in zip(events, events[1:]):
        check_equal(after["old_state"], before["new_state"], "old state of an event")


def send_on(processor, namespace, dev, frames, per_second):
    """A process on one processor that sends; its id."""
    with netns.inside(namespace):
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sender.bind((dev, 0))
    child = os.fork()
    if child:
        sender.close()
        return child
    try:
        os.sched_setaffinity(0, {processor})
        start = time.monotonic()
        for number, frame in enumerate(frames):
            sender.send(frame)
            if number % 10 == 9:
                time.sleep(max(0, start + number / per_second - time.monotonic()))
    finally:
        os._exit(0)  # pylint: disable=protected-access


def two_processors(test, session):
    """Packets of one session on two processors at once: none is counted twice, none undoes another."""
    session.set(mult=255)
    session.wait(3, detection_time=255 * 30000)
    session.hush()
    frames = [session.frame(state="up", your=session.id, sport=51000 + number) for number in range(2)]
    before = session.stats()
    count = 8000
    children = [send_on(number % os.cpu_count(), test.netns.name("them"), "p0", [frame] * count, 3000)
                for number, frame in enumerate(frames)]
    for child in children:
        os.waitpid(child, 0)
    after = session.is_now(state="up")["stats"]
    # A queue may overflow while the machine stands still.
    check_range(after["rx_packets"] - before["rx_packets"], 0.95 * 2 * count, 2 * count, "packets received")
    check_equal(after["down_count"], before["down_count"], "failures")


@row("XDP-05", PATHS, limit=120)
def races(test):
    session = test.session("tx 50ms rx 10ms mult 40", "tx=30000 rx=50000 mult=10")
    monitor = test.monitor()
    session.up()
    for _ in range(15):
        last, _ = session.hush()
        instant = last["time"] + 0.3 + random.uniform(-0.0005, 0.0005)
        while time.time() < instant:
            pass
        session.send(state="up", your=session.id)
        session.set(machine=False)
        session.wait(3, state="down")
        session.set(state="down", machine=True)
        session.up()
    two_processors(test, session)
    time.sleep(0.3)
    stats = session.stats()
    eventually(lambda: len(monitor.since(event="state", old_state="up")) >= stats["down_count"], 5,
               "events of a fall")
    told = monitor.since(event="state")
    story(told)
    fell = [event for event in told if event["old_state"] == "up"]
    check_equal(len(fell), stats["down_count"], "events of a fall")
    check(len(fell) >= 15, "the session fell only %d times" % len(fell))


# --- XDP-06 to XDP-08: the agent


@row("XDP-06")
def stopped_agent(test):
    session = test.session().up()
    monitor = test.monitor()
    if test.input("stop", 1):
        test.agent.signal(signal.SIGSTOP)
    else:
        test.agent.kill()
    session.expires(0.8)
    mark = session.mark()
    session.set(state="down", machine=True, mute=False)
    session.packet(mark, 5, state="up")
    session.packet(mark, 5, state="up", clear="P")
    session.set(machine=False)
    session.expires(0.8)
    time.sleep(1)
    test.agent.signal(signal.SIGCONT)
    shown = session.wait(5, state="down", diag="control-expiry")
    check_equal(shown["stats"]["down_count"], 2, "failures")
    last = monitor.wait(0, 5, event="state", new_state="down")
    time.sleep(0.5)
    eventually(lambda: monitor.since(event="state")[-1]["new_state"] == "down", 5, "the last event")
    told = monitor.since(event="state")
    story(told)
    check_equal((told[0]["old_state"], told[-1]["new_state"]), ("up", "down"), "first and last of it")
    check(last["local_discr"] == session.id, "another session's event")
    lose_events(test, session, monitor)


def lose_events(test, session, monitor):
    """
    One session of a stopped agent fills the ring buffer, and another fails then: its net transition
    is told nevertheless, or that events were lost and how it is now.
    """
    other = test.session(peer="tx=100000 rx=500000 mult=200", remote="192.0.2.9").up()
    other.set(machine=False)
    session.drive("down")
    session.set(machine=False)
    mark = monitor.mark()
    test.agent.signal(signal.SIGSTOP)
    frames = [session.frame(state=state, your=session.id) for state in ("init", "down")]
    session.wire.flood(frames * 8000, 5000, 25)
    other.send(state="down")
    other.packet(other.mark(), state="down")
    test.agent.signal(signal.SIGCONT)
    other.wait(5, state="down")
    check(test.bfd("agent", "show")[0]["events_lost"] > 0, "the ring buffer took all")
    # A listener who reads too slowly for so many is told so, and then how things are.
    eventually(lambda: monitor.since(mark, event="state", local_discr=other.id, new_state="down")
               or monitor.since(mark, event="current", local_discr=other.id, state="down"),
               10, "word of the other session's failure")
    mark = monitor.mark()
    other.send(state="init")
    monitor.wait(mark, 5, event="state", local_discr=other.id, old_state="down", new_state="up")


@row("XDP-07")
def killed_agent(test):
    sessions = [test.session(peer="tx=100000 rx=500000 mult=15", family=family).up()
                for family in (4, 6, "local")]
    before = [session.show() for session in sessions]
    marks = [session.mark() for session in sessions]
    # One that says AdminDown for a while yet, and ends with no agent to clean up after it.
    orphan = test.session("tx 100ms rx 100ms mult 2", remote="192.0.2.9").up()
    orphan.delete()
    test.agent.kill()
    time.sleep(4.5)  # three detection times
    if test.input("flush", 0):
        test.agent.flush()
    test.start_agent()
    time.sleep(1)
    check_equal(sorted(shown["local_discr"] for shown in test.bfd("show")),
                sorted(session.id for session in sessions), "sessions afterwards")
    mark, unknown = orphan.mark(), ("none", "unknown-discriminator")
    count = test.discards().get(unknown, 0)
    orphan.send(your=orphan.id, flags="P")
    orphan.quiet(mark, 1.2)
    check_equal(test.discards().get(unknown, 0) - count, 1, "packets for a session that is gone")
    for session, old, mark in zip(sessions, before, marks):
        shown = session.is_now(state="up", remote_discr=session.peer.discr)
        check(shown["uptime_ms"] >= old["uptime_ms"] + 4500, "it was up only since")
        check_equal(shown["source_port"], old["source_port"], "source port")
        packets = session.packets(mark)
        check(all(packet["state"] == "up" for packet in packets), "it flapped")
        check(len(packets) >= 5, "packets ceased")
        session.delete()
        session.packet(session.mark(), 3, state="admin-down")


def forget_programs(test):
    """An agent of the same build takes the programs that are pinned; so they are another build's."""
    with netns.inside(test.netns.name("us")), socket.socket() as of_it:
        cookie = int.from_bytes(of_it.getsockopt(socket.SOL_SOCKET, 71, 8), sys.byteorder)
    pins = glob.glob("/sys/fs/bpf/ipbfd/netns-%d/abi-*/program-receive-*" % cookie)
    check(pins, "no program is pinned")
    for pin in pins:
        os.unlink(pin)


@row("XDP-08", PATHS)
def program_swap(test):
    """Replaced, it must not be noticed; for the program that is taken off see ADM-05."""
    session = test.session("tx 50ms rx 50ms mult 40", "tx=50000 rx=50000 mult=40").up()
    program = test.bfd("dev", "show")[0]["prog_id"]
    before, mark = session.stats(), session.mark()
    frame = session.frame()
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            session.wire.flood([frame] * 100, 1000, 10)

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        for _ in range(2):
            test.agent.stop()
            forget_programs(test)
            time.sleep(0.3)
            test.start_agent()
            time.sleep(0.5)
    finally:
        stop.set()
        thread.join()
    after = session.is_now(state="up")["stats"]
    check(test.bfd("dev", "show")[0]["prog_id"] != program, "the program wasn't replaced")
    check_equal(after["down_count"], before["down_count"], "failures")
    check(all(packet["state"] == "up" for packet in session.packets(mark)), "it flapped")
    check(after["rx_packets"] > before["rx_packets"] + 500, "the flood didn't arrive")


# --- XDP-09 to XDP-13


NO_VLAN = "this kernel has no VLAN devices: see selftests/vm/links.sh"


def add_vlan(test, number, *addresses):
    """A VLAN device on u0, or None on a kernel that has none."""
    dev = "u0.%d" % number
    try:
        test.netns.ip("us", "link", "add", "link", "u0", "name", dev, "type", "vlan", "id", str(number))
    except Broken as error:
        if "Unknown device type" in str(error):
            return None
        raise
    add_addresses(test, dev, *addresses)
    return dev


def add_addresses(test, dev, *addresses):
    test.netns.ip("us", "link", "set", dev, "up")
    for address in addresses:
        test.netns.ip("us", "addr", "add", address, "dev", dev, *(["nodad"] if ":" in address else []))


def vlan_session(test, dev, vlan, family, config="tx 100ms rx 100ms mult 5"):
    """With the neighbour entered by hand: the scripted peer's answers carry no tag."""
    local, remote = {4: ("198.51.100.1", "198.51.100.2"), 6: ("2001:db8:99::1", "2001:db8:99::2"),
                     "local": ("fe80::1", "fe80::2")}[family]
    session = test.session(add=False, local=local, remote=remote,
                           peer="tx=100000 rx=200000 mult=8 vlan=%d" % vlan)
    test.netns.ip("us", "neigh", "replace", remote, "lladdr", session.wire.peer.mac, "dev", dev,
                  "nud", "permanent")
    return session.add(config, dev)


@row("XDP-09", PATHS)
def replies(test):
    dev = add_vlan(test, 100, "198.51.100.1/24", "2001:db8:99::1/64")
    if not dev:
        test.remark("not the tag, " + NO_VLAN)
    sessions = [test.session(family=4), test.session(family=6)]
    if dev:
        sessions += [vlan_session(test, dev, 100, family) for family in (4, 6)]
    for session in sessions:
        session.up()
        session.set(final=False)
        session.change("rx 90ms")  # so that P is set in what is ours
        session.packet(session.mark(), 2, flags="P")
        mark = session.send(flags=test.input("flags", "P"))
        final = session.packet(mark, 2, flags="F")
        check("P" not in final["flags"], "P in a Final")
        common = session.packet(mark, 2, flags="P")
        for key in ("sport", "dport", "ttl", "tos", "vlan", "smac", "dmac", "src", "dst", "my", "your",
                    "udp_checksum", "ip_checksum", "length", "mult", "state"):
            check_equal(final[key], common[key], key + " of the Final")
        check_equal(final["sport"], session.show()["source_port"], "source port")
        check_equal((final["dport"], final["ttl"], final["udp_checksum"]), (3784, 255, "good"),
                    "port, TTL, checksum")
        check_equal((final["vlan"] or 0) & 0xFFF, session.peer.vlan or 0, "tag")
        check_equal(final["dmac"], session.wire.peer.mac, "destination")


@row("XDP-10", exclusive=True)
def pacing_under_load(test):
    for family, interval in ((4, "10"), (6, "3.3")):
        session = test.session("tx %sms rx 100ms mult 200" % interval, "tx=100000 rx=1000 mult=20",
                               family=family).up()
        session.set(machine=False)  # that would fail whenever it waits for an interval
        mark = session.mark()
        session.change("mult %d" % test.input("mult", 1))
        session.packet(mark, mult=test.input("mult", 1))
        hogs = [subprocess.Popen(["sh", "-c", "while :; do :; done"])  # pylint: disable=consider-using-with
                for _ in range(2 * os.cpu_count())]
        try:
            mark = session.mark()
            time.sleep(5)
            packets = session.packets(mark, clear="F")
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()
        found, most = gaps(packets), 0.9 * float(interval) / 1e3
        check(len(found) > 2 / most, "only %d packets" % len(packets))
        late = [gap for gap in found if gap > most + 0.0003]
        # The virtual machine itself may be stopped; its clock is not ours to judge.
        check(len(late) <= 0.05 * len(found), "%d of %d gaps beyond %.2f ms, the worst %.2f ms" % (
            len(late), len(found), most * 1e3, max(found) * 1e3))
        session.change("admin down")


@row("XDP-11")
def stalled_clock(test):
    skip("tested in selftests/vm/session.sh: a processor can't be made to stand still "
         "from within a namespace")


@row("XDP-12")
def devices_on_one_port(test):
    below = test.session().up()
    sessions = [below]
    for number in (1, 2):
        dev, subnet = "m%d" % number, "198.51.%d." % number
        test.netns.shell("us", "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore")
        test.netns.ip("us", "link", "add", dev, "link", "u0", "type", "macvlan", "mode", "bridge")
        add_addresses(test, dev, subnet + "1/24")
        session = test.session(add=False, local=subnet + "1", remote=subnet + "2")
        sessions.append(session.add("tx 100ms rx 100ms mult 5", dev).up())
    dev = add_vlan(test, 100, "198.51.100.1/24")
    if not dev:
        test.remark("macvlan devices only, " + NO_VLAN)
    if dev:
        sessions.append(vlan_session(test, dev, 100, 4).up())
    mark = below.mark()
    time.sleep(1.2)
    macs = set()
    for session in sessions:
        packets = session.wire.packets(mark, my=session.id)
        check(packets and all((packet["vlan"] or 0) & 0xFFF == (session.peer.vlan or 0)
                              for packet in packets), "tags")
        macs.add(packets[0]["smac"])
    check(len(macs) >= 3, "the devices send from one Ethernet address")
    # The neighbour of one device, on another one; also of the device below, which sees all frames.
    one, other = sessions[1:3]
    for whose, where in ((one, other), (below, other), (one, below)):
        whose.send(state="down", your=0, dmac=where.peer.remote_mac)
        time.sleep(0.3)
        for session in sessions:
            check_equal(session.is_now(state="up")["stats"]["down_count"], 0, "failures")
    one.expires(0.8)
    for session in (below, other):
        check_equal(session.is_now(state="up")["stats"]["down_count"], 0, "failures of another")


@row("XDP-13")
def neighbour_moves(test):
    session = test.session().up()
    time.sleep(1.2)  # the kernel believes no second address within a second (locktime)
    new = "02:00:00:00:be:ef"
    mark = session.mark()
    with session.wire.lock:
        session.wire.peer.mac = new
        session.wire.peer.announce(session.peer)
    session.packet(mark, 2, dmac=test.input("mac", new), state="up")
    check_equal(session.is_now(state="up")["stats"]["down_count"], 0, "failures")
    # One that doesn't answer any more keeps its address: BFD is to find that out.
    with session.wire.lock:
        session.wire.peer.resolve = False
    test.netns.ip("us", "neigh", "del", session.remote, "dev", "u0")
    mark = session.mark()
    time.sleep(3)
    check(len(session.packets(mark, dmac=new)) >= 4, "packets ceased")
    # One that never answered: nothing can be sent, which is counted.
    discr = test.bfd("add", "remote", "192.0.2.99", "dev", "u0")[0]["local_discr"]
    eventually(lambda: test.bfd("show", "id", str(discr))[0]["stats"]["tx_failed"] >= 2, 10,
               "failures to send being counted")
    check_equal(test.bfd("show", "id", str(discr))[0]["stats"]["tx_packets"], 0, "packets sent")


# --- XDP-14


def expected_reason(length, payload, authenticated_session):
    """Of a packet with the A bit whose only faults are its lengths, and its digest (RFC 5880 6.8.6)."""
    if len(payload) < 1:
        return "bad-version"
    if len(payload) < 2:  # flags read as zero: no A bit, Length 0
        return "short-length"
    if len(payload) < 4 or length < 26:
        return "short-length"
    if length > len(payload):
        return "long-length"
    if not authenticated_session:
        return "auth-unexpected"
    return "auth-digest" if length >= 52 and payload[25] == 28 else "auth-length"


@row("XDP-14", ("authenticated",) + PATHS, limit=180)
def bounds(test):
    with_key, peer = test.variant == "authenticated", "tx=100000 rx=500000 mult=30"
    session = (authenticated(test, "sha1", number=255, peer=peer) if with_key else test.session(peer=peer)).up()
    fields = {**session.peer.fields(), "flags": "PA", "state": "down", "my": 0x1234}
    head = rawpeer.bfd_bytes({**fields, "length": 0})
    before, counts = session.still(), test.discards(session)
    wanted = {}

    def frames():
        for number in range(65536 + 256 * 65):
            if number < 65536:
                length, auth, size = number >> 8, number & 255, (number * 7 + (number >> 8)) % 65
            else:
                length, auth, size = (number - 65536) // 65, 28, (number - 65536) % 65
            whole = head[:3] + bytes([length]) + head[4:] + bytes([4, auth]) + b"\xff" * 38
            payload = whole[:size]
            reason = expected_reason(length, payload, with_key)
            wanted[reason] = wanted.get(reason, 0) + 1
            yield payload_frame(session, payload)

    sent = session.wire.flood(frames(), 4000, 40)
    time.sleep(0.5)
    check_equal(session.still(), before, "show")
    got = {reason: count - counts.get(("session", reason), 0)
           for (where, reason), count in test.discards(session).items() if where == "session"}
    check_equal(set(got), set(wanted), "reasons")
    check(sum(got.values()) <= sent, "counted twice")
    for reason, count in wanted.items():
        # A queue may have overflowed while the machine stood still.
        check_range(got[reason], 0.95 * count, count, "discards for " + reason)


def payload_frame(session, payload):
    """A frame of the peer with any UDP payload."""
    source, destination = (rawpeer.address_bytes(end) for end in (session.remote, session.local))
    datagram = struct.pack("!HHHH", session.peer.port, 3784, 8 + len(payload), 0) + payload
    header = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(datagram), 0, 0, 255, 17, 0)
    header += source + destination
    header = header[:10] + struct.pack("!H", rawpeer.checksum(header)) + header[12:]
    datagram = (datagram[:6] + struct.pack("!H", rawpeer.udp_checksum(source, destination, datagram))
                + datagram[8:])
    return (rawpeer.mac_bytes(session.peer.remote_mac) + rawpeer.mac_bytes(session.wire.peer.mac)
            + b"\x08\x00" + header + datagram)

# SPDX-License-Identifier: GPL-2.0
"""SH: single hop over IPv4 and IPv6 (RFC 5881)."""

import random
import time

from harness import check, check_equal, check_range, eventually, row, skip
from netns import run

PATHS = ("native", "generic")
DYNAMIC_PORTS = range(49152, 65536)


def every_kind(session):
    """Periodic packets, a Final, and those of a failure and the recovery; all since."""
    mark = session.mark()
    session.up()
    session.send(flags="P")
    session.packet(mark, flags="F")
    session.send(state="down")
    session.packet(mark, state="down", diag=3)
    session.up()
    session.packet(session.mark(), state="up", clear="F")
    kinds = session.packets(mark, dport=lambda port: True)
    check(any("F" in packet["flags"] for packet in kinds), "no Final")
    return kinds


@row("SH-01", PATHS)
def control_port(test):
    for family in (4, 6):
        session = test.session(family=family)
        source = session.show()["source_port"]
        for packet in every_kind(session):
            check_equal((packet["dport"], packet["sport"]), (3784, source), "ports")


@row("SH-02")
def source_port_range(test):
    test.netns.shell("us", "echo 1024 2000 > /proc/sys/net/ipv4/ip_local_port_range")
    for number in range(3):
        session = test.session(remote="192.0.2.%d" % (10 + number)).up()
        shown = session.show()["source_port"]
        check(shown in DYNAMIC_PORTS, "source port %d" % shown)
        for packet in session.packets():
            check(packet["sport"] in DYNAMIC_PORTS, "source port %d" % packet["sport"])


@row("SH-03")
def one_source_port(test):
    session = test.session()
    mark = session.mark()
    every_kind(session)
    # Its path is built anew when the agent, the neighbour or the device is.
    test.agent.kill()
    test.agent.start()
    eventually(lambda: session.show()["path_ready"], 5, "a path after the restart")
    every_kind(session)
    again = session.mark()
    with session.wire.lock:
        session.wire.peer.mac = "02:00:00:00:00:77"
        session.wire.peer.announce(session.peer)
    session.packet(again, 5, dmac="02:00:00:00:00:77")
    every_kind(session)
    ports = {packet["sport"] for packet in session.packets(mark)}
    check_equal(len(ports), 1, "number of source ports")


@row("SH-04", limit=180)
def unique_source_ports(test):
    # On a link that is down, so that nobody is asked for 5000 Ethernet addresses.
    test.netns.ip("us", "link", "add", "far", "type", "veth", "peer", "name", "end")
    test.netns.ip("us", "addr", "add", "10.0.0.1/16", "dev", "far")

    def batch(lines):
        file = test.netns.shell("us", "mktemp").stdout.strip()
        try:
            with open(file, "w", encoding="ascii") as out:
                out.write("".join("bfd %s\n" % line for line in lines))
            done = run(test.netns.build + "/ip", "-n", test.netns.name("us"), "-batch", file,
                       timeout=120)
            check_equal(done.stderr, "", "complaints")
        finally:
            run("rm", "-f", file)

    def ports(count):
        shown = test.bfd("show", timeout=60)
        check_equal(len(shown), count, "number of sessions")
        ports = [session["source_port"] for session in shown]
        check(all(port in DYNAMIC_PORTS for port in ports), "a port out of range")
        check_equal(len(set(ports)), count, "number of source ports")

    def add(numbers):
        batch("add remote 10.0.%d.%d dev far tx 10s" % divmod(number, 250) for number in numbers)

    everybody = list(range(2, 5000 + 2))
    add(everybody)
    ports(5000)
    churn = random.sample(everybody, 500)
    batch("del remote 10.0.%d.%d dev far" % divmod(number, 250) for number in churn[:400])
    ports(4600)
    add(churn[:400])
    ports(5000)


@row("SH-05", PATHS)
def ttl_of_ours(test):
    for family in (4, 6, "local"):
        for packet in every_kind(test.session(family=family)):
            check_equal(packet["ttl"], 255, "TTL over %s" % family)


@row("SH-06", PATHS)
def ttl_of_theirs(test):
    for family in (4, 6):
        session = test.session(family=family).up()
        session.silent_drop("ttl", *[{"ttl": ttl} for ttl in (test.input("ttl", 254), 128, 1, 0)])
        session.delete()


@row("SH-08", links=2)
def one_session_for_all_clients(test):
    session = test.session("tx 100ms rx 100ms mult 5 client bgp").up()
    again = test.bfd("add", "remote", session.remote, "dev", session.link.dev, "tx", "100ms", "rx",
                     "100ms", "mult", "5", "client", "ospf")[0]
    check_equal(again["local_discr"], session.id, "discriminator for the second client")
    check_equal(len(test.bfd("show")), 1, "number of sessions")
    check_equal(sorted(session.show()["clients"]), ["bgp", "ospf"], "clients")
    test.refused("add", "remote", session.remote, "dev", session.link.dev)
    # Another device is another session, even with the same address; another protocol too.
    others = [test.bfd("add", "remote", "fe80::2", "dev", link.dev, "client", "bgp")[0]["local_discr"]
              for link in test.links]
    check_equal(len({session.id, *others}), 3, "sessions for two devices and two protocols")
    # It lives for as long as it has a client.
    mark = session.mark()
    test.bfd("del", "id", str(session.id), "client", "bgp")
    session.packet(mark, 3, state="up")
    check_equal(session.is_now(state="up")["clients"], ["ospf"], "clients left")
    test.bfd("del", "id", str(session.id), "client", test.input("last", "ospf"))
    session.packet(mark, 3, state="admin-down", diag=7)
    check_equal(len(test.bfd("show")), 2, "number of sessions, the last client gone")


@row("SH-09")
def both_active(test):
    for family in (4, 6):
        session = test.session(family=family)
        mark = session.mark()
        session.packet(mark, 3, your=0, state="down")
        session.packet(session.mark(), 3, your=0, state="down")


@row("SH-10", links=2)
def unknown_discriminator_zero(test):
    test.remark("the same address in two VRFs: selftests/vm/vrf.sh")
    first, second = [test.session(family="local", link=link) for link in test.links]
    check_equal(first.remote, second.remote, "the neighbour's address")
    time.sleep(0.2)
    test.links[test.input("link", 1)].wire.peer.send(
        second.peer, {"state": "down", "your": 0, "dmac": device_mac(test, test.input("link", 1))})
    second.wait(2, state="init", remote_discr=second.peer.discr)
    first.is_now(state="down", remote_discr=0)
    for session in (first, second):
        session.up()
        session.is_now(remote_discr=session.peer.discr)


def device_mac(test, number):
    return test.netns.shell("us", "cat /sys/class/net/%s/address" % test.links[number].dev).stdout.strip()


@row("SH-11")
def a_session_for_each_family(test):
    sessions = {family: test.session(family=family).up() for family in (4, 6)}
    check(sessions[4].id != sessions[6].id, "one discriminator for both")
    for family, session in sessions.items():
        mark = session.mark()
        packet = session.packet(mark)
        check_equal((packet["my"], packet["your"]), (session.id, session.peer.discr),
                    "discriminators over IPv%d" % family)
        check_equal(":" in packet["src"], family == 6, "IPv6 in use")
    sessions[test.input("mute", 6)].hush()
    sessions[6].wait(3, state="down", diag="control-expiry")
    time.sleep(1)
    check_equal(sessions[4].is_now(state="up")["stats"]["down_count"], 0, "failures over IPv4")


@row("SH-12", links=2)
def over_the_protected_link(test):
    here, there = test.links
    session = test.session().up()
    mark, other = session.mark(), there.wire.mark()
    test.netns.ip("us", "route", "add", session.remote + "/32", "via", there.them[4], "dev", there.dev)
    # Whatever looks at routes again finds this one.
    test.agent.stop()
    test.agent.start()
    time.sleep(4)  # the peer takes a packet each 0.5 s
    check_equal(session.is_now(state="up")["stats"]["down_count"], 0, "failures")
    check_equal(session.show()["dev"], here.dev, "device")
    check(len(session.packets(mark)) >= 5, "no packets on the protected link")
    check_equal(len(there.wire.packets(other)), 0, "packets on the other link")


@row("SH-13")
def source_in_the_subnet(test):
    for address in ("198.51.100.1/24", "198.51.100.129/26"):
        test.netns.ip("us", "addr", "add", address, "dev", test.link.dev)
    for remote, local in (("198.51.100.2", "198.51.100.1"), ("192.0.2.2", "192.0.2.1"),
                          ("198.51.100.130", "198.51.100.129")):
        session = test.session(remote=remote, local=local)
        check_equal(session.wait(2, local=local)["local"], local, "source for " + remote)
        session.up()
    text = test.refused("add", "remote", "192.0.2.9", "dev", test.link.dev, "local", "198.51.100.1")
    check("198.51.100.1" in text, "the message doesn't name the address: " + text)


def from_a_stranger(test, session, stranger):
    """A first packet from a source that nobody configured; the session after it, and new discards."""
    before = test.discards().get(("none", "no-session"), 0)
    session.send(src=stranger, state="down", your=0, tx=1000000)
    time.sleep(0.3)
    return session.show(), test.discards().get(("none", "no-session"), 0) - before


@row("SH-14", PATHS)
def point_to_point(test):
    dev = test.link.dev
    stranger = {4: "198.51.100.9", 6: "2001:db8:9::9"}
    broad = test.session()
    broad.packet(broad.mark(), 3)
    shown, discarded = from_a_stranger(test, broad, stranger[4])
    check_equal((shown["state"], shown["remote_discr"], discarded), ("down", 0, 1),
                "state, remote discriminator and discards with a /24")
    broad.delete()
    for family, local, remote, words in (
            (4, "192.0.2.0", "192.0.2.1", ["192.0.2.0/31"]),
            (4, "10.0.0.1", "10.0.0.2", ["10.0.0.1", "peer", "10.0.0.2/32"]),
            (6, "2001:db8:1::4", "2001:db8:1::5", ["2001:db8:1::4/127", "nodad"])):
        test.netns.ip("us", "-%d" % family, "addr", "flush", "dev", dev, "scope", "global")
        test.netns.ip("us", "addr", "add", *words, "dev", dev)
        session = test.session(family=family, local=local, remote=remote)
        mark = session.mark()
        session.packet(mark, 3)
        # The peer says nothing but this, all of it from elsewhere.
        foreign = {"src": stranger[family], "tx": 1000000}
        session.send(state="down", your=test.input("your", 0), **foreign)
        session.packet(mark, 3, state="init", your=session.peer.discr)
        for _ in range(5):
            session.send(state="up", your=session.id, **foreign)
            time.sleep(0.2)
        session.is_now(state="up", remote=remote)
        sent = session.wire.packets(mark, my=session.id)
        check_equal({packet["dst"] for packet in sent}, {remote}, "destinations")
        check(len(sent) >= 3, "%d packets sent" % len(sent))
        check_equal(test.discards().get(("none", "no-session")), 1, "packets without a session")
        # Also with an agent that knows it only from the one before.
        session.send(state="down", your=session.id, **foreign)
        session.wait(3, state="down")
        test.agent.kill()
        test.agent.start()
        session.send(state="down", your=0, **foreign)
        session.wait(3, state="init")
        session.delete()
    # It comes and goes with the addresses.
    test.netns.ip("us", "-4", "addr", "flush", "dev", dev)
    test.netns.ip("us", "addr", "add", "192.0.2.1/31", "dev", dev)
    session = test.session(remote="192.0.2.0", local="192.0.2.1")
    session.packet(0, 5)
    check_equal(from_a_stranger(test, session, stranger[4])[0]["state"], "init", "with a /31")
    test.netns.ip("us", "addr", "add", "192.0.2.1/24", "dev", dev)
    test.netns.ip("us", "addr", "del", "192.0.2.1/31", "dev", dev)
    # Its path was ready before, too: only what becomes of a packet shows that the agent knows.
    eventually(lambda: from_a_stranger(test, session, stranger[4])[1] == 1, 2, "a discard after it became a /24")
    session.wait(3, path_ready=True)
    session.delete()
    # Of two the older has it, and then the other.
    test.netns.ip("us", "-4", "addr", "flush", "dev", dev)
    for number in (1, 2):
        test.netns.ip("us", "addr", "add", "10.0.%d.1" % number, "peer", "10.0.%d.2" % number, "dev", dev)
    first, second = (test.session(remote="10.0.%d.2" % number, local="10.0.%d.1" % number)
                     for number in (1, 2))
    for session in (first, second):
        session.packet(0, 5)
    check_equal(from_a_stranger(test, first, stranger[4])[0]["state"], "init", "the older")
    second.is_now(state="down")
    first.delete()
    check_equal(from_a_stranger(test, second, stranger[4])[0]["state"], "init", "the other, then")


@row("SH-15")
def tunnels_want_authentication(test):
    test.netns.ip("us", "link", "add", "vx", "type", "vxlan", "id", "5", "dstport", "4789", "local",
                  test.link.us[4], "remote", test.link.them[4])
    test.netns.ip("us", "addr", "add", "10.0.0.1/24", "dev", "vx")
    test.netns.ip("us", "link", "set", "vx", "up")
    test.bfd("add", "remote", "10.0.0.2", "dev", "vx")
    warning = eventually(lambda: [line for line in test.agent.messages().splitlines()
                                  if "5881 7" in line], 3, "a warning about the tunnel")
    check("vx" in warning[0] and "authentication" in warning[0], "the warning is " + warning[0])
    test.session()
    time.sleep(0.3)
    check_range(len([line for line in test.agent.messages().splitlines() if "5881 7" in line]), 1, 1,
                "warnings")

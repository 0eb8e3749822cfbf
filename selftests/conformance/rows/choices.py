# SPDX-License-Identifier: GPL-2.0
"""OC: what the RFCs leave open; README.md's section "Choices" says the same in words."""

import time

from harness import SLACK, STAMP, check, check_equal, check_took, eventually, row, skip

PEER = "tx=100000 rx=100000 mult=50"


@row("OC-1")
def poll_in_admin_down(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.drive("admin-down")
    mark = session.mark()
    for _ in range(5):
        session.send(flags="P", state=test.input("state", "up"))
        time.sleep(0.05)
    session.quiet(mark, 1.2, flags="F")
    check(session.packets(mark, state="admin-down"), "no packets at all")
    session.is_now(state="admin-down")


@row("OC-2")
def no_poll_on_the_way_down(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    # Also if one is under way: the failure ends it.
    for final in (True, False):
        session.up()
        session.set(final=final)
        session.change("tx 110ms" if final else test.input("words", "tx 120ms"))
        session.packet(session.mark(), **({"clear": "P"} if final else {"flags": "P"}))
        session.set(mute=True, machine=False)
        mark = session.send(state="down")
        session.packet(mark, state="down", tx=1000000)
        time.sleep(3)
        packets = session.packets(mark, state="down")
        check(len(packets) >= 3, "only %d Down packets" % len(packets))
        check(not any("P" in packet["flags"] for packet in packets), "a Poll on the way down")
        session.set(final=True, state="down", machine=True)


@row("OC-3")
def diag_stays(test):
    session = test.session("tx 100ms rx 100ms", "tx=100000 rx=100000 mult=12").up()
    session.packet(session.mark(), state="up", diag=0)
    session.hush()
    session.wait(state="down", diag="control-expiry")
    session.up()
    session.packet(session.mark(), state="up", diag=test.input("diag", 1))
    session.is_now(state="up", diag="control-expiry")
    # The peer goes away in an orderly way, and then is silent: that is no failure of the path.
    session.set(mute=True, machine=False)
    session.send(state="admin-down")
    session.wait(state="down", diag="neighbor-down")
    session.wait(3, remote_discr=0)
    session.packet(session.mark(), state="down", diag=3, your=0)
    check_equal(session.show()["diag"], "neighbor-down", "diag after the expiry in Down")


@row("OC-5")
def restart_is_believed(test):
    for family in (4, 6):
        session = test.session("tx 100ms rx 100ms", PEER, family=family).up()
        session.set(mute=True, machine=False)
        delay = session.latency({"state": test.input("state", "down"), "your": 0, "my": 0x7777}, 1,
                                state="down", diag=3, your=0x7777)
        check(delay < SLACK, "Down only after %g s" % delay)


@row("OC-6")
def state_told_in_spite(test):
    # The peer wants no periodic packets: a change of state is told once.
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(machine=False, rx=0)
    session.send()
    time.sleep(0.3)
    session.quiet(session.mark(), 0.5)
    session.set(mute=True)
    mark = session.send(state=test.input("state", "down"))
    session.packet(mark, 0.5, state="down", diag=3)
    time.sleep(2.5)
    check_equal(len(session.packets(mark)), 1, "packets to a peer that wants none")
    # The peer is in Demand: told, and as a state that isn't Up ends Demand, told again.
    session = test.session("tx 100ms rx 100ms", PEER, remote="192.0.2.3").up()
    session.set(machine=False, demand=True)
    session.send()
    time.sleep(0.3)
    session.quiet(session.mark(), 0.5)
    mark = session.mark()
    session.change("admin down")
    session.packet(mark, 0.7, state="admin-down", diag=7)
    time.sleep(2.5)
    check(len(session.packets(mark)) >= 3, "told only once to a peer in Demand")


@row("OC-7")
def poll_waits_for_permission(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(machine=False, rx=0, final=False)
    session.send()
    time.sleep(0.3)
    session.quiet(session.mark(), 0.5)
    mark = session.mark()
    session.change("rx 80ms")
    # The news leave once, as news; they are not repeated as a Poll would be.
    session.packet(mark, 1, flags="P", rx=80000)
    time.sleep(1.5)
    check_equal(len(session.packets(mark)), 1, "packets to a peer that wants none")
    session.is_now(state="up", negotiated_rx=100000)
    session.set(rx=test.input("rx", 100000))
    mark = session.send()
    eventually(lambda: len(session.packets(mark, flags="P", rx=80000)) >= 7, 1.5,
               "Polls when packets are wanted again")
    session.send(flags="F")
    session.packet(session.mark(), 1, clear="P")
    session.is_now(state="up", negotiated_rx=100000)  # the peer's own 100 ms


@row("OC-9")
def unknown_neighbour(test):
    known = test.session("tx 100ms rx 100ms", PEER)
    session = test.session(peer=PEER, remote="192.0.2.9", add=False)
    reason = ("none", "no-session")
    before = test.discards().get(reason, 0)
    mark = session.mark()
    for _ in range(4):
        session.send(state="down", your=0, flags="P")
    session.quiet(mark, 1)
    check_equal(test.discards().get(reason, 0) - before, 4, "counted as no-session")
    check_equal(len(test.bfd("show")), 1, "sessions")
    known.is_now(state="down", remote_discr=0)


@row("OC-10")
def padded_size(test):
    skip("padding (RFC 9764) is not there yet")


@row("OC-11")
def lost_echoes(test):
    """Our multiplier times the echo interval, from the first one sent or the last returned."""
    limit = 0.1 * test.input("mult", 10)
    peer = "tx=100000 rx=100000 mult=50 echo=100000"
    wire = test.link.wire
    session = test.session("tx 100ms rx 100ms mult 10 echo 50ms", peer, add=False)
    wire.peer.loop = lambda record: True
    session.add("tx 100ms rx 100ms mult 10 echo 50ms").up()
    session.wait(mode="async-with-echo")
    time.sleep(1)
    mark = session.mark()
    wire.peer.loop = None
    session.set(machine=False)
    down = session.packet(mark, 4, state="down")
    check_equal(down["diag"], 2, "diag")
    back = [record for record in wire.packets(0, direction="sent", dport=3785)]
    check_took(back[-1]["time"], down["time"], limit - STAMP, limit + SLACK,
               "seconds from the last echo that came back")
    # None ever comes back: counted from what was sent.
    mark = session.mark()
    session.set(machine=True, state="down")
    first = wire.wait(mark, 8, dport=3785)
    check(first, "no echo packet")
    down = session.packet(mark, 4, state="down", time=lambda time: time > first["time"])
    check_equal(down["diag"], 2, "diag")
    check_took(first["time"], down["time"], limit - STAMP, limit + SLACK,
               "seconds from the first echo that was sent")


@row("OC-12")
def shared_parameters(test):
    words = ["add", "remote", "192.0.2.2", "dev", test.link.dev]
    session = test.session("tx 300ms rx 100ms mult 7 client slow", PEER).up()
    fast = test.input("fast", "tx 50ms rx 200ms mult 3")
    shared = test.bfd(*words, *fast.split(), "client", "fast")[0]
    check_equal(shared["local_discr"], session.id, "the session")
    # The fastest of each.
    shown = session.wait(desired_min_tx=50000, required_min_rx=100000, mult=3)
    check_equal(sorted(shown["clients"]), ["fast", "slow"], "clients")
    session.packet(session.mark(), 1, state="up", tx=50000, rx=100000, mult=3)
    test.bfd("del", "id", str(session.id), "client", "fast")
    session.wait(state="up", desired_min_tx=300000, required_min_rx=100000, mult=7, clients=["slow"])
    session.packet(session.mark(), 1, state="up", tx=300000, rx=100000, mult=7)
    test.bfd("del", "id", str(session.id), "client", "slow")
    check_equal(test.bfd("show"), [], "sessions")

# SPDX-License-Identifier: GPL-2.0
"""CI: the common intervals (RFC 7419)."""

import time

from harness import check_equal, periodic, row
from rows._ends import check_pace

COMMON = (3300, 10000, 20000, 50000, 100000, 1000000)  # microseconds


@row("CI-01")
def common_intervals(test):
    sessions = {}
    for number, interval in enumerate(COMMON):
        sessions[interval] = test.session(
            "tx %dus rx %dus mult 250" % (interval, test.input("interval", interval)),
            "tx=100000 rx=%d mult=20" % interval, remote="192.0.2.%d" % (10 + number))
    for session in sessions.values():
        session.up()
    marks = {interval: session.mark() for interval, session in sessions.items()}
    time.sleep(6)
    for interval, session in sessions.items():
        packets = periodic(session.packets(marks[interval], state="up"))
        for packet in packets:
            check_equal((packet["tx"], packet["rx"]), (interval, interval), "advertised")
        check_pace(packets, interval / 1e6, "%d us" % interval)
        session.is_now(state="up", desired_min_tx=interval, negotiated_tx=interval)


@row("CI-02")
def slow_and_not_up(test):
    slow = test.session("tx 10s rx 10s mult 255", "tx=100000 rx=100000 mult=8")
    fast = test.session("tx 10ms rx 10ms", remote="192.0.2.3")
    mark = fast.mark()
    for _ in range(2):
        packet = fast.packet(fast.mark(), 3, state="down")
        check_equal(packet["tx"], test.input("slow", 1000000), "Desired Min TX while Down")
    # What is slower than a second stays so (RFC 5880 6.8.3 asks for no less than a second).
    packet = slow.packet(mark if slow.wire is not fast.wire else 0, 12, state="down")
    check_equal((packet["tx"], packet["rx"], packet["mult"]), (10000000, 10000000, 255), "advertised")
    slow.set(mute=False)
    slow.wait(5, state="up", desired_min_tx=10000000, required_min_rx=10000000, mult=255)
    packet = slow.packet(0, 5, state="up")
    check_equal((packet["tx"], packet["rx"], packet["mult"]), (10000000, 10000000, 255), "advertised")
    # The peer's detection time, 2550 s, needs 32 bits of it and ours more.
    slow.set(tx=10000000, mult=255)
    slow.send(flags="P")
    slow.wait(2, detection_time=2550000000, state="up")


@row("CI-03")
def any_granularity(test):
    # Whatever the peer offers is taken exactly, so that there is nothing to move.
    session = test.session("tx 10ms rx 10ms mult 50", "tx=30000 rx=30000 mult=60").up()
    session.is_now(negotiated_tx=30000, negotiated_rx=30000)
    for offer in (30000, 37123, 61001):
        session.set(tx=offer, rx=offer)
        session.send(flags="P")
        shown = session.wait(2, negotiated_tx=offer, negotiated_rx=offer, state="up")
        check_equal(shown["detection_time"], 60 * offer, "detection time")
        mark = session.mark()
        time.sleep(2)
        check_pace(periodic(session.packets(mark, clear="PF")), offer / 1e6, "%d us" % offer)
    check_equal(session.stats()["down_count"], 0, "failures")
    check_equal(session.peer.diag, 0, "the peer's diagnostic")

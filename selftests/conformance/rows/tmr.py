# SPDX-License-Identifier: GPL-2.0
"""TMR: timer values and the detection time (RFC 5880 6.8.2 to 6.8.4, 6.8.10 to 6.8.12)."""

import time

from harness import SLACK, STAMP, check, check_equal, check_took, early_gaps, eventually, gaps, late_gaps, row

SLOW_US, SLOW = 1000000, 0.75  # the floor while not Up; its gaps, less jitter


def check_pace(packets, interval, least, what):
    """Gaps of a schedule: none too short; but a few may be long, for the machine stands still."""
    found = gaps(packets)
    check(len(found) >= least, "%s: only %d gaps" % (what, len(found)))
    check(not early_gaps(packets, interval * 0.75), "%s: a gap of %.1f ms" % (what, min(found) * 1e3))
    late = late_gaps(packets, interval * 1.05 + 0.005)
    check(len(late) <= 1 + len(found) / 10, "%s: gaps of %s s" % (what, late[:5]))


def check_expires(session, detection):
    """The peer falls silent: Down after this time, by the wire."""
    last, mark = session.hush()
    down = session.packet(mark, detection * 1.5 + 3, state="down")
    check_equal(down["diag"], 1, "diag of the expiry")
    check_took(last["time"], down["time"], detection - STAMP, detection * 1.1 + SLACK, "seconds to Down")


def check_slow(session, state, since, seconds=3.5):
    """Desired Min TX of a second, told and kept, from a mark on."""
    time.sleep(seconds)
    packets = session.packets(since, state=state)
    check(packets and all(packet["tx"] >= SLOW_US for packet in packets),
          "%s: Desired Min TX %r" % (state, [packet["tx"] for packet in packets]))
    check(len(packets) >= 3, "%s: only %d packets" % (state, len(packets)))
    check(not early_gaps(packets, SLOW), "%s: gaps %r" % (state, gaps(packets)))


@row("TMR-01")
def slow_unless_up(test):
    fast = "tx 10ms rx 100ms mult 100"
    peer = "tx=100000 rx=%d mult=8" % test.input("rx", 10000)
    down = test.session(fast, peer)
    init = test.session(fast, peer, remote="192.0.2.3")
    closed = test.session(fast, peer, remote="192.0.2.4").drive("admin-down")
    init.set(mute=False, machine=False, state="down")
    init.wait(state="init")
    mark = down.mark()
    check_slow(down, "down", mark)
    for session, state in ((init, "init"), (closed, "admin-down")):
        check_slow(session, state, mark, 0)
    down.up()
    check(down.packet(down.mark())["tx"] == 10000, "not 10 ms when Up")
    check_slow(down, "down", down.hush()[1], 4.5)


@row("TMR-02")
def changes_start_polls(test):
    session = test.session("tx 100ms rx 100ms mult 5", "tx=100000 rx=100000 mult=20 final=off")
    session.up()

    def polled_until_final(mark, **fields):
        session.packet(mark, flags="P", **fields)
        mark = session.mark()
        time.sleep(1.2)
        packets = eventually(lambda: len(session.packets(mark)) >= 8 and session.packets(mark), 1, "Polls")
        check(all("P" in packet["flags"] for packet in packets),
              "polls only %r" % [packet["flags"] for packet in packets])
        mark = session.send(flags=test.input("answer", "F"))
        session.packet(mark, clear="P")
        session.quiet(session.mark(), 0.5, flags="P")

    polled_until_final(0, state="up", tx=100000)
    for words, fields in (("tx 80ms", {"tx": 80000}), ("tx 120ms", {"tx": 120000}),
                          ("rx 80ms", {"rx": 80000}), ("rx 150ms", {"rx": 150000})):
        mark = session.mark()
        session.change(words)
        polled_until_final(mark, **fields)


@row("TMR-03")
def raised_tx_waits_for_final(test):
    session = test.session("tx 50ms rx 100ms mult 10", "tx=100000 rx=50000 mult=10").up()
    session.set(final=False)
    session.change("tx 500ms")
    mark = session.mark()
    session.next_packet(mark, tx=500000, flags="P")
    time.sleep(5)
    waiting = session.packets(mark)
    check(all(packet["tx"] == 500000 for packet in waiting), "the new value isn't advertised")
    # Nearly all: this machine may stand still once.
    slow = late_gaps(waiting, 0.055)
    check(len(waiting) > 80 and len(slow) <= 3, "slower before the Final: %r" % slow)
    # The peer's own Poll confirms nothing.
    mark = session.mark()
    session.send(flags="P")
    time.sleep(1)
    check_pace(session.packets(mark, clear="F"), 0.05, 5, "after a Poll of the peer")
    mark = session.mark()
    session.send(flags=test.input("answer", "F"))
    time.sleep(4)
    after = session.packets(mark, clear="P")
    check(len(after) > 5, "the Poll goes on after the Final")
    check(not early_gaps(after, 0.375) and min(gaps(after)) <= 0.5, "gaps after the Final: %r" % gaps(after))
    check(session.peer.diag == 0, "the peer timed out")


@row("TMR-04")
def lowered_tx_at_once(test):
    session = test.session("tx 500ms rx 100ms mult 20", "tx=100000 rx=50000 mult=10").up()
    session.set(final=False)
    mark = session.mark()
    time.sleep(2)
    check_pace(session.packets(mark), 0.5, 2, "before")
    mark = session.mark()
    session.change("tx %dms" % test.input("ms", 50))
    first = session.packet(mark, tx=50000, flags="P")
    time.sleep(2)
    after = [packet for packet in session.packets(mark) if packet["time"] >= first["time"]]
    check(all("P" in packet["flags"] for packet in after), "a Final came from nowhere")
    check_pace(after, 0.05, 30, "after")


def send_each(session, period, seconds, **fields):
    """The peer's packets at a pace that its own machine wouldn't keep."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        session.send(**fields)
        time.sleep(period)


@row("TMR-05")
def lowered_rx_waits_for_final(test):
    session = test.session("tx 100ms rx 500ms", "tx=50000 rx=100000 mult=10").up()
    session.set(final=False, mute=True)
    mark = session.mark()
    session.change("rx 50ms")
    session.packet(mark, rx=50000, flags="P")
    # More than ten times the new interval, much less than that of the old one.
    period = test.input("period", 700) / 1e3
    send_each(session, period, 3)
    # A Poll of the peer confirms nothing of ours.
    session.send(flags="P")
    send_each(session, period, 1)
    shown = session.is_now(state="up", negotiated_rx=500000, detection_time=5000000)
    check_equal(shown["stats"]["down_count"], 0, "failures")
    session.set(mute=False)
    session.send(flags="F")
    session.wait(state="up", negotiated_rx=50000, detection_time=500000)
    check_expires(session, 0.5)


@row("TMR-06")
def raised_rx_at_once(test):
    session = test.session("tx 100ms rx 50ms", "tx=50000 rx=100000 mult=16").up()
    session.set(final=False)
    session.is_now(detection_time=800000)
    session.change("rx %dms" % test.input("ms", 400))
    shown = session.is_now(state="up", negotiated_rx=400000, detection_time=6400000)
    check_equal(shown["stats"]["down_count"], 0, "failures")
    session.packet(session.mark(), rx=shown["negotiated_rx"], flags="P")
    check_expires(session, 6.4)


@row("TMR-07")
def peer_lowers_rx(test):
    session = test.session("tx 50ms rx 100ms", "tx=100000 rx=100000 mult=100").up()
    flags = test.input("flags", "")
    session.set(mute=True, rx=4000000)

    def in_a_gap():
        """Our last packet, with 3 to 4 s to the next, and 0.3 s over."""
        session.send(rx=100000)
        session.packet(session.mark())
        mark = session.send(rx=4000000)
        time.sleep(0.3)
        packets = session.packets(mark)
        return packets[-1] if packets else session.packets()[-1]

    delays = []
    for _ in range(4):
        last = in_a_gap()
        mark = session.send(rx=50000, flags=flags)
        packet = session.packet(mark, 1)
        delays.append(packet["time"] - session.packets(mark, direction="sent")[0]["time"])
    check(min(delays) < 0.02 and sorted(delays)[2] < 0.1, "next packet only after %r s" % delays)
    # The shorter interval isn't over yet: then the packet leaves when it is.
    last = in_a_gap()
    mark = session.send(rx=1200000, flags=flags)
    check_took(last["time"], session.packet(mark, 3)["time"], 0.9 - STAMP, 1.2 + SLACK, "the gap")


@row("TMR-08")
def larger_of_both(test):
    session = test.session("tx 50ms rx 300ms", "tx=100000 rx=%d mult=5" % test.input("rx", 200000)).up()
    mark = session.mark()
    time.sleep(3)
    check_pace(session.packets(mark), 0.2, 12, "DUT 50, peer 200 ms")
    session.is_now(negotiated_tx=200000, negotiated_rx=300000)
    other = test.session("tx 200ms rx 100ms", "tx=300000 rx=50000 mult=5", remote="192.0.2.3").up()
    mark = other.mark()
    time.sleep(3)
    check_pace(other.packets(mark), 0.2, 12, "DUT 200, peer 50 ms")
    other.is_now(negotiated_tx=200000, negotiated_rx=300000)


@row("TMR-09")
def detection_time(test):
    # Our multiplier and RX interval, the peer's multiplier and TX interval; all four in turn.
    sweep = ((3, 200, 7, 50), (7, 50, 4, 200), (3, 200, 4, 300), (2, 100, 9, 100), (255, 60, 16, 45))
    for number, (mult, rx_ms, remote_mult, tx_ms) in enumerate(sweep):
        peer = "tx=%d rx=400000 mult=%d" % (tx_ms * 1000, remote_mult)
        session = test.session("tx 170ms rx %dms mult %d" % (rx_ms, mult), peer,
                               remote="192.0.2.%d" % (10 + number)).up()
        expected_ms = test.input("remote_mult", remote_mult) * max(rx_ms, tx_ms)
        session.is_now(state="up", detection_time=expected_ms * 1000)
        check_expires(session, expected_ms / 1e3)


@row("TMR-10")
def multiplier_needs_no_poll(test):
    session = test.session("tx 100ms rx 100ms mult 8", "tx=100000 rx=100000 mult=8").up()
    session.is_now(detection_time=800000)
    before = session.mark()
    session.set(mult=test.input("mult", 17))
    session.send(flags="")
    session.is_now(state="up", remote_mult=17, detection_time=1700000)
    mark = session.mark()
    session.change("mult 9")
    session.packet(mark, 0.5, mult=9)
    time.sleep(0.5)
    check(not session.packets(before, flags="P"), "a Poll for a multiplier")
    check_expires(session, 1.7)


@row("TMR-11")
def peer_raises_rx(test):
    session = test.session("tx 50ms rx 100ms", "tx=100000 rx=50000 mult=50").up()
    session.set(mute=True, machine=False)  # else it would expire by the values that it has
    for rx_us in (400000, 1000000):
        session.packet(session.mark())
        mark = session.send(rx=test.input("rx", rx_us), flags="")
        time.sleep(rx_us / 1e6 * 3)
        heard = session.packets(mark, direction="sent")[0]["time"]
        # What left in the same moment, on another processor, may not have known.
        early = [packet for packet in session.packets() if packet["time"] <= heard + 0.005]
        later = [packet for packet in session.packets(mark) if packet["time"] > heard + 0.005]
        check_pace(early[-1:] + later, rx_us / 1e6, 2, "after %d us" % rx_us)
        session.is_now(state="up", negotiated_tx=rx_us)
        session.send(rx=50000)


@row("TMR-12")
def slow_beside_echo(test):
    test.link.wire.peer.loop = lambda record: True
    session = test.session("tx 100ms rx 100ms mult 20", "tx=100000 rx=100000 mult=8 echo=50000").up()
    session.is_now(mode="async", detection_time=800000)
    session.packet(session.mark(), rx=100000)
    session.set(final=False)
    mark = session.mark()
    session.change("echo " + test.input("echo", "50ms"))
    # Raised at once, without waiting for the Final.
    first = session.packet(mark, 1, rx=1000000, flags="P")["time"]
    session.is_now(mode="async-with-echo", detection_time=8000000, negotiated_rx=1000000)
    session.send(flags="F")
    session.packet(session.mark(), clear="P", rx=1000000)
    session.send()
    time.sleep(1.5)
    fast = session.packets(mark, rx=lambda rx: rx < 1000000, time=lambda time: time > first)
    check(not fast, "Required Min RX below a second beside echo")
    # Stopped: lowered by a Poll.
    mark = session.mark()
    session.change("echo off")
    session.packet(mark, 1, rx=100000, flags="P")
    time.sleep(1)
    session.is_now(mode="async", state="up", detection_time=8000000)
    session.set(mult=20)
    session.send(flags="F")
    session.wait(state="up", detection_time=2000000)


@row("TMR-13")
def two_changes(test):
    session = test.session("tx 100ms rx 100ms", "tx=100000 rx=50000 mult=100").up()
    session.set(final=False, mute=True)
    # Both at once: one Poll, in packets with both.
    mark = session.mark()
    session.change("tx 120ms rx 80ms")
    session.packet(mark, tx=120000, rx=80000, flags="P")
    check(not session.packets(mark, tx=120000, rx=100000), "the changes came one by one")
    mark = session.send(flags="F")
    session.packet(mark, clear="P")
    session.send()
    # One during the Poll of the other: the Final of the first confirms nothing of the second.
    mark = session.mark()
    session.change("tx 200ms")
    session.packet(mark, tx=200000, flags="P")
    session.change("tx 400ms")
    session.packet(mark, tx=400000, flags="P")
    mark = session.send(flags="F")
    session.next_packet(session.mark(), clear="P", tx=400000)
    time.sleep(2.2)
    waiting = session.packets(mark)[1:]
    check_pace(waiting, 0.12, 10, "with the second change unconfirmed")
    check(not any("P" in packet["flags"] for packet in waiting), "two Polls not told apart")
    if test.input("separator", 1):
        session.send(flags="")
    session.packet(session.mark(), 1, flags="P", tx=400000)
    mark = session.send(flags="F")
    time.sleep(3)
    after = session.packets(mark)[1:]
    check(not any("P" in packet["flags"] for packet in after), "the second Poll doesn't end")
    check_pace(after, 0.4, 3, "after the second Final")


@row("TMR-14")
def peer_forgotten(test):
    sessions = [test.session("tx 50ms rx 100ms mult 10", "tx=100000 rx=100000 mult=10",
                             remote="192.0.2.%d" % (10 + rx)).up() for rx in (60, 0)]
    for session, rx_us in zip(sessions, (60000000, 0)):
        session.set(rx=rx_us)
        session.send()
        session.hush()
    for session in sessions:
        session.wait(state="down")
    mark = test.link.wire.mark()
    time.sleep(5)
    for session in sessions:
        check_pace(session.packets(mark, state="down"), 1, test.input("gaps", 3), "after the expiry")


@row("TMR-15")
def largest_products(test):
    # In 32 bits the products would be 0xffffff01, 0 and 128 us.
    peers = ((255, 0xFFFFFFFF), (2, 0x80000000), (128, 0x2000001))
    sessions = [test.session(remote="192.0.2.%d" % (10 + number)).up() for number in range(len(peers))]
    for session, (mult, tx_us) in zip(sessions, peers):
        session.hush()
        session.send(mult=mult, tx=tx_us, rx=0xFFFFFFFF, flags="")
    marks = [session.mark() for session in sessions]
    time.sleep(4)
    for session, mark, (mult, tx_us) in zip(sessions, marks, peers):
        shown = session.is_now(state="up", detection_time=mult * tx_us, negotiated_tx=0xFFFFFFFF)
        check(shown["uptime_ms"] >= 4000, "it failed, and is up for %d ms" % shown["uptime_ms"])
        check(len(session.packets(mark)) <= 1, "packets in spite of 0xffffffff us")

# SPDX-License-Identifier: GPL-2.0
"""DEM: Demand mode of either end (RFC 5880 6.6, 6.8.4, 6.8.6, 6.8.14)."""

import time

from harness import (SLACK, STAMP, check, check_equal, check_took, early_gaps, eventually, gaps, late_gaps, row,
                     stood_still)

PEER = "tx=100000 rx=100000 mult=50"


def peer_in_demand(session):
    """Both Up, then the peer wants no periodic packets; its machine would miss them."""
    session.up()
    session.set(machine=False, demand=True)
    session.send()
    session.wait(remote_demand=True)
    time.sleep(0.1)
    return session


def ours(test, config="tx 100ms rx 100ms mult 10", peer=PEER, **ends):
    """A session in Demand mode of ours."""
    session = test.session(config + " demand on", peer, **ends).up()
    session.packet(0, flags="D")
    return session


@row("DEM-01")
def only_if_both_up(test):
    session = test.session("tx 100ms rx 100ms mult 40 demand on", PEER)
    session.set(machine=False, final=False)

    def clear(state, packets):
        check(packets and all(packet["state"] == state for packet in packets), "not " + state)
        check(not any("D" in packet["flags"] for packet in packets), "D in " + state)

    session.packet(0, 5)
    clear("down", session.packets(0, my=session.id))
    mark = session.send(state="down")
    session.packet(mark, state="init")
    time.sleep(1.2)
    clear("init", session.packets(mark))
    # Up, as far as we know; the peer still says Init.
    mark = session.send(state="init")
    session.packet(mark, state="up")
    time.sleep(0.5)
    clear("up", session.packets(mark))
    mark = session.send(state=test.input("state", "up"))
    session.packet(mark, 1, state="up", flags="D")
    session.is_now(mode="demand", remote_demand=False)
    time.sleep(0.3)
    packets = session.packets(mark)[1:]
    check(packets and all("D" in packet["flags"] for packet in packets), "D isn't kept")
    mark = session.mark()
    session.change("admin down")
    session.packet(mark, state="admin-down")
    time.sleep(1.2)
    clear("admin-down", session.packets(mark, state="admin-down"))
    # Never in any state but Up: and after a failure as before.
    session.change("admin up")
    mark = session.send(state="down")
    session.packet(mark, state="init", clear="D")
    check(not session.packets(0, my=session.id, flags="D", state=lambda state: state != "up"),
          "D while not Up")


@row("DEM-02")
def toggled_with_poll(test):
    session = test.session("tx 100ms rx 100ms mult 40", PEER).up()
    session.set(final=False)
    for words in ("on", "off", "on"):
        mark = session.mark()
        session.change("demand " + test.input("words", words))
        first = session.packet(mark, 1, **({"flags": "D"} if words == "on" else {"clear": "D"}))
        check("P" in first["flags"], "the first packet with demand %s: %s" % (words, first["flags"]))
        mark = session.mark()
        time.sleep(1)
        packets = eventually(lambda mark=mark: len(session.packets(mark)) >= 7 and session.packets(mark), 1,
                             "Polls")
        check(all("P" in packet["flags"] for packet in packets),
              "the Poll doesn't last: %r" % [packet["flags"] for packet in packets])
        mark = session.send(flags="F")
        session.packet(mark, clear="P")
        session.send(flags="")
        session.quiet(session.mark(), 0.4, flags="P")
    session.is_now(state="up", demand=True)


@row("DEM-03")
def peer_demands_silence(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(machine=False, demand=bool(test.input("demand", 1)))
    session.send()
    time.sleep(0.2)
    mark = session.mark()
    time.sleep(2)  # twenty intervals
    check(not session.packets(mark), "%d packets" % len(session.packets(mark)))
    for _ in range(5):
        delay = session.latency({"flags": "PD"}, 1, flags="F", clear="P")
        check(delay < SLACK, "answered after %g s" % delay)
    time.sleep(0.5)
    check(not session.packets(mark, clear="F"), "periodic packets after a Poll")
    session.is_now(state="up")


@row("DEM-04")
def peer_demands_too_early(test):
    session = test.session("tx 100ms rx 100ms", PEER + " demand=on")
    session.set(machine=False, mute=False, state="down")
    mark = session.mark()
    time.sleep(4)
    packets = session.packets(mark, state="init")
    check(len(packets) >= 3 and not late_gaps(packets, 1 + SLACK), "Init: gaps %r" % gaps(packets))
    # Up here, Init there.
    session.set(state=test.input("state", "init"))
    session.wait(state="up")
    mark = session.mark()
    time.sleep(2)
    check(len(session.packets(mark, state="up")) >= 12, "silent though the peer isn't Up")
    session.set(state="up")
    session.send(flags="FD")
    session.wait(remote_state="up")
    time.sleep(0.2)
    session.quiet(session.mark(), 1)
    session.is_now(state="up")


@row("DEM-05")
def peer_demands_no_more(test):
    session = test.session("tx 100ms rx 100ms mult 5", "tx=100000 rx=100000 mult=40").up()
    session.set(machine=False, demand=True)
    session.send()
    time.sleep(0.2)
    session.quiet(session.mark(), 0.7)
    session.set(demand=False, mute=True)
    delay = session.latency({"flags": test.input("flags", "")}, 1)
    check(delay < SLACK, "resumes after %g s" % delay)
    mark = session.mark()
    time.sleep(1.5)
    check(len(session.packets(mark)) >= 10, "no stream again")
    session.set(mute=False)
    # The peer leaves Up: it is told, and told again.
    session.set(demand=True)
    session.send()
    time.sleep(0.2)
    session.quiet(session.mark(), 0.7)
    session.set(mute=True)
    mark = session.send(state="down")
    session.packet(mark, 1, state="down", diag=3)
    time.sleep(1.9)
    check(len(session.packets(mark, state="down")) >= 2, "told only once")
    # We fail: Down packets at the slow pace.
    session.set(demand=False, state="down")
    session.up()
    session.set(machine=False, demand=True)
    session.send()
    time.sleep(0.2)
    mark = session.hush()[1]
    down = session.packet(mark, 8, state="down")
    check_equal(down["diag"], 1, "diag")
    time.sleep(3.5)
    packets = session.packets(mark, state="down")
    check(len(packets) >= 3, "only %d Down packets" % len(packets))
    check(not early_gaps(packets, 0.75), "gaps %r" % gaps(packets))


@row("DEM-06")
def silence_is_allowed(test):
    session = ours(test, "tx 100ms rx 50ms mult 20", "tx=50000 rx=100000 mult=%d" % test.input("mult", 20))
    if not test.input("demand", 1):
        session.change("demand off")
    session.packet(session.mark(), clear="P")
    session.hush()
    time.sleep(20)  # twenty detection times of asynchronous mode
    shown = session.is_now(state="up")
    check_equal(shown["stats"]["down_count"], 0, "failures")


@row("DEM-07")
def unanswered_poll_fails(test):
    # Ours 7 times the larger of 150 (ours) and 100 ms; the peer's would be 2 times 400.
    cases = ((150, 7, 100000, 1.05), (100, 4, 250000, 1.0))
    for number, (tx_ms, mult, rx_us, detection) in enumerate(cases):
        session = ours(test, "tx %dms rx 400ms mult %d" % (tx_ms, mult),
                       "tx=300000 rx=%d mult=2" % rx_us, remote="192.0.2.%d" % (10 + number))
        session.packet(session.mark(), clear="P")
        session.set(final=False)
        session.hush()
        time.sleep(1.5)
        session.is_now(state="up", detection_time=detection * 1e6)
        mark = session.mark()
        if test.input("poll", 1):
            test.bfd("poll", "id", str(session.id))
        first = session.packet(mark, 1, flags="P")
        down = session.packet(mark, 4, state="down")
        check_equal(down["diag"], 1, "diag")
        check_took(first["time"], down["time"], detection - STAMP, detection + SLACK,
                   "seconds from the first Poll")
        polls = session.packets(mark, flags="P")
        interval = max(tx_ms / 1e3, rx_us / 1e6)
        missed = stood_still(first["time"], down["time"]) / (interval * 0.75)
        check(len(polls) >= mult - missed, "%d Polls" % len(polls))
        check(not early_gaps(polls, interval * 0.75), "gaps %r" % gaps(polls))


@row("DEM-08")
def changes_are_polled(test):
    changes = [("mult 40", {"mult": 40}), ("rx 150ms", {"rx": 150000}), ("tx 120ms", {"tx": 120000}),
               ("echo-rx 60ms", {"echo": 60000}), ("diag concatenated-path-down", {"diag": 6}),
               ("diag none", {"diag": 0})]
    # The peer in Demand: silence, a Poll, and silence after its Final.
    session = peer_in_demand(test.session("tx 100ms rx 100ms", PEER))
    session.set(final=False)
    for words, fields in changes:
        session.quiet(session.mark(), 0.3)
        mark = session.mark()
        session.change(words)
        session.packet(mark, 1, flags="P", **fields)
        session.packet(session.mark(), 1, flags="P", **fields)  # and again
        session.send(flags=test.input("answer", "FD"))
        time.sleep(0.05)
        session.send()
        time.sleep(0.05)
    session.quiet(session.mark(), 0.5)
    # We are: a Poll too.
    session = ours(test, "tx 100ms rx 100ms mult 50", remote="192.0.2.3")
    session.packet(session.mark(), clear="P")
    session.set(final=False)
    for words, fields in changes:
        mark = session.mark()
        session.change(words)
        session.packet(mark, 1, flags="DP", **fields)
        mark = session.send(flags="F")
        session.send(flags="")
        session.packet(mark, 1, clear="PF")


@row("DEM-09")
def toggled_often(test):
    session = test.session("tx 50ms rx 50ms mult 40", "tx=50000 rx=50000 mult=50").up()
    for number in range(100):
        session.change("demand " + ("on", "off")[number % 2])
    shown = session.is_now(state="up", mode="async", demand=False)
    check_equal(shown["stats"]["down_count"], 0, "failures")
    check(session.peer.diag == 0, "the peer failed")
    session.change("demand on")
    session.wait(mode="demand", demand=True)
    # Both ends: an empty wire.
    session.set(machine=False, demand=True)
    session.send()
    session.wait(remote_demand=True, poll=False)
    time.sleep(0.5)  # with a packet that parts this Poll from the next
    session.set(mute=True)
    time.sleep(0.3)
    session.quiet(session.mark(), 3)
    session.is_now(state="up", mode="demand", remote_demand=True)
    # Silence that was allowed is none that counts afterwards.
    session.set(final=False)
    session.change("demand off")
    time.sleep(1)  # less than half a detection time
    check_equal(session.is_now(state="up", mode="async")["stats"]["down_count"], 0, "failures")
    session.set(mute=False, final=True)
    session.wait(poll=False)
    session.change("demand on")
    session.wait(mode="demand", poll=False)
    time.sleep(0.5)
    session.set(mute=True)
    time.sleep(0.3)
    # But for the Polls that verify the path now and then, if they are wanted; no closer
    # than the detection time.
    mark = session.mark()
    session.change("mult 20 poll-interval 1200ms")
    time.sleep(6)
    polls = session.packets(mark, flags="P")
    check(4 <= len(polls) <= 7, "%d Polls in 6 s of 1200 ms" % len(polls))
    check(len(session.packets(mark, clear="F")) == len(polls), "more than Polls")
    session.change("poll-interval off")
    # With echo, the mode is the other one.
    test.link.wire.peer.loop = lambda record: True
    session.set(echo=50000)
    session.change("echo 50ms")
    session.send()
    session.wait(state="up", mode="demand-with-echo")

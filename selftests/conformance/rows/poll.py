# SPDX-License-Identifier: GPL-2.0
"""POLL: Poll Sequences (RFC 5880 6.5, 6.8.6, 6.8.7)."""

import time

from harness import SLACK, check, check_equal, early_gaps, gaps, late_gaps, ran, row

PEER = "tx=100000 rx=100000 mult=50"


def neither_both(session):
    """P and F in one packet: never, from the first packet on."""
    both = session.packets(0, flags="PF")
    check(not both, "%d packets with P and F" % len(both))


@row("POLL-01")
def final_ends_poll(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(final=False, mute=True)
    mark = session.mark()
    session.change("tx 300ms rx 80ms")
    session.packet(mark, flags="P", tx=300000)
    session.is_now(negotiated_tx=100000, negotiated_rx=100000)
    mark = session.send(flags=test.input("answer", "F"))
    session.packet(mark, clear="P")
    session.is_now(negotiated_tx=300000, negotiated_rx=100000)
    time.sleep(2)
    after = session.packets(mark)[1:]
    check(not any("P" in packet["flags"] for packet in after), "P after the Final")
    check(len(after) >= 3 and not early_gaps(after, 0.225), "gaps %r" % gaps(after))


@row("POLL-02")
def rides_on_periodic(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(final=False)
    mark = session.mark()
    session.change("rx %dms" % test.input("ms", 120))
    session.packet(mark, flags="P")  # the change itself, between scheduled ones
    mark = session.mark()
    time.sleep(3)
    packets = session.packets(mark)
    check(all("P" in packet["flags"] for packet in packets), "without P")
    check(len(packets) >= 20, "%d packets in 3 s of 75 to 100 ms" % len(packets))
    check(not early_gaps(packets, 0.075), "least gap %g" % min(gaps(packets)))
    # So does a Poll that the operator asks for.
    session.set(final=True)
    session.packet(session.mark(), clear="P")
    mark = session.mark()
    for _ in range(10):
        test.bfd("poll", "id", str(session.id))
        time.sleep(0.27)
    packets = session.packets(mark)
    check(len([packet for packet in packets if "P" in packet["flags"]]) >= 5, "hardly any P")
    check(not early_gaps(packets, 0.075), "poll on request: least gap %g" % min(gaps(packets)))
    # To a peer in Demand mode nothing is periodic: it leaves at once.
    session.set(machine=False, demand=True)
    session.send()
    session.wait(remote_demand=True, poll=False)
    time.sleep(0.2)
    mark = session.mark()
    session.quiet(mark, 0.5)
    test.bfd("poll", "id", str(session.id))
    asked = time.time()
    after = session.packet(mark, 1, flags="P")["time"] - asked
    check(after < 0.5, "on the wire only after %g s" % after)


@row("POLL-03")
def never_both(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(final=False)
    mark = session.mark()
    session.change("rx 150ms")
    session.packet(mark, flags="P")
    for _ in range(10):
        mark = session.send(flags="P")
        final = session.packet(mark, flags="F")
        check("P" not in final["flags"], "a Final with P")
        session.packet(session.mark(), clear="F", flags="P")  # the next periodic one
    session.send(flags="F")
    session.packet(session.mark(), clear="P")
    neither_both(session)
    # A steady session never has either; at 10 ms, what an hour would be at a second.
    steady = test.session("tx 10ms rx 10ms mult 250", "tx=10000 rx=10000 mult=250",
                          remote="192.0.2.3").up()
    steady.packet(steady.mark(), clear="P")
    mark = steady.mark()
    if test.input("poll", 0):
        steady.change("rx 12ms")
    time.sleep(8)
    packets = steady.packets(mark)
    stray = [packet["flags"] for packet in packets if set(packet["flags"]) & set("PF")]
    check(len(packets) > 500 and not stray, "%d packets, stray %r" % (len(packets), stray))
    neither_both(steady)


@row("POLL-04")
def until_answered(test):
    session = test.session("tx 100ms rx 100ms", PEER + " final=off").up()
    time.sleep(3)
    packets = session.packets(0, state="up")
    check(len(packets) > 20 and all("P" in packet["flags"] for packet in packets),
          "after Up, without a Final: %r" % [packet["flags"] for packet in packets])
    mark = session.send(flags=test.input("answer", "F"))
    session.packet(mark, clear="P")
    session.quiet(session.mark(), 0.5, flags="P")
    # Three Finals are lost, the fourth is not.
    mark = session.mark()
    session.change("tx 110ms")
    for _ in range(3):
        session.packet(session.mark(), flags="P")
    session.packet(session.mark(), flags="P")
    mark = session.send(flags="F")
    session.packet(mark, clear="P", tx=110000)
    # Or the session fails.
    session.change("rx 120ms")
    session.packet(mark, flags="P", rx=120000)
    session.set(mute=True, machine=False)
    mark = session.send(state="down", flags="")
    session.packet(mark, state="down")
    session.quiet(session.mark(), 1.5, flags="P")


def answered(session, times=6, **fields):
    """Each Poll with these fields is answered at once, by F=1 and P=0."""
    delays = []
    for _ in range(times):
        mark = session.send(flags="P" + fields.get("also", ""),
                            **{key: value for key, value in fields.items() if key != "also"})
        final = session.packet(mark, 1, flags="F")
        check("P" not in final["flags"], "a Final with P")
        polls = session.packets(mark, direction="sent", flags="P")
        delays.append(ran(polls[0]["time"], final["time"]))
        time.sleep(0.03)
        check_equal(len(session.packets(mark, flags="F")), 1, "Finals to one Poll")
    delays.sort()
    # A tick of the clock would be 5 ms; but this machine has much else to do.
    check(delays[0] < 0.005 and delays[-1] < SLACK, "answers after %r s" % delays)
    return session


@row("POLL-05")
def answered_at_once(test):
    session = test.session("tx 100ms rx 100ms", PEER)
    session.set(machine=False)
    session.packet(0, 5)  # the neighbour is resolved
    # Down hears Up and stays Down.
    answered(session, state=test.input("state", "up"), your=session.id).is_now(state="down")
    answered(session, state="down", your=0).is_now(state="init")
    session.up()
    session.set(mute=True)
    answered(session).is_now(state="up")
    answered(session, rx=0).is_now(state="up", remote_required_min_rx=0)
    answered(session, also="D").is_now(state="up")
    # All of these against the schedule of 100 ms at the earliest: also with one of 5 s.
    answered(session, rx=5000000).is_now(state="up", negotiated_tx=5000000)
    # Demand of ours, its own Poll unanswered.
    session.set(final=False)
    mark = session.mark()
    session.change("demand on mult 50")
    session.packet(mark, flags="DP")
    answered(session).is_now(state="up", mode="demand")


@row("POLL-06")
def schedule_goes_on(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(mute=True)
    mark = session.mark()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        session.send(flags="P")
        time.sleep(0.01)
    check(len(session.packets(mark, flags="F")) > 100, "few Finals")
    packets = session.packets(mark, clear="F")
    scheduled = gaps(packets)
    check(len(scheduled) >= 40, "only %d scheduled packets in 5 s" % len(scheduled))
    check(not early_gaps(packets, 0.075), "least gap %g" % min(scheduled))
    late = late_gaps(packets, test.input("most", 105) / 1e3)
    check(len(late) <= len(scheduled) / 10, "late: %r" % late)


@row("POLL-07")
def no_limit(test):
    """We chose not to limit Finals: each Poll of a flood has its own."""
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(mute=True)
    mark = session.mark()
    count = test.input("polls", 1000)
    for _ in range(count):
        session.send(flags="P")
    time.sleep(0.5)
    polls = session.packets(mark, direction="sent", flags="P")
    finals = session.packets(mark, flags="F")
    took = polls[-1]["time"] - polls[0]["time"]
    check(len(finals) >= 950, "%d Finals to %d Polls in %g s" % (len(finals), count, took))
    check(took / len(finals) < 0.1, "Finals further apart than Desired Min TX")
    spaced = session.packets(mark, clear="F")
    check(not early_gaps(spaced, 0.075), "scheduled packets at %r" % gaps(spaced))
    session.is_now(state="up")


@row("POLL-08")
def final_with_new_values(test):
    session = test.session("tx 100ms rx 100ms", PEER).up()
    session.set(final=False, mute=True)
    session.change("tx %dms rx 200ms mult 7" % test.input("ms", 300))
    mark = session.send(flags="P")
    final = session.packet(mark, flags="F", tx=300000, rx=200000, mult=7)
    check("P" not in final["flags"], "a Final with P")
    session.packet(session.mark(), clear="F", flags="P", tx=300000, rx=200000)
    session.is_now(negotiated_tx=100000)

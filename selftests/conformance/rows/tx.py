# SPDX-License-Identifier: GPL-2.0
"""TX: what is sent, and when (RFC 5880 6.1, 6.7, 6.8.7)."""

import signal
import statistics
import time

from harness import SLACK, check, check_equal, check_range, check_spaced, early_gaps, gaps, row, stood_still
from rows._auth import authenticated

PEER = "tx=100000 rx=100000 mult=50"
HERD = 6  # sessions side by side


def herd(test, config, peer, count=HERD):
    sessions = [test.session(config, peer, remote="192.0.2.%d" % (10 + number))
                for number in range(count)]
    for session in sessions:
        session.set(mute=False, machine=True)
    for session in sessions:
        session.up()
    return sessions


def steady(sessions):
    """A mark from which on all of them send nothing but periodic packets."""
    for session in sessions:
        session.packet(session.mark(), clear="PF")
    return sessions[0].mark()


def collect(sessions, seconds):
    """The gaps of each session."""
    mark = steady(sessions)
    time.sleep(seconds)
    return [gaps(session.packets(mark)) for session in sessions]


@row("TX-01")
def never_too_close(test):
    interval = test.input("interval", 20) / 1e3
    # One session would need three minutes for its 10 000 packets.
    sessions = herd(test, "tx 20ms rx 100ms mult 200", "tx=200000 rx=10000 mult=50", 20)
    mark = steady(sessions)
    end = time.monotonic() + 60
    while len(test.link.wire.packets(mark)) < 10500 and time.monotonic() < end:
        time.sleep(1)
    runs = [session.packets(mark) for session in sessions]
    check(sum(len(gaps(run)) for run in runs) >= 10000, "only %r packets" % [len(run) for run in runs])
    for run in runs:
        check_spaced(run, interval, "one of 10 000")


def correlation(first, second):
    pairs = list(zip(first, second))
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return statistics.correlation(first, second)


@row("TX-02")
def fresh_jitter(test):
    interval = test.input("interval", 50) / 1e3
    runs = collect(herd(test, "tx 50ms rx 200ms mult 20", "tx=200000 rx=10000 mult=50"), 12)
    runs = [[gap / interval for gap in run if gap < interval * 1.1] for run in runs]
    shares = sorted(share for run in runs for share in run)
    check(len(shares) > 600, "only %d gaps" % len(shares))
    check_range(statistics.mean(shares), 0.85, 0.91, "the mean share")
    # Uniform from 75 to 100 %: quartiles at 81, 87.5 and 94.
    for quantile, low, high in ((0.02, 0.73, 0.785), (0.25, 0.785, 0.84), (0.75, 0.90, 0.97),
                                (0.98, 0.96, 1.1)):
        check_range(shares[int(len(shares) * quantile)], low, high, "the share at %g" % quantile)
    for number, run in enumerate(runs):
        check(len(run) > 80, "session %d: only %d gaps" % (number, len(run)))
        for lag in range(1, 9):  # a repeated pattern, an echo of the gap before
            check(abs(correlation(run[lag:], run)) < 0.45, "session %d repeats after %d" % (number, lag))
        for other in runs[number + 1:]:
            check(abs(correlation(run, other)) < 0.45, "two sessions jitter alike")


@row("TX-03")
def multiplier_one(test):
    interval = 0.1
    sessions = herd(test, "tx 100ms rx 200ms mult 20", "tx=200000 rx=10000 mult=50", 8)
    for session in sessions:
        session.set(machine=False)  # that would fail whenever the machine stands still for an interval
        session.change("mult %d" % test.input("mult", 1))
    mark = steady(sessions)
    time.sleep(15)
    runs = [session.packets(mark) for session in sessions]
    every = [gap for run in runs for gap in gaps(run)]
    check(len(every) > 900, "only %d gaps" % len(every))
    over = []
    for run in runs:
        check_spaced(run, interval, "multiplier 1")
        # The clock allows for its own lateness; what is over was the machine's standstill.
        over += [gap for gap, before, after in zip(gaps(run), run, run[1:])
                 if gap > interval * 0.9 and not stood_still(before["time"], after["time"])]
    check(len(over) <= 2, "%d of %d over 90 %%: %r" % (len(over), len(every), over[:5]))
    check(max(over, default=0) <= interval, "a peer at one interval would flap: %r" % over[:5])
    check(max(every) > interval * 0.84, "no jitter")


@row("TX-04")
def active_speaks_first(test):
    session = test.session("tx 100ms rx 100ms" + test.input("role", ""))
    mark = session.mark()
    time.sleep(5.5)
    packets = session.packets(mark)
    check_range(len(packets), 4, 8, "packets in 5.5 s")
    check(all(packet["state"] == "down" and packet["your"] == 0 for packet in packets), "not Down")
    check(not early_gaps(packets, 0.75), "gaps %r" % gaps(packets))


@row("TX-05")
def passive_answers(test):
    session = test.session("tx 100ms rx 100ms" + test.input("role", " passive"))
    session.quiet(session.mark(), 2.5)
    for _ in range(2):
        # Known for 2.5 s from one packet: a stream in that time, not a single answer.
        mark = session.send(state="down", your=0, tx=100000, mult=25)
        end = session.packets(mark, direction="sent")[0]["time"] + 2.5
        session.packet(mark, 1, state="init", your=session.peer.discr)
        time.sleep(5)
        packets = session.packets(mark)
        known = [packet for packet in packets if packet["time"] <= end]
        check(len(known) >= 3 and not early_gaps(known, 0.75), "gaps %r" % gaps(known))
        later = [packet["time"] - end for packet in packets if packet["time"] > end + SLACK]
        check(not later, "speaks %r s after it forgot the peer" % later)
        session.is_now(state="down", remote_discr=0)


@row("TX-06")
def zero_stops(test):
    session = test.session("tx 100ms rx 100ms mult 5", "tx=100000 rx=100000 mult=50").up()
    session.set(rx=test.input("rx", 0), machine=False)
    session.send()
    time.sleep(0.1)
    session.quiet(session.mark(), 2)
    session.is_now(state="up", remote_required_min_rx=0)
    session.set(rx=100000)
    delay = session.latency({}, 1, state="up")
    check(delay < SLACK, "resumes after %g s" % delay)
    mark = session.mark()
    time.sleep(2)
    check(len(session.packets(mark)) >= 12, "no stream again")


@row("TX-07")
def news_at_once(test):
    # Its own pace is slow, so whatever comes soon came because of the change.
    session = test.session("tx 100ms rx 100ms mult 5", "tx=100000 rx=4000000 mult=100")
    session.set(machine=False, final=False)
    session.packet(0, 5)  # the neighbour is resolved
    delays = []
    for _ in range(3):
        for state, wanted in (("down", "init"), ("up", "up"), (test.input("state", "down"), "down")):
            delays.append(session.latency({"state": state}, 1, state=wanted))
        check_equal(session.packet(0, state="down", your=session.peer.discr)["diag"], 3, "diag")
    check(min(delays) < 0.005 and max(delays) < SLACK, "states on the wire after %r s" % delays)
    session.send(state="down")
    session.set(state="up")
    session.send(flags="F")
    session.wait(state="up")
    for words, fields in (("mult 9", {"mult": 9}), ("tx 200ms", {"tx": 200000}),
                          ("rx 150ms", {"rx": 150000}),
                          ("admin down", {"state": "admin-down", "diag": 7})):
        mark = session.mark()
        session.change(words)
        asked = time.time()
        after = session.packet(mark, 1, **fields)["time"] - asked
        check(after < SLACK, "%s on the wire after %g s" % (words, after))


def same_as_shown(session, packet, shown):
    """A packet is the session as shown."""
    diags = ["none", "control-expiry", "echo-failed", "neighbor-down", "forwarding-reset", "path-down",
             "concatenated-path-down", "admin-down", "reverse-concatenated-path-down"]
    slow = shown["state"] != "up"
    wanted = {"version": 1, "length": 24, "state": shown["state"], "diag": diags.index(shown["diag"]),
              "mult": shown["mult"], "my": shown["local_discr"], "your": shown["remote_discr"],
              "tx": max(shown["desired_min_tx"], 1000000 if slow else 0),
              "rx": shown["required_min_rx"]}
    for key, value in wanted.items():
        check_equal(packet[key], value, "%s in state %s" % (key, shown["state"]))
    check("M" not in packet["flags"], "M is set")


@row("TX-08")
def fields_are_variables(test):
    for family in (4, 6):
        session = test.session("tx 110ms rx 90ms mult 7", "tx=200000 rx=50000 mult=4", family=family)

        def steady(**wanted):
            shown = session.wait(8, **wanted)
            packet = session.packet(session.mark(), clear="PF", within=3)
            same_as_shown(session, packet, shown)

        steady(state="down", diag="none", remote_discr=0)
        session.set(machine=False, mute=False, state="down")
        steady(state="init", remote_discr=session.peer.discr)
        session.set(machine=True)
        steady(state="up")
        session.set(machine=False, state="down")
        session.wait(diag="neighbor-down")
        session.set(mute=True)
        steady(state="down", remote_discr=0)
        session.up()
        steady(state="up")
        session.hush()
        steady(state="down", diag=test.input("expired", "control-expiry"), remote_discr=0)
        session.change("admin down")
        steady(state="admin-down", diag="admin-down")


@row("TX-09")
def independent_of_agent(test):
    session = test.session("tx 50ms rx 50ms mult 20", "tx=50000 rx=50000 mult=40").up()
    uptime = session.show()["uptime_ms"]

    def goes_on(seconds):
        mark = session.mark()
        time.sleep(seconds)
        packets = session.packets(mark)
        check(len(packets) > 10 * seconds, "only %d packets" % len(packets))
        check(all(packet["state"] == "up" and "C" in packet["flags"] for packet in packets),
              "%r" % {(packet["state"], packet["flags"]) for packet in packets})
        check(session.peer.state == "up" and session.peer.diag == 0, "the peer went down")

    test.agent.signal(signal.SIGSTOP)
    goes_on(5)  # five detection times of the peer
    test.agent.signal(signal.SIGCONT)
    test.agent.kill()
    goes_on(5)
    test.agent.start()
    shown = session.is_now(state="up")
    check_equal(shown["stats"]["down_count"], 0, "failures")
    check(shown["uptime_ms"] > uptime + 10000, "it came up again")
    check(all("C" in packet["flags"] for packet in session.packets(0)), "C is not always set")


@row("TX-10")
def with_and_without(test):
    """Both in every packet, or neither; also in Finals and changes."""
    values = ("tx 50ms rx 100ms", "tx=100000 rx=50000 mult=20")
    for number, (kind, size) in enumerate(((None, 0), ("simple", 17), ("md5", 24), ("meticulous-sha1", 28))):
        remote = "192.0.2.%d" % (10 + number)
        session = (authenticated(test, kind, b"a password now", *values, remote=remote) if kind
                   else test.session(*values, remote=remote)).up()
        for _ in range(5):
            session.packet(session.send(flags="P"), flags="F")
        session.change("mult 9")
        session.drive("admin-down")
        session.packet(session.mark(), 3, state="admin-down")
        for packet in session.packets(0):
            check_equal("A" in packet["flags"], bool(kind), "whether A is set")
            check_equal((packet["length"], packet["udp_length"], packet.get("auth_length", 0)),
                        (24 + size, test.input("length", 24) + size + 8, size),
                        "Length, that of UDP, and of the section")


@row("TX-11")
def microseconds(test):
    values = (("3.3ms", 3300), ("16.7ms", 16700), ("50ms", 50000),
              ("%dms" % test.input("ms", 123), 123000))
    for number, (text, value) in enumerate(values):
        session = test.session("tx %s rx %s mult 100" % (text, text), "tx=50000 rx=50000 mult=100",
                               remote="192.0.2.%d" % (10 + number)).up()
        session.packet(session.mark(), state="up", tx=value, rx=value)
        check(all(packet["tx"] for packet in session.packets(0)), "Desired Min TX 0")
        test.refused("change", "id", str(session.id), "tx", "0")
        session.is_now(desired_min_tx=value)


@row("TX-12")
def echo_granted_if_looped(test):
    session = test.session("tx 100ms rx 100ms" + test.input("words", ""), PEER).up()
    mark = session.mark()
    check(all(packet["echo"] == 0 for packet in session.packets(0)), "echo granted by default")
    session.change("echo-rx 60ms")
    session.packet(mark, 1, state="up", echo=60000)
    session.send(flags="P")
    session.packet(mark, 1, flags="F", echo=60000)
    mark = session.mark()
    session.change("echo-rx off")
    session.packet(mark, 1, state="up", echo=0)
    mark = session.mark()
    time.sleep(0.5)
    check(not session.packets(mark, echo=60000), "still granted")

# SPDX-License-Identifier: GPL-2.0
"""ADM: administrative control, resets, congestion (RFC 5880 6.8.15 to 6.8.18, 7)."""

import json
import signal
import time

from harness import STAMP, brief, check, check_equal, check_took, early_gaps, row
from netns import run
from rows._ends import echo_packets, loop_echo, multihop

PATHS = ("native", "generic")


@row("ADM-01")
def disabling(test):
    session = test.session().up()
    for words, diag in (("", 7), (" diag path-down", 5)):
        mark = session.mark()
        session.change("admin down" + words)
        changed = session.packet(mark, state=lambda state: state != "up")
        check_equal((changed["state"], changed["diag"]), ("admin-down", test.input("diag", diag)),
                    "state and diagnostic")
        session.is_now(state="admin-down", diag={7: "admin-down", 5: "path-down"}[diag])
        check(session.peer.diag == 3, "the peer took it for a failure")
        session.change("admin up")
        session.up()


@row("ADM-02")
def disabling_stops_echo(test):
    loop_echo(test.link)
    session = test.session("tx 100ms rx 100ms mult 50 echo 20ms",
                           "tx=100000 rx=100000 mult=8 echo=20000").up()
    session.wait(3, echo_tx_in_use=20000)
    mark = session.mark()
    session.change("admin down")
    down = session.packet(mark, state="admin-down")
    time.sleep(1)
    late = [packet for packet in echo_packets(session, mark) if packet["time"] > down["time"]]
    check(not late, "%d echo packets in AdminDown" % len(late))
    check(echo_packets(session, 0), "there was no echo at all")


def check_told(packets, mult, seconds):
    """AdminDown was said for so long, and often enough for the peer's multiplier."""
    check(packets, "never said AdminDown")
    check(len(packets) >= mult, "AdminDown said %d times only" % len(packets))
    # From the first to the last: the gap before one more would have been up to a second.
    check(packets[-1]["time"] - packets[0]["time"] >= seconds - 1 - STAMP,
          "AdminDown said for %.1f s only" % (packets[-1]["time"] - packets[0]["time"]))


@row("ADM-03")
def admin_down_is_told_for_long(test):
    mult = 3
    kept, deleted = [test.session("tx 100ms rx 100ms mult %d" % mult, remote="192.0.2.%d" % number).up()
                     for number in (10, 11)]
    # As the peer computes it: our multiplier times the second that we advertise.
    mark = kept.mark()
    kept.change("admin down")
    deleted.delete()
    time.sleep(6.5)
    check_told(kept.packets(mark, state="admin-down"), mult, 6)
    gone = deleted.packets(mark, state="admin-down")
    check_told(gone, mult, mult)
    check(gone[-1]["time"] - gone[0]["time"] <= mult + 1, "a deleted session talks on and on")
    for session in (kept, deleted):
        check_equal((session.peer.state, session.peer.diag), ("down", 3), "what the peer made of it")
    # The end of the agent is no end of sessions, so nothing is to be told.
    other = test.session(remote="192.0.2.12").up()
    mark = other.mark()
    test.agent.stop()
    time.sleep(1)
    states = {packet["state"] for packet in other.packets(mark)}
    test.agent.start()
    check_equal(states, {"up"}, "states told without an agent")


@row("ADM-04")
def enabling(test):
    session = test.session().up()
    session.change("admin down")
    session.wait(3, state="admin-down")
    session.set(mute=True, machine=False, state="down")
    mark = session.mark()
    session.change("admin up")
    first = session.packet(mark, state=lambda state: state != "admin-down")
    check_equal(first["state"], "down", "first state told")
    session.is_now(state="down")
    session.up()


def take_program_off(test):
    """
    By force, as only the system's administrator can: the link that holds it is detached, and the tc
    filters that would stand in for it are removed, before the agent can see to either.
    """
    [device] = test.bfd("dev", "show")
    links = json.loads(run("bpftool", "-j", "link", "show").stdout)
    ours = [str(link["id"]) for link in links
            if link["type"] == "xdp" and link["prog_id"] == device["prog_id"]]
    test.agent.signal(signal.SIGSTOP)
    run("bpftool", "link", "detach", "id", *ours)
    run("tc", "-n", test.netns.name("us"), "qdisc", "del", "dev", device["dev"], "clsact")
    test.agent.signal(signal.SIGCONT)


@row("ADM-05", PATHS)
def forwarding_reset(test):
    session = test.session().up()
    # A new program over the same maps loses nothing.
    mark = session.mark()
    test.agent.stop()
    test.agent.start()
    time.sleep(0.5)
    check_equal({packet["state"] for packet in session.packets(mark)}, {"up"}, "states told")
    check_equal(session.is_now(state="up")["stats"]["down_count"], 0, "failures")
    for words in (("id", str(session.id)), ()):
        mark = session.mark()
        test.bfd("reset", *words)
        changed = session.packet(mark, state=lambda state: state != "up")
        check_equal((changed["state"], changed["diag"]), ("down", 4), "state and diagnostic")
        session.up()
    # The programs are taken off the device, which takes its receiving end from the session.
    session.set(mult=200)
    session.wait(3, detection_time=20000000)
    mark = session.mark()
    take_program_off(test)
    changed = session.packet(mark, 15, state=lambda state: state != "up")
    check_equal((changed["state"], changed["diag"]), ("down", 4), "state and diagnostic")
    session.set(mult=8)
    session.up()
    # There is nothing to be lost in Down.
    session.drive("down")
    session.wait(3, diag="control-expiry")
    test.bfd("reset")
    session.is_now(state="down", diag="control-expiry")


@row("ADM-06")
def concatenated_paths(test):
    session = test.session().up()
    for word, diag in (("concatenated-path-down", 6), ("reverse-concatenated-path-down", 8),
                       ("none", 0)):
        mark = session.mark()
        session.change("diag " + word)
        session.packet(mark, 3, diag=diag)
        check_equal({packet["state"] for packet in session.packets(mark)}, {"up"}, "states told")
        session.is_now(state="up", diag=word)
    # A peer in Demand mode hears no periodic packets: a Poll makes sure that it knows.
    session.set(demand=True, final=False)
    session.wait(3, remote_demand=True)
    mark = session.mark()
    session.change("diag concatenated-path-down")
    session.packet(mark, 3, diag=6, flags="P", state="up")
    session.set(demand=False, final=True)
    session.packet(session.mark(), 5, clear="P", diag=6)
    # A failure of this path is more important, and is not undone by its recovery.
    session.set(mute=True, machine=False)
    mark = session.mark()
    session.send(state="down")
    session.packet(mark, state="down", diag=3)
    test.refused("change", "id", str(session.id), "diag", "concatenated-path-down")
    session.up()
    check_equal(session.packet(session.mark(), state="up")["diag"], 3, "diagnostic after recovery")


@row("ADM-07")
def peer_holds_down(test):
    session = test.session(peer="tx=100000 rx=6000000 mult=3")
    session.packet(0, 5)  # the neighbour is resolved
    session.set(mute=False, machine=False, state="down")
    session.wait(3, state="init", remote_required_min_rx=6000000)
    mark = session.mark()
    session.quiet(mark, 0.5)
    session.packet(mark, 7)
    session.packet(session.mark(), 7)
    packets = session.packets(mark)
    for before, after in zip(packets, packets[1:]):
        check_took(before["time"], after["time"], 4.5 - STAMP, 6.25, "gap")
    # None at all, for as long as it says so.
    session.set(rx=test.input("rx", 0))
    session.send()
    session.wait(2, remote_required_min_rx=0)
    time.sleep(0.1)
    session.quiet(session.mark(), 7)
    # It doesn't forbid to answer.
    mark = session.mark()
    session.send(flags="P")
    session.packet(mark, flags="F")
    # As long as packets keep coming.
    session.set(mute=True)
    session.packet(session.mark(), 4, state="down", diag=1, your=0)


@row("ADM-08")
def congestion(test):
    far = multihop(test, "tx 100ms rx 100ms mult 10", "tx=100000 rx=100000 mult=10").up()
    near = test.session("tx 100ms rx 100ms mult 10", "tx=100000 rx=100000 mult=10",
                        remote="192.0.2.9").up()
    for slower in (200000, 400000, 400000):
        for session in (far, near):
            session.hush()
            session.wait(10, state="down", diag="control-expiry")
        mark = far.mark()
        for session in (far, near):
            session.up()
        risen = far.packet(mark, 3, state="up", clear="F")
        mark = far.mark()
        packet = far.packet(mark, 3, state="up", clear="F")
        check_equal((packet["tx"], packet["rx"]), (slower, slower), "multihop: advertised")
        # Through a Poll, as after each time that it comes up.
        check(risen["tx"] == slower and "P" in risen["flags"], "not by a Poll: %s" % brief(risen))
        packet = near.packet(mark, 3, state="up", clear="F")
        check_equal((packet["tx"], packet["rx"]), (100000, 100000), "single hop: advertised")
        far.is_now(negotiated_tx=slower)
    # The least gap shows that it isn't only said.
    mark = far.mark()
    time.sleep(2.5)
    packets = far.packets(mark, clear="PF")
    check(len(packets) >= 4 and not early_gaps(packets, 0.3), "the load didn't fall")

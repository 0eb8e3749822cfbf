# SPDX-License-Identifier: GPL-2.0
"""VAR: the state variables (RFC 5880 6.8.1)."""

import subprocess
import tempfile
import time

from harness import STAMP, DutError, check, check_equal, check_range, early_gaps, gaps, row


def batch(test, lines):
    """Lines of `ip bfd`, by one process; as fast as that goes."""
    with tempfile.NamedTemporaryFile("w", suffix=".batch") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        done = subprocess.run(
            [test.netns.build + "/ip-bfd", "-n", test.netns.name("us"), "-force", "-batch", file.name],
            capture_output=True, text=True, check=False)
    if done.returncode:
        raise DutError(done.stderr[-300:])


def discriminators(test):
    return [session["local_discr"] for session in test.bfd("show", timeout=60)]


@row("VAR-01")
def new_session(test):
    for family in (4, 6):
        session = test.session(family=family)
        session.is_now(state="down", remote_state="down", remote_discr=0, detection_time=0)
        if test.input("speak", 0):
            session.send(state="down", your=0)
        session.next_packet(0, 3, state="down", your=0, my=session.id)


@row("VAR-02", limit=300)
def unique_discriminators(test):
    # No carrier, so that ten thousand neighbours aren't looked for.
    test.netns.ip("them", "link", "set", "p0", "down")
    count = 10000
    test.netns.ip("us", "addr", "add", "10.0.0.1/8", "dev", "u0")
    remotes = ["10.%d.%d.7" % divmod(number, 256) for number in range(count // 2)]
    remotes += ["2001:db8:1::%x" % (number + 16) for number in range(count // 4)]
    remotes += ["fe80::%x" % (number + 16) for number in range(count // 4)]
    batch(test, ["add remote %s dev u0" % remote for remote in remotes])
    before = discriminators(test)
    check_equal((len(before), len(set(before))), (count, count), "sessions and discriminators")
    check(test.input("zero", 0) not in before, "a discriminator is 0")
    kept = set(before[1::2])
    batch(test, ["del id %d" % discr for discr in before[::2]])
    shown = test.bfd("show", timeout=60)
    check_equal({session["local_discr"] for session in shown}, kept, "those that stay")
    gone = set(remotes) - {session["remote"] for session in shown}
    batch(test, ["add remote %s dev u0" % remote for remote in sorted(gone)])
    after = discriminators(test)
    check_equal((len(after), len(set(after))), (count, count), "sessions and discriminators again")
    check(kept <= set(after) and 0 not in after, "discriminators changed, or one is 0")


@row("VAR-03")
def random_discriminators(test):
    test.netns.ip("us", "link", "set", "u0", "down")
    runs = []
    for number in range(2):
        if number:
            test.agent.stop()
            test.agent.flush()
            test.start_agent()
        for last in range(2, 66):
            test.bfd("add", "remote", "192.0.2.%d" % last, "dev", "u0")
        by_address = {session["remote"]: session["local_discr"] for session in test.bfd("show")}
        runs.append([by_address["192.0.2.%d" % last] for last in range(2, 66)])
    if test.input("same", 0):
        runs[1] = runs[0]
    check(not set(runs[0]) & set(runs[1]), "two runs share discriminators")
    for run in runs:
        check(run not in (sorted(run), sorted(run, reverse=True)), "in the order of creation")
        strides = [after - before for before, after in zip(run, run[1:])]
        check(len(set(strides)) > 60, "shared strides")
        for bit in range(32):
            # 64 fair coins: fewer than 8 or more than 56 heads once in 10^9.
            check_range(sum(discr >> bit & 1 for discr in run), 8, 56, "discriminators with bit %d" % bit)


@row("VAR-04")
def remote_discriminator_cleared(test):
    for bad in (None, {"flags": "A", "length": 52, "pad": 28}):
        session = test.session(family=4 if bad else 6).up()
        if bad:
            session.check_expiry_despite([bad], 0.8)
        else:
            session.expires(0.8)
        down = session.packets(state="down", diag=1)[0]
        check_equal(down["your"], 0, "Your Discriminator of the first Down")
        session.is_now(state="down", remote_discr=0)


@row("VAR-05")
def remote_discriminator_kept(test):
    session = test.session().up()
    session.set(machine=False, mute=True)
    mark = session.send(state=test.input("state", "down"), mult=40)  # not forgotten before it's looked at
    session.next_packet(mark, state="down", diag=3, your=session.peer.discr)
    session.is_now(remote_discr=session.peer.discr)


@row("VAR-06")
def diagnostic(test):
    session = test.session()
    session.next_packet(0, 3, state="down", diag=test.input("first", 0))
    session.up().is_now(diag="none")
    session.expires(0.8)
    session.set(state="down")
    mark = session.mark()
    session.up()
    # Our choice: why it last went down is told also while Up.
    session.packet(mark, 1, state="up", diag=1)
    session.is_now(state="up", diag="control-expiry")
    session.set(machine=False, mute=True)
    mark = session.send(state="down")
    session.next_packet(mark, state="down", diag=3)
    session.set(state="down", machine=True)
    mark = session.mark()
    session.up()
    session.packet(mark, 1, state="up", diag=3)


@row("VAR-07")
def slow_start(test):
    session = test.session("tx 10ms rx 10ms")
    session.next_packet(0, 3, tx=test.input("tx", 1000000), rx=10000)
    time.sleep(5)
    packets = session.packets()
    check(len(packets) >= 5 and all(packet["tx"] >= 1000000 for packet in packets), "what is advertised")
    check(not early_gaps(packets, 0.75), "a gap of %.3f s" % min(gaps(packets)))


@row("VAR-08")
def remote_minimum_before_heard(test):
    fast = test.session()
    slow = test.session(test.input("config", "tx 3s rx 100ms"), family=6)
    time.sleep(7.5)
    check(len(fast.packets()) >= 7, "only %d packets in 7.5 s at 1 s" % len(fast.packets()))
    for session, interval in ((fast, 1), (slow, 3)):
        found = gaps(session.packets())
        check(len(found) >= 1, "nothing was sent")
        check(not early_gaps(session.packets(), interval * 0.75) and min(found) <= interval,
              "%d s: gaps %r" % (interval, found))


@row("VAR-09")
def demand_and_multiplier(test):
    for value in ("0", "256"):
        why = test.refused("add", "remote", "192.0.2.9", "dev", "u0", "mult", value)
        check("mult" in why, "the message doesn't say why: " + why)
    for value, family in ((1, 4), (255, 6)):
        session = test.session("mult %d" % value, family=family)
        session.next_packet(0, 3, mult=test.input("mult", 0) or value, clear="D")
        check(not session.is_now(mult=value).get("remote_demand"), "remote Demand is on")
        session.change("mult 2")
        why = test.refused("change", "id", str(session.id), "mult", "0")
        check("mult" in why, "the message doesn't say why: " + why)
        session.is_now(mult=2)


@row("VAR-10")
def variables_survive_down(test):
    session = test.session().up()
    session.set(machine=False, mute=True)
    fields = {"state": "admin-down", "rx": test.input("rx", 10000000), "tx": 1000000, "mult": 8}
    mark = session.send(**fields)
    down = session.next_packet(mark, state="down", diag=3)
    for _ in range(2):
        time.sleep(2.7)
        session.send(**fields)
    time.sleep(1.5)
    session.is_now(negotiated_tx=10000000, remote_discr=session.peer.discr)
    early = [packet for packet in session.packets(mark)
             if down["time"] < packet["time"] < down["time"] + 7.5 - STAMP]
    check(not early, "sent again after %r s" % [packet["time"] - down["time"] for packet in early])

# SPDX-License-Identifier: GPL-2.0
"""
APP: what clients need (RFC 5882).  ipbfd serves them by events and by show; what a client is
to make of these is done here by doubles, which know nothing but events and show.
"""

import time

from harness import check, check_equal, eventually, row


# --- doubles


def failed(event):
    """A failure for a protocol that has other means to notice that its neighbour is gone."""
    return (event["event"] == "state" and event["old_state"] == "up" and event["new_state"] == "down"
            and event["remote_state"] != "admin-down")


def gone(event):
    """The same for what has no other means, as a static route: AdminDown counts too."""
    return event["event"] == "state" and event["old_state"] == "up"


def may_form(shown, neighbour_has_bfd=True):
    """Strict mode: whether an adjacency that waits for BFD may come up."""
    return (shown["state"] == "up" or "admin-down" in (shown["state"], shown["remote_state"])
            or not neighbour_has_bfd)


def aborts_restart(event):
    """Whether a failure shows that a graceful restart has become a real one."""
    return failed(event) and event["local_cpi"] and event["remote_cpi"]


def transitions(monitor, discr):
    return [(event["old_state"], event["new_state"])
            for event in monitor.since(event="state", local_discr=discr)]


# --- rows


@row("APP-01")
def all_clients_hear(test):
    monitors = [test.monitor() for _ in range(3)]
    session = test.session("tx 100ms rx 100ms mult 5 client bgp")
    for client in ("ospf", "static"):
        again = test.bfd("add", "remote", session.remote, "dev", session.link.dev, "client", client)
        check_equal(again[0]["local_discr"], session.id, "discriminator for " + client)
    session.up()
    session.send(state="down")
    heard = []
    for monitor in monitors:
        monitor.wait(within=3, event="state", old_state="up", new_state=test.input("state", "down"))
        # It comes up again, so that there is a third, if it went up by way of Init or not.
        eventually(lambda monitor=monitor: len(monitor.since(event="state", local_discr=session.id)) >= 3, 5,
                   "three events")
        heard.append([(event["sequence"], event["old_state"], event["new_state"])
                      for event in monitor.since(event="state", local_discr=session.id)][:3])
    check(heard[0] == heard[1] == heard[2], "they heard different things: %r" % heard)
    check_equal(len({number for number, _, _ in heard[0]}), 3, "different sequence numbers")


@row("APP-02")
def fastest_client_wins(test):
    session = test.session("tx 300ms rx 300ms mult 10 client slow", "tx=50000 rx=50000 mult=20").up()
    end = ("remote", session.remote, "dev", session.link.dev)
    mark = session.mark()
    test.bfd("add", *end, "tx", "50ms", "rx", "50ms", "mult", "10", "client", "fast")
    session.packet(mark, 3, tx=50000, rx=50000, mult=10, flags="P", state="up")
    session.wait(3, negotiated_tx=50000, negotiated_rx=50000)
    mark = session.mark()
    test.bfd("del", *end, "client", test.input("leaves", "fast"))
    session.packet(mark, 3, tx=300000, rx=300000, mult=10, flags="P", state="up")
    session.wait(3, negotiated_tx=300000, negotiated_rx=300000)
    check_equal(session.is_now(state="up", clients=["slow"])["stats"]["down_count"], 0, "failures")


@row("APP-03")
def blips_are_told(test):
    # We hide none, however short: a client that wants to wait has the times to do so.
    session = test.session("tx 20ms rx 20ms mult 50", "tx=20000 rx=20000 mult=50").up()
    monitor = test.monitor()
    for pause in (0.1, 0.3):
        # It is up by the peer's Init, maybe, which promised no more than a packet a second.
        session.wait(state="up", detection_time=1000000)
        mark = monitor.mark()
        session.set(mute=True)
        down = monitor.wait(mark, 3, event="state", old_state="up", new_state="down")
        time.sleep(pause)
        session.set(mute=False, state="down")
        up = monitor.wait(mark, 3, event="state", new_state="up")
        check_equal(failed(down), True, "told as a failure")
        check(up["timestamp"] - down["timestamp"] >= pause * 1e6, "the times don't tell how long")


@row("APP-04")
def admin_down_is_no_failure(test):
    session = test.session().up()
    monitor = test.monitor()
    # Theirs.
    session.send(state="admin-down", diag=7)
    event = monitor.wait(within=3, event="state", old_state="up")
    check_equal((event["new_state"], event["diag"], event["remote_state"], event["remote_diag"]),
                ("down", "neighbor-down", "admin-down", "admin-down"), "the event")
    check(not failed(event), "taken for a failure")
    # Their failure is one.
    session.up()
    mark = monitor.mark()
    session.send(state="down", diag=1)
    event = monitor.wait(mark, 3, event="state", old_state="up")
    check_equal((event["new_state"], event["remote_state"], event["remote_diag"]),
                ("down", "down", "control-expiry"), "the event")
    check(failed(event), "not taken for a failure")
    # Ours, in all the ways there are.
    for end in ("change", "delete"):
        session.up()
        mark = monitor.mark()
        session.change("admin down") if end == "change" else session.delete()
        if end == "change":
            event = monitor.wait(mark, 3, event="state", old_state="up")
            check_equal((event["new_state"], event["diag"]), ("admin-down", "admin-down"), "the event")
            session.change("admin up")
        monitor.wait(mark, 3, event="change" if end == "change" else "del")
        check(not any(failed(event) for event in monitor.since(mark)), "taken for a failure")


@row("APP-05")
def admin_down_is_told(test):
    session = test.session().up()
    monitor = test.monitor()
    session.send(state=test.input("state", "admin-down"), diag=7)
    event = monitor.wait(within=3, event="state", old_state="up")
    check(gone(event) and not failed(event), "a static route doesn't learn of their AdminDown")
    session.up()
    mark = monitor.mark()
    session.change("admin down")
    event = monitor.wait(mark, 3, event="state", old_state="up")
    check(gone(event) and not failed(event), "a static route doesn't learn of our AdminDown")


@row("APP-06")
def bring_up_is_no_failure(test):
    monitor = test.monitor("state")
    session = test.session().drive("init").up()  # by way of Init, which isn't always so
    first = session.id
    monitor.wait(0, 3, event="state", new_state="up", local_discr=first)
    # And once more, made anew after a restart of the agent.
    session.delete()
    test.agent.stop()
    test.agent.start()
    session.set(mute=True, state="down")
    session.add("tx 100ms rx 100ms mult 5")
    time.sleep(0.5)
    session.up()
    monitor.wait(0, 3, event="state", new_state="up", local_discr=session.id)
    for discr in (first, session.id):
        found = transitions(monitor, discr)
        before = found[:[new for _, new in found].index("up")]
        check(all(new == "init" for _, new in before), "before the first Up: %r" % before)
    check(first != session.id, "the session isn't another one")


@row("APP-07")
def admin_down_lets_adjacencies_form(test):
    monitor = test.monitor("state")
    session = test.session()
    check(not may_form(session.show()), "strict mode would not wait")
    # Theirs, in the first that is heard of them.
    session.send(state="admin-down", diag=7, your=0)
    session.wait(2, remote_state="admin-down")
    check(may_form(session.is_now(state="down")), "their AdminDown stops an adjacency")
    # Ours.
    session.set(mute=False, state="down")
    session.wait(5, state="up")
    session.change("admin down")
    session.wait(2, state="admin-down", admin_down=True)
    check(may_form(session.show()), "our AdminDown stops an adjacency")
    check(not any(failed(event) for event in monitor.since()), "an event says: failure")


@row("APP-08")
def adjacency_waits(test):
    session = test.session()
    time.sleep(0.5)
    shown = session.is_now(state="down", remote_discr=0, remote_state="down")
    check(not may_form(shown), "an adjacency doesn't wait for a session that both want")
    check(may_form(shown, neighbour_has_bfd=False), "it waits for a neighbour without BFD")
    session.drive("init")
    check(not may_form(session.is_now(state="init")), "an adjacency doesn't wait in Init")
    monitor = test.monitor("state")
    session.up()
    check(may_form(session.is_now(state="up")), "it waits although the session is up")
    monitor.wait(within=3, event="state", new_state="up")  # so that it needn't ask again and again
    session.set(mute=True, machine=False)
    session.send(state="down")
    check(not may_form(session.wait(2, state="down")), "it doesn't wait after a failure")


@row("APP-09")
def control_plane_independence(test):
    monitor = test.monitor("state")
    for number, theirs in enumerate((True, False)):
        session = test.session(remote="192.0.2.%d" % (10 + number))
        session.set(cpi=theirs)
        mark = session.mark()
        session.up()
        # Ours is always set, and that is the truth: see ADM-05, APP-11.
        check("C" in session.packet(mark)["flags"], "the C bit isn't sent")
        session.is_now(local_cpi=True, remote_cpi=theirs)
        told = monitor.mark()
        session.send(state="down", diag=1, flags="C" if theirs else "")
        event = monitor.wait(told, 3, event="state", old_state="up", local_discr=session.id)
        check_equal((event["local_cpi"], event["remote_cpi"]), (True, theirs), "C bits of the event")
        check_equal(aborts_restart(event), theirs, "the restart is aborted")
        # A client of an implementation whose own C is clear, by the same event.
        check_equal(aborts_restart({**event, "local_cpi": False}), False, "the restart is aborted")


@row("APP-10")
def restarting_system_is_silent(test):
    # "admin down" from the start is the flag: neither prompted nor unprompted is anything said.
    session = test.session("tx 100ms rx 100ms mult 5 " + test.input("flag", "admin down"))
    session.is_now(state="admin-down")
    mark = session.mark()
    session.set(mute=False, machine=False, state="down")
    time.sleep(1)
    session.send(state="up", your=session.id, flags="P")
    session.quiet(mark, 2)
    test.agent.stop()
    test.agent.start()
    session.quiet(mark, 1.5)
    session.change("admin up")
    session.packet(mark, 2, state=lambda state: state in ("down", "init"))
    session.set(state="down")
    session.up()


@row("APP-11")
def planned_end(test):
    session = test.session("tx 100ms rx 100ms mult 2").up()
    peer = session.peer
    mark = session.mark()
    session.delete()
    first = session.packet(mark, 2, state=lambda state: state != "up")
    check_equal((first["state"], first["diag"]), ("admin-down", 7), "how it ends")
    # Long enough that it can't be missed; afterwards the peer's session is over, and not by timeout.
    time.sleep(4)
    said = session.packets(mark, state="admin-down")
    check(len(said) >= 2, "said %d times only" % len(said))
    check_equal((peer.state, peer.diag), ("down", 3), "state and diagnostic of the peer")
    # All of them at once.
    others = [test.session("tx 100ms rx 100ms mult 2", remote="192.0.2.%d" % number).up()
              for number in (10, 11)]
    test.bfd("flush")
    for other in others:
        eventually(lambda other=other: other.peer.state == "down", 3, "the peer learns of it")
        check_equal(other.peer.diag, 3, "diagnostic of the peer")

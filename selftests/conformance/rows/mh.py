# SPDX-License-Identifier: GPL-2.0
"""MH: multihop (RFC 5883)."""

import time

from harness import check, check_equal, eventually, row, skip
from rows._auth import as_sent, authenticated, signed, steps
from rows._ends import multihop, our_mac


@row("MH-01")
def encapsulation(test):
    for family in (4, 6):
        session = multihop(test, family=family)
        source = session.show()["source_port"]
        check(49152 <= source <= 65535, "source port %d" % source)
        mark = session.mark()
        session.up()
        session.send(flags="P")
        session.packet(mark, flags="F")
        session.send(state="down")
        session.packet(mark, state="down", diag=3)
        session.up()
        sent = session.wire.packets(mark, my=session.id)
        for packet in sent:
            check_equal((packet["dport"], packet["sport"], packet["ttl"]), (4784, source, 255),
                        "ports and TTL")
        check(len(sent) >= 5, "hardly any packets")


@row("MH-02")
def pairs_of_addresses(test):
    test.netns.ip("us", "addr", "add", "192.0.2.11/24", "dev", test.link.dev)
    first = multihop(test, local="192.0.2.1")
    second = multihop(test, local="192.0.2.11")
    check(first.id != second.id, "one session for two pairs")
    text = test.refused("add", "remote", first.remote, "local", first.local, "multihop")
    check(first.remote in text, "the message doesn't name the address: " + text)
    # Neither has heard the other end, whose packet has only its addresses to tell.
    target = (first, second)[test.input("target", 1)]
    target.send(state="down", your=0, dmac=our_mac(test))
    second.wait(2, state="init", remote_discr=second.peer.discr)
    first.is_now(state="down", remote_discr=0)
    for session in (first, second):
        session.up()
        session.is_now(remote_discr=session.peer.discr)
    second.hush()
    second.wait(5, state="down", diag="control-expiry")
    first.is_now(state="up")


@row("MH-03")
def ports_separate(test):
    remote = test.link.them[4]
    # A short detection time in Down, which is at the slow rate.
    near = test.session(peer="tx=100000 rx=100000 mult=2")
    far = multihop(test, remote=remote, peer="tx=100000 rx=100000 mult=2")
    check(near.id != far.id, "one session for both")
    mac = our_mac(test)
    far.send(state="down", your=0, dmac=mac)
    far.wait(2, state="init")
    near.is_now(state="down", remote_discr=0)
    far.drive("down")
    far.wait(6, state="down", remote_discr=0)
    near.send(state="down", your=0, dmac=mac)
    near.wait(2, state="init")
    far.is_now(state="down", remote_discr=0)
    for session in (near, far):
        session.set(mult=8)
        session.up()
    # The right discriminator at the wrong port is nobody's.
    before = far.show()["remote_discr"], near.show()["remote_discr"]
    counts = test.discards()
    near.send(dport=test.input("port", 4784), my=0x99999)
    far.send(dport=3784, my=0x99998)
    time.sleep(0.3)
    check_equal((far.show()["remote_discr"], near.show()["remote_discr"]), before,
                "remote discriminators")
    check(sum(test.discards().values()) >= sum(counts.values()) + 2, "not counted as discarded")
    far.hush()
    far.wait(5, state="down", diag="control-expiry")
    check_equal(near.is_now(state="up")["stats"]["down_count"], 0, "failures of the single hop")


@row("MH-04")
def least_ttl(test):
    session = multihop(test, "min-ttl 250 tx 100ms rx 100ms mult 5")
    check_equal(session.show()["min_ttl"], 250, "min_ttl")
    session.set(ttl=250)
    session.up()
    check_equal(session.packet(session.mark())["ttl"], 255, "TTL of ours")
    session.silent_drop("ttl", {"ttl": test.input("ttl", 249)}, {"ttl": 1})
    session.set(ttl=250)
    session.up()
    # Any by default.
    other = multihop(test, remote="203.0.113.10")
    other.set(ttl=1)
    other.up()
    test.refused("add", "remote", "203.0.113.11", "multihop", "min-ttl", "0")


@row("MH-05")
def authentication(test):
    """Type 5 over a router, and over both families."""
    for family in (4, 6):
        session = authenticated(test, "meticulous-sha1", made=multihop, family=family,
                                config="min-ttl 250 tx 100ms rx 100ms mult 5")
        session.set(ttl=251)
        mark = session.mark()
        session.up()
        time.sleep(1)
        packets = as_sent(signed(session, mark))
        check(packets and set(steps(packets)) <= {test.input("step", 1)}, "steps %r" % steps(packets))
        session.is_now(state="up")
        session.silent_drop("auth-digest", {"auth": {"key": b"wrong"}}, expiry=False)
        session.silent_drop("auth-sequence", {"auth": {"after": 0}}, expiry=False)
        session.silent_drop("auth-missing", {"auth": None})


@row("MH-06")
def one_way_links(test):
    receiver = multihop(test, "passive tx 100ms rx 100ms mult 5")
    sender = multihop(test, remote="203.0.113.10")
    mark = receiver.mark()
    sender.packet(mark, 3, your=0, state="down")
    receiver.quiet(mark, 2.5)
    receiver.send(state="down", your=0, dmac=our_mac(test))
    receiver.packet(mark, 2, state="init", your=receiver.peer.discr)
    for session in (receiver, sender):
        session.up()


@row("MH-07")
def known_discriminator(test):
    peer = multihop(test, add=False)
    mark = peer.mark()
    peer.add("local %s multihop remote-id %d tx 100ms rx 100ms mult 5" % (
        peer.local, peer.peer.discr), dev=False)
    peer.packet(mark, 5)
    time.sleep(2)
    for packet in peer.packets(mark):
        check_equal(packet["your"], peer.peer.discr, "Your Discriminator")
    peer.up()
    # What expires is forgotten as always (RFC 5880 6.8.1).
    mark = peer.mark()
    peer.hush()
    peer.wait(5, state="down", diag="control-expiry")
    eventually(lambda: peer.packets(mark, state="down", your=0), 3, "Your Discriminator zero")

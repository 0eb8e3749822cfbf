# SPDX-License-Identifier: GPL-2.0
"""AUTH: authentication of what we send, and how it is configured (RFC 5880 4.2-4.4, 6.7)."""

import hashlib
import time

import authentication

from harness import Failed, check, check_equal, check_range, eventually, row
from rows._auth import (DIGEST_TYPES, KEY, METICULOUS, TYPES, add_key, all_up, as_sent,
                        authenticated, each_type, signed, steps)


@row("AUTH-01", ("", "generic"))
def types_offered(test):
    """The SHA1 types must be there; the others are too."""
    for session, kind in zip(all_up(each_type(test, TYPES)), TYPES):
        check_equal(session.show()["auth"], {"type": kind, "key_chain": session.chain,
                                             "key_id": test.input("key", 1)}, "auth of show")
        check(signed(session, state="up"), "no packet in Up")
        session.is_now(state="up")


@row("AUTH-02")
def simple_layout(test):
    for number, password in enumerate((b"x", b"12345678", b"0123456789abcdef")):
        session = authenticated(test, "simple", password, number=200 + number, remote="192.0.2.%d" % (10 + number))
        mark = session.mark()
        session.up()
        session.packet(session.mark())
        for packet in signed(session, mark):
            payload = bytes.fromhex(packet["payload"])
            check_equal(packet["length"], test.input("length", 24) + 3 + len(password), "Length")
            check_equal(payload[24:].hex(), (bytes([1, len(password) + 3, 200 + number]) + password).hex(),
                        "the section")
    for bad in ("", "0123456789abcdefg"):
        text = test.refused("key", "add", "other", "id", "1", "type", "simple", "text", bad)
        check(bad not in text or not bad, "the message tells the password: " + text)
    check_equal(test.bfd("key", "show", "chain0")[0]["length"], 1, "length of a key")
    check(not [key for key in test.bfd("key") if key["key_chain"] == "other"], "a refused key is there")


@row("AUTH-04")
def digest_layout(test):
    for number, kind in enumerate(DIGEST_TYPES):
        session = authenticated(test, kind, number=77, remote="192.0.2.%d" % (10 + number))
        session.up()
        session.packet(session.mark(), flags="A")
        size = 16 if "md5" in kind else 20
        for packet in signed(session):
            payload = bytes.fromhex(packet["payload"])
            check_equal(payload[24:28].hex(), bytes([number + 2, 8 + size, test.input("id", 77), 0]).hex(),
                        "type, Auth Len, Key ID, reserved")
            check_equal((packet["length"], len(payload), packet["udp_length"]),
                        (32 + size, 32 + size, 40 + size), "Length, payload, UDP length")


def first_init(session):
    """Said again: what is heard before this neighbour's MAC address is known is answered to nobody."""
    for _ in range(6):
        session.send(state="down", your=0)
        try:
            return session.packet(0, 1, state="init")
        except Failed:
            pass
    return session.packet(0, 1, state="init")


@row("AUTH-05", limit=150)
def digest_value(test):
    """Against hashlib; FRR's HMAC and C strings (a key ends at a zero byte) would be noticed."""
    keys = [b"k", b"fifteen letters", b"sixteen letters!", b"\0", b"ab\0cd\0\0", bytes(range(250, 256)) + b"\0x"]
    pairs = [(kind, key) for kind in DIGEST_TYPES
             for key in keys + [b"twenty letters of it"] * ("sha1" in kind)]
    sessions = [authenticated(test, kind, key, remote="192.0.2.%d" % (10 + number))
                for number, (kind, key) in enumerate(pairs)]
    for session in sessions:
        session.send(state="down", your=0)
    for session, (kind, key) in zip(sessions, pairs):
        packet = first_init(session)
        payload = bytes.fromhex(packet["payload"])
        size = authentication.digest_size(authentication.TYPES[kind])
        digest = hashlib.new("md5" if size == 16 else "sha1",
                             payload[:32] + key.ljust(size, b"\0") + payload[32 + size:]).digest()
        check_equal(payload[32:].hex(), digest[:test.input("size", 20)].hex(), "digest of " + kind)
        check(authentication.digest(authentication.TYPES[kind], key, payload, 32, "hmac") != payload[32:],
              "an HMAC")
        if len(key) > 5:
            check(not [one for one in session.packets() if key.hex() in one["payload"]], "the key was sent")


@row("AUTH-06")
def reserved(test):
    for number, kind in enumerate(DIGEST_TYPES):
        session = authenticated(test, kind, remote="192.0.2.%d" % (10 + number))
        with session.wire.lock:
            session.peer.auth.reserved = test.input("reserved", 0xAA)
        session.up()
        time.sleep(1)
        session.is_now(state="up")
        check_equal(test.discards(session).get(("session", "auth-digest"), 0), 0, "discards")
        check_equal({packet["auth_reserved"] for packet in signed(session)}, {0}, "reserved bytes of ours")
        if test.input("reserved", 0xAA) == 0:
            check(False, "nothing was tried")


@row("AUTH-07")
def key_notation(test):
    """A key as text and the same in hexadecimal; and one that only that can say."""
    wanted = b"as text"
    test.bfd("key", "add", "text", "id", "1", "type", "sha1", "text", "as text")
    test.bfd("key", "add", "hex", "id", "1", "type", "sha1", "hex", test.input("hex", b"as text".hex()))
    test.bfd("key", "add", "bytes", "id", "1", "type", "sha1", "hex", "00ff0a0d00")
    for number, (chain, key) in enumerate((("text", wanted), ("hex", wanted), ("bytes", b"\0\xff\n\r\0"))):
        session = test.session("tx 100ms rx 100ms auth sha1 key " + chain, remote="192.0.2.%d" % (10 + number))
        session.set(auth=authentication.Auth("sha1", {1: key}))
        session.send(state="down", your=0)
        session.wait(3, state="init")
        session.packet(0, 3, state="init")
        check(signed(session), "nothing sent")
        check_equal(test.bfd("key", "show", chain)[0]["length"], len(key), "length of " + chain)
        text = str(test.bfd("key", "show")) + str(session.show())
        check("as text" not in text and key.hex() not in text, "show tells the key")
    for bad in ("0", "0x12", "12 34", "zz", ""):
        test.refused("key", "add", "other", "id", "1", "type", "sha1", "hex", bad)


@row("AUTH-08")
def first_number(test):
    """Each bit of 20 first numbers takes both values, which by chance fails once in 16000 times."""
    numbers = []
    add_key(test, "all", "sha1")
    for number in range(20):
        session = test.session("tx 1s rx 1s auth sha1 key all", remote="192.0.2.%d" % (10 + number))
        session.set(auth=authentication.Auth("sha1", {1: KEY}))
        numbers.append(session)
    numbers = [session.packet(0, 10)["auth_sequence"] & test.input("bits", 0xFFFFFFFF) for session in numbers]
    check_equal(len(set(numbers)), 20, "different first numbers")
    for bit in range(32):
        check(len({number >> bit & 1 for number in numbers}) == 2, "bit %d is always the same: %r" % (bit, numbers))
    rises = [(after - before) % (1 << 32) for before, after in zip(numbers, numbers[1:])]
    check(max(rises) - min(rises) > 1 << 28, "they rise like a clock: %r" % numbers)


@row("AUTH-09", limit=240)
def meticulous(test):
    """By one with each packet.  That it wraps is shown by unit/auth_test.c: it begins at random."""
    number = 10
    for kind, wanted in zip(METICULOUS, (1000, test.input("packets", 10000))):
        number += 1
        session = authenticated(test, kind, config="tx 1ms rx 100ms mult 250", peer="tx=100000 rx=1000 mult=20",
                                remote="192.0.2.%d" % number)
        mark = session.mark()
        session.up()
        while len(session.packets(mark)) < wanted:
            session.send(flags="P")
            time.sleep(0.05)
        session.change("mult 249")
        session.change("tx 4ms")
        time.sleep(0.3)
        session.set(machine=False)
        session.send(state="down")
        session.packet(mark, 1, state="down", diag=3)
        session.change("admin down")
        session.packet(mark, 1, state="admin-down")
        packets = as_sent(signed(session, mark))
        states = {packet["state"] for packet in packets}
        check(states >= {"up", "down", "admin-down"}, "states %r" % states)
        check(len([packet for packet in packets if "F" in packet["flags"]]) >= 5, "hardly any Finals")
        odd = [step for step in steps(packets) if step != 1]
        check(not odd, "%d of %d steps aren't 1, as %r" % (len(odd), len(packets), odd[:5]))


@row("AUTH-10")
def not_meticulous(test):
    """It rises with what packets say, and is steady else."""
    for number, kind in enumerate(("md5", "sha1")):
        session = authenticated(test, kind, remote="192.0.2.%d" % (10 + number))
        mark = session.mark()
        session.up()
        time.sleep(1)
        session.change("mult 7")
        session.packet(session.mark(), mult=7)
        session.set(machine=False)
        session.send(state="down")
        session.packet(mark, 1, state="down", diag=3)
        session.change("admin down")
        session.packet(mark, 1, state="admin-down")
        packets = as_sent(signed(session))
        changes = 0
        for before, after, step in zip(packets, packets[1:], steps(packets)):
            same = all(before[key] == after[key] for key in ("state", "diag", "flags", "mult", "tx", "rx", "your"))
            check(same or step != 0, "%s: new contents with an old number: %r" % (kind, after))
            check_range(step, 0, test.input("step", 1), "step of " + kind)
            changes += not same
        check(changes >= 4, "only %d changes" % changes)


@row("AUTH-19")
def key_by_id(test):
    """Keys are rolled over, first at the peer, then here, without a drop."""
    old, new = b"the old one", b"and the new one"
    sessions = each_type(test, TYPES, key=old)
    for session, kind in zip(sessions, TYPES):
        add_key(test, session.chain, kind, new, 2, "send-from", "+1000s")
        session.set(auth=authentication.Auth(kind, {1: old, 2: new}))
    all_up(sessions)
    monitor = test.monitor()
    before = [test.discards(session) for session in sessions]
    for session in sessions:
        session.set(auth_id=2)
    time.sleep(1)
    for session in sessions:
        check_equal({packet["auth_id"] for packet in signed(session)}, {1}, "Key IDs before the change")
        mark = session.mark()
        test.bfd("key", "change", session.chain, "id", str(test.input("id", 2)), "send-from", "now")
        session.packet(mark, 3, auth_id=2)
    time.sleep(1)
    for session in sessions:
        check_equal({packet["auth_id"] for packet in signed(session)}, {1, 2}, "Key IDs")
        check_equal(session.show()["auth"]["key_id"], 2, "key_id of show")
        # The old one may be withdrawn now, and then is unknown.
        test.bfd("key", "del", session.chain, "id", "1")
    time.sleep(1)
    check_equal([test.discards(session) for session in sessions], before, "discards")
    check(not monitor.since(event="state"), "told as a change of state")
    for session in sessions:
        session.is_now(state="up")
        session.set(auth_id=1)
    for session in sessions:
        session.wait(5, state="down", diag="control-expiry")
        check(test.discards(session).get(("session", "auth-key"), 0) > 0, "auth-key isn't counted")


@row("AUTH-20")
def one_step(test):
    """A step that the operator allowed, to authentication and back; packets alone change nothing."""
    add_key(test, "chain", "sha1")
    auth = authentication.Auth("sha1", {1: KEY})
    session = test.session(peer="tx=100000 rx=500000 mult=60").up()
    session.set(mute=True, machine=False)
    for use in (True, False):
        before = session.stats()["down_count"]
        session.change("auth sha1 key chain optional" if use else "auth none optional")
        awaited = {"type": "sha1", "key_chain": "chain"} if use else {"type": "none"}
        check_equal(session.show().get("auth", {}).get("awaited"), awaited, "awaited of show")
        old, new = ({"auth": None}, {"auth": auth}) if use else ({"auth": auth}, {"auth": None})
        uses_new = lambda packet, use=use: ("A" in packet["flags"]) == use  # pylint: disable=C3001
        mark = session.mark()
        for _ in range(5):
            say(session, old)
        if use:  # not authentic: no step
            session.send(auth=auth.values(key=b"wrong"))
        say(session, old)
        check(not [one for one in session.packets(mark) if uses_new(one)], "it steps by itself")
        check("awaited" in session.show().get("auth", {}), "it doesn't wait any longer")
        mark = say(session, new)
        session.packet(mark, 3, flags=lambda flags, use=use: ("A" in flags) == use)
        eventually(lambda: "awaited" not in session.show().get("auth", {}), 2, "the end of the wait")
        check_equal(session.show().get("auth", {}).get("type"), "sha1" if use else None, "auth of show")
        # One step only: from now on the old form is nothing but wrong.
        mark = session.mark()
        reason = ("session", "auth-missing" if use else "auth-unexpected")
        refused = test.discards(session).get(reason, 0)
        for _ in range(test.input("rounds", 5)):
            say(session, old)
            say(session, new)
        check_equal(test.discards(session).get(reason, 0) - refused, 5, "discards of the old form")
        check(all(uses_new(packet) for packet in session.packets(mark)), "it steps back")
        check_equal(session.is_now(state="up")["stats"]["down_count"], before, "failures")


def say(session, form):
    """A packet in one of the two forms; time for what it does."""
    auth = form["auth"]
    mark = session.send(auth=auth.take() if auth else None)
    time.sleep(0.08)
    return mark

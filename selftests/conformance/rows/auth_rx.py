# SPDX-License-Identifier: GPL-2.0
"""AUTH: which authenticated packets are accepted (RFC 5880 6.7.2-6.7.4, errata 2530, 7082, 7083)."""

import time

import authentication
from authentication import SEQUENCES

from harness import SLACK, STAMP, check, check_equal, eventually, row
from rows._auth import (DIGEST_TYPES, KEY, METICULOUS, SLOW_PEER, TYPES, WRONG, add_key,
                        all_up, authenticated, each_type, fate, fate_of, one_by_one)

# Packets meet XDP in the driver, or the same program in the stack where the driver has none.
PATHS = ("native", "generic")


@row("AUTH-03", PATHS)
def simple_password(test):
    password = b"pass\0word"
    session = authenticated(test, "simple", password).up()
    add_key(test, session.chain, "simple", b"another", 9)
    for reason, fields in (
            ("auth-type", {"kind": authentication.TYPES["sha1"], "key": password}),
            ("auth-type", {"kind": 0, "hash": 4}),
            ("auth-key", {"id": 2}),
            ("auth-length", {"key": b"pass"}), ("auth-length", {"key": b"pass\0wor"}),
            ("auth-length", {"key": b"pass\0word\0"}), ("auth-length", {"auth_len": 13, "surplus": b"\0"}),
            ("auth-length", {"auth_len": 3, "key": b""}), ("auth-length", {"auth_len": 200}),
            ("auth-digest", {"key": b"pass\0w0rd"}), ("auth-digest", {"key": b"pass\0worD"}),
            ("auth-digest", {"key": b"Pass\0word"}), ("auth-digest", {"key": b"pass\0\0\0\0\0"}),
            ("auth-length", {"id": 9}), ("auth-digest", {"id": 9, "key": b"anotheR"})):
        if test.input("right", 0):
            fields = {"key": password}
        session.silent_drop(reason, {"auth": fields}, expiry=False)
    session.silent_drop("auth-digest", {"auth": {"key": b"pass\0w0rd"}})


def windows(sessions, expected):
    """
    Packets at some distance from the last accepted one: {distance: accepted}.  Those that aren't accepted
    leave it where it was.
    """
    for session in one_by_one(sessions):
        what = "%s, multiplier %d" % (session.peer.auth.kind, session.peer.mult)
        for distance, accepted in expected.items():
            last = session.peer.auth.sequence
            check_equal(fate_of(session, last + distance), None if accepted else "auth-sequence",
                        "%s, last %d, %d away" % (what, last, distance))
            if not accepted:
                check_equal(fate_of(session, last + 1), None, what + ", the next one")
        session.is_now(state="up")


HALF = SEQUENCES // 2
# At both wraps: of 32 bits, and of a signed difference.
STARTS = (12345, SEQUENCES - 20, HALF - 20)


def at_wraps(test, kinds):
    """Sessions of these types with silent peers, whose numbers begin before each wrap."""
    pairs = [(kind, start) for kind in kinds for start in STARTS]
    return [authenticated(test, kind, peer=SLOW_PEER, sequence=start, remote="192.0.2.%d" % (10 + number))
            for number, (kind, start) in enumerate(pairs)]


def distances(test):
    span = test.input("span", 24)  # three times the peer's multiplier
    return {-1: False, 1: True, span: True, span + 1: False, HALF: False, HALF - 1: False, HALF + 1: False,
            -span: False}


@row("AUTH-11", limit=200)
def window(test):
    windows(at_wraps(test, ("md5", "sha1")), {0: True, **distances(test)})


@row("AUTH-12", limit=200)
def meticulous_window(test):
    windows(at_wraps(test, METICULOUS), {0: False, **distances(test)})


@row("AUTH-13", limit=120)
def window_by_packet(test):
    """The multiplier is the received packet's, not ours, nor that of the packet before."""
    far = test.input("far", 60)
    few = each_type(test, DIGEST_TYPES, peer="tx=1000000 rx=500000 mult=20",
                    config="tx 100ms rx 100ms mult 3")
    many = [authenticated(test, kind, peer="tx=3000000 rx=500000 mult=3", config="tx 100ms rx 100ms mult 20",
                          remote="192.0.2.%d" % (30 + number)) for number, kind in enumerate(DIGEST_TYPES)]
    session = authenticated(test, "sha1", peer=SLOW_PEER, remote="192.0.2.50")
    all_up([session] + few + many)
    session.hush()
    last = session.peer.auth.sequence
    check_equal(fate(session, auth={"sequence": last + 25}), "auth-sequence", "25 away with multiplier 8")
    check_equal(fate(session, mult=9, auth={"sequence": last + 25}), None, "25 away with multiplier 9")
    check_equal(fate(session, mult=8, auth={"sequence": last + 49}), None, "24 away with 8, was 9")
    windows(few, {far: True, 61: False})
    windows(many, {9: True, 10: False})


@row("AUTH-14", PATHS)
def unknown_number(test):
    """Any number at first, but nothing of a packet with a bad digest is kept."""
    number = 10
    for kind in DIGEST_TYPES:
        for first, good in ((0x20000000, 0xF0000000), (0xF0000000, 0x20000000), (5, 0), (0, SEQUENCES - 1)):
            number += 1
            session = authenticated(test, kind, remote="192.0.2.%d" % number)
            session.set(machine=False)
            reason = fate(session, state="down", your=0, my=0x6666,
                          auth={"sequence": first, "key": KEY if test.input("right", 0) else WRONG})
            check_equal(reason, "auth-digest", "the fate of the first packet, " + kind)
            session.is_now(state="down", remote_discr=0)
            check_equal(fate(session, state="down", your=0, auth={"sequence": good}), None,
                        "the fate of the good packet, " + kind)
            session.is_now(state="init", remote_discr=session.peer.discr)


@row("AUTH-15", PATHS)
def number_stored(test):
    for session, kind in zip(one_by_one(each_type(test, DIGEST_TYPES, peer=SLOW_PEER)), DIGEST_TYPES):
        last = session.peer.auth.sequence
        for distance, key, wanted in ((1, KEY, None), (6, WRONG, "auth-digest"), (2, KEY, None),
                                      (100, KEY, "auth-sequence"), (3, KEY, None), (20, KEY, None),
                                      (19, KEY, "auth-sequence"), (44, KEY, None),
                                      (3, KEY, "auth-sequence"), (67, KEY, None)):
            check_equal(fate(session, auth={"sequence": (last + distance) % SEQUENCES, "key": key}),
                        wanted, "%s, %d after the first" % (kind, distance * test.input("one", 1)))
        check_equal(fate(session, auth={"sequence": last + test.input("end", 68)}), None, "the last one")


def takes_again(test, session, start, detection, disturb=None):
    """
    From its silence on, the peer has new numbers: they are accepted after twice the detection time and not
    before.  Seconds from `start` to the first answer, however often the test came to ask.
    """
    auth = session.peer.auth
    strange = (auth.sequence + HALF // 3) % SEQUENCES
    end, mark = start + 2 * detection + 4 * SLACK + 1, session.mark()
    before = test.discards(session).get(("session", "auth-sequence"), 0)
    while time.time() < end:
        # Once accepted it isn't to be forgotten before that is looked at.
        session.send(state="down", your=0, flags="P", mult=60, auth={"sequence": strange})
        if disturb:
            disturb()
        time.sleep(0.02)
        answers = session.packets(mark, flags="F")
        if answers:
            break
    else:
        check(False, "the new numbers aren't accepted in %.1f s" % (end - start))
    check(test.discards(session).get(("session", "auth-sequence"), 0) > before, "none was rejected")
    auth.sequence = strange
    # At the second one that was sent in time at the latest: the first may have come a moment too early.
    asked = session.packets(mark, direction="sent", state="down", flags="P",
                            time=lambda at: at >= start + 2 * detection)
    check(not asked or answers[0]["time"] < asked[:2][-1]["time"] + SLACK, "accepted only after more of them")
    return answers[0]["time"] - start


@row("AUTH-16", limit=150)
def number_forgotten(test):
    """After twice the detection time without packets; bad ones in between don't count."""
    for number, kind in enumerate(DIGEST_TYPES):
        session = authenticated(test, kind, remote="192.0.2.%d" % (10 + number))
        session.up().wait(1, detection_time=800000)
        session.hush()
        session.set(machine=False)
        last = session.hush()[0]
        elapsed = takes_again(test, session, last["time"], 0.8,
                              lambda session=session: session.send(auth={"key": WRONG, "after": 1}))
        check(elapsed >= test.input("least", 1.6) - STAMP, "%s: new numbers after %g s" % (kind, elapsed))
        session.is_now(state="init")


@row("OC-8", limit=120)
def sequence_reset(test):
    """What counts as received for that are accepted packets only, whatever is wrong with others."""
    session = authenticated(test, "meticulous-sha1").up()
    session.hush()
    old = session.frame()
    session.set(machine=False)
    session.wait(1, detection_time=800000)
    # The frame is the next in order, so it is accepted, once.
    last = time.time()
    session.wire.flood([old])
    heard = time.time()
    never = [{"key": WRONG}, {"id": 9}, {"kind": 2, "hash": 2}, {"auth_len": 255}, {"digest": bytes(20)}]
    unless_forgotten = [{"after": 0}, {"after": 1000}]

    def disturb():
        for auth in never:
            session.send(auth=auth)
        session.send(auth=None)
        if time.time() < last + 1:
            session.wire.flood([old])
            for auth in unless_forgotten:
                session.send(auth=auth)

    elapsed = takes_again(test, session, heard, 0.8, disturb) + heard - last
    check(elapsed >= test.input("least", 1.6) - STAMP, "new numbers after %g s" % elapsed)


@row("AUTH-17", PATHS, limit=200)
def wrong_section(test):
    """Type, Key ID, length: each wrong by itself, under a digest that is right; of two faults the first counts."""
    kinds = DIGEST_TYPES if test.variant == "native" else ("sha1", "md5")
    # With time to stand still: that they don't keep it up is shown by RX-16 and XDP-04.
    sessions = all_up(each_type(test, kinds, peer="tx=100000 rx=500000 mult=30"))
    for session, kind in zip(sessions, kinds):
        add_key(test, session.chain, kind, b"a second key", 2)
        own, size = authentication.TYPES[kind], 20 if "sha1" in kind else 16
        twin, full = own ^ 1, 8 + size
        others = [twin, own ^ 6, 0, 1] + ([6, 7, 9, 127, 128, 200, 255] if kind == "sha1" else [6, 255])
        right = test.input("right", -1)
        for reason, bad in (
                ("auth-type", [{"kind": right if right >= 0 else other, "hash": own} for other in others]),
                ("auth-key", [{"id": 3}, {"id": 0}, {"id": 255}]),
                ("auth-length", [{"auth_len": full - 1, "size": size - 1}, {"auth_len": full + 1, "surplus": b"\0"},
                                 {"auth_len": 8, "size": 0}, {"auth_len": 0}, {"auth_len": 2}, {"auth_len": 255},
                                 {"auth_len": 44 - size, "surplus": bytes(4)}])):
            session.silent_drop(reason, *[{"auth": auth} for auth in bad], expiry=False, times=1)
        session.hush()
        for reason, auth in (
                ("auth-digest", {"id": 2}),
                # Two faults.
                ("auth-length", {"auth_len": 255, "kind": 9, "hash": own, "id": 3}),
                ("auth-type", {"kind": twin, "hash": own, "id": 3, "auth_len": 9}),
                ("auth-key", {"id": 3, "auth_len": 9, "after": 9999}),
                ("auth-length", {"auth_len": 9, "key": WRONG}),
                ("auth-digest", {"key": WRONG, "after": 9999}),
                ("auth-sequence", {"after": 9999})):
            check_equal(fate(session, auth=auth), reason, "the fate of %r" % auth)
        session.is_now(state="up")


def reason_of_flip(offset, size):
    """Of a packet of which bits were flipped after the digest was made: flip_of(offset) at this place."""
    if offset == 3:
        return "session", "long-length"
    if 8 <= offset < 12:
        return "none", "unknown-discriminator"
    return "session", {24: "auth-type", 25: "auth-length", 26: "auth-key"}.get(offset, "auth-digest")


def flip_of(offset):
    """Bits that no check before that of the digest knows, where there are such."""
    return {1: 0x08, 2: 0x10}.get(offset, 0x01)


@row("AUTH-18", PATHS, limit=200)
def every_byte(test):
    """Whatever byte is changed, the packet is dropped, and but for those that are checked before, for its digest."""
    kinds = DIGEST_TYPES if test.variant == "native" else ("sha1", "md5")
    for session, kind in zip(all_up(each_type(test, kinds)), kinds):
        size = 48 if "md5" in kind else 52
        before, counts, wanted = session.still(), test.discards(session), {}
        for offset in range(size):
            flip = {} if test.input("none", 99) == offset else {offset: flip_of(offset)}
            session.send(flags="P", auth={"flip": flip})
            place = reason_of_flip(offset, size)
            wanted[place] = wanted.get(place, 0) + 1
            time.sleep(0.01)
        time.sleep(0.2)
        counts = {key: count - counts.get(key, 0) for key, count in test.discards(session).items()
                  if count != counts.get(key, 0)}
        check_equal(counts, wanted, "what was counted")
        check_equal(session.still(), before, "show")
        session.check_expiry_despite([{"auth": {"flip": {offset: flip_of(offset)}}}
                                      for offset in (0, 12, 31, size - 1)], 0.8)


@row("AUTH-21", PATHS)
def section_fits(test):
    """24 + Auth Len within Length, which is what is hashed; bytes after it are not."""
    for session, kind in zip(one_by_one(each_type(test, TYPES, peer=SLOW_PEER)), TYPES):
        size = authentication.section_size(session.peer.auth.values())
        shorter = test.input("shorter", 1)
        for auth in ({"auth_len": 255}, {"auth_len": size + 1}):
            check_equal(fate(session, auth=auth), "auth-length", "%s, %r" % (kind, auth))
            check_equal(fate(session, auth=auth, pad=200), "auth-length", "%s, %r, padded" % (kind, auth))
        check_equal(fate(session, length=24 + size - shorter), "auth-length", "%s, Length cut" % kind)
        accepts(session, filler="a5" * 48)
        accepts(session, pad=1)
        accepts(session, pad=1300)
        accepts(session, auth={"surplus": b"more"})
        accepts(session, auth={"surplus": bytes(range(200))}, filler="5a5a")
        if kind != "simple":  # what is within Length is hashed
            last = 24 + size + 3
            check_equal(fate(session, auth={"surplus": b"more", "flip": {last: 1}}), "auth-digest",
                        kind + ", the surplus changed")


def accepts(session, **fields):
    number = session.peer.auth.next()
    check_equal(fate(session, **{"auth": {}, **fields}), None, "%r" % fields)
    session.peer.auth.sequence = number


def hears(session):
    """The session still takes what is right."""
    mark = session.send(flags="P")
    session.packet(mark, 1, flags="F")


@row("RX-15", PATHS)
def authentication_missing(test):
    for number, session in enumerate(all_up(each_type(test, TYPES))):
        session.silent_drop("auth-missing", {"auth": None, "length": 24} if not test.input("right", 0) else {},
                            expiry=number < 2)
        if number >= 2:
            hears(session)


@row("RX-16", PATHS)
def authentication_first(test):
    """Nothing of a packet that isn't authentic is taken over, not even its discriminator."""
    for session in all_up(each_type(test, TYPES)):
        key = KEY if test.input("right", 0) else WRONG[:len(KEY)]
        mark = session.mark()
        session.silent_drop("auth-digest", {"auth": {"key": key}}, {"auth": {"key": key}, "your": 0},
                            {"auth": {"key": key}, "flags": "F", "state": "up"},
                            {"auth": {"key": key}, "state": "admin-down", "echo": 7}, expiry=False)
        check_equal({packet["your"] for packet in session.packets(mark)}, {session.peer.discr},
                    "Your Discriminator of ours")
        session.is_now(state="up")
        mark = session.mark()
        session.check_expiry_despite([{"auth": {"key": key}}, {"auth": None}], 0.8)
        # Nor do they count for bfd.RemoteDiscr (VAR-04).
        check_equal(session.packet(mark, 1, state="down")["your"], 0, "Your Discriminator after the expiry")


def ttl_first(test):
    for kind in ("sha1", "simple"):
        session = authenticated(test, kind, remote="192.0.2.%d" % (10 + len(kind))).up()
        bad = [{"ttl": ttl, "auth": {}} for ttl in (test.input("ttl", 254), 1)]
        # What is hashed and found wrong is counted as such: not here.
        session.silent_drop("ttl", *bad, {"ttl": 254, "auth": {"key": WRONG}}, expiry=False)
        session.check_expiry_despite(bad, 0.8)


@row("SH-07")
def ttl_checked(test):
    """Applied, and before anything is hashed."""
    ttl_first(test)


@row("OC-4")
def ttl_choice(test):
    """Our choice: always checked, on a single hop."""
    ttl_first(test)


@row("XDP-04", limit=150)
def authentication_flood(test):
    """Ten times the peer's rate of packets that fail authentication in each way keeps nothing up."""
    for number, kind in enumerate(("sha1", "meticulous-md5", "simple")):
        session = authenticated(test, kind, remote="192.0.2.%d" % (10 + number)).up()
        wrong, protected = WRONG[:len(KEY)], 27 if kind == "simple" else 12
        frames = [session.frame(auth=auth) for auth in (
            {"key": wrong}, {"id": 4}, {"auth_len": 255}, {"kind": 7, "hash": 4},
            {"flip": {protected: 1}}, None)]
        if test.input("right", 0):
            frames.append(session.frame())
        session.send()
        before = sum(test.discards(session).values())
        last, mark = session.hush()
        end = last["time"] + 3
        down = None
        while not down and time.time() < end:
            session.wire.flood(frames * 5, per_second=1000, burst=10)
            down = session.packets(mark, state="down")
        check(down, "the flood keeps the session up")
        session.down_after(last["time"], mark, 0.8)
        check(sum(test.discards(session).values()) - before > 200, "hardly a flood")
        eventually(lambda session=session: session.show()["remote_discr"] == 0, 2, "the peer forgotten")

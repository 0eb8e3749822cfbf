# SPDX-License-Identifier: GPL-2.0
"""
What the rows of authentication share: sessions with a key at both ends, and packets whose fate is
learnt.  It must not contain tests.
"""

import authentication
from authentication import SEQUENCES

from harness import Failed, check, check_equal, eventually

DIGEST_TYPES = ("md5", "meticulous-md5", "sha1", "meticulous-sha1")
TYPES = ("simple",) + DIGEST_TYPES
METICULOUS = ("meticulous-md5", "meticulous-sha1")
KEY = b"a secret of us"
WRONG = b"a secret of they"
# Seconds pass between the packets that a test sends one by one.
SLOW_PEER = "tx=1000000 rx=500000 mult=8"


def add_key(test, chain, kind, key=KEY, number=1, *when):
    """A key of the agent's, given in hexadecimal."""
    test.bfd("key", "add", chain, "id", str(number), "type", kind, "hex", key.hex(), *when)


def authenticated(test, kind, key=KEY, config="tx 100ms rx 100ms mult 5", peer="tx=100000 rx=500000 mult=8",
                  chain=None, number=1, variant="rfc", sequence=0, made=None, **ends):
    """
    A session that uses authentication at both ends, each with a chain of its own; the peer is silent.  made: what
    makes the session, of a test and the arguments of its session().
    """
    chain = chain or "chain%d" % len(test.sessions)
    add_key(test, chain, kind, key, number)
    config += " auth %s key %s" % (kind, chain)
    if variant != "rfc":
        config += " variant " + variant
    ends.update(config=config, peer=peer)
    session = made(test, **ends) if made else test.session(**ends)
    session.chain = chain
    session.set(auth=authentication.Auth(kind, {number: key}, variant, sequence))
    return session


def fate(session, **fields):
    """
    One packet of the peer (a Poll, whose values else are those of the session but for those given): None if it
    was accepted, or the reason why not.
    """
    before = session.stats()
    session.send(**{"flags": "P", **fields})

    def moved():
        after = session.stats()
        old, new = before.get("rx_invalid", {}), after.get("rx_invalid", {})
        reasons = {key: count - old.get(key, 0) for key, count in new.items() if count != old.get(key, 0)}
        accepted = after["rx_packets"] - before["rx_packets"]
        return (accepted or reasons) and (accepted, reasons)

    accepted, reasons = eventually(moved, 5, "a packet accepted or discarded")
    check_equal(accepted + sum(reasons.values()), 1, "packets accepted or discarded")
    return None if accepted else list(reasons)[0]


def fate_of(session, number, **auth):
    """As fate(), of a packet with this sequence number; if it is accepted that is the peer's last one."""
    number %= SEQUENCES
    result = fate(session, auth={"sequence": number, **auth})
    if result is None:
        session.peer.auth.sequence = number
    return result


def all_up(sessions):
    """Side by side."""
    for session in sessions:
        session.set(mute=False, machine=True)
    for session in sessions:
        session.up()
    return sessions


def one_by_one(sessions):
    """All up; each is given with its peer silent, while those to come are kept up."""
    for session in all_up(sessions):
        session.hush()
        yield session


def each_type(test, kinds, **options):
    """A session of each type, with an address of its own."""
    return [authenticated(test, kind, remote="192.0.2.%d" % (10 + number), **options)
            for number, kind in enumerate(kinds)]


def signed(session, since=0, until=None, **fields):
    """Our packets since a mark, all of which must carry the section, each right for the peer's keys."""
    packets = session.packets(since, until, **fields)
    for packet in packets:
        if "A" not in packet["flags"]:
            raise Failed("a packet without authentication: %r" % packet)
        check(session.peer.auth.accepts(bytes.fromhex(packet["payload"])),
              "not authentic: " + packet["payload"])
    return packets


def steps(packets):
    """How the sequence number went from each packet to the next."""
    return [(after["auth_sequence"] - before["auth_sequence"]) % SEQUENCES
            for before, after in zip(packets, packets[1:])]


# Two processors may have a packet each on its way at once, and either arrives first.
SWAP_S = 0.002


def as_sent(packets):
    """In the order of their numbers where two that came at once were swapped on the way."""
    packets = list(packets)
    for place in range(1, len(packets)):
        before, after = packets[place - 1:place + 1]
        if (after["auth_sequence"] - before["auth_sequence"]) % SEQUENCES == SEQUENCES - 1 and \
                after["time"] - before["time"] < SWAP_S:
            packets[place - 1:place + 1] = [after, before]
    return packets

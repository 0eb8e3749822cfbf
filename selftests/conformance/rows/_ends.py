# SPDX-License-Identifier: GPL-2.0
"""
What rows of several sections share: sessions over a router, and echo.  It must not
contain tests.
"""

from harness import STAMP, check, check_range, check_spaced, gaps, late_gaps, stood_still

FAR = "203.0.113.9"
FAR_6 = "2001:db8:f::9"


def multihop(test, config="tx 100ms rx 100ms mult 5", peer="tx=100000 rx=100000 mult=8", local=None,
             remote=None, family=4, add=True):
    """
    A session over several hops: the scripted peer also answers for the next hop.  add=False: only
    the peer.
    """
    if not hasattr(test, "routers"):
        test.routers = set()
    if family not in test.routers:
        test.routers.add(family)
        test.session(family=family, add=False)  # whose Ethernet address is asked for
        prefix = "203.0.113.0/24" if family == 4 else "2001:db8:f::/64"
        test.netns.ip("us", "route", "add", prefix, "via", test.link.them[family], "dev", test.link.dev)
    session = test.session(family=family, add=False, peer=peer + " dport=4784",
                           local=local or test.link.us[family],
                           remote=remote or (FAR if family == 4 else FAR_6))
    return session.add("local %s multihop %s" % (session.local, config), dev=False) if add else session


def our_mac(test, link=None):
    return test.netns.shell(
        "us", "cat /sys/class/net/%s/address" % (link or test.link).dev).stdout.strip()


def loop_echo(link, which=lambda packet: True):
    """From now on the peer's forwarding returns these echo packets."""
    with link.wire.lock:
        link.wire.peer.loop = which


def echo_packets(session, since=0, until=None, **fields):
    """Echo packets of this session: they are addressed to ourselves."""
    fields.setdefault("sport", session.show()["source_port"])
    return session.wire.packets(since, until, dport=3785, dst=session.local, **fields)


def check_no_echo(session, since, text):
    check(not echo_packets(session, since), "echo " + text)


def check_pace(packets, interval, what):
    """
    Packets are spaced and jittered as RFC 5880 6.8.7 wants: 75 to 100 % of the interval (seconds);
    no less, and not often more, for the machine stands still now and then.
    """
    spans = gaps(packets)
    check(len(spans) >= 4, "%s: only %d gaps" % (what, len(spans)))
    check_spaced(packets, interval, what)
    wide = late_gaps(packets, interval * 1.02 + STAMP)
    check(len(wide) <= 2 + len(spans) // 10, "%s: %d of %d gaps too wide, as %.4f s" % (
        what, len(wide), len(spans), wide[0] if wide else 0))
    mean = (packets[-1]["time"] - packets[0]["time"]) / len(spans)
    still = stood_still(packets[0]["time"], packets[-1]["time"]) / len(spans)
    check_range(mean, interval * 0.75 - STAMP, interval * 1.1 + still, what + ": mean gap")

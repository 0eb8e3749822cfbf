# SPDX-License-Identifier: GPL-2.0
"""ECHO: the echo function (RFC 5880 5, 6.8.8, 6.8.9; RFC 5881 4)."""

import ipaddress
import random
import time

from harness import SLACK, STAMP, check, check_equal, check_range, check_took, eventually, gaps, row
from rows._ends import check_no_echo, check_pace, echo_packets, loop_echo, multihop, our_mac
from wire import rawpeer

CONFIG = "tx 100ms rx 100ms mult 10 echo 50ms"
LOST = 10 * 0.05  # seconds to Down with that
# For what must not fail: the scripted peer, which returns them, may stand still for a while.
STEADY = "tx 100ms rx 100ms mult 20 echo 50ms"
PEER = "tx=100000 rx=100000 mult=10 echo=50000"
PATHS = ("native", "generic")


def running(test, config=CONFIG, peer=PEER, **options):
    """A session Up whose echo packets come back."""
    loop_echo(test.link)
    session = test.session(config, peer, **options).up()
    session.wait(5, echo_tx_in_use=lambda interval: interval > 0)
    eventually(lambda: session.stats()["echo"]["rx_packets"] > 2, 5, "echo packets coming back")
    return session


@row("ECHO-01")
def only_while_up(test):
    loop_echo(test.link)
    session = test.session(STEADY, PEER)
    # In Down, and told that the peer would loop them.
    session.packet(session.mark(), 3)
    mark = session.mark()
    session.send(state="admin-down", your=0)
    session.wait(2, state="down", remote_echo_rx=50000)
    time.sleep(0.7)
    check_no_echo(session, mark, "in Down")
    # In Init.
    session.send(state="down", your=0)
    session.wait(2, state="init")
    time.sleep(0.7)
    check_no_echo(session, mark, "in Init")
    for leave, told in ((lambda: session.send(state="down"), "down"),
                        (lambda: session.change("admin down"), "admin-down")):
        session.up()
        session.wait(3, echo_tx_in_use=50000)
        eventually(lambda: len(echo_packets(session, mark)) > 3, 5, "echo while up")
        session.set(mute=True, machine=False, state="down")
        mark = session.mark()
        leave()
        left = session.packet(mark, 2, state=told)
        time.sleep(0.7)
        late = [packet for packet in echo_packets(session, mark) if packet["time"] > left["time"]]
        check(not late, "%d echo packets after the session left Up" % len(late))
        mark = session.mark()


@row("ECHO-02")
def only_if_the_peer_allows(test):
    session = running(test, STEADY)
    session.set(echo=test.input("echo", 0))
    mark = session.mark()
    session.send()
    sent = session.packets(mark, direction="sent")[0]
    time.sleep(1.5)
    # A packet that takes its time to be processed is none of the row's business.
    late = [packet for packet in echo_packets(session, mark) if packet["time"] > sent["time"] + SLACK]
    check(not late, "%d echo packets after the peer forbade them" % len(late))
    check_equal(session.is_now(state="up", echo_tx_in_use=0)["stats"]["down_count"], 0, "failures")
    session.set(echo=50000)
    session.wait(3, echo_tx_in_use=50000)


@row("ECHO-03")
def spacing(test):
    session = running(test, "tx 100ms rx 100ms mult 10 echo 20ms", "tx=100000 rx=100000 mult=10 echo=100000")
    for interval in (0.1, 0.2):
        session.set(echo=int(interval * 1e6))
        session.wait(3, echo_tx_in_use=int(interval * 1e6), remote_echo_rx=int(interval * 1e6))
        time.sleep(interval)  # the gap that was under way
        mark = session.mark()
        time.sleep(15 * interval)
        check_pace(echo_packets(session, mark), interval, "%g s" % interval)
    check_equal(session.stats()["down_count"], 0, "failures")


@row("ECHO-04")
def loss_is_detected(test):
    # Never one that comes back: the first sent is what counts.
    loop_echo(test.link, lambda packet: False)
    session = test.session(CONFIG, PEER)
    mark = session.mark()
    session.set(mute=False)
    down = session.packet(mark, 10, state="down", diag=2)
    first = echo_packets(session, mark)[0]
    check_took(first["time"], down["time"], LOST - STAMP, LOST + SLACK, "seconds to Down")
    check_equal(session.show()["stats"]["echo"]["rx_packets"], 0, "echo packets that came back")
    # And when the loop ends later, from the last that came back.
    session.set(mute=True)
    loop_echo(test.link)
    session.up()
    eventually(lambda: session.stats()["echo"]["rx_packets"] > 2, 5, "echo packets coming back")
    with session.wire.lock:
        session.wire.peer.loop = None
        mark = session.mark()
        last = session.wire.packets(0, None, "sent", dport=3785)[-1]
    down = session.packet(mark, 5, state="down", diag=test.input("diag", 2))
    check_took(last["time"], down["time"], LOST - STAMP, LOST + SLACK, "seconds to Down")
    session.wait(3, diag="echo-failed")


@row("ECHO-05")
def each_its_own(test):
    first = running(test, STEADY)
    second = running(test, (CONFIG, STEADY)[test.input("kept", 0)], remote="192.0.2.3")
    port = (first, second)[test.input("kept", 0)].show()["source_port"]
    check(first.show()["source_port"] != second.show()["source_port"], "one source port for both")
    mark = second.mark()
    loop_echo(test.link, lambda packet: packet["sport"] == port)
    second.packet(mark, 5, state="down", diag=2)
    time.sleep(0.5)
    check_equal(first.is_now(state="up")["stats"]["down_count"], 0, "failures of the other session")


@row("ECHO-06")
def no_forgery(test):
    session = running(test)
    before = session.stats()["echo"]
    with session.wire.lock:
        old = session.wire.peer.last_echo
        last = session.wire.packets(0, None, "sent", dport=3785)[-1]
        mark = session.mark()
        session.wire.peer.loop = None if test.input("loop", 0) == 0 else lambda packet: True

    def forged(frame):
        """The next ones, by guess: the sequence number (4 bytes after magic and discriminator)."""
        frame = bytearray(rawpeer.looped(frame))
        number = int.from_bytes(frame[50:54], "big") + forged.count
        forged.count += 1
        frame[50:54] = (number & 0xffffffff).to_bytes(4, "big")
        frame[40:42] = bytes(2)  # no UDP checksum, so that this isn't why it is dropped
        return bytes(frame)

    forged.count = 0
    end = time.monotonic() + 3
    down = None
    while not down and time.monotonic() < end:
        with session.wire.lock:
            session.wire.peer.transmit(rawpeer.looped(old))
            session.wire.peer.transmit(forged(old))
        time.sleep(0.01)
        down = (session.packets(mark, state="down") or [None])[0]
    check(down, "replayed and forged echo packets keep the session up")
    check_equal(down["diag"], 2, "diagnostic")
    check_took(last["time"], down["time"], LOST - STAMP, LOST + SLACK, "seconds to Down")
    after = session.stats()["echo"]
    check(after["rx_invalid"] > before["rx_invalid"], "forged ones aren't counted")


@row("ECHO-07", PATHS)
def encapsulation(test):
    for family in (4, 6):
        session = running(test, STEADY, family=family)
        before = session.stats()["echo"]["rx_packets"]
        mark = session.mark()
        time.sleep(1.5)
        sent = echo_packets(session, mark)
        check(len(sent) >= 15, "only %d echo packets" % len(sent))
        returned = len(session.wire.packets(mark, None, "sent", dport=3785))
        for packet in sent:
            check_equal((packet["dport"], packet["dst"], packet["dmac"], packet["ttl"]),
                        (3785, session.local, session.wire.peer.mac, 255), "where to")
        known = session.stats()["echo"]["rx_packets"] - before
        check(known >= returned - 3, "%d of %d known on return" % (known, returned))
        check_equal(session.is_now(state="up")["stats"]["down_count"], 0, "failures")
        # None of them takes the place of control packets, which go on at a slower rate.
        session.packet(session.mark(), 5, state="up", rx=lambda interval: interval >= 1000000)
        session.delete()


@row("ECHO-08", links=2)
def source_provokes_no_redirects(test):
    for family in (4, 6):
        session = running(test, STEADY, family=family)
        subnet = ipaddress.ip_network("%s/%d" % (session.local, 24 if family == 4 else 64), strict=False)
        for packet in echo_packets(session):
            source = ipaddress.ip_address(packet["src"])
            check(source not in subnet, "%s is in the link's subnet" % source)
            check(not source.is_link_local, "%s is link-local" % source)
        session.is_now(echo_source=test.links[1].us[family])
    # As the operator says.
    session = running(test, STEADY + " echo-source " + test.input("source", "198.51.100.77"),
                      remote="192.0.2.3")
    for packet in echo_packets(session):
        check_equal(packet["src"], "198.51.100.77", "source")


@row("ECHO-09")
def to_the_neighbours_mac(test):
    session = running(test, STEADY)
    wire = session.wire
    check_equal({packet["dmac"] for packet in echo_packets(session)}, {wire.peer.mac}, "destinations")
    with wire.lock:
        wire.peer.mac = "02:00:00:00:00:77"
        wire.peer.announce(session.peer)
    mark = session.mark()
    eventually(lambda: echo_packets(session, mark, dmac=test.input("mac", "02:00:00:00:00:77")), 5,
               "echo to the new Ethernet address")
    mark = session.mark()
    time.sleep(0.5)
    check_equal({packet["dmac"] for packet in echo_packets(session, mark)}, {"02:00:00:00:00:77"},
                "destinations")
    session.is_now(state="up")


@row("ECHO-10", PATHS)
def filters_on_ingress(test):
    # What comes back has an address of ours as its source, which a strict filter drops.
    test.netns.shell("us", "for dev in all default %s; do echo 1 > /proc/sys/net/ipv4/conf/$dev/"
                     "rp_filter; echo 0 > /proc/sys/net/ipv4/conf/$dev/accept_local; done" % test.link.dev)
    session = running(test, STEADY)
    before = session.stats()["echo"]["rx_packets"]
    time.sleep(1.5)
    check(session.stats()["echo"]["rx_packets"] >= before + 10, "hardly any comes back")
    check_equal(session.is_now(state="up")["stats"]["down_count"], 0, "failures")


@row("ECHO-11", PATHS)
def peers_are_looped(test):
    for family in (4, 6):
        session = test.session("tx 100ms rx 100ms mult 5 echo-rx 20ms", family=family)
        mac = our_mac(test)

        def echo(number, family=family, session=session, mac=mac, **fields):
            session.send(**{"dport": 3785, "src": "198.51.100.7" if family == 4 else "2001:db8:77::7",
                            "dst": session.remote, "my": 0x70000 + number, "dmac": mac, **fields})

        def returned(mark, session=session):
            return session.wire.packets(mark, dport=3785)

        # Not while the session isn't up.
        mark = session.mark()
        echo(0)
        time.sleep(0.2)
        check(not returned(mark), "looped in Down")
        session.up()
        check_equal(session.packet(session.mark(), state="up")["echo"], test.input("echo", 20000),
                    "Required Min Echo RX Interval")
        # Not those of others, nor what was looped before.
        mark = session.mark()
        echo(0, dst="192.0.2.200" if family == 4 else "2001:db8:1::200")
        echo(0, dst=session.local)
        echo(0, ttl=254)
        echo(0, dmac="02:00:00:00:00:99")
        time.sleep(0.3)
        check(not [packet for packet in returned(mark) if packet["dst"] != session.local],
              "others' were looped")
        # At the advertised rate, with the jitter of RFC 5880 6.8.9: none may be lost, to the last.
        mark, count, when = session.mark(), 150, time.monotonic()
        for number in range(count):
            echo(number)
            # What a stall of this machine delayed is made up for, but not in a burst.
            when = max(when + random.uniform(0.015, 0.020), time.monotonic() - 0.05)
            time.sleep(max(0, when - time.monotonic()))
        end = time.monotonic() + 2
        while len(returned(mark)) < count and time.monotonic() < end:
            time.sleep(0.05)
        back = returned(mark)
        missing = set(range(count)) - {int(packet["payload"][8:16], 16) - 0x70000 for packet in back}
        check(not missing, "lost: %r, %r" % (sorted(missing), session.stats()["echo"]))
        for packet in back:
            check_equal((packet["ttl"], packet["dst"], packet["dmac"], packet["smac"]),
                        (254, session.remote, session.wire.peer.mac, mac), "what came back")
        check_equal(len({packet["payload"] for packet in back}), count, "different ones")
        check(all(packet["udp_checksum"] == "good" and packet["ip_checksum"] != "bad"
                  for packet in back), "bad checksums")
        # More than was granted is no promise: our choice is twice that, and a burst of eight.
        for pause in (0.005, 0):
            mark = session.mark()
            for number in range(200):
                echo(number)
                time.sleep(pause)
            time.sleep(0.3)
            sent = session.wire.packets(mark, None, "sent", dport=3785)
            granted = (sent[-1]["time"] - sent[0]["time"]) / 0.02
            # In a gap no more than the burst is saved up; and a slow machine sends no more than is granted.
            least = min(len(sent), sum(min(gap, 0.08) for gap in gaps(sent)) / 0.02)
            check_range(len(returned(mark)), least * 0.9, granted * 2 + 8 + 2,
                        "looped of %d in the time of %.0f" % (len(sent), granted))
        session.is_now(state="up")
        session.delete()


@row("ECHO-12")
def none_over_several_hops(test):
    plain = multihop(test, add=False)
    text = test.refused("add", "remote", plain.remote, "local", plain.local, "multihop", "echo", "50ms")
    check("echo" in text, "the message doesn't name echo: " + text)
    session = multihop(test, remote="203.0.113.10", peer="tx=100000 rx=100000 mult=8 echo=50000")
    test.refused("change", "id", str(session.id), "echo", "50ms")
    mark = session.mark()
    session.up()
    time.sleep(0.5)
    for packet in session.packets(mark):
        check_equal(packet["echo"], 0, "Required Min Echo RX Interval")
    check(not session.wire.packets(mark, dport=3785), "echo packets")

# SPDX-License-Identifier: GPL-2.0
"""RX: reception of control packets (RFC 5880 6.8.6), in the order of its checks."""

import time

from harness import check, check_equal, eventually, ran, row

# Packets meet XDP in the driver, or the same program in the stack where the driver has none.
PATHS = ("native", "generic")


@row("RX-01", PATHS)
def bad_version(test):
    session = test.session().up()
    versions = (0, 2, test.input("version", 7))
    session.silent_drop("bad-version", *[{"version": version} for version in versions])


@row("RX-02", PATHS)
def short_length(test):
    session = test.session().up()
    lengths = (0, 1, test.input("length", 23))
    session.silent_drop("short-length", *[{"length": length} for length in lengths])


@row("RX-03", PATHS)
def short_with_authentication(test):
    session = test.session().up()
    session.silent_drop("short-length", {"flags": "PA", "length": 24},
                        {"flags": "PA", "length": 25, "pad": 1}, {"flags": "PA", "length": 25, "pad": 40})


@row("RX-04", PATHS)
def long_length(test):
    session = test.session().up()
    session.silent_drop("long-length", {"length": 25}, {"length": 255},
                        {"length": 30, "trailer": "00" * test.input("trailer", 6)},
                        {"length": 30, "pad": test.input("pad", 5)})


@row("RX-05", PATHS)
def surplus_payload(test):
    for family in (4, 6):
        session = test.session(peer="tx=100000 rx=500000 mult=16", family=family).up()
        mtu_left = 1500 - 48 - 24
        odd = [{"pad": 40}, {"filler": "ff" * 40}, {"pad": 1376}, {"filler": "a5" * 1376},
               {"pad": mtu_left}, {"filler": "01"}]
        before, discards = session.stats(), test.discards(session)
        session.hush()
        begun = time.monotonic()
        while time.monotonic() < begun + 4:  # two and a half detection times
            for fields in odd:
                session.send(length=test.input("length", 24), **fields)
                time.sleep(0.05)
        after = session.is_now(state="up")["stats"]
        check_equal(after["down_count"], before["down_count"], "failures")
        check_equal(test.discards(session), discards, "discards")
        check(after["rx_packets"] >= before["rx_packets"] + 30, "not received")


@row("RX-06", PATHS)
def zero_multiplier(test):
    test.session().up().silent_drop("zero-multiplier", {"mult": test.input("mult", 0)})


@row("RX-07", PATHS)
def multipoint(test):
    test.session().up().silent_drop("multipoint", {"flags": test.input("flags", "PM")})


@row("RX-08", PATHS)
def zero_discriminator(test):
    session = test.session().up()
    session.silent_drop("zero-discriminator", {"my": test.input("my", 0), "your": session.id})


@row("RX-09", PATHS)
def discriminator_alone(test):
    session = test.session(peer="tx=100000 rx=500000 mult=16").up()
    other = test.session(remote="192.0.2.3").up()
    session.set(mute=True)
    odd = [{"src": "203.0.113.9"}, {"sport": 65535}, {"my": 77}, {"sport": other.peer.port},
           {"src": other.remote, "sport": other.peer.port, "my": other.peer.discr}]
    before = session.stats()
    begun = time.monotonic()
    while time.monotonic() < begun + 3.5:  # over two detection times
        for fields in odd:
            session.send(your=test.input("your", session.id), **fields)
            time.sleep(0.05)
    shown = session.is_now(state="up", local_discr=session.id, remote_discr=other.peer.discr)
    check(shown["stats"]["rx_packets"] >= before["rx_packets"] + 25, "not received")
    check_equal(shown["stats"]["down_count"], before["down_count"], "failures")
    other.is_now(state="up", remote_discr=other.peer.discr)


@row("RX-10", PATHS)
def unknown_discriminator(test):
    session = test.session().up()
    unknown = test.random_discriminator()
    session.silent_drop("unknown-discriminator", {"your": test.input("your", unknown)}, session=False)


@row("RX-11", PATHS)
def bad_state(test):
    session = test.session()
    bad = [{"your": 0, "state": "init"}, {"your": test.input("your", 0), "state": "up"}]
    for state in ("down", "init"):
        session.drive(state)
        session.silent_drop("bad-state", *bad)
    session.up().silent_drop("bad-state", *bad)
    session.drive("admin-down")
    session.silent_drop("bad-state", *bad)


@row("RX-12", PATHS, links=2)
def restarted_peer(test):
    for number, family in enumerate((4, 6, "local")):
        for state in ("down", "admin-down"):
            link = test.links[number % 2]
            session = test.session(family=family, link=link).up()
            session.hush()
            session.set(machine=False)
            mark = session.send(state=test.input("state", state), your=0, my=0x7777)
            down = session.next_packet(mark, state="down", diag=3, your=0x7777)
            sent = session.packets(mark, direction="sent")[0]
            delay = ran(sent["time"], down["time"])
            check(delay < 0.4, "only after %.3f s" % delay)
            session.delete()
            with session.wire.lock:
                del session.wire.peer.sessions[session.name]
            eventually(lambda: not test.bfd("show"), 10, "the deleted session going")


@row("RX-13", PATHS)
def stranger(test):
    session = test.session().up()
    stranger_address = test.input("src", "192.0.2.77")
    mark = session.mark()
    session.silent_drop("no-session", {"src": stranger_address, "your": 0},
                        {"src": stranger_address, "your": 0, "state": "admin-down"}, session=False)
    check_equal(len(test.bfd("show")), 1, "number of sessions")
    check(not session.wire.packets(mark, dst=stranger_address), "the stranger was answered")


@row("RX-14", PATHS)
def authentication_unexpected(test):
    session = test.session().up()
    # Type SHA1 (RFC 5880 4.4): type, length, key, reserved, sequence, hash
    section = "041c0100" + "00000001" + "5a" * 20
    session.silent_drop("auth-unexpected", {"flags": test.input("flags", "PA"), "length": 52,
                                            "filler": section, "your": session.id})


@row("RX-17", PATHS)
def order(test):
    session = test.session().up()
    unknown = test.random_discriminator()
    for reason, fields in (
            ("ttl", {"ttl": 254, "udp_checksum": "bad"}),
            ("checksum", {"udp_checksum": "bad", "version": 0}),
            ("bad-version", {"version": 2, "mult": 0}),
            ("short-length", {"length": 23, "mult": 0}),
            ("long-length", {"length": 25, "flags": "PM"}),
            ("zero-multiplier", {"mult": 0, "flags": "PM"}),
            ("multipoint", {"flags": "PM", "my": 0}),
            ("zero-discriminator", {"my": 0, "your": unknown}),
            ("zero-discriminator", {"my": 0, "your": 0, "state": "up"}),
            ("bad-state", {"your": 0, "state": "up", "flags": "PA", "length": 26, "pad": 2})):
        session.silent_drop(reason, fields, expiry=False)
    session.silent_drop("unknown-discriminator", session=False, expiry=False, *[
        {"your": test.input("your", unknown), "flags": "PA", "length": 26, "pad": 2}])


@row("RX-18", PATHS)
def discriminator_replaced(test):
    session = test.session().up()
    monitor = test.monitor()
    mark = session.mark()
    session.set(discr=0x77777)
    session.packet(mark, 2, state="up", your=test.input("your", 0x77777))
    session.is_now(state="up", remote_discr=0x77777)
    time.sleep(1)
    check(all(packet["state"] == "up" for packet in session.packets(mark)), "the state changed")
    check(not monitor.since(event="state"), "told as a change of state")


@row("RX-19", PATHS)
def remote_variables(test):
    session = test.session().up()
    session.set(machine=False, state=test.input("state", "init"))
    session.wait(3, remote_state="init", state="up")
    session.set(state="up")
    session.wait(3, remote_state="up", state="up")
    session.set(rx=300000)
    session.wait(3, negotiated_tx=300000)
    session.set(demand=True)
    session.wait(3, remote_demand=True)
    time.sleep(0.2)
    session.quiet(session.mark(), 1)
    mark = session.mark()
    session.set(demand=False)
    session.packet(mark, 3, state="up")
    sent = session.packets(direction="sent", state="up")
    check(not any("P" in packet["flags"] for packet in sent), "the test polled")


@row("RX-20", PATHS)
def recomputed(test):
    session = test.session().up()
    session.wait(1, detection_time=800000)
    mark = session.mark()
    session.set(tx=300000, mult=4)
    session.wait(3, detection_time=test.input("detection", 1200000))
    check(not any("P" in packet["flags"] for packet in session.packets(mark, direction="sent")),
          "the test polled")
    session.expires(1.2)


@row("RX-21", PATHS)
def admin_down_learns(test):
    session = test.session().up().drive("admin-down")
    received = session.stats()["rx_packets"]
    mark = session.mark()
    for number, state in enumerate(("down", "init", "up")):
        session.send(state=state, my=500 + number, your=session.id, flags="P", tx=1000000)
        session.wait(1, remote_state=state, remote_discr=500 + number, state="admin-down")
        before = session.mark()
        session.packet(before, 2, state="admin-down", your=500 + number)
    packets = session.packets(mark)
    check(all(packet["state"] == "admin-down" for packet in packets), "it left AdminDown")
    check(not any("F" in packet["flags"] for packet in packets), "a Final in AdminDown")
    check_equal(session.stats()["rx_packets"], received + test.input("received", 0), "packets received")


@row("RX-22", PATHS)
def final_after_machine(test):
    session = test.session().drive("down")
    mark = session.send(state=test.input("state", "down"), your=0, flags="P")
    session.packet(mark, 1, flags="F")
    finals = session.packets(mark, flags="F")
    check_equal((finals[0]["state"], finals[0]["your"]), ("init", session.peer.discr), "the Final")


@row("RX-23", PATHS)
def only_valid_restarts(test):
    bad = [{"version": 2}, {"length": 23}, {"length": 25}, {"mult": 0}, {"flags": "M"}, {"my": 0},
           {"your": test.random_discriminator()}, {"your": 0, "state": "up"},
           {"flags": "A", "length": 26, "pad": 2}, {"ttl": 254}, {"udp_checksum": "bad"}]
    if test.input("good", 0):
        bad.append({})
    for family in (4, 6):
        session = test.session(peer="tx=100000 rx=500000 mult=9", family=family).up()
        session.wait(1, detection_time=900000)
        session.check_expiry_despite(bad, 0.9)


@row("RX-24", PATHS)
def oddities(test):
    session = test.session(peer="tx=100000 rx=500000 mult=30").up()
    session.hush()
    discards, received = test.discards(session), session.stats()["rx_packets"]
    odd = [{"diag": diag} for diag in range(9, 32)]
    odd += [{"tx": 0}, {"flags": "PF"}, {"flags": "C"}, {"flags": ""}, {"sport": 1024},
            {"sport": 1}, {"tx": 0, "flags": "C"}, {"tos": 0}, {"echo": 0xFFFFFFFF}]
    for fields in odd:
        session.send(**{"mult": 20, "version": test.input("version", 1), **fields})
        time.sleep(0.02)
    shown = session.is_now(state="up")
    check_equal(shown["stats"]["rx_packets"], received + len(odd), "packets received")
    check_equal(test.discards(session), discards, "discards")
    # P and F at once: the end of our Poll, and a Poll.
    session.set(mute=False, final=False)
    session.change("rx 150ms")
    session.packet(session.mark(), 2, flags="P")
    mark = session.send(flags="PF")
    session.packet(mark, 1, flags="F")
    session.packet(mark, 2, clear="PF")
    session.is_now(state="up")

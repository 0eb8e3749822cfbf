#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
A scripted BFD peer on raw frames, for the tests: it sits on the far end of a link
that has no IP stack of its own, answers ARP and neighbour solicitations itself,
keeps sessions Up by a small state machine, sends any packet, also broken ones, and
records every frame with the kernel's timestamp.  It must not judge what it saw:
that is for the test.

Standard library only.  Commands come on stdin, one a line; each is answered by one
line of JSON on stdout, beginning with {"ok": true or {"ok": false.

  ping
  session NAME local=ADDR remote=ADDR [key=value]...   start a peer
  set NAME [key=value]...       change it
  drop NAME                     forget it, without a word
  send NAME [key=value]...      one packet, values of the session but for those given
  wait SECONDS [key=value]...   until a received packet has these fields; one that came since
                                the last command that changed something also counts
  run SECONDS                   go on for so long
  mark                          where the record stands now
  dump MARK FILE [key=value]... write the record since then, an array of JSON, to FILE
  count MARK [key=value]...     how many received packets since then have these fields
  mac ADDRESS                   from now on we have this Ethernet address
  announce NAME                 gratuitous ARP or unsolicited neighbour advertisement
  resolve on|off                whether ARP and neighbour discovery are answered

Keys of a session (times in microseconds):
  tx rx mult discr port         ours
  dport ttl                     of what we send; 3784 and 255
  echo demand cpi               Required Min Echo RX Interval; on|off: the D bit, the C bit
  vlan                          tag to send with (0..4095), or none
  state diag poll               admin-down, down, init, up; forced if machine=off
  machine on|off                follow the state machine of RFC 5880
  mute on|off                   send nothing by ourselves
  final on|off                  answer Polls
  auth                          TYPE,ID=HEX[,ID=HEX]...[,hmac]: packets are authenticated, and only authentic ones
                                heard; or none.  TYPE as in `ip bfd`
  auth_id                       the Key ID to send with; at first the lowest
                                (auth of `send`: none, or bad: made with a wrong key)
Keys of `send` beside these: version length your my flags (as in PFCADM) echo ttl tos sport
  dport src dst smac dmac ip_checksum udp_checksum (bad, zero) pad (bytes)
  filler (hex, after the mandatory section and before pad)
  trailer (hex, after the UDP payload) options (IPv4 options, hex) fragment (hex of the field)
"""

import argparse
import json
import select
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True
import authentication  # pylint: disable=wrong-import-position

ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6, ETH_P_8021Q = 0x0003, 0x0800, 0x0806, 0x86DD, 0x8100
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
PACKET_AUXDATA = 8
SOL_PACKET = 263
PACKET_OUTGOING = 4
TP_STATUS_VLAN_VALID = 1 << 4
TP_STATUS_CSUMNOTREADY = 1 << 3
BFD_PORT, ECHO_PORT, MULTIHOP_PORT = 3784, 3785, 4784
STATES = ["admin-down", "down", "init", "up"]
FLAGS = "PFCADM"
SLOW_TX = 1000000  # RFC 5880 6.8.3
STALL = 0.02  # seconds: who looks so much later than it wanted to stood still


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def mac_text(data):
    return ":".join("%02x" % byte for byte in data)


def address_bytes(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def address_text(data):
    return socket.inet_ntop(socket.AF_INET6 if len(data) == 16 else socket.AF_INET, data)


def bfd_bytes(field):
    """The mandatory section (RFC 5880 4.1) from a dictionary of its fields."""
    flags = 0
    for position, letter in enumerate(FLAGS):
        if letter in field["flags"]:
            flags |= 0x20 >> position
    return struct.pack(
        "!BBBBIIIII",
        field["version"] << 5 | field["diag"],
        STATES.index(field["state"]) << 6 | flags,
        field["mult"],
        field["length"],
        field["my"],
        field["your"],
        field["tx"],
        field["rx"],
        field["echo"],
    )


def bfd_fields(data):
    if len(data) < 24:
        return None
    first, second, mult, length, my, your, tx, rx, echo = struct.unpack("!BBBBIIIII", data[:24])
    return {
        "version": first >> 5,
        "diag": first & 31,
        "state": STATES[second >> 6],
        "flags": "".join(letter for i, letter in enumerate(FLAGS) if second & 0x20 >> i),
        "mult": mult,
        "length": length,
        "my": my,
        "your": your,
        "tx": tx,
        "rx": rx,
        "echo": echo,
    }


def udp_checksum(source, destination, datagram):
    pseudo = source + destination + struct.pack("!II", len(datagram), 17)
    return checksum(pseudo + datagram) or 0xFFFF


def packet_bytes(field):
    """A whole frame from a dictionary; see the keys of `send`."""
    source, destination = address_bytes(field["src"]), address_bytes(field["dst"])
    payload = bfd_bytes(field)
    if field["auth"]:
        payload = authentication.packet(payload, field["auth"])
    payload += bytes.fromhex(field["filler"]) + bytes(field["pad"])
    datagram = struct.pack("!HHHH", field["sport"], field["dport"], 8 + len(payload), 0) + payload
    value = udp_checksum(source, destination, datagram)
    if field["udp_checksum"] == "bad":
        value ^= 0x5555
    elif field["udp_checksum"] == "zero":
        value = 0
    datagram = datagram[:6] + struct.pack("!H", value) + datagram[8:]
    if len(source) == 16:
        ethertype = ETH_P_IPV6
        header = (
            struct.pack("!IHBB", 6 << 28 | field["tos"] << 20, len(datagram), 17, field["ttl"])
            + source
            + destination
        )
    else:
        ethertype = ETH_P_IP
        options = bytes.fromhex(field["options"])
        header = struct.pack(
            "!BBHHHBBH",
            0x45 + len(options) // 4,
            field["tos"],
            20 + len(options) + len(datagram),
            0,
            int(field["fragment"], 16),
            field["ttl"],
            17,
            0,
        )
        header += source + destination + options
        value = checksum(header) ^ (0x5555 if field["ip_checksum"] == "bad" else 0)
        header = header[:10] + struct.pack("!H", value) + header[12:]
    tag = b""
    if field["vlan"] is not None:
        tag = struct.pack("!HH", ETH_P_8021Q, field["vlan"])
    return (
        mac_bytes(field["dmac"])
        + mac_bytes(field["smac"])
        + tag
        + struct.pack("!H", ethertype)
        + header
        + datagram
        + bytes.fromhex(field["trailer"])
    )


def looped(data):
    """An untagged frame as a router returns it (RFC 5881 4): one hop more, to where it came from."""
    frame = bytearray(data[6:12] + data[:6] + data[12:])
    if struct.unpack("!H", data[12:14])[0] == ETH_P_IPV6:
        frame[21] -= 1
    else:
        frame[22] -= 1
        frame[24:26] = bytes(2)
        frame[24:26] = struct.pack("!H", checksum(bytes(frame[14:34])))
    return bytes(frame)


def parse_ip(ethertype, data):
    """(record of the IP header, protocol, payload) or None."""
    if ethertype == ETH_P_IP and len(data) >= 20 and data[0] >> 4 == 4:
        size = (data[0] & 15) * 4
        total = struct.unpack("!H", data[2:4])[0]
        record = {
            "src": address_text(data[12:16]),
            "dst": address_text(data[16:20]),
            "ttl": data[8],
            "tos": data[1],
            "ip_length": total,
            "ip_checksum": "good" if checksum(data[:size]) == 0 else "bad",
        }
        return record, data[9], data[size:total]
    if ethertype == ETH_P_IPV6 and len(data) >= 40 and data[0] >> 4 == 6:
        word, length, protocol, hops = struct.unpack("!IHBB", data[:8])
        record = {
            "src": address_text(data[8:24]),
            "dst": address_text(data[24:40]),
            "ttl": hops,
            "tos": word >> 20 & 0xFF,
            "ip_length": length,
            "ip_checksum": "none",
        }
        return record, protocol, data[40 : 40 + length]
    return None


def parse_frame(data, vlan):
    """A record of a BFD frame, or None for anything else."""
    ethertype = struct.unpack("!H", data[12:14])[0]
    offset = 14
    if ethertype == ETH_P_8021Q and len(data) >= 18:
        vlan, ethertype = struct.unpack("!HH", data[14:18])
        offset = 18
    parsed = parse_ip(ethertype, data[offset:])
    if not parsed or parsed[1] != 17 or len(parsed[2]) < 8:
        return None
    record, _, datagram = parsed
    sport, dport, length, check = struct.unpack("!HHHH", datagram[:8])
    if dport not in (BFD_PORT, ECHO_PORT, MULTIHOP_PORT):
        return None
    source, destination = address_bytes(record["src"]), address_bytes(record["dst"])
    whole = source + destination + struct.pack("!II", len(datagram), 17) + datagram
    record.update(
        dmac=mac_text(data[:6]),
        smac=mac_text(data[6:12]),
        vlan=vlan,
        sport=sport,
        dport=dport,
        udp_length=length,
        udp_checksum="zero" if check == 0 else "good" if checksum(whole) == 0 else "bad",
    )
    if dport == ECHO_PORT:
        record["payload"] = datagram[8:].hex()
        return record
    fields = bfd_fields(datagram[8:])
    if fields is None:
        return None
    record.update(fields)
    if "A" in fields["flags"]:
        record["payload"] = datagram[8:].hex()
        record.update(authentication.parse(datagram[8:]) or {})
    return record


class Session:
    """One peer: a small and honest machine, whose every value can be overridden."""

    KEYS = ("tx", "rx", "mult", "discr", "port", "vlan", "state", "diag", "machine", "mute",
            "final", "poll", "local", "remote", "dport", "ttl", "echo", "demand", "cpi", "auth", "auth_id")

    def __init__(self, name, words):
        self.name = name
        self.tx, self.rx, self.mult = 100000, 100000, 5
        self.discr, self.port, self.vlan = 0x1000 + len(name), 49152 + len(name), None
        self.state, self.diag = "down", 0
        self.machine = self.final = True
        self.mute = self.poll = self.demand = self.cpi = False
        self.dport, self.ttl, self.echo = BFD_PORT, 255, 0
        self.local = self.remote = None
        self.auth = None  # an authentication.Auth
        self.remote_mac = None
        self.last = None  # the other end's last packet
        self.heard = 0.0
        self.next_tx = 0.0
        self.change(words)
        if not self.local or not self.remote:
            raise ValueError("session needs local= and remote=")

    def change(self, words):
        for key, value in words.items():
            if key not in self.KEYS:
                raise ValueError("unknown key " + key)
            if key in ("machine", "mute", "final", "poll", "demand", "cpi"):
                value = {"on": True, "off": False}[value]
            elif key == "vlan":
                value = None if value == "none" else int(value, 0)
            elif key == "state":
                STATES.index(value)
            elif key in ("local", "remote"):
                value = address_text(address_bytes(value))
            elif key == "auth":
                value = authentication.from_words(value)
            else:
                value = int(value, 0)
            setattr(self, key, value)

    @property
    def auth_id(self):
        return self.auth.id

    @auth_id.setter
    def auth_id(self, value):
        self.auth.id = value

    def has_tag(self, vlan):
        """Whether a frame with this tag is for this session; VID 0 is only a priority."""
        vid = (self.vlan or 0) & 0xFFF
        return vid == 0 or vid == (vlan or 0) & 0xFFF

    def interval(self):
        """Seconds to the next packet: RFC 5880 6.8.7, without the randomness."""
        value = max(self.tx, self.last["rx"] if self.last else 1)
        if self.state != "up":
            value = max(value, SLOW_TX)
        return value * 0.85 / 1e6

    def detection(self):
        return self.last["mult"] * max(self.rx, self.last["tx"]) / 1e6

    def advertised_tx(self):
        return self.tx if self.state == "up" else max(self.tx, SLOW_TX)

    def expire(self, now):
        if self.machine and self.last and now - self.heard > self.detection():
            if self.state in ("init", "up"):
                self.state, self.diag = "down", 1
                self.next_tx = now
            self.last = None

    def trusts(self, record):
        """Whether a packet to this session is authenticated as ours are, or not, as ours aren't."""
        if not self.auth:
            return "A" not in record["flags"]
        return "A" in record["flags"] and self.auth.accepts(bytes.fromhex(record["payload"]))

    def hear(self, record, now):
        """The rules of RFC 5880 6.8.6 for a packet to this session; whether a Final is due."""
        self.last, self.heard, self.remote_mac = record, now, record["smac"]
        before = self.state
        if "F" in record["flags"]:
            self.poll = False
        if self.machine and self.state != "admin-down":
            theirs = record["state"]
            if theirs == "admin-down" and self.state != "down":
                self.state, self.diag = "down", 3
            elif self.state == "down" and theirs in ("down", "init"):
                self.state = "init" if theirs == "down" else "up"
            elif self.state == "init" and theirs in ("init", "up"):
                self.state = "up"
            elif self.state == "up" and theirs == "down":
                self.state, self.diag = "down", 3
        if self.state != before:
            if self.state == "up":
                self.diag = 0
            self.next_tx = now
        else:
            self.next_tx = min(self.next_tx, now + self.interval())
        return "P" in record["flags"] and self.final

    def fields(self):
        return {
            "version": 1, "diag": self.diag, "state": self.state, "mult": self.mult, "length": 24,
            "flags": "P" * self.poll + "C" * self.cpi + "D" * self.demand, "my": self.discr,
            "your": self.last["my"] if self.last else 0,
            "tx": self.advertised_tx(), "rx": self.rx, "echo": self.echo, "ttl": self.ttl,
            "tos": 0xC0, "sport": self.port, "dport": self.dport, "src": self.local, "dst": self.remote,
            "vlan": self.vlan, "pad": 0, "filler": "", "trailer": "", "options": "", "fragment": "0",
            "ip_checksum": "good", "udp_checksum": "good", "auth": None,
        }

    def packet(self, override):
        """
        The fields of a packet, which is as good as sent.  `auth` of override: None, or values that differ from
        those of the next packet, whose number isn't taken then.
        """
        fields = {**self.fields(), **override}
        if "auth" not in override:
            fields["auth"] = self.auth.take() if self.auth else None
        elif fields["auth"] is not None and self.auth:
            fields["auth"] = self.auth.values(**fields["auth"])
        if fields["auth"]:
            fields["flags"] += "A"
            fields["length"] = override.get("length", 24 + authentication.section_size(fields["auth"]))
        return fields


class Peer:
    """The frames of one device."""

    def __init__(self, dev, mac):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        # Room for what comes while this process has to wait for a processor.
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.socket.bind((dev, ETH_P_ALL))
        self.socket.setblocking(False)
        # A socket isn't shown its own frames: with another one to send, both directions are
        # recorded with the kernel's time.
        self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sender.bind((dev, 0))
        self.mac = mac or mac_text(self.socket.getsockname()[4])
        self.sessions = {}
        self.record = []
        self.looked = 0.0  # all that came before this time is known
        self.next_look = None  # when there was to be another look at the latest
        self.resolve = True
        self.macs = {}  # of the other end, by address
        self.loop = None  # of an echo packet: whether it is returned
        self.last_echo = None  # the frame

    # --- frames out

    def transmit(self, frame):
        try:
            self.sender.send(frame)
        except OSError:
            pass  # the link is down: the test knows

    def solicit(self, session):
        """Ask for the other end's Ethernet address."""
        mac = mac_bytes(self.mac)
        source, target = address_bytes(session.local), address_bytes(session.remote)
        if len(target) == 4:
            self.transmit(b"\xff" * 6 + mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, ETH_P_IP, 6, 4, 1)
                          + mac + source + bytes(6) + target)
            return
        group = bytes.fromhex("ff0200000000000000000001ff") + target[13:]
        body = struct.pack("!BBHI", 135, 0, 0, 0) + target + b"\x01\x01" + mac
        self.transmit_icmp6(b"\x33\x33" + group[12:], source, group, body)

    def transmit_icmp6(self, dmac, source, destination, body):
        pseudo = source + destination + struct.pack("!II", len(body), 58)
        body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
        self.transmit(dmac + mac_bytes(self.mac)
                      + struct.pack("!HIHBB", ETH_P_IPV6, 6 << 28, len(body), 58, 255)
                      + source + destination + body)

    def announce(self, session):
        mac, address = mac_bytes(self.mac), address_bytes(session.local)
        if len(address) == 4:
            self.transmit(b"\xff" * 6 + mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, ETH_P_IP, 6, 4, 1)
                          + mac + address + b"\xff" * 6 + address)
        else:
            every = bytes.fromhex("ff020000000000000000000000000001")
            self.transmit_icmp6(b"\x33\x33" + every[12:], address, every, self.advert(address, 0x20))

    def advert(self, address, flags):
        return struct.pack("!BBHI", 136, 0, 0, flags << 24) + address + b"\x02\x01" + mac_bytes(self.mac)

    def send(self, session, override=None):
        override = override or {}
        if not (override.get("dmac") or session.remote_mac or self.macs.get(session.remote)):
            self.solicit(session)
            return False
        self.transmit(packet_bytes(self.addressed(session, override)))
        return True

    def addressed(self, session, override):
        """The fields of a packet, as packet_bytes() wants them."""
        fields = {"smac": self.mac, "dmac": session.remote_mac or self.macs.get(session.remote)}
        fields.update(session.packet(override))
        return fields

    # --- frames in

    def receive(self):
        self.looked = time.monotonic()
        self.allow_for_stall()
        while True:
            try:
                data, control, _, address = self.socket.recvmsg(2048, 256)
            except (BlockingIOError, OSError):
                return
            stamp, vlan, partial = time.time(), None, False
            for level, kind, body in control:
                if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("qq", body[:16])
                    stamp = seconds + nanoseconds / 1e9
                elif level == SOL_PACKET and kind == PACKET_AUXDATA:
                    status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", body[:20])
                    partial = bool(status & TP_STATUS_CSUMNOTREADY)
                    if status & TP_STATUS_VLAN_VALID:
                        vlan = tci
            if len(data) >= 14:
                self.frame(data, stamp, vlan, partial, address[2] == PACKET_OUTGOING)

    def allow_for_stall(self):
        """
        We stood still, and perhaps all of this machine, so that the other end couldn't send either: that
        isn't silence.
        """
        if self.next_look is None or self.looked - self.next_look < STALL:
            return
        for session in self.sessions.values():
            session.heard += self.looked - self.next_look
        self.next_look = self.looked

    def frame(self, data, stamp, vlan, partial, ours):
        record = parse_frame(data, vlan)
        if record:
            if partial:
                record["udp_checksum"] = "partial"
            record.update(time=stamp, direction="sent" if ours else "received")
            self.record.append(record)
            if not ours and record["dport"] == ECHO_PORT:
                self.echo(record, data)
            elif not ours:
                self.deliver(record)
        elif not ours:
            self.neighbour(data)

    def echo(self, record, data):
        """An echo packet to the other end's own address comes by: forward it."""
        self.last_echo = data
        if self.loop and self.loop(record):
            self.transmit(looped(data))

    def deliver(self, record):
        for session in self.sessions.values():
            if (session.remote == record["src"] and session.local == record["dst"]
                    and session.dport == record["dport"] and session.has_tag(record["vlan"])
                    and session.trusts(record)):
                if session.hear(record, time.monotonic()):
                    self.send(session, {"flags": "F" + "C" * session.cpi + "D" * session.demand})

    def neighbour(self, data):
        """ARP and neighbour discovery: learn from it, and answer it."""
        ethertype = struct.unpack("!H", data[12:14])[0]
        ours = {address_bytes(session.local) for session in self.sessions.values()}
        if ethertype == ETH_P_ARP and len(data) >= 42:
            operation = struct.unpack("!H", data[20:22])[0]
            sender_mac, sender, target = data[22:28], data[28:32], data[38:42]
            self.macs[address_text(sender)] = mac_text(sender_mac)
            if operation == 1 and target in ours and self.resolve:
                mac = mac_bytes(self.mac)
                self.transmit(sender_mac + mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, ETH_P_IP, 6, 4, 2)
                              + mac + target + sender_mac + sender)
        elif ethertype == ETH_P_IPV6 and len(data) >= 78 and data[20] == 58:
            source, target = data[22:38], data[62:78]
            if data[54] == 135 and target in ours:
                self.macs[address_text(source)] = mac_text(data[6:12])
                if self.resolve:
                    self.transmit_icmp6(data[6:12], target, source, self.advert(target, 0x60))
            elif data[54] == 136:
                self.macs[address_text(target)] = mac_text(data[6:12])

    # --- the loop

    def due(self):
        """Send what is due; seconds until the next."""
        now = time.monotonic()
        wait = 0.2
        for session in self.sessions.values():
            # Of the time since then it isn't known that it was silent.
            session.expire(self.looked)
            if session.mute:
                continue
            if session.next_tx <= now:
                sent = self.send(session)
                session.next_tx = now + (session.interval() if sent else 0.2)
            wait = min(wait, session.next_tx - now)
        self.next_look = now + max(wait, 0)
        return max(wait, 0)

    def run(self, seconds, until=None):
        """Go on until the time is over or until() is true."""
        end = time.monotonic() + seconds
        while True:
            self.receive()
            wait = self.due()
            if until and until():
                return True
            left = end - time.monotonic()
            if left <= 0:
                return until is None
            select.select([self.socket], [], [], min(wait, left))


def key_values(words):
    result = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator:
            raise ValueError("not key=value: " + word)
        result[key] = value
    return result


def matches(record, wanted):
    """All wanted fields are equal; `flags` means that these are among those set."""
    for key, value in wanted.items():
        if key == "flags":
            if not set(value) <= set(record.get("flags", "")):
                return False
        elif str(record.get(key)) != value:
            return False
    return True


class Commands:
    """The lines of stdin."""

    # After these, `wait` looks at what comes from now on; after others, from their beginning.
    PASSIVE = ("ping", "run", "mark", "dump", "count")

    def __init__(self, peer):
        self.peer = peer
        self.since = 0

    def session(self, name):
        if name not in self.peer.sessions:
            raise ValueError("no session " + name)
        return self.peer.sessions[name]

    def answer(self, line):
        name, *words = line.split()
        method = getattr(self, "do_" + name, None)
        if not method:
            raise ValueError("no command " + name)
        before = len(self.peer.record)
        answer = method(words)
        if name != "wait":
            self.since = len(self.peer.record) if name in self.PASSIVE else before
        return answer

    def do_ping(self, words):
        return {"mac": self.peer.mac}

    def do_session(self, words):
        self.peer.sessions[words[0]] = Session(words[0], key_values(words[1:]))

    def do_set(self, words):
        session = self.session(words[0])
        session.change(key_values(words[1:]))
        session.next_tx = min(session.next_tx, time.monotonic() + session.interval())

    def do_drop(self, words):
        self.session(words[0])
        del self.peer.sessions[words[0]]

    def do_send(self, words):
        session = self.session(words[0])
        fields = key_values(words[1:])
        known = set(session.fields()) | {"smac", "dmac"}
        for key, value in fields.items():
            if key not in known:
                raise ValueError("unknown key " + key)
            if key == "vlan":
                fields[key] = None if value == "none" else int(value, 0)
            elif key == "auth":
                fields[key] = {"none": None, "bad": {"key": b"not ours"}}[value]
            elif isinstance(session.fields()[key] if key in session.fields() else "", int):
                fields[key] = int(value, 0)
        if not self.peer.send(session, fields):
            self.peer.run(5, lambda: session.remote in self.peer.macs)
            if not self.peer.send(session, fields):
                raise ValueError("no Ethernet address for " + session.remote)

    def do_wait(self, words):
        wanted = key_values(words[1:])
        found = []

        def until():
            while self.since < len(self.peer.record):
                record = self.peer.record[self.since]
                self.since += 1
                if record["direction"] == "received" and matches(record, wanted):
                    found.append(record)
                    return True
            return False

        if not self.peer.run(float(words[0]), until):
            raise ValueError("no such packet: " + " ".join(words[1:]))
        return {"packet": found[0]}

    def do_run(self, words):
        self.peer.run(float(words[0]))

    def do_mark(self, words):
        self.peer.receive()
        return {"mark": len(self.peer.record)}

    def do_dump(self, words):
        self.peer.receive()
        wanted = key_values(words[2:])
        found = [record for record in self.peer.record[int(words[0]) :] if matches(record, wanted)]
        with open(words[1], "w", encoding="ascii") as file:
            json.dump(found, file)

    def do_count(self, words):
        self.peer.receive()
        wanted = key_values(words[1:])
        found = [record for record in self.peer.record[int(words[0]) :]
                 if record["direction"] == "received" and matches(record, wanted)]
        return {"count": len(found)}

    def do_mac(self, words):
        mac_bytes(words[0])
        self.peer.mac = words[0]

    def do_announce(self, words):
        self.peer.announce(self.session(words[0]))

    def do_resolve(self, words):
        self.peer.resolve = {"on": True, "off": False}[words[0]]


def main():
    parser = argparse.ArgumentParser(description="a scripted BFD peer on raw frames")
    parser.add_argument("--dev", required=True, help="the device")
    parser.add_argument("--mac", help="our Ethernet address; the device's by default")
    parser.add_argument("--help-commands", action="version", version=__doc__)
    options = parser.parse_args()
    peer = Peer(options.dev, options.mac)
    commands = Commands(peer)
    pending = b""
    while True:
        peer.receive()
        readable, _, _ = select.select([sys.stdin, peer.socket], [], [], peer.due())
        if sys.stdin not in readable:
            continue
        data = sys.stdin.buffer.raw.read(65536)
        if not data:
            return
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            try:
                answer = {"ok": True}
                answer.update(commands.answer(line.decode()) or {})
            except (ValueError, KeyError, IndexError, OSError) as error:
                answer = {"ok": False, "error": str(error)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

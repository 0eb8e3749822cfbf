#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Watches all BFD sessions of a peer in the peer's own network namespace, and tells for each
that goes Down whose fault it was, by what passed the peer's device in both directions and the
kernel's timestamps.  silence.py [--stalls FILE], FILE of stalls.py.

It prints `watching` when it does, `down ADDRESS` as soon as a session goes Down, and at
SIGTERM, after the verdicts, `end`:

    excused ADDRESS REASON      the peer or the machine was at fault
    blamed ADDRESS REASON       nothing speaks for us
    gaps ADDRESS TEXT           the longest gap of either side between packets in state Up

ADDRESS is ours, that is, not the peer's.  The rules: a Down that the peer declares while our
packets came in time is its own fault, and so is one that we declare while it sent nothing for
the detection time (RFC 5880, 6.8.4: the sender's multiplier times the larger of its Desired
Min TX and the other's Required Min RX, all as the packets say).  A Down because of echo packets is
the peer's own fault if each of them came back within an echo interval.  A machine that stood still
for the detection time less an interval excuses anything.  It must not know anything of ipbfd.
Standard library only.
"""

import argparse
import ipaddress
import signal
import socket
import struct
import time

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
SO_RCVBUFFORCE = 33
SOL_PACKET = 263
PACKET_STATISTICS = 6
CONTROL_PORTS = (3784, 4784)
ECHO_PORT = 3785
STATES = ("AdminDown", "Down", "Init", "Up")
UP = 3
DETECTION_EXPIRED = 1
ECHO_FAILED = 2
ROUND_S = 0.05  # between looks: the timestamps are the kernel's, so we needn't be in the way
HISTORY_S = 1.0  # how far back a gap of ours may explain a Down of the peer
PEER_MARGIN_S = 0.001  # a packet that is on its way when the timer fires


class Packet:
    """A BFD control packet (RFC 5880, 4.1)."""

    def __init__(self, payload):
        self.diagnostic = payload[0] & 0x1F
        self.state = payload[1] >> 6
        self.multiplier = payload[2]
        self.tx_s, self.rx_s, self.echo_rx_s = (
            value / 1e6 for value in struct.unpack("!III", payload[12:24]))


def datagram(frame):
    """(source, destination, TTL, port, payload) or None.  No VLAN tags, no IP options."""
    protocol = frame[12:14]
    if protocol == b"\x08\x00" and frame[23] == 17:
        source, destination, ttl, udp = frame[26:30], frame[30:34], frame[22], 34
    elif protocol == b"\x86\xdd" and frame[20] == 17:
        source, destination, ttl, udp = frame[22:38], frame[38:54], frame[21], 54
    else:
        return None
    if len(frame) < udp + 8 + 24:
        return None
    (port,) = struct.unpack("!H", frame[udp + 2:udp + 4])
    return source, destination, ttl, port, frame[udp + 8:]


class Side:
    """What one end of a session sent."""

    def __init__(self):
        self.packet = None
        self.time = 0.0
        self.allowed = 0.0  # detection time of the other end since that packet
        self.longest = (0.0, 0.0)  # length, allowed
        self.gaps = []  # (end, length, allowed) of the last HISTORY_S

    def is_up(self):
        return self.packet is not None and self.packet.state == UP

    def gap_until(self, now):
        return now, now - self.time, self.allowed

    def sent(self, packet, now, other):
        if self.is_up():
            gap = self.gap_until(now)
            self.gaps = [old for old in self.gaps if old[0] > now - HISTORY_S] + [gap]
            if packet.state == UP:
                self.longest = max(self.longest, gap[1:])
        self.packet = packet
        self.time = now
        rx_s = other.packet.rx_s if other.packet else 0.0
        self.allowed = packet.multiplier * max(packet.tx_s, rx_s)

    def worst_gap(self, since, now):
        """The one that came nearest to its detection time, or exceeded it most."""
        gaps = [gap for gap in self.gaps if gap[0] >= since] + [self.gap_until(now)]
        return max(gaps, key=lambda gap: gap[1] - gap[2])[1:]


class Echo:
    """The echo packets of the peer: those that are on their way, and how long others were."""

    def __init__(self):
        self.left = []
        self.delays = []  # (end, delay) of the last HISTORY_S

    def sent(self, now):
        self.left.append(now)

    def returned(self, now):
        if self.left:
            self.delays = [old for old in self.delays if old[0] > now - HISTORY_S]
            self.delays.append((now, now - self.left.pop(0)))

    def worst_delay(self, now):
        delays = [delay for end, delay in self.delays if end > now - HISTORY_S]
        return max(delays + [now - left for left in self.left[:1]], default=0.0)


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


class Session:
    def __init__(self, address):
        self.address = address
        self.ours = Side()
        self.theirs = Side()
        self.echo = Echo()
        self.downs = []  # (excused, reason, from, to, allowed): the span in which a stall counts

    def sent(self, by_peer, packet, now):
        """True if the session went Down with it."""
        sender, other = (self.theirs, self.ours) if by_peer else (self.ours, self.theirs)
        went_down = sender.is_up() and other.is_up() and packet.state != UP
        if went_down:
            self.judge(by_peer, packet, now)
        sender.sent(packet, now, other)
        return went_down

    def judge(self, by_peer, packet, now):
        silent = self.ours if by_peer else self.theirs
        # What interval a stall is measured against is the silent side's.
        allowed, multiplier = silent.allowed, silent.packet.multiplier
        if packet.diagnostic == ECHO_FAILED:
            interval = silent.packet.echo_rx_s
            allowed, multiplier = self.ours.packet.multiplier * interval, self.ours.packet.multiplier
            delay = self.echo.worst_delay(now)
            excused = by_peer and delay < interval
            reason = f"{'the peer' if by_peer else 'we'} declared Down because of echo packets" \
                     + f", its own took {milliseconds(delay)}" * by_peer
        elif packet.diagnostic != DETECTION_EXPIRED:
            excused = False
            reason = f"{'the peer' if by_peer else 'we'} went {STATES[packet.state]}" \
                     f" with diagnostic {packet.diagnostic}"
        elif by_peer:
            gap, limit = silent.worst_gap(now - HISTORY_S, now)
            excused = gap < limit
            reason = f"the peer declared Down, our packets reached it within {milliseconds(gap)}" \
                     f" of {milliseconds(limit)}"
        else:
            gap, limit = silent.worst_gap(now - allowed, now)
            excused = gap >= limit - PEER_MARGIN_S
            reason = f"we declared Down, the peer was silent for {milliseconds(gap)}" \
                     f" of {milliseconds(limit)}"
        self.downs.append((excused, reason, now - 2 * allowed, now, allowed - allowed / multiplier))

    def verdicts(self, stalls):
        for excused, reason, start, end, enough in self.downs:
            longest = max((length for at, length in stalls
                           if at >= start and at - length <= end), default=0.0)
            if not excused and longest >= enough:
                excused, reason = True, f"{reason}; the machine stood still for {milliseconds(longest)}"
            yield f"{'excused' if excused else 'blamed'} {self.address} {reason}"
        yield f"gaps {self.address} " + ", ".join(
            f"{name} {milliseconds(side.longest[0])} of {milliseconds(side.longest[1])}"
            for name, side in (("ours", self.ours), ("the peer's", self.theirs)))


def read_stalls(name):
    """[(end, length)] in seconds."""
    if name is None:
        return []
    with open(name, encoding="ascii") as lines:
        return [tuple(map(float, line.split()[1:])) for line in lines if line.startswith("stall ")]


class Watch:
    def __init__(self):
        self.sessions = {}
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)

    def look(self):
        """Reads all that has come."""
        while True:
            try:
                frame, extra, _, address = self.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            found = datagram(frame)
            if found and extra:
                seconds, nanoseconds = struct.unpack("qq", extra[0][2])
                self.take(found, address, seconds + nanoseconds / 1e9)

    def take(self, found, address, now):
        source, destination, ttl, port, payload = found
        by_peer = address[2] == PACKET_OUTGOING
        theirs, ours = (source, destination) if by_peer else (destination, source)
        if port == ECHO_PORT:
            self.take_echo(address[0], theirs, ttl, by_peer, now)
        if port not in CONTROL_PORTS:
            return
        key = (address[0], theirs, ours, port)
        session = self.sessions.get(key)
        if session is None:
            session = self.sessions[key] = Session(ipaddress.ip_address(ours))
        if session.sent(by_peer, Packet(payload), now):
            print("down", session.address, flush=True)

    def take_echo(self, device, theirs, ttl, by_peer, now):
        """Of the peer's own: out with TTL 255, back with less (its address is an end of both)."""
        for key, session in self.sessions.items():
            if key[:2] == (device, theirs) and by_peer and ttl == 255:
                session.echo.sent(now)
            elif key[:2] == (device, theirs) and not by_peer and ttl < 255:
                session.echo.returned(now)

    def lost(self):
        answer = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        return struct.unpack("II", answer)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stalls", metavar="FILE")
    arguments = parser.parse_args()
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    watch = Watch()
    print("watching", flush=True)
    while not stop:
        watch.look()
        time.sleep(ROUND_S)
    watch.look()
    stalls = read_stalls(arguments.stalls)
    for session in watch.sessions.values():
        for line in session.verdicts(stalls):
            print(line)
    if watch.lost():
        print("blamed all the watch itself lost packets")
    print("end", flush=True)


if __name__ == "__main__":
    main()

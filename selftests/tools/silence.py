#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Watches what a BFD peer sends on a device of its own, silence.py DEVICE, and prints at
SIGTERM the longest silence in milliseconds that followed a packet in state Up, by the
kernel's timestamps and per source address.  It tells a peer that fell silent by itself
from one that lost us; it must not know anything of ipbfd.  Standard library only.
"""

import signal
import socket
import struct
import sys

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
UP = 3


def control_packet(frame):
    """(source address, state) of a BFD control packet, or None."""
    protocol = frame[12:14]
    if protocol == b"\x08\x00" and frame[23] == 17:
        source, udp = frame[26:30], 34
    elif protocol == b"\x86\xdd" and frame[20] == 17:
        source, udp = frame[22:38], 54
    else:
        return None
    if frame[udp + 2:udp + 4] != struct.pack("!H", 3784):
        return None
    return source, frame[udp + 9] >> 6


def main():
    last = {}
    longest = 0.0
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind((sys.argv[1], ETH_P_ALL))
    sock.settimeout(0.2)
    while not stop:
        try:
            frame, extra, _, address = sock.recvmsg(2048, 64)
        except socket.timeout:
            continue
        if address[2] != PACKET_OUTGOING or not extra:
            continue
        packet = control_packet(frame)
        if not packet:
            continue
        seconds, nanoseconds = struct.unpack("qq", extra[0][2])
        now = seconds + nanoseconds / 1e9
        source, state = packet
        before, state_before = last.get(source, (now, None))
        if state_before == UP:
            longest = max(longest, now - before)
        last[source] = now, state
    print(int(longest * 1000))


if __name__ == "__main__":
    main()

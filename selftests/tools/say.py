#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Control packets of a peer that has nothing but a socket, one after another, fast.

usage: say.py LOCAL REMOTE OUR-DISCRIMINATOR THEIR-DISCRIMINATOR COUNT STATE[/MULT]...

Says the states (down, init, up) in turn, COUNT packets in all: each is a transition, or with another
multiplier an event, of the session at REMOTE.  OUR-DISCRIMINATOR is the one of this end.
"""
import socket
import struct
import sys
import time

STATES = {"admin-down": 0, "down": 1, "init": 2, "up": 3}
IP_TRANSPARENT = 19
# A veth's queue holds 256, and whoever empties it may have to wait for a processor: so few at a time,
# and so long after them, seconds.
BURST, PAUSE_S = 20, 0.004


def packet(word, ours, theirs):
    state, _, mult = word.partition("/")
    return struct.pack("!BBBBIIIII", 1 << 5, STATES[state] << 6, int(mult or 255), 24,
                       ours, theirs, 1000000, 1000000, 0)


def main():
    local, remote, ours, theirs, count = sys.argv[1:6]
    packets = [packet(word, int(ours), int(theirs)) for word in sys.argv[6:]]
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
    out.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)  # nobody need have the address
    out.bind((local, 49152 + int(ours) % 16384))
    for i in range(int(count)):
        out.sendto(packets[i % len(packets)], (remote, 3784))
        if i % BURST == BURST - 1:
            time.sleep(PAUSE_S)


main()

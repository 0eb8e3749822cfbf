#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Captures the BFD control packets that leave a device, and prints them for tools/flood.c: a frame in hexadecimal on
each line.

    capture.py DEVICE COUNT SECONDS [DESTINATION]

It ends after so many or after so long.  Of IPv4 only, without tags; standard library only.
"""

import select
import socket
import sys
import time

ETH_P_ALL = 3
PACKET_OUTGOING = 4


def is_wanted(frame, destination):
    return (frame[12:14] == b"\x08\x00" and frame[23] == 17 and frame[36:38] == (3784).to_bytes(2, "big")
            and destination in (None, frame[30:34]))


def main():
    device, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    destination = socket.inet_aton(sys.argv[4]) if len(sys.argv) > 4 else None
    capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    capture.bind((device, ETH_P_ALL))
    end, found = time.monotonic() + seconds, 0
    while found < count and time.monotonic() < end:
        if not select.select([capture], [], [], 0.1)[0]:
            continue
        frame, address = capture.recvfrom(2048)
        if address[2] == PACKET_OUTGOING and is_wanted(frame, destination):
            print(frame.hex())
            found += 1


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A client that asks for events by unicast, once, and then only listens.

usage: subscriber.py [PORT] [--silent]

Prints a line of JSON for each event of a session's state: "old", "new", "late", "time", "remote".  With
PORT its netlink port is that; --silent doesn't ask for anything.  The first line is its port.
"""
import json
import os
import re
import socket
import struct
import sys

NETLINK_USERSOCK = 2
SO_RCVBUFFORCE = 33
AGENT_PORT = 3784
FAMILY = 19  # NLMSG_MIN_TYPE + 3, the first that the kernel leaves free
NLM_F_REQUEST, NLM_F_ACK = 1, 4
STATES = ["admin-down", "down", "init", "up"]


def read_numbers():
    """From the UAPI header, their source."""
    path = os.path.join(os.path.dirname(__file__), "../../genl/uapi/bfd_genl.h")
    with open(path, encoding="ascii") as header:
        found = re.findall(r"^\t(BFD_\w+) = (\d+),$", header.read(), re.MULTILINE)
    return {name: int(number) for name, number in found}


NUMBERS = read_numbers()


def attributes(data):
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def u32(data):
    return struct.unpack("=I", data)[0]


def show(message):
    length, kind, _flags, _sequence, _port = struct.unpack_from("=IHHII", message)
    if kind != FAMILY or message[16] != NUMBERS["BFD_CMD_SESSION_STATE_NTF"]:
        return
    session = attributes(message[20:length])
    event = attributes(session[NUMBERS["BFD_A_SESSION_EVENT"]])
    remote = session[NUMBERS["BFD_A_SESSION_REMOTE_ADDRESS"]]
    print(json.dumps({
        "old": STATES[u32(event[NUMBERS["BFD_A_EVENT_OLD_STATE"]])],
        "new": STATES[u32(event[NUMBERS["BFD_A_EVENT_NEW_STATE"]])],
        "late": NUMBERS["BFD_A_EVENT_LATE"] in event,
        "time": struct.unpack("=Q", event[NUMBERS["BFD_A_EVENT_TIME"]])[0],
        "remote": socket.inet_ntop(socket.AF_INET if len(remote) == 4 else socket.AF_INET6, remote),
    }), flush=True)


def main():
    words = [word for word in sys.argv[1:] if word != "--silent"]
    client = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_USERSOCK)
    client.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    client.bind((int(words[0]) if words else 0, 0))
    port = client.getsockname()[0]
    if "--silent" not in sys.argv:
        body = struct.pack("=HHI", 8, NUMBERS["BFD_A_SUBSCRIBE_GROUPS"], 3)
        head = struct.pack("=BBH", NUMBERS["BFD_CMD_SUBSCRIBE"], 1, 0)
        client.sendto(struct.pack("=IHHII", 16 + len(head) + len(body), FAMILY,
                                  NLM_F_REQUEST | NLM_F_ACK, 1, port) + head + body,
                      (AGENT_PORT, 0))
        answer = client.recv(65536)
        if struct.unpack_from("=i", answer, 16)[0]:
            raise OSError("refused: %r" % answer)
    print(port, flush=True)
    while True:
        show(client.recv(65536))


main()

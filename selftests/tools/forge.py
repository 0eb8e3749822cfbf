#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Prints frames for tools/flood.c, one a line in hexadecimal: control packets as one end of a session would send
them, whose digests are wrong.

    forge.py COUNT KEY=VALUE...

Keys: kind (as in `ip bfd`) and id of authentication, my your src dst smac dmac sport.  It must not know a key.
"""

import os
import sys

sys.dont_write_bytecode = True
import authentication  # pylint: disable=wrong-import-position
import rawpeer  # pylint: disable=wrong-import-position


def frame(words, sequence):
    session = rawpeer.Session("forged", {
        "local": words["src"], "remote": words["dst"], "port": words["sport"], "discr": words["my"],
        "state": "down", "auth": "%s,%s=%s" % (words["kind"], words["id"], os.urandom(16).hex())})
    fields = session.packet({"your": int(words["your"], 0), "flags": "P",
                             "auth": {"sequence": sequence % authentication.SEQUENCES}})
    fields.update(smac=words["smac"], dmac=words["dmac"])
    return rawpeer.packet_bytes(fields)


def main():
    words = rawpeer.key_values(sys.argv[2:])
    start = int.from_bytes(os.urandom(4), "big")
    for number in range(int(sys.argv[1])):
        print(frame(words, start + number).hex())


if __name__ == "__main__":
    main()

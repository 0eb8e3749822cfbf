# SPDX-License-Identifier: GPL-2.0
"""RX: reception of control packets (RFC 5880 6.8.6), in the order of its checks."""

from harness import row

# Packets meet XDP in the driver, or the same program in the stack where the driver has none.
PATHS = ("native", "generic")


@row("RX-01", PATHS)
def bad_version(test):
    session = test.session().up()
    versions = (0, 2, test.input("version", 7))
    session.silent_drop("bad-version", *[{"version": version} for version in versions])

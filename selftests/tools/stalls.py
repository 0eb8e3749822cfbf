#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Watches how long this machine keeps a real-time process waiting: on each processor one
that wants to run every 2 ms.  Ends with SIGTERM, and then prints the longest delay in
milliseconds.  With it a test can tell a peer that was not scheduled in time from a fault of ours.
Standard library only.
"""

import os
import signal
import sys
import time

PRIORITY = 10  # that of the peers' daemons, see interop/peers.sh
PERIOD_S = 0.002


def watch(processor, pipe):
    """Runs in a child of its own until SIGTERM."""
    longest = 0.0

    def finish(*_):
        os.write(pipe, b"%d\n" % int(longest * 1000))
        os._exit(0)

    signal.signal(signal.SIGTERM, finish)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.sched_setaffinity(0, {processor})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    while True:
        before = time.monotonic()
        time.sleep(PERIOD_S)
        longest = max(longest, time.monotonic() - before - PERIOD_S)


def main():
    reader, writer = os.pipe()
    children = []
    for processor in sorted(os.sched_getaffinity(0)):
        child = os.fork()
        if child == 0:
            watch(processor, writer)
        children.append(child)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    for child in children:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
    os.close(writer)
    print(max(int(line) for line in os.fdopen(reader)))


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sys.exit(main())

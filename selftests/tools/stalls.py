#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Watches how long this machine keeps a real-time process waiting: on each processor one
that wants to run every 2 ms.  Prints `watching`, then for each longer delay a line
`stall END LENGTH`, both in seconds, END by the system's clock; ends with SIGTERM.  With it a
test can tell a peer that was not scheduled in time from a fault of ours.  Standard library only.

	stalls.py [--deadline]

With --deadline they come before all real-time priorities (chrt): what delays these, with hogs about,
is the kernel or the hypervisor, which may also stop one processor alone.
"""

import os
import signal
import sys
import time

PRIORITY = 10  # that of the peers' daemons, see interop/peers.sh
PERIOD_S = 0.002
LEAST_S = 0.005  # shorter ones excuse nothing,
LEAST_DEADLINE_S = 0.002  # or, of what delays even that, nothing at all


# Nanoseconds; generous, it runs for little.
DEADLINE = ("chrt", "--deadline", "--sched-runtime", "500000", "--sched-deadline", "2000000",
            "--sched-period", "2000000", "0")


def watch(least_s):
    """Until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    while True:
        # All wake at the same moments: deadline tasks can't be tied to processors, but this spreads them.
        until = (time.monotonic() // PERIOD_S + 2) * PERIOD_S
        time.sleep(max(0, until - time.monotonic()))
        delay = time.monotonic() - until
        if delay >= least_s:
            os.write(1, b"stall %.6f %.6f\n" % (time.time(), delay))


def watch_processor(processor):
    """Runs in a child of its own."""
    if sys.argv[1:] == ["--deadline"]:
        os.execvp(DEADLINE[0], [*DEADLINE, sys.executable, sys.argv[0], "--one"])
    os.sched_setaffinity(0, {processor})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    watch(LEAST_S)


def main():
    if sys.argv[1:] == ["--one"]:
        watch(LEAST_DEADLINE_S)
    children = []
    for processor in sorted(os.sched_getaffinity(0)):
        child = os.fork()
        if child == 0:
            watch_processor(processor)
        children.append(child)
    print("watching", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    for child in children:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sys.exit(main())

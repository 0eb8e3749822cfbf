#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Writes a word to a file at a moment of the monotonic clock, on time also where real-time hogs
starve whoever asked for it.  Standard library and chrt only.

	write_at.py SECONDS WORD FILE

It prints `ready` once nothing is left to do but that, and then how late it was done, in seconds.
"""

import os
import sys
import time

# Deadline tasks come before all real-time priorities.  Nanoseconds; generous, it runs for little.
DEADLINE = ("chrt", "--deadline", "--sched-runtime", "5000000", "--sched-deadline", "20000000",
            "--sched-period", "20000000", "0")


def main():
    if os.sched_getscheduler(0) == os.SCHED_OTHER:
        os.execvp(DEADLINE[0], [*DEADLINE, sys.executable, *sys.argv])
    when_s, word = float(sys.argv[1]), sys.argv[2].encode()
    file = os.open(sys.argv[3], os.O_WRONLY)
    print("ready", flush=True)
    time.sleep(max(0, when_s - time.monotonic()))
    os.write(file, word)
    print("%.6f" % (time.monotonic() - when_s))


if __name__ == "__main__":
    main()

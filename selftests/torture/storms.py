#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What takes the processors away must not hurt a session: real-time hogs, timer and context-switch
storms, with the agent at normal priority.  TAP, with tables in its comments.

	storms.py [--part hogs|overshoot|fast]... [--system ipbfd|bird|frr]... [--seconds N]
		[--sessions N] [--tx TIME] [--rounds N] [--steps N,...] [--fast TIME,...] [--build DIR]

Parts, and how long they take on 2 processors, if nothing is said otherwise:

hogs       flaps of one table of sessions in each --system, under each load for --seconds (35 minutes)
overshoot  how late a failure is detected with the agents stopped, under each load, in --rounds cuts
           or as many as 200 detections take (5 minutes)
fast       how many sessions at the intervals of --fast hold for --seconds, idle and under hogs, the
           greatest of --steps; short trials find it (14 minutes, more if the longer time refutes them)

Wants a machine without other work.  Hogs starve whoever works on it for up to --seconds.
"""

import argparse
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "conformance"))
# pylint: disable=wrong-import-position
import storm_fast  # noqa: E402
import storm_flaps  # noqa: E402
import storm_overshoot  # noqa: E402
import storm_systems  # noqa: E402
from netns import Broken, DutError, end_by_signals, sweep, sweep_ended  # noqa: E402
from tap import Tap  # noqa: E402

PREFIX = "bfdstorms"
PARTS = {"hogs": storm_flaps.measure, "overshoot": storm_overshoot.measure, "fast": storm_fast.measure}
SYSTEMS = [system.name.lower() for system in storm_systems.SYSTEMS]
MOST_SECONDS = 590  # hogs end after 600


def microseconds(text):
    for unit, factor in (("us", 1), ("ms", 1000), ("s", 1000000)):
        if text.endswith(unit):
            return round(float(text[:-len(unit)]) * factor)
    raise argparse.ArgumentTypeError("'%s' has no unit us, ms or s" % text)


def bounded(least, most):
    def number(text):
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError("%s is not between %d and %d" % (text, least, most))
        return round(value)
    return number


def listed(kind):
    return lambda text: [kind(word) for word in text.split(",")]


def parse():
    what, _usage, *rest = __doc__.strip().split("\n\n")
    parser = argparse.ArgumentParser(description=what, epilog="\n\n".join(rest),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(HERE, "..", "..", "build"))
    parser.add_argument("--part", action="append", choices=PARTS, help="all, without")
    parser.add_argument("--system", action="append", choices=SYSTEMS, help="of hogs; all, without")
    parser.add_argument("--seconds", type=bounded(1, MOST_SECONDS), default=120)
    parser.add_argument("--sessions", type=bounded(1, 500), default=200)
    parser.add_argument("--tx", dest="tx_us", type=microseconds, default="10ms")
    parser.add_argument("--rounds", type=bounded(1, 100), default=5)
    parser.add_argument("--steps", type=listed(bounded(1, 1000)), default="10,50,100,200,400,800")
    parser.add_argument("--fast", dest="fast_us", type=listed(microseconds), default="3.3ms,1ms")
    options = parser.parse_args()
    options.system = options.system or SYSTEMS
    return options


def main():
    options = parse()
    options.build = os.path.abspath(options.build)
    options.prefix = "%s%d" % (PREFIX, os.getpid())
    end_by_signals("Bail out! ended by ")
    sweep_ended(options.build, PREFIX)
    tap = Tap()
    try:
        for part in options.part or PARTS:
            tap.note("--- %s" % part)
            try:
                PARTS[part](options, tap)
            except (Broken, DutError, subprocess.TimeoutExpired) as error:
                # What the other parts say is worth its time all the same.
                tap.point(False, "%s runs to its end" % part, str(error))
    finally:
        # What an interrupted removal left.
        sweep(options.build, options.prefix)
    return tap.plan()


if __name__ == "__main__":
    sys.exit(main())

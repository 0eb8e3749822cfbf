# SPDX-License-Identifier: GPL-2.0
"""
How many very fast sessions hold?  Idle, growing numbers until some session fails; under hogs, from the
greatest that held downwards.
"""

import time

from storm_loads import Load, stall_words
from storm_systems import Ipbfd

COME_UP_S = 30
SETTLE_S = 3
UNDER = "FIFO 50 hogs"


def holds(options, tap, interval_us, sessions, load_name):
    """Did all come up, and none fail?"""
    with Ipbfd(options.build, options.prefix + "fast", sessions, interval_us) as table:
        ups = table.wait_up(COME_UP_S)
        time.sleep(SETTLE_S)
        ups, downs, nearest = min(ups, table.ups()), table.downs(), table.nearest()
        with Load(load_name, options.build, options.seconds) as load:
            said = load.finish()
            time.sleep(SETTLE_S)
            stalls = stall_words(load.stalls.read())
        flaps = table.downs() - downs
        tap.note("%g ms x3, %s: %d sessions, %d up, %d flaps; %s; %s; %s" % (
            interval_us / 1000, load_name, sessions, ups, flaps, table.nearest_since(nearest), said, stalls))
        return ups == sessions and flaps == 0


def greatest(options, tap, interval_us):
    """Of the steps, the greatest that holds idle, and that under hogs; 0: none."""
    idle = 0
    for sessions in options.steps:
        if not holds(options, tap, interval_us, sessions, "idle"):
            break
        idle = sessions
    for sessions in reversed([step for step in options.steps if step <= idle]):
        if holds(options, tap, interval_us, sessions, UNDER):
            return idle, sessions
    return idle, 0


def measure(options, tap):
    results = []
    for interval_us in options.fast_us:
        idle, under = greatest(options, tap, interval_us)
        results.append((interval_us / 1000, idle, under))
        tap.point(idle > 0, "idle: %d sessions at %g ms x3 hold for %g s" % (
            options.steps[0], interval_us / 1000, options.seconds))
        tap.point(under > 0, "%s: %d sessions at %g ms x3 hold for %g s" % (
            UNDER, options.steps[0], interval_us / 1000, options.seconds))
    tap.note("how many sessions hold for %g s, of the steps %s" % (
        options.seconds, " ".join(str(step) for step in options.steps)))
    tap.note("%-9s %8s %14s" % ("interval", "idle", UNDER))
    for interval_ms, idle, under in results:
        tap.note("%5g ms  %8d %14d" % (interval_ms, idle, under))

# SPDX-License-Identifier: GPL-2.0
"""
Who keeps sessions up while the processors are taken away?  The same table in ipbfd, BIRD and
FRR, one system after another under each load, so that none starves another; flaps are counted
at both ends.  Ours must have none but when a processor itself stood still for long enough (with both
ends on it that is the hypervisor's: stall_times.py); the others are told, not judged.
"""

import subprocess
import time

from netns import Broken
from stall_times import excused
from storm_loads import LOADS, Load, possible, stall_words
from storm_systems import MULTIPLIER, SYSTEMS, Ipbfd

COME_UP_S = 40
SETTLE_S = 3  # the agreed intervals come into force; afterwards: what was starved notes what it missed


def machines(before, after, stalls, interval_us):
    """How many of the Downs of ipbfd came while the machine stood still for long enough."""
    interval_s = interval_us / 1e6
    return sum(excused(stalls, count - before[key][0], when_s, MULTIPLIER * interval_s, interval_s)
               for key, (count, when_s) in after.items())


def one(options, system, load_name):
    """One system under one load: what the table has of it, and how many flaps are the system's."""
    ours = system is Ipbfd
    with system(options.build, options.prefix + system.name.lower(), options.sessions,
                options.tx_us) as table:
        came_up = table.wait_up(COME_UP_S)
        time.sleep(SETTLE_S)
        ups, downs = table.ups(), table.downs()
        if ours:
            last_downs, nearest = table.last_downs(), table.nearest()
        with Load(load_name, options.build, options.seconds) as load:
            remarks = [load.finish()]
            time.sleep(SETTLE_S)
            remarks.append(stall_words(load.stalls.read()))
            flaps = table.downs() - downs
            machine = machines(last_downs, table.last_downs(), load.stalls.read(),
                               options.tx_us) if ours else 0
        if ours:
            remarks.insert(0, table.nearest_since(nearest))
        if machine:
            remarks.insert(0, "%d flaps while a processor stood still" % machine)
        if came_up < options.sessions:
            remarks.insert(0, "only %d of %d came up" % (came_up, options.sessions))
        return (load_name, system.name, ups, flaps, table.ups(), "; ".join(remarks)), flaps - machine


def row(options, system, load_name):
    """As that; a peer that can't is told so."""
    try:
        return one(options, system, load_name)
    except (Broken, subprocess.TimeoutExpired) as error:
        if system is Ipbfd:
            raise
        return (load_name, system.name, "-", "-", "-", str(error)), 0


def measure(options, tap):
    wanted = [system for system in SYSTEMS if system.name.lower() in options.system]
    systems = [system for system in wanted if not system.missing()]
    for system in wanted:
        if system.missing():
            tap.note("%s: %s" % (system.name, system.missing()))
    tap.note("%d sessions at %g ms x3, %g s of each load; flaps are counted at both ends" % (
        options.sessions, options.tx_us / 1000, options.seconds))
    line = "%-13s %-6s %8s %8s %8s  %s"
    tap.note(line % ("load", "system", "up", "flaps", "up after", ""))
    for load_name in LOADS:
        if not possible(load_name):
            tap.note("%s: stress-ng is not installed" % load_name)
            continue
        for system in systems:
            result, flaps = row(options, system, load_name)
            tap.note(line % result)
            if system is Ipbfd:
                tap.point(result[2] == options.sessions and flaps == 0,
                          "%s: no session of ipbfd fails" % load_name,
                          "%s were up, %s flaps that are not the machine's" % (result[2], flaps))

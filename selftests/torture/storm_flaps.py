# SPDX-License-Identifier: GPL-2.0
"""
Who keeps sessions up while the processors are taken away?  The same table in ipbfd, BIRD and
FRR, one system after another under each load, so that none starves another; flaps are counted
at both ends.  Ours must have none; the others are told, not judged.
"""

import time

from netns import Broken
from storm_loads import LOADS, Load, possible
from storm_systems import SYSTEMS, Ipbfd

COME_UP_S = 40
SETTLE_S = 3  # the agreed intervals come into force; afterwards: what was starved notes what it missed


def one(options, system, load_name):
    """(came up, up at the start, flaps, up at the end, remarks) of one system under one load."""
    with system(options.build, options.prefix + system.name.lower(), options.sessions,
                options.tx_us) as table:
        came_up = table.wait_up(COME_UP_S)
        time.sleep(SETTLE_S)
        ups, downs = table.ups(), table.downs()
        nearest = table.nearest() if isinstance(table, Ipbfd) else None
        with Load(load_name, options.build, options.seconds) as load:
            said = load.finish()
        time.sleep(SETTLE_S)
        flaps = table.downs() - downs
        if nearest:
            said = "%s; %s" % (table.nearest_since(nearest), said)
        return came_up, ups, flaps, table.ups(), said


def row(options, system, load_name):
    """A line of the table; None if that system isn't here."""
    try:
        came_up, ups, flaps, left, said = one(options, system, load_name)
    except Broken as error:
        if system is Ipbfd:
            raise
        return (load_name, system.name, "-", "-", "-", str(error))
    if came_up < options.sessions:
        said = "only %d of %d came up; %s" % (came_up, options.sessions, said)
    return (load_name, system.name, ups, flaps, left, said)


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
            result = row(options, system, load_name)
            tap.note(line % result)
            if system is Ipbfd:
                tap.point(result[2] == options.sessions and result[3] == 0,
                          "%s: no session of ipbfd fails" % load_name,
                          "%s were up, %s flaps" % (result[2], result[3]))

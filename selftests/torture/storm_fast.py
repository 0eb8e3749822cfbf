# SPDX-License-Identifier: GPL-2.0
"""
How many very fast sessions hold?  Short trials look for the number: idle, growing, until some
session fails; under hogs, from the greatest that held idle downwards.  What they found has to hold for
the full time, or the next lower step has to.  Only what held for that time counts.

While the processors stand still for two intervals (of a multiplier of 3), the fewest sessions fail.
So a trial with such a stall is tried again: it tells what goes between stalls.  If stalls are why none
held for the full time, that is the machine's, and a skip says so.
"""

import subprocess
import time

from netns import DutError
from storm_loads import Load, stall_words
from storm_systems import MULTIPLIER, Ipbfd

TRIAL_S = 10
TRIALS = 3    # at most, while stalls make them fail
COME_UP_S = 30
SETTLE_S = 3  # the agreed intervals come into force
AFTER_S = 1   # what was starved runs again
UNDER = "FIFO 50 hogs"


class Search:
    """For one interval under one load, among steps, in growing order."""

    def __init__(self, options, tap, interval_us, load_name, steps):
        self.options, self.tap = options, tap
        self.interval_us, self.load_name, self.steps = interval_us, load_name, steps
        self.trial_s = min(TRIAL_S, options.seconds)
        self.found = self.held = 0  # by trials; for the full time
        self.nearest = "none"       # what was nearest to a failure while they were held
        self.stall_s = 0            # the longest of what was last observed

    def up_to(self, most):
        """The steps up to that, the greatest first."""
        return [step for step in reversed(self.steps) if step <= most]

    def upwards(self):
        for sessions in self.steps:
            if not self.trials(sessions):
                break
            self.found = sessions
        return self.confirm()

    def downwards(self):
        self.found = next((sessions for sessions in self.up_to(self.steps[-1])
                           if self.trials(sessions)), 0) if self.steps else 0
        return self.confirm()

    def stalled(self):
        """Did the processors stand still for so long that even one session would have failed?"""
        return self.stall_s >= (MULTIPLIER - 1) * self.interval_us / 1e6

    def trials(self, sessions):
        for _ in range(TRIALS):
            if self.holds(sessions, self.trial_s):
                return True
            if not self.stalled():
                break
        return False

    def confirm(self):
        failures = 0
        for sessions in self.up_to(self.found):
            # If it is always the stalls, fewer sessions fail, too: only the fewest are tried yet.
            if failures >= TRIALS - 1 and sessions != self.steps[0]:
                continue
            if self.holds(sessions, self.options.seconds):
                self.held = sessions
                break
            failures += self.stalled()
        return self

    def judge(self):
        text = "%s: %d sessions or more at %g ms x3 hold for %g s" % (
            self.load_name, self.options.steps[0], self.interval_us / 1000, self.options.seconds)
        if not self.held and self.stalled():
            self.tap.skip(text, "processors stood still for up to %.1f ms" % (self.stall_s * 1000))
        else:
            self.tap.point(self.held > 0, text)

    def holds(self, sessions, seconds):
        """Did all come up, and none fail?  An agent that has no time to answer holds nothing."""
        self.stall_s = 0
        try:
            good, said = self.observe(sessions, seconds)
        except (DutError, subprocess.TimeoutExpired) as error:
            good, said = False, str(error)
        self.tap.note("%g ms x3, %s, %d sessions, %g s: %s; %s" % (
            self.interval_us / 1000, self.load_name, sessions, seconds, "held" if good else "failed", said))
        return good

    def observe(self, sessions, seconds):
        with Ipbfd(self.options.build, self.options.prefix + "fast", sessions, self.interval_us) as table:
            table.wait_up(COME_UP_S)
            time.sleep(SETTLE_S)
            ups, downs, nearest = table.ups(), table.downs(), table.nearest()
            if ups < sessions:
                return False, "only %d came up" % ups
            with Load(self.load_name, self.options.build, seconds) as load:
                said = load.finish()
                time.sleep(AFTER_S)
                stalls = load.stalls.read()
            self.stall_s = max((until - since for since, until in stalls), default=0)
            flaps = table.downs() - downs
            self.nearest = table.nearest_since(nearest)
            return flaps == 0, "%d flaps; %s; %s; %s" % (flaps, self.nearest, said, stall_words(stalls))


def measure(options, tap):
    searches = []
    for interval_us in options.fast_us:
        idle = Search(options, tap, interval_us, "idle", options.steps).upwards()
        under = Search(options, tap, interval_us, UNDER,
                       [step for step in options.steps if step <= idle.found]).downwards()
        searches += [idle, under]
        for search in (idle, under):
            search.judge()
    tap.note("how many sessions held, of the steps %s: in trials of %g s, and for the full %g s" % (
        " ".join(str(step) for step in options.steps), searches[0].trial_s, options.seconds))
    line = "%-9s %-13s %7s %7s  %s"
    tap.note(line % ("interval", "load", "trials", "%g s" % options.seconds,
                     "while the latter were held (<=: or before)"))
    for search in searches:
        remark = search.nearest if search.held else "none held"
        if search.held == options.steps[-1]:
            remark += "; more were not tried"
        tap.note(line % ("%5g ms" % (search.interval_us / 1000), search.load_name, search.found,
                         search.held, remark))

# SPDX-License-Identifier: GPL-2.0
"""TAP, for what is too long for a shell test.  It must not test anything itself."""

import sys


class Tap:
    """Counts the points that it prints."""

    def __init__(self):
        self.count = self.failed = 0

    def point(self, good, text, why=""):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, text))
        if not good:
            self.note(why)
        sys.stdout.flush()

    def skip(self, text, why):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, text, why), flush=True)

    def note(self, text):
        for line in str(text).splitlines():
            print("# " + line)
        sys.stdout.flush()

    def plan(self):
        """The last line; the exit status."""
        print("1..%d" % self.count)
        return 1 if self.failed else 0

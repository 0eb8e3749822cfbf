# SPDX-License-Identifier: GPL-2.0
"""
Could a Down be the machine's, by what selftests/tools/stalls.py printed?  Packets come an interval
apart, so that only a stall of the detection time less one interval makes a silence of the detection
time; and what comes after it is heard at once, or with the next packet.  It must not judge.
"""

CLOCKS_S = 0.005  # between the end of a stall and its being noted, and of steps of the system's clock
GRACE_SHARE = 4   # of the detection time, which the data plane adds after a stall (kern/detect.h)


def read_stalls(lines):
    """(since when, until when), by the system's clock."""
    found = []
    for line in lines:
        if line.startswith("stall"):
            end_s, length_s = (float(word) for word in line.split()[1:])
            found.append((end_s - length_s, end_s))
    return found


def excuses(stall, when_s, detection_s, interval_s):
    """Is that stall long and near enough for the Down of a session with these times?"""
    since, until = stall
    late_s = interval_s + detection_s / GRACE_SHARE + CLOCKS_S
    return (min(until, when_s + CLOCKS_S) - since >= detection_s - interval_s and
            when_s <= until + late_s)


def excused(stalls, rise, when_s, detection_s, interval_s):
    """
    A Down count rose by so many, the last time then.  Of several only the last is known.

    >>> excused([(10.0, 10.25)], 1, 10.29, 0.3, 0.1)   # 300 ms less an interval are 200 ms
    True
    >>> excused([(10.0, 10.19)], 1, 10.28, 0.3, 0.1)
    False
    >>> excused([(10.0, 10.2)], 2, 10.29, 0.3, 0.1)
    False
    >>> excused([(10.0, 10.2)], 1, 10.5, 0.3, 0.1)     # packets came in between
    False
    >>> excused([(10.0, 10.2)], 1, 10.1, 0.3, 0.1)     # before it was so long
    False
    """
    return rise == 1 and bool(when_s) and any(
        excuses(stall, when_s, detection_s, interval_s) for stall in stalls)

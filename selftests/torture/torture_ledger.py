# SPDX-License-Identifier: GPL-2.0
"""
What a session keeps over all that is done to the agents: its discriminator, and all that it has counted.
It must not know the faults, nor judge a Down: that is counted too, and may be the machine's.
"""

COUNTERS = ("down_count", "admin_down_count", "rx_packets", "tx_packets", "tx_failed")
ECHO_COUNTERS = ("tx_packets", "rx_packets", "rx_invalid", "looped", "loop_limited")


def counters(session):
    """Of a session as it is shown, by name."""
    stats = session["stats"]
    found = {name: stats[name] for name in COUNTERS}
    found.update(("rx_invalid " + reason, count) for reason, count in stats["rx_invalid"].items())
    if "echo" in stats:
        found.update(("echo " + name, stats["echo"][name]) for name in ECHO_COUNTERS)
    return found


def broken(old, new):
    """
    What a session, as it was and as it is shown, didn't keep, in words.

    >>> stats = {"down_count": 1, "admin_down_count": 0, "rx_packets": 7, "tx_packets": 7, "tx_failed": 0}
    >>> was = {"local_discr": 5, "stats": {**stats, "rx_invalid": {"auth": 2}}}
    >>> broken(was, was)
    []
    >>> broken(was, {**was, "local_discr": 6})
    ['its discriminator was 5 and is 6']
    >>> broken(was, {**was, "stats": {**stats, "rx_packets": 6, "rx_invalid": {"auth": 2}}})
    ['rx_packets was 7 and is 6']
    >>> broken(was, {**was, "stats": {**stats, "rx_packets": 8, "rx_invalid": {}}})
    ['rx_invalid auth was 2 and is 0']
    >>> broken(was, {**was, "stats": {**stats, "admin_down_count": 1, "rx_invalid": {"auth": 2}}})
    ['admin_down_count was 0 and is 1']
    """
    words = []
    if new["local_discr"] != old["local_discr"]:
        words.append("its discriminator was %d and is %d" % (old["local_discr"], new["local_discr"]))
    after = counters(new)
    for name, count in counters(old).items():
        if after.get(name, 0) < count or (name == "admin_down_count" and after[name] > count):
            words.append("%s was %d and is %d" % (name, count, after.get(name, 0)))
    return words


def census(sessions, expected):
    """
    Of a list of sessions as they are shown, and the peers that they must have: what isn't one for each,
    in words, by peer.

    >>> one, two = {"remote": "192.0.2.1"}, {"remote": "192.0.2.2"}
    >>> census([one, two], ["192.0.2.1", "192.0.2.2"])
    {}
    >>> census([one], ["192.0.2.1", "192.0.2.2"])
    {'192.0.2.2': 'is gone'}
    >>> census([one, two], ["192.0.2.1"])
    {'192.0.2.2': 'is nobody that was configured'}
    >>> census([one, one], ["192.0.2.1"])
    {'192.0.2.1': 'is there 2 times'}
    """
    remotes = [session["remote"] for session in sessions]
    found = {remote: "is gone" for remote in expected if remote not in remotes}
    for remote in remotes:
        if remote not in expected:
            found[remote] = "is nobody that was configured"
        elif remotes.count(remote) != 1:
            found[remote] = "is there %d times" % remotes.count(remote)
    return found


def idle(old, new):
    """
    Why a session, as it was and is shown, doesn't live; empty: it does.  A state alone could be stale
    (in Demand mode it is what the last Poll left), so that it must have heard its peer since.

    >>> idle({"stats": {"rx_packets": 1}}, {"state": "up", "stats": {"rx_packets": 2}})
    ''
    >>> idle({"stats": {"rx_packets": 1}}, {"state": "up", "stats": {"rx_packets": 1}})
    "hasn't heard its peer"
    >>> idle(None, {"state": "init", "stats": {"rx_packets": 2}})
    'is init'
    >>> idle(None, None)
    'is gone'
    """
    if not new:
        return "is gone"
    if new["state"] != "up":
        return "is " + new["state"]
    if old and new["stats"]["rx_packets"] <= old["stats"]["rx_packets"]:
        return "hasn't heard its peer"
    return ""

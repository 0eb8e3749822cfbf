# SPDX-License-Identifier: GPL-2.0
"""
The scripted peer (../tools/rawpeer.py) at the far end of one link, on a thread of its
own: it keeps its sessions going while the test does something else, and records every
frame of both directions with the kernel's time.
"""

import contextlib
import os
import select
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import rawpeer  # pylint: disable=wrong-import-position

import netns  # pylint: disable=wrong-import-position

PACKET_QDISC_BYPASS = 20
# Real time, so that a session doesn't fail because its peer has to wait for a processor; below that of
# ../tools/stalls.py, which must not wait for peers.
PRIORITY = 5


def matches(record, wanted):
    """
    Whether a packet has these fields.  A value may be a function of the field; `flags`
    are those that must be set, `clear` those that must not.
    """
    for key, value in wanted.items():
        if key == "flags" and not callable(value):
            good = set(value) <= set(record.get("flags", ""))
        elif key == "clear":
            good = not set(value) & set(record.get("flags", ""))
        elif callable(value):
            good = key in record and value(record[key])
        else:
            good = record.get(key) == value
        if not good:
            return False
    return True


class Patience:
    """
    So many seconds for something to happen, of those in which this process ran: a test that waits for what
    comes at the latest after so long must not give up because the machine stood still.
    """

    def __init__(self, seconds):
        self.left, self.last = seconds, time.monotonic()

    def over(self, most=0.1):
        """Whether they are, after another look; of the time since the last one so many seconds count."""
        now = time.monotonic()
        self.left -= min(now - self.last, most)
        self.last = now
        return self.left <= 0


class Wire:
    """Far end of a link.  `with wire.lock:` holds the peer still."""

    def __init__(self, namespace, dev):
        with netns.inside(namespace):
            self.peer = rawpeer.Peer(dev, None)
            self.unseen = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.unseen.bind((dev, 0))
            self.unseen.setsockopt(rawpeer.SOL_PACKET, PACKET_QDISC_BYPASS, 1)
        self.lock = threading.Condition(threading.RLock())
        self.wake_out, self.wake_in = os.pipe()
        self.failure = None
        self.stopping = False
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self):
        # Of this thread alone.  Without the right to it, it goes as well as it can.
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
        try:
            while not self.stopping:
                with self.lock:
                    self.receive()
                    wait = self.peer.due()
                readable = select.select([self.peer.socket, self.wake_out], [], [], wait)[0]
                if self.wake_out in readable:
                    os.read(self.wake_out, 64)
        except Exception as error:  # pylint: disable=broad-except
            with self.lock:
                self.failure = repr(error)
                self.lock.notify_all()

    def receive(self):
        before = len(self.peer.record)
        self.peer.receive()
        if len(self.peer.record) != before:
            self.lock.notify_all()
            # What was heard may make something due, and the thread has nothing left to be woken by.
            if threading.current_thread() is not self.thread and not self.failure:
                self.wake()

    def wake(self):
        os.write(self.wake_in, b".")

    def mark(self):
        """Where the record stands now."""
        with self.lock:
            self.receive()
            return len(self.peer.record)

    def mark_of_sent(self, since):
        """That of the first packet which was sent since a mark, or this mark if it isn't in the record."""
        with self.lock:
            self.receive()
            for place in range(since, len(self.peer.record)):
                if self.peer.record[place]["direction"] == "sent":
                    return place
            return since

    def packets(self, since=0, until=None, direction="received", **wanted):
        """What was recorded between two marks and has these fields."""
        with self.lock:
            self.receive()
            return [record for record in self.peer.record[since:until]
                    if record["direction"] == direction and matches(record, wanted)]

    def wait(self, since, within, direction="received", **wanted):
        """The first such packet since a mark, or None if there is none in so many seconds (Patience)."""
        patience = Patience(within)
        with self.lock:
            while True:
                self.receive()
                if self.failure:
                    raise netns.Broken("the scripted peer failed: " + self.failure)
                while since < len(self.peer.record):
                    record = self.peer.record[since]
                    since += 1
                    if record["direction"] == direction and matches(record, wanted):
                        return record
                if patience.over():
                    return None
                self.lock.wait(min(patience.left, 0.05))

    def flood(self, frames, per_second=5000, burst=50):
        """Frames, as fast as that, past our own record.  A longer queue than a burst may be lost."""
        start, sent = time.monotonic(), 0
        for frame in frames:
            self.unseen.send(frame)
            sent += 1
            if sent % burst == 0:
                time.sleep(max(0, start + sent / per_second - time.monotonic()))
        return sent

    def close(self):
        self.stopping = True
        self.wake()
        self.thread.join(2)

# SPDX-License-Identifier: GPL-2.0
"""TMR: timer values and the detection time (RFC 5880 6.8.2 to 6.8.4, 6.8.10 to 6.8.12)."""

import time

from harness import check, check_range, gaps, row


@row("TMR-03")
def raised_tx_waits_for_final(test):
    session = test.session("tx 50ms rx 100ms", "tx=100000 rx=50000 mult=10").up()
    session.set(final=False)
    session.change("tx 500ms")
    mark = session.mark()
    session.next_packet(mark, tx=500000, flags="P")
    time.sleep(5)
    waiting = session.packets(mark)
    check(all(packet["tx"] == 500000 for packet in waiting), "the new value isn't advertised")
    # Nearly all: this machine may stand still once.
    slow = [gap for gap in gaps(waiting) if gap > 0.055]
    check(len(waiting) > 80 and len(slow) <= 3, "slower before the Final: %r" % slow)
    mark = session.mark()
    session.send(flags=test.input("answer", "F"))
    time.sleep(4)
    after = session.packets(mark, clear="P")
    check(len(after) > 5, "the Poll goes on after the Final")
    check_range(min(gaps(after)), 0.375 - 0.005, 0.5, "least gap after the Final")
    check(session.peer.diag == 0, "the peer timed out")

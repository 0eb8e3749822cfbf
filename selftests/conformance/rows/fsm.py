# SPDX-License-Identifier: GPL-2.0
"""FSM: the state table (RFC 5880 6.2, 6.8.4, 6.8.6)."""

from harness import row


@row("FSM-03")
def down_hears_down(test):
    session = test.session().drive("down")
    mark = session.send(state=test.input("state", "down"), your=0)
    session.next_packet(mark, state="init", your=session.peer.discr, diag=0)
    session.is_now(state="init")

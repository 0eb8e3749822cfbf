/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machine of RFC 5880 6.2 and 6.8.6 as a function of two states.
 * Pure; it must not know timers or packets.
 */
#ifndef IPBFD_FSM_H
#define IPBFD_FSM_H

#include "abi.h"
#include "portable.h"

/* diag of a result that leaves bfd.LocalDiag as it was. */
#define BFD_DIAG_KEEP 0xff

struct bfd_transition {
	__u8 state; /* the new bfd.SessionState */
	__u8 diag;  /* the new bfd.LocalDiag, or BFD_DIAG_KEEP */
};

/* A packet with this state was accepted. */
BFD_INLINE struct bfd_transition bfd_fsm_received(__u8 local, __u8 received)
{
	struct bfd_transition next = {.state = local, .diag = BFD_DIAG_KEEP};

	if (local == BFD_STATE_ADMIN_DOWN)
		return next;
	if (received == BFD_STATE_ADMIN_DOWN) {
		if (local != BFD_STATE_DOWN) {
			next.state = BFD_STATE_DOWN;
			next.diag = BFD_DIAG_NEIGHBOR_DOWN;
		}
		return next;
	}
	switch (local) {
	case BFD_STATE_DOWN:
		if (received == BFD_STATE_DOWN)
			next.state = BFD_STATE_INIT;
		else if (received == BFD_STATE_INIT)
			next.state = BFD_STATE_UP;
		break;
	case BFD_STATE_INIT:
		if (received == BFD_STATE_INIT || received == BFD_STATE_UP)
			next.state = BFD_STATE_UP;
		break;
	default: /* Up */
		if (received == BFD_STATE_DOWN) {
			next.state = BFD_STATE_DOWN;
			next.diag = BFD_DIAG_NEIGHBOR_DOWN;
		}
		break;
	}
	return next;
}

/* The detection time passed without an accepted packet (RFC 5880 6.8.4). */
BFD_INLINE struct bfd_transition bfd_fsm_expired(__u8 local)
{
	struct bfd_transition next = {.state = local, .diag = BFD_DIAG_KEEP};

	if (local == BFD_STATE_INIT || local == BFD_STATE_UP) {
		next.state = BFD_STATE_DOWN;
		next.diag = BFD_DIAG_DETECTION_EXPIRED;
	}
	return next;
}

#endif /* IPBFD_FSM_H */

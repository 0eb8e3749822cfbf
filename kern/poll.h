/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Poll Sequences and the delayed change of timers (RFC 5880 6.5, 6.8.3).  Pure.
 * A raised bfd.DesiredMinTxInterval and a lowered bfd.RequiredMinRxInterval are
 * advertised at once but come into force when a Final shows that the peer has
 * them; what is in force meanwhile suits all values that the peer may hold.
 */
#ifndef IPBFD_POLL_H
#define IPBFD_POLL_H

#include "abi.h"
#include "portable.h"
#include "timers.h"

/* Something that the peer must confirm has changed. */
BFD_INLINE void bfd_poll_start(struct bfd_vars *vars)
{
	/*
	 * A Final on its way may answer a packet with the older values, so it
	 * must not confirm these: run a second sequence, told apart from the
	 * first by a packet with F clear (RFC 5880 6.8.3).
	 */
	if (vars->poll == BFD_POLL_ACTIVE)
		vars->poll = BFD_POLL_AGAIN;
	else if (vars->poll == BFD_POLL_ENDED)
		vars->poll = BFD_POLL_SEPARATE;
	else if (vars->poll == BFD_POLL_IDLE)
		vars->poll = BFD_POLL_ACTIVE;
	else
		return;
	if (vars->poll == BFD_POLL_ACTIVE)
		vars->poll_sent_ns = 0;
}

/*
 * When two sequences are apart without a packet between them; 0: that isn't waited for.  A
 * peer that is silent for our Demand mode sends none with F clear, so time has to tell them
 * apart: a late Final is later than the detection time only if it is lost (RFC 5880 6.8.3).
 */
BFD_INLINE __u64 bfd_poll_apart_ns(const struct bfd_vars *vars)
{
	if (!bfd_local_demand(vars) ||
	    (vars->poll != BFD_POLL_ENDED && vars->poll != BFD_POLL_SEPARATE))
		return 0;
	return vars->poll_done_ns + bfd_detection_time_us(vars) * BFD_NS_PER_US;
}

/* Time passed. */
BFD_INLINE void bfd_poll_elapse(struct bfd_vars *vars, __u64 now_ns)
{
	__u64 apart_ns = bfd_poll_apart_ns(vars);

	if (apart_ns == 0 || now_ns < apart_ns)
		return;
	if (vars->poll == BFD_POLL_SEPARATE)
		vars->poll_sent_ns = 0;
	vars->poll = vars->poll == BFD_POLL_SEPARATE ? BFD_POLL_ACTIVE : BFD_POLL_IDLE;
}

/* When Demand mode verifies the path by itself (RFC 5880 6.6); 0: it doesn't. */
BFD_INLINE __u64 bfd_verify_due_ns(const struct bfd_vars *vars)
{
	if (!bfd_local_demand(vars) || vars->poll_interval_us == 0 || bfd_poll_active(vars) ||
	    vars->poll == BFD_POLL_SEPARATE)
		return 0;
	return vars->poll_done_ns + vars->poll_interval_us * BFD_NS_PER_US;
}

/* All that is advertised comes into force. */
BFD_INLINE void bfd_poll_commit(struct bfd_vars *vars)
{
	vars->active_desired_min_tx_us = vars->desired_min_tx_us;
	vars->active_required_min_rx_us = vars->required_min_rx_us;
}

/* A packet was accepted; final is its F bit.  Returns 1 if that ended a Poll Sequence. */
BFD_INLINE int bfd_poll_received(struct bfd_vars *vars, int final, __u64 now_ns)
{
	if (!final) {
		if (vars->poll == BFD_POLL_SEPARATE) {
			vars->poll = BFD_POLL_ACTIVE;
			vars->poll_sent_ns = 0;
		} else if (vars->poll == BFD_POLL_ENDED)
			vars->poll = BFD_POLL_IDLE;
		return 0;
	}
	if (bfd_poll_active(vars))
		vars->poll_done_ns = now_ns;
	if (vars->poll == BFD_POLL_AGAIN) {
		vars->poll = BFD_POLL_SEPARATE;
		return 0;
	}
	if (vars->poll == BFD_POLL_ACTIVE) {
		vars->poll = BFD_POLL_ENDED;
		bfd_poll_commit(vars);
		return 1;
	}
	return 0;
}

/* The session failed, which ends any sequence (RFC 5880 6.5) and delays nothing. */
BFD_INLINE void bfd_poll_abort(struct bfd_vars *vars)
{
	vars->poll = BFD_POLL_IDLE;
	bfd_poll_commit(vars);
}

/* Advertise new values.  Returns 1 if they differ from the ones before. */
BFD_INLINE int bfd_poll_advertise(struct bfd_vars *vars, __u32 desired_min_tx_us,
				  __u32 required_min_rx_us)
{
	if (desired_min_tx_us == vars->desired_min_tx_us &&
	    required_min_rx_us == vars->required_min_rx_us)
		return 0;
	vars->desired_min_tx_us = desired_min_tx_us;
	vars->required_min_rx_us = required_min_rx_us;
	if (vars->state != BFD_STATE_UP) {
		bfd_poll_commit(vars);
	} else {
		vars->active_desired_min_tx_us =
			bfd_min_u32(vars->active_desired_min_tx_us, desired_min_tx_us);
		vars->active_required_min_rx_us =
			bfd_max_u32(vars->active_required_min_rx_us, required_min_rx_us);
	}
	bfd_poll_start(vars);
	return 1;
}

#endif /* IPBFD_POLL_H */

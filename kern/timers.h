/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timer values: what is negotiated, how long until detection, when the next
 * periodic packet is due (RFC 5880 6.8.2, 6.8.4, 6.8.7).  Pure, in microseconds
 * as on the wire or in nanoseconds of the caller's clock, as the names say.  It
 * must not start timers: that is detect.h and clock.h.
 */
#ifndef IPBFD_TIMERS_H
#define IPBFD_TIMERS_H

#include "abi.h"
#include "portable.h"

/* Between our packets, before jitter (RFC 5880 6.8.2). */
BFD_INLINE __u32 bfd_negotiated_tx_us(const struct bfd_vars *vars)
{
	return bfd_max_u32(vars->active_desired_min_tx_us, vars->remote_min_rx_us);
}

/* Between the peer's packets, as far as detection is concerned (RFC 5880 6.8.4). */
BFD_INLINE __u32 bfd_negotiated_rx_us(const struct bfd_vars *vars)
{
	return bfd_max_u32(vars->active_required_min_rx_us, vars->remote_desired_min_tx_us);
}

/* Silence that fails the session; 0 while the peer's multiplier is unknown.  Needs 40 bits. */
BFD_INLINE __u64 bfd_detection_time_us(const struct bfd_vars *vars)
{
	return (__u64)vars->remote_mult * bfd_negotiated_rx_us(vars);
}

/*
 * When the silence will have lasted too long; 0: nothing to wait for.  Also in
 * Down and AdminDown, where it only clears what was learnt of the peer
 * (RFC 5880 6.8.1, bfd.RemoteDiscr).
 */
BFD_INLINE __u64 bfd_detection_deadline_ns(const struct bfd_vars *vars)
{
	if (vars->remote_discr == 0 || vars->last_rx_ns == 0)
		return 0;
	return vars->last_rx_ns + bfd_detection_time_us(vars) * BFD_NS_PER_US;
}

/* bfd.DesiredMinTxInterval for a state (RFC 5880 6.8.3). */
BFD_INLINE __u32 bfd_desired_min_tx_us(__u32 configured_us, __u8 state)
{
	return state == BFD_STATE_UP ? configured_us : bfd_max_u32(configured_us, BFD_SLOW_TX);
}

/*
 * The jittered gap to the next periodic packet (RFC 5880 6.8.7): 75 to 100 % of
 * the interval, to 90 % if our multiplier is 1.  The clock may be up to one
 * tick_ns late, which comes off the upper end so that it is never exceeded.
 */
BFD_INLINE __u64 bfd_tx_gap_ns(const struct bfd_vars *vars, __u64 tick_ns)
{
	__u64 interval_ns = bfd_negotiated_tx_us(vars) * BFD_NS_PER_US;
	__u64 least = interval_ns - interval_ns / 4;
	__u64 most = vars->mult == 1 ? interval_ns - interval_ns / 10 : interval_ns;

	most = most > least + tick_ns ? most - tick_ns : least;
	/* The span is at most 2^40 ns, its product with 16 bits fits. */
	return least + (((most - least) * (vars->tx_random & 0xffff)) >> 16);
}

/* The peer wants no periodic packets (RFC 5880 6.6). */
BFD_INLINE int bfd_remote_is_demand(const struct bfd_vars *vars)
{
	return vars->remote_demand && vars->state == BFD_STATE_UP &&
	       vars->remote_state == BFD_STATE_UP;
}

/* A passive session is silent until spoken to (RFC 5880 6.1). */
BFD_INLINE int bfd_tx_silent(const struct bfd_vars *vars)
{
	return vars->passive && vars->remote_discr == 0;
}

/* Does anything forbid periodic packets (RFC 5880 6.8.7)? */
BFD_INLINE int bfd_tx_periodic_allowed(const struct bfd_vars *vars)
{
	if (bfd_tx_silent(vars))
		return 0;
	if (vars->remote_min_rx_us == 0)
		return 0;
	if (bfd_remote_is_demand(vars) && vars->poll != BFD_POLL_ACTIVE &&
	    vars->poll != BFD_POLL_AGAIN)
		return 0;
	return 1;
}

/* When the next periodic packet is due; 0: never, as things stand. */
BFD_INLINE __u64 bfd_tx_due_ns(const struct bfd_vars *vars, __u64 tick_ns)
{
	if (!bfd_tx_periodic_allowed(vars))
		return 0;
	/* Counted from our own last packet, so that no peer can put it off. */
	return vars->last_tx_ns == 0 ? 1 : vars->last_tx_ns + bfd_tx_gap_ns(vars, tick_ns);
}

#endif /* IPBFD_TIMERS_H */

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

/*
 * The D bit: Demand mode is active here, so that the peer sends nothing by itself
 * (RFC 5880 6.6, 6.8.7).  Not with a peer that takes no packets: no Poll could verify the path.
 */
BFD_INLINE int bfd_local_demand(const struct bfd_vars *vars)
{
	return vars->demand && vars->remote_min_rx_us != 0 && vars->state == BFD_STATE_UP &&
	       vars->remote_state == BFD_STATE_UP;
}

/* The peer wants no periodic packets (RFC 5880 6.6). */
BFD_INLINE int bfd_remote_is_demand(const struct bfd_vars *vars)
{
	return vars->remote_demand && vars->state == BFD_STATE_UP &&
	       vars->remote_state == BFD_STATE_UP;
}

/* Do we send echo packets (RFC 5880 6.8.9, RFC 5883 3)? */
BFD_INLINE int bfd_echo_active(const struct bfd_vars *vars)
{
	return vars->echo_tx_us != 0 && vars->remote_min_echo_rx_us != 0 && !vars->multihop &&
	       vars->state == BFD_STATE_UP;
}

/*
 * Silence that fails the session (RFC 5880 6.8.4); 0 while the peer's multiplier is unknown.
 * In Demand mode the silence after the first packet of a Poll.  Needs 40 bits.
 */
BFD_INLINE __u64 bfd_detection_time_us(const struct bfd_vars *vars)
{
	if (bfd_local_demand(vars))
		return (__u64)vars->mult *
		       bfd_max_u32(vars->desired_min_tx_us, vars->remote_min_rx_us);
	return (__u64)vars->remote_mult * bfd_negotiated_rx_us(vars);
}

BFD_INLINE int bfd_poll_active(const struct bfd_vars *vars)
{
	return vars->poll == BFD_POLL_ACTIVE || vars->poll == BFD_POLL_AGAIN;
}

/*
 * When the silence will have lasted too long; 0: nothing to wait for.  Also in
 * Down and AdminDown, where it only clears what was learnt of the peer
 * (RFC 5880 6.8.1, bfd.RemoteDiscr).
 */
BFD_INLINE __u64 bfd_detection_deadline_ns(const struct bfd_vars *vars)
{
	__u64 from_ns = vars->last_rx_ns > vars->silence_ns ? vars->last_rx_ns : vars->silence_ns;

	if (vars->remote_discr == 0 || vars->last_rx_ns == 0)
		return 0;
	if (bfd_local_demand(vars))
		from_ns = bfd_poll_active(vars) ? vars->poll_sent_ns : 0;
	return from_ns ? from_ns + bfd_detection_time_us(vars) * BFD_NS_PER_US : 0;
}

/* A configured interval after backing off (RFC 5880 7). */
BFD_INLINE __u32 bfd_backed_off_us(const struct bfd_vars *vars, __u32 configured_us)
{
	__u64 interval_us = (__u64)configured_us << vars->backoff;

	return interval_us > BFD_MAX_INTERVAL ? BFD_MAX_INTERVAL : (__u32)interval_us;
}

/* What bfd.DesiredMinTxInterval is to be in this state (RFC 5880 6.8.3). */
BFD_INLINE __u32 bfd_desired_min_tx_us(const struct bfd_vars *vars)
{
	__u32 interval_us = bfd_backed_off_us(vars, vars->conf_desired_min_tx_us);

	return vars->state == BFD_STATE_UP ? interval_us : bfd_max_u32(interval_us, BFD_SLOW_TX);
}

/* What bfd.RequiredMinRxInterval is to be: slow while echo packets do the work (6.8.3). */
BFD_INLINE __u32 bfd_required_min_rx_us(const struct bfd_vars *vars)
{
	__u32 interval_us = bfd_backed_off_us(vars, vars->conf_required_min_rx_us);

	if (bfd_echo_active(vars) && !bfd_local_demand(vars))
		interval_us = bfd_max_u32(interval_us, BFD_ECHO_SLOW_RX);
	return interval_us;
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

/*
 * A passive session is silent until spoken to (RFC 5880 6.1), and one that is held in AdminDown
 * from the start until it is released: it has nothing to take back, and a system that
 * restarts is to keep still (RFC 5882 4.3.2.2).
 */
BFD_INLINE int bfd_tx_silent(const struct bfd_vars *vars)
{
	if (vars->state == BFD_STATE_ADMIN_DOWN && vars->last_tx_ns == 0)
		return 1;
	return vars->passive && vars->remote_discr == 0;
}

/* Does anything forbid periodic packets (RFC 5880 6.8.7)? */
BFD_INLINE int bfd_tx_periodic_allowed(const struct bfd_vars *vars)
{
	if (bfd_tx_silent(vars))
		return 0;
	if (vars->remote_min_rx_us == 0)
		return 0;
	if (bfd_remote_is_demand(vars) && !bfd_poll_active(vars))
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

/*
 * How far ahead to start a detection timer for expiry_ns.  Never at once: were a deadline to
 * stay in the past by some mistake, the timer would start itself for ever, and keep a
 * processor in softirq.
 */
BFD_INLINE __u64 bfd_timer_delay_ns(__u64 expiry_ns, __u64 now_ns)
{
	const __u64 least_ns = BFD_MIN_TIMER_DELAY * BFD_NS_PER_US;

	return expiry_ns > now_ns + least_ns ? expiry_ns - now_ns : least_ns;
}

#endif /* IPBFD_TIMERS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The echo function (RFC 5880 5, 6.8.5, 6.8.8, 6.8.9): our own packets, which the peer's
 * forwarding sends back to us, when they are due, which of them came back, and when too few
 * did; and how many of the peer's own we send back.  Pure; frames are the business of
 * tx.h and rx.h.
 */
#ifndef IPBFD_ECHO_H
#define IPBFD_ECHO_H

#include "session.h"

#define BFD_ECHO_MAGIC 0x62666445U

/* The peer doesn't look into it (RFC 5880 5).  In network order; as long as a control packet. */
struct bfd_echo_packet {
	__u32 magic;
	__u32 my_discr;
	__u32 sequence;
	__u32 nonce_high;
	__u32 nonce_low;
	__u32 reserved;
};
BFD_STATIC_ASSERT(sizeof(struct bfd_echo_packet) == BFD_PACKET_LENGTH, "one code sends both");

/* Between our echo packets, before jitter (RFC 5880 6.8.9); 0: none are sent. */
BFD_INLINE __u32 bfd_echo_interval_us(const struct bfd_vars *vars)
{
	if (!bfd_echo_active(vars))
		return 0;
	return bfd_max_u32(vars->echo_tx_us, vars->remote_min_echo_rx_us);
}

/*
 * To be called after any change of vars: the function starts, stops, or has another interval.
 * base_ns moves if the interval shrinks, so that silence which was allowed is no failure.
 */
BFD_INLINE void bfd_echo_revise(const struct bfd_vars *vars, struct bfd_echo *echo, __u64 now_ns)
{
	__u32 interval_us = bfd_echo_interval_us(vars);

	if (interval_us == echo->interval_us)
		return;
	if (interval_us == 0) {
		echo->base_ns = 0;
		for (int i = 0; i < BFD_ECHO_SENT; i++)
			echo->sent[i].sent_ns = 0;
	} else if (interval_us < echo->interval_us && echo->base_ns != 0) {
		echo->base_ns = now_ns;
	}
	echo->interval_us = interval_us;
}

/* When the next echo packet is due, 75 to 100 % of the interval after the last; 0: never. */
BFD_INLINE __u64 bfd_echo_due_ns(const struct bfd_vars *vars, const struct bfd_echo *echo,
				 __u64 tick_ns)
{
	__u64 interval_ns = bfd_echo_interval_us(vars) * BFD_NS_PER_US;
	__u64 least = interval_ns - interval_ns / 4;
	/* With multiplier 1 the next one must be back before the time is up, as in timers.h. */
	__u64 most = vars->mult == 1 ? interval_ns - interval_ns / 10 : interval_ns;

	most = most > least + tick_ns ? most - tick_ns : least;
	if (interval_ns == 0)
		return 0;
	if (echo->last_tx_ns == 0)
		return 1;
	return echo->last_tx_ns + least + (((most - least) * (echo->tx_random & 0xffff)) >> 16);
}

/*
 * Enough echo packets were lost (RFC 5880 6.8.5 leaves it to us: bfd.DetectMult of them);
 * 0: nothing to wait for.  Counted from what we sent first, for it may be that none comes back.
 */
BFD_INLINE __u64 bfd_echo_deadline_ns(const struct bfd_vars *vars, const struct bfd_echo *echo)
{
	__u64 interval_ns = bfd_echo_interval_us(vars) * BFD_NS_PER_US;

	if (interval_ns == 0 || echo->base_ns == 0)
		return 0;
	return echo->base_ns + vars->mult * interval_ns;
}

/*
 * The clock visits.  random draws the next gap; nonce is unguessable.  Returns 1 if packet was
 * built and must leave.
 */
BFD_INLINE int bfd_echo_visit(const struct bfd_vars *vars, struct bfd_echo *echo,
			      struct bfd_echo_stats *stats, __u64 now_ns, __u64 late_ns,
			      __u32 random, __u64 nonce, struct bfd_echo_packet *packet)
{
	__u64 due_ns = bfd_echo_due_ns(vars, echo, late_ns);
	struct bfd_echo_sent *sent;

	if (due_ns == 0 || due_ns > now_ns)
		return 0;
	echo->sequence++;
	sent = &echo->sent[echo->sequence & (BFD_ECHO_SENT - 1)];
	sent->sent_ns = now_ns;
	sent->nonce = nonce;
	if (echo->base_ns == 0)
		echo->base_ns = now_ns;
	echo->last_tx_ns = now_ns;
	echo->tx_random = random & 0xffff;
	stats->tx_packets++;
	packet->magic = bfd_swap32(BFD_ECHO_MAGIC);
	packet->my_discr = bfd_swap32(vars->local_discr);
	packet->sequence = bfd_swap32(echo->sequence);
	packet->nonce_high = bfd_swap32((__u32)(nonce >> 32));
	packet->nonce_low = bfd_swap32((__u32)nonce);
	packet->reserved = 0;
	return 1;
}

BFD_INLINE void bfd_echo_count_return(struct bfd_echo_stats *stats, __u64 rtt_ns)
{
	stats->rx_packets++;
	stats->rtt_sum_ns += rtt_ns;
	if (stats->rtt_min_ns == 0 || rtt_ns < stats->rtt_min_ns)
		stats->rtt_min_ns = rtt_ns;
	if (rtt_ns > stats->rtt_max_ns)
		stats->rtt_max_ns = rtt_ns;
}

/*
 * A packet with our discriminator came in.  Only one that we sent lately, with the nonce that
 * only we know, and only once, shows that the path works (RFC 5880 9).  Returns 1 if so.
 */
BFD_INLINE int bfd_echo_returned(const struct bfd_vars *vars, struct bfd_echo *echo,
				 struct bfd_echo_stats *stats, const struct bfd_echo_packet *packet,
				 __u64 now_ns)
{
	__u32 sequence = bfd_swap32(packet->sequence);
	struct bfd_echo_sent *sent = &echo->sent[sequence & (BFD_ECHO_SENT - 1)];
	__u64 nonce = (__u64)bfd_swap32(packet->nonce_high) << 32 | bfd_swap32(packet->nonce_low);

	if (!bfd_echo_active(vars) || sent->sent_ns == 0 || sent->nonce != nonce ||
	    now_ns < sent->sent_ns) {
		stats->rx_invalid++;
		return 0;
	}
	bfd_echo_count_return(stats, now_ns - sent->sent_ns);
	sent->sent_ns = 0;
	if (now_ns > echo->base_ns)
		echo->base_ns = now_ns;
	return 1;
}

/*
 * If too many echo packets were lost, fail (RFC 5880 6.8.5).  The peer is still heard, so that
 * nothing of it is forgotten.  Returns outcomes.
 */
BFD_INLINE __u32 bfd_echo_expire(struct bfd_vars *vars, struct bfd_session_stats *stats,
				 const struct bfd_echo *echo, __u64 now_ns, __u64 *overshoot_ns)
{
	struct bfd_transition next = {.state = BFD_STATE_DOWN, .diag = BFD_DIAG_ECHO_FAILED};
	__u64 deadline_ns = bfd_echo_deadline_ns(vars, echo);

	*overshoot_ns = 0;
	if (deadline_ns == 0 || now_ns < deadline_ns)
		return 0;
	*overshoot_ns = now_ns - deadline_ns;
	bfd_count_overshoot(stats, *overshoot_ns);
	if (bfd_local_demand(vars))
		vars->silence_ns = now_ns;
	return bfd_enter(vars, stats, next, 0, now_ns);
}

/* The rate at which the peer's echo packets are sent back: so many times what we granted. */
#define BFD_ECHO_LOOP_SHARE 2
#define BFD_ECHO_LOOP_BURST 8

/*
 * The peer's echo packet came in.  We promised to loop them back at the rate that we
 * advertise (RFC 5880 6.8.13), which jitter and bunching may exceed for a while, and no
 * more, for anybody on the link can send one.  Returns 1 if this one is to go back.
 */
BFD_INLINE int bfd_echo_may_loop(const struct bfd_vars *vars, struct bfd_echo *echo,
				 struct bfd_echo_stats *stats, __u64 now_ns)
{
	__u64 spacing_ns = vars->echo_rx_us * BFD_NS_PER_US / BFD_ECHO_LOOP_SHARE;

	if (vars->echo_rx_us == 0 || vars->multihop || vars->state != BFD_STATE_UP)
		return 0;
	/* Further ahead than it can be at this rate: it was reckoned by a slower one. */
	if (echo->loop_ns > now_ns + (BFD_ECHO_LOOP_BURST + 1) * spacing_ns)
		echo->loop_ns = now_ns;
	if (echo->loop_ns > now_ns + BFD_ECHO_LOOP_BURST * spacing_ns) {
		stats->loop_limited++;
		return 0;
	}
	echo->loop_ns = (echo->loop_ns > now_ns ? echo->loop_ns : now_ns) + spacing_ns;
	stats->looped++;
	return 1;
}

#endif /* IPBFD_ECHO_H */

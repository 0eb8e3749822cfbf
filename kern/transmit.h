/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which packet leaves when the clock visits a session, and what is in it
 * (RFC 5880 6.8.7).  Pure; frames and devices are the business of tx.h.
 */
#ifndef IPBFD_TRANSMIT_H
#define IPBFD_TRANSMIT_H

#include "echo.h"
#include "session.h"

BFD_INLINE void bfd_build_packet(const struct bfd_vars *vars, int final, struct bfd_packet *packet)
{
	/* C is honest: no agent is needed to keep a session up. */
	__u8 flags = BFD_FLAG_CPI;

	if (bfd_local_demand(vars))
		flags |= BFD_FLAG_DEMAND;
	if (final)
		flags |= BFD_FLAG_FINAL;
	else if (bfd_poll_active(vars))
		flags |= BFD_FLAG_POLL;
	packet->version_diag = BFD_VERSION << 5 | (vars->diag & 0x1f);
	packet->state_flags = (__u8)(vars->state << 6) | flags;
	packet->detect_mult = vars->mult;
	packet->length = BFD_PACKET_LENGTH;
	packet->my_discr = bfd_swap32(vars->local_discr);
	packet->your_discr = bfd_swap32(vars->remote_discr);
	packet->desired_min_tx = bfd_swap32(vars->desired_min_tx_us);
	packet->required_min_rx = bfd_swap32(vars->required_min_rx_us);
	/* A promise to loop them back, which nobody can keep over several hops (RFC 5883 3). */
	packet->required_min_echo_rx = vars->multihop ? 0 : bfd_swap32(vars->echo_rx_us);
}

/* What comes with time alone: a verifying Poll, a step back to speed. */
BFD_INLINE void bfd_elapse(struct bfd_vars *vars, __u64 now_ns)
{
	__u64 due_ns;

	bfd_poll_elapse(vars, now_ns);
	due_ns = bfd_verify_due_ns(vars);
	if (due_ns != 0 && due_ns <= now_ns)
		bfd_poll_start(vars);
	due_ns = bfd_speed_up_due_ns(vars);
	if (due_ns != 0 && due_ns <= now_ns) {
		vars->backoff--;
		vars->backoff_ns = now_ns;
		bfd_revise(vars, bfd_local_demand(vars), 0, now_ns);
	}
}

BFD_INLINE __u64 bfd_earlier_ns(__u64 a, __u64 b)
{
	return a != 0 && (b == 0 || a < b) ? a : b;
}

/* The next visit that is of use, of a control packet, of an echo packet or of time; 0: none. */
BFD_INLINE __u64 bfd_visit_due_ns(const struct bfd_vars *vars, const struct bfd_echo *echo,
				  __u64 tick_ns)
{
	__u64 unknown = vars->last_rx_ns;
	__u64 due_ns = bfd_forget(bfd_tx_due_ns(vars, tick_ns), unknown);
	__u64 other_ns = bfd_forget(bfd_echo_due_ns(vars, echo, tick_ns), unknown);

	due_ns = bfd_forget(bfd_earlier_ns(due_ns, other_ns), unknown);
	other_ns = bfd_forget(bfd_verify_due_ns(vars), unknown);
	due_ns = bfd_forget(bfd_earlier_ns(due_ns, other_ns), unknown);
	other_ns = bfd_forget(bfd_speed_up_due_ns(vars), unknown);
	due_ns = bfd_forget(bfd_earlier_ns(due_ns, other_ns), unknown);
	if (vars->poll == BFD_POLL_SEPARATE)
		due_ns = bfd_earlier_ns(due_ns, bfd_poll_apart_ns(vars));
	return bfd_forget(due_ns, unknown);
}

/*
 * The clock visits.  kick says why, if not by schedule (enum bfd_kick); late_ns
 * is how late the clock may be; random draws the next gap.  Returns 1 if packet
 * was built and must leave.  At most one leaves per visit.
 */
BFD_INLINE int bfd_visit(struct bfd_vars *vars, __u8 kick, __u64 now_ns, __u64 late_ns,
			 __u32 random, struct bfd_packet *packet)
{
	__u64 due_ns;

	bfd_elapse(vars, now_ns);
	due_ns = bfd_tx_due_ns(vars, late_ns);
	if (bfd_tx_silent(vars))
		return 0; /* whatever the kick: it may be older than the silence */
	/* A Final carries the new contents too, and leaves the schedule alone. */
	if (kick & BFD_KICK_FINAL) {
		bfd_build_packet(vars, 1, packet);
		return 1;
	}
	if ((kick & BFD_KICK_NOW) || (due_ns != 0 && due_ns <= now_ns)) {
		bfd_build_packet(vars, 0, packet);
		if (bfd_poll_active(vars) && vars->poll_sent_ns == 0)
			vars->poll_sent_ns = now_ns;
		vars->last_tx_ns = now_ns;
		vars->tx_random = random & 0xffff;
		return 1;
	}
	return 0;
}

#endif /* IPBFD_TRANSMIT_H */

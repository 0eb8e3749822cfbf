/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to a session: it is made, configured, hears an accepted packet,
 * or hears nothing for too long (RFC 5880 6.8).  Pure functions over the state
 * variables and statistics; each returns what the caller must now do.  They must
 * not call helpers, take locks or read clocks.
 */
#ifndef IPBFD_SESSION_H
#define IPBFD_SESSION_H

#include "fsm.h"
#include "packet.h"
#include "poll.h"
#include "timers.h"

/* What a change asks of the caller. */
enum bfd_outcome {
	BFD_OUTCOME_STATE = 1,	    /* the state changed: tell listeners */
	BFD_OUTCOME_FINAL = 2,	    /* a Final is owed, at once */
	BFD_OUTCOME_NOW = 4,	    /* contents changed: send between the scheduled packets */
	BFD_OUTCOME_REMOTE = 8,	    /* what the peer says of itself changed: tell listeners */
	BFD_OUTCOME_POLL_DONE = 16, /* pending timers are in force: tell listeners */
};

BFD_INLINE void bfd_count_transition(struct bfd_session_stats *stats, __u8 old_state, __u8 state,
				     int administrative, __u64 now_ns)
{
	if (state == BFD_STATE_UP) {
		stats->up_count++;
		stats->last_up_ns = now_ns;
	} else if (old_state == BFD_STATE_UP) {
		stats->last_down_ns = now_ns;
		if (administrative)
			stats->admin_down_count++;
		else
			stats->down_count++;
	}
}

/* Enter a state, with all that goes with it.  Returns outcomes. */
BFD_INLINE __u32 bfd_enter(struct bfd_vars *vars, struct bfd_session_stats *stats,
			   struct bfd_transition next, int administrative, __u64 now_ns)
{
	__u8 old_state = vars->state;
	__u8 old_diag = vars->diag;

	if (next.diag != BFD_DIAG_KEEP)
		vars->diag = next.diag;
	if (next.state == old_state)
		return vars->diag == old_diag ? 0 : BFD_OUTCOME_NOW;
	bfd_count_transition(stats, old_state, next.state, administrative, now_ns);
	if (old_state == BFD_STATE_UP && !administrative)
		vars->hold_until_ns = now_ns + vars->hold_down_us * BFD_NS_PER_US;
	vars->state = next.state;
	if (next.state == BFD_STATE_UP) {
		vars->backoff_ns = now_ns;
	} else {
		/* Back to the slow rate at once; a failed session polls no more. */
		vars->desired_min_tx_us = bfd_desired_min_tx_us(vars);
		vars->required_min_rx_us = bfd_required_min_rx_us(vars);
		if (next.state != BFD_STATE_INIT)
			bfd_poll_abort(vars);
	}
	return BFD_OUTCOME_STATE | BFD_OUTCOME_NOW;
}

/*
 * What must follow any change but a failure: advertise what holds now, and let Demand mode come
 * and go with a Poll (RFC 5880 6.6).  was_demand: bfd_local_demand() before it.
 * content: what packets say is different.  Returns outcomes.
 */
BFD_INLINE __u32 bfd_revise(struct bfd_vars *vars, int was_demand, int content, __u64 now_ns)
{
	int demand = bfd_local_demand(vars);

	if (demand && !was_demand) {
		vars->poll_done_ns = now_ns;
		vars->poll_sent_ns = 0; /* the silence that matters begins with the next Poll */
	} else if (was_demand && !demand) {
		vars->silence_ns = now_ns;
	}
	if (bfd_poll_advertise(vars, bfd_desired_min_tx_us(vars), bfd_required_min_rx_us(vars)))
		return BFD_OUTCOME_NOW;
	/* No periodic packet may follow to repeat it, so the peer has to confirm it. */
	if ((demand != was_demand && vars->state == BFD_STATE_UP) ||
	    (content && (demand || bfd_remote_is_demand(vars)))) {
		bfd_poll_start(vars);
		return BFD_OUTCOME_NOW;
	}
	return 0;
}

/* The peer is unknown again (RFC 5880 6.8.1, 6.8.18). */
BFD_INLINE void bfd_forget_remote(struct bfd_vars *vars)
{
	vars->remote_discr = 0;
	vars->remote_state = BFD_STATE_DOWN;
	vars->remote_diag = BFD_DIAG_NONE;
	vars->remote_demand = 0;
	vars->remote_cpi = 0;
	vars->remote_mult = 0;
	vars->remote_min_rx_us = 1;
	vars->remote_desired_min_tx_us = 0;
	vars->remote_min_echo_rx_us = 0;
}

/* A new session (RFC 5880 6.8.1).  vars must be all zero. */
BFD_INLINE void bfd_initialize(struct bfd_vars *vars, __u32 local_discr,
			       const struct bfd_config *config, __u32 random)
{
	vars->local_discr = local_discr;
	vars->state = config->admin_down ? BFD_STATE_ADMIN_DOWN : BFD_STATE_DOWN;
	vars->diag = config->admin_down ? config->diag : BFD_DIAG_NONE;
	vars->admin_down = config->admin_down;
	vars->passive = config->passive;
	vars->mult = config->mult;
	vars->demand = config->demand;
	vars->multihop = config->multihop;
	vars->conf_desired_min_tx_us = config->desired_min_tx_us;
	vars->conf_required_min_rx_us = config->required_min_rx_us;
	vars->echo_tx_us = config->echo_tx_us;
	vars->echo_rx_us = config->echo_rx_us;
	vars->poll_interval_us = config->poll_interval_us;
	vars->hold_down_us = config->hold_down_us;
	bfd_forget_remote(vars);
	vars->remote_discr = config->remote_discr; /* known beforehand (RFC 5883 4.2), or 0 */
	vars->desired_min_tx_us = bfd_desired_min_tx_us(vars);
	vars->required_min_rx_us = bfd_required_min_rx_us(vars);
	vars->tx_random = random & 0xffff;
	bfd_poll_commit(vars);
}

/* Members of config that packets don't show, or that are advertised only by bfd_revise(). */
BFD_INLINE void bfd_configure_quiet(struct bfd_vars *vars, const struct bfd_config *config)
{
	if (config->set & BFD_CONFIG_DESIRED_MIN_TX)
		vars->conf_desired_min_tx_us = config->desired_min_tx_us;
	if (config->set & BFD_CONFIG_REQUIRED_MIN_RX)
		vars->conf_required_min_rx_us = config->required_min_rx_us;
	if (config->set & BFD_CONFIG_PASSIVE)
		vars->passive = config->passive;
	if (config->set & BFD_CONFIG_DEMAND)
		vars->demand = config->demand;
	if (config->set & BFD_CONFIG_POLL_INTERVAL)
		vars->poll_interval_us = config->poll_interval_us;
	if (config->set & BFD_CONFIG_ECHO_TX)
		vars->echo_tx_us = config->echo_tx_us;
	if (config->set & BFD_CONFIG_HOLD_DOWN) {
		vars->hold_down_us = config->hold_down_us;
		vars->hold_until_ns = 0;
	}
}

/* Members that packets show at once and without a Poll (RFC 5880 6.8.12).  Returns outcomes. */
BFD_INLINE __u32 bfd_configure_content(struct bfd_vars *vars, const struct bfd_config *config)
{
	__u32 outcome = 0;

	if ((config->set & BFD_CONFIG_MULT) && vars->mult != config->mult) {
		vars->mult = config->mult;
		outcome = BFD_OUTCOME_NOW;
	}
	if ((config->set & BFD_CONFIG_ECHO_RX) && vars->echo_rx_us != config->echo_rx_us) {
		vars->echo_rx_us = config->echo_rx_us;
		outcome = BFD_OUTCOME_NOW;
	}
	/* A path beyond this one failed, or works again (RFC 5880 6.8.17). */
	if ((config->set & BFD_CONFIG_DIAG) && vars->state == BFD_STATE_UP &&
	    vars->diag != config->path_diag) {
		vars->diag = config->path_diag;
		outcome = BFD_OUTCOME_NOW;
	}
	return outcome;
}

/* The operator changes what config->set names.  Returns outcomes. */
BFD_INLINE __u32 bfd_configure(struct bfd_vars *vars, struct bfd_session_stats *stats,
			       const struct bfd_config *config, __u64 now_ns)
{
	struct bfd_transition next = {.state = vars->state, .diag = BFD_DIAG_KEEP};
	int was_demand = bfd_local_demand(vars);
	__u32 outcome;

	bfd_configure_quiet(vars, config);
	outcome = bfd_configure_content(vars, config);
	if (config->set & BFD_CONFIG_ADMIN_DOWN) {
		vars->admin_down = config->admin_down;
		if (config->admin_down) {
			next.state = BFD_STATE_ADMIN_DOWN;
			next.diag = config->diag;
		} else if (vars->state == BFD_STATE_ADMIN_DOWN) {
			next.state = BFD_STATE_DOWN; /* RFC 5880 6.8.16 */
		}
	}
	outcome |= bfd_enter(vars, stats, next, 1, now_ns);
	return outcome | bfd_revise(vars, was_demand, outcome & BFD_OUTCOME_NOW, now_ns);
}

/*
 * The operator wants to know now whether the path works: a Poll, which in Demand mode fails
 * the session if nobody answers (RFC 5880 6.6).  Returns 1 if one is under way.
 */
BFD_INLINE int bfd_verify(struct bfd_vars *vars, __u64 now_ns)
{
	if (vars->state != BFD_STATE_UP)
		return 0;
	bfd_poll_elapse(vars, now_ns);
	if (!bfd_poll_active(vars)) /* else that one serves */
		bfd_poll_start(vars);
	return 1;
}

/* Forwarding state was lost (RFC 5880 6.8.15).  Returns outcomes. */
BFD_INLINE __u32 bfd_reset(struct bfd_vars *vars, struct bfd_session_stats *stats, __u64 now_ns)
{
	struct bfd_transition next = {.state = BFD_STATE_DOWN, .diag = BFD_DIAG_FORWARDING_RESET};
	int was_demand = bfd_local_demand(vars);

	if (vars->state != BFD_STATE_INIT && vars->state != BFD_STATE_UP)
		return 0;
	if (was_demand)
		vars->silence_ns = now_ns;
	return bfd_enter(vars, stats, next, 0, now_ns);
}

BFD_INLINE void bfd_count_received(struct bfd_session_stats *stats, const struct bfd_vars *vars,
				   __u64 now_ns)
{
	__u64 gap_ns = now_ns - vars->last_rx_ns;
	__u64 detection_us = bfd_detection_time_us(vars);

	stats->rx_packets++;
	/* Packets of another processor may be stamped a little later than this one. */
	if (vars->state != BFD_STATE_UP || vars->last_rx_ns == 0 || now_ns < vars->last_rx_ns)
		return;
	/* In Demand mode silence means nothing, nor does what lasted from it. */
	if (bfd_local_demand(vars) || vars->silence_ns > vars->last_rx_ns)
		return;
	stats->rx_gap_sum_ns += gap_ns;
	stats->rx_gap_count++;
	if (stats->rx_gap_min_ns == 0 || gap_ns < stats->rx_gap_min_ns)
		stats->rx_gap_min_ns = gap_ns;
	if (gap_ns > stats->rx_gap_max_ns)
		stats->rx_gap_max_ns = gap_ns;
	if (detection_us != 0) {
		__u64 permille = gap_ns / detection_us; /* ns / us: 1000 times the share */

		if (permille > stats->closest_call_permille)
			stats->closest_call_permille = permille;
	}
}

/* Take over what the peer says of itself.  Returns BFD_OUTCOME_REMOTE if that is news. */
BFD_INLINE __u32 bfd_learn_remote(struct bfd_vars *vars, const struct bfd_packet *packet)
{
	__u32 desired_us = bfd_swap32(packet->desired_min_tx);
	__u32 required_us = bfd_swap32(packet->required_min_rx);
	__u32 my_discr = bfd_swap32(packet->my_discr);
	__u32 outcome = 0;

	if (vars->remote_discr != my_discr || vars->remote_mult != packet->detect_mult ||
	    vars->remote_desired_min_tx_us != desired_us || vars->remote_min_rx_us != required_us)
		outcome = BFD_OUTCOME_REMOTE;
	vars->remote_discr = my_discr;
	vars->remote_state = bfd_packet_state(packet);
	vars->remote_diag = bfd_packet_diag(packet);
	vars->remote_demand = bfd_packet_has(packet, BFD_FLAG_DEMAND);
	vars->remote_cpi = bfd_packet_has(packet, BFD_FLAG_CPI);
	vars->remote_min_rx_us = required_us;
	vars->remote_min_echo_rx_us = bfd_swap32(packet->required_min_echo_rx);
	vars->remote_desired_min_tx_us = desired_us;
	vars->remote_mult = packet->detect_mult;
	return outcome;
}

/*
 * A packet that passed all checks (RFC 5880 6.8.6).  The Final is only asked
 * for here, so that it is built after the state machine has run.  Returns outcomes.
 */
BFD_INLINE __u32 bfd_receive(struct bfd_vars *vars, struct bfd_session_stats *stats,
			     const struct bfd_packet *packet, __u64 now_ns)
{
	struct bfd_transition next = bfd_fsm_received(vars->state, bfd_packet_state(packet));
	int was_demand = bfd_local_demand(vars);
	__u32 remote_discr = vars->remote_discr;
	__u32 outcome;

	if (vars->state != BFD_STATE_ADMIN_DOWN)
		bfd_count_received(stats, vars, now_ns); /* against the old detection time */
	outcome = bfd_learn_remote(vars, packet);
	if (bfd_poll_received(vars, bfd_packet_has(packet, BFD_FLAG_FINAL), now_ns))
		outcome |= BFD_OUTCOME_POLL_DONE;
	/* Also in AdminDown, where it only dates what was learnt (RFC 5880 6.8.1). */
	if (now_ns > vars->last_rx_ns)
		vars->last_rx_ns = now_ns;
	if (vars->state == BFD_STATE_ADMIN_DOWN)
		return outcome; /* learnt from, yet not received: nor is its Poll answered */
	if (vars->state == BFD_STATE_DOWN && now_ns < vars->hold_until_ns)
		next.state = BFD_STATE_DOWN; /* held (RFC 5880 6.2) */
	outcome |= bfd_enter(vars, stats, next, vars->remote_state == BFD_STATE_ADMIN_DOWN, now_ns);
	outcome |= bfd_revise(vars, was_demand,
			      vars->remote_discr != remote_discr || (outcome & BFD_OUTCOME_NOW),
			      now_ns);
	if (bfd_packet_has(packet, BFD_FLAG_POLL))
		outcome |= BFD_OUTCOME_FINAL;
	return outcome;
}

BFD_INLINE void bfd_count_overshoot(struct bfd_session_stats *stats, __u64 overshoot_ns)
{
	stats->detect_overshoot_last_ns = overshoot_ns;
	if (overshoot_ns > stats->detect_overshoot_max_ns)
		stats->detect_overshoot_max_ns = overshoot_ns;
}

/* A multihop session that keeps failing shares a congested path: load it less (RFC 5880 7). */
BFD_INLINE void bfd_back_off(struct bfd_vars *vars, __u64 now_ns)
{
	if (vars->multihop && vars->backoff < BFD_MAX_BACKOFF &&
	    now_ns < vars->backoff_ns + BFD_BACKOFF_WINDOW * BFD_NS_PER_US)
		vars->backoff++;
}

/* When it may be tried faster again; 0: it isn't slowed. */
BFD_INLINE __u64 bfd_speed_up_due_ns(const struct bfd_vars *vars)
{
	if (vars->backoff == 0 || vars->state != BFD_STATE_UP)
		return 0;
	return vars->backoff_ns + BFD_BACKOFF_WINDOW * BFD_NS_PER_US;
}

/* If the silence has lasted for the detection time, fail.  Returns outcomes. */
BFD_INLINE __u32 bfd_expire(struct bfd_vars *vars, struct bfd_session_stats *stats, __u64 now_ns,
			    __u64 *overshoot_ns)
{
	__u64 deadline_ns = bfd_detection_deadline_ns(vars);
	__u32 outcome;

	*overshoot_ns = 0;
	if (deadline_ns == 0 || now_ns < deadline_ns)
		return 0;
	if (vars->state == BFD_STATE_INIT || vars->state == BFD_STATE_UP) {
		*overshoot_ns = now_ns - deadline_ns;
		bfd_count_overshoot(stats, *overshoot_ns);
	}
	if (vars->state == BFD_STATE_UP) {
		stats->closest_call_permille = bfd_max_u32(stats->closest_call_permille, 1000);
		bfd_back_off(vars, now_ns);
	}
	outcome = bfd_enter(vars, stats, bfd_fsm_expired(vars->state), 0, now_ns);
	bfd_forget_remote(vars);
	return outcome | BFD_OUTCOME_NOW; /* Your Discriminator is 0 from here on */
}

#endif /* IPBFD_SESSION_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent's commands.  They run as a program that is never attached, by
 * BPF_PROG_TEST_RUN with the command as the packet, because a map update on a
 * live session would cancel its timer and race with packets.
 */
#ifndef IPBFD_CONTROL_H
#define IPBFD_CONTROL_H

#include "any_source.h"
#include "detect.h"

/* A deleted session says AdminDown this long at most, whatever its peer asked for. */
#define BFD_LINGER_MAX_NS 60000000000ULL

/* Is this the session that the command means?  Under the lock. */
BFD_INLINE int bfd_control_matches(const struct bfd_session *session,
				   const struct bfd_control *control)
{
	return session->use != BFD_SLOT_FREE && session->vars.local_discr == control->local_discr;
}

/* A session whose device is gone is found by its discriminator alone. */
BFD_INLINE int bfd_key_is_set(const struct bfd_address_key *key)
{
	return key->ifindex != 0 || key->multihop != 0;
}

BFD_INLINE long bfd_control_index(const struct bfd_control *control, __u32 slot)
{
	long error =
		bpf_map_update_elem(&discriminators, &control->local_discr, &slot, BPF_NOEXIST);

	if (error || !bfd_key_is_set(&control->key))
		return error;
	error = bpf_map_update_elem(&addresses, &control->key, &slot, BPF_NOEXIST);
	if (error)
		bpf_map_delete_elem(&discriminators, &control->local_discr);
	return error;
}

/* Nothing else writes what it is about, and this program runs one at a time. */
BFD_INLINE long bfd_control_make_timer(struct bfd_session *session)
{
	long error;

	if (session->timer_ready)
		return 0;
	error = bpf_timer_init(&session->timer, &sessions, 1 /* CLOCK_MONOTONIC */);
	if (error && error != -EBUSY)
		return error;
	session->timer_ready = 1;
	return 0;
}

BFD_INLINE long bfd_control_create(struct bfd_session *session, struct bfd_clock *clock,
				   const struct bfd_control *control, __u32 slot, __u64 now_ns)
{
	struct bfd_settlement settlement = {};
	__u32 random = bpf_get_prandom_u32();
	__u32 sequence = bpf_get_prandom_u32();
	__u8 any_source = 0;
	long error;

	if (session->use != BFD_SLOT_FREE)
		return -EBUSY;
	/* Its port decides which sessions a packet may be for. */
	if (bfd_key_is_set(&control->key) && control->key.multihop != control->config.multihop)
		return -EINVAL;
	if (control->config.auth.type >= BFD_AUTH_TYPES)
		return -EINVAL;
	error = bfd_control_make_timer(session);
	if (error)
		return error;
	error = bfd_control_index(control, slot);
	if (error)
		return error;
	if (control->any_source)
		any_source = bfd_any_source_claim(&control->key, slot);
	bpf_timer_set_callback(&session->timer, bfd_timer_fired);

	bpf_spin_lock(&session->lock);
	__builtin_memset(&session->vars, 0, sizeof(session->vars));
	__builtin_memset(&session->auth, 0, sizeof(session->auth));
	__builtin_memset(&session->stats, 0, sizeof(session->stats));
	__builtin_memset(&session->echo, 0, sizeof(session->echo));
	__builtin_memset(&session->echo_stats, 0, sizeof(session->echo_stats));
	session->slot = slot;
	session->key = control->key;
	session->path = control->path;
	session->echo_path = control->echo_path;
	session->min_ttl = control->config.multihop ? control->config.min_ttl : BFD_TTL;
	session->any_source = any_source;
	session->kick = 0;
	session->timer_expiry_ns = 0;
	session->linger_until_ns = 0;
	session->visit_ns = 0;
	session->grace_until_ns = 0;
	session->use = BFD_SLOT_LIVE;
	bfd_initialize(&session->vars, control->local_discr, &control->config, random);
	bfd_auth_initialize(&session->auth, &control->config.auth, sequence);
	bfd_settle_locked(session, clock, BFD_OUTCOME_NOW, session->vars.state, now_ns,
			  &settlement);
	bpf_spin_unlock(&session->lock);
	/* Without sessions it stood still, and rightly. */
	if (clock->sessions == 0)
		clock->last_tick_ns = 0;
	__sync_fetch_and_add(&clock->sessions, 1);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	return 0;
}

/* No packet with Your Discriminator zero is for the session any more. */
BFD_INLINE void bfd_control_unindex(struct bfd_session *session, const struct bfd_address_key *key)
{
	bpf_map_delete_elem(&addresses, key);
	if (session->any_source)
		bfd_any_source_release(key);
	session->any_source = 0;
}

/* How long the peer must hear AdminDown: its detection time for us (RFC 5880 6.8.16). */
BFD_INLINE __u64 bfd_linger_ns(const struct bfd_vars *vars)
{
	__u64 linger_ns = (__u64)vars->mult * BFD_NS_PER_US *
			  bfd_max_u32(bfd_negotiated_tx_us(vars), BFD_SLOW_TX);

	if (vars->remote_discr == 0)
		return 0; /* nobody knows us */
	return linger_ns > BFD_LINGER_MAX_NS ? BFD_LINGER_MAX_NS : linger_ns;
}

BFD_INLINE long bfd_control_delete(struct bfd_session *session, struct bfd_clock *clock,
				   const struct bfd_control *control, __u32 slot, __u64 now_ns)
{
	struct bfd_config config = {
		.set = BFD_CONFIG_ADMIN_DOWN, .admin_down = 1, .diag = BFD_DIAG_ADMIN_DOWN};
	struct bfd_settlement settlement = {};
	struct bfd_address_key key = {};
	__u32 outcome;
	__u8 old_state;
	long error = -ENOENT;

	bpf_spin_lock(&session->lock);
	if (session->use == BFD_SLOT_LIVE && session->vars.local_discr == control->local_discr) {
		key = session->key;
		session->use = BFD_SLOT_LINGER;
		session->linger_until_ns = now_ns + bfd_linger_ns(&session->vars);
		old_state = session->vars.state;
		outcome = bfd_configure(&session->vars, &session->stats, &config, now_ns);
		bfd_settle_locked(session, clock, outcome | BFD_OUTCOME_NOW, old_state, now_ns,
				  &settlement);
		error = 0;
	}
	bpf_spin_unlock(&session->lock);
	if (error)
		return error;
	bfd_control_unindex(session, &key);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	return 0;
}

BFD_INLINE long bfd_control_drop(struct bfd_session *session, struct bfd_clock *clock,
				 const struct bfd_control *control, __u32 slot, __u64 now_ns)
{
	struct bfd_settlement settlement = {};
	struct bfd_address_key key = {};
	__u8 use = BFD_SLOT_FREE;

	bpf_spin_lock(&session->lock);
	if (bfd_control_matches(session, control)) {
		use = session->use;
		key = session->key;
		session->use = BFD_SLOT_FREE;
		/* The clock takes it off the wheel. */
		bfd_kick_locked(session, BFD_KICK_SCHEDULE, &settlement);
	}
	bpf_spin_unlock(&session->lock);
	if (use == BFD_SLOT_FREE)
		return -ENOENT;
	bpf_map_delete_elem(&discriminators, &control->local_discr);
	if (use == BFD_SLOT_LIVE)
		bfd_control_unindex(session, &key);
	__sync_fetch_and_add(&clock->sessions, -1);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	return 0;
}

BFD_INLINE long bfd_control_set(struct bfd_session *session, struct bfd_clock *clock,
				const struct bfd_control *control, __u32 slot, __u64 now_ns)
{
	struct bfd_settlement settlement = {};
	__u32 outcome;
	__u8 old_state;
	long error = -ENOENT;

	if ((control->config.set & BFD_CONFIG_AUTH) && control->config.auth.type >= BFD_AUTH_TYPES)
		return -EINVAL;
	bpf_spin_lock(&session->lock);
	if (session->use == BFD_SLOT_LIVE && session->vars.local_discr == control->local_discr) {
		old_state = session->vars.state;
		outcome = bfd_configure(&session->vars, &session->stats, &control->config, now_ns);
		if ((control->config.set & BFD_CONFIG_MIN_TTL) && session->vars.multihop)
			session->min_ttl = control->config.min_ttl;
		if ((control->config.set & BFD_CONFIG_AUTH) &&
		    bfd_auth_configure(&session->auth, &control->config.auth))
			outcome |= BFD_OUTCOME_NOW;
		bfd_settle_locked(session, clock, outcome, old_state, now_ns, &settlement);
		error = 0;
	}
	bpf_spin_unlock(&session->lock);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	return error;
}

BFD_INLINE int bfd_same_key(const struct bfd_address_key *a, const struct bfd_address_key *b)
{
	const __u32 *x = (const __u32 *)a, *y = (const __u32 *)b;

#pragma unroll
	for (int i = 0; i < (int)(sizeof(*a) / 4); i++)
		if (x[i] != y[i])
			return 0;
	return 1;
}

BFD_INLINE long bfd_control_set_path(struct bfd_session *session, struct bfd_clock *clock,
				     const struct bfd_control *control, __u32 slot, __u64 now_ns)
{
	__u32 *owner = bpf_map_lookup_elem(&addresses, &control->key);
	struct bfd_settlement settlement = {};
	struct bfd_address_key old = {};
	long error = -ENOENT;

	/* This program runs one at a time, so that nobody takes the key meanwhile. */
	if (owner && *owner != slot)
		return -EEXIST;
	/* Nor makes this a single hop of a multihop session. */
	if (bfd_key_is_set(&control->key) && session->use == BFD_SLOT_LIVE &&
	    control->key.multihop != session->vars.multihop)
		return -EINVAL;
	bpf_spin_lock(&session->lock);
	if (session->use == BFD_SLOT_LIVE && session->vars.local_discr == control->local_discr) {
		old = session->key;
		/* What could not be sent until now needn't wait for its next turn. */
		if (session->path.ifindex == 0 && control->path.ifindex != 0)
			bfd_kick_locked(session, BFD_KICK_NOW, &settlement);
		session->key = control->key;
		session->path = control->path;
		session->echo_path = control->echo_path;
		error = 0;
	}
	bpf_spin_unlock(&session->lock);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	if (error)
		return error;
	if (!bfd_same_key(&old, &control->key)) {
		bfd_control_unindex(session, &old);
		if (bfd_key_is_set(&control->key))
			bpf_map_update_elem(&addresses, &control->key, &slot, BPF_ANY);
	}
	if (control->any_source && !session->any_source) {
		session->any_source = bfd_any_source_claim(&control->key, slot);
	} else if (!control->any_source && session->any_source) {
		bfd_any_source_release(&control->key);
		session->any_source = 0;
	}
	return 0;
}

/*
 * A Poll, to see whether the peer still answers (RFC 5880 6.6).  It rides on periodic packets and
 * adds none (6.5); where none are sent, to a peer in Demand mode, its first is due at once.
 */
BFD_INLINE long bfd_control_poll(struct bfd_session *session, struct bfd_clock *clock,
				 const struct bfd_control *control, __u32 slot, __u64 now_ns)
{
	struct bfd_settlement settlement = {};
	long error = -ENOENT;

	bpf_spin_lock(&session->lock);
	if (session->use == BFD_SLOT_LIVE && session->vars.local_discr == control->local_discr) {
		error = bfd_verify(&session->vars, now_ns) ? 0 : -ENOTCONN;
		if (!error)
			bfd_settle_locked(session, clock, 0, session->vars.state, now_ns,
					  &settlement);
	}
	bpf_spin_unlock(&session->lock);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	return error;
}

/* RFC 5880 6.8.15; a session that isn't up has nothing to lose. */
BFD_INLINE long bfd_control_reset(struct bfd_session *session, struct bfd_clock *clock,
				  const struct bfd_control *control, __u32 slot, __u64 now_ns)
{
	struct bfd_settlement settlement = {};
	__u32 outcome;
	__u8 old_state;
	long error = -ENOENT;

	bpf_spin_lock(&session->lock);
	if (session->use == BFD_SLOT_LIVE && session->vars.local_discr == control->local_discr) {
		old_state = session->vars.state;
		outcome = bfd_reset(&session->vars, &session->stats, now_ns);
		bfd_settle_locked(session, clock, outcome, old_state, now_ns, &settlement);
		error = 0;
	}
	bpf_spin_unlock(&session->lock);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	return error;
}

/* The callback of this build of the program instead of one before, and a visit at once. */
BFD_INLINE long bfd_control_adopt(struct bfd_session *session, struct bfd_clock *clock,
				  const struct bfd_control *control, __u32 slot, __u64 now_ns)
{
	struct bfd_settlement settlement = {};
	/* The session of an older version's map came without. */
	long error = bfd_control_make_timer(session);

	if (error)
		return error;
	error = -ENOENT;
	bpf_timer_set_callback(&session->timer, bfd_timer_fired);
	bpf_spin_lock(&session->lock);
	if (bfd_control_matches(session, control)) {
		session->timer_expiry_ns = 0; /* so that it is started anew */
		if (control->renewed)
			session->vars.silence_ns = now_ns;
		bfd_settle_locked(session, clock, 0, session->vars.state, now_ns, &settlement);
		session->kick_queued = 0; /* its entry may be gone with an earlier agent */
		bfd_kick_locked(session, BFD_KICK_SCHEDULE, &settlement);
		error = 0;
	}
	bpf_spin_unlock(&session->lock);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	return error;
}

BFD_INLINE long bfd_control_clock(struct bfd_clock *clock, struct bfd_control *control,
				  __u64 now_ns)
{
	/* One that was lost stood still until now. */
	bfd_clock_note_gap(clock, now_ns);
	clock->tick_us = control->tick_us;
	clock->shaped_ifindex = control->shaped_ifindex;
	/* Frames of the generation before die at their next tick. */
	/* Random, so that no frame from outside can pass for one of ours. */
	clock->generation += 1 + (bpf_get_prandom_u32() >> 1);
	clock->last_tick_ns = 0;
	clock->rushed = 0;
	control->generation = clock->generation;
	return 0;
}

/* The shaper has its new rate already: a frame that comes sooner would pass for a race. */
BFD_INLINE long bfd_control_tick(struct bfd_clock *clock, const struct bfd_control *control)
{
	clock->tick_us = control->tick_us;
	clock->rushed = 0;
	return 0;
}

BFD_INLINE long bfd_control_run(struct bfd_control *control)
{
	struct bfd_clock *clock = bfd_clock_get();
	__u64 now_ns = bpf_ktime_get_ns();
	struct bfd_session *session;
	__u32 slot = control->slot;

	if (!clock)
		return -EINVAL;
	if (control->op == BFD_CONTROL_CLOCK)
		return bfd_control_clock(clock, control, now_ns);
	if (control->op == BFD_CONTROL_TICK)
		return bfd_control_tick(clock, control);
	session = bfd_session_at(slot);
	if (!session)
		return -ERANGE;
	switch (control->op) {
	case BFD_CONTROL_CREATE:
		return bfd_control_create(session, clock, control, slot, now_ns);
	case BFD_CONTROL_DELETE:
		return bfd_control_delete(session, clock, control, slot, now_ns);
	case BFD_CONTROL_DROP:
		return bfd_control_drop(session, clock, control, slot, now_ns);
	case BFD_CONTROL_SET:
		return bfd_control_set(session, clock, control, slot, now_ns);
	case BFD_CONTROL_SET_PATH:
		return bfd_control_set_path(session, clock, control, slot, now_ns);
	case BFD_CONTROL_POLL:
		return bfd_control_poll(session, clock, control, slot, now_ns);
	case BFD_CONTROL_RESET:
		return bfd_control_reset(session, clock, control, slot, now_ns);
	case BFD_CONTROL_ADOPT:
		return bfd_control_adopt(session, clock, control, slot, now_ns);
	default:
		return -EOPNOTSUPP;
	}
}

/* Returns the XDP verdict: XDP_DROP if the packet was no command. */
BFD_INLINE int bfd_control(struct xdp_md *context)
{
	void *data_end = (void *)(long)context->data_end;
	struct bfd_control *packet = (void *)(long)context->data;
	struct bfd_control *control;
	__u32 zero = 0;

	control = bpf_map_lookup_elem(&command, &zero);
	if (!control || (void *)(packet + 1) > data_end || packet->magic != BFD_CONTROL_MAGIC)
		return XDP_DROP;
	/* A copy, for map helpers of 6.1 take no packet pointers with calls between. */
	*control = *packet;
	packet->error = (__s32)bfd_control_run(control);
	packet->generation = control->generation;
	return XDP_PASS;
}

#endif /* IPBFD_CONTROL_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Slots and the sessions in them.  The agent remembers of a slot what it needs to
 * choose one; everything else is asked of the maps, and changed by commands to the
 * control program only.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <bpf/bpf.h>

#include "dataplane_internal.h"

/* See dataplane_memory.c; one attempt is enough for many sessions. */
#define ROOM_ATTEMPTS 20

static int read_slot(struct dataplane *dp, uint32_t slot, struct bfd_session *session)
{
	/* Under the element's lock: a consistent copy. */
	return bpf_map_lookup_elem_flags(dp->sessions_fd, &slot, session, BPF_F_LOCK) < 0 ? -errno
											  : 0;
}

/* At first without the lock, which takes its time: most slots are free, and stay so but by us. */
static int read_slot_if_used(struct dataplane *dp, uint32_t slot, struct bfd_session *session)
{
	if (bpf_map_lookup_elem(dp->sessions_fd, &slot, session) < 0)
		return -errno;
	return session->use == BFD_SLOT_FREE ? 0 : read_slot(dp, slot, session);
}

/* ---- what the agent remembers ---- */

/* FNV-1a */
static uint32_t *lingering_bucket(struct dataplane *dp, const struct bfd_address_key *key)
{
	const uint8_t *bytes = (const uint8_t *)key;
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return &dp->lingering[hash % DATAPLANE_BUCKETS];
}

void dataplane_slot_use(struct dataplane *dp, uint32_t slot, uint8_t use)
{
	struct dataplane_slot *known = &dp->slots[slot];
	uint32_t *place;

	if (known->use == use)
		return;
	place = lingering_bucket(dp, &known->key);
	if (use == BFD_SLOT_LINGER) {
		known->next_lingering = *place;
		*place = slot + 1;
	} else if (known->use == BFD_SLOT_LINGER) {
		while (*place != slot + 1)
			place = &dp->slots[*place - 1].next_lingering;
		*place = known->next_lingering;
	}
	known->use = use;
}

static void remember_slot(struct dataplane *dp, uint32_t slot, const struct bfd_session *session)
{
	dataplane_slot_use(dp, slot, BFD_SLOT_FREE);
	dp->slots[slot].local_discr = session->vars.local_discr;
	dp->slots[slot].key = session->key;
	dataplane_slot_use(dp, slot, session->use);
}

/* Re-read all slots: at adoption, and when none seems free although events may be lost. */
int dataplane_slots_reread(struct dataplane *dp)
{
	struct bfd_session session;

	for (uint32_t slot = 0; slot < dp->max_sessions; slot++) {
		int error = read_slot_if_used(dp, slot, &session);

		if (error)
			return error;
		remember_slot(dp, slot, &session);
	}
	return 0;
}

/* A command that may have to make a timer. */
static int control_with_timer(struct dataplane *dp, struct bfd_control *control)
{
	int error = dataplane_control(dp, control);

	for (int attempt = 0; error == -ENOMEM && attempt < ROOM_ATTEMPTS; attempt++) {
		dataplane_make_room_for_timers();
		error = dataplane_control(dp, control);
	}
	return error;
}

/* Timers call the program that set their callback: make that this build's. */
int dataplane_sessions_adopt(struct dataplane *dp, bool renewed)
{
	for (uint32_t slot = 0; slot < dp->max_sessions; slot++) {
		struct bfd_control control = {
			.op = BFD_CONTROL_ADOPT,
			.slot = slot,
			.local_discr = dp->slots[slot].local_discr,
			.renewed = renewed,
		};
		int error;

		if (dp->slots[slot].use == BFD_SLOT_FREE)
			continue;
		error = control_with_timer(dp, &control);
		if (error && error != -ENOENT) /* freed meanwhile */
			return error;
	}
	return 0;
}

static uint32_t min_us(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What this session can ask for at any moment: Up may come without the agent. */
static uint32_t configured_us(const struct bfd_vars *vars)
{
	return min_us(vars->conf_desired_min_tx_us,
		      vars->echo_tx_us ? vars->echo_tx_us : UINT32_MAX);
}

/* RFC 5880 6.8.3: a longer interval isn't used before the Poll Sequence has ended. */
static uint32_t used_us(const struct bfd_session *session)
{
	return min_us(session->vars.active_desired_min_tx_us,
		      session->echo.interval_us ? session->echo.interval_us : UINT32_MAX);
}

uint32_t dataplane_fastest_us(const struct dataplane *dp, bool *passing)
{
	uint32_t configured = UINT32_MAX, used = UINT32_MAX;
	struct bfd_session session;

	for (uint32_t slot = 0; slot < dp->max_sessions; slot++) {
		if (dp->slots[slot].use != BFD_SLOT_LIVE ||
		    bpf_map_lookup_elem(dp->sessions_fd, &slot, &session) < 0)
			continue;
		configured = min_us(configured, configured_us(&session.vars));
		used = min_us(used, used_us(&session));
	}
	*passing = used < configured;
	return min_us(configured, used);
}

/* What a configuration asks of the clock; UINT32_MAX: nothing. */
static uint32_t config_fastest_us(const struct bfd_config *config)
{
	uint32_t fastest_us = UINT32_MAX;

	if (config->set & BFD_CONFIG_DESIRED_MIN_TX)
		fastest_us = config->desired_min_tx_us;
	if ((config->set & BFD_CONFIG_ECHO_TX) && config->echo_tx_us &&
	    config->echo_tx_us < fastest_us)
		fastest_us = config->echo_tx_us;
	return fastest_us;
}

static int find_free_slot(struct dataplane *dp, uint32_t *slot)
{
	for (uint32_t i = 0; i < dp->max_sessions; i++) {
		uint32_t candidate = (dp->next_slot + i) % dp->max_sessions;

		if (dp->slots[candidate].use != BFD_SLOT_FREE)
			continue;
		*slot = candidate;
		return 0;
	}
	return -ENOSPC;
}

int dataplane_slot_alloc(struct dataplane *dp, uint32_t *slot)
{
	int error = find_free_slot(dp, slot);

	if (error) {
		error = dataplane_slots_reread(dp);
		if (!error)
			error = find_free_slot(dp, slot);
	}
	/* Round robin: a port that was just in use rests for as long as possible. */
	if (!error)
		dp->next_slot = *slot + 1;
	return error;
}

/* A discriminator must be random (RFC 5880 6.8.1), not 0, and unique here. */
static int pick_discriminator(struct dataplane *dp, uint32_t *discr)
{
	uint32_t slot;

	for (int attempt = 0; attempt < 1000; attempt++) {
		if (getrandom(discr, sizeof(*discr), 0) != sizeof(*discr))
			return -errno;
		if (*discr != 0 && bpf_map_lookup_elem(dp->discriminators_fd, discr, &slot) < 0)
			return 0;
	}
	return -EAGAIN;
}

/* A deleted session to the same neighbour would go on to say AdminDown: end it now. */
static int drop_lingering(struct dataplane *dp, const struct bfd_address_key *key)
{
	uint32_t next = *lingering_bucket(dp, key);

	while (next) {
		const struct dataplane_slot *known = &dp->slots[next - 1];
		struct bfd_control control = {
			.op = BFD_CONTROL_DROP,
			.slot = next - 1,
			.local_discr = known->local_discr,
		};
		int error;

		next = known->next_lingering;
		if (memcmp(&known->key, key, sizeof(*key)) != 0)
			continue;
		error = dataplane_control(dp, &control);
		if (error && error != -ENOENT)
			return error;
		dataplane_slot_use(dp, control.slot, BFD_SLOT_FREE);
	}
	return 0;
}

int dataplane_session_create(struct dataplane *dp, uint32_t slot, const struct bfd_config *config,
			     const struct bfd_address_key *key, const struct dataplane_paths *paths,
			     const struct bfd_session_info *info, uint32_t *local_discr)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_CREATE,
		.slot = slot,
		.config = *config,
		.key = *key,
		.path = paths->control,
		.echo_path = paths->echo,
		.any_source = !!(info->flags & BFD_INFO_POINT_TO_POINT),
	};
	int error;

	if (slot >= dp->max_sessions || dp->slots[slot].use != BFD_SLOT_FREE)
		return -EINVAL;
	control.config.set = BFD_CONFIG_ALL;
	error = drop_lingering(dp, key);
	if (!error)
		error = pick_discriminator(dp, local_discr);
	if (error)
		return error;
	if (bpf_map_update_elem(dp->info_fd, &slot, info, BPF_ANY) < 0)
		return -errno;
	control.local_discr = *local_discr;
	dataplane_clock_stale(dp);
	error = control_with_timer(dp, &control);
	if (error)
		return error;
	dp->slots[slot].local_discr = *local_discr;
	dp->slots[slot].key = *key;
	dataplane_slot_use(dp, slot, BFD_SLOT_LIVE);
	return dataplane_clock_update(dp, config_fastest_us(&control.config));
}

/* Run a command on the session that this slot holds. */
static int slot_command(struct dataplane *dp, uint32_t slot, struct bfd_control *control)
{
	int error;

	if (slot >= dp->max_sessions || dp->slots[slot].use != BFD_SLOT_LIVE)
		return -ENOENT;
	control->slot = slot;
	control->local_discr = dp->slots[slot].local_discr;
	error = dataplane_control(dp, control);
	/* What it left to send needn't wait for a tick; if this fails it does. */
	if (!error)
		(void)dataplane_clock_now(dp);
	return error;
}

int dataplane_session_delete(struct dataplane *dp, uint32_t slot)
{
	struct bfd_control control = {.op = BFD_CONTROL_DELETE};
	int error = slot_command(dp, slot, &control);

	if (error)
		return error;
	dataplane_slot_use(dp, slot, BFD_SLOT_LINGER);
	dataplane_clock_relax(dp);
	return 0;
}

int dataplane_session_set(struct dataplane *dp, uint32_t slot, const struct bfd_config *config)
{
	struct bfd_control control = {.op = BFD_CONTROL_SET, .config = *config};
	int error = slot_command(dp, slot, &control);

	if (error)
		return error;
	if (config->set & BFD_CONFIG_ECHO_TX)
		dataplane_clock_relax(dp);
	if (config_fastest_us(config) == UINT32_MAX)
		return 0;
	return dataplane_clock_update(dp, config_fastest_us(config));
}

int dataplane_session_poll(struct dataplane *dp, uint32_t slot)
{
	struct bfd_control control = {.op = BFD_CONTROL_POLL};

	return slot_command(dp, slot, &control);
}

int dataplane_session_reset(struct dataplane *dp, uint32_t slot)
{
	struct bfd_control control = {.op = BFD_CONTROL_RESET};

	return slot_command(dp, slot, &control);
}

int dataplane_session_set_path(struct dataplane *dp, uint32_t slot,
			       const struct bfd_address_key *key,
			       const struct dataplane_paths *paths,
			       const struct bfd_session_info *info)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_SET_PATH,
		.key = *key,
		.path = paths->control,
		.echo_path = paths->echo,
		.any_source = !!(info->flags & BFD_INFO_POINT_TO_POINT),
	};
	int error = slot_command(dp, slot, &control);

	if (error)
		return error;
	dp->slots[slot].key = *key;
	return dataplane_session_set_info(dp, slot, info);
}

int dataplane_session_set_info(struct dataplane *dp, uint32_t slot,
			       const struct bfd_session_info *info)
{
	return bpf_map_update_elem(dp->info_fd, &slot, info, BPF_ANY) < 0 ? -errno : 0;
}

int dataplane_session_read(struct dataplane *dp, uint32_t slot, struct bfd_session *session,
			   struct bfd_session_info *info)
{
	int error;

	/* It can only have become free since we looked. */
	if (dp->slots[slot].use == BFD_SLOT_FREE)
		return -ENOENT;
	error = read_slot(dp, slot, session);
	if (error)
		return error;
	if (session->use == BFD_SLOT_FREE)
		return -ENOENT;
	return info && bpf_map_lookup_elem(dp->info_fd, &slot, info) < 0 ? -errno : 0;
}

int dataplane_find_discr(struct dataplane *dp, uint32_t local_discr, uint32_t *slot)
{
	if (bpf_map_lookup_elem(dp->discriminators_fd, &local_discr, slot) < 0)
		return -errno;
	return *slot < dp->max_sessions && dp->slots[*slot].use == BFD_SLOT_LIVE ? 0 : -ENOENT;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session set in memory, for tests; see fake_sessions.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kern/auth.h"
#include "user/address.h"

#include "fake_sessions.h"

#define FIRST_DISCR 1001

struct sessions {
	struct sessions_observer observer;
	uint32_t generation;
	uint32_t count;
	struct fake {
		bool used;
		struct session session;
		struct bfd_config config;
		struct bfd_auth auth;
		char client[BFD_CLIENT_NAME_MAX + 1]; /* the only one; empty: none */
		bool polled;
	} slots[FAKE_SESSIONS_MAX];
};

struct sessions *fake_sessions_new(const struct sessions_observer *observer)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	if (!sessions)
		abort();
	sessions->observer = *observer;
	sessions->generation = 1;
	return sessions;
}

void fake_sessions_free(struct sessions *sessions)
{
	free(sessions);
}

void session_config_default(struct bfd_config *config)
{
	*config = (struct bfd_config){
		.set = BFD_CONFIG_ALL,
		.desired_min_tx_us = BFD_DEFAULT_DESIRED_MIN_TX,
		.required_min_rx_us = BFD_DEFAULT_REQUIRED_MIN_RX,
		.mult = BFD_DEFAULT_MULTIPLIER,
	};
}

/* A free slot, or NULL. */
static struct fake *take_slot(struct sessions *sessions)
{
	uint32_t slot;

	for (slot = 0; slot < FAKE_SESSIONS_MAX && sessions->slots[slot].used; slot++)
		;
	if (slot == FAKE_SESSIONS_MAX)
		return NULL;
	memset(&sessions->slots[slot], 0, sizeof(sessions->slots[slot]));
	sessions->slots[slot].used = true;
	sessions->slots[slot].session.slot = slot;
	sessions->slots[slot].session.local_discr = FIRST_DISCR + slot;
	sessions->slots[slot].session.path_ready = true;
	sessions->slots[slot].session.info.ifindex = 7;
	strcpy(sessions->slots[slot].session.info.ifname, "v0");
	sessions->slots[slot].session.info.source_port = (uint16_t)(49152 + slot);
	sessions->count++;
	sessions->generation++;
	return &sessions->slots[slot];
}

void fake_sessions_fill(struct sessions *sessions, unsigned int count)
{
	struct fake *fake;
	unsigned int i;

	for (i = 1; i <= count; i++) {
		uint8_t address[4] = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

		fake = take_slot(sessions);
		if (!fake)
			abort();
		session_config_default(&fake->config);
		address_set(&fake->session.info.remote, address, 4);
	}
}

static const struct session *find_remote(const struct sessions *sessions,
					 const struct bfd_address *remote,
					 struct session_error *error)
{
	const struct session *other = sessions_from(sessions, 0);

	while (other && !address_equal(&other->info.remote, remote))
		other = sessions_from(sessions, other->slot + 1);
	if (!other)
		return NULL;
	error->field = SESSION_FIELD_REMOTE;
	snprintf(error->text, sizeof(error->text), "session to %s on v0 exists (id %u)",
		 address_format(remote).text, other->local_discr);
	return other;
}

int sessions_check(struct sessions *sessions, const struct session_request *request, bool replaces,
		   struct session_error *error)
{
	return find_remote(sessions, &request->remote, error) && !replaces ? -EEXIST : 0;
}

int sessions_create(struct sessions *sessions, const struct session_request *request,
		    const struct session **out, struct session_error *error)
{
	struct fake *fake;

	*out = find_remote(sessions, &request->remote, error);
	if (*out)
		return -EEXIST;
	fake = take_slot(sessions);
	if (!fake) {
		snprintf(error->text, sizeof(error->text), "no free session");
		return -ENOSPC;
	}
	fake->config = request->config;
	bfd_auth_initialize(&fake->auth, &request->config.auth, 1);
	fake->session.info.remote = request->remote;
	fake->session.info.local = request->local;
	fake->session.info.echo_source = request->echo_source;
	fake->session.info.flags = request->multihop ? BFD_INFO_MULTIHOP : 0;
	fake->session.info.vrf_ifindex = request->vrf_ifindex;
	memcpy(fake->client, request->client, sizeof(fake->client));
	memcpy(fake->session.info.name, request->name, sizeof(request->name));
	*out = &fake->session;
	sessions->observer.created(&fake->session, sessions->observer.context);
	return 0;
}

int sessions_change(struct sessions *sessions, const struct session *session,
		    const struct bfd_config *config, struct session_error *error)
{
	struct bfd_config *now = &sessions->slots[session->slot].config;

	(void)error;
	if (config->set & BFD_CONFIG_DESIRED_MIN_TX)
		now->desired_min_tx_us = config->desired_min_tx_us;
	if (config->set & BFD_CONFIG_REQUIRED_MIN_RX)
		now->required_min_rx_us = config->required_min_rx_us;
	if (config->set & BFD_CONFIG_MULT)
		now->mult = config->mult;
	if (config->set & BFD_CONFIG_PASSIVE)
		now->passive = config->passive;
	if (config->set & BFD_CONFIG_ADMIN_DOWN) {
		now->admin_down = config->admin_down;
		now->diag = config->diag;
	}
	if (config->set & BFD_CONFIG_DEMAND)
		now->demand = config->demand;
	if (config->set & BFD_CONFIG_POLL_INTERVAL)
		now->poll_interval_us = config->poll_interval_us;
	if (config->set & BFD_CONFIG_ECHO_TX)
		now->echo_tx_us = config->echo_tx_us;
	if (config->set & BFD_CONFIG_ECHO_RX)
		now->echo_rx_us = config->echo_rx_us;
	if (config->set & BFD_CONFIG_HOLD_DOWN)
		now->hold_down_us = config->hold_down_us;
	if (config->set & BFD_CONFIG_MIN_TTL)
		now->min_ttl = config->min_ttl;
	if (config->set & BFD_CONFIG_DIAG)
		now->path_diag = config->path_diag;
	if (config->set & BFD_CONFIG_AUTH)
		bfd_auth_configure(&sessions->slots[session->slot].auth, &config->auth);
	sessions->observer.changed(session, sessions->observer.context);
	return 0;
}

int sessions_delete(struct sessions *sessions, const struct session *session,
		    struct session_error *error)
{
	(void)error;
	sessions->observer.deleted(session, sessions->observer.context);
	sessions->slots[session->slot].used = false;
	sessions->count--;
	sessions->generation++;
	return 0;
}

int sessions_leave(struct sessions *sessions, const struct session *session, const char *client,
		   struct session_error *error)
{
	if (!strcmp(sessions->slots[session->slot].client, client))
		return sessions_delete(sessions, session, error);
	error->field = SESSION_FIELD_CLIENT;
	snprintf(error->text, sizeof(error->text), "%s is no client of session %u", client,
		 session->local_discr);
	return -ENOENT;
}

const char *sessions_client(const struct sessions *sessions, const struct session *session,
			    unsigned int index)
{
	const char *client = sessions->slots[session->slot].client;

	return index == 0 && *client ? client : NULL;
}

/* It keeps one configuration of a session, and not one for each who asks. */
const char *sessions_client_request(const struct sessions *sessions, const struct session *session,
				    unsigned int index, const struct bfd_config **config)
{
	*config = &sessions->slots[session->slot].config;
	return sessions_client(sessions, session, index);
}

int sessions_set_configured(struct sessions *sessions, const struct session *session,
			    bool configured, struct session_error *error)
{
	__u32 *flags = &sessions->slots[session->slot].session.info.flags;

	(void)error;
	*flags &= ~(__u32)BFD_INFO_CONFIGURED;
	*flags |= configured ? BFD_INFO_CONFIGURED : 0;
	return 0;
}

int sessions_poll(struct sessions *sessions, const struct session *session,
		  struct session_error *error)
{
	(void)error;
	sessions->slots[session->slot].polled = true;
	return 0;
}

int sessions_reset(struct sessions *sessions, const struct session_selector *selector,
		   struct session_error *error)
{
	const struct session *session;
	uint32_t slot = 0;
	int done = 0;

	(void)error;
	while ((session = sessions_from(sessions, slot))) {
		slot = session->slot + 1;
		if (!session_matches(session, selector))
			continue;
		fake_sessions_fail(sessions, session->local_discr);
		done++;
	}
	return done;
}

bool session_matches(const struct session *session, const struct session_selector *selector)
{
	if (selector->local_discr && selector->local_discr != session->local_discr)
		return false;
	if (selector->has_remote && !address_equal(&selector->remote, &session->info.remote))
		return false;
	if (selector->has_local && !address_equal(&selector->local, &session->info.local))
		return false;
	if (selector->ifindex && selector->ifindex != session->info.ifindex)
		return false;
	if (selector->has_multihop &&
	    selector->multihop != !!(session->info.flags & BFD_INFO_MULTIHOP))
		return false;
	if (selector->has_vrf && selector->vrf_ifindex != session->info.vrf_ifindex)
		return false;
	return !selector->name || !strcmp(selector->name, session->info.name);
}

const struct session *sessions_from(const struct sessions *sessions, uint32_t slot)
{
	for (; slot < FAKE_SESSIONS_MAX; slot++)
		if (sessions->slots[slot].used)
			return &sessions->slots[slot].session;
	return NULL;
}

int sessions_flush(struct sessions *sessions, const struct session_selector *selector,
		   struct session_error *error)
{
	const struct session *session;
	int deleted = 0;
	uint32_t slot = 0;

	while ((session = sessions_from(sessions, slot))) {
		slot = session->slot + 1;
		if (!session_matches(session, selector))
			continue;
		sessions_delete(sessions, session, error);
		deleted++;
	}
	return deleted;
}

int sessions_find(struct sessions *sessions, const struct session_selector *selector,
		  const struct session **out, struct session_error *error)
{
	const struct session *session;

	if (!selector->local_discr && !selector->has_remote && !selector->has_local &&
	    !selector->ifindex && !selector->name) {
		snprintf(error->text, sizeof(error->text), "which session?");
		return -EINVAL;
	}
	for (session = sessions_from(sessions, 0); session;
	     session = sessions_from(sessions, session->slot + 1)) {
		if (!session_matches(session, selector))
			continue;
		*out = session;
		return 0;
	}
	error->field = selector->local_discr ? SESSION_FIELD_DISCR : SESSION_FIELD_NONE;
	snprintf(error->text, sizeof(error->text), "no session with id %u", selector->local_discr);
	return -ENOENT;
}

uint32_t sessions_count(const struct sessions *sessions)
{
	return sessions->count;
}

uint32_t sessions_generation(const struct sessions *sessions)
{
	return sessions->generation;
}

int sessions_read(const struct sessions *sessions, const struct session *session,
		  struct bfd_session *out)
{
	const struct bfd_config *config = &sessions->slots[session->slot].config;

	memset(out, 0, sizeof(*out));
	out->use = BFD_SLOT_LIVE;
	out->auth = sessions->slots[session->slot].auth;
	out->vars.local_discr = session->local_discr;
	out->vars.state = config->admin_down ? BFD_STATE_ADMIN_DOWN : BFD_STATE_UP;
	out->vars.remote_state = BFD_STATE_UP;
	out->vars.mult = config->mult;
	out->vars.remote_mult = 3;
	out->vars.passive = config->passive;
	out->vars.admin_down = config->admin_down;
	out->vars.conf_desired_min_tx_us = config->desired_min_tx_us;
	out->vars.desired_min_tx_us = config->desired_min_tx_us;
	out->vars.active_desired_min_tx_us = config->desired_min_tx_us;
	out->vars.required_min_rx_us = config->required_min_rx_us;
	out->vars.active_required_min_rx_us = config->required_min_rx_us;
	out->vars.remote_min_rx_us = 50000;
	out->vars.remote_desired_min_tx_us = 50000;
	out->vars.conf_required_min_rx_us = config->required_min_rx_us;
	out->vars.diag = config->admin_down ? config->diag : config->path_diag;
	out->vars.demand = config->demand;
	out->vars.multihop = config->multihop;
	out->vars.poll = sessions->slots[session->slot].polled ? BFD_POLL_ACTIVE : BFD_POLL_IDLE;
	out->vars.poll_interval_us = config->poll_interval_us;
	out->vars.hold_down_us = config->hold_down_us;
	out->vars.echo_tx_us = config->echo_tx_us;
	out->vars.echo_rx_us = config->echo_rx_us;
	out->vars.remote_min_echo_rx_us = 20000;
	out->min_ttl = config->min_ttl;
	out->echo_stats.tx_packets = config->echo_tx_us ? 1 : 0;
	out->stats.last_up_ns = 1;
	out->stats.rx_invalid[BFD_DISCARD_TTL] = 5;
	return 0;
}

const struct session *sessions_using_keys(const struct sessions *sessions, uint32_t chain,
					  uint8_t type)
{
	const struct session *session;

	for (session = sessions_from(sessions, 0); session;
	     session = sessions_from(sessions, session->slot + 1)) {
		const struct bfd_auth_config *auth = &sessions->slots[session->slot].auth.used;

		if (auth->type && auth->chain == chain && (!type || auth->type == type))
			return session;
	}
	return NULL;
}

bool sessions_device_from(const struct sessions *sessions, uint32_t ifindex,
			  struct session_device *out)
{
	if (ifindex > 7 || !sessions->count)
		return false;
	*out = (struct session_device){.ifindex = 7, .ifname = "v0", .sessions = sessions->count};
	return true;
}

/* Their device has no subnets. */
bool sessions_echo_provokes_redirects(const struct sessions *sessions,
				      const struct session *session)
{
	(void)sessions;
	(void)session;
	return false;
}

void fake_sessions_fail(struct sessions *sessions, uint32_t local_discr)
{
	const struct bfd_event event = {
		.time_ns = 2000000000,
		.sequence = 1,
		.last_rx_ns = 1970000000,
		.detect_overshoot_ns = 12345,
		.type = BFD_EVENT_STATE,
		.slot = local_discr - FIRST_DISCR,
		.local_discr = local_discr,
		.old_state = BFD_STATE_UP,
		.state = BFD_STATE_DOWN,
		.diag = BFD_DIAG_DETECTION_EXPIRED,
	};

	sessions->observer.state(&sessions->slots[local_discr - FIRST_DISCR].session, &event, false,
				 sessions->observer.context);
}

int dataplane_attachment(const struct dataplane *dp, uint32_t ifindex, enum dataplane_attach *mode,
			 uint32_t *program_id)
{
	(void)dp;
	if (ifindex != 7)
		return -ENOENT;
	*mode = DATAPLANE_NATIVE;
	*program_id = 42;
	return 0;
}

int dataplane_global_discards(struct dataplane *dp, uint64_t *counts)
{
	(void)dp;
	memset(counts, 0, BFD_DISCARD_COUNT * sizeof(*counts));
	counts[BFD_DISCARD_NO_SESSION] = 9;
	return 0;
}

uint32_t dataplane_max_sessions(const struct dataplane *dp)
{
	(void)dp;
	return FAKE_SESSIONS_MAX;
}

int dataplane_clock_info(struct dataplane *dp, struct dataplane_clock_info *info)
{
	(void)dp;
	*info = (struct dataplane_clock_info){.mode = DATAPLANE_CLOCK_KERNEL, .tick_us = 1000};
	return 0;
}

/* One is enough for the tests. */
static uint32_t subscriber_port;
static struct bfd_subscriber subscriber;

int dataplane_subscriber_set(struct dataplane *dp, uint32_t port,
			     const struct bfd_subscriber *value)
{
	(void)dp;
	subscriber_port = port;
	subscriber = *value;
	return 0;
}

int dataplane_subscriber_del(struct dataplane *dp, uint32_t port)
{
	(void)dp;
	if (port != subscriber_port)
		return -ENOENT;
	subscriber_port = 0;
	return 0;
}

int dataplane_subscriber_next(struct dataplane *dp, const uint32_t *previous, uint32_t *port,
			      struct bfd_subscriber *value)
{
	(void)dp;
	if (previous || !subscriber_port)
		return -ENOENT;
	*port = subscriber_port;
	*value = subscriber;
	return 0;
}

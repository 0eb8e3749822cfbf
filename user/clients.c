// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that share a session; see clients.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../kern/auth.h"
#include "address.h"
#include "clients.h"
#include "log.h"
#include "resolve.h"
#include "sessions_internal.h"

struct client {
	struct client *next;		    /* in the order in which they came */
	char name[BFD_CLIENT_NAME_MAX + 1]; /* empty: the operator */
	struct bfd_config config;	    /* what it asks for, all members */
};

static void client_key(const struct session_entry *entry, const char *name,
		       struct bfd_client_key *key)
{
	*key = (struct bfd_client_key){.local_discr = entry->session.local_discr};
	memccpy(key->name, name, '\0', sizeof(key->name) - 1);
}

static struct client **find(struct session_entry *entry, const char *name)
{
	struct client **place = &entry->clients;

	while (*place && strcmp((*place)->name, name) != 0)
		place = &(*place)->next;
	return place;
}

/* ---- what they ask for, together ---- */

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Of intervals that may be 0, off: the shortest that is on. */
static uint32_t shorter(uint32_t a, uint32_t b)
{
	return a && b ? smaller(a, b) : a | b;
}

/*
 * RFC 5882 4.1: the shortest detection that any of them wants, so the fastest of each timer.
 * What would keep the session from one of them (AdminDown, passive, Demand mode) all must want.
 */
static void merge(struct bfd_config *into, const struct bfd_config *config)
{
	into->desired_min_tx_us = smaller(into->desired_min_tx_us, config->desired_min_tx_us);
	into->required_min_rx_us = smaller(into->required_min_rx_us, config->required_min_rx_us);
	into->mult = (uint8_t)smaller(into->mult, config->mult);
	into->passive &= config->passive;
	into->admin_down &= config->admin_down;
	into->demand &= config->demand;
	into->poll_interval_us = shorter(into->poll_interval_us, config->poll_interval_us);
	into->echo_tx_us = shorter(into->echo_tx_us, config->echo_tx_us);
	into->echo_rx_us = shorter(into->echo_rx_us, config->echo_rx_us);
	into->hold_down_us = smaller(into->hold_down_us, config->hold_down_us);
	if (config->min_ttl > into->min_ttl) /* the strictest */
		into->min_ttl = config->min_ttl;
	if (!into->diag)
		into->diag = config->diag;
	/* Authentication is the same for all: see check_auth(). */
}

static void merge_all(const struct session_entry *entry, struct bfd_config *out)
{
	*out = entry->clients->config;
	for (const struct client *client = entry->clients->next; client; client = client->next)
		merge(out, &client->config);
}

/* Only what differs, so that nothing is said to the peer for nothing.  A diagnostic that is said
 * while Up is an event, not a need of a client.
 */
static uint32_t differences(const struct bfd_config *a, const struct bfd_config *b)
{
	uint32_t set = 0;

	if (a->desired_min_tx_us != b->desired_min_tx_us)
		set |= BFD_CONFIG_DESIRED_MIN_TX;
	if (a->required_min_rx_us != b->required_min_rx_us)
		set |= BFD_CONFIG_REQUIRED_MIN_RX;
	if (a->mult != b->mult)
		set |= BFD_CONFIG_MULT;
	if (a->passive != b->passive)
		set |= BFD_CONFIG_PASSIVE;
	if (a->admin_down != b->admin_down)
		set |= BFD_CONFIG_ADMIN_DOWN;
	if (a->demand != b->demand)
		set |= BFD_CONFIG_DEMAND;
	if (a->poll_interval_us != b->poll_interval_us)
		set |= BFD_CONFIG_POLL_INTERVAL;
	if (a->echo_tx_us != b->echo_tx_us)
		set |= BFD_CONFIG_ECHO_TX;
	if (a->echo_rx_us != b->echo_rx_us)
		set |= BFD_CONFIG_ECHO_RX;
	if (a->hold_down_us != b->hold_down_us)
		set |= BFD_CONFIG_HOLD_DOWN;
	if (b->multihop && a->min_ttl != b->min_ttl)
		set |= BFD_CONFIG_MIN_TTL;
	return set;
}

/* The session as it is now may differ from before: make it so. */
static int apply(struct sessions *sessions, struct session_entry *entry,
		 const struct bfd_config *before, struct session_error *error)
{
	struct bfd_config config;

	merge_all(entry, &config);
	config.multihop = session_is_multihop(&entry->session.info);
	config.set = differences(before, &config);
	if (config.set)
		return sessions_configure(sessions, entry, &config, error);
	sessions_changed(sessions, entry);
	return 0;
}

/* ---- references ---- */

static int remember(struct session_entry *entry, const char *name, const struct bfd_config *config)
{
	struct client **place = find(entry, name);

	if (!*place) {
		*place = calloc(1, sizeof(**place));
		if (!*place)
			return -ENOMEM;
		memccpy((*place)->name, name, '\0', sizeof((*place)->name) - 1);
	}
	(*place)->config = *config;
	(*place)->config.set = BFD_CONFIG_ALL | (config->set & BFD_CONFIG_CONFIGURED);
	return 0;
}

static int store(struct sessions *sessions, struct session_entry *entry, const char *name,
		 const struct bfd_config *config)
{
	struct bfd_client_key key;
	int error;

	client_key(entry, name, &key);
	error = dataplane_client_set(sessions->dp, &key, config);
	if (error)
		return error;
	error = remember(entry, name, config);
	if (error)
		dataplane_client_del(sessions->dp, &key);
	return error;
}

static int store_request(struct sessions *sessions, struct session_entry *entry,
			 const struct session_request *request)
{
	struct bfd_config config = request->config;

	config.set = BFD_CONFIG_ALL | (request->configured ? BFD_CONFIG_CONFIGURED : 0);
	return store(sessions, entry, request->client, &config);
}

static void drop(struct sessions *sessions, struct session_entry *entry, struct client **place)
{
	struct client *client = *place;
	struct bfd_client_key key;

	client_key(entry, client->name, &key);
	dataplane_client_del(sessions->dp, &key);
	*place = client->next;
	free(client);
}

static int fail_store(const char *name, int result, struct session_error *error)
{
	return session_fail(error, SESSION_FIELD_CLIENT, result,
			    "the data plane refused the client \"%s\": %s", name,
			    strerror(-result));
}

int clients_start(struct sessions *sessions, struct session_entry *entry,
		  const struct session_request *request, struct session_error *error)
{
	int result = request->client[0] ? store_request(sessions, entry, request) : 0;

	return result ? fail_store(request->client, result, error) : 0;
}

/* What the operator, who named no client, asked for when he made the session. */
static int read_operator(struct sessions *sessions, const struct session_entry *entry,
			 struct bfd_config *config)
{
	struct bfd_session session;
	const struct bfd_vars *vars = &session.vars;
	int error = sessions_read(sessions, &entry->session, &session);

	if (error)
		return error;
	*config = (struct bfd_config){
		.set = BFD_CONFIG_ALL,
		.desired_min_tx_us = vars->conf_desired_min_tx_us,
		.required_min_rx_us = vars->conf_required_min_rx_us,
		.mult = vars->mult,
		.passive = vars->passive,
		.admin_down = vars->admin_down,
		.diag = vars->admin_down ? vars->diag : 0,
		.demand = vars->demand,
		.multihop = vars->multihop,
		.min_ttl = entry->session.info.min_ttl,
		.poll_interval_us = vars->poll_interval_us,
		.echo_tx_us = vars->echo_tx_us,
		.echo_rx_us = vars->echo_rx_us,
		.hold_down_us = vars->hold_down_us,
		.auth = session.auth.awaiting ? session.auth.awaited : session.auth.used,
	};
	config->auth.optional = session.auth.awaiting;
	if (entry->session.info.flags & BFD_INFO_CONFIGURED)
		config->set |= BFD_CONFIG_CONFIGURED;
	return 0;
}

static int check_fits(const struct session_entry *entry, const struct session_request *request,
		      struct session_error *error)
{
	const struct bfd_session_info *info = &entry->session.info;
	struct address_text remote = address_format(&info->remote);

	if (request->has_local && !address_equal(&request->local, &info->local))
		return session_fail(error, SESSION_FIELD_LOCAL, -EEXIST,
				    "the session with %s on %s is from %s", remote.text,
				    info->ifname, address_format(&info->local).text);
	if (request->name[0] && strcmp(request->name, info->name) != 0)
		return session_fail(error, SESSION_FIELD_NAME, -EEXIST,
				    "the session with %s on %s has %s%s", remote.text, info->ifname,
				    info->name[0] ? "the name " : "no name", info->name);
	if (request->has_echo_source && !address_equal(&request->echo_source, &info->echo_source))
		return session_fail(error, SESSION_FIELD_ECHO_SOURCE, -EEXIST,
				    "the session with %s on %s has the echo source %s", remote.text,
				    info->ifname, address_format(&info->echo_source).text);
	return 0;
}

/* There is but one on the wire. */
static int check_auth(const struct session_entry *entry, const struct bfd_config *now,
		      const struct bfd_config *wanted, struct session_error *error)
{
	if (bfd_auth_same(&now->auth, &wanted->auth))
		return 0;
	return session_fail(error, SESSION_FIELD_AUTH, -EEXIST,
			    "the session with %s on %s has other authentication",
			    address_format(&entry->session.info.remote).text,
			    entry->session.info.ifname);
}

int clients_check_join(struct sessions *sessions, const struct session_entry *entry,
		       const struct session_request *request, struct session_error *error)
{
	struct bfd_config now;
	int result = check_fits(entry, request, error);

	if (result)
		return result;
	result = read_operator(sessions, entry, &now);
	return result ? fail_store(request->client, result, error)
		      : check_auth(entry, &now, &request->config, error);
}

int clients_join(struct sessions *sessions, struct session_entry *entry,
		 const struct session_request *request, struct session_error *error)
{
	struct bfd_config before, old = {};
	struct client *known = *find(entry, request->client);
	int result = check_fits(entry, request, error);

	if (result)
		return result;
	result = read_operator(sessions, entry, &before);
	if (!result && check_auth(entry, &before, &request->config, error))
		return -EEXIST;
	if (!result && !entry->clients)
		result = store(sessions, entry, "", &before);
	if (!result && known)
		old = known->config;
	if (!result)
		result = store_request(sessions, entry, request);
	if (result)
		return fail_store(request->client, result, error);
	result = apply(sessions, entry, &before, error);
	if (result && known) /* as it was */
		store(sessions, entry, request->client, &old);
	else if (result)
		drop(sessions, entry, find(entry, request->client));
	return result;
}

int sessions_leave(struct sessions *sessions, const struct session *session, const char *name,
		   struct session_error *error)
{
	struct session_entry *entry = sessions->slots[session->slot];
	struct client **place = find(entry, name);
	struct bfd_config before;
	int result;

	if (!name[0] || !*place)
		return session_fail(error, SESSION_FIELD_CLIENT, -ENOENT,
				    "session %u has no client named \"%s\"", session->local_discr,
				    name);
	if (!entry->clients->next)
		return sessions_delete(sessions, session, error);
	result = read_operator(sessions, entry, &before);
	if (result)
		return fail_store(name, result, error);
	drop(sessions, entry, place);
	return apply(sessions, entry, &before, error);
}

const char *sessions_client(const struct sessions *sessions, const struct session *session,
			    unsigned int index)
{
	const struct client *client = sessions->slots[session->slot]->clients;

	for (; client; client = client->next)
		if (client->name[0] && !index--)
			return client->name;
	return NULL;
}

const char *sessions_client_request(const struct sessions *sessions, const struct session *session,
				    unsigned int index, const struct bfd_config **config)
{
	const struct client *client = sessions->slots[session->slot]->clients;

	while (client && index--)
		client = client->next;
	if (!client)
		return NULL;
	*config = &client->config;
	return client->name;
}

int sessions_set_configured(struct sessions *sessions, const struct session *session,
			    bool configured, struct session_error *error)
{
	struct session_entry *entry = sessions->slots[session->slot];
	struct bfd_session_info *info = &entry->session.info, before = *info;
	struct client *operator= * find(entry, "");
	int result;

	info->flags &= ~(__u32)BFD_INFO_CONFIGURED;
	info->flags |= configured ? BFD_INFO_CONFIGURED : 0;
	if (info->flags == before.flags)
		return 0;
	result = dataplane_session_set_info(sessions->dp, session->slot, info);
	if (!result && operator) {
		struct bfd_config config = operator->config;

		config.set = BFD_CONFIG_ALL | (configured ? BFD_CONFIG_CONFIGURED : 0);
		result = store(sessions, entry, "", &config);
	}
	if (!result)
		return 0;
	*info = before;
	return session_fail(error, SESSION_FIELD_NONE, result,
			    "the data plane refused the change: %s", strerror(-result));
}

/* The members of config that config->set names. */
static void overwrite(struct bfd_config *into, const struct bfd_config *config)
{
	if (config->set & BFD_CONFIG_DESIRED_MIN_TX)
		into->desired_min_tx_us = config->desired_min_tx_us;
	if (config->set & BFD_CONFIG_REQUIRED_MIN_RX)
		into->required_min_rx_us = config->required_min_rx_us;
	if (config->set & BFD_CONFIG_MULT)
		into->mult = config->mult;
	if (config->set & BFD_CONFIG_PASSIVE)
		into->passive = config->passive;
	if (config->set & BFD_CONFIG_ADMIN_DOWN) {
		into->admin_down = config->admin_down;
		into->diag = config->diag;
	}
	if (config->set & BFD_CONFIG_DEMAND)
		into->demand = config->demand;
	if (config->set & BFD_CONFIG_POLL_INTERVAL)
		into->poll_interval_us = config->poll_interval_us;
	if (config->set & BFD_CONFIG_ECHO_TX)
		into->echo_tx_us = config->echo_tx_us;
	if (config->set & BFD_CONFIG_ECHO_RX)
		into->echo_rx_us = config->echo_rx_us;
	if (config->set & BFD_CONFIG_HOLD_DOWN)
		into->hold_down_us = config->hold_down_us;
	if (config->set & BFD_CONFIG_MIN_TTL)
		into->min_ttl = config->min_ttl;
	if (config->set & BFD_CONFIG_AUTH)
		into->auth = config->auth;
}

void clients_change(struct sessions *sessions, struct session_entry *entry,
		    const struct bfd_config *config)
{
	for (struct client *client = entry->clients; client; client = client->next) {
		struct bfd_config changed = client->config;
		int error;

		overwrite(&changed, config);
		error = store(sessions, entry, client->name, &changed);
		if (error)
			log_warning("session %u: cannot remember what the client \"%s\" is given: "
				    "%s",
				    entry->session.local_discr, client->name, strerror(-error));
	}
}

void clients_forget(struct sessions *sessions, struct session_entry *entry)
{
	while (entry->clients)
		drop(sessions, entry, &entry->clients);
}

void clients_free(struct session_entry *entry)
{
	while (entry->clients) {
		struct client *client = entry->clients;

		entry->clients = client->next;
		free(client);
	}
}

/* ---- adoption ---- */

struct adoption {
	struct sessions *sessions;
	struct bfd_client_key *stale; /* of sessions that are gone */
	size_t stale_count;
	int error;
};

static void adopt(const struct bfd_client_key *key, const struct bfd_config *config, void *context)
{
	struct adoption *adoption = context;
	struct session_selector selector = {.local_discr = key->local_discr};
	const struct session *session;
	struct session_error error;
	struct bfd_client_key *stale;

	if (adoption->error)
		return;
	if (!sessions_find(adoption->sessions, &selector, &session, &error)) {
		adoption->error =
			remember(adoption->sessions->slots[session->slot], key->name, config);
		return;
	}
	stale = reallocarray(adoption->stale, adoption->stale_count + 1, sizeof(*stale));
	if (!stale) {
		adoption->error = -ENOMEM;
		return;
	}
	adoption->stale = stale;
	stale[adoption->stale_count++] = *key;
}

int clients_adopt(struct sessions *sessions)
{
	struct adoption adoption = {.sessions = sessions};
	int error = dataplane_client_each(sessions->dp, adopt, &adoption);

	for (size_t i = 0; i < adoption.stale_count; i++)
		dataplane_client_del(sessions->dp, &adoption.stale[i]);
	free(adoption.stale);
	return error ? error : adoption.error;
}

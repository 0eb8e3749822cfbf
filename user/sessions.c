// SPDX-License-Identifier: GPL-2.0
/*
 * The set of sessions: the index and the operations on it; see sessions.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "log.h"
#include "loop.h"
#include "neighbour.h"
#include "resolve.h"
#include "rtnl.h"
#include "sessions_internal.h"

uint64_t sessions_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

/* ---- the index ---- */

/* FNV-1a */
static size_t bucket(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return hash % SESSIONS_BUCKETS;
}

static struct session_entry **remote_bucket(const struct sessions *sessions,
					    const struct bfd_address *remote)
{
	return (struct session_entry **)&sessions->by_remote[bucket(remote, sizeof(*remote))];
}

static struct session_entry **name_bucket(const struct sessions *sessions, const char *name)
{
	return (struct session_entry **)&sessions->by_name[bucket(name, strlen(name))];
}

static struct session_entry *find_name(const struct sessions *sessions, const char *name)
{
	struct session_entry *entry = *name_bucket(sessions, name);

	while (entry && strcmp(entry->session.info.name, name) != 0)
		entry = entry->next_name;
	return entry;
}

struct session_entry *sessions_find_key(const struct sessions *sessions,
					const struct bfd_address *remote, uint32_t ifindex)
{
	struct session_entry *entry = *remote_bucket(sessions, remote);

	while (entry && (entry->lingering || entry->session.info.ifindex != ifindex ||
			 !address_equal(&entry->session.info.remote, remote)))
		entry = entry->next_remote;
	return entry;
}

static void bump_generation(struct sessions *sessions)
{
	if (!++sessions->generation)
		sessions->generation = 1;
}

/* Into slots and by_remote, where lingering ones are too. */
static void index_entry(struct sessions *sessions, struct session_entry *entry)
{
	struct session_entry **head = remote_bucket(sessions, &entry->session.info.remote);

	sessions->slots[entry->session.slot] = entry;
	entry->next_remote = *head;
	*head = entry;
}

/* It counts, has a name, and keeps its device listed. */
static void enlist_entry(struct sessions *sessions, struct session_entry *entry)
{
	if (entry->session.info.name[0]) {
		struct session_entry **head = name_bucket(sessions, entry->session.info.name);

		entry->next_name = *head;
		*head = entry;
	}
	sessions->count++;
	bump_generation(sessions);
}

static void delist_entry(struct sessions *sessions, struct session_entry *entry)
{
	if (entry->session.info.name[0]) {
		struct session_entry **place = name_bucket(sessions, entry->session.info.name);

		while (*place != entry)
			place = &(*place)->next_name;
		*place = entry->next_name;
	}
	if (entry->device)
		entry->device->sessions--;
	sessions->count--;
	bump_generation(sessions);
}

void sessions_drop(struct sessions *sessions, struct session_entry *entry)
{
	struct session_entry **place = remote_bucket(sessions, &entry->session.info.remote);

	while (*place != entry)
		place = &(*place)->next_remote;
	*place = entry->next_remote;
	sessions->slots[entry->session.slot] = NULL;
	if (entry->device)
		devices_release(sessions->devices, entry->device);
	free(entry);
}

void sessions_changed(struct sessions *sessions, struct session_entry *entry)
{
	if (sessions->started && sessions->observer.changed)
		sessions->observer.changed(&entry->session, sessions->observer.context);
}

/* ---- opening and closing ---- */

static int adopt_slot(struct sessions *sessions, uint32_t slot)
{
	struct bfd_session session;
	struct bfd_session_info info;
	struct session_entry *entry;
	int error = dataplane_session_read(sessions->dp, slot, &session, &info);

	if (error)
		return error == -ENOENT ? 0 : error;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->session.slot = slot;
	entry->session.local_discr = session.vars.local_discr;
	entry->session.info = info;
	entry->session.path_ready = session.path.ifindex != 0;
	entry->paths.control = session.path;
	entry->paths.echo = session.echo_path;
	entry->lingering = session.use == BFD_SLOT_LINGER;
	entry->adopted_state = session.vars.state;
	entry->state = SESSION_STATE_UNKNOWN;
	entry->path_stale = true;
	entry->neighbour_stale = true;
	/* If the neighbour can't be resolved now, what was right before still serves. */
	entry->has_mac = entry->session.path_ready;
	memcpy(entry->mac, session.path.header, sizeof(entry->mac));
	index_entry(sessions, entry);
	if (!entry->lingering)
		enlist_entry(sessions, entry);
	return 0;
}

static int adopt_all(struct sessions *sessions)
{
	int error = 0;

	for (uint32_t slot = 0; slot < sessions->slot_count && !error; slot++)
		error = adopt_slot(sessions, slot);
	if (error)
		return error;
	sessions_refresh(sessions);
	devices_tidy(sessions->devices);
	if (sessions->count)
		log_info("adopted %u sessions", sessions->count);
	return 0;
}

int sessions_open(struct dataplane *dp, struct watch *watch,
		  const struct sessions_observer *observer, struct sessions **out,
		  struct session_error *error)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));
	int result = -ENOMEM;

	if (!sessions)
		goto cleanup;
	sessions->dp = dp;
	sessions->watch = watch;
	sessions->observer = *observer;
	sessions->generation = 1;
	sessions->opened_ns = sessions_now_ns();
	sessions->slot_count = dataplane_max_sessions(dp);
	sessions->retry_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	sessions->slots = calloc(sessions->slot_count, sizeof(struct session_entry *));
	if (!sessions->slots)
		goto cleanup;
	result = sessions->retry_fd < 0 ? -errno : devices_open(dp, &sessions->devices);
	if (!result)
		result = rtnl_open(&sessions->rtnl);
	if (!result)
		result = sessions_sync_local(sessions);
	if (!result)
		devices_follow_stack(sessions->devices, watch);
	if (!result && dataplane_adopted(dp))
		result = adopt_all(sessions);
cleanup:
	if (result) {
		sessions_close(sessions);
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "cannot read the sessions of the data plane: %s",
				    strerror(-result));
	}
	*out = sessions;
	return 0;
}

void sessions_close(struct sessions *sessions)
{
	if (!sessions)
		return;
	for (uint32_t slot = 0; sessions->slots && slot < sessions->slot_count; slot++)
		free(sessions->slots[slot]);
	free(sessions->slots);
	devices_close(sessions->devices);
	rtnl_close(sessions->rtnl);
	if (sessions->retry_fd >= 0)
		close(sessions->retry_fd);
	free(sessions);
}

int sessions_start(struct sessions *sessions, struct loop *loop)
{
	int error = loop_add(loop, dataplane_event_fd(sessions->dp), sessions_events_readable,
			     sessions);

	if (!error)
		error = loop_add(loop, sessions->retry_fd, sessions_retry, sessions);
	if (!error)
		error = watch_start(sessions->watch, loop, &sessions_watch_handlers, sessions);
	sessions->started = !error;
	/* What happened while no agent ran. */
	return error ? error : sessions_events_readable(sessions);
}

/* ---- operations ---- */

void session_config_default(struct bfd_config *config)
{
	*config = (struct bfd_config){
		.set = BFD_CONFIG_ALL,
		.desired_min_tx_us = BFD_DEFAULT_DESIRED_MIN_TX,
		.required_min_rx_us = BFD_DEFAULT_REQUIRED_MIN_RX,
		.mult = BFD_DEFAULT_MULTIPLIER,
		.min_ttl = BFD_DEFAULT_MIN_TTL,
	};
}

/* Device, addresses and name as they will be; entry has neither slot nor device yet. */
static int create_resolve(struct sessions *sessions, const struct session_request *request,
			  const struct watch_link **link, struct bfd_session_info *info,
			  struct session_error *error)
{
	const struct bfd_address *fixed = request->has_local ? &request->local : NULL;
	int result = resolve_device(sessions->watch, sessions->rtnl, request, link, error);

	if (!result && dataplane_is_clock_device(sessions->dp, (*link)->ifindex))
		result = session_fail(error, SESSION_FIELD_DEVICE, -EOPNOTSUPP,
				      "%s is the transmit clock of the agent", (*link)->name);
	if (!result && fixed)
		result = resolve_check_local(sessions->watch, *link, request, error);
	if (!result && request->has_echo_source)
		result = resolve_check_echo_source(request, error);
	if (result)
		return result;
	result = resolve_local(sessions->watch, sessions->rtnl, *link, &request->remote, fixed,
			       &info->local, &info->local);
	if (result && result != -EAGAIN)
		return session_fail(error, SESSION_FIELD_DEVICE, result,
				    "%s has no address to reach %s from", (*link)->name,
				    address_format(&request->remote).text);
	if (fixed)
		info->local = *fixed;
	if (request->has_echo_source)
		info->echo_source = request->echo_source;
	info->remote = request->remote;
	info->ifindex = (*link)->ifindex;
	info->flags = BFD_INFO_USED | (fixed ? BFD_INFO_LOCAL_FIXED : 0) |
		      (request->has_echo_source ? BFD_INFO_ECHO_SOURCE_FIXED : 0);
	resolve_echo_source(sessions->watch, *link, info);
	memcpy(info->ifname, (*link)->name, sizeof(info->ifname));
	memcpy(info->name, request->name, sizeof(info->name));
	info->created_ns = sessions_now_ns();
	return result; /* 0 or -EAGAIN */
}

/* Nothing like it may exist. */
static int create_check_unique(struct sessions *sessions, const struct bfd_session_info *info,
			       const struct session **existing, struct session_error *error)
{
	struct session_entry *entry = sessions_find_key(sessions, &info->remote, info->ifindex);

	if (entry) {
		*existing = &entry->session;
		return session_fail(error, SESSION_FIELD_REMOTE, -EEXIST,
				    "a session with %s on %s exists",
				    address_format(&info->remote).text, info->ifname);
	}
	if (info->name[0] && find_name(sessions, info->name))
		return session_fail(error, SESSION_FIELD_NAME, -EEXIST,
				    "a session named \"%s\" exists", info->name);
	return 0;
}

/* Into the data plane.  The entry has its device. */
static int create_in_dataplane(struct sessions *sessions, const struct watch_link *link,
			       bool has_local, const struct bfd_config *config,
			       struct session_entry *entry, struct session_error *error)
{
	struct bfd_session_info *info = &entry->session.info;
	struct bfd_address_key key = {.ifindex = info->ifindex, .remote = info->remote};
	int result = dataplane_slot_alloc(sessions->dp, &entry->session.slot);

	if (result == -ENOSPC)
		return session_fail(error, SESSION_FIELD_NONE, result, "all %u sessions are in use",
				    sessions->slot_count);
	if (!result) {
		/* RFC 5881 4: of its own, and the same for as long as it lives. */
		info->source_port = (uint16_t)(BFD_SOURCE_PORT_FIRST + entry->session.slot);
		sessions_ask_neighbour(sessions, entry);
		sessions_build_path(entry, link, has_local, &entry->paths);
		entry->session.path_ready = entry->paths.control.ifindex != 0;
		result = dataplane_session_create(sessions->dp, entry->session.slot, config, &key,
						  &entry->paths, info, &entry->session.local_discr);
	}
	if (result)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "the data plane refused the session: %s", strerror(-result));
	return 0;
}

/* The data plane took the place of these lingering sessions without a word. */
static void drop_replaced(struct sessions *sessions, const struct session_entry *entry)
{
	struct session_entry *other = *remote_bucket(sessions, &entry->session.info.remote), *next;

	for (; other; other = next) {
		next = other->next_remote;
		if (other->lingering &&
		    other->session.info.ifindex == entry->session.info.ifindex &&
		    address_equal(&other->session.info.remote, &entry->session.info.remote))
			sessions_drop(sessions, other);
	}
	if (sessions->slots[entry->session.slot])
		sessions_drop(sessions, sessions->slots[entry->session.slot]);
}

int sessions_create(struct sessions *sessions, const struct session_request *request,
		    const struct session **out, struct session_error *error)
{
	struct session_entry *entry = calloc(1, sizeof(*entry));
	const struct watch_link *link;
	bool has_local;
	int result;

	*out = NULL;
	if (!entry)
		return session_fail(error, SESSION_FIELD_NONE, -ENOMEM, "out of memory");
	result = create_resolve(sessions, request, &link, &entry->session.info, error);
	has_local = !result;
	if (result && result != -EAGAIN)
		goto cleanup;
	result = create_check_unique(sessions, &entry->session.info, out, error);
	if (!result)
		result = devices_use(sessions->devices, link, &entry->device, error);
	if (result)
		goto cleanup;
	/* Before the kernel is asked for the neighbour, so that no answer is missed. */
	watch_neighbours_changed(sessions->watch);
	result = create_in_dataplane(sessions, link, has_local, &request->config, entry, error);
	if (result) {
		neighbour_release(sessions->rtnl, link->ifindex, &request->remote);
		devices_release(sessions->devices, entry->device);
		goto cleanup;
	}
	entry->state = request->config.admin_down ? BFD_STATE_ADMIN_DOWN : BFD_STATE_DOWN;
	drop_replaced(sessions, entry);
	index_entry(sessions, entry);
	enlist_entry(sessions, entry);
	entry->device->sessions++;
	*out = &entry->session;
	if (sessions->started && sessions->observer.created)
		sessions->observer.created(&entry->session, sessions->observer.context);
cleanup:
	if (result)
		free(entry);
	return result;
}

int sessions_change(struct sessions *sessions, const struct session *session,
		    const struct bfd_config *config, struct session_error *error)
{
	int result = dataplane_session_set(sessions->dp, session->slot, config);

	if (result)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "the data plane refused the change: %s", strerror(-result));
	sessions_changed(sessions, sessions->slots[session->slot]);
	return 0;
}

int sessions_delete(struct sessions *sessions, const struct session *session,
		    struct session_error *error)
{
	struct session_entry *entry = sessions->slots[session->slot];
	struct bfd_session last;
	int result = sessions_read(sessions, session, &last);

	if (!result)
		result = dataplane_session_delete(sessions->dp, session->slot);
	if (result)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "the data plane refused the deletion: %s", strerror(-result));
	result = neighbour_release(sessions->rtnl, entry->session.info.ifindex,
				   &entry->session.info.remote);
	if (result)
		log_debug("cannot release the neighbour %s: %s",
			  address_format(&entry->session.info.remote).text, strerror(-result));
	watch_neighbours_changed(sessions->watch);
	delist_entry(sessions, entry);
	entry->lingering = true;
	/* The data plane frees the slot at once if no peer ever heard of the session. */
	last.vars.state = BFD_STATE_ADMIN_DOWN;
	last.vars.diag = BFD_DIAG_ADMIN_DOWN;
	last.vars.admin_down = 1;
	sessions->last_values = &last;
	if (sessions->started && sessions->observer.deleted)
		sessions->observer.deleted(&entry->session, sessions->observer.context);
	sessions->last_values = NULL;
	return 0;
}

int sessions_flush(struct sessions *sessions, const struct session_selector *selector,
		   struct session_error *error)
{
	const struct session *session;
	int deleted = 0;

	for (uint32_t slot = 0; (session = sessions_from(sessions, slot));) {
		int result;

		slot = session->slot + 1;
		if (!session_matches(session, selector))
			continue;
		result = sessions_delete(sessions, session, error);
		if (result)
			return result;
		deleted++;
	}
	return deleted;
}

/* ---- looking up ---- */

bool session_matches(const struct session *session, const struct session_selector *selector)
{
	const struct bfd_session_info *info = &session->info;

	return (!selector->local_discr || selector->local_discr == session->local_discr) &&
	       (!selector->has_remote || address_equal(&selector->remote, &info->remote)) &&
	       (!selector->has_local || address_equal(&selector->local, &info->local)) &&
	       (!selector->ifindex || selector->ifindex == info->ifindex) &&
	       (!selector->has_multihop ||
		selector->multihop == !!(info->flags & BFD_INFO_MULTIHOP)) &&
	       (!selector->has_vrf || selector->vrf_ifindex == info->vrf_ifindex) &&
	       (!selector->name || !strcmp(selector->name, info->name));
}

/* What was looked for, in words. */
static void describe(const struct session_selector *selector, char *text, size_t size)
{
	if (selector->local_discr)
		snprintf(text, size, "with discriminator %u", selector->local_discr);
	else if (selector->name)
		snprintf(text, size, "named \"%s\"", selector->name);
	else if (selector->has_remote)
		snprintf(text, size, "with %s", address_format(&selector->remote).text);
	else if (selector->has_local)
		snprintf(text, size, "from %s", address_format(&selector->local).text);
	else
		snprintf(text, size, "on the device with index %u", selector->ifindex);
}

static enum session_field selector_field(const struct session_selector *selector)
{
	if (selector->local_discr)
		return SESSION_FIELD_DISCR;
	if (selector->name)
		return SESSION_FIELD_NAME;
	if (selector->has_remote)
		return SESSION_FIELD_REMOTE;
	return selector->has_local ? SESSION_FIELD_LOCAL : SESSION_FIELD_DEVICE;
}

/* How many match, up to two; *out is the last of them. */
static unsigned int count_matches(struct sessions *sessions,
				  const struct session_selector *selector,
				  const struct session **out)
{
	unsigned int count = 0;
	uint32_t slot;

	if (selector->local_discr) {
		if (dataplane_find_discr(sessions->dp, selector->local_discr, &slot) ||
		    !sessions->slots[slot] || sessions->slots[slot]->lingering)
			return 0;
		*out = &sessions->slots[slot]->session;
		return session_matches(*out, selector);
	}
	if (selector->has_remote) {
		const struct session_entry *entry = *remote_bucket(sessions, &selector->remote);

		for (; entry && count < 2; entry = entry->next_remote) {
			if (entry->lingering || !session_matches(&entry->session, selector))
				continue;
			*out = &entry->session;
			count++;
		}
		return count;
	}
	for (const struct session *session = sessions_from(sessions, 0); session && count < 2;
	     session = sessions_from(sessions, session->slot + 1)) {
		if (!session_matches(session, selector))
			continue;
		*out = session;
		count++;
	}
	return count;
}

int sessions_find(struct sessions *sessions, const struct session_selector *selector,
		  const struct session **out, struct session_error *error)
{
	char text[96];

	if (!selector->local_discr && !selector->name && !selector->has_remote &&
	    !selector->has_local && !selector->ifindex)
		return session_fail(error, SESSION_FIELD_NONE, -EINVAL,
				    "say which session: by discriminator, name or remote address");
	describe(selector, text, sizeof(text));
	switch (count_matches(sessions, selector, out)) {
	case 0:
		return session_fail(error, selector_field(selector), -ENOENT, "no session %s",
				    text);
	case 1:
		return 0;
	default:
		return session_fail(error, selector_field(selector), -ENOTUNIQ,
				    "several sessions %s: say which by dev or id", text);
	}
}

const struct session *sessions_from(const struct sessions *sessions, uint32_t slot)
{
	for (; slot < sessions->slot_count; slot++)
		if (sessions->slots[slot] && !sessions->slots[slot]->lingering)
			return &sessions->slots[slot]->session;
	return NULL;
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
	struct bfd_session_info info;

	if (sessions->last_values && sessions->last_values->slot == session->slot) {
		*out = *sessions->last_values;
		return 0;
	}
	return dataplane_session_read(sessions->dp, session->slot, out, &info);
}

bool sessions_device_from(const struct sessions *sessions, uint32_t ifindex,
			  struct session_device *out)
{
	const struct device *device = devices_from(sessions->devices, ifindex);
	const struct watch_link *link = device ? watch_link(sessions->watch, device->ifindex)
					       : NULL;

	if (!device)
		return false;
	memset(out, 0, sizeof(*out));
	out->ifindex = device->ifindex;
	out->sessions = device->sessions;
	if (link)
		memcpy(out->ifname, link->name, sizeof(out->ifname));
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners; see listeners.h.
 *
 * A listener whose device is gone waits for one of that name.  In the map it then stands
 * under an index that no device can have, so that no other device takes its place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "address.h"
#include "listeners.h"
#include "log.h"
#include "loop.h"
#include "resolve.h"
#include "sessions_internal.h"

#define WAITING 0x80000000U /* in the place of an ifindex, with the listener's id */
#define TICK_SECONDS 1	    /* between looks for idle sessions */

struct listener_entry {
	struct listener_entry *next; /* in the order of ids */
	struct bfd_listener_key key; /* as it is in the map, with value */
	struct bfd_listener value;
	struct device *device; /* NULL: it is gone, or refused */
	bool refused;	       /* by the device: said, and tried again */
	bool failed;	       /* to move in the map: the same */
	bool full_said;	       /* that its limit was reached */
};

struct listeners {
	struct sessions *sessions;
	struct listener_entry *first;
	uint32_t last_id;
	int timer_fd; /* runs while there are listeners */
};

/* ---- the index ---- */

static void map_key(struct bfd_listener_key *key, const struct bfd_address *prefix,
		    uint8_t prefix_length, uint32_t ifindex)
{
	uint32_t bits = prefix_length + (address_is_v4(prefix) ? 96 : 0);

	*key = (struct bfd_listener_key){
		.prefix_length = 8 * sizeof(key->ifindex) + bits,
		.ifindex = ifindex,
		.prefix = *prefix,
	};
}

static unsigned int prefix_bits(const struct listener_entry *entry)
{
	return entry->key.prefix_length - 8 * (unsigned int)sizeof(entry->key.ifindex);
}

static struct listener_entry *find(const struct listeners *listeners,
				   const struct bfd_listener_key *key)
{
	struct listener_entry *entry = listeners->first;

	while (entry && memcmp(&entry->key, key, sizeof(*key)) != 0)
		entry = entry->next;
	return entry;
}

static struct listener_entry *find_id(const struct listeners *listeners, uint32_t id)
{
	struct listener_entry *entry = listeners->first;

	while (entry && entry->value.id != id)
		entry = entry->next;
	return entry;
}

static void enlist(struct listeners *listeners, struct listener_entry *entry)
{
	struct listener_entry **place = &listeners->first;

	while (*place && (*place)->value.id < entry->value.id)
		place = &(*place)->next;
	entry->next = *place;
	*place = entry;
}

static void delist(struct listeners *listeners, struct listener_entry *entry)
{
	struct listener_entry **place = &listeners->first;

	while (*place != entry)
		place = &(*place)->next;
	*place = entry->next;
	free(entry);
}

/* Its sessions that live, from slot on; NULL: there are no more. */
static const struct session *session_of(const struct listeners *listeners, uint32_t id,
					uint32_t slot)
{
	const struct session *session = sessions_from(listeners->sessions, slot);

	while (session && session->info.listener_id != id)
		session = sessions_from(listeners->sessions, session->slot + 1);
	return session;
}

static uint32_t count_sessions(const struct listeners *listeners, uint32_t id)
{
	const struct session *session = session_of(listeners, id, 0);
	uint32_t count = 0;

	for (; session; session = session_of(listeners, id, session->slot + 1))
		count++;
	return count;
}

static bool id_is_used(const struct listeners *listeners, uint32_t id)
{
	return !id || (id & WAITING) || find_id(listeners, id) || session_of(listeners, id, 0);
}

static uint32_t new_id(struct listeners *listeners)
{
	do
		listeners->last_id++;
	while (id_is_used(listeners, listeners->last_id));
	return listeners->last_id;
}

static void describe(const struct listeners *listeners, const struct listener_entry *entry,
		     struct listener *out)
{
	const struct bfd_listener *value = &entry->value;

	*out = (struct listener){
		.id = value->id,
		.request =
			{
				.prefix = entry->key.prefix,
				.prefix_length = value->prefix_length,
				.ifindex = entry->key.ifindex & WAITING ? 0 : entry->key.ifindex,
				.limit = value->limit,
				.idle_ms = value->idle_ms,
				.config = value->config,
			},
		.sessions = count_sessions(listeners, value->id),
	};
	memcpy(out->ifname, value->ifname, sizeof(out->ifname));
}

/* ---- the device ---- */

static void warn(const struct listener_entry *entry, const char *text)
{
	log_warning("listener for %s/%u on %s: %s", address_format(&entry->key.prefix).text,
		    entry->value.prefix_length, entry->value.ifname, text);
}

static const char *fail_reason(int error)
{
	return error == -ENOSPC ? "there are too many" : strerror(-error);
}

static int bind_to(struct listeners *listeners, struct listener_entry *entry,
		   const struct watch_link *link, struct session_error *error)
{
	int result = devices_use(listeners->sessions->devices, link, &entry->device, error);

	if (!result)
		entry->device->listeners++;
	return result;
}

static void unbind(struct listeners *listeners, struct listener_entry *entry)
{
	if (!entry->device)
		return;
	entry->device->listeners--;
	devices_release(listeners->sessions->devices, entry->device);
	entry->device = NULL;
}

/* The device as it is now, as of a session: its index counts, unless it was made anew. */
static const struct watch_link *current_link(const struct listeners *listeners,
					     const struct listener_entry *entry)
{
	const struct watch *watch = listeners->sessions->watch;
	const struct watch_link *link = watch_link(watch, entry->key.ifindex), *other;
	bool same = entry->device && !entry->device->gone;

	if (link && (same || !strcmp(link->name, entry->value.ifname)))
		return link;
	other = watch_link_by_name(watch, entry->value.ifname);
	return other ? other : link;
}

/* Put it under another device in the map; NULL: it waits.  On failure it stays where it is. */
static void move(struct listeners *listeners, struct listener_entry *entry,
		 const struct watch_link *link)
{
	struct bfd_listener_key key = entry->key;
	struct bfd_listener value = entry->value;
	int error;

	key.ifindex = link ? link->ifindex : (WAITING | value.id);
	if (link)
		memcpy(value.ifname, link->name, sizeof(value.ifname));
	if (!memcmp(&key, &entry->key, sizeof(key)) &&
	    !memcmp(&value, &entry->value, sizeof(value))) {
		entry->failed = false;
		return;
	}
	error = dataplane_listener_set(listeners->sessions->dp, &key, &value);
	if (!error && memcmp(&key, &entry->key, sizeof(key)) != 0)
		error = dataplane_listener_del(listeners->sessions->dp, &entry->key);
	if (error == -ENOENT) /* gone in an earlier attempt */
		error = 0;
	if (error && !entry->failed)
		warn(entry, fail_reason(error));
	entry->failed = error;
	if (error)
		return;
	entry->key = key;
	entry->value = value;
}

static void refresh(struct listeners *listeners, struct listener_entry *entry)
{
	const struct watch_link *link = current_link(listeners, entry);
	struct bfd_listener_key key = entry->key;
	struct listener_entry *other;
	struct session_error error;

	if (entry->device &&
	    (entry->device->gone || !link || entry->device->ifindex != link->ifindex))
		unbind(listeners, entry);
	if (link && !entry->device) {
		key.ifindex = link->ifindex;
		other = find(listeners, &key);
		if (other && other != entry) /* added while this one waited */
			link = NULL;
		else if (bind_to(listeners, entry, link, &error)) {
			if (!entry->refused)
				warn(entry, error.text);
			entry->refused = true;
			link = NULL;
		} else {
			entry->refused = false;
		}
	}
	move(listeners, entry, link);
}

void listeners_follow(struct listeners *listeners)
{
	if (!listeners)
		return;
	for (struct listener_entry *entry = listeners->first; entry; entry = entry->next)
		refresh(listeners, entry);
}

/* ---- new neighbours ---- */

/* RFC 9468 2: the source must be on a subnet of the device. */
static bool is_neighbour(const struct watch_link *link, const struct bfd_newcomer *newcomer)
{
	return !address_unusable(&newcomer->remote) && watch_find_address(link, &newcomer->local) &&
	       resolve_same_subnet(link, &newcomer->local, &newcomer->remote);
}

static void take(struct listeners *listeners, struct listener_entry *entry,
		 const struct bfd_newcomer *newcomer)
{
	struct session_request request = {
		.remote = newcomer->remote,
		.local = newcomer->local,
		.has_local = true,
		.ifindex = newcomer->ifindex,
		.listener_id = entry->value.id,
		.config = entry->value.config,
	};
	struct address_text remote = address_format(&newcomer->remote);
	struct session_error error = {};
	const struct session *session;
	int result;

	request.config.set = BFD_CONFIG_ALL;
	result = sessions_create(listeners->sessions, &request, &session, &error);
	if (result == -EEXIST) /* two of its packets were on their way */
		return;
	if (result)
		log_debug("listener %u: no session with %s: %s", entry->value.id, remote.text,
			  error.text);
	else
		log_debug("listener %u: session %u with %s on %s", entry->value.id,
			  session->local_discr, remote.text, session->info.ifname);
}

void listeners_newcomer(struct listeners *listeners, const struct bfd_newcomer *newcomer)
{
	struct listener_entry *entry = listeners ? find_id(listeners, newcomer->listener_id) : NULL;
	const struct watch_link *link;

	/* The record may be older than the listener. */
	if (!entry || !entry->device || entry->device->ifindex != newcomer->ifindex ||
	    !address_in_prefix(&newcomer->remote, &entry->key.prefix, prefix_bits(entry)))
		return;
	link = watch_link(listeners->sessions->watch, newcomer->ifindex);
	if (!link || !is_neighbour(link, newcomer)) {
		log_debug("listener %u: %s isn't on a subnet of %s", entry->value.id,
			  address_format(&newcomer->remote).text, entry->value.ifname);
		return;
	}
	if (count_sessions(listeners, entry->value.id) >= entry->value.limit) {
		if (!entry->full_said)
			warn(entry, "its limit of sessions is reached");
		entry->full_said = true;
		return;
	}
	entry->full_said = false;
	take(listeners, entry, newcomer);
}

/* ---- time ---- */

/* How long sessions of a listener may be idle, milliseconds. */
static uint64_t allowed_idle_ms(uint32_t id, void *context)
{
	const struct listener_entry *entry = find_id(context, id);

	/* A session goes with its listener: this one is about to. */
	return entry ? entry->value.idle_ms : UINT32_MAX;
}

static void set_timer(struct listeners *listeners)
{
	struct itimerspec when = {};

	if (listeners->first)
		when = (struct itimerspec){.it_value.tv_sec = TICK_SECONDS,
					   .it_interval.tv_sec = TICK_SECONDS};
	timerfd_settime(listeners->timer_fd, 0, &when, NULL);
}

static int on_timer(void *context)
{
	struct listeners *listeners = context;
	uint64_t expirations;

	if (read(listeners->timer_fd, &expirations, sizeof(expirations)) < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (struct listener_entry *entry = listeners->first; entry; entry = entry->next)
		if (entry->refused || entry->failed)
			refresh(listeners, entry);
	sessions_remove_idle(listeners->sessions, allowed_idle_ms, listeners);
	return 0;
}

/* ---- opening and closing ---- */

struct adoption {
	struct listeners *listeners;
	int error;
};

static void adopt(const struct bfd_listener_key *key, const struct bfd_listener *value,
		  void *context)
{
	struct adoption *adoption = context;
	struct listener_entry *entry = calloc(1, sizeof(*entry));

	if (!entry) {
		adoption->error = -ENOMEM;
		return;
	}
	entry->key = *key;
	entry->value = *value;
	enlist(adoption->listeners, entry);
	if (value->id > adoption->listeners->last_id)
		adoption->listeners->last_id = value->id;
}

int listeners_open(struct sessions *sessions, struct listeners **out, struct session_error *error)
{
	struct listeners *listeners = calloc(1, sizeof(*listeners));
	struct adoption adoption = {.listeners = listeners};
	int result;

	if (!listeners)
		return session_fail(error, SESSION_FIELD_NONE, -ENOMEM, "out of memory");
	listeners->sessions = sessions;
	listeners->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	result = listeners->timer_fd < 0 ? -errno : 0;
	if (!result)
		result = dataplane_listener_each(sessions->dp, adopt, &adoption);
	if (!result)
		result = adoption.error;
	if (result) {
		listeners_close(listeners);
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "cannot read the listeners of the data plane: %s",
				    strerror(-result));
	}
	sessions->listeners = listeners;
	listeners_follow(listeners);
	*out = listeners;
	return 0;
}

void listeners_close(struct listeners *listeners)
{
	if (!listeners)
		return;
	listeners->sessions->listeners = NULL;
	while (listeners->first)
		delist(listeners, listeners->first);
	if (listeners->timer_fd >= 0)
		close(listeners->timer_fd);
	free(listeners);
}

int listeners_start(struct listeners *listeners, struct loop *loop)
{
	int error = loop_add(loop, listeners->timer_fd, on_timer, listeners);

	if (!error)
		set_timer(listeners);
	return error;
}

/* ---- operations ---- */

static int fail_store(const struct listener_request *request, const char *ifname, int result,
		      struct session_error *error)
{
	return session_fail(error, SESSION_FIELD_NONE, result,
			    "the data plane refused the listener for %s/%u on %s: %s",
			    address_format(&request->prefix).text, request->prefix_length, ifname,
			    fail_reason(result));
}

/* What the map is to hold of a request. */
static void take_request(const struct listener_request *request, const struct watch_link *link,
			 struct bfd_listener *value)
{
	value->limit = request->limit;
	value->idle_ms = request->idle_ms;
	value->prefix_length = request->prefix_length;
	value->config = request->config;
	value->config.set = BFD_CONFIG_ALL | (request->config.set & BFD_CONFIG_CONFIGURED);
	value->config.passive = 1; /* RFC 9468 2 */
	memcpy(value->ifname, link->name, sizeof(value->ifname));
}

static int check_device(const struct sessions *sessions, const struct listener_request *request,
			const struct watch_link **link, struct session_error *error)
{
	*link = watch_link(sessions->watch, request->ifindex);
	if (!*link)
		return session_fail(error, SESSION_FIELD_DEVICE, -ENODEV,
				    "there is no device with index %u", request->ifindex);
	if (!(*link)->ethernet)
		return session_fail(error, SESSION_FIELD_DEVICE, -EOPNOTSUPP,
				    "%s is not an Ethernet device", (*link)->name);
	if (dataplane_is_clock_device(sessions->dp, (*link)->ifindex))
		return session_fail(error, SESSION_FIELD_DEVICE, -EOPNOTSUPP,
				    "%s is the transmit clock of the agent", (*link)->name);
	return 0;
}

int listeners_check(struct listeners *listeners, const struct listener_request *request,
		    struct session_error *error)
{
	const struct watch_link *link = NULL;

	return check_device(listeners->sessions, request, &link, error);
}

static int change(struct listeners *listeners, struct listener_entry *entry,
		  const struct listener_request *request, const struct watch_link *link,
		  struct session_error *error)
{
	struct bfd_listener value = entry->value;
	int result;

	take_request(request, link, &value);
	result = dataplane_listener_set(listeners->sessions->dp, &entry->key, &value);
	if (result)
		return fail_store(request, link->name, result, error);
	entry->value = value;
	entry->full_said = false;
	return 0;
}

static int make(struct listeners *listeners, const struct bfd_listener_key *key,
		const struct listener_request *request, const struct watch_link *link,
		struct listener_entry **out, struct session_error *error)
{
	struct listener_entry *entry = calloc(1, sizeof(*entry));
	int result;

	if (!entry)
		return session_fail(error, SESSION_FIELD_NONE, -ENOMEM, "out of memory");
	entry->key = *key;
	entry->value.id = new_id(listeners);
	take_request(request, link, &entry->value);
	result = bind_to(listeners, entry, link, error);
	if (result)
		goto cleanup;
	result = dataplane_listener_set(listeners->sessions->dp, key, &entry->value);
	if (result) {
		unbind(listeners, entry);
		fail_store(request, link->name, result, error);
		goto cleanup;
	}
	enlist(listeners, entry);
	set_timer(listeners);
	*out = entry;
cleanup:
	if (result)
		free(entry);
	return result;
}

int listeners_add(struct listeners *listeners, const struct listener_request *request, bool replace,
		  struct listener *out, struct session_error *error)
{
	const struct watch_link *link = NULL;
	struct bfd_listener_key key;
	struct listener_entry *entry;
	int result = check_device(listeners->sessions, request, &link, error);

	if (result || !link)
		return result;
	map_key(&key, &request->prefix, request->prefix_length, request->ifindex);
	entry = find(listeners, &key);
	if (entry && !replace)
		return session_fail(
			error, SESSION_FIELD_REMOTE, -EEXIST, "a listener for %s/%u on %s exists",
			address_format(&request->prefix).text, request->prefix_length, link->name);
	result = entry ? change(listeners, entry, request, link, error)
		       : make(listeners, &key, request, link, &entry, error);
	if (!result && entry)
		describe(listeners, entry, out);
	return result;
}

/* By its device's index, or by the name of one that isn't there, or that it was refused. */
static struct listener_entry *find_selected(const struct listeners *listeners,
					    const struct listener_request *which)
{
	struct listener_entry *entry;
	struct bfd_listener_key key;

	map_key(&key, &which->prefix, which->prefix_length, which->ifindex);
	entry = which->ifindex ? find(listeners, &key) : NULL;
	if (entry || !which->ifname[0])
		return entry;
	for (entry = listeners->first; entry; entry = entry->next)
		if ((entry->key.ifindex & WAITING) &&
		    entry->key.prefix_length == key.prefix_length &&
		    address_equal(&entry->key.prefix, &which->prefix) &&
		    !strcmp(entry->value.ifname, which->ifname))
			return entry;
	return NULL;
}

int listeners_del(struct listeners *listeners, const struct listener_request *which,
		  struct session_error *error)
{
	struct listener_entry *entry = find_selected(listeners, which);
	const struct session *session;
	int result;

	if (!entry)
		return session_fail(error, SESSION_FIELD_REMOTE, -ENOENT,
				    "no listener for %s/%u on that device",
				    address_format(&which->prefix).text, which->prefix_length);
	/* The listener first, or else its sessions would come back. */
	result = dataplane_listener_del(listeners->sessions->dp, &entry->key);
	if (result && result != -ENOENT)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "the data plane refused the deletion: %s", strerror(-result));
	result = 0;
	while (!result && (session = session_of(listeners, entry->value.id, 0)))
		result = sessions_delete(listeners->sessions, session, error);
	unbind(listeners, entry);
	delist(listeners, entry);
	set_timer(listeners);
	return result;
}

bool listener_matches(const struct listener *listener, const struct listener_request *which)
{
	const struct listener_request *is = &listener->request;

	if (is->prefix_length != which->prefix_length ||
	    !address_equal(&is->prefix, &which->prefix))
		return false;
	/* One that waits for its device has no index. */
	return is->ifindex ? is->ifindex == which->ifindex
			   : !strcmp(listener->ifname, which->ifname);
}

bool listeners_from(const struct listeners *listeners, uint32_t id, struct listener *out)
{
	const struct listener_entry *entry = listeners->first;

	while (entry && entry->value.id < id)
		entry = entry->next;
	if (entry)
		describe(listeners, entry, out);
	return entry != NULL;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * How the packets of a session reach its neighbour: device, addresses and MACs,
 * followed as the kernel's tables change.  Changes only mark sessions stale; the
 * work is done once after each batch of events.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "address.h"
#include "log.h"
#include "resolve.h"
#include "sessions_internal.h"

#define RETRY_SECONDS 5

/* ---- one session ---- */

/* Its path must be looked at, and its neighbour too? */
static void mark(struct session_entry *entry, bool neighbour)
{
	entry->path_stale = true;
	entry->neighbour_stale |= neighbour;
}

/* Something was refused that may be granted later.  Warns of the first of many. */
static void retry_later(struct sessions *sessions, struct session_entry *entry, const char *text)
{
	struct itimerspec when = {.it_value.tv_sec = RETRY_SECONDS};
	const struct bfd_session_info *info = &entry->session.info;

	if (!entry->failed)
		(sessions->retrying ? log_debug : log_warning)("session with %s on %s: %s",
							       address_format(&info->remote).text,
							       info->ifname, text);
	entry->failed = true;
	if (!sessions->retrying)
		timerfd_settime(sessions->retry_fd, 0, &when, NULL);
	sessions->retrying = true;
}

/* Why the kernel made no entry. */
static const char *neighbour_refusal(const struct bfd_address *remote, int error)
{
	if (error != -ENOBUFS)
		return strerror(-error);
	return address_is_v4(remote)
		       ? "the neighbour table is full, see net.ipv4.neigh.default.gc_thresh3"
		       : "the neighbour table is full, see net.ipv6.neigh.default.gc_thresh3";
}

void sessions_ask_neighbour(struct sessions *sessions, struct session_entry *entry)
{
	const struct bfd_session_info *info = &entry->session.info;
	struct neighbour neighbour;
	int error = neighbour_manage(sessions->rtnl, info->ifindex, &info->remote, &neighbour);

	entry->neighbour_stale = false;
	if (error) {
		retry_later(sessions, entry, neighbour_refusal(&info->remote, error));
		return;
	}
	entry->failed = false;
	/* A neighbour that doesn't answer keeps its last address: BFD is to find that out. */
	if (!neighbour.has_mac)
		return;
	entry->has_mac = true;
	memcpy(entry->mac, neighbour.mac, sizeof(entry->mac));
}

void sessions_build_path(const struct session_entry *entry, const struct watch_link *link,
			 bool has_local, struct dataplane_paths *paths)
{
	const struct bfd_session_info *info = &entry->session.info;

	memset(paths, 0, sizeof(*paths));
	if (!has_local || !entry->has_mac)
		return;
	dataplane_build_path(&paths->control, link->ifindex, link->mac, entry->mac, &info->local,
			     &info->remote, info->source_port, BFD_UDP_PORT);
	/* To ourselves, by way of the neighbour, which forwards it (RFC 5881 4). */
	dataplane_build_path(&paths->echo, link->ifindex, link->mac, entry->mac, &info->echo_source,
			     &info->local, info->source_port, BFD_ECHO_UDP_PORT);
}

static void unbind(struct sessions *sessions, struct session_entry *entry)
{
	if (!entry->device)
		return;
	if (!entry->lingering)
		entry->device->sessions--;
	devices_release(sessions->devices, entry->device);
	entry->device = NULL;
}

/*
 * The device of a session now.  Its index counts, unless the device was made anew: then another
 * may have that index, if it went while no agent looked.
 */
static const struct watch_link *current_link(const struct sessions *sessions,
					     const struct session_entry *entry)
{
	const struct bfd_session_info *info = &entry->session.info;
	const struct watch_link *link = watch_link(sessions->watch, info->ifindex), *other;

	if (link &&
	    (!strcmp(link->name, info->ifname) ||
	     (entry->device && !entry->device->gone && entry->device->ifindex == link->ifindex)))
		return link;
	other = watch_link_by_name(sessions->watch, info->ifname);
	return other ? other : link;
}

/* Have the frames of link taken for this session. */
static bool bind_to(struct sessions *sessions, struct session_entry *entry,
		    const struct watch_link *link)
{
	const struct session_entry *other =
		sessions_find_key(sessions, &entry->session.info.remote, link->ifindex);
	struct session_error error;

	if (entry->device && !entry->device->gone && entry->device->ifindex == link->ifindex)
		return true;
	unbind(sessions, entry);
	if (other && other != entry && !entry->lingering) {
		retry_later(sessions, entry, "the device is back, but has another session with it");
		return false;
	}
	if (devices_use(sessions->devices, link, &entry->device, &error)) {
		retry_later(sessions, entry, error.text);
		return false;
	}
	if (!entry->lingering)
		entry->device->sessions++;
	if (link->ifindex != entry->session.info.ifindex)
		entry->has_mac = false;
	entry->neighbour_stale = true;
	return true;
}

/* Tell the data plane if anything is new, and observers if they could see it. */
static void apply(struct sessions *sessions, struct session_entry *entry,
		  const struct bfd_session_info *before, const struct dataplane_paths *paths)
{
	const struct bfd_session_info *info = &entry->session.info;
	struct bfd_address_key key = {.ifindex = info->ifindex, .remote = info->remote};
	bool ready = paths->control.ifindex != 0, same_info = !memcmp(info, before, sizeof(*info));
	int error;

	if (same_info && !memcmp(paths, &entry->paths, sizeof(*paths)))
		return;
	error = dataplane_session_set_path(sessions->dp, entry->session.slot, &key, paths, info);
	if (error) {
		log_warning("session %u: the data plane refused a path: %s",
			    entry->session.local_discr, strerror(-error));
		return;
	}
	entry->paths = *paths;
	if (same_info && ready == entry->session.path_ready)
		return;
	entry->session.path_ready = ready;
	log_debug("session %u: %s on %s, path %s", entry->session.local_discr,
		  address_format(&info->remote).text, info->ifname, ready ? "ready" : "not ready");
	sessions_changed(sessions, entry);
}

static void refresh_entry(struct sessions *sessions, struct session_entry *entry)
{
	struct bfd_session_info *info = &entry->session.info, before = *info;
	const struct watch_link *link = current_link(sessions, entry);
	struct bfd_address local;
	struct dataplane_paths paths = {};
	bool fixed = info->flags & BFD_INFO_LOCAL_FIXED, has_local;

	if (!link) {
		unbind(sessions, entry);
	} else if (bind_to(sessions, entry, link) && !entry->lingering) {
		info->ifindex = link->ifindex;
		memcpy(info->ifname, link->name, sizeof(info->ifname));
		has_local = !resolve_local(sessions->watch, sessions->rtnl, link, &info->remote,
					   fixed ? &info->local : NULL, &info->local, &local);
		if (has_local)
			info->local = local;
		resolve_echo_source(sessions->watch, link, info);
		if (entry->neighbour_stale && link->up)
			sessions_ask_neighbour(sessions, entry);
		sessions_build_path(entry, link, has_local, &paths);
	}
	if (!entry->lingering)
		apply(sessions, entry, &before, &paths);
}

void sessions_refresh(struct sessions *sessions)
{
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		struct session_entry *entry = sessions->slots[slot];

		if (!entry || !entry->path_stale)
			continue;
		entry->path_stale = false;
		refresh_entry(sessions, entry);
	}
}

int sessions_retry(void *context)
{
	struct sessions *sessions = context;
	uint64_t expirations;

	if (read(sessions->retry_fd, &expirations, sizeof(expirations)) < 0)
		return errno == EAGAIN ? 0 : -errno;
	sessions->retrying = false;
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++)
		if (sessions->slots[slot] && sessions->slots[slot]->failed)
			mark(sessions->slots[slot], true);
	sessions_refresh(sessions);
	return 0;
}

/* ---- local addresses ---- */

static void local_changed(struct sessions *sessions, const struct watch_link *link,
			  const struct watch_address *address)
{
	const struct watch_link *holder =
		watch_find_local(sessions->watch, link->ifindex, &address->address);
	const struct watch_address *held = holder ? watch_find_address(holder, &address->address)
						  : NULL;
	uint32_t scope = address_is_link_local(&address->address) ? link->ifindex : 0;
	int error;

	/* Another link may have the same one. */
	if (held && held->usable)
		error = dataplane_local_add(sessions->dp, scope, &address->address);
	else
		error = dataplane_local_del(sessions->dp, scope, &address->address);
	if (error && error != -ENOENT)
		log_warning("cannot tell the data plane of the address %s: %s",
			    address_format(&address->address).text, strerror(-error));
}

static void add_local_of_link(const struct watch_link *link, void *context)
{
	for (const struct watch_address *own = link->addresses; own; own = own->next)
		local_changed(context, link, own);
}

struct stale_locals {
	const struct sessions *sessions;
	struct bfd_local_key *keys;
	size_t count, room;
	int error;
};

static void collect_stale_local(const struct bfd_local_key *key, void *context)
{
	struct stale_locals *stale = context;

	if (stale->error || watch_find_local(stale->sessions->watch, key->ifindex, &key->address))
		return;
	if (stale->count == stale->room) {
		size_t room = stale->room ? 2 * stale->room : 64;
		void *keys = reallocarray(stale->keys, room, sizeof(*stale->keys));

		if (!keys) {
			stale->error = -ENOMEM;
			return;
		}
		stale->keys = keys;
		stale->room = room;
	}
	stale->keys[stale->count++] = *key;
}

int sessions_sync_local(struct sessions *sessions)
{
	struct stale_locals stale = {.sessions = sessions};
	int error = dataplane_local_each(sessions->dp, collect_stale_local, &stale);

	if (!error)
		error = stale.error;
	for (size_t i = 0; i < stale.count && !error; i++)
		error = dataplane_local_del(sessions->dp, stale.keys[i].ifindex,
					    &stale.keys[i].address);
	free(stale.keys);
	watch_each_link(sessions->watch, add_local_of_link, sessions);
	return error;
}

/* ---- what the kernel tells ---- */

static void on_link(const struct watch_link *link, void *context)
{
	struct sessions *sessions = context;

	sessions->stack_stale = true;
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		struct session_entry *entry = sessions->slots[slot];

		/* It is its device, or may be the one that it waits for.  The kernel forgets
		 * neighbours when a link goes down.
		 */
		if (entry && (entry->session.info.ifindex == link->ifindex ||
			      (!entry->device && !strcmp(entry->session.info.ifname, link->name))))
			mark(entry, true);
	}
}

static void on_link_gone(uint32_t ifindex, void *context)
{
	struct sessions *sessions = context;

	sessions->stack_stale = true;
	devices_gone(sessions->devices, ifindex);
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		struct session_entry *entry = sessions->slots[slot];

		if (entry && (entry->session.info.ifindex == ifindex ||
			      (entry->device && entry->device->gone)))
			mark(entry, true);
	}
}

static void on_address(const struct watch_link *link, const struct watch_address *address,
		       bool gone, void *context)
{
	struct sessions *sessions = context;

	(void)gone;
	local_changed(sessions, link, address);
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		struct session_entry *entry = sessions->slots[slot];

		if (!entry)
			continue;
		/* The second kind borrows it from this link. */
		if (entry->session.info.ifindex == link->ifindex ||
		    address_equal(&entry->session.info.local, &address->address))
			mark(entry, !entry->has_mac);
	}
}

static void on_neighbour(const struct neighbour *neighbour, bool gone, void *context)
{
	struct sessions *sessions = context;
	struct session_entry *entry =
		sessions_find_key(sessions, &neighbour->address, neighbour->ifindex);

	if (!entry)
		return;
	if (gone || (!neighbour->managed && !neighbour->fixed))
		mark(entry, true);
	if (gone || !neighbour->has_mac ||
	    (entry->has_mac && !memcmp(entry->mac, neighbour->mac, sizeof(entry->mac))))
		return;
	entry->has_mac = true;
	memcpy(entry->mac, neighbour->mac, sizeof(entry->mac));
	mark(entry, false);
}

static void on_neighbours_lost(void *context)
{
	struct sessions *sessions = context;

	for (uint32_t slot = 0; slot < sessions->slot_count; slot++)
		if (sessions->slots[slot])
			mark(sessions->slots[slot], true);
}

static void on_settle(void *context)
{
	struct sessions *sessions = context;

	if (sessions->stack_stale)
		devices_follow_stack(sessions->devices, sessions->watch);
	sessions->stack_stale = false;
	sessions_refresh(sessions);
}

static size_t on_neighbours_wanted(const struct bfd_address **addresses, size_t max, void *context)
{
	const struct sessions *sessions = context;
	size_t count = 0;

	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		const struct session_entry *entry = sessions->slots[slot];

		if (!entry || entry->lingering)
			continue;
		if (count < max)
			addresses[count] = &entry->session.info.remote;
		count++;
	}
	return count;
}

const struct watch_handlers sessions_watch_handlers = {
	.link = on_link,
	.link_gone = on_link_gone,
	.address = on_address,
	.neighbour = on_neighbour,
	.neighbours_lost = on_neighbours_lost,
	.settle = on_settle,
	.neighbours_wanted = on_neighbours_wanted,
};

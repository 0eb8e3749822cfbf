// SPDX-License-Identifier: GPL-2.0
/*
 * What the data plane must know of the namespace beside sessions: which addresses are
 * ours, and in which routing domain (VRF) a device is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "log.h"
#include "sessions_internal.h"

/* ---- local addresses ---- */

void sessions_local_changed(struct sessions *sessions, const struct watch_link *link,
			    const struct watch_address *address)
{
	uint32_t scope = watch_scope(sessions->watch, link, &address->address);
	const struct watch_link *holder =
		watch_find_local(sessions->watch, scope, &address->address);
	const struct watch_address *held = holder ? watch_find_address(holder, &address->address)
						  : NULL;
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
		sessions_local_changed(context, link, own);
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

static int sync_addresses(struct sessions *sessions)
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

/* ---- routing domains ---- */

static void set_domain(struct sessions *sessions, uint32_t ifindex, uint32_t domain)
{
	int error = dataplane_domain_set(sessions->dp, ifindex, domain);

	if (error)
		log_warning("cannot tell the data plane of the VRF of the device with index %u: %s",
			    ifindex, strerror(-error));
}

static bool link_exists(uint32_t ifindex, void *context)
{
	const struct sessions *sessions = context;

	return watch_link(sessions->watch, ifindex);
}

static void set_domain_of_link(const struct watch_link *link, void *context)
{
	struct sessions *sessions = context;

	set_domain(sessions, link->ifindex, watch_domain(sessions->watch, link));
}

bool sessions_domain_changed(struct sessions *sessions, const struct watch_link *link)
{
	uint32_t domain = watch_domain(sessions->watch, link);
	int error;

	if (dataplane_domain(sessions->dp, link->ifindex) == domain)
		return false;
	set_domain(sessions, link->ifindex, domain);
	error = sync_addresses(sessions);
	if (error)
		log_warning("cannot tell the data plane of the addresses of %s: %s", link->name,
			    strerror(-error));
	return true;
}

void sessions_domain_gone(struct sessions *sessions, uint32_t ifindex)
{
	set_domain(sessions, ifindex, 0);
}

int sessions_sync_local(struct sessions *sessions)
{
	int error = dataplane_domains_tidy(sessions->dp, link_exists, sessions);

	if (error)
		return error;
	watch_each_link(sessions->watch, set_domain_of_link, sessions);
	return sync_addresses(sessions);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * By what sessions are found: slot, remote address, name, and the neighbour that their
 * packets go to.  Of neighbours it also knows the last user, who takes the mark off.
 */
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "clients.h"
#include "log.h"
#include "neighbour.h"
#include "sessions_internal.h"

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

static struct session_entry **neighbour_bucket(const struct sessions *sessions,
					       const struct bfd_address *address)
{
	return (struct session_entry **)&sessions->by_neighbour[bucket(address, sizeof(*address))];
}

struct session_entry *sessions_first_remote(const struct sessions *sessions,
					    const struct bfd_address *remote)
{
	return *remote_bucket(sessions, remote);
}

struct session_entry *sessions_find_name(const struct sessions *sessions, const char *name)
{
	struct session_entry *entry = *name_bucket(sessions, name);

	while (entry && strcmp(entry->session.info.name, name) != 0)
		entry = entry->next_name;
	return entry;
}

void session_key(const struct bfd_session_info *info, struct bfd_address_key *key)
{
	memset(key, 0, sizeof(*key));
	key->remote = info->remote;
	if (!session_is_multihop(info)) {
		key->ifindex = info->ifindex;
		return;
	}
	key->ifindex = info->vrf_ifindex;
	key->multihop = 1;
	key->local = info->local;
}

bool session_has_key(const struct session_entry *entry, const struct bfd_address_key *key)
{
	struct bfd_address_key own;

	session_key(&entry->session.info, &own);
	return !memcmp(&own, key, sizeof(own));
}

struct session_entry *sessions_find_key(const struct sessions *sessions,
					const struct bfd_address_key *key)
{
	struct session_entry *entry = *remote_bucket(sessions, &key->remote);

	while (entry && (entry->lingering || !session_has_key(entry, key)))
		entry = entry->next_remote;
	return entry;
}

static void bump_generation(struct sessions *sessions)
{
	if (!++sessions->generation)
		sessions->generation = 1;
}

void sessions_index(struct sessions *sessions, struct session_entry *entry)
{
	struct session_entry **head = remote_bucket(sessions, &entry->session.info.remote);

	sessions->slots[entry->session.slot] = entry;
	entry->next_remote = *head;
	*head = entry;
}

void sessions_index_name(struct sessions *sessions, struct session_entry *entry)
{
	struct session_entry **head = name_bucket(sessions, entry->session.info.name);

	if (!entry->session.info.name[0])
		return;
	entry->next_name = *head;
	*head = entry;
}

void sessions_enlist(struct sessions *sessions, struct session_entry *entry)
{
	sessions_index_name(sessions, entry);
	if (session_is_multihop(&entry->session.info)) {
		entry->next_multihop = sessions->multihop;
		entry->multihop_place = &sessions->multihop;
		if (entry->next_multihop)
			entry->next_multihop->multihop_place = &entry->next_multihop;
		sessions->multihop = entry;
	}
	sessions->count++;
	bump_generation(sessions);
}

void sessions_delist(struct sessions *sessions, struct session_entry *entry)
{
	if (entry->session.info.name[0]) {
		struct session_entry **place = name_bucket(sessions, entry->session.info.name);

		while (*place != entry)
			place = &(*place)->next_name;
		*place = entry->next_name;
	}
	if (entry->device)
		entry->device->sessions--;
	if (session_is_multihop(&entry->session.info)) {
		*entry->multihop_place = entry->next_multihop;
		if (entry->next_multihop)
			entry->next_multihop->multihop_place = entry->multihop_place;
	}
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
	sessions_leave_neighbour(sessions, entry);
	if (entry->device)
		devices_release(sessions->devices, entry->device);
	clients_free(entry);
	free(entry);
}

/* ---- neighbours ---- */

#define UNUSED_MAX 1024

struct unused_neighbours {
	const struct sessions *sessions;
	struct neighbour found[UNUSED_MAX];
	size_t count;
};

static bool uses_neighbour(const struct session_entry *entry, uint32_t ifindex,
			   const struct bfd_address *address)
{
	return entry->next_hop_ifindex == ifindex && address_equal(&entry->next_hop, address);
}

struct session_entry *sessions_first_neighbour(const struct sessions *sessions, uint32_t ifindex,
					       const struct bfd_address *address)
{
	struct session_entry *entry = *neighbour_bucket(sessions, address);

	while (entry && !uses_neighbour(entry, ifindex, address))
		entry = entry->next_neighbour;
	return entry;
}

struct session_entry *sessions_next_neighbour(const struct session_entry *entry)
{
	struct session_entry *next = entry->next_neighbour;

	while (next && !uses_neighbour(next, entry->next_hop_ifindex, &entry->next_hop))
		next = next->next_neighbour;
	return next;
}

void sessions_leave_neighbour(struct sessions *sessions, struct session_entry *entry)
{
	uint32_t ifindex = entry->next_hop_ifindex;
	int error;

	if (!ifindex)
		return;
	*entry->neighbour_place = entry->next_neighbour;
	if (entry->next_neighbour)
		entry->next_neighbour->neighbour_place = entry->neighbour_place;
	entry->next_hop_ifindex = 0;
	if (sessions_first_neighbour(sessions, ifindex, &entry->next_hop))
		return;
	watch_neighbours_changed(sessions->watch);
	error = neighbour_release(sessions->rtnl, ifindex, &entry->next_hop);
	if (error)
		log_debug("cannot release the neighbour %s: %s",
			  address_format(&entry->next_hop).text, strerror(-error));
}

static void collect_unused(const struct neighbour *neighbour, void *context)
{
	struct unused_neighbours *unused = context;

	if (!neighbour->ours || unused->count == UNUSED_MAX ||
	    sessions_first_neighbour(unused->sessions, neighbour->ifindex, &neighbour->address))
		return;
	unused->found[unused->count++] = *neighbour;
}

void sessions_tidy_neighbours(struct sessions *sessions)
{
	struct unused_neighbours unused = {.sessions = sessions};
	int error = neighbour_each(sessions->rtnl, collect_unused, &unused);

	for (size_t i = 0; i < unused.count && !error; i++)
		error = neighbour_release(sessions->rtnl, unused.found[i].ifindex,
					  &unused.found[i].address);
	if (error)
		log_debug("cannot release neighbours that no session has: %s", strerror(-error));
}

void sessions_use_neighbour(struct sessions *sessions, struct session_entry *entry,
			    uint32_t ifindex, const struct bfd_address *address)
{
	struct session_entry **head;
	bool first;

	if (uses_neighbour(entry, ifindex, address))
		return;
	/* After adoption what was right before still serves, while nothing better is known. */
	if (entry->next_hop_ifindex || entry->paths.control.ifindex != ifindex)
		entry->has_mac = false;
	sessions_leave_neighbour(sessions, entry);
	first = !sessions_first_neighbour(sessions, ifindex, address);
	head = neighbour_bucket(sessions, address);
	entry->next_hop_ifindex = ifindex;
	entry->next_hop = *address;
	entry->next_neighbour = *head;
	entry->neighbour_place = head;
	if (entry->next_neighbour)
		entry->next_neighbour->neighbour_place = &entry->next_neighbour;
	*head = entry;
	entry->neighbour_stale = true;
	/* Before the kernel is asked for it, so that no answer is missed. */
	if (first)
		watch_neighbours_changed(sessions->watch);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Which sessions are concerned by addresses of ours that came, changed or went: noted
 * one by one, and looked up once for a whole batch, for there may be thousands of both.
 */
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "sessions_internal.h"

struct changed_address {
	struct bfd_address address;
	uint32_t ifindex;
};

static int compare(const void *a, const void *b)
{
	return memcmp(&((const struct changed_address *)a)->address,
		      &((const struct changed_address *)b)->address, sizeof(struct bfd_address));
}

static int compare_links(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

void sessions_note_address(struct sessions *sessions, uint32_t ifindex,
			   const struct bfd_address *address, bool gone)
{
	struct changed_addresses *changed = &sessions->changed;

	if (changed->count == changed->room) {
		size_t room = changed->room ? 2 * changed->room : 64;
		struct changed_address *list =
			reallocarray(changed->list, room, sizeof(*changed->list));

		if (!list) {
			changed->all = true;
			return;
		}
		changed->list = list;
		changed->room = room;
	}
	changed->list[changed->count].address = *address;
	changed->list[changed->count++].ifindex = ifindex;
	changed->some_came |= !gone;
}

static bool has_changed(const struct changed_addresses *changed, const struct bfd_address *address)
{
	struct changed_address key = {.address = *address};

	return changed->count &&
	       bsearch(&key, changed->list, changed->count, sizeof(*changed->list), compare);
}

/* The device has changed ones, or it borrows them, or a new one may be a better echo source. */
static bool is_concerned(const struct sessions *sessions, const struct session *session,
			 const uint32_t *links, size_t link_count)
{
	const struct changed_addresses *changed = &sessions->changed;
	const struct bfd_session_info *info = &session->info;

	return changed->all ||
	       (links &&
		bsearch(&info->ifindex, links, link_count, sizeof(*links), compare_links)) ||
	       has_changed(changed, &info->local) || has_changed(changed, &info->echo_source) ||
	       (changed->some_came && sessions_echo_provokes_redirects(sessions, session));
}

void sessions_mark_by_addresses(struct sessions *sessions)
{
	struct changed_addresses *changed = &sessions->changed;
	uint32_t *links;
	size_t link_count = 0;

	if (!changed->count && !changed->all)
		return;
	links = calloc(changed->count + 1, sizeof(*links));
	if (!links)
		changed->all = true;
	for (size_t i = 0; links && i < changed->count; i++)
		if (!link_count || links[link_count - 1] != changed->list[i].ifindex)
			links[link_count++] = changed->list[i].ifindex;
	if (link_count)
		qsort(links, link_count, sizeof(*links), compare_links);
	if (changed->count)
		qsort(changed->list, changed->count, sizeof(*changed->list), compare);
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		struct session_entry *entry = sessions->slots[slot];

		if (entry && is_concerned(sessions, &entry->session, links, link_count))
			session_mark(sessions, entry, !entry->has_mac);
	}
	free(links);
	free(changed->list);
	*changed = (struct changed_addresses){};
}

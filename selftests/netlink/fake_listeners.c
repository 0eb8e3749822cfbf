/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listeners in memory behind user/listeners.h, for tests; see fake_listeners.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/address.h"

#include "fake_listeners.h"

#define LISTENERS_MAX 4

struct listeners {
	struct listener slots[LISTENERS_MAX]; /* id 0: free */
	uint32_t last_id;
};

struct listeners *fake_listeners_new(void)
{
	struct listeners *listeners = calloc(1, sizeof(*listeners));

	if (!listeners)
		abort();
	return listeners;
}

void fake_listeners_free(struct listeners *listeners)
{
	free(listeners);
}

static struct listener *find(struct listeners *listeners, const struct bfd_address *prefix,
			     uint8_t prefix_length, uint32_t ifindex)
{
	int i;

	for (i = 0; i < LISTENERS_MAX; i++) {
		struct listener_request *is = &listeners->slots[i].request;

		if (listeners->slots[i].id && is->ifindex == ifindex &&
		    is->prefix_length == prefix_length && address_equal(&is->prefix, prefix))
			return &listeners->slots[i];
	}
	return NULL;
}

int listeners_add(struct listeners *listeners, const struct listener_request *request, bool replace,
		  struct listener *out, struct session_error *error)
{
	struct listener *listener =
		find(listeners, &request->prefix, request->prefix_length, request->ifindex);
	int i;

	if (listener && !replace) {
		error->field = SESSION_FIELD_REMOTE;
		snprintf(error->text, sizeof(error->text), "it listens already");
		return -EEXIST;
	}
	for (i = 0; i < LISTENERS_MAX && !listener; i++)
		if (!listeners->slots[i].id)
			listener = &listeners->slots[i];
	if (!listener) {
		snprintf(error->text, sizeof(error->text), "no free listener");
		return -ENOSPC;
	}
	if (!listener->id)
		listener->id = ++listeners->last_id;
	listener->request = *request;
	strcpy(listener->ifname, "v0");
	*out = *listener;
	return 0;
}

int listeners_check(struct listeners *listeners, const struct listener_request *request,
		    struct session_error *error)
{
	(void)listeners;
	if (request->ifindex != 99)
		return 0;
	error->field = SESSION_FIELD_DEVICE;
	snprintf(error->text, sizeof(error->text), "no device 99");
	return -ENODEV;
}

int listeners_del(struct listeners *listeners, const struct listener_request *which,
		  struct session_error *error)
{
	struct listener *listener =
		find(listeners, &which->prefix, which->prefix_length, which->ifindex);

	if (listener) {
		listener->id = 0;
		return 0;
	}
	error->field = SESSION_FIELD_REMOTE;
	snprintf(error->text, sizeof(error->text), "no such listener");
	return -ENOENT;
}

bool listener_matches(const struct listener *listener, const struct listener_request *which)
{
	const struct listener_request *is = &listener->request;

	return is->ifindex == which->ifindex && is->prefix_length == which->prefix_length &&
	       address_equal(&is->prefix, &which->prefix);
}

bool listeners_from(const struct listeners *listeners, uint32_t id, struct listener *out)
{
	const struct listener *best = NULL;
	int i;

	for (i = 0; i < LISTENERS_MAX; i++) {
		const struct listener *listener = &listeners->slots[i];

		if (listener->id && listener->id >= id && (!best || listener->id < best->id))
			best = listener;
	}
	if (best)
		*out = *best;
	return best;
}

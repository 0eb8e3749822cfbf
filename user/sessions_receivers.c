// SPDX-License-Identifier: GPL-2.0
/*
 * Where packets of multihop sessions may arrive: on any Ethernet device of the routing
 * domain, whatever way our own go (RFC 5883 4).  Each keeps the program attached
 * from the first such session of its domain to the last.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sessions_internal.h"

struct session_receiver {
	struct session_receiver *next;
	uint32_t ifindex;
	struct device *device; /* NULL: it was refused, and the operator was told */
	bool wanted;
};

static bool domain_has_multihop(const struct sessions *sessions, uint32_t domain)
{
	const struct session_entry *entry = sessions->multihop;

	while (entry && entry->session.info.vrf_ifindex != domain)
		entry = entry->next_multihop;
	return entry;
}

static struct session_receiver *find_receiver(const struct sessions *sessions, uint32_t ifindex)
{
	struct session_receiver *receiver = sessions->receivers;

	while (receiver &&
	       (receiver->ifindex != ifindex || (receiver->device && receiver->device->gone)))
		receiver = receiver->next;
	return receiver;
}

/* Can packets for us arrive on it?  One that had the program keeps it while it has no carrier:
 * on some hardware to take it off and put it on again is itself a loss of carrier.
 */
static bool link_receives(const struct sessions *sessions, const struct watch_link *link, bool held)
{
	return link->ethernet && link->addresses && (link->up || held) &&
	       strcmp(link->kind, "vrf") != 0 &&
	       !dataplane_is_clock_device(sessions->dp, link->ifindex);
}

struct receivers_sync {
	struct sessions *sessions;
	uint32_t domain; /* the one asked for last, and the answer */
	bool known, has_multihop;
};

static void want_link(const struct watch_link *link, void *context)
{
	struct receivers_sync *sync = context;
	struct sessions *sessions = sync->sessions;
	struct session_receiver *receiver = find_receiver(sessions, link->ifindex);
	uint32_t domain = watch_domain(sessions->watch, link);
	struct session_error error;

	if (!link_receives(sessions, link, receiver && receiver->device))
		return;
	if (!sync->known || sync->domain != domain) {
		sync->known = true;
		sync->domain = domain;
		sync->has_multihop = domain_has_multihop(sessions, domain);
	}
	if (!sync->has_multihop)
		return;
	if (!receiver) {
		receiver = calloc(1, sizeof(*receiver));
		if (!receiver)
			return;
		receiver->ifindex = link->ifindex;
		receiver->next = sessions->receivers;
		sessions->receivers = receiver;
		if (devices_use(sessions->devices, link, &receiver->device, &error)) {
			receiver->device = NULL;
			log_warning(
				"packets of multihop sessions that arrive on %s will be missed: %s",
				link->name, error.text);
		}
	} else if (!receiver->device &&
		   devices_use(sessions->devices, link, &receiver->device, &error)) {
		receiver->device = NULL;
	}
	receiver->wanted = true;
}

void sessions_sync_receivers(struct sessions *sessions)
{
	struct receivers_sync sync = {.sessions = sessions};
	struct session_receiver **place = &sessions->receivers, *receiver;

	sessions->receivers_stale = false;
	route_watch_listen(sessions->routes, sessions->multihop != NULL);
	for (receiver = sessions->receivers; receiver; receiver = receiver->next)
		receiver->wanted = false;
	if (sessions->multihop)
		watch_each_link(sessions->watch, want_link, &sync);
	while ((receiver = *place)) {
		if (receiver->wanted) {
			place = &receiver->next;
			continue;
		}
		*place = receiver->next;
		if (receiver->device)
			devices_release(sessions->devices, receiver->device);
		free(receiver);
	}
}

void sessions_close_receivers(struct sessions *sessions)
{
	while (sessions->receivers) {
		struct session_receiver *receiver = sessions->receivers;

		sessions->receivers = receiver->next;
		free(receiver);
	}
}

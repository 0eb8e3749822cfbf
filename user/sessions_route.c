// SPDX-License-Identifier: GPL-2.0
/*
 * The routes of multihop sessions, followed while they live: a packet must go the way
 * that the kernel would send one to the same destination, or BFD would watch a path that
 * nobody uses.  Only the path changes; what becomes of the session is for the
 * protocol to say.
 */
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "address.h"
#include "log.h"
#include "resolve.h"
#include "sessions_internal.h"

/* Between look-ups, so that routes that change all the time don't occupy the agent. */
#define REROUTE_PAUSE_NS 100000000L

/* The VRF device of a session, which may have been made anew. */
static bool find_domain(struct sessions *sessions, struct bfd_session_info *info)
{
	const struct watch_link *vrf = watch_link(sessions->watch, info->vrf_ifindex);

	if (!info->vrf[0])
		return true;
	if (!vrf || strcmp(vrf->name, info->vrf) != 0)
		vrf = watch_link_by_name(sessions->watch, info->vrf);
	if (!vrf)
		vrf = watch_link(sessions->watch, info->vrf_ifindex);
	if (!vrf || !watch_is_vrf(vrf))
		return false;
	if (info->vrf_ifindex != vrf->ifindex)
		sessions->receivers_stale = true;
	info->vrf_ifindex = vrf->ifindex;
	memcpy(info->vrf, vrf->name, sizeof(info->vrf));
	return true;
}

void sessions_find_hop(struct sessions *sessions, struct bfd_session_info *info,
		       struct resolved_hop *hop)
{
	memset(hop, 0, sizeof(*hop));
	if (find_domain(sessions, info))
		resolve_route(sessions->watch, sessions->rtnl, info, hop);
	/* Where no neighbour has an Ethernet address we can't send. */
	if (hop->link &&
	    (!hop->link->ethernet || dataplane_is_clock_device(sessions->dp, hop->link->ifindex)))
		hop->link = NULL;
}

static void mark_stale_routes(struct sessions *sessions)
{
	for (struct session_entry *entry = sessions->multihop; entry;
	     entry = entry->next_multihop) {
		if (entry->route_stale || sessions->routes_stale)
			session_mark(sessions, entry, false);
		entry->route_stale = false;
	}
	sessions->routes_stale = false;
}

/* The first change at once, those that come in the pause after it together at its end. */
static void reroute_soon(struct sessions *sessions)
{
	struct itimerspec when = {.it_value.tv_nsec = REROUTE_PAUSE_NS};

	if (sessions->rerouting)
		return;
	sessions->rerouting = true;
	timerfd_settime(sessions->reroute_fd, 0, &when, NULL);
	mark_stale_routes(sessions);
}

int sessions_reroute_due(void *context)
{
	struct sessions *sessions = context;
	uint64_t expirations;

	if (read(sessions->reroute_fd, &expirations, sizeof(expirations)) < 0)
		return errno == EAGAIN ? 0 : -errno;
	sessions->rerouting = false;
	mark_stale_routes(sessions);
	sessions_settle(sessions);
	return 0;
}

/* Returns whether any session may be concerned. */
static bool note_changed(struct sessions *sessions, const struct bfd_address *prefix,
			 unsigned int length)
{
	bool any = false;

	/* There may be thousands of sessions, and as many changes. */
	sessions->routes_stale |= length == 0;
	if (sessions->routes_stale)
		return sessions->multihop;
	for (struct session_entry *entry = sessions->multihop; entry;
	     entry = entry->next_multihop) {
		if (!address_in_prefix(&entry->session.info.remote, prefix, length))
			continue;
		entry->route_stale = true;
		any = true;
	}
	return any;
}

static void on_routes_changed(const struct bfd_address *prefix, unsigned int length, void *context)
{
	if (note_changed(context, prefix, length))
		reroute_soon(context);
}

void sessions_reroute(struct sessions *sessions)
{
	static const struct bfd_address any;

	on_routes_changed(&any, 0, sessions);
	/* And once more: the kernel tells of a link or an address before it changes the routes. */
	note_changed(sessions, &any, 0);
}

static void on_routes_settled(void *context)
{
	sessions_settle(context);
}

const struct route_watch_handlers sessions_route_handlers = {
	.changed = on_routes_changed,
	.settle = on_routes_settled,
};

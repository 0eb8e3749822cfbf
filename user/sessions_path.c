// SPDX-License-Identifier: GPL-2.0
/*
 * How the packets of a session reach its neighbour: device, addresses and MACs,
 * followed as the kernel's tables change.  Changes only mark sessions stale; the
 * work is done once after each batch of events.
 */
#include <errno.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "address.h"
#include "genl/uapi/bfd_genl.h"
#include "listeners.h"
#include "log.h"
#include "resolve.h"
#include "sessions_internal.h"

#define RETRY_SECONDS 5

/* ---- one session ---- */

void session_mark(struct sessions *sessions, struct session_entry *entry, bool neighbour)
{
	sessions->stale[entry->session.slot / 64] |= 1ULL << (entry->session.slot % 64);
	entry->neighbour_stale |= neighbour;
}

static void retry_quietly(struct sessions *sessions, struct session_entry *entry)
{
	struct itimerspec when = {.it_value.tv_sec = RETRY_SECONDS};

	entry->failed = true;
	if (!sessions->retrying)
		timerfd_settime(sessions->retry_fd, 0, &when, NULL);
	sessions->retrying = true;
}

/* Something was refused that may be granted later.  Warns of the first of many. */
static void retry_later(struct sessions *sessions, struct session_entry *entry, const char *text)
{
	const struct bfd_session_info *info = &entry->session.info;

	if (!entry->failed)
		(sessions->retrying ? log_debug : log_warning)("session with %s on %s: %s",
							       address_format(&info->remote).text,
							       info->ifname, text);
	retry_quietly(sessions, entry);
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

/* The kernel solicits IPv6 neighbours from the link-local address of the device. */
static bool can_solicit(const struct sessions *sessions, const struct session_entry *entry)
{
	const struct watch_link *link = watch_link(sessions->watch, entry->next_hop_ifindex);
	return address_is_v4(&entry->next_hop) ||
	       (link && link->addresses && address_is_link_local(&link->addresses->address));
}

/* It is that of other sessions, too: has the kernel just told one of them? */
static bool take_from_another(struct session_entry *entry)
{
	const struct session_entry *other = sessions_next_neighbour(entry);

	if (!other || other->neighbour_stale || other->failed || !other->has_mac)
		return false;
	entry->has_mac = true;
	memcpy(entry->mac, other->mac, sizeof(entry->mac));
	entry->neighbour_stale = false;
	entry->failed = false;
	return true;
}

/* Of those that wait for the same answer. */
static void give_to_others(struct sessions *sessions, const struct session_entry *entry)
{
	struct session_entry *other =
		sessions_first_neighbour(sessions, entry->next_hop_ifindex, &entry->next_hop);

	for (; other; other = sessions_next_neighbour(other)) {
		if (other == entry || !other->neighbour_stale)
			continue;
		other->has_mac = true;
		memcpy(other->mac, entry->mac, sizeof(other->mac));
		other->neighbour_stale = false;
		other->failed = false;
		session_mark(sessions, other, false);
	}
}

void sessions_ask_neighbour(struct sessions *sessions, struct session_entry *entry)
{
	struct neighbour neighbour;
	int error;

	if (take_from_another(entry))
		return;
	error = neighbour_manage(sessions->rtnl, entry->next_hop_ifindex, &entry->next_hop,
				 &neighbour);
	entry->neighbour_stale = false;
	if (error) {
		retry_later(sessions, entry, neighbour_refusal(&entry->next_hop, error));
		return;
	}
	entry->failed = false;
	entry->neighbour_failed = neighbour.failed;
	/* A neighbour that doesn't answer keeps its last address: BFD is to find that out. */
	if (neighbour.has_mac) {
		entry->has_mac = true;
		memcpy(entry->mac, neighbour.mac, sizeof(entry->mac));
		give_to_others(sessions, entry);
	} else if (!can_solicit(sessions, entry)) {
		error = neighbour_nudge(entry->next_hop_ifindex, &entry->next_hop);
		if (error)
			log_debug("nothing can be sent to %s: %s",
				  address_format(&entry->next_hop).text, strerror(-error));
		retry_quietly(sessions, entry);
	}
}

void sessions_build_path(const struct session_entry *entry, const struct watch_link *link,
			 bool has_local, struct dataplane_paths *paths)
{
	const struct bfd_session_info *info = &entry->session.info;

	memset(paths, 0, sizeof(*paths));
	if (!has_local || !entry->has_mac)
		return;
	dataplane_build_path(&paths->control, link->ifindex, link->mac, entry->mac, &info->local,
			     &info->remote, info->source_port,
			     session_is_multihop(info) ? BFD_MULTIHOP_UDP_PORT : BFD_UDP_PORT);
	if (session_is_multihop(info))
		return;
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

/* Is there another session with this neighbour on link? */
static bool is_taken(const struct sessions *sessions, const struct session_entry *entry,
		     const struct watch_link *link)
{
	const struct bfd_session_info *info = &entry->session.info;
	struct bfd_address_key key = {.ifindex = link->ifindex, .remote = info->remote};
	const struct session_entry *other = sessions_find_key(sessions, &key);

	return !session_is_multihop(info) && !entry->lingering && other && other != entry;
}

/* Have the frames of link taken for this session. */
static bool bind_to(struct sessions *sessions, struct session_entry *entry,
		    const struct watch_link *link)
{
	struct session_error error;

	if (entry->device && !entry->device->gone && entry->device->ifindex == link->ifindex)
		return true;
	unbind(sessions, entry);
	if (is_taken(sessions, entry, link)) {
		retry_later(sessions, entry, "the device is back, but has another session with it");
		return false;
	}
	if (devices_use(sessions->devices, link, &entry->device, &error)) {
		retry_later(sessions, entry, error.text);
		return false;
	}
	entry->neighbour_stale = true;
	if (entry->lingering)
		return true;
	entry->device->sessions++;
	if (!sessions->started && entry->device->fresh &&
	    link->ifindex == entry->session.info.ifindex)
		session_reset_adopted(sessions, entry);
	return true;
}

void sessions_pass_on_link(struct sessions *sessions, const struct bfd_session_info *before)
{
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		const struct session_entry *entry = sessions->slots[slot];
		const struct bfd_session_info *info = entry ? &entry->session.info : NULL;
		struct bfd_address_key key;
		int error;

		if (!info || entry->lingering || !(info->flags & BFD_INFO_POINT_TO_POINT) ||
		    info->ifindex != before->ifindex ||
		    address_family(&info->remote) != address_family(&before->remote))
			continue;
		session_key(info, &key);
		error = dataplane_session_set_path(sessions->dp, slot, &key, &entry->paths, info);
		if (error)
			log_warning("session %u: the data plane refused it the link: %s",
				    entry->session.local_discr, strerror(-error));
		return;
	}
}

uint8_t session_path_problem(const struct session_entry *entry, const struct resolved_hop *hop)
{
	if (!hop->link && hop->no_address)
		return BFD_PATH_PROBLEM_NO_ADDRESS;
	if (!hop->link)
		return session_is_multihop(&entry->session.info) ? BFD_PATH_PROBLEM_NO_ROUTE
								 : BFD_PATH_PROBLEM_NO_DEVICE;
	if (!entry->device)
		return BFD_PATH_PROBLEM_DEVICE_REFUSED;
	if (!hop->link->up)
		return BFD_PATH_PROBLEM_DEVICE_DOWN;
	if (!hop->ready)
		return BFD_PATH_PROBLEM_NO_ADDRESS;
	if (!entry->has_mac)
		return BFD_PATH_PROBLEM_NO_NEIGHBOUR;
	return entry->neighbour_failed ? BFD_PATH_PROBLEM_NEIGHBOUR_FAILED : BFD_PATH_PROBLEM_NONE;
}

/* As the path was, to be compared with how it is. */
struct path_before {
	struct bfd_session_info info;
	struct bfd_address next_hop;
};

/* What is new, as bits 1 << enum bfd_path_change. */
static uint8_t find_changes(const struct session_entry *entry, const struct path_before *before,
			    const struct dataplane_paths *paths)
{
	const struct bfd_session_info *info = &entry->session.info;
	const struct bfd_path *old = &entry->paths.control, *new = &paths->control;
	uint8_t changes = 0;

	if (info->ifindex != before->info.ifindex || strcmp(info->ifname, before->info.ifname) != 0)
		changes |= 1 << BFD_PATH_CHANGE_DEVICE;
	if (!address_equal(&info->local, &before->info.local))
		changes |= 1 << BFD_PATH_CHANGE_LOCAL_ADDRESS;
	if (!address_equal(&entry->next_hop, &before->next_hop))
		changes |= 1 << BFD_PATH_CHANGE_NEXT_HOP;
	else if (old->ifindex &&
		 old->ifindex == new->ifindex &&memcmp(old->header, new->header, ETH_ALEN) != 0)
		changes |= 1 << BFD_PATH_CHANGE_NEIGHBOUR_MAC;
	if (old->ifindex && old->ifindex ==
				    new->ifindex &&memcmp(old->header + ETH_ALEN,
							  new->header + ETH_ALEN, ETH_ALEN) != 0)
		changes |= 1 << BFD_PATH_CHANGE_DEVICE_MAC;
	return changes;
}

/* Tell observers, if they could see it, what is new. */
static void tell(struct sessions *sessions, struct session_entry *entry, uint8_t problem,
		 uint8_t changes, bool seen)
{
	struct session *session = &entry->session;

	if (entry->device_flapped && problem == BFD_PATH_PROBLEM_NONE &&
	    session->path_problem == BFD_PATH_PROBLEM_NONE)
		changes |= 1 << BFD_PATH_CHANGE_DEVICE_FLAP;
	entry->device_flapped = false;

	if (!seen && !changes && problem == session->path_problem)
		return;
	session->path_problem = problem;
	session->path_changes = changes;
	log_debug("session %u: %s on %s, path %s", session->local_discr,
		  address_format(&session->info.remote).text, session->info.ifname,
		  session->path_ready ? "ready" : "not ready");
	sessions_changed(sessions, entry);
	session->old_path_problem = problem;
	session->path_changes = 0;
}

/* Tell the data plane if anything is new, and observers if they could see it. */
static void apply(struct sessions *sessions, struct session_entry *entry,
		  const struct path_before *was, const struct dataplane_paths *paths,
		  uint8_t problem)
{
	const struct bfd_session_info *info = &entry->session.info, *before = &was->info;
	struct bfd_address_key key;
	bool ready = paths->control.ifindex != 0, same_info = !memcmp(info, before, sizeof(*info));
	uint8_t changes = find_changes(entry, was, paths);
	int error;

	if (same_info && !memcmp(paths, &entry->paths, sizeof(*paths))) {
		tell(sessions, entry, problem, changes, false);
		return;
	}
	session_key(info, &key);
	error = dataplane_session_set_path(sessions->dp, entry->session.slot, &key, paths, info);
	if (error) {
		log_warning("session %u: the data plane refused a path: %s",
			    entry->session.local_discr, strerror(-error));
		return;
	}
	entry->paths = *paths;
	if ((before->flags & BFD_INFO_POINT_TO_POINT) &&
	    (!(info->flags & BFD_INFO_POINT_TO_POINT) || before->ifindex != info->ifindex))
		sessions_pass_on_link(sessions, before);
	same_info = same_info && ready == entry->session.path_ready;
	entry->session.path_ready = ready;
	tell(sessions, entry, problem, changes, !same_info);
}

bool sessions_echo_provokes_redirects(const struct sessions *sessions,
				      const struct session *session)
{
	const struct bfd_session_info *info = &session->info;
	const struct watch_link *link = watch_link(sessions->watch, info->ifindex);

	return link && !session_is_multihop(info) && !(info->flags & BFD_INFO_ECHO_SOURCE_FIXED) &&
	       resolve_provokes_redirects(link, &info->echo_source);
}

void session_take_link(const struct sessions *sessions, struct bfd_session_info *info,
		       const struct watch_link *link)
{
	const struct watch_link *vrf;

	info->ifindex = link ? link->ifindex : 0;
	memset(info->ifname, 0, sizeof(info->ifname));
	if (link)
		memcpy(info->ifname, link->name, sizeof(info->ifname));
	/* The domain of a multihop session is what its operator said; a device has one by itself.
	 */
	if (!link || session_is_multihop(info))
		return;
	info->flags &= ~(uint32_t)BFD_INFO_POINT_TO_POINT;
	if (resolve_point_to_point(link, &info->remote))
		info->flags |= BFD_INFO_POINT_TO_POINT;
	info->vrf_ifindex = watch_domain(sessions->watch, link);
	vrf = watch_link(sessions->watch, info->vrf_ifindex);
	memset(info->vrf, 0, sizeof(info->vrf));
	if (vrf)
		memcpy(info->vrf, vrf->name, sizeof(info->vrf));
	resolve_echo_source(sessions->watch, link, info);
}

/* Which way the packets of a session on a device go. */
static void find_neighbour(const struct sessions *sessions, const struct session_entry *entry,
			   struct bfd_session_info *info, struct resolved_hop *hop)
{
	bool fixed = info->flags & BFD_INFO_LOCAL_FIXED;
	struct bfd_address local;

	hop->link = current_link(sessions, entry);
	if (!hop->link)
		return;
	hop->address = info->remote;
	hop->ready = !resolve_local(sessions->watch, sessions->rtnl, hop->link, &info->remote,
				    fixed ? &info->local : NULL, &info->local, &local);
	if (hop->ready)
		info->local = local;
}

static void refresh_entry(struct sessions *sessions, struct session_entry *entry)
{
	struct bfd_session_info *info = &entry->session.info;
	struct path_before before = {.info = *info, .next_hop = entry->next_hop};
	struct dataplane_paths paths = {};
	struct resolved_hop hop = {};

	if (session_is_multihop(info))
		sessions_find_hop(sessions, info, &hop);
	else
		find_neighbour(sessions, entry, info, &hop);
	if (!hop.link) {
		unbind(sessions, entry);
		if (session_is_multihop(info)) {
			sessions_leave_neighbour(sessions, entry);
			session_take_link(sessions, info, NULL);
		}
	} else if (bind_to(sessions, entry, hop.link) && !entry->lingering) {
		session_take_link(sessions, info, hop.link);
		sessions_use_neighbour(sessions, entry, hop.link->ifindex, &hop.address);
		if (entry->neighbour_stale && hop.link->up)
			sessions_ask_neighbour(sessions, entry);
		sessions_build_path(entry, hop.link, hop.ready, &paths);
	}
	if (!entry->lingering)
		apply(sessions, entry, &before, &paths, session_path_problem(entry, &hop));
}

void sessions_refresh(struct sessions *sessions)
{
	for (uint32_t i = 0; i <= sessions->slot_count / 64; i++) {
		while (sessions->stale[i]) {
			unsigned int bit = (unsigned int)__builtin_ctzll(sessions->stale[i]);
			struct session_entry *entry = sessions->slots[64 * i + bit];

			sessions->stale[i] &= ~(1ULL << bit);
			if (entry)
				refresh_entry(sessions, entry);
		}
	}
}

void sessions_settle(struct sessions *sessions)
{
	sessions_mark_by_addresses(sessions);
	sessions_refresh(sessions);
	if (sessions->receivers_stale)
		sessions_sync_receivers(sessions);
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
			session_mark(sessions, sessions->slots[slot], true);
	sessions_refresh(sessions);
	return 0;
}

/* ---- what the kernel tells ---- */

static void on_link(const struct watch_link *link, void *context)
{
	struct sessions *sessions = context;
	bool moved;

	sessions->stack_stale = true;
	/* Its sessions find no neighbour of the other domain by themselves. */
	moved = sessions_domain_changed(sessions, link);
	sessions_reroute(sessions);
	sessions->receivers_stale = true;
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		struct session_entry *entry = sessions->slots[slot];

		/* It is its device, or may be the one that it waits for.  The kernel forgets
		 * neighbours when a link goes down.
		 */
		if (entry &&
		    (entry->session.info.ifindex == link->ifindex ||
		     (!entry->device && !strcmp(entry->session.info.ifname, link->name)))) {
			session_mark(sessions, entry, true);
			entry->device_flapped |= !link->up;
		} else if (entry && moved &&
			   watch_find_address(link, &entry->session.info.echo_source)) {
			session_mark(sessions, entry, false);
		}
	}
}

static void on_link_gone(uint32_t ifindex, void *context)
{
	struct sessions *sessions = context;
	const char *ifname = NULL;
	unsigned int waiting = 0;

	sessions->stack_stale = true;
	devices_gone(sessions->devices, ifindex);
	sessions_domain_gone(sessions, ifindex);
	sessions_reroute(sessions);
	sessions->receivers_stale = true;
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		struct session_entry *entry = sessions->slots[slot];

		if (!entry || (entry->session.info.ifindex != ifindex &&
			       !(entry->device && entry->device->gone)))
			continue;
		session_mark(sessions, entry, true);
		if (entry->lingering || session_is_multihop(&entry->session.info) ||
		    entry->session.info.ifindex != ifindex)
			continue;
		ifname = entry->session.info.ifname;
		waiting++;
	}
	if (waiting)
		log_warning("%s is gone: %u sessions wait for a device of that name", ifname,
			    waiting);
}

static void on_address(const struct watch_link *link, const struct watch_address *address,
		       bool gone, void *context)
{
	struct sessions *sessions = context;

	sessions_local_changed(sessions, link, address);
	sessions_reroute(sessions);
	sessions->receivers_stale = true;
	sessions_note_address(sessions, link->ifindex, &address->address, gone);
}

static void take_neighbour(struct sessions *sessions, struct session_entry *entry,
			   const struct neighbour *neighbour, bool gone)
{
	bool failed = !gone && neighbour->failed;

	if (gone || (!neighbour->managed && !neighbour->fixed))
		session_mark(sessions, entry, true);
	/* One that is asked again may yet answer. */
	if ((failed || neighbour->has_mac) && entry->neighbour_failed != failed) {
		entry->neighbour_failed = failed;
		session_mark(sessions, entry, false);
	}
	if (gone || !neighbour->has_mac ||
	    (entry->has_mac && !memcmp(entry->mac, neighbour->mac, sizeof(entry->mac))))
		return;
	entry->has_mac = true;
	memcpy(entry->mac, neighbour->mac, sizeof(entry->mac));
	session_mark(sessions, entry, false);
}

static void on_neighbour(const struct neighbour *neighbour, bool gone, void *context)
{
	struct sessions *sessions = context;
	struct session_entry *entry =
		sessions_first_neighbour(sessions, neighbour->ifindex, &neighbour->address);

	for (; entry; entry = sessions_next_neighbour(entry))
		take_neighbour(sessions, entry, neighbour, gone);
}

static void on_neighbours_lost(void *context)
{
	struct sessions *sessions = context;

	for (uint32_t slot = 0; slot < sessions->slot_count; slot++)
		if (sessions->slots[slot])
			session_mark(sessions, sessions->slots[slot], true);
}

static void on_settle(void *context)
{
	struct sessions *sessions = context;

	if (sessions->stack_stale) {
		sessions->stack_stale = false;
		devices_follow_stack(sessions->devices);
		listeners_follow(sessions->listeners);
	}
	sessions_settle(sessions);
}

static size_t on_neighbours_wanted(const struct bfd_address **addresses, size_t max, void *context)
{
	const struct sessions *sessions = context;
	size_t count = 0;

	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		const struct session_entry *entry = sessions->slots[slot];

		if (!entry || !entry->next_hop_ifindex)
			continue;
		if (count < max)
			addresses[count] = &entry->next_hop;
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

// SPDX-License-Identifier: GPL-2.0
/*
 * Making a session: from a request to device, addresses and slot; see sessions.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "clients.h"
#include "resolve.h"
#include "sessions_internal.h"

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

int session_check_config(bool multihop, struct bfd_config *config, struct session_error *error)
{
	if (!multihop) {
		config->set &= ~(uint32_t)BFD_CONFIG_MIN_TTL; /* 255, always (RFC 5881 5) */
		return 0;
	}
	if (((config->set & BFD_CONFIG_ECHO_TX) && config->echo_tx_us) ||
	    ((config->set & BFD_CONFIG_ECHO_RX) && config->echo_rx_us))
		return session_fail(error, SESSION_FIELD_PATH_TYPE, -EINVAL,
				    "a multihop session has no echo (RFC 5883 3)");
	return 0;
}

/* Device and addresses of a single-hop session. */
static int resolve_single_hop(struct sessions *sessions, const struct session_request *request,
			      struct bfd_session_info *info, struct resolved_hop *hop,
			      struct session_error *error)
{
	const struct bfd_address *fixed = request->has_local ? &request->local : NULL;
	int result = resolve_device(sessions->watch, sessions->rtnl, request, &hop->link, error);

	if (!result && dataplane_is_clock_device(sessions->dp, hop->link->ifindex))
		result = session_fail(error, SESSION_FIELD_DEVICE, -EOPNOTSUPP,
				      "%s is the transmit clock of the agent", hop->link->name);
	if (!result && fixed)
		result = resolve_check_local(sessions->watch, hop->link, request, error);
	if (!result && request->has_echo_source)
		result = resolve_check_echo_source(request, error);
	if (result)
		return result;
	result = resolve_local(sessions->watch, sessions->rtnl, hop->link, &request->remote, fixed,
			       &info->local, &info->local);
	if (result && result != -EAGAIN)
		return session_fail(error, SESSION_FIELD_DEVICE, result,
				    "%s has no address to reach %s from", hop->link->name,
				    address_format(&request->remote).text);
	if (fixed)
		info->local = *fixed;
	hop->ready = !result;
	hop->address = request->remote;
	return 0;
}

static int resolve_several_hops(struct sessions *sessions, const struct session_request *request,
				struct bfd_session_info *info, struct resolved_hop *hop,
				struct session_error *error)
{
	int result = route_watch_listen(sessions->routes, true);

	if (result)
		return session_fail(error, SESSION_FIELD_NONE, result, "cannot follow routes: %s",
				    strerror(-result));
	if (request->has_echo_source)
		return session_fail(error, SESSION_FIELD_ECHO_SOURCE, -EINVAL,
				    "a multihop session has no echo (RFC 5883 3)");
	result = resolve_multihop(sessions->watch, sessions->rtnl, request, &info->local, error);
	if (result)
		return result;
	info->flags |= BFD_INFO_MULTIHOP;
	info->min_ttl = request->config.min_ttl;
	info->vrf_ifindex = request->vrf_ifindex;
	if (request->vrf_ifindex)
		memcpy(info->vrf, watch_link(sessions->watch, request->vrf_ifindex)->name,
		       sizeof(info->vrf));
	sessions_find_hop(sessions, info, hop);
	return 0;
}

/* Device, addresses and name as they will be; the entry has neither slot nor device yet. */
static int create_resolve(struct sessions *sessions, const struct session_request *request,
			  struct bfd_session_info *info, struct resolved_hop *hop,
			  struct session_error *error)
{
	int result;

	info->flags = BFD_INFO_USED | (request->has_local ? BFD_INFO_LOCAL_FIXED : 0) |
		      (request->has_echo_source ? BFD_INFO_ECHO_SOURCE_FIXED : 0) |
		      (request->configured ? BFD_INFO_CONFIGURED : 0);
	info->remote = request->remote;
	if (request->has_echo_source)
		info->echo_source = request->echo_source;
	memcpy(info->name, request->name, sizeof(info->name));
	info->created_ns = sessions_now_ns();
	info->listener_id = request->listener_id;
	if (request->listener_id)
		info->idle_ns = info->created_ns;
	result = request->multihop ? resolve_several_hops(sessions, request, info, hop, error)
				   : resolve_single_hop(sessions, request, info, hop, error);
	if (!result)
		session_take_link(sessions, info, hop->link);
	return result;
}

static int fail_existing(const struct bfd_session_info *info, struct session_error *error)
{
	struct address_text remote = address_format(&info->remote);

	if (!session_is_multihop(info))
		return session_fail(error, SESSION_FIELD_REMOTE, -EEXIST,
				    "a session with %s on %s exists", remote.text, info->ifname);
	return session_fail(error, SESSION_FIELD_REMOTE, -EEXIST,
			    "a multihop session from %s to %s exists",
			    address_format(&info->local).text, remote.text);
}

static int fail_name(const char *name, struct session_error *error)
{
	return session_fail(error, SESSION_FIELD_NAME, -EEXIST, "a session named \"%s\" exists",
			    name);
}

/* Nothing like it may exist. */
static int create_check_unique(struct sessions *sessions, const struct bfd_session_info *info,
			       const struct session **existing, struct session_error *error)
{
	struct bfd_address_key key;
	struct session_entry *entry;

	session_key(info, &key);
	entry = sessions_find_key(sessions, &key);
	if (entry) {
		*existing = &entry->session;
		return fail_existing(info, error);
	}
	if (info->name[0] && sessions_find_name(sessions, info->name))
		return fail_name(info->name, error);
	return 0;
}

/* Into the data plane.  The entry has its device. */
static int create_in_dataplane(struct sessions *sessions, const struct resolved_hop *hop,
			       const struct bfd_config *config, struct session_entry *entry,
			       struct session_error *error)
{
	struct bfd_session_info *info = &entry->session.info;
	struct bfd_address_key key;
	int result = dataplane_slot_alloc(sessions->dp, &entry->session.slot);

	if (result == -ENOSPC)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "there is room for %u sessions only, see --max-sessions of "
				    "bfd-agent",
				    sessions->slot_count);
	if (!result) {
		session_key(info, &key);
		/* RFC 5881 4: of its own, and the same for as long as it lives. */
		info->source_port = (uint16_t)(BFD_SOURCE_PORT_FIRST + entry->session.slot);
		if (hop->link) {
			sessions_use_neighbour(sessions, entry, hop->link->ifindex, &hop->address);
			sessions_ask_neighbour(sessions, entry);
			sessions_build_path(entry, hop->link, hop->ready, &entry->paths);
		}
		entry->session.path_ready = entry->paths.control.ifindex != 0;
		entry->session.path_problem = session_path_problem(entry, hop);
		entry->session.old_path_problem = entry->session.path_problem;
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
	const struct bfd_address *remote = &entry->session.info.remote;
	struct session_entry *other = sessions_first_remote(sessions, remote), *next;
	struct bfd_address_key key;

	session_key(&entry->session.info, &key);
	for (; other; other = next) {
		next = other->next_remote;
		if (other->lingering && session_has_key(other, &key))
			sessions_drop(sessions, other);
	}
	if (sessions->slots[entry->session.slot])
		sessions_drop(sessions, sessions->slots[entry->session.slot]);
}

static void create_finish(struct sessions *sessions, struct session_entry *entry)
{
	drop_replaced(sessions, entry);
	sessions_index(sessions, entry);
	sessions_enlist(sessions, entry);
	if (entry->device)
		entry->device->sessions++;
	if (session_is_multihop(&entry->session.info))
		sessions_sync_receivers(sessions);
	if (sessions->started && sessions->observer.created)
		sessions->observer.created(&entry->session, sessions->observer.context);
}

/* There is one like it.  -EEXIST: and it stays as it is. */
static int meet_existing(struct sessions *sessions, const struct session_request *request,
			 const struct session **existing, struct session_error *error)
{
	struct session_entry *entry = sessions->slots[(*existing)->slot];
	int result = -EEXIST;

	if (entry->session.info.listener_id && !request->listener_id) {
		result = sessions_take_over(sessions, entry, request, error);
		if (result)
			*existing = NULL;
	} else if (request->client[0]) {
		result = clients_join(sessions, entry, request, error);
	}
	return result;
}

int sessions_create(struct sessions *sessions, const struct session_request *request,
		    const struct session **out, struct session_error *error)
{
	struct session_entry *entry = calloc(1, sizeof(*entry));
	struct bfd_config config = request->config;
	struct resolved_hop hop = {};
	bool exists;
	int result;

	*out = NULL;
	if (!entry)
		return session_fail(error, SESSION_FIELD_NONE, -ENOMEM, "out of memory");
	config.multihop = request->multihop;
	result = session_check_config(request->multihop, &config, error);
	if (!result)
		result = create_resolve(sessions, request, &entry->session.info, &hop, error);
	if (!result)
		result = create_check_unique(sessions, &entry->session.info, out, error);
	exists = result == -EEXIST && *out;
	if (exists)
		result = meet_existing(sessions, request, out, error);
	else if (!result && hop.link)
		result = devices_use(sessions->devices, hop.link, &entry->device, error);
	if (result || exists)
		goto cleanup;
	entry->state = config.admin_down ? BFD_STATE_ADMIN_DOWN : BFD_STATE_DOWN;
	entry->session.info.told = entry->state + 1;
	result = create_in_dataplane(sessions, &hop, &config, entry, error);
	if (result) {
		sessions_leave_neighbour(sessions, entry);
		if (entry->device)
			devices_release(sessions->devices, entry->device);
		goto cleanup;
	}
	result = clients_start(sessions, entry, request, error);
	create_finish(sessions, entry);
	if (result) {
		struct session_error ignored;

		/* Not as asked, so not at all. */
		sessions_delete(sessions, &entry->session, &ignored);
	} else {
		*out = &entry->session;
	}
	entry = NULL;
cleanup:
	free(entry);
	route_watch_listen(sessions->routes, sessions->multihop != NULL);
	return result;
}

/* As meet_existing(). */
static int check_existing(struct sessions *sessions, const struct session_request *request,
			  const struct session *existing, struct session_error *error)
{
	struct session_entry *entry = sessions->slots[existing->slot];

	if (entry->session.info.listener_id)
		return sessions_check_take_over(sessions, &entry->session.info, request, error);
	if (request->client[0])
		return clients_check_join(sessions, entry, request, error);
	return fail_existing(&entry->session.info, error);
}

int sessions_check(struct sessions *sessions, const struct session_request *request, bool replaces,
		   struct session_error *error)
{
	const struct session *existing = NULL;
	struct bfd_config config = request->config;
	struct bfd_session_info info = {};
	struct resolved_hop hop = {};
	int result;

	config.multihop = request->multihop;
	result = session_check_config(request->multihop, &config, error);
	if (!result)
		result = create_resolve(sessions, request, &info, &hop, error);
	if (!result)
		result = create_check_unique(sessions, &info, &existing, error);
	if (existing && replaces)
		result = info.name[0] && sessions_find_name(sessions, info.name)
				 ? fail_name(info.name, error)
				 : 0;
	else if (existing)
		result = check_existing(sessions, request, existing, error);
	route_watch_listen(sessions->routes, sessions->multihop != NULL);
	return result;
}

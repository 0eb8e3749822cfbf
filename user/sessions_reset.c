// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding state that was lost (RFC 5880 6.8.15): by word of the operator, or because
 * somebody took our program off a device.  Another build of the program in its place,
 * as at the start of an agent, is no loss.
 */
#include <string.h>

#include "genl/uapi/bfd_genl.h"
#include "log.h"
#include "resolve.h"
#include "sessions_internal.h"

/* Between looks at what is attached. */
#define CHECK_NS 900000000ULL

int sessions_reset(struct sessions *sessions, const struct session_selector *selector,
		   struct session_error *error)
{
	const struct session *session;
	int count = 0;

	for (uint32_t slot = 0; (session = sessions_from(sessions, slot)); slot++) {
		int result;

		slot = session->slot;
		if (!session_matches(session, selector))
			continue;
		result = dataplane_session_reset(sessions->dp, slot);
		if (result)
			return session_fail(error, SESSION_FIELD_NONE, result,
					    "the data plane refused the reset: %s",
					    strerror(-result));
		count++;
	}
	if (!count && (selector->local_discr || selector->name || selector->has_remote))
		return sessions_fail_none(selector, error);
	return count;
}

static void tell(const struct sessions *sessions, const struct session_fault *fault)
{
	if (sessions->started && sessions->observer.fault)
		sessions->observer.fault(fault, sessions->observer.context);
}

/* Those whose packets got lost.  Returns how many there are. */
static uint32_t reset_on(struct sessions *sessions, uint32_t ifindex)
{
	uint32_t count = 0;

	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		const struct session_entry *entry = sessions->slots[slot];

		if (entry && entry->device && entry->device->ifindex == ifindex &&
		    !entry->lingering && !dataplane_session_reset(sessions->dp, slot))
			count++;
	}
	return count;
}

static void on_mended(const struct device *device, bool heard, const char *why, void *context)
{
	struct sessions *sessions = context;
	const struct watch_link *link = watch_link(sessions->watch, device->ifindex);
	struct session_fault fault = {
		.kind = BFD_FAULT_PROGRAM_DETACHED,
		.ifindex = link->ifindex,
		.ifname = link->name,
		.repaired = !why,
	};

	if (why)
		log_warning("the program was taken off %s: %s%s", link->name, why,
			    heard ? "; tc receives" : "");
	else if (heard)
		log_warning("the program was taken off %s, and is attached again: tc received "
			    "meanwhile",
			    link->name);
	else
		fault.sessions = reset_on(sessions, device->ifindex);
	if (!why && !heard)
		log_warning("the program was taken off %s, and is attached again: %u sessions are "
			    "reset",
			    link->name, fault.sessions);
	tell(sessions, &fault);
}

void session_reset_adopted(struct sessions *sessions, const struct session_entry *entry)
{
	int error;

	if (entry->adopted_state != BFD_STATE_UP && entry->adopted_state != BFD_STATE_INIT)
		return;
	error = dataplane_session_reset(sessions->dp, entry->session.slot);
	if (error)
		log_warning("session %u: the data plane refused the reset: %s",
			    entry->session.local_discr, strerror(-error));
	else
		log_warning("session %u: the program was taken off %s while no agent ran: reset",
			    entry->session.local_discr, entry->session.info.ifname);
}

void sessions_check_devices(struct sessions *sessions)
{
	uint64_t now_ns = sessions_now_ns();

	if (now_ns - sessions->checked_ns < CHECK_NS)
		return;
	sessions->checked_ns = now_ns;
	devices_mend(sessions->devices, sessions->watch, on_mended, sessions);
}

static void on_filter_mended(uint32_t ifindex, bool heard, void *context)
{
	struct sessions *sessions = context;
	const struct watch_link *link = watch_link(sessions->watch, ifindex);
	struct session_fault fault = {
		.kind = BFD_FAULT_FILTER_REMOVED,
		.ifindex = ifindex,
		.ifname = link ? link->name : "?",
		.repaired = true,
	};

	if (!heard)
		fault.sessions = reset_on(sessions, ifindex);
	log_warning(
		"a filter of ours was removed from %s: it is there again; %u sessions are reset",
		fault.ifname, fault.sessions);
	tell(sessions, &fault);
}

void sessions_check_filters(struct sessions *sessions)
{
	dataplane_filters_mend(sessions->dp, on_filter_mended, sessions);
}

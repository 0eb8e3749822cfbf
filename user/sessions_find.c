// SPDX-License-Identifier: GPL-2.0
/*
 * Looking sessions up: by what an operator says of them, and one after the other; see
 * sessions.h.  It changes nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "resolve.h"
#include "sessions_internal.h"

bool session_matches(const struct session *session, const struct session_selector *selector)
{
	const struct bfd_session_info *info = &session->info;

	return (!selector->local_discr || selector->local_discr == session->local_discr) &&
	       (!selector->has_remote || address_equal(&selector->remote, &info->remote)) &&
	       (!selector->has_local || address_equal(&selector->local, &info->local)) &&
	       (!selector->ifindex || selector->ifindex == info->ifindex) &&
	       (!selector->has_multihop ||
		selector->multihop == !!(info->flags & BFD_INFO_MULTIHOP)) &&
	       (!selector->has_vrf || selector->vrf_ifindex == info->vrf_ifindex) &&
	       (!selector->name || !strcmp(selector->name, info->name));
}

/* What was looked for, in words. */
static void describe(const struct session_selector *selector, char *text, size_t size)
{
	if (selector->local_discr)
		snprintf(text, size, "with discriminator %u", selector->local_discr);
	else if (selector->name)
		snprintf(text, size, "named \"%s\"", selector->name);
	else if (selector->has_remote)
		snprintf(text, size, "with %s", address_format(&selector->remote).text);
	else if (selector->has_local)
		snprintf(text, size, "from %s", address_format(&selector->local).text);
	else
		snprintf(text, size, "on the device with index %u", selector->ifindex);
}

static enum session_field selector_field(const struct session_selector *selector)
{
	if (selector->local_discr)
		return SESSION_FIELD_DISCR;
	if (selector->name)
		return SESSION_FIELD_NAME;
	if (selector->has_remote)
		return SESSION_FIELD_REMOTE;
	return selector->has_local ? SESSION_FIELD_LOCAL : SESSION_FIELD_DEVICE;
}

/* How many match, up to two; *out is the last of them. */
static unsigned int count_matches(struct sessions *sessions,
				  const struct session_selector *selector,
				  const struct session **out)
{
	unsigned int count = 0;
	uint32_t slot;

	if (selector->local_discr) {
		if (dataplane_find_discr(sessions->dp, selector->local_discr, &slot) ||
		    !sessions->slots[slot] || sessions->slots[slot]->lingering)
			return 0;
		*out = &sessions->slots[slot]->session;
		return session_matches(*out, selector);
	}
	if (selector->has_remote) {
		const struct session_entry *entry =
			sessions_first_remote(sessions, &selector->remote);

		for (; entry && count < 2; entry = entry->next_remote) {
			if (entry->lingering || !session_matches(&entry->session, selector))
				continue;
			*out = &entry->session;
			count++;
		}
		return count;
	}
	for (const struct session *session = sessions_from(sessions, 0); session && count < 2;
	     session = sessions_from(sessions, session->slot + 1)) {
		if (!session_matches(session, selector))
			continue;
		*out = session;
		count++;
	}
	return count;
}

int sessions_fail_none(const struct session_selector *selector, struct session_error *error)
{
	char text[96];

	describe(selector, text, sizeof(text));
	return session_fail(error, selector_field(selector), -ENOENT, "no session %s", text);
}

int sessions_find(struct sessions *sessions, const struct session_selector *selector,
		  const struct session **out, struct session_error *error)
{
	char text[96];

	if (!selector->local_discr && !selector->name && !selector->has_remote &&
	    !selector->has_local && !selector->ifindex)
		return session_fail(error, SESSION_FIELD_NONE, -EINVAL,
				    "say which session: by discriminator, name or remote address");
	switch (count_matches(sessions, selector, out)) {
	case 0:
		return sessions_fail_none(selector, error);
	case 1:
		return 0;
	default:
		describe(selector, text, sizeof(text));
		return session_fail(error, selector_field(selector), -ENOTUNIQ,
				    "several sessions %s: say which by dev or id", text);
	}
}

const struct session *sessions_from(const struct sessions *sessions, uint32_t slot)
{
	for (; slot < sessions->slot_count; slot++)
		if (sessions->slots[slot] && !sessions->slots[slot]->lingering)
			return &sessions->slots[slot]->session;
	return NULL;
}

uint32_t sessions_count(const struct sessions *sessions)
{
	return sessions->count;
}

uint32_t sessions_generation(const struct sessions *sessions)
{
	return sessions->generation;
}

int sessions_read(const struct sessions *sessions, const struct session *session,
		  struct bfd_session *out)
{
	if (sessions->last_values && sessions->last_values->slot == session->slot) {
		*out = *sessions->last_values;
		return 0;
	}
	return dataplane_session_read(sessions->dp, session->slot, out, NULL);
}

static bool uses_keys(const struct bfd_auth_config *auth, uint32_t chain, uint8_t type)
{
	return auth->type && auth->chain == chain && (!type || auth->type == type);
}

const struct session *sessions_using_keys(const struct sessions *sessions, uint32_t chain,
					  uint8_t type)
{
	const struct session *session;
	struct bfd_session state;

	for (session = sessions_from(sessions, 0); session;
	     session = sessions_from(sessions, session->slot + 1)) {
		if (sessions_read(sessions, session, &state))
			continue;
		if (uses_keys(&state.auth.used, chain, type) ||
		    (state.auth.awaiting && uses_keys(&state.auth.awaited, chain, type)))
			return session;
	}
	return NULL;
}

bool sessions_device_from(const struct sessions *sessions, uint32_t ifindex,
			  struct session_device *out)
{
	const struct device *device = devices_from(sessions->devices, ifindex);
	const struct watch_link *link = device ? watch_link(sessions->watch, device->ifindex)
					       : NULL;

	if (!device)
		return false;
	memset(out, 0, sizeof(*out));
	out->ifindex = device->ifindex;
	out->sessions = device->sessions;
	if (link)
		memcpy(out->ifname, link->name, sizeof(out->ifname));
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A session that a listener made (RFC 9468) becomes that of an operator or a client who
 * asks for it: then it is as they say, and no longer goes with its listener or when it is
 * idle.  It stays up meanwhile.
 */
#include <errno.h>
#include <string.h>

#include "address.h"
#include "clients.h"
#include "resolve.h"
#include "sessions_internal.h"

int sessions_check_take_over(const struct sessions *sessions, const struct bfd_session_info *info,
			     const struct session_request *request, struct session_error *error)
{
	if (request->has_local && !address_equal(&request->local, &info->local))
		return session_fail(error, SESSION_FIELD_LOCAL, -EEXIST,
				    "the session with %s on %s is from %s",
				    address_format(&info->remote).text, info->ifname,
				    address_format(&info->local).text);
	if (request->name[0] && sessions_find_name(sessions, request->name))
		return session_fail(error, SESSION_FIELD_NAME, -EEXIST,
				    "a session named \"%s\" exists", request->name);
	return 0;
}

/* What is remembered of a session, as if the request had made it. */
static void become(struct bfd_session_info *info, const struct session_request *request)
{
	info->listener_id = 0;
	info->idle_ns = 0;
	info->flags &= ~(__u32)(BFD_INFO_LOCAL_FIXED | BFD_INFO_ECHO_SOURCE_FIXED);
	if (request->has_local)
		info->flags |= BFD_INFO_LOCAL_FIXED;
	if (request->has_echo_source) {
		info->flags |= BFD_INFO_ECHO_SOURCE_FIXED;
		info->echo_source = request->echo_source;
	}
	if (request->configured)
		info->flags |= BFD_INFO_CONFIGURED;
	memcpy(info->name, request->name, sizeof(info->name));
}

/* The client is the only one: the listener holds it no longer. */
static int configure(struct sessions *sessions, struct session_entry *entry,
		     const struct session_request *request, struct session_error *error)
{
	int result = clients_start(sessions, entry, request, error);

	if (!result)
		result = sessions_configure(sessions, entry, &request->config, error);
	if (result)
		clients_forget(sessions, entry);
	return result;
}

int sessions_take_over(struct sessions *sessions, struct session_entry *entry,
		       const struct session_request *request, struct session_error *error)
{
	struct bfd_session_info *info = &entry->session.info, before = *info;
	int result = sessions_check_take_over(sessions, info, request, error);

	if (result)
		return result;
	become(info, request);
	result = dataplane_session_set_info(sessions->dp, entry->session.slot, info);
	if (result)
		session_fail(error, SESSION_FIELD_NONE, result,
			     "the data plane refused the change: %s", strerror(-result));
	else
		result = configure(sessions, entry, request, error);
	if (result) { /* as it was */
		*info = before;
		dataplane_session_set_info(sessions->dp, entry->session.slot, info);
		return result;
	}
	sessions_index_name(sessions, entry);
	/* Our address and that of our echo packets may be chosen otherwise now. */
	session_mark(sessions, entry, false);
	sessions_settle(sessions);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners; see listeners.h.  None can be made yet: the agent refuses with a line that says so.
 */
#include <errno.h>

#include "listeners.h"
#include "resolve.h"

int listeners_add(struct listeners *listeners, const struct listener_request *request, bool replace,
		  struct listener *out, struct session_error *error)
{
	(void)listeners;
	(void)request;
	(void)replace;
	(void)out;
	return session_fail(error, SESSION_FIELD_NONE, -EOPNOTSUPP, "this agent has no listeners");
}

int listeners_del(struct listeners *listeners, const struct bfd_address *prefix,
		  uint8_t prefix_length, uint32_t ifindex, struct session_error *error)
{
	(void)listeners;
	(void)prefix;
	(void)prefix_length;
	(void)ifindex;
	return session_fail(error, SESSION_FIELD_REMOTE, -ENOENT, "this agent has no listeners");
}

bool listeners_from(const struct listeners *listeners, uint32_t id, struct listener *out)
{
	(void)listeners;
	(void)id;
	(void)out;
	return false;
}

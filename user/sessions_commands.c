// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on sessions beside those that make, change and delete them; see
 * sessions.h.  None of them is served yet: each refuses with a line that says so.
 */
#include <errno.h>
#include <stddef.h>

#include "resolve.h"
#include "sessions_internal.h"

int sessions_leave(struct sessions *sessions, const struct session *session, const char *client,
		   struct session_error *error)
{
	(void)sessions;
	return session_fail(error, SESSION_FIELD_CLIENT, -ENOENT,
			    "session %u has no client named \"%s\"", session->local_discr, client);
}

const char *sessions_client(const struct sessions *sessions, const struct session *session,
			    unsigned int index)
{
	(void)sessions;
	(void)session;
	(void)index;
	return NULL;
}

int sessions_poll(struct sessions *sessions, const struct session *session,
		  struct session_error *error)
{
	(void)sessions;
	(void)session;
	return session_fail(error, SESSION_FIELD_NONE, -EOPNOTSUPP,
			    "this agent can't start a verifying Poll");
}

int sessions_reset(struct sessions *sessions, const struct session_selector *selector,
		   struct session_error *error)
{
	(void)sessions;
	(void)selector;
	return session_fail(error, SESSION_FIELD_NONE, -EOPNOTSUPP,
			    "this agent can't signal a forwarding reset");
}

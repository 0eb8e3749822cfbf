// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on sessions beside those that make, change and delete them; see
 * sessions.h.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "resolve.h"
#include "sessions_internal.h"

int sessions_poll(struct sessions *sessions, const struct session *session,
		  struct session_error *error)
{
	int result = dataplane_session_poll(sessions->dp, session->slot);

	if (result == -ENOTCONN)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "session %u is not up: there is nothing to verify",
				    session->local_discr);
	if (result)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "the data plane refused the Poll: %s", strerror(-result));
	return 0;
}

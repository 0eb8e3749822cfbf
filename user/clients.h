/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clients that share a session (RFC 5882 2 and 4.4): each holds a reference and says which
 * parameters it needs; the session runs with the fastest of them (RFC 5882 4.1), and
 * lives until the last one leaves.  References are in the pinned map `clients`, so that
 * they survive the agent.  Part of the set of sessions: only sessions*.c may use it; what
 * others need of it is in sessions.h.
 *
 * An operator who made the session without naming a client is one too, without a name.
 *
 * All functions are called from one thread.  Errors are negative errno, with one line of
 * text in struct session_error.
 */
#ifndef IPBFD_CLIENTS_H
#define IPBFD_CLIENTS_H

#include "sessions.h"

struct client;
struct session_entry;

/* Read the map: references of sessions that are gone are dropped from it. */
int clients_adopt(struct sessions *sessions);

/* The first one, of a session that was just made.  An empty name is no client. */
int clients_start(struct sessions *sessions, struct session_entry *entry,
		  const struct session_request *request, struct session_error *error);

/* One more of a session that exists, or one that asks for something else now.  -EEXIST: the
 * request doesn't fit that session.
 */
int clients_join(struct sessions *sessions, struct session_entry *entry,
		 const struct session_request *request, struct session_error *error);
/* Does it fit? */
int clients_check_join(struct sessions *sessions, const struct session_entry *entry,
		       const struct session_request *request, struct session_error *error);

/* The operator changes the parameters of a session: all of its clients now ask for that. */
void clients_change(struct sessions *sessions, struct session_entry *entry,
		    const struct bfd_config *config);

/* The session is deleted. */
void clients_forget(struct sessions *sessions, struct session_entry *entry);
/* Free what is remembered of them here. */
void clients_free(struct session_entry *entry);

#endif /* IPBFD_CLIENTS_H */

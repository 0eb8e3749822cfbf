/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listeners: ranges of sources on a device from which new sessions are taken
 * without being configured one by one (RFC 9468), within a limit.  Off by
 * default: without a listener nobody can make a session but the operator.
 *
 * What is asked for is kept in the pinned map `listeners`, so that it survives
 * the agent.  It doesn't know netlink messages of the family `bfd`.
 *
 * All functions are called from one thread.  Errors are negative errno, with one
 * line of text in struct session_error; SESSION_FIELD_REMOTE there means the prefix.
 */
#ifndef IPBFD_LISTENERS_H
#define IPBFD_LISTENERS_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "sessions.h"

struct listeners;
struct loop;

/* What a listener is asked to be.  The bits of prefix beyond its length are zero; the caller
 * has checked the length against the family.
 */
struct listener_request {
	struct bfd_address prefix;
	uint8_t prefix_length;	  /* as the operator said it, of an IPv4 or an IPv6 address */
	uint32_t ifindex;	  /* of a new one never 0 */
	char ifname[IF_NAMESIZE]; /* selectors only: of one whose device is gone; empty: not given
				   */
	uint32_t limit;		  /* of sessions */
	uint64_t idle_ms;	  /* a session that isn't up for so long is removed */
	struct bfd_config config; /* of its sessions; always passive */
};

/* One that exists, as a copy. */
struct listener {
	uint32_t id; /* unique, never 0 */
	struct listener_request request;
	char ifname[IF_NAMESIZE];
	uint32_t sessions; /* that it made and that live */
};

/* Read those that are in the map of the data plane of sessions, which is borrowed and must outlive
 * *out.  *out is owned by the caller (listeners_close).
 */
int listeners_open(struct sessions *sessions, struct listeners **out, struct session_error *error);
/* Forget; touches nothing that is pinned.  NULL is fine. */
void listeners_close(struct listeners *listeners);
/* From now on take new neighbours, and remove idle sessions. */
int listeners_start(struct listeners *listeners, struct loop *loop);

/* Add, or with replace give the one with this prefix and device new parameters (sessions that
 * it made keep theirs).  *out is what was made.  -EEXIST: there is one.
 */
int listeners_add(struct listeners *listeners, const struct listener_request *request, bool replace,
		  struct listener *out, struct session_error *error);

/* Would it be added, or given new parameters?  Nothing is changed. */
int listeners_check(struct listeners *listeners, const struct listener_request *request,
		    struct session_error *error);

/* Delete the listener, and with it the sessions that it made.  -ENOENT: there is none. */
int listeners_del(struct listeners *listeners, const struct listener_request *which,
		  struct session_error *error);
/* Is this the one that a selector means? */
bool listener_matches(const struct listener *listener, const struct listener_request *which);

/* Iterate: the listener with the smallest id of at least id; false: none. */
bool listeners_from(const struct listeners *listeners, uint32_t id, struct listener *out);

/* For sessions*.c: links have changed; a neighbour that a listener may take. */
void listeners_follow(struct listeners *listeners);
void listeners_newcomer(struct listeners *listeners, const struct bfd_newcomer *newcomer);

#endif /* IPBFD_LISTENERS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of the family `bfd`: what a request asks of sessions, data
 * plane and agent, and the answer.  It knows attributes; it must not know
 * routes, devices or neighbours (sessions.h), nor how messages travel
 * (genl/server.h).
 *
 * The order in main.c: genl_usersock_open() (refuses a second agent before anything is
 * touched), dataplane_open(), notify_open(), sessions_open() with notify_observer(),
 * handlers_open(); then poll handlers_fd() and call handlers_dispatch().
 *
 * All functions are called from one thread.  Errors are negative errno.
 */
#ifndef IPBFD_HANDLERS_H
#define IPBFD_HANDLERS_H

#include "genl/server.h"
#include "genl/transport.h"
#include "dataplane.h"
#include "keys.h"
#include "listeners.h"
#include "notify.h"
#include "sessions.h"

struct handlers;

struct handlers_options {
	struct dataplane *dataplane; /* borrowed, as all but transport */
	struct sessions *sessions;
	struct keys *keys;
	struct listeners *listeners;	  /* NULL: this agent has none */
	struct notify *notify;		  /* started and stopped here */
	struct genl_transport *transport; /* taken over, also on failure */
	const char *version;		  /* of the agent, for agent-get */
};

/* Serve.  *out is owned by the caller (handlers_close), which closes it before the rest. */
int handlers_open(const struct handlers_options *options, struct handlers **out);
/* NULL is fine. */
void handlers_close(struct handlers *handlers);

/* See genl_server_fd() and genl_server_dispatch(). */
int handlers_fd(const struct handlers *handlers);
int handlers_dispatch(struct handlers *handlers);

#endif /* IPBFD_HANDLERS_H */

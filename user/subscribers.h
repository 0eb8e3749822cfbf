/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Subscriptions by unicast that outlive the agent.  A member of a multicast group is one by its own
 * socket; who asked for events by unicast is remembered in the pinned map `subscribers`, so
 * that the next agent serves it without being asked again.  It must not send anything.
 */
#ifndef IPBFD_SUBSCRIBERS_H
#define IPBFD_SUBSCRIBERS_H

#include "genl/server.h"
#include "genl/transport.h"
#include "dataplane.h"

/* A subscription begins, is renewed or, with groups 0, ends. */
void subscribers_remember(struct dataplane *dp, const struct genl_peer *peer, uint32_t groups);

/* At the start: all whose sockets are still there. */
void subscribers_resume(struct dataplane *dp, struct genl_server *server);

#endif /* IPBFD_SUBSCRIBERS_H */

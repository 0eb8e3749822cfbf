// SPDX-License-Identifier: GPL-2.0
/*
 * See subscribers.h.  A netlink port doesn't tell whose it is: when its socket is closed another
 * process may take it.  So the inode of the socket is remembered with it, as the kernel lists it in
 * /proc/net/netlink, and must be the same when the port is served again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../kern/limits.h"
#include "genl/client.h"
#include "log.h"
#include "netlink_port.h"
#include "subscribers.h"

_Static_assert(BFD_MAX_SUBSCRIBERS == GENL_CLIENTS_MAX, "limits.h");

static void forget(struct dataplane *dp, uint32_t port)
{
	int error = dataplane_subscriber_del(dp, port);

	if (error && error != -ENOENT)
		log_warning("cannot forget the subscriber with port %u: %s", port,
			    strerror(-error));
}

void subscribers_remember(struct dataplane *dp, const struct genl_peer *peer, uint32_t groups)
{
	struct bfd_subscriber subscriber = {.groups = groups, .uid = peer->uid};
	int error;

	if (groups)
		subscriber.inode = netlink_port_inode(peer->port);
	if (!subscriber.inode) {
		forget(dp, peer->port);
		return;
	}
	error = dataplane_subscriber_set(dp, peer->port, &subscriber);
	if (error)
		log_warning("the subscriber with port %u is served by this agent only: %s",
			    peer->port, strerror(-error));
}

void subscribers_resume(struct dataplane *dp, struct genl_server *server)
{
	struct bfd_subscriber subscribers[BFD_MAX_SUBSCRIBERS];
	uint32_t ports[BFD_MAX_SUBSCRIBERS], *previous = NULL;
	int count = 0;

	/* All of them first, since those that are gone are deleted. */
	while (count < BFD_MAX_SUBSCRIBERS &&
	       dataplane_subscriber_next(dp, previous, &ports[count], &subscribers[count]) == 0)
		previous = &ports[count++];
	for (int i = 0; i < count; i++) {
		const struct genl_peer peer = {.port = ports[i], .uid = subscribers[i].uid};

		if (netlink_port_inode(ports[i]) != subscribers[i].inode ||
		    genl_server_subscribe(server, &peer, subscribers[i].groups))
			forget(dp, ports[i]);
	}
}

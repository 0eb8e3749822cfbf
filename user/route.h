/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's routing: what it says of a destination, and word when that may have
 * changed.  It must not know sessions.
 *
 * Errors are negative errno.
 */
#ifndef IPBFD_ROUTE_H
#define IPBFD_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "../kern/abi.h"

struct loop;
struct rtnl;
struct route_watch;

struct route {
	uint32_t ifindex;   /* the device that packets leave by, of a VRF too */
	unsigned char type; /* RTN_* */
	bool has_gateway;
	bool has_source;
	struct bfd_address gateway;
	struct bfd_address source;
};

/* Look a destination up as a socket would that is bound to source (NULL: none) and in the
 * routing domain: a VRF device, or 0.
 */
int route_get(struct rtnl *rtnl, const struct bfd_address *destination,
	      const struct bfd_address *source, uint32_t domain, struct route *route);

struct route_watch_handlers {
	/* Routes to what the prefix covers may be others now, in any routing domain.  IPv4 lengths
	 * are raised by 96.
	 */
	void (*changed)(const struct bfd_address *prefix, unsigned int length, void *context);
	/* After each batch of the above: time to act on it. */
	void (*settle)(void *context);
};

/* Hears nothing yet.  *out is owned by the caller (route_watch_close). */
int route_watch_open(struct route_watch **out);
/* NULL is fine. */
void route_watch_close(struct route_watch *watch);

/* Hear, or no longer: on a router with very many routes to hear costs.  May be repeated. */
int route_watch_listen(struct route_watch *watch, bool listen);

/* Call handlers from loop, also for what happened since route_watch_listen(). */
int route_watch_start(struct route_watch *watch, struct loop *loop,
		      const struct route_watch_handlers *handlers, void *context);

#endif /* IPBFD_ROUTE_H */

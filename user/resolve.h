/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the ends that an operator names to a device and a local address: the
 * rules of RFC 5881 for a single hop and of RFC 5883 for several, and the texts
 * that say which of them a request breaks.  It only asks; it changes nothing.
 *
 * Errors are negative errno, with a line of text in struct session_error.
 */
#ifndef IPBFD_RESOLVE_H
#define IPBFD_RESOLVE_H

#include "sessions.h"
#include "watch.h"

struct rtnl;

/* Which way packets go. */
struct resolved_hop {
	const struct watch_link *link; /* NULL: none, there is no route */
	struct bfd_address address;    /* of the neighbour on it */
	bool ready;		       /* the local address can be sent from */
	bool no_address;	       /* it isn't there, so that no route is either */
};

/* Checks that both kinds of sessions have in common. */
int resolve_check_vrf(const struct watch *watch, const struct session_request *request,
		      struct session_error *error);
int resolve_check_remote(const struct session_request *request, struct session_error *error);

/* Check the addresses of a single-hop request and find its device, by route if it names none.  *out
 * is valid until the loop goes on.
 */
int resolve_device(const struct watch *watch, struct rtnl *rtnl,
		   const struct session_request *request, const struct watch_link **out,
		   struct session_error *error);

/* Check the local address that a request names (request->has_local). */
int resolve_check_local(const struct watch *watch, const struct watch_link *link,
			const struct session_request *request, struct session_error *error);

/* Is the address in this subnet, which has our own address and, on a point-to-point link, the
 * peer's for a prefix?
 */
bool resolve_subnet_has(const struct watch_address *own, const struct bfd_address *address);

/* Do the two addresses share a subnet of the link?  All link-local ones do. */
bool resolve_same_subnet(const struct watch_link *link, const struct bfd_address *a,
			 const struct bfd_address *b);

/* Is remote, by its family, on a point-to-point link (RFC 5881 6)?  By the kind of device, or
 * because each subnet of it has room for one neighbour only (/31, /127) or is an address with a
 * peer.
 */
bool resolve_point_to_point(const struct watch_link *link, const struct bfd_address *remote);

/* The address to send from: fixed (NULL: none is) if it is there, else current (all zero:
 * none yet) if it still does, else the best one.  -EAGAIN: there will be one, when duplicate
 * address detection is over.  -EADDRNOTAVAIL: there is none.
 */
int resolve_local(const struct watch *watch, struct rtnl *rtnl, const struct watch_link *link,
		  const struct bfd_address *remote, const struct bfd_address *fixed,
		  const struct bfd_address *current, struct bfd_address *out);

/* resolve_multihop.c: check the addresses of a multihop request, and find the local one, which
 * it has for life.
 */
int resolve_multihop(const struct watch *watch, struct rtnl *rtnl,
		     const struct session_request *request, struct bfd_address *local,
		     struct session_error *error);

/* Which way the packets of the multihop session info go now. */
void resolve_route(const struct watch *watch, struct rtnl *rtnl,
		   const struct bfd_session_info *info, struct resolved_hop *hop);

/* resolve_echo.c: check the source that a request names for its echo packets
 * (request->has_echo_source).
 */
int resolve_check_echo_source(const struct session_request *request, struct session_error *error);

/* Choose info->echo_source, unless the operator has: an address of the link's routing domain
 * outside of the link's subnets, the one in use if it still is one.  If there is none, the local
 * address, which may provoke redirects, but no link-local one if there is another.
 */
void resolve_echo_source(const struct watch *watch, const struct watch_link *link,
			 struct bfd_session_info *info);

/* May routers on the link answer echo packets from source with redirects (RFC 5881 4)? */
bool resolve_provokes_redirects(const struct watch_link *link, const struct bfd_address *source);

/* Fill error with a line and the part of the request that is to blame; returns result. */
int session_fail(struct session_error *error, enum session_field field, int result,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif /* IPBFD_RESOLVE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of the kernel's neighbour tables.  Our packets bypass the stack, so
 * nothing would keep an entry fresh: the agent marks it `managed`, and the
 * kernel itself resolves it and probes it from time to time.  A mark of ours is
 * known by its protocol number, also to a later agent; entries that an operator
 * made permanent or managed are used but left as they are.
 *
 * Errors are negative errno.
 */
#ifndef IPBFD_NEIGHBOUR_H
#define IPBFD_NEIGHBOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "../kern/abi.h"

struct nlmsghdr;
struct rtnl;

/* In the space of RTPROT_*, of which nobody uses 200, the low byte of BFD's port 3784. */
#define NEIGHBOUR_PROTOCOL 200

struct neighbour {
	struct bfd_address address;
	uint32_t ifindex;
	uint8_t mac[6];
	bool has_mac; /* resolved, or resolved once and being probed again */
	bool managed; /* the kernel keeps it fresh */
	bool ours;    /* managed, and by us */
	bool fixed;   /* permanent, or needs no resolution */
	bool failed;  /* it was asked for, and didn't answer */
};

/* Read a RTM_NEWNEIGH or RTM_DELNEIGH message; false: not of IPv4 or IPv6, or malformed. */
bool neighbour_parse(struct nlmsghdr *header, struct neighbour *out);

/* Look one up.  -ENOENT: there is no entry. */
int neighbour_get(struct rtnl *rtnl, uint32_t ifindex, const struct bfd_address *address,
		  struct neighbour *out);

/* Have the kernel resolve it and keep it fresh; makes the entry if there is none.  One that is
 * fixed or managed already is left alone.  *out is the entry as it was found.
 */
int neighbour_manage(struct rtnl *rtnl, uint32_t ifindex, const struct bfd_address *address,
		     struct neighbour *out);

/* Call callback for every entry of the namespace. */
int neighbour_each(struct rtnl *rtnl,
		   void (*callback)(const struct neighbour *neighbour, void *context),
		   void *context);

/* Have something to send to it.  On a device without an IPv6 link-local address the kernel
 * solicits a neighbour in the name of a packet that waits, or not at all.
 */
int neighbour_nudge(uint32_t ifindex, const struct bfd_address *address);

/* Take our mark off; the entry then ages as any other.  One that isn't ours is left alone. */
int neighbour_release(struct rtnl *rtnl, uint32_t ifindex, const struct bfd_address *address);
/* The same of all entries of the namespace: also of those that nobody remembers. */
int neighbour_release_all(struct rtnl *rtnl);

#endif /* IPBFD_NEIGHBOUR_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The follower of rtnetlink: keeps links and addresses of the namespace as the
 * kernel has them, and tells of changes to them and to the neighbours that
 * somebody cares for.  It must not know sessions, and it doesn't keep
 * neighbours: there may be very many, and the kernel can be asked.
 *
 * All functions are called from one thread.  Errors are negative errno.
 */
#ifndef IPBFD_WATCH_H
#define IPBFD_WATCH_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../kern/abi.h"
#include "neighbour.h"

struct loop;
struct watch;

struct watch_index;
struct watch_link;
struct watch_subnet;

struct watch_address {
	struct watch_address *next; /* of the link; link-local ones come first */
	struct watch_link *link;
	struct watch_subnet *subnet;
	struct watch_address *next_in_subnet;
	struct bfd_address address;
	struct bfd_address prefix;  /* of the link, or the other end of a point-to-point one */
	unsigned int prefix_length; /* of prefix; for IPv4 with the 96 bits of the mapped form */
	bool usable;		    /* not tentative, not a duplicate */
	bool preferred;		    /* neither deprecated, temporary nor secondary */
	unsigned int stamp;	    /* watch.c's, as the rest */
	struct watch_address **place;
	struct watch_address **place_in_subnet;
	struct watch_address *next_hashed;
};

/* A prefix of a link, and who of it we are there. */
struct watch_subnet {
	const struct watch_link *link;
	struct bfd_address prefix;   /* without the bits that don't count */
	unsigned int length;	     /* for IPv4 with the 96 bits of the mapped form */
	struct watch_address *first; /* in the order in which they came; never empty */
	struct watch_address **last; /* watch_index.c's, as next_hashed */
	struct watch_subnet *next_hashed;
};

#define WATCH_PREFIX_LENGTHS 129 /* 0 to 128 */

struct watch_link {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	bool ethernet;	     /* ARPHRD_ETHER */
	bool point_to_point; /* IFF_POINTOPOINT */
	bool up;	     /* administratively, and with a carrier */
	uint8_t mac[6];
	char kind[16];	  /* what the kernel calls its type, as `ip link` does; empty: hardware */
	uint32_t lower;	  /* the device that this one stands on (VLAN, macvlan), 0: none here */
	uint32_t master;  /* the bridge, bond or VRF that it is a port of, 0: none */
	bool vlan;	  /* an 802.1Q device, with lower ... */
	uint16_t vlan_id; /* ... and this id */
	struct watch_address *addresses;
	uint32_t subnets[WATCH_PREFIX_LENGTHS]; /* how many there are of each length */
	struct watch_index *index;		/* watch.c's, as the rest */
	struct watch_address **last, **last_link_local;
	struct watch_link *next;
	unsigned int stamp;
};

/* What happened.  The tables are already as they are after it.  All must be set. */
struct watch_handlers {
	/* A link is new, or something in struct watch_link changed (but for addresses). */
	void (*link)(const struct watch_link *link, void *context);
	/* It is gone; its addresses were reported before it. */
	void (*link_gone)(uint32_t ifindex, void *context);
	/* An address is new or changed (then address is in link->addresses), or gone. */
	void (*address)(const struct watch_link *link, const struct watch_address *address,
			bool gone, void *context);
	/* May also tell of neighbours that nobody cares for. */
	void (*neighbour)(const struct neighbour *neighbour, bool gone, void *context);
	/* Changes of neighbours may have been missed: ask again for all that matter. */
	void (*neighbours_lost)(void *context);
	/* After each batch of the above: time to act on it. */
	void (*settle)(void *context);
	/* Who cares for neighbours: fill in up to max addresses, return how many there are. */
	size_t (*neighbours_wanted)(const struct bfd_address **addresses, size_t max,
				    void *context);
};

/* Follow from now on, and read the tables; handlers are called after watch_start().  *out is
 * owned by the caller (watch_close).
 */
int watch_open(struct watch **out);
/* NULL is fine. */
void watch_close(struct watch *watch);

/* Call handlers from loop, also for what happened since watch_open().  loop is borrowed. */
int watch_start(struct watch *watch, struct loop *loop, const struct watch_handlers *handlers,
		void *context);

/* The set of wanted neighbours changed. */
void watch_neighbours_changed(struct watch *watch);

/* NULL: there is none.  Valid until the loop goes on. */
const struct watch_link *watch_link(const struct watch *watch, uint32_t ifindex);
const struct watch_link *watch_link_by_name(const struct watch *watch, const char *name);
/* In no order. */
void watch_each_link(const struct watch *watch,
		     void (*callback)(const struct watch_link *link, void *context), void *context);

/* Changes whenever a link or an address does. */
unsigned int watch_generation(const struct watch *watch);

/* The address on link, or NULL. */
const struct watch_address *watch_find_address(const struct watch_link *link,
					       const struct bfd_address *address);
/* The same with another prefix, if it is there more than once; after: NULL at first. */
const struct watch_address *watch_next_address(const struct watch_link *link,
					       const struct bfd_address *address,
					       const struct watch_address *after);
/* The subnets of link that cover an address, the longest prefix first.  *below is
 * WATCH_PREFIX_LENGTHS at first, and is left for the next call.  NULL: there are no more.
 */
const struct watch_subnet *watch_next_subnet(const struct watch_link *link,
					     const struct bfd_address *address,
					     unsigned int *below);
/* All of any link that are this address of ours where scope says; see watch_find_local(). */
const struct watch_address *watch_next_local(const struct watch *watch, uint32_t scope,
					     const struct bfd_address *address,
					     const struct watch_address *after);
bool watch_is_vrf(const struct watch_link *link);
/* The routing domain of a link: the VRF device that it is a port of, or is, or 0. */
uint32_t watch_domain(const struct watch *watch, const struct watch_link *link);
/* Where an address of the link means something: on the link, or in its routing domain. */
uint32_t watch_scope(const struct watch *watch, const struct watch_link *link,
		     const struct bfd_address *address);
/* The link that has this address of ours, or NULL.  scope: of link-local ones the link, else the
 * routing domain.
 */
const struct watch_link *watch_find_local(const struct watch *watch, uint32_t scope,
					  const struct bfd_address *address);

#endif /* IPBFD_WATCH_H */

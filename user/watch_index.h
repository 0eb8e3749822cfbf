/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The addresses of all links, found by what they are and by what their subnets
 * cover, however many there are.  watch.c fills it; what it finds is in watch.h.
 */
#ifndef IPBFD_WATCH_INDEX_H
#define IPBFD_WATCH_INDEX_H

#include "watch.h"

struct watch_index;

/* NULL: out of memory. */
struct watch_index *watch_index_new(void);
/* It must be empty.  NULL is fine. */
void watch_index_free(struct watch_index *index);

/* link->index is set, and address->link.  -ENOMEM: it isn't in. */
int watch_index_add(struct watch_index *index, struct watch_address *address);
void watch_index_del(struct watch_index *index, struct watch_address *address);

/* The first with this address on any link, then by next_hashed; others may be among them. */
const struct watch_address *watch_index_first(const struct watch_index *index, uint32_t ifindex,
					      const struct bfd_address *address);

#endif /* IPBFD_WATCH_INDEX_H */

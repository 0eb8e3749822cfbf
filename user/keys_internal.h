/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What keys.c and keys_clock.c share.  Nobody else may include it.
 */
#ifndef IPBFD_KEYS_INTERNAL_H
#define IPBFD_KEYS_INTERNAL_H

#include "keys.h"

struct keys {
	struct dataplane *dp;
	int clock_fd; /* readable once the clock was set */
	int32_t tai_offset_s;
	uint32_t generation;
	uint32_t count;
	uint32_t last_number;
	uint32_t order[BFD_MAX_KEY_CHAINS];		      /* numbers by name, count of them */
	struct bfd_key_chain *chains[BFD_MAX_KEY_CHAINS + 1]; /* by number; without secrets */
};

/* keys.c: what the map holds of a chain now. */
int keys_remember(struct keys *keys, uint32_t number, const struct bfd_key_chain *chain);

/* keys_clock.c.  0 stays 0, and nothing else becomes 0. */
uint64_t keys_tai_ns(uint64_t realtime_us, int32_t tai_offset_s);
uint64_t keys_realtime_us(uint64_t tai_ns, int32_t tai_offset_s);
uint64_t keys_now_ns(void); /* of CLOCK_TAI */

#endif /* IPBFD_KEYS_INTERNAL_H */

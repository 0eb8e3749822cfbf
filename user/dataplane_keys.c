// SPDX-License-Identifier: GPL-2.0
/*
 * The map of key chains.  What passes here holds secrets: callers wipe it, and nothing here keeps
 * a copy.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <bpf/bpf.h>

#include "dataplane_internal.h"

int dataplane_key_chain_set(struct dataplane *dp, uint32_t number, struct bfd_key_chain *chain)
{
	uint32_t written;

	/* No two writes that a reader could take for one have the same number. */
	if (getrandom(&written, sizeof(written), 0) != sizeof(written))
		return -errno;
	chain->written = written;
	chain->written_whole = written;
	return bpf_map_update_elem(dp->key_chains_fd, &number, chain, BPF_ANY) < 0 ? -errno : 0;
}

int dataplane_key_chain_del(struct dataplane *dp, uint32_t number)
{
	return bpf_map_delete_elem(dp->key_chains_fd, &number) < 0 ? -errno : 0;
}

int dataplane_key_chain_read(struct dataplane *dp, uint32_t number, struct bfd_key_chain *chain)
{
	return bpf_map_lookup_elem(dp->key_chains_fd, &number, chain) < 0 ? -errno : 0;
}

int dataplane_key_chain_next(struct dataplane *dp, uint32_t *number)
{
	uint32_t next;

	if (bpf_map_get_next_key(dp->key_chains_fd, *number ? number : NULL, &next) < 0)
		return -errno;
	*number = next;
	return 0;
}

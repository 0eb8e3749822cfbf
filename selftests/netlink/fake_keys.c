/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The map of key chains in memory, for tests; see fake_keys.h.
 */
#include <errno.h>
#include <string.h>

#include "fake_keys.h"
#include "user/dataplane.h"

static struct bfd_key_chain chains[BFD_MAX_KEY_CHAINS + 1];
static bool used[BFD_MAX_KEY_CHAINS + 1];

void fake_keys_clear(void)
{
	memset(chains, 0, sizeof(chains));
	memset(used, 0, sizeof(used));
}

unsigned int fake_keys_writes;

struct bfd_key_chain *fake_keys_chain(const char *name)
{
	for (uint32_t number = 1; number <= BFD_MAX_KEY_CHAINS; number++)
		if (used[number] && !strcmp(chains[number].name, name))
			return &chains[number];
	return NULL;
}

int dataplane_key_chain_set(struct dataplane *dp, uint32_t number, struct bfd_key_chain *chain)
{
	(void)dp;
	if (!number || number > BFD_MAX_KEY_CHAINS)
		return -E2BIG;
	used[number] = true;
	chains[number] = *chain;
	fake_keys_writes++;
	return 0;
}

int dataplane_key_chain_del(struct dataplane *dp, uint32_t number)
{
	(void)dp;
	if (number > BFD_MAX_KEY_CHAINS || !used[number])
		return -ENOENT;
	used[number] = false;
	return 0;
}

int dataplane_key_chain_read(struct dataplane *dp, uint32_t number, struct bfd_key_chain *chain)
{
	(void)dp;
	if (number > BFD_MAX_KEY_CHAINS || !used[number])
		return -ENOENT;
	*chain = chains[number];
	return 0;
}

int dataplane_key_chain_next(struct dataplane *dp, uint32_t *number)
{
	(void)dp;
	for (uint32_t next = *number + 1; next <= BFD_MAX_KEY_CHAINS; next++) {
		if (!used[next])
			continue;
		*number = next;
		return 0;
	}
	return -ENOENT;
}

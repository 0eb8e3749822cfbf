/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The map of key chains in memory behind user/dataplane.h, so that user/keys.h itself can be
 * tested without BPF.  It must not be linked into anything but tests.
 */
#ifndef IPBFD_SELFTESTS_FAKE_KEYS_H
#define IPBFD_SELFTESTS_FAKE_KEYS_H

#include "kern/abi.h"

/* There is no chain. */
void fake_keys_clear(void);
/* What the data plane would see of a chain; NULL: there is none. */
struct bfd_key_chain *fake_keys_chain(const char *name);

/* How often a chain was written. */
extern unsigned int fake_keys_writes;

#endif /* IPBFD_SELFTESTS_FAKE_KEYS_H */

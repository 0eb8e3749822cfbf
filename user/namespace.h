/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network namespace that the agent works in.  Only the network is entered:
 * with the mount namespace of `ip netns exec` the pins would be lost.
 */
#ifndef IPBFD_NAMESPACE_H
#define IPBFD_NAMESPACE_H

#include <stdbool.h>
#include <stddef.h>

/* Enter the one that `ip netns add NAME` made.  Returns 0 or a negative errno; error, of
 * error_size bytes, receives one line that says what failed.
 */
int namespace_enter(const char *name, char *error, size_t error_size);

/* Would what is pinned in /sys/fs/bpf end with this process's mount namespace, because it isn't
 * that of the machine's (or container's) first process?
 */
bool namespace_pins_are_private(void);

#endif /* IPBFD_NAMESPACE_H */

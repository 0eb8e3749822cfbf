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

/* Are we below `ip netns exec`?  It mounts a /sys of its own, in a mount namespace of its own,
 * and what is pinned there ends with us.
 */
bool namespace_pins_are_private(void);

/* A descriptor that is readable when names of namespaces come or go.  Returns it. */
int namespace_watch(void);
/* Read what waits there.  Returns whether the name no longer means the namespace that we are in. */
bool namespace_is_gone(int fd, const char *name);

#endif /* IPBFD_NAMESPACE_H */

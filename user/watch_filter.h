/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Socket filters for a socket that hears neighbours (RTNLGRP_NEIGH): which
 * events are worth a wakeup.  Only a saving: who reads the socket must check
 * what it gets.
 */
#ifndef IPBFD_WATCH_FILTER_H
#define IPBFD_WATCH_FILTER_H

#include <stddef.h>

#include "../kern/abi.h"

/* More neighbours than this aren't told apart: the kernel takes 4096 instructions. */
#define WATCH_FILTER_MAX 2000

/* Hear all neighbours of IPv4 and IPv6.  Returns 0 or a negative errno. */
int watch_filter_open(int fd);

/* Hear those of them whose last 32 bits are those of one of the addresses, of which there are
 * up to WATCH_FILTER_MAX.  On a negative errno the filter stays as it was.
 */
int watch_filter_exact(int fd, const struct bfd_address *const *addresses, size_t count);

#endif /* IPBFD_WATCH_FILTER_H */

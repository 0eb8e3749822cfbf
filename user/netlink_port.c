// SPDX-License-Identifier: GPL-2.0
/*
 * See netlink_port.h.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "netlink_port.h"

/* Of our network namespace, which may not be the one that this process began in. */
#define SOCKETS "/proc/thread-self/net/netlink"

uint64_t netlink_port_inode(uint32_t port)
{
	FILE *file = fopen(SOCKETS, "re");
	unsigned long long inode = 0;
	unsigned int protocol, owner;
	char line[256];

	if (!file) {
		log_warning("cannot read " SOCKETS ": %s", strerror(errno));
		return 0;
	}
	while (fgets(line, sizeof(line), file)) {
		/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
		if (sscanf(line, "%*s %u %u %*s %*s %*s %*s %*s %*s %llu", &protocol, &owner,
			   &inode) == 3 &&
		    protocol == NETLINK_USERSOCK && owner == port)
			break;
		inode = 0;
	}
	fclose(file);
	return inode;
}

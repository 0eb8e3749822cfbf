/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has a netlink port.  It must not know what is said there.
 */
#ifndef IPBFD_NETLINK_PORT_H
#define IPBFD_NETLINK_PORT_H

#include <stdint.h>

/* The inode of the NETLINK_USERSOCK socket that has a port of our network namespace now; 0: none
 * has.
 */
uint64_t netlink_port_inode(uint32_t port);

#endif /* IPBFD_NETLINK_PORT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How datagrams of netlink messages reach clients and come from them: the one
 * interface between genl/server.c and a kind of socket.  A transport knows
 * ports, groups and credentials; it must not look into the messages, and must
 * never block.
 */
#ifndef IPBFD_GENL_TRANSPORT_H
#define IPBFD_GENL_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where a datagram came from, as vouched for by the kernel. */
struct genl_peer {
	uint32_t port;
	uint32_t uid; /* in the agent's user namespace; (uint32_t)-1: not known */
};

struct genl_transport;

struct genl_transport_ops {
	/* One datagram into buffer, which is aligned for struct nlmsghdr.  Returns its length,
	 * -EAGAIN if none waits, -EMSGSIZE if it was larger than size (it is gone; peer is
	 * set), -EBADMSG if it came from nobody who can be answered (it is gone).
	 */
	ssize_t (*receive)(struct genl_transport *transport, void *buffer, size_t size,
			   struct genl_peer *peer);
	/* One datagram to port.  -EAGAIN: the client's buffer is full.  -ECONNREFUSED: it is gone.
	 */
	int (*send)(struct genl_transport *transport, uint32_t port, const void *data,
		    size_t length);
	/* One datagram to all members of group (1 to 32) and, if port isn't 0, to that port, which
	 * gets it once even if it is a member.  Returns what send would for port, or 0.
	 */
	int (*multicast)(struct genl_transport *transport, uint32_t group, uint32_t port,
			 const void *data, size_t length);
	void (*close)(struct genl_transport *transport);
};

/* The head of each transport's own structure. */
struct genl_transport {
	const struct genl_transport_ops *ops;
	int fd; /* readable when receive has something */
};

/* NETLINK_USERSOCK, bound to port in the network namespace of the calling thread.  *out is owned
 * by the caller until a server takes it over (ops->close).  -EADDRINUSE: another agent serves
 * this namespace.  error, of error_size bytes, receives one line that says what failed.
 */
int genl_usersock_open(uint32_t port, struct genl_transport **out, char *error, size_t error_size);

#endif /* IPBFD_GENL_TRANSPORT_H */

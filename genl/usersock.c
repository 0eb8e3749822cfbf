/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transport that needs no kernel module: a NETLINK_USERSOCK socket bound to
 * a port that clients know.  Anybody may send to it and bind a free port there,
 * so what counts are the sender's credentials and port as the kernel gives
 * them.  It must not look into messages.
 */
#define _GNU_SOURCE /* struct ucred */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "genl/transport.h"

static ssize_t usersock_receive(struct genl_transport *transport, void *buffer, size_t size,
				struct genl_peer *peer)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct sockaddr_nl from = {0};
	struct iovec iov = {.iov_base = buffer, .iov_len = size};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	struct ucred credentials;
	ssize_t length;

	length = recvmsg(transport->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (length < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	peer->port = from.nl_pid;
	peer->uid = (uint32_t)-1;
	for (cmsg = CMSG_FIRSTHDR(&message); cmsg; cmsg = CMSG_NXTHDR(&message, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&credentials, CMSG_DATA(cmsg), sizeof(credentials));
		peer->uid = credentials.uid;
	}
	if (message.msg_namelen != sizeof(from) || from.nl_family != AF_NETLINK || !from.nl_pid)
		return -EBADMSG;
	return (message.msg_flags & MSG_TRUNC) ? -EMSGSIZE : length;
}

static int send_to(const struct genl_transport *transport, uint32_t port, uint32_t groups,
		   const void *data, size_t length)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups};

	if (sendto(transport->fd, data, length, MSG_DONTWAIT, (const struct sockaddr *)&to,
		   sizeof(to)) >= 0)
		return 0;
	/* Short of memory is no reason to give a client up. */
	return errno == EINTR || errno == ENOBUFS || errno == ENOMEM ? -EAGAIN : -errno;
}

static int usersock_send(struct genl_transport *transport, uint32_t port, const void *data,
			 size_t length)
{
	return send_to(transport, port, 0, data, length);
}

/* The kernel delivers to the group, leaving out the port, and then to the port by unicast.  Without
 * a port that second step goes to port 0, where nobody is: ECONNREFUSED is success then.
 */
static int usersock_multicast(struct genl_transport *transport, uint32_t group, uint32_t port,
			      const void *data, size_t length)
{
	int err = send_to(transport, port, UINT32_C(1) << (group - 1), data, length);

	return !port && err == -ECONNREFUSED ? 0 : err;
}

static void usersock_close(struct genl_transport *transport)
{
	close(transport->fd);
	free(transport);
}

static const struct genl_transport_ops usersock_ops = {
	.receive = usersock_receive,
	.send = usersock_send,
	.multicast = usersock_multicast,
	.close = usersock_close,
};

int genl_usersock_open(uint32_t port, struct genl_transport **out, char *error, size_t error_size)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_pid = port};
	struct genl_transport *transport;
	const char *step = "socket";
	int on = 1;
	int err;

	transport = calloc(1, sizeof(*transport));
	if (!transport) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	transport->ops = &usersock_ops;
	transport->fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_USERSOCK);
	if (transport->fd < 0)
		goto fail;
	step = "SO_PASSCRED"; /* before anything can arrive */
	if (setsockopt(transport->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		goto fail;
	step = "bind";
	if (bind(transport->fd, (const struct sockaddr *)&address, sizeof(address)))
		goto fail;
	*out = transport;
	return 0;

fail:
	err = -errno;
	if (err == -EADDRINUSE)
		snprintf(error, error_size,
			 "another agent serves this network namespace, or another process has its "
			 "netlink port (NETLINK_USERSOCK, port %u)",
			 port);
	else
		snprintf(error, error_size, "NETLINK_USERSOCK port %u: %s: %s", port, step,
			 strerror(-err));
	if (transport->fd >= 0)
		close(transport->fd);
	free(transport);
	return err;
}

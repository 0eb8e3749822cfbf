// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to rtnetlink; see rtnl.h.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtnl.h"

/* The kernel fills dumps in pieces of at most 32 KiB (NLMSG_GOODSIZE limits). */
#define RTNL_BUFFER_SIZE 65536

struct rtnl {
	int fd;
	uint32_t sequence;
	char buffer[RTNL_BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

int rtnl_open(struct rtnl **out)
{
	struct rtnl *rtnl = calloc(1, sizeof(*rtnl));
	int one = 1;

	if (!rtnl)
		return -ENOMEM;
	rtnl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (rtnl->fd < 0) {
		int error = -errno;

		free(rtnl);
		return error;
	}
	/* Without it the kernel takes filters of a dump for hints and ignores some of them. */
	setsockopt(rtnl->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	*out = rtnl;
	return 0;
}

void rtnl_close(struct rtnl *rtnl)
{
	if (!rtnl)
		return;
	close(rtnl->fd);
	free(rtnl);
}

struct nl_msg *rtnl_message(int type, int flags, const void *header, size_t size)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (message && nlmsg_append(message, (void *)header, size, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

/* One message of an answer.  Sets *done at the last one, whose error is the return value. */
static int rtnl_take(struct nlmsghdr *header, rtnl_reply_cb callback, void *context, bool *done)
{
	if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) {
		const int *error = NLMSG_DATA(header);

		*done = true;
		return header->nlmsg_len >= NLMSG_LENGTH(sizeof(*error)) ? *error : 0;
	}
	return callback ? callback(header, context) : 0;
}

/* Read one datagram of the answer to sequence.  The first error is kept in *result. */
static int rtnl_receive(struct rtnl *rtnl, uint32_t sequence, rtnl_reply_cb callback, void *context,
			bool *done, int *result)
{
	struct nlmsghdr *header = (struct nlmsghdr *)rtnl->buffer;
	ssize_t length = recv(rtnl->fd, rtnl->buffer, sizeof(rtnl->buffer), MSG_TRUNC);
	int left = (int)length;

	if (length < 0)
		return errno == EINTR ? 0 : -errno;
	if ((size_t)length > sizeof(rtnl->buffer))
		return -EMSGSIZE;
	for (; nlmsg_ok(header, left) && !*done; header = nlmsg_next(header, &left)) {
		int error;

		if (header->nlmsg_seq != sequence)
			continue;
		error = rtnl_take(header, callback, context, done);
		if (!error && (header->nlmsg_flags & NLM_F_DUMP_INTR))
			error = -EINTR;
		if (!*result)
			*result = error;
	}
	return 0;
}

int rtnl_request(struct rtnl *rtnl, struct nl_msg *message, rtnl_reply_cb callback, void *context)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	bool done = false;
	int result = 0;

	header->nlmsg_seq = ++rtnl->sequence;
	header->nlmsg_flags |= NLM_F_ACK;
	if (sendto(rtnl->fd, header, header->nlmsg_len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	while (!done) {
		int error =
			rtnl_receive(rtnl, header->nlmsg_seq, callback, context, &done, &result);

		if (error)
			return error;
	}
	return result;
}

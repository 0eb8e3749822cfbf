// SPDX-License-Identifier: GPL-2.0
/*
 * The way to the family `bfd`: the kernel's generic netlink if it is registered
 * there, else NETLINK_USERSOCK, where the agent serves the same messages from a
 * fixed port.  rtnl_talk() of iproute2 can't be used: it drops answers whose
 * sender's port isn't 0.
 *
 * Anybody may send to any port of NETLINK_USERSOCK, so a message counts only if it
 * comes from the agent's port and from uid 0.  This file must not know sessions.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "ipbfd.h"
#include "utils.h"

/* How long an agent may think; it answers from memory, so this is only ever a stuck one. */
#define ANSWER_TIMEOUT_MS 5000

#define RECEIVE_BUFFER 65536

/* Of who follows events: room for as many as the agent's own queue of them holds.  A limit only. */
#define EVENTS_BUFFER (32 << 20)

/* One line on stderr, but while the kernel is only tried; returns the status of a refusal. */
static int __attribute__((format(printf, 2, 3)))
say(const struct bfd_socket *s, const char *format, ...)
{
	va_list args;

	if (s->quiet)
		return BFD_STATUS_REMOTE;
	fprintf(stderr, "Error: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	return BFD_STATUS_REMOTE;
}

static int say_errno(const struct bfd_socket *s, const char *what)
{
	return say(s, "%s: %s.", what, strerror(errno));
}

static int say_no_answer(const struct bfd_socket *s)
{
	return say(s, "bfd-agent did not answer within %d seconds.", ANSWER_TIMEOUT_MS / 1000);
}

uint32_t bfd_attr_u32(struct rtattr *const *tb, int type, uint32_t absent)
{
	uint32_t value;

	if (!tb[type] || RTA_PAYLOAD(tb[type]) != sizeof(value))
		return absent;
	memcpy(&value, RTA_DATA(tb[type]), sizeof(value));
	return value;
}

uint64_t bfd_attr_u64(struct rtattr *const *tb, int type, uint64_t absent)
{
	uint64_t value;

	if (!tb[type] || RTA_PAYLOAD(tb[type]) != sizeof(value))
		return absent;
	memcpy(&value, RTA_DATA(tb[type]), sizeof(value));
	return value;
}

const char *bfd_attr_string(struct rtattr *const *tb, int type)
{
	if (!tb[type] || !memchr(RTA_DATA(tb[type]), '\0', RTA_PAYLOAD(tb[type])))
		return NULL;
	return RTA_DATA(tb[type]);
}

void bfd_request_init(struct bfd_request *request, uint8_t command, uint16_t flags)
{
	memset(request, 0, sizeof(*request));
	request->n.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	request->n.nlmsg_flags = NLM_F_REQUEST | flags;
	request->g.cmd = command;
	request->g.version = BFD_FAMILY_VERSION;
}

int bfd_send(struct bfd_socket *s, struct bfd_request *request)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = s->peer_port};

	if (!request->n.nlmsg_type)
		request->n.nlmsg_type = s->family;
	request->n.nlmsg_seq = ++s->sequence;
	if (sendto(s->fd, request, request->n.nlmsg_len, 0, (struct sockaddr *)&to, sizeof(to)) >=
	    0)
		return 0;
	if (errno == ECONNREFUSED)
		return say(s, "no bfd-agent serves this network namespace "
			      "(start it with: bfd-agent [--netns NAME]).");
	if (errno == EAGAIN)
		return say_no_answer(s);
	return say_errno(s, "cannot send to bfd-agent");
}

/* Print what an acknowledgement says; returns its status. */
static int read_acknowledgement(const struct bfd_socket *s, const struct nlmsghdr *n)
{
	bool is_done = n->nlmsg_type == NLMSG_DONE;
	const char *text = NULL;
	int error = 0;

	/* DONE holds an int, ERROR an nlmsgerr that begins with one; attributes may follow. */
	if (n->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, NLMSG_DATA(n), sizeof(error));
	if (n->nlmsg_flags & NLM_F_ACK_TLVS) {
		struct rtattr *tb[NLMSGERR_ATTR_MAX + 1];
		const struct nlmsgerr *report = NLMSG_DATA(n);
		int skip = NLMSG_LENGTH(is_done ? sizeof(error) : sizeof(*report));

		if (!is_done && n->nlmsg_len >= NLMSG_LENGTH(sizeof(*report)) &&
		    !(n->nlmsg_flags & NLM_F_CAPPED))
			skip += NLMSG_ALIGN(report->msg.nlmsg_len) - NLMSG_HDRLEN;
		if (skip >= 0 && (int)n->nlmsg_len > skip) {
			parse_rtattr_flags(tb, NLMSGERR_ATTR_MAX,
					   (struct rtattr *)((char *)n + skip),
					   (int)n->nlmsg_len - skip, NLA_F_NESTED);
			text = bfd_attr_string(tb, NLMSGERR_ATTR_MSG);
		}
	}
	if (s->quiet)
		return error ? BFD_STATUS_REMOTE : 0;
	if (text && *text)
		fprintf(stderr, "%s: %s%s\n", error ? "Error" : "Warning", text,
			text[strlen(text) - 1] == '.' ? "" : ".");
	else if (error)
		fprintf(stderr, "Error: bfd-agent answers: %s.\n", strerror(-error));
	return error ? BFD_STATUS_REMOTE : 0;
}

/* Who sent it, as the kernel says: true if that is whom we talk to. */
static bool is_genuine(const struct bfd_socket *s, struct msghdr *message,
		       const struct sockaddr_nl *from, uint32_t *uid)
{
	struct cmsghdr *control;

	*uid = 0;
	if (from->nl_pid != s->peer_port)
		return false;
	if (!s->peer_port)
		return true; /* nobody but the kernel has port 0 */
	for (control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		struct ucred sender;

		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&sender, CMSG_DATA(control), sizeof(sender));
		*uid = sender.uid;
		return sender.uid == 0;
	}
	return false;
}

static enum bfd_received handle_messages(struct bfd_socket *s, struct nlmsghdr *n, int length,
					 bfd_message_fn handle, void *context, int *status)
{
	/* The padding of a last message may take length below zero. */
	for (; length > 0 && NLMSG_OK(n, (unsigned int)length); n = NLMSG_NEXT(n, length)) {
		struct bfd_message message = {.n = n};

		/* An answer to a request that was given up; events have no sequence number. */
		if (n->nlmsg_seq && n->nlmsg_seq != s->sequence)
			continue;
		if (n->nlmsg_flags & NLM_F_DUMP_INTR)
			fprintf(stderr, "Dump was interrupted and may be inconsistent.\n");
		/* The agent's word for a listener that was too slow. */
		if (n->nlmsg_type == NLMSG_OVERRUN ||
		    (n->nlmsg_type == NLMSG_ERROR && !n->nlmsg_seq))
			return BFD_RECEIVED_OVERRUN;
		if (n->nlmsg_type == NLMSG_ERROR || n->nlmsg_type == NLMSG_DONE) {
			*status = read_acknowledgement(s, n);
			return BFD_RECEIVED_END;
		}
		if (n->nlmsg_type < NLMSG_MIN_TYPE || n->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
			continue;
		message.command = ((const struct genlmsghdr *)NLMSG_DATA(n))->cmd;
		message.attributes = (struct rtattr *)((char *)NLMSG_DATA(n) + GENL_HDRLEN);
		message.length = n->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
		*status = handle ? handle(&message, context) : 0;
		if (*status)
			return BFD_RECEIVED_ERROR;
	}
	return BFD_RECEIVED_MESSAGES;
}

enum bfd_received bfd_receive(struct bfd_socket *s, int timeout_ms, bfd_message_fn handle,
			      void *context, int *status)
{
	static char buffer[RECEIVE_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
	char control[CMSG_SPACE(sizeof(struct ucred))];
	struct sockaddr_nl from;
	struct iovec part = {.iov_base = buffer, .iov_len = sizeof(buffer)};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct pollfd wait = {.fd = s->fd, .events = POLLIN};
	enum bfd_received received;
	ssize_t length;
	uint32_t uid;

	*status = 0;
	switch (poll(&wait, 1, timeout_ms)) {
	case 0:
		return BFD_RECEIVED_NOTHING;
	case -1:
		*status = say_errno(s, "poll");
		return BFD_RECEIVED_ERROR;
	}
	length = recvmsg(s->fd, &message, MSG_DONTWAIT);
	if (length < 0 && errno == ENOBUFS)
		return BFD_RECEIVED_OVERRUN;
	if (length < 0 && errno == EAGAIN)
		return BFD_RECEIVED_NOTHING;
	if (length < 0) {
		*status = say_errno(s, "cannot receive from bfd-agent");
		return BFD_RECEIVED_ERROR;
	}
	if (!is_genuine(s, &message, &from, &uid)) {
		if (!uid)
			return BFD_RECEIVED_MESSAGES; /* somebody else's: not for us */
		*status = say(s, "the port of bfd-agent is held by uid %u, not by root.", uid);
		return BFD_RECEIVED_ERROR;
	}
	if (message.msg_flags & MSG_TRUNC) {
		*status = say(s, "bfd-agent sent more than %d bytes at once.", RECEIVE_BUFFER);
		return BFD_RECEIVED_ERROR;
	}
	received = handle_messages(s, (struct nlmsghdr *)buffer, length, handle, context, status);
	/* A refusal by the kernel repeats the request, and that may hold a key. */
	explicit_bzero(buffer, length);
	return received;
}

int bfd_talk(struct bfd_socket *s, struct bfd_request *request, bfd_message_fn handle,
	     void *context)
{
	int status;

	if ((request->n.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP) /* EXCL is one of its bits */
		request->n.nlmsg_flags |= NLM_F_ACK;
	status = bfd_send(s, request);
	/* It may hold a key, and isn't needed any more. */
	explicit_bzero(request->attributes, sizeof(request->attributes));
	if (status)
		return status;
	for (;;) {
		switch (bfd_receive(s, ANSWER_TIMEOUT_MS, handle, context, &status)) {
		case BFD_RECEIVED_MESSAGES:
			continue;
		case BFD_RECEIVED_NOTHING:
			return say_no_answer(s);
		case BFD_RECEIVED_OVERRUN:
			return say(s, "answers were lost, there was no room for them.");
		case BFD_RECEIVED_END:
		case BFD_RECEIVED_ERROR:
			return status;
		}
	}
}

/* From the controller's description of the family, its number and its groups. */
static int read_description(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[CTRL_ATTR_MAX + 1];
	struct bfd_socket *s = context;
	struct rtattr *group;
	int rest;

	parse_rtattr_flags(tb, CTRL_ATTR_MAX, message->attributes, message->length, NLA_F_NESTED);
	if (!tb[CTRL_ATTR_FAMILY_ID] || RTA_PAYLOAD(tb[CTRL_ATTR_FAMILY_ID]) != sizeof(s->family))
		return 0;
	memcpy(&s->family, RTA_DATA(tb[CTRL_ATTR_FAMILY_ID]), sizeof(s->family));
	if (!tb[CTRL_ATTR_MCAST_GROUPS])
		return 0;
	group = RTA_DATA(tb[CTRL_ATTR_MCAST_GROUPS]);
	rest = RTA_PAYLOAD(tb[CTRL_ATTR_MCAST_GROUPS]);
	for (; RTA_OK(group, rest); group = RTA_NEXT(group, rest)) {
		struct rtattr *member[CTRL_ATTR_MCAST_GRP_MAX + 1];
		const char *name;
		uint32_t id;

		parse_rtattr_nested(member, CTRL_ATTR_MCAST_GRP_MAX, group);
		name = bfd_attr_string(member, CTRL_ATTR_MCAST_GRP_NAME);
		id = bfd_attr_u32(member, CTRL_ATTR_MCAST_GRP_ID, 0);
		if (name && !strcmp(name, BFD_MCGRP_CONFIG))
			s->group_config = id;
		else if (name && !strcmp(name, BFD_MCGRP_STATE))
			s->group_state = id;
	}
	return 0;
}

/* Connect to the controller at a port of a netlink protocol, and ask it.  A family that isn't
 * there leaves s->family 0.
 */
static int open_transport(struct bfd_socket *s, int protocol, uint32_t port)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	struct timeval patience = {.tv_sec = ANSWER_TIMEOUT_MS / 1000};
	socklen_t length = sizeof(address);
	struct bfd_request request;
	int on = 1;

	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (s->fd < 0)
		return say_errno(s, "cannot open a netlink socket");
	setsockopt(s->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	setsockopt(s->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (bind(s->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(s->fd, (struct sockaddr *)&address, &length))
		return say_errno(s, "cannot bind a netlink socket");
	s->own_port = address.nl_pid;
	s->peer_port = port;
	s->sequence = time(NULL);
	/* From now on the kernel refuses messages to us from any other port. */
	address.nl_pid = port;
	if (connect(s->fd, (struct sockaddr *)&address, sizeof(address)))
		return say_errno(s, "cannot connect a netlink socket");

	bfd_request_init(&request, CTRL_CMD_GETFAMILY, 0);
	request.n.nlmsg_type = GENL_ID_CTRL;
	request.g.version = 1;
	addattrstrz(&request.n, sizeof(request), CTRL_ATTR_FAMILY_NAME, BFD_FAMILY_NAME);
	return bfd_talk(s, &request, read_description, s);
}

int bfd_open(struct bfd_socket *s)
{
	int status;

	if (s->fd >= 0)
		return 0;
	/* Most often there is no such family in the kernel, and nothing is to be said. */
	s->quiet = true;
	open_transport(s, NETLINK_GENERIC, 0);
	s->quiet = false;
	if (s->family)
		return 0;
	bfd_close(s);
	status = open_transport(s, NETLINK_USERSOCK, BFD_USERSOCK_PORT);
	if (!status && !s->family)
		status = say(s, "bfd-agent doesn't know the family \"%s\".", BFD_FAMILY_NAME);
	if (status)
		bfd_close(s);
	return status;
}

void bfd_close(struct bfd_socket *s)
{
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct bfd_socket)BFD_SOCKET_CLOSED;
}

int bfd_join_groups(struct bfd_socket *s)
{
	const uint32_t groups[] = {s->group_config, s->group_state};
	int size = EVENTS_BUFFER;
	size_t i;

	/* Without the right to it: as much as the system allows. */
	if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])))
			return -errno;
	return 0;
}

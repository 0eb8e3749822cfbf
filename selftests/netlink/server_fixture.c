/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Server and client in one process; see server_fixture.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/genl/genl.h>

#include "kern/limits.h"

#include "server_fixture.h"

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

void fixture_open(struct fixture *fixture)
{
	struct handlers_options options = {.version = "test"};
	char error[200] = "";

	memset(fixture, 0, sizeof(*fixture));
	if (genl_usersock_open(BFD_USERSOCK_PORT, &options.transport, error, sizeof(error)))
		die(error);
	if (notify_open(&fixture->notify))
		die("notify_open");
	fixture->sessions = fake_sessions_new(notify_observer(fixture->notify));
	fixture->listeners = fake_listeners_new();
	fake_keys_clear();
	if (keys_open(NULL, &fixture->keys))
		die("keys_open");
	options.keys = fixture->keys;
	options.sessions = fixture->sessions;
	options.listeners = fixture->listeners;
	options.notify = fixture->notify;
	if (handlers_open(&options, &fixture->handlers))
		die("handlers_open");
	fixture->client = client_open(NULL);
}

void fixture_close(struct fixture *fixture)
{
	close(fixture->client);
	handlers_close(fixture->handlers);
	fake_sessions_free(fixture->sessions);
	fake_listeners_free(fixture->listeners);
	keys_close(fixture->keys);
	notify_close(fixture->notify);
}

void fixture_serve(struct fixture *fixture)
{
	struct pollfd pollfd = {.fd = handlers_fd(fixture->handlers), .events = POLLIN};

	while (poll(&pollfd, 1, 0) > 0)
		if (handlers_dispatch(fixture->handlers))
			die("handlers_dispatch");
}

int client_open(uint32_t *port)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	socklen_t length = sizeof(address);
	int client = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);

	if (client < 0 || bind(client, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(client, (struct sockaddr *)&address, &length))
		die("client socket");
	if (port)
		*port = address.nl_pid;
	return client;
}

void client_send(int client, const void *data, size_t length)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = BFD_USERSOCK_PORT};

	if (sendto(client, data, length, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("send");
}

static void take_extended_ack(const struct nlmsghdr *header, struct answer *answer)
{
	const struct nlmsgerr *body = nlmsg_data(header);
	size_t skip = sizeof(body->error);
	struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1];

	if (header->nlmsg_type == NLMSG_ERROR)
		skip = header->nlmsg_flags & NLM_F_CAPPED
			       ? sizeof(*body)
			       : sizeof(*body) + body->msg.nlmsg_len - NLMSG_HDRLEN;
	answer->capped = header->nlmsg_flags & NLM_F_CAPPED;
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)header, (int)skip, attributes,
			NLMSGERR_ATTR_MAX, NULL))
		die("extended ACK doesn't parse");
	if (attributes[NLMSGERR_ATTR_MSG])
		snprintf(answer->text, sizeof(answer->text), "%s",
			 nla_get_string(attributes[NLMSGERR_ATTR_MSG]));
	if (attributes[NLMSGERR_ATTR_OFFS])
		answer->offset = nla_get_u32(attributes[NLMSGERR_ATTR_OFFS]);
	if (attributes[NLMSGERR_ATTR_MISS_TYPE])
		answer->missing = nla_get_u32(attributes[NLMSGERR_ATTR_MISS_TYPE]);
}

static void take_message(struct nlmsghdr *header, struct answer *answer)
{
	const struct nlattr *discr;

	answer->interrupted |= header->nlmsg_flags & NLM_F_DUMP_INTR;
	if (header->nlmsg_type == NLMSG_NOOP)
		return;
	if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) {
		answer->acks += header->nlmsg_type == NLMSG_ERROR;
		answer->done |= header->nlmsg_type == NLMSG_DONE;
		memcpy(&answer->error, nlmsg_data(header), sizeof(answer->error));
		answer->error_sequence = header->nlmsg_seq;
		take_extended_ack(header, answer);
		return;
	}
	answer->messages++;
	answer->command = genlmsg_hdr(header)->cmd;
	discr = nlmsg_find_attr(header, GENL_HDRLEN, BFD_A_SESSION_LOCAL_DISCRIMINATOR);
	if (header->nlmsg_type != FAMILY_ID)
		discr = NULL;
	answer->discr = discr ? nla_get_u32(discr) : 0;
}

bool client_receive_one(int client, struct answer *answer)
{
	static uint32_t buffer[4096 / sizeof(uint32_t)]; /* libmnl's, on most machines */
	struct nlmsghdr *header = (struct nlmsghdr *)buffer;
	ssize_t received = recv(client, buffer, sizeof(buffer), MSG_DONTWAIT | MSG_TRUNC);
	int left = (int)received;

	if (received < 0)
		return false;
	if (received > (ssize_t)sizeof(buffer))
		die("an answer is larger than a client's buffer");
	for (; nlmsg_ok(header, left); header = nlmsg_next(header, &left))
		take_message(header, answer);
	if (left > 0)
		die("an answer has bytes left");
	return true;
}

unsigned int client_receive(int client, struct answer *answer)
{
	unsigned int datagrams = 0;

	while (client_receive_one(client, answer))
		datagrams++;
	return datagrams;
}

struct nl_msg *request_new(struct fixture *fixture, uint8_t command, unsigned int flags)
{
	struct nl_msg *message = nlmsg_alloc_size(4096);

	if (!message || !genlmsg_put(message, 0, ++fixture->sequence, FAMILY_ID, 0,
				     (int)(NLM_F_REQUEST | flags), command, BFD_FAMILY_VERSION))
		die("request");
	return message;
}

void put_remote(struct nl_msg *message, const char *address)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, address, bytes) == 1)
		nla_put(message, BFD_A_SESSION_REMOTE_ADDRESS, 4, bytes);
	else if (inet_pton(AF_INET6, address, bytes) == 1)
		nla_put(message, BFD_A_SESSION_REMOTE_ADDRESS, 16, bytes);
	else
		die("address");
}

struct answer transact_bytes(struct fixture *fixture, const void *data, size_t length)
{
	struct answer answer = {0};

	client_send(fixture->client, data, length);
	fixture_serve(fixture);
	client_receive(fixture->client, &answer);
	return answer;
}

struct answer transact(struct fixture *fixture, struct nl_msg *message)
{
	struct answer answer =
		transact_bytes(fixture, nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);

	nlmsg_free(message);
	return answer;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The server of a generic netlink family: takes datagrams apart into requests,
 * has them validated, calls handlers, answers.  See server.h.  What waits for
 * slow clients is in client.c.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <netlink/genl/genl.h>

#include "genl/client.h"
#include "genl/family.h"
#include "genl/server.h"
#include "genl/transport.h"

/* Largest datagram that is taken; requests of the family are far smaller. */
#define RECEIVE_MAX 32768
/* Datagrams in one go, so that the rest of the agent gets its turn. */
#define RECEIVE_BURST 64

struct genl_server {
	struct genl_transport *transport;
	struct genl_clients *clients;
	int epoll_fd;
	struct genl_family families[GENL_FAMILY_COUNT];
	uint32_t buffer[RECEIVE_MAX / sizeof(uint32_t)];
};

static int watch_fd(const struct genl_server *server, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int genl_server_open(const struct genl_server_options *options, struct genl_server **out)
{
	struct genl_server *server;
	int err;

	server = calloc(1, sizeof(*server));
	if (!server) {
		options->transport->ops->close(options->transport);
		return -ENOMEM;
	}
	server->transport = options->transport;
	server->epoll_fd = -1;
	server->families[0] = (struct genl_family){
		.id = GENL_ID_CTRL,
		.spec = &genl_ctrl_spec,
		.handlers = genl_ctrl_handlers,
		.context = server->families,
	};
	server->families[1] = (struct genl_family){
		.id = GENL_START_ALLOC,
		.spec = options->family,
		.handlers = options->handlers,
		.context = options->context,
	};
	err = genl_clients_open(server->transport, options->subscribed, options->context,
				&server->clients);
	if (err)
		goto cleanup;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	err = server->epoll_fd < 0 ? -errno : watch_fd(server, server->transport->fd);
	if (!err)
		err = watch_fd(server, genl_clients_fd(server->clients));
	if (err)
		goto cleanup;
	*out = server;
	return 0;

cleanup:
	genl_server_close(server);
	return err;
}

void genl_server_close(struct genl_server *server)
{
	if (!server)
		return;
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
	genl_clients_close(server->clients);
	server->transport->ops->close(server->transport);
	free(server);
}

int genl_server_fd(const struct genl_server *server)
{
	return server->epoll_fd;
}

static struct genl_peer peer_of(const struct genl_request *request)
{
	return (struct genl_peer){.port = request->port, .uid = request->uid};
}

static int send_message(struct genl_server *server, const struct genl_peer *peer,
			struct nl_msg *message)
{
	const struct nlmsghdr *header;
	int err = -ENOMEM;

	if (message) {
		header = nlmsg_hdr(message);
		err = genl_clients_send(server->clients, peer, header, header->nlmsg_len);
		nlmsg_free(message);
	}
	return err;
}

/* An answer that can't be delivered is the client's loss; there is nobody to tell. */
static void acknowledge(const struct genl_request *request, int error, bool whole)
{
	const struct genl_peer peer = peer_of(request);

	send_message(request->server, &peer, genl_acknowledge(request, error, whole));
}

static const struct genl_family *find_family(const struct genl_server *server, uint16_t id)
{
	size_t i;

	for (i = 0; i < GENL_FAMILY_COUNT; i++)
		if (server->families[i].id == id)
			return &server->families[i];
	return NULL;
}

static int start_dump(struct genl_call *call)
{
	struct genl_request *request = &call->request;
	const struct genl_peer peer = peer_of(request);
	struct genl_dumper *dumper;
	int err;

	err = genl_dumper_open(call, &dumper);
	if (err)
		return err;
	err = genl_clients_dump(request->server->clients, &peer, dumper);
	if (!err)
		return 0;
	genl_dumper_close(dumper);
	if (err == -EBUSY)
		return genl_fail(request, err, "the dump before this one isn't over");
	return genl_fail(request, err, "too many clients have something waiting");
}

/* One request, whole and of a family or not. */
static void handle_request(struct genl_server *server, const struct genl_peer *peer,
			   const struct nlmsghdr *header)
{
	struct genl_call call = {
		.request = {.server = server,
			    .header = header,
			    .port = peer->port,
			    .uid = peer->uid},
	};
	const struct genl_family *family = find_family(server, header->nlmsg_type);
	struct genl_request *request = &call.request;
	bool dump = false;
	int err;

	if (family)
		err = genl_validate(&call, family, &dump);
	else
		err = genl_fail(request, -ENOENT, "no family has the id %u", header->nlmsg_type);
	if (!err && dump) {
		err = start_dump(&call);
		if (!err)
			return; /* NLMSG_DONE is its acknowledgement */
	} else if (!err) {
		err = call.handler->doit(request, family->context);
	}
	if (err || header->nlmsg_flags & NLM_F_ACK)
		acknowledge(request, err, !call.handler || !call.handler->secret);
}

/* Only requests are answered, or else two servers could talk for ever. */
static bool is_request(const struct nlmsghdr *header)
{
	return header->nlmsg_flags & NLM_F_REQUEST && header->nlmsg_type >= NLMSG_MIN_TYPE;
}

/* What can't be taken apart gets one answer that says why. */
static void refuse(struct genl_server *server, const struct genl_peer *peer, size_t length,
		   int error, const char *reason)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)server->buffer;
	struct genl_request request = {
		.server = server, .header = header, .port = peer->port, .uid = peer->uid};

	if (length < NLMSG_HDRLEN || !is_request(header))
		return;
	acknowledge(&request, genl_fail(&request, error, "%s", reason), false);
}

static void handle_datagram(struct genl_server *server, const struct genl_peer *peer, size_t length)
{
	const char *at = (const char *)server->buffer;
	const struct nlmsghdr *header;
	size_t step;

	while (length >= NLMSG_HDRLEN) {
		header = (const struct nlmsghdr *)(const void *)at;
		if (header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > length) {
			memmove(server->buffer, at, NLMSG_HDRLEN);
			refuse(server, peer, length, -EINVAL,
			       "the length in the message header isn't that of the message");
			return;
		}
		if (is_request(header))
			handle_request(server, peer, header);
		step = NLMSG_ALIGN(header->nlmsg_len);
		if (step >= length)
			return;
		at += step;
		length -= step;
	}
}

int genl_server_dispatch(struct genl_server *server)
{
	struct genl_transport *transport = server->transport;
	struct genl_peer peer;
	ssize_t length;
	int burst;

	genl_clients_retry(server->clients);
	for (burst = 0; burst < RECEIVE_BURST; burst++) {
		length = transport->ops->receive(transport, server->buffer, sizeof(server->buffer),
						 &peer);
		if (length == -EAGAIN)
			return 0;
		if (length == -EBADMSG || length == -ENOBUFS)
			continue; /* ENOBUFS: requests were lost; their senders time out */
		if (length == -EMSGSIZE)
			refuse(server, &peer, sizeof(server->buffer), -EMSGSIZE,
			       "the request is larger than the agent takes");
		else if (length < 0)
			return (int)length;
		else
			handle_datagram(server, &peer, (size_t)length);
		/* A request may have held a secret. */
		explicit_bzero(server->buffer,
			       length < 0 ? sizeof(server->buffer) : (size_t)length);
	}
	return 0;
}

struct nl_msg *genl_reply_new(const struct genl_request *request, uint8_t command)
{
	const struct nlmsghdr *header = request->header;
	const struct genl_family *family = find_family(request->server, header->nlmsg_type);
	struct nl_msg *message = nlmsg_alloc_size(GENL_DATAGRAM_MAX);

	if (message && !genlmsg_put(message, request->port, header->nlmsg_seq, family->id, 0, 0,
				    command, (uint8_t)family->spec->version)) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

int genl_reply(const struct genl_request *request, struct nl_msg *message)
{
	const struct genl_peer peer = peer_of(request);

	return send_message(request->server, &peer, message);
}

static bool wants_echo(const struct genl_request *cause)
{
	return cause && cause->header->nlmsg_flags & NLM_F_ECHO;
}

struct nl_msg *genl_notify_new(const struct genl_server *server, uint8_t command,
			       const struct genl_request *cause)
{
	const struct genl_family *family = &server->families[GENL_FAMILY_COUNT - 1];
	struct nl_msg *message = nlmsg_alloc_size(GENL_DATAGRAM_MAX);
	bool echo = wants_echo(cause);

	if (message &&
	    !genlmsg_put(message, echo ? cause->port : 0, echo ? cause->header->nlmsg_seq : 0,
			 family->id, 0, 0, command, (uint8_t)family->spec->version)) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

int genl_notify(struct genl_server *server, uint32_t group, struct nl_msg *message,
		const struct genl_request *cause)
{
	const struct nlmsghdr *header;
	struct genl_peer peer;

	if (!message)
		return -ENOMEM;
	header = nlmsg_hdr(message);
	if (wants_echo(cause))
		peer = peer_of(cause);
	genl_clients_multicast(server->clients, group, wants_echo(cause) ? &peer : NULL, header,
			       header->nlmsg_len);
	nlmsg_free(message);
	return 0;
}

int genl_subscribe(struct genl_request *request, uint32_t mask)
{
	const struct genl_peer peer = peer_of(request);
	int err = genl_clients_subscribe(request->server->clients, &peer, mask);

	return err == -ENOSPC ? genl_fail(request, err, "too many subscribers") : err;
}

int genl_server_subscribe(struct genl_server *server, const struct genl_peer *peer, uint32_t mask)
{
	return genl_clients_subscribe(server->clients, peer, mask);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queues, dumps in progress and unicast subscriptions of clients; see client.h.
 * A netlink socket doesn't tell the sender when the receiver has room again, so
 * what had to wait is tried again by a timer, which slows down while nobody reads.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "genl/client.h"
#include "genl/family.h"

#define RETRY_FIRST_MS 1
#define RETRY_LAST_MS 250
/* Datagrams of a dump in one go, so that others are served meanwhile. */
#define DUMP_BURST 16
#define NS_PER_MS 1000000LL

struct packet {
	struct packet *next;
	size_t length;
	char data[];
};

/* Exists only while there is something to remember. */
struct client {
	struct client *next;
	struct genl_peer peer;
	uint32_t groups; /* subscribed to, bit 0 is group 1 */
	struct packet *first;
	struct packet **last;
	size_t queued;	 /* bytes */
	bool overrun;	 /* lost something and wasn't told yet */
	bool stalled;	 /* took nothing for GENL_CLIENT_STALL_MS */
	bool gone;	 /* to be freed by sweep() */
	int64_t took_ms; /* when it last took something, or began to wait */
	struct genl_dumper *dumper;
};

struct genl_clients {
	struct genl_transport *transport;
	genl_subscribed_cb subscribed;
	void *context;
	struct client *first;
	unsigned int count;
	int timer_fd;
	int retry_ms; /* 0: the timer is off */
	char part[GENL_DATAGRAM_MAX];
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / NS_PER_MS;
}

static void set_timer(struct genl_clients *clients, int delay_ms)
{
	struct itimerspec when = {
		.it_value.tv_sec = delay_ms / 1000,
		.it_value.tv_nsec = delay_ms % 1000 * NS_PER_MS,
	};

	/* Fails only on bad arguments. */
	timerfd_settime(clients->timer_fd, 0, &when, NULL);
	clients->retry_ms = delay_ms;
}

int genl_clients_open(struct genl_transport *transport, genl_subscribed_cb subscribed,
		      void *context, struct genl_clients **out)
{
	struct genl_clients *clients = calloc(1, sizeof(*clients));
	int err;

	if (!clients)
		return -ENOMEM;
	clients->transport = transport;
	clients->subscribed = subscribed;
	clients->context = context;
	clients->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (clients->timer_fd < 0) {
		err = -errno;
		free(clients);
		return err;
	}
	*out = clients;
	return 0;
}

static void empty_queue(struct client *client)
{
	struct packet *packet;

	while ((packet = client->first)) {
		client->first = packet->next;
		free(packet);
	}
	client->last = &client->first;
	client->queued = 0;
}

static void free_client(struct client *client)
{
	empty_queue(client);
	genl_dumper_close(client->dumper);
	free(client);
}

void genl_clients_close(struct genl_clients *clients)
{
	struct client *client;

	if (!clients)
		return;
	while ((client = clients->first)) {
		clients->first = client->next;
		free_client(client);
	}
	close(clients->timer_fd);
	free(clients);
}

int genl_clients_fd(const struct genl_clients *clients)
{
	return clients->timer_fd;
}

static bool is_waiting(const struct client *client)
{
	return client->first || client->dumper || client->overrun;
}

static void tell_subscribed(const struct genl_clients *clients, const struct genl_peer *peer,
			    uint32_t groups)
{
	if (clients->subscribed)
		clients->subscribed(peer, groups, clients->context);
}

/* Free those who are gone or for whom there is nothing to remember. */
static void sweep(struct genl_clients *clients)
{
	struct client **at = &clients->first;
	struct client *client;

	while ((client = *at)) {
		if (!client->gone && (client->groups || is_waiting(client))) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		clients->count--;
		if (client->groups)
			tell_subscribed(clients, &client->peer, 0);
		free_client(client);
	}
}

/* Subscribers whose port is gone are only noticed when something is sent. */
static void sweep_dead_subscribers(struct genl_clients *clients)
{
	struct nlmsghdr noop = {.nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = NLMSG_NOOP};
	struct genl_transport *transport = clients->transport;
	struct client *client;

	for (client = clients->first; client; client = client->next)
		if (transport->ops->send(transport, client->peer.port, &noop, sizeof(noop)) ==
		    -ECONNREFUSED)
			client->gone = true;
	sweep(clients);
}

static struct client *find(struct genl_clients *clients, uint32_t port)
{
	struct client *client;

	for (client = clients->first; client; client = client->next)
		if (client->peer.port == port && !client->gone)
			return client;
	return NULL;
}

static bool is_full(const struct genl_clients *clients, const struct genl_peer *peer)
{
	return clients->count >= (peer->uid == 0 ? GENL_CLIENTS_MAX : GENL_CLIENTS_MAX_OTHERS);
}

static int find_or_add(struct genl_clients *clients, const struct genl_peer *peer,
		       struct client **out)
{
	struct client *client = find(clients, peer->port);

	*out = client;
	if (client)
		return 0;
	if (is_full(clients, peer))
		sweep_dead_subscribers(clients);
	if (is_full(clients, peer))
		return -ENOSPC;
	client = calloc(1, sizeof(*client));
	if (!client)
		return -ENOMEM;
	client->peer = *peer;
	client->last = &client->first;
	client->took_ms = now_ms();
	client->next = clients->first;
	clients->first = client;
	clients->count++;
	*out = client;
	return 0;
}

/* Keep for later.  Once something is lost all is, until the client was told. */
static void enqueue(struct genl_clients *clients, struct client *client, const void *data,
		    size_t length)
{
	struct packet *packet = NULL;

	if (!client->overrun && client->queued + length <= GENL_CLIENT_QUEUE_MAX)
		packet = malloc(sizeof(*packet) + length);
	if (!is_waiting(client))
		client->took_ms = now_ms();
	if (packet) {
		packet->next = NULL;
		packet->length = length;
		memcpy(packet->data, data, length);
		*client->last = packet;
		client->last = &packet->next;
		client->queued += length;
	} else {
		client->overrun = true;
	}
	if (!clients->retry_ms)
		set_timer(clients, RETRY_FIRST_MS);
}

static int send_now(struct genl_clients *clients, struct client *client, const void *data,
		    size_t length)
{
	struct genl_transport *transport = clients->transport;
	int err = transport->ops->send(transport, client->peer.port, data, length);

	if (!err) {
		client->took_ms = now_ms();
		client->stalled = false;
	} else if (err != -EAGAIN) {
		client->gone = true;
	}
	return err;
}

/* The queue, then the word that something was lost. */
static int send_queue(struct genl_clients *clients, struct client *client)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr body;
	} lost = {
		.header = {.nlmsg_len = sizeof(lost),
			   .nlmsg_type = NLMSG_ERROR,
			   .nlmsg_flags = NLM_F_CAPPED,
			   .nlmsg_pid = client->peer.port},
		.body = {.error = -ENOBUFS},
	};
	struct packet *packet;
	int err;

	while ((packet = client->first)) {
		err = send_now(clients, client, packet->data, packet->length);
		if (err)
			return err;
		client->first = packet->next;
		if (!client->first)
			client->last = &client->first;
		client->queued -= packet->length;
		free(packet);
	}
	if (!client->overrun)
		return 0;
	err = send_now(clients, client, &lost, sizeof(lost));
	if (!err)
		client->overrun = false;
	return err;
}

/* Some datagrams of a dump; the one that finds no room waits in the queue. */
static void send_dump(struct genl_clients *clients, struct client *client)
{
	size_t length;
	int burst;
	int err = 0;

	for (burst = 0; client->dumper && !err && burst < DUMP_BURST; burst++) {
		length = genl_dumper_next(client->dumper, clients->part);
		if (!length) {
			genl_dumper_close(client->dumper);
			client->dumper = NULL;
			return;
		}
		err = send_now(clients, client, clients->part, length);
		if (err == -EAGAIN)
			enqueue(clients, client, clients->part, length);
	}
}

/* A client that takes nothing for long loses what waits; a subscriber is told when it reads. */
static void check_stall(struct client *client)
{
	if (client->stalled || now_ms() - client->took_ms < GENL_CLIENT_STALL_MS)
		return;
	client->stalled = true;
	empty_queue(client);
	genl_dumper_close(client->dumper);
	client->dumper = NULL;
	client->overrun = true;
	if (!client->groups)
		client->gone = true;
}

/* Returns true if the client took something. */
static bool serve(struct genl_clients *clients, struct client *client)
{
	size_t queued = client->queued;
	bool overrun = client->overrun;
	bool dumping = client->dumper;
	int err = send_queue(clients, client);

	if (!err)
		send_dump(clients, client);
	else if (err == -EAGAIN)
		check_stall(client);
	return client->queued < queued || (!err && (overrun || dumping));
}

void genl_clients_retry(struct genl_clients *clients)
{
	struct client *client;
	bool progress = false;
	bool waiting = false;
	uint64_t expirations;
	int delay_ms;

	if (read(clients->timer_fd, &expirations, sizeof(expirations)) < 0)
		return; /* not yet */
	for (client = clients->first; client; client = client->next) {
		if (client->gone || !is_waiting(client))
			continue;
		progress |= serve(clients, client);
		waiting |= !client->gone && is_waiting(client);
	}
	sweep(clients);
	delay_ms = progress ? RETRY_FIRST_MS : clients->retry_ms * 2;
	if (delay_ms > RETRY_LAST_MS)
		delay_ms = RETRY_LAST_MS;
	set_timer(clients, waiting ? delay_ms : 0);
}

int genl_clients_send(struct genl_clients *clients, const struct genl_peer *peer, const void *data,
		      size_t length)
{
	struct genl_transport *transport = clients->transport;
	struct client *client = find(clients, peer->port);
	int err = -EAGAIN;

	if (!client || !is_waiting(client))
		err = transport->ops->send(transport, peer->port, data, length);
	if (client && err && err != -EAGAIN) {
		client->gone = true;
		sweep(clients);
	}
	if (err != -EAGAIN)
		return err;
	err = find_or_add(clients, peer, &client);
	if (!err)
		enqueue(clients, client, data, length);
	return err;
}

void genl_clients_multicast(struct genl_clients *clients, uint32_t group,
			    const struct genl_peer *echo, const void *data, size_t length)
{
	struct genl_transport *transport = clients->transport;
	const struct client *busy = echo ? find(clients, echo->port) : NULL;
	struct client *client;
	/* Behind what waits for it, if something does. */
	bool queue_echo = busy && is_waiting(busy);
	uint32_t port = echo && !queue_echo ? echo->port : 0;
	int err;

	/* A port that gets a copy and is a member of the group gets it once. */
	err = transport->ops->multicast(transport, group, port, data, length);
	if (queue_echo || (port && err == -EAGAIN))
		genl_clients_send(clients, echo, data, length);
	for (client = clients->first; client; client = client->next) {
		if (client->gone || !(client->groups & (UINT32_C(1) << (group - 1))) ||
		    (echo && echo->port == client->peer.port))
			continue;
		err = is_waiting(client) ? -EAGAIN : send_now(clients, client, data, length);
		if (err == -EAGAIN)
			enqueue(clients, client, data, length);
	}
	sweep(clients);
}

int genl_clients_subscribe(struct genl_clients *clients, const struct genl_peer *peer,
			   uint32_t mask)
{
	struct client *client;
	int err;

	if (!mask && !find(clients, peer->port))
		return 0;
	err = find_or_add(clients, peer, &client);
	if (err)
		return err;
	client->groups = mask;
	tell_subscribed(clients, peer, mask);
	sweep(clients);
	return 0;
}

int genl_clients_dump(struct genl_clients *clients, const struct genl_peer *peer,
		      struct genl_dumper *dumper)
{
	struct client *client;
	int err = find_or_add(clients, peer, &client);

	if (err)
		return err;
	if (client->dumper)
		return -EBUSY;
	if (!is_waiting(client)) {
		client->took_ms = now_ms();
		client->dumper = dumper;
		send_dump(clients, client);
	} else {
		client->dumper = dumper;
	}
	if (client->dumper && !clients->retry_ms)
		set_timer(clients, RETRY_FIRST_MS);
	sweep(clients);
	return 0;
}

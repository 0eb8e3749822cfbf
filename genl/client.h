/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Those whom the server has something for: queues of clients that read slowly,
 * dumps in progress and unicast subscriptions.  Nothing here blocks; what is
 * held for a client has a bound, and so has the number of clients.  It must
 * not look into messages.
 */
#ifndef IPBFD_GENL_CLIENT_H
#define IPBFD_GENL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genl/transport.h"

struct genl_clients;
struct genl_dumper;

/* What one client may have waiting. */
#define GENL_CLIENT_QUEUE_MAX (128UL * 1024)
/* Clients with something waiting.  The last quarter is for root, so that others can't lock it out.
 */
#define GENL_CLIENTS_MAX 256
#define GENL_CLIENTS_MAX_OTHERS 192
/* A client that took nothing for so long loses what waits. */
#define GENL_CLIENT_STALL_MS 10000

/* Told of a subscription that begins, is renewed or, with groups 0, ends. */
typedef void (*genl_subscribed_cb)(const struct genl_peer *peer, uint32_t groups, void *context);

/* transport is borrowed; subscribed may be NULL.  *out is owned by the caller. */
int genl_clients_open(struct genl_transport *transport, genl_subscribed_cb subscribed,
		      void *context, struct genl_clients **out);
/* NULL is fine. */
void genl_clients_close(struct genl_clients *clients);

/* A timer to poll, and what to do when it is readable: try again what had to wait. */
int genl_clients_fd(const struct genl_clients *clients);
void genl_clients_retry(struct genl_clients *clients);

/* To one client, now or later.  A client that has too much waiting loses it, and is told so
 * by an NLMSG_ERROR with -ENOBUFS as soon as it reads again.
 */
int genl_clients_send(struct genl_clients *clients, const struct genl_peer *peer, const void *data,
		      size_t length);
/* To a group, to the subscribers of that group and (NULL: none) to echo. */
void genl_clients_multicast(struct genl_clients *clients, uint32_t group,
			    const struct genl_peer *echo, const void *data, size_t length);
/* mask 0 ends the subscription.  -ENOSPC: too many clients. */
int genl_clients_subscribe(struct genl_clients *clients, const struct genl_peer *peer,
			   uint32_t mask);
/* Takes dumper over on success.  -EBUSY: a dump for this client is on its way.  -ENOSPC: too
 * many clients.
 */
int genl_clients_dump(struct genl_clients *clients, const struct genl_peer *peer,
		      struct genl_dumper *dumper);

#endif /* IPBFD_GENL_CLIENT_H */

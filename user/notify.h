/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of the family: turns what happens to sessions into notifications of
 * the groups config and state, each with the group's next sequence number.
 * It must not change sessions.
 *
 * All functions are called from one thread.  Errors are negative errno.
 */
#ifndef IPBFD_NOTIFY_H
#define IPBFD_NOTIFY_H

#include <stdint.h>

#include "genl/server.h"
#include "keys.h"
#include "sessions.h"

struct notify;

/* *out is owned by the caller (notify_close). */
int notify_open(struct notify **out);
/* NULL is fine. */
void notify_close(struct notify *notify);

/* The observer to give to sessions_open(). */
const struct sessions_observer *notify_observer(struct notify *notify);

/* From now on send; what happened before is not told.  All are borrowed, and NULL stops. */
void notify_start(struct notify *notify, struct genl_server *server,
		  const struct sessions *sessions, const struct keys *keys);

/* Somebody changed what the data plane consists of. */
void notify_fault(struct notify *notify, const struct session_fault *fault);

/* The request that causes what is observed until this is called again with NULL. */
void notify_set_cause(struct notify *notify, const struct genl_request *cause);

/* The sequence number of the last event of a group (BFD_GROUP_*). */
uint64_t notify_sequence(const struct notify *notify, uint32_t group);

#endif /* IPBFD_NOTIFY_H */

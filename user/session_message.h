/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session as attributes of the family, for answers and notifications alike.
 * It must not send.
 */
#ifndef IPBFD_SESSION_MESSAGE_H
#define IPBFD_SESSION_MESSAGE_H

#include <stdint.h>

#include <netlink/msg.h>

#include "keys.h"
#include "sessions.h"

/* CLOCK_MONOTONIC to CLOCK_REALTIME, as of now. */
uint64_t realtime_us(uint64_t monotonic_ns);

/* All attributes of a session but the event.  -EMSGSIZE: message is too small. */
int session_message_put(struct nl_msg *message, const struct sessions *sessions,
			const struct keys *keys, const struct session *session);

/* A discard reason (enum bfd_discard_reason) with its count, as a nest of the given type. */
int session_message_put_discard(struct nl_msg *message, int type, int reason, uint64_t count);

#endif /* IPBFD_SESSION_MESSAGE_H */

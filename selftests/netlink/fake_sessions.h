/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session set in memory behind user/sessions.h and user/dataplane.h, so that
 * the netlink server and its handlers can be tested without BPF, routes and
 * devices.  It must not be linked into anything but tests.
 */
#ifndef IPBFD_SELFTESTS_FAKE_SESSIONS_H
#define IPBFD_SELFTESTS_FAKE_SESSIONS_H

#include "user/sessions.h"

#define FAKE_SESSIONS_MAX 2048

/* The set that is passed to handlers_open(); its sessions have discriminators from 1001. */
struct sessions *fake_sessions_new(const struct sessions_observer *observer);
void fake_sessions_free(struct sessions *sessions);

/* Add quickly, to 10.a.b.c with abc the number, on device 7; the observer isn't called. */
void fake_sessions_fill(struct sessions *sessions, unsigned int count);
/* Call the observer: the session with this discriminator went from Up to Down by detection. */
void fake_sessions_fail(struct sessions *sessions, uint32_t local_discr);

#endif /* IPBFD_SELFTESTS_FAKE_SESSIONS_H */

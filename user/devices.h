/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices on which sessions run: a BPF program is attached to each from its
 * first session to its last.  That of a VLAN device is attached to itself, for
 * below it most hardware, and veth, keep the tag where XDP can't see it; where
 * it can be seen below, the program there is told whose the frames are.  This
 * must not know sessions, only how many there are.
 *
 * Errors are negative errno.
 */
#ifndef IPBFD_DEVICES_H
#define IPBFD_DEVICES_H

#include "sessions.h"
#include "watch.h"

struct devices;

struct device {
	struct device *next; /* in the order of ifindex */
	uint32_t ifindex;
	uint32_t lower; /* of a VLAN device: the one below it */
	uint16_t vlan_id;
	bool vlan;
	bool gone;	   /* the kernel's is no more: only users remain */
	uint32_t users;	   /* who called devices_use() */
	uint32_t sessions; /* users that are not lingering; kept by the caller */
};

/* dp is borrowed.  *out is owned by the caller (devices_close). */
int devices_open(struct dataplane *dp, struct devices **out);
/* Forget; nothing is detached.  NULL is fine. */
void devices_close(struct devices *devices);

/* One more user of link; the first one attaches the program.  -EBUSY: another XDP program is in
 * the way.
 */
int devices_use(struct devices *devices, const struct watch_link *link, struct device **out,
		struct session_error *error);
/* One user less; the last one detaches. */
void devices_release(struct devices *devices, struct device *device);

/* The kernel's device is gone, and what was attached to it. */
void devices_gone(struct devices *devices, uint32_t ifindex);

/* Detach from devices that have no user, after adoption. */
void devices_tidy(struct devices *devices);

/* The device with the smallest index of at least ifindex that has sessions, or NULL. */
const struct device *devices_from(const struct devices *devices, uint32_t ifindex);

#endif /* IPBFD_DEVICES_H */

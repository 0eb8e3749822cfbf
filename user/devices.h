/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices on which sessions run: a BPF program is attached to each from its
 * first session to its last.  That of a device on top of others (VLAN, bridge,
 * bond, macvlan) is attached to itself, where all its frames come by as the stack
 * sees them: below, most hardware, and veth, keep a VLAN's tag where XDP can't see
 * it, and which port a frame comes by may change.  This must not know sessions,
 * only how many there are.
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
	uint32_t lower; /* the one that it stands on, 0: none */
	uint16_t vlan_id;
	bool vlan;		    /* on lower its frames have the tag vlan_id ... */
	bool tag_set;		    /* ... and the data plane knows */
	bool lifted;		    /* devices.c's: the program is off, for one that goes below */
	enum dataplane_attach best; /* how the program may be attached */
	bool fresh;		    /* the program was not there before */
	uint32_t lost;		    /* times that it was taken off and couldn't be put back */
	bool gone;		    /* the kernel's is no more: only users remain */
	uint32_t users;		    /* who called devices_use() */
	uint32_t sessions;	    /* users that are not lingering; kept by the caller */
	uint32_t listeners;	    /* users that are listeners; the same */
};

/* dp and watch are borrowed.  *out is owned by the caller (devices_close). */
int devices_open(struct dataplane *dp, const struct watch *watch, struct devices **out);
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

/* Attach again where somebody else has taken the program off, and say so of each such device; or
 * once that it can't be, and why (else NULL).  heard: tc has received meanwhile.
 */
void devices_mend(struct devices *devices, const struct watch *watch,
		  void (*tell)(const struct device *device, bool heard, const char *why,
			       void *context),
		  void *context);

/* Links changed: tell the data plane which have others above them. */
void devices_follow_stack(struct devices *devices);

/* Detach from devices that have no user, after adoption. */
void devices_tidy(struct devices *devices);

/* The device with the smallest index of at least ifindex that has sessions or listeners, or NULL.
 */
const struct device *devices_from(const struct devices *devices, uint32_t ifindex);

#endif /* IPBFD_DEVICES_H */

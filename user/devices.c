// SPDX-License-Identifier: GPL-2.0
/*
 * Devices on which sessions run; see devices.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "log.h"
#include "resolve.h"

/* A set of ifindexes, in order once it is sorted. */
struct index_set {
	uint32_t *values;
	size_t count, room;
	bool failed; /* out of memory */
};

static void index_set_add(uint32_t ifindex, void *context)
{
	struct index_set *set = context;

	if (set->count == set->room) {
		size_t room = set->room ? 2 * set->room : 64;
		uint32_t *values = reallocarray(set->values, room, sizeof(*values));

		if (!values) {
			set->failed = true;
			return;
		}
		set->values = values;
		set->room = room;
	}
	set->values[set->count++] = ifindex;
}

static int index_compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static void index_set_sort(struct index_set *set)
{
	size_t kept = 0;

	if (set->count)
		qsort(set->values, set->count, sizeof(*set->values), index_compare);
	for (size_t i = 0; i < set->count; i++)
		if (!kept || set->values[kept - 1] != set->values[i])
			set->values[kept++] = set->values[i];
	set->count = kept;
}

static bool index_set_has(const struct index_set *set, uint32_t ifindex)
{
	return set->count &&
	       bsearch(&ifindex, set->values, set->count, sizeof(*set->values), index_compare);
}

struct devices {
	struct dataplane *dp;
	struct device *first;
	const struct watch *watch;
	struct index_set below;	 /* devices that have others above, as the data plane knows */
	struct index_set nested; /* and those that have VLAN devices on VLAN devices */
	bool below_known;
};

int devices_open(struct dataplane *dp, const struct watch *watch, struct devices **out)
{
	struct devices *devices = calloc(1, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	devices->dp = dp;
	devices->watch = watch;
	*out = devices;
	return 0;
}

void devices_close(struct devices *devices)
{
	if (!devices)
		return;
	while (devices->first) {
		struct device *device = devices->first;

		devices->first = device->next;
		free(device);
	}
	free(devices->below.values);
	free(devices->nested.values);
	free(devices);
}

static struct device *devices_find(const struct devices *devices, uint32_t ifindex)
{
	struct device *device = devices->first;

	while (device && (device->gone || device->ifindex != ifindex))
		device = device->next;
	return device;
}

static void devices_detach(struct devices *devices, uint32_t ifindex)
{
	int error = dataplane_detach(devices->dp, ifindex);

	if (error && error != -ENOENT)
		log_warning("cannot detach from the device with index %u: %s", ifindex,
			    strerror(-error));
}

/* That program of a bond which its ports run natively would take packets for the ports'. */
static enum dataplane_attach devices_best_mode(const struct watch_link *link)
{
	return strcmp(link->kind, "bond") ? DATAPLANE_NATIVE : DATAPLANE_GENERIC;
}

/* Does the device stand on that of ifindex, or is that a port of it? */
static bool devices_is_above(const struct devices *devices, const struct device *device,
			     uint32_t ifindex)
{
	const struct watch_link *link = watch_link(devices->watch, ifindex);

	return device->lower == ifindex || (link && link->master == device->ifindex);
}

/* Mark those that are above that of ifindex, however far. */
static bool devices_mark_above(struct devices *devices, uint32_t ifindex)
{
	bool found = false;

	for (struct device *device = devices->first; device; device = device->next) {
		if (device->gone || device->lifted || !devices_is_above(devices, device, ifindex))
			continue;
		device->lifted = true;
		found = true;
		devices_mark_above(devices, device->ifindex);
	}
	return found;
}

/* Is one of those below it still without the program? */
static bool devices_is_next(const struct devices *devices, const struct device *device)
{
	for (const struct device *other = devices->first; other; other = other->next)
		if (other->lifted && other != device &&
		    devices_is_above(devices, device, other->ifindex))
			return false;
	return true;
}

/* Attach to those that are marked again, the lowest first. */
static void devices_lower(struct devices *devices)
{
	struct device *device = devices->first;

	while (device) {
		enum dataplane_attach mode;
		int error;

		if (!device->lifted || !devices_is_next(devices, device)) {
			device = device->next;
			continue;
		}
		device->lifted = false;
		error = dataplane_attach(devices->dp, device->ifindex, device->best, &mode);
		if (error)
			log_warning("cannot attach to the device with index %u again: %s",
				    device->ifindex, strerror(-error));
		device = devices->first;
	}
}

/* The kernel refuses a program below one that is attached, but not one above. */
static int devices_attach_below(struct devices *devices, const struct watch_link *link,
				enum dataplane_attach *mode)
{
	int result;

	if (!devices_mark_above(devices, link->ifindex))
		return -EBUSY;
	for (struct device *device = devices->first; device; device = device->next)
		if (device->lifted)
			devices_detach(devices, device->ifindex);
	result = dataplane_attach(devices->dp, link->ifindex, devices_best_mode(link), mode);
	devices_lower(devices);
	return result;
}

/*
 * Where its tag can be seen below, the program there is told whose the frames are.  But not if
 * VLAN devices stand on VLAN devices there: the outer tag may be out of its sight, and the
 * inner one be taken for it.
 */
static int devices_set_tag(struct devices *devices, struct device *device)
{
	bool wanted = device->vlan && !device->gone &&
		      !index_set_has(&devices->nested, device->lower);
	int error;

	if (wanted == device->tag_set)
		return 0;
	error = wanted ? dataplane_vlan_add(devices->dp, device->lower, device->vlan_id,
					    device->ifindex)
		       : dataplane_vlan_del(devices->dp, device->lower, device->vlan_id);
	if (!error || !wanted)
		device->tag_set = wanted;
	return error;
}

static int devices_attach(struct devices *devices, const struct watch_link *link,
			  struct device *device, struct session_error *error)
{
	enum dataplane_attach mode;
	int result = dataplane_attach(devices->dp, device->ifindex, device->best, &mode);

	if (result == -EBUSY)
		result = devices_attach_below(devices, link, &mode);
	if (result == -EBUSY)
		return session_fail(error, SESSION_FIELD_DEVICE, result,
				    "another XDP program is on %s", link->name);
	if (result)
		return session_fail(error, SESSION_FIELD_DEVICE, result, "cannot attach to %s: %s",
				    link->name, strerror(-result));
	result = devices_set_tag(devices, device);
	if (!result)
		return 0;
	devices_detach(devices, device->ifindex);
	return session_fail(error, SESSION_FIELD_DEVICE, result, "cannot take the frames of %s: %s",
			    link->name, strerror(-result));
}

/*
 * The TTL shows that a packet comes from a neighbour, but not over a tunnel that leaves the
 * inner one alone (RFC 5881 7).
 */
static void devices_warn_of_tunnel(const struct watch_link *link)
{
	static const char *const kinds[] = {"vxlan",	 "geneve", "gretap",
					    "ip6gretap", "erspan", "ip6erspan"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(link->kind, kinds[i]))
			log_warning("%s is a tunnel: without authentication, whoever can send into "
				    "it can forge BFD packets (RFC 5881 7)",
				    link->name);
}

int devices_use(struct devices *devices, const struct watch_link *link, struct device **out,
		struct session_error *error)
{
	struct device **place = &devices->first, *device;
	int result;

	while (*place && ((*place)->gone || (*place)->ifindex < link->ifindex))
		place = &(*place)->next;
	if (*place && (*place)->ifindex == link->ifindex) {
		(*place)->users++;
		*out = *place;
		return 0;
	}
	device = calloc(1, sizeof(*device));
	if (!device)
		return session_fail(error, SESSION_FIELD_NONE, -ENOMEM, "out of memory");
	device->ifindex = link->ifindex;
	device->vlan = link->vlan;
	device->vlan_id = link->vlan_id;
	device->lower = link->lower;
	device->best = devices_best_mode(link);
	device->fresh = !dataplane_receives(devices->dp, link->ifindex);
	result = devices_attach(devices, link, device, error);
	if (result) {
		free(device);
		return result;
	}
	devices_warn_of_tunnel(link);
	device->users = 1;
	device->next = *place;
	*place = device;
	*out = device;
	return 0;
}

void devices_release(struct devices *devices, struct device *device)
{
	struct device **place = &devices->first;

	if (--device->users)
		return;
	while (*place != device)
		place = &(*place)->next;
	*place = device->next;
	if (!device->gone) {
		device->gone = true;
		devices_set_tag(devices, device);
		devices_detach(devices, device->ifindex);
	}
	free(device);
}

void devices_gone(struct devices *devices, uint32_t ifindex)
{
	struct device *device = devices_find(devices, ifindex);

	if (!device)
		return;
	device->gone = true;
	devices_set_tag(devices, device);
	devices_detach(devices, ifindex);
}

void devices_mend(struct devices *devices, const struct watch *watch,
		  void (*tell)(const struct device *device, bool heard, const char *why,
			       void *context),
		  void *context)
{
	for (struct device *device = devices->first; device; device = device->next) {
		const struct watch_link *link = device->gone ? NULL
							     : watch_link(watch, device->ifindex);
		struct session_error error;
		bool heard;

		if (!link || dataplane_is_attached(devices->dp, device->ifindex))
			continue;
		heard = dataplane_receives(devices->dp, device->ifindex);
		if (!devices_attach(devices, link, device, &error)) {
			device->lost = 0;
			tell(device, heard, NULL, context);
		} else if (++device->lost == 2) { /* at first it may be the device that is gone */
			tell(device, heard, error.text, context);
		}
	}
}

/* ---- what stands on what ---- */

struct stack_walk {
	const struct watch *watch;
	struct index_set below;
	struct index_set nested;
};

static void note_below(const struct watch_link *link, void *context)
{
	struct stack_walk *walk = context;
	const struct watch_link *master = watch_link(walk->watch, link->master);
	const struct watch_link *lower = watch_link(walk->watch, link->lower);

	if (link->lower)
		index_set_add(link->lower, &walk->below);
	if (lower && !strcmp(link->kind, "vlan") && !strcmp(lower->kind, "vlan"))
		index_set_add(lower->lower, &walk->nested);
	/* Frames for a VRF are still those of its port when the program sees them. */
	if (master && strcmp(master->kind, "vrf") != 0)
		index_set_add(link->ifindex, &walk->below);
}

/* Mark, or unmark, those of set that aren't in other. */
static void set_below(struct devices *devices, const struct index_set *set,
		      const struct index_set *other, bool below)
{
	for (size_t i = 0; i < set->count; i++) {
		int error;

		if (index_set_has(other, set->values[i]))
			continue;
		error = dataplane_below_set(devices->dp, set->values[i], below);
		if (error)
			log_warning("cannot tell the data plane what stands on the device with "
				    "index %u: %s",
				    set->values[i], strerror(-error));
	}
}

void devices_follow_stack(struct devices *devices)
{
	struct stack_walk walk = {.watch = devices->watch};

	/* What an agent before this one left there. */
	if (!devices->below_known) {
		dataplane_below_each(devices->dp, index_set_add, &devices->below);
		index_set_sort(&devices->below);
		devices->below_known = true;
	}
	watch_each_link(devices->watch, note_below, &walk);
	index_set_sort(&walk.below);
	index_set_sort(&walk.nested);
	if (walk.below.failed || walk.nested.failed) {
		log_warning("out of memory: devices that stand on others may go unnoticed");
		free(walk.below.values);
		free(walk.nested.values);
		return;
	}
	set_below(devices, &walk.below, &devices->below, true);
	set_below(devices, &devices->below, &walk.below, false);
	free(devices->below.values);
	free(devices->nested.values);
	devices->below = walk.below;
	devices->nested = walk.nested;
	for (struct device *device = devices->first; device; device = device->next)
		devices_set_tag(devices, device);
}

void devices_tidy(struct devices *devices)
{
	int count = dataplane_attached(devices->dp, NULL, 0);
	uint32_t *attached = count > 0 ? calloc((size_t)count, sizeof(*attached)) : NULL;

	if (!attached)
		return;
	dataplane_attached(devices->dp, attached, count);
	for (int i = 0; i < count; i++)
		if (!devices_find(devices, attached[i]))
			devices_detach(devices, attached[i]);
	free(attached);
}

const struct device *devices_from(const struct devices *devices, uint32_t ifindex)
{
	const struct device *device = devices->first;

	while (device && (device->gone || (!device->sessions && !device->listeners) ||
			  device->ifindex < ifindex))
		device = device->next;
	return device;
}

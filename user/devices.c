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

struct devices {
	struct dataplane *dp;
	struct device *first;
};

int devices_open(struct dataplane *dp, struct devices **out)
{
	struct devices *devices = calloc(1, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	devices->dp = dp;
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

/* The kernel refuses a program below one that is attached, but not one above. */
static int devices_attach_below(struct devices *devices, uint32_t ifindex)
{
	enum dataplane_attach mode;
	bool above = false;
	int result;

	for (struct device *device = devices->first; device; device = device->next) {
		if (device->gone || !device->vlan || device->lower != ifindex)
			continue;
		devices_detach(devices, device->ifindex);
		above = true;
	}
	if (!above)
		return -EBUSY;
	result = dataplane_attach(devices->dp, ifindex, &mode);
	for (struct device *device = devices->first; device; device = device->next) {
		int error;

		if (device->gone || !device->vlan || device->lower != ifindex)
			continue;
		error = dataplane_attach(devices->dp, device->ifindex, &mode);
		if (error)
			log_warning("cannot attach to the device with index %u again: %s",
				    device->ifindex, strerror(-error));
	}
	return result;
}

static int devices_attach(struct devices *devices, const struct watch_link *link,
			  struct device *device, struct session_error *error)
{
	enum dataplane_attach mode;
	int result = dataplane_attach(devices->dp, device->ifindex, &mode);

	if (result == -EBUSY)
		result = devices_attach_below(devices, device->ifindex);
	if (result == -EBUSY)
		return session_fail(error, SESSION_FIELD_DEVICE, result,
				    "another XDP program is on %s", link->name);
	if (result)
		return session_fail(error, SESSION_FIELD_DEVICE, result, "cannot attach to %s: %s",
				    link->name, strerror(-result));
	if (!device->vlan)
		return 0;
	result = dataplane_vlan_add(devices->dp, device->lower, device->vlan_id, device->ifindex);
	if (!result)
		return 0;
	devices_detach(devices, device->ifindex);
	return session_fail(error, SESSION_FIELD_DEVICE, result, "cannot take the frames of %s: %s",
			    link->name, strerror(-result));
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
	result = devices_attach(devices, link, device, error);
	if (result) {
		free(device);
		return result;
	}
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
		if (device->vlan)
			dataplane_vlan_del(devices->dp, device->lower, device->vlan_id);
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
	if (device->vlan)
		dataplane_vlan_del(devices->dp, device->lower, device->vlan_id);
	devices_detach(devices, ifindex);
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

	while (device && (device->gone || !device->sessions || device->ifindex < ifindex))
		device = device->next;
	return device;
}

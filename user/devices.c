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

/* Is the program on ifindex wanted by anybody? */
static bool devices_attached(const struct devices *devices, uint32_t ifindex)
{
	for (const struct device *device = devices->first; device; device = device->next)
		if (!device->gone && device->attached == ifindex)
			return true;
	return false;
}

static void devices_detach(struct devices *devices, uint32_t ifindex)
{
	int error = dataplane_detach(devices->dp, ifindex);

	if (error && error != -ENOENT)
		log_warning("cannot detach from the device with index %u: %s", ifindex,
			    strerror(-error));
}

static int devices_attach(struct devices *devices, const struct watch_link *link,
			  struct device *device, struct session_error *error)
{
	enum dataplane_attach mode;
	int result = dataplane_attach(devices->dp, device->attached, &mode);

	if (result == -EBUSY)
		return session_fail(error, SESSION_FIELD_DEVICE, result,
				    "another XDP program is on %s", link->name);
	if (result)
		return session_fail(error, SESSION_FIELD_DEVICE, result, "cannot attach to %s: %s",
				    link->name, strerror(-result));
	if (!device->vlan)
		return 0;
	result =
		dataplane_vlan_add(devices->dp, device->attached, device->vlan_id, device->ifindex);
	if (!result)
		return 0;
	if (!devices_attached(devices, device->attached))
		devices_detach(devices, device->attached);
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
	device->attached = link->vlan ? link->lower : link->ifindex;
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
			dataplane_vlan_del(devices->dp, device->attached, device->vlan_id);
		if (!devices_attached(devices, device->attached))
			devices_detach(devices, device->attached);
	}
	free(device);
}

void devices_gone(struct devices *devices, uint32_t ifindex)
{
	bool attached = devices_attached(devices, ifindex);

	for (struct device *device = devices->first; device; device = device->next) {
		if (device->gone || (device->ifindex != ifindex && device->attached != ifindex))
			continue;
		device->gone = true;
		if (device->vlan)
			dataplane_vlan_del(devices->dp, device->attached, device->vlan_id);
	}
	if (attached)
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
		if (!devices_attached(devices, attached[i]))
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

// SPDX-License-Identifier: GPL-2.0
/*
 * The maps that the agent alone writes, and the counters that it only reads: our
 * addresses, routing domains, VLAN devices, discards.  Sessions are dataplane.c's.
 */
#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "dataplane_internal.h"

int dataplane_global_discards(struct dataplane *dp, uint64_t *counts)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t *values;
	int error = 0;

	if (cpus < 0)
		return cpus;
	values = calloc(cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (uint32_t reason = 0; reason < BFD_DISCARD_COUNT && !error; reason++) {
		counts[reason] = 0;
		if (bpf_map_lookup_elem(dp->discards_fd, &reason, values) < 0)
			error = -errno;
		for (int cpu = 0; cpu < cpus && !error; cpu++)
			counts[reason] += values[cpu];
	}
	free(values);
	return error;
}

int dataplane_local_add(struct dataplane *dp, uint32_t scope, const struct bfd_address *address)
{
	struct bfd_local_key key = {.ifindex = scope, .address = *address};
	uint8_t present = 1;

	return bpf_map_update_elem(dp->local_fd, &key, &present, BPF_ANY) < 0 ? -errno : 0;
}

int dataplane_local_del(struct dataplane *dp, uint32_t scope, const struct bfd_address *address)
{
	struct bfd_local_key key = {.ifindex = scope, .address = *address};

	return bpf_map_delete_elem(dp->local_fd, &key) < 0 ? -errno : 0;
}

int dataplane_local_each(struct dataplane *dp,
			 void (*callback)(const struct bfd_local_key *key, void *context),
			 void *context)
{
	struct bfd_local_key key, next;
	void *previous = NULL;

	while (bpf_map_get_next_key(dp->local_fd, previous, &next) == 0) {
		if (previous)
			callback(&key, context);
		key = next;
		previous = &key;
	}
	if (previous)
		callback(&key, context);
	return errno == ENOENT ? 0 : -errno;
}

int dataplane_domain_set(struct dataplane *dp, uint32_t ifindex, uint32_t domain)
{
	if (domain)
		return bpf_map_update_elem(dp->domains_fd, &ifindex, &domain, BPF_ANY) < 0 ? -errno
											   : 0;
	return bpf_map_delete_elem(dp->domains_fd, &ifindex) < 0 && errno != ENOENT ? -errno : 0;
}

uint32_t dataplane_domain(const struct dataplane *dp, uint32_t ifindex)
{
	uint32_t domain;

	return bpf_map_lookup_elem(dp->domains_fd, &ifindex, &domain) < 0 ? 0 : domain;
}

int dataplane_domains_tidy(struct dataplane *dp, bool (*keep)(uint32_t ifindex, void *context),
			   void *context)
{
	uint32_t ifindex, next;
	void *previous = NULL;

	while (bpf_map_get_next_key(dp->domains_fd, previous, &next) == 0) {
		if (keep(next, context)) {
			ifindex = next;
			previous = &ifindex;
			continue;
		}
		if (bpf_map_delete_elem(dp->domains_fd, &next) < 0)
			return -errno;
	}
	return errno == ENOENT ? 0 : -errno;
}

int dataplane_vlan_add(struct dataplane *dp, uint32_t lower, uint16_t vlan, uint32_t ifindex)
{
	struct bfd_vlan_key key = {.ifindex = lower, .vlan = vlan};

	return bpf_map_update_elem(dp->vlans_fd, &key, &ifindex, BPF_ANY) < 0 ? -errno : 0;
}

int dataplane_vlan_del(struct dataplane *dp, uint32_t lower, uint16_t vlan)
{
	struct bfd_vlan_key key = {.ifindex = lower, .vlan = vlan};

	return bpf_map_delete_elem(dp->vlans_fd, &key) < 0 ? -errno : 0;
}

int dataplane_below_set(struct dataplane *dp, uint32_t ifindex, bool below)
{
	struct bfd_vlan_key key = {.ifindex = ifindex, .vlan = 0};
	uint32_t mark = 1;

	if (below)
		return bpf_map_update_elem(dp->vlans_fd, &key, &mark, BPF_ANY) < 0 ? -errno : 0;
	return bpf_map_delete_elem(dp->vlans_fd, &key) < 0 && errno != ENOENT ? -errno : 0;
}

int dataplane_below_each(struct dataplane *dp, void (*callback)(uint32_t ifindex, void *context),
			 void *context)
{
	struct bfd_vlan_key key;
	void *previous = NULL;

	while (bpf_map_get_next_key(dp->vlans_fd, previous, &key) == 0) {
		if (key.vlan == 0)
			callback(key.ifindex, context);
		previous = &key;
	}
	return errno == ENOENT ? 0 : -errno;
}

int dataplane_listener_set(struct dataplane *dp, const struct bfd_listener_key *key,
			   const struct bfd_listener *listener)
{
	return bpf_map_update_elem(dp->listeners_fd, key, listener, BPF_ANY) < 0 ? -errno : 0;
}

int dataplane_listener_del(struct dataplane *dp, const struct bfd_listener_key *key)
{
	return bpf_map_delete_elem(dp->listeners_fd, key) < 0 ? -errno : 0;
}

int dataplane_listener_each(struct dataplane *dp,
			    void (*callback)(const struct bfd_listener_key *key,
					     const struct bfd_listener *listener, void *context),
			    void *context)
{
	struct bfd_listener_key key;
	struct bfd_listener listener;
	void *previous = NULL;

	while (bpf_map_get_next_key(dp->listeners_fd, previous, &key) == 0) {
		if (bpf_map_lookup_elem(dp->listeners_fd, &key, &listener) == 0)
			callback(&key, &listener, context);
		previous = &key;
	}
	return errno == ENOENT ? 0 : -errno;
}

int dataplane_client_set(struct dataplane *dp, const struct bfd_client_key *key,
			 const struct bfd_config *config)
{
	return bpf_map_update_elem(dp->clients_fd, key, config, BPF_ANY) < 0 ? -errno : 0;
}

int dataplane_client_del(struct dataplane *dp, const struct bfd_client_key *key)
{
	return bpf_map_delete_elem(dp->clients_fd, key) < 0 ? -errno : 0;
}

int dataplane_client_each(struct dataplane *dp,
			  void (*callback)(const struct bfd_client_key *key,
					   const struct bfd_config *config, void *context),
			  void *context)
{
	struct bfd_client_key key;
	struct bfd_config config;
	void *previous = NULL;

	while (bpf_map_get_next_key(dp->clients_fd, previous, &key) == 0) {
		if (bpf_map_lookup_elem(dp->clients_fd, &key, &config) == 0)
			callback(&key, &config, context);
		previous = &key;
	}
	return errno == ENOENT ? 0 : -errno;
}

int dataplane_subscriber_set(struct dataplane *dp, uint32_t port,
			     const struct bfd_subscriber *subscriber)
{
	return bpf_map_update_elem(dp->subscribers_fd, &port, subscriber, BPF_ANY) < 0 ? -errno : 0;
}

int dataplane_subscriber_del(struct dataplane *dp, uint32_t port)
{
	return bpf_map_delete_elem(dp->subscribers_fd, &port) < 0 ? -errno : 0;
}

int dataplane_subscriber_next(struct dataplane *dp, const uint32_t *previous, uint32_t *port,
			      struct bfd_subscriber *subscriber)
{
	if (bpf_map_get_next_key(dp->subscribers_fd, previous, port) < 0)
		return -errno;
	return bpf_map_lookup_elem(dp->subscribers_fd, port, subscriber) < 0 ? -errno : 0;
}

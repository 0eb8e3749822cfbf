// SPDX-License-Identifier: GPL-2.0
/*
 * The index of addresses; see watch_index.h.
 *
 * Addresses are hashed, and so are the subnets that they make.  Which subnets of a link cover an
 * address is found by trying each prefix length that the link has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "watch_index.h"

#define INDEX_BUCKETS 8192

struct watch_index {
	struct watch_address *addresses[INDEX_BUCKETS];
	struct watch_subnet *subnets[INDEX_BUCKETS];
};

struct watch_index *watch_index_new(void)
{
	return calloc(1, sizeof(struct watch_index));
}

void watch_index_free(struct watch_index *index)
{
	free(index);
}

/* FNV-1a */
static size_t bucket(uint32_t number, const struct bfd_address *address)
{
	uint32_t hash = (2166136261U ^ number) * 16777619U;

	for (size_t i = 0; i < sizeof(address->bytes); i++)
		hash = (hash ^ address->bytes[i]) * 16777619U;
	return (hash ^ hash >> 16) % INDEX_BUCKETS;
}

/* Link-local ones are mostly the same on many links. */
static size_t address_bucket(uint32_t ifindex, const struct bfd_address *address)
{
	return bucket(address_is_link_local(address) ? ifindex : 0, address);
}

/* ---- addresses ---- */

const struct watch_address *watch_index_first(const struct watch_index *index, uint32_t ifindex,
					      const struct bfd_address *address)
{
	return index->addresses[address_bucket(ifindex, address)];
}

const struct watch_address *watch_next_address(const struct watch_link *link,
					       const struct bfd_address *address,
					       const struct watch_address *after)
{
	const struct watch_address *found =
		after ? after->next_hashed : watch_index_first(link->index, link->ifindex, address);

	while (found && !(found->link == link && address_equal(&found->address, address)))
		found = found->next_hashed;
	return found;
}

const struct watch_address *watch_find_address(const struct watch_link *link,
					       const struct bfd_address *address)
{
	return watch_next_address(link, address, NULL);
}

/* ---- subnets ---- */

static struct bfd_address masked(const struct bfd_address *address, unsigned int length)
{
	struct bfd_address result = {};

	memcpy(result.bytes, address->bytes, length / 8);
	if (length % 8)
		result.bytes[length / 8] =
			(uint8_t)(address->bytes[length / 8] & (0xff00U >> (length % 8)));
	return result;
}

static struct watch_subnet **subnet_place(struct watch_index *index, const struct watch_link *link,
					  const struct bfd_address *prefix, unsigned int length)
{
	struct watch_subnet **place = &index->subnets[bucket(link->ifindex << 8 | length, prefix)];

	while (*place && !((*place)->link == link && (*place)->length == length &&
			   address_equal(&(*place)->prefix, prefix)))
		place = &(*place)->next_hashed;
	return place;
}

const struct watch_subnet *watch_next_subnet(const struct watch_link *link,
					     const struct bfd_address *address, unsigned int *below)
{
	while (*below) {
		unsigned int length = --*below;
		struct bfd_address prefix;
		const struct watch_subnet *subnet;

		if (!link->subnets[length])
			continue;
		prefix = masked(address, length);
		subnet = *subnet_place(link->index, link, &prefix, length);
		if (subnet)
			return subnet;
	}
	return NULL;
}

static struct watch_subnet *subnet_get(struct watch_index *index, struct watch_link *link,
				       const struct bfd_address *address, unsigned int length)
{
	struct bfd_address prefix = masked(address, length);
	struct watch_subnet **place = subnet_place(index, link, &prefix, length);
	struct watch_subnet *subnet = *place;

	if (subnet)
		return subnet;
	subnet = calloc(1, sizeof(*subnet));
	if (!subnet)
		return NULL;
	subnet->link = link;
	subnet->prefix = prefix;
	subnet->length = length;
	subnet->last = &subnet->first;
	link->subnets[length]++;
	*place = subnet;
	return subnet;
}

static void subnet_put(struct watch_index *index, struct watch_link *link,
		       struct watch_subnet *subnet)
{
	struct watch_subnet **place;

	if (subnet->first)
		return;
	place = subnet_place(index, link, &subnet->prefix, subnet->length);
	*place = subnet->next_hashed;
	link->subnets[subnet->length]--;
	free(subnet);
}

/* ---- in and out ---- */

int watch_index_add(struct watch_index *index, struct watch_address *address)
{
	struct watch_link *link = address->link;
	struct watch_subnet *subnet =
		subnet_get(index, link, &address->prefix, address->prefix_length);
	struct watch_address **place =
		&index->addresses[address_bucket(link->ifindex, &address->address)];

	if (!subnet)
		return -ENOMEM;
	/* In the order in which they came: the first one counts. */
	while (*place)
		place = &(*place)->next_hashed;
	address->next_hashed = NULL;
	*place = address;
	address->subnet = subnet;
	address->next_in_subnet = NULL;
	address->place_in_subnet = subnet->last;
	*subnet->last = address;
	subnet->last = &address->next_in_subnet;
	return 0;
}

void watch_index_del(struct watch_index *index, struct watch_address *address)
{
	struct watch_link *link = address->link;
	struct watch_subnet *subnet = address->subnet;
	struct watch_address **place =
		&index->addresses[address_bucket(link->ifindex, &address->address)];

	while (*place != address)
		place = &(*place)->next_hashed;
	*place = address->next_hashed;
	*address->place_in_subnet = address->next_in_subnet;
	if (address->next_in_subnet)
		address->next_in_subnet->place_in_subnet = address->place_in_subnet;
	else
		subnet->last = address->place_in_subnet;
	subnet_put(index, link, subnet);
}

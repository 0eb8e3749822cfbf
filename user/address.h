/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be said of an address by looking at it alone: family, kind, text.
 * It must not know devices or routes.
 */
#ifndef IPBFD_ADDRESS_H
#define IPBFD_ADDRESS_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../kern/abi.h"

/* Room for the text of an address. */
struct address_text {
	char text[INET6_ADDRSTRLEN];
};

static const uint8_t address_v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

static inline bool address_is_v4(const struct bfd_address *address)
{
	return !memcmp(address->bytes, address_v4_prefix, sizeof(address_v4_prefix));
}

/* AF_INET or AF_INET6. */
static inline int address_family(const struct bfd_address *address)
{
	return address_is_v4(address) ? AF_INET : AF_INET6;
}

/* The bytes as they stand in netlink attributes and packets, and how many they are. */
static inline const void *address_data(const struct bfd_address *address)
{
	return address_is_v4(address) ? address->bytes + sizeof(address_v4_prefix) : address->bytes;
}

static inline int address_length(const struct bfd_address *address)
{
	return address_is_v4(address) ? 4 : 16;
}

/* From 4 or 16 bytes in network order; false: another length. */
static inline bool address_set(struct bfd_address *address, const void *data, int length)
{
	if (length == 16) {
		memcpy(address->bytes, data, 16);
		return true;
	}
	if (length != 4)
		return false;
	memcpy(address->bytes, address_v4_prefix, sizeof(address_v4_prefix));
	memcpy(address->bytes + sizeof(address_v4_prefix), data, 4);
	return true;
}

static inline bool address_equal(const struct bfd_address *a, const struct bfd_address *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* All zero: not known.  The IPv4 address 0.0.0.0 isn't that one. */
static inline bool address_is_none(const struct bfd_address *address)
{
	static const struct bfd_address none;

	return address_equal(address, &none);
}

/* fe80::/10.  IPv4 link-local addresses need no scope, so they aren't meant. */
static inline bool address_is_link_local(const struct bfd_address *address)
{
	return address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

/* Are the first length bits the same?  IPv4 prefix lengths are to be raised by 96. */
static inline bool address_in_prefix(const struct bfd_address *address,
				     const struct bfd_address *prefix, unsigned int length)
{
	unsigned int bytes = length / 8, bits = length % 8;

	if (memcmp(address->bytes, prefix->bytes, bytes) != 0)
		return false;
	return !bits || !((address->bytes[bytes] ^ prefix->bytes[bytes]) >> (8 - bits));
}

/* Why no BFD session can have it as an end, as in "224.0.0.1 is " ...; NULL: it can. */
static inline const char *address_unusable(const struct bfd_address *address)
{
	const uint8_t *bytes = address->bytes;

	if (address_is_v4(address)) {
		bytes += sizeof(address_v4_prefix);
		if (bytes[0] == 0)
			return "unspecified";
		if (bytes[0] == 127)
			return "a loopback address";
		if (bytes[0] >= 224 && bytes[0] <= 239)
			return "a multicast address";
		if (!memcmp(bytes, "\xff\xff\xff\xff", 4))
			return "the broadcast address";
		return bytes[0] >= 240 ? "a reserved address" : NULL;
	}
	if (bytes[0] == 0xff)
		return "a multicast address";
	if (!memcmp(bytes, &in6addr_any, 16))
		return "unspecified";
	return !memcmp(bytes, &in6addr_loopback, 16) ? "a loopback address" : NULL;
}

static inline struct address_text address_format(const struct bfd_address *address)
{
	struct address_text text;

	inet_ntop(address_family(address), address_data(address), text.text, sizeof(text.text));
	return text;
}

#endif /* IPBFD_ADDRESS_H */

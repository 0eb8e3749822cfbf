/* SPDX-License-Identifier: GPL-2.0 */
/*
 * On a point-to-point link the first packet is accepted from any source (RFC 5881 6): the
 * second entry of such a session in the addresses map.  One session for each device and
 * family has it, the first.  It must not touch what is sent: what was received never changes
 * where our packets go.
 */
#ifndef IPBFD_ANY_SOURCE_H
#define IPBFD_ANY_SOURCE_H

#include "maps.h"

BFD_INLINE void bfd_any_source_key(struct bfd_address_key *key, __u32 ifindex, int is_ipv6)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->ifindex = ifindex;
	key->multihop = BFD_KEY_ANY_SOURCE;
	if (!is_ipv6) {
		key->remote.bytes[10] = 0xff;
		key->remote.bytes[11] = 0xff;
	}
}

/* The same, of a session that has the key own. */
BFD_INLINE void bfd_any_source_key_of(struct bfd_address_key *key,
				      const struct bfd_address_key *own)
{
	int mapped = own->remote.bytes[10] == 0xff && own->remote.bytes[11] == 0xff;

	for (int i = 0; i < 10; i++)
		mapped &= own->remote.bytes[i] == 0;
	bfd_any_source_key(key, own->ifindex, !mapped);
}

/* Returns 1 if the session of this slot has it now. */
BFD_INLINE __u8 bfd_any_source_claim(const struct bfd_address_key *own, __u32 slot)
{
	struct bfd_address_key key;

	if (own->ifindex == 0 || own->multihop)
		return 0;
	bfd_any_source_key_of(&key, own);
	return bpf_map_update_elem(&addresses, &key, &slot, BPF_NOEXIST) == 0;
}

BFD_INLINE void bfd_any_source_release(const struct bfd_address_key *own)
{
	struct bfd_address_key key;

	bfd_any_source_key_of(&key, own);
	bpf_map_delete_elem(&addresses, &key);
}

/* Returns the slot, or -1: none.  Global, for a stack frame that isn't its caller's too. */
__attribute__((noinline)) long bfd_any_source_slot(__u32 ifindex, __u32 is_ipv6)
{
	struct bfd_address_key key;
	__u32 *slot;

	bfd_any_source_key(&key, ifindex, is_ipv6 != 0);
	slot = bpf_map_lookup_elem(&addresses, &key);
	return slot ? (long)*slot : -1;
}

#endif /* IPBFD_ANY_SOURCE_H */

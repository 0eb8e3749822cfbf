/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Authentication of what arrives: the packet is fetched, its key looked for, the digest made. All
 * of it before the session is locked, for hashing takes longer than a lock may be held; what
 * was shown is claimed under the lock (bfd_auth_admit).  It must not write to the session.
 */
#ifndef IPBFD_RX_AUTH_H
#define IPBFD_RX_AUTH_H

#include "maps.h"

/* In and out of bfd_rx_authenticate(). */
struct bfd_rx_auth {
	struct bfd_auth_claim claim; /* out */
	__u32 slot;
	__u32 offset; /* of the packet in the frame */
	__u32 length; /* its Length */
};

/* Is the packet good by this?  Global: verified once.  Returns a reason to discard, or BFD_ACCEPT.
 */
BFD_GLOBAL int bfd_rx_auth_try(struct bfd_section *section, struct bfd_auth_config *config)
{
	struct bfd_key_chain *chain;
	enum bfd_discard_reason reason;
	__u32 number;
	int place;

	if (!section || !config)
		return BFD_DISCARD_AUTH_KEY;
	reason = bfd_section_form(section, config->type);
	if (reason != BFD_ACCEPT)
		return reason;
	number = config->chain; /* 6.1 takes keys of maps from its own stack only */
	chain = bpf_map_lookup_elem(&key_chains, &number);
	if (!chain)
		return BFD_DISCARD_AUTH_KEY;
	place = bfd_auth_key_to_accept(chain, config->type,
				       section->packet.bytes[BFD_SECTION_KEY_ID],
				       bpf_ktime_get_tai_ns());
	if (place < 0 || place >= BFD_MAX_CHAIN_KEYS)
		return BFD_DISCARD_AUTH_KEY;
	return bfd_section_verify(section, &chain->keys[place], config->hmac);
}

/* Fetch the packet.  Returns 0 or a negative errno. */
BFD_INLINE long bfd_rx_auth_load(struct xdp_md *context, const struct bfd_rx_auth *rx,
				 struct bfd_section *section)
{
	__u32 length = ((rx->length - 1) & 0xff) + 1; /* redundant, but 6.1 must see it */

	__builtin_memset(&section->packet.blocks[0], 0, BFD_HASH_BLOCK);
	if (length >= BFD_HASH_BLOCK - 8)
		__builtin_memset(&section->packet.blocks[1], 0,
				 (BFD_HASH_BLOCKS - 1) * BFD_HASH_BLOCK);
	section->length = length;
	return bpf_xdp_load_bytes(context, rx->offset, section->packet.bytes, length);
}

/* Global: verified once.  Returns a reason to discard, or BFD_ACCEPT with rx->claim filled in. */
BFD_GLOBAL int bfd_rx_authenticate(struct xdp_md *context, struct bfd_rx_auth *rx)
{
	struct bfd_auth_config used, awaited;
	struct bfd_section *section;
	struct bfd_session *session;
	__u32 place = BFD_SECTION_RX;
	int reason, awaiting;

	section = bpf_map_lookup_elem(&sections, &place);
	if (!rx || !section)
		return BFD_DISCARD_AUTH_KEY;
	session = bfd_session_at(rx->slot);
	if (!session || bfd_rx_auth_load(context, rx, section) != 0)
		return BFD_DISCARD_AUTH_LENGTH;
	/* They may change meanwhile: then nobody awaits what is claimed. */
	used = session->auth.used;
	awaited = session->auth.awaited;
	awaiting = session->auth.awaiting;
	bfd_section_keep(section);
	rx->claim.sequence = bfd_swap32(section->packet.words[BFD_SECTION_SEQUENCE_WORD]);
	rx->claim.config = used;
	if (used.type == BFD_AUTH_NONE)
		reason = BFD_DISCARD_AUTH_UNEXPECTED;
	else
		reason = bfd_rx_auth_try(section, &used);
	if (reason != BFD_ACCEPT && awaiting && awaited.type != BFD_AUTH_NONE &&
	    bfd_rx_auth_try(section, &awaited) == BFD_ACCEPT) {
		rx->claim.config = awaited;
		reason = BFD_ACCEPT;
	}
	return reason;
}

#endif /* IPBFD_RX_AUTH_H */

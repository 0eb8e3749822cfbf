/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Authentication of what arrives: the packet is fetched, its key looked for, the digest made. All
 * of it before the session is locked, for hashing takes longer than a lock may be held; what
 * was shown is claimed under the lock (bfd_auth_admit).  It must not write to the session.
 */
#ifndef IPBFD_RX_AUTH_H
#define IPBFD_RX_AUTH_H

#include <linux/errno.h>

#include "input.h"
#include "maps.h"

/* In and out of bfd_rx_authenticate(). */
struct bfd_rx_auth {
	struct bfd_auth_claim claim; /* out */
	__u32 slot;
	__u32 offset; /* of the packet in the frame */
	__u32 length; /* its Length */
};

/*
 * Is the packet good by this?  Global: verified once.  Returns a reason to discard, or BFD_ACCEPT;
 * -EAGAIN: the agent wrote the chain meanwhile.
 */
BFD_GLOBAL int bfd_rx_auth_look(struct bfd_section *section, struct bfd_auth_config *config)
{
	struct bfd_key_chain *chain;
	enum bfd_discard_reason reason;
	__u32 number, begun;
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
	begun = bfd_chain_begin(chain);
	place = bfd_auth_key_to_accept(chain, config->type,
				       section->packet.bytes[BFD_SECTION_KEY_ID],
				       bpf_ktime_get_tai_ns());
	if (place < 0 || place >= BFD_MAX_CHAIN_KEYS)
		reason = BFD_DISCARD_AUTH_KEY;
	else
		reason = bfd_section_verify(section, &chain->keys[place], config->hmac);
	return bfd_chain_is_whole(chain, begun) ? (int)reason : -EAGAIN;
}

/* As that, once more if need be. */
BFD_INLINE int bfd_rx_auth_try(struct bfd_section *section, struct bfd_auth_config *config)
{
	int reason = bfd_rx_auth_look(section, config);

	if (reason < 0)
		reason = bfd_rx_auth_look(section, config);
	return reason < 0 ? BFD_DISCARD_AUTH_KEY : reason;
}

/* Fetch the packet.  Returns 0 or a negative errno. */
BFD_INLINE long bfd_rx_auth_load(struct bfd_input input, const struct bfd_rx_auth *rx,
				 struct bfd_section *section)
{
	__u32 length = ((rx->length - 1) & 0xff) + 1; /* redundant, but 6.1 must see it */

	__builtin_memset(&section->packet.blocks[0], 0, BFD_HASH_BLOCK);
	if (length >= BFD_HASH_BLOCK - 8)
		__builtin_memset(&section->packet.blocks[1], 0,
				 (BFD_HASH_BLOCKS - 1) * BFD_HASH_BLOCK);
	section->length = length;
	return bfd_input_load(input, rx->offset, section->packet.bytes, length);
}

/* By what is used, else by what is awaited.  Returns a reason to discard, or BFD_ACCEPT. */
BFD_INLINE int bfd_rx_auth_judge(const struct bfd_session *session, struct bfd_section *section,
				 struct bfd_auth_claim *claim)
{
	/* They may change meanwhile: then nobody awaits what is claimed. */
	struct bfd_auth_config used = session->auth.used, awaited = session->auth.awaited;
	int awaiting = session->auth.awaiting && awaited.type != BFD_AUTH_NONE;
	int reason = BFD_DISCARD_AUTH_UNEXPECTED, other;

	bfd_section_keep(section);
	claim->sequence = bfd_swap32(section->packet.words[BFD_SECTION_SEQUENCE_WORD]);
	claim->config = used;
	if (used.type != BFD_AUTH_NONE)
		reason = bfd_rx_auth_try(section, &used);
	if (reason == BFD_ACCEPT || !awaiting)
		return reason;
	other = bfd_rx_auth_try(section, &awaited);
	if (other == BFD_ACCEPT)
		claim->config = awaited;
	/* Why the step isn't taken is what the operator wants to know. */
	return other == BFD_ACCEPT || used.type == BFD_AUTH_NONE ? other : reason;
}

/* Returns a reason to discard, or BFD_ACCEPT with rx->claim filled in. */
BFD_INLINE int bfd_rx_authenticate(struct bfd_input input, struct bfd_rx_auth *rx)
{
	int reason = BFD_DISCARD_AUTH_LENGTH;
	__u32 place = BFD_SECTION_RX;
	struct bfd_section *section;
	struct bfd_session *session;

	section = bpf_map_lookup_elem(&sections, &place);
	if (!rx || !section)
		return BFD_DISCARD_AUTH_KEY;
	session = bfd_session_at(rx->slot);
	/* On a PREEMPT_RT kernel another packet may come in between on this processor. */
	if (!session || __sync_val_compare_and_swap(&section->busy, 0, 1) != 0)
		return BFD_DISCARD_AUTH_KEY;
	if (bfd_rx_auth_load(input, rx, section) == 0)
		reason = bfd_rx_auth_judge(session, section, &rx->claim);
	__sync_val_compare_and_swap(&section->busy, 1, 0);
	return reason;
}

/* Global: verified once, for each kind of program. */

BFD_GLOBAL int bfd_rx_authenticate_xdp(struct xdp_md *context, struct bfd_rx_auth *rx)
{
	return bfd_rx_authenticate((struct bfd_input){.context = context}, rx);
}

BFD_GLOBAL int bfd_rx_authenticate_tc(struct __sk_buff *context, struct bfd_rx_auth *rx)
{
	return bfd_rx_authenticate((struct bfd_input){.context = context, .tc = 1}, rx);
}

#endif /* IPBFD_RX_AUTH_H */

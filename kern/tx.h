/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a control or echo packet to a frame on a device, made in the frame that a tick or an
 * answer has at hand, and sent as a clone of it.  The header is the session's ready one; only the
 * UDP checksum is filled in.  It must not decide when to send.
 */
#ifndef IPBFD_TX_H
#define IPBFD_TX_H

#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>

#include "checksum.h"
#include "echo.h"
#include "maps.h"
#include "packet.h"

#define BFD_HEADER_V4 42 /* Ethernet 14, IPv4 20, UDP 8 */
#define BFD_HEADER_V6 62

#define BFD_TX_ROOM 56 /* for the checksum: the longest packet that we send, 52, and zeroes */

/* A packet on its way out: copied from the session under its lock. */
struct bfd_tx {
	struct bfd_path path;
	union {
		struct bfd_packet packet;
		struct bfd_echo_packet echo;
	};
	struct bfd_auth_config auth; /* of a control packet */
	__u32 sequence;		     /* its authentication's */
	__u32 reserved;
};

/*
 * The packet with its authentication section.  Global: verified once.  Returns its length, or a
 * negative errno, -ENOKEY: there is none to send with, -EAGAIN: the agent wrote the chain
 * meanwhile. Who calls holds bfd_clock.busy, so that nobody else is at work in the same room.
 */
__attribute__((noinline)) int bfd_tx_authenticate(struct bfd_tx *tx)
{
	__u32 where = BFD_SECTION_TX;
	struct bfd_section *section;
	struct bfd_key_chain *chain;
	__u32 number, begun;
	int place;

	section = bpf_map_lookup_elem(&sections, &where);
	if (!tx || !section)
		return -EINVAL;
	number = tx->auth.chain;
	chain = bpf_map_lookup_elem(&key_chains, &number);
	if (!chain)
		return -ENOKEY;
	begun = bfd_chain_begin(chain);
	place = bfd_auth_key_to_send(chain, tx->auth.type, bpf_ktime_get_tai_ns());
	if (place < 0 || place >= BFD_MAX_CHAIN_KEYS)
		return bfd_chain_is_whole(chain, begun) ? -ENOKEY : -EAGAIN;
	__builtin_memset(&section->packet.blocks[0], 0, BFD_HASH_BLOCK);
	__builtin_memcpy(section->packet.bytes, &tx->packet, BFD_PACKET_LENGTH);
	bfd_section_write(section, &chain->keys[place], tx->sequence, tx->auth.hmac);
	return bfd_chain_is_whole(chain, begun) ? (int)section->length : -EAGAIN;
}

/* The ready header is for a plain packet: extra bytes follow it.  Sets the checksums. */
BFD_INLINE void bfd_tx_finish_header(struct bfd_path *path, __u64 body_sum, __u16 extra)
{
	__u16 *words = (__u16 *)path->header; /* the Ethernet header is of 7 */
	__u64 sum = body_sum + path->udp_checksum_base + 2 * (__u32)bfd_swap16(extra);
	__u16 check = ~bfd_checksum_fold(sum);

	check = check ? check : 0xffff; /* 0 would say: none */
	if (path->header_length == BFD_HEADER_V6) {
		words[9] = bfd_swap16(bfd_swap16(words[9]) + extra);
		words[29] = bfd_swap16(bfd_swap16(words[29]) + extra);
		words[30] = check;
	} else {
		words[8] = bfd_swap16(bfd_swap16(words[8]) + extra);
		/* RFC 1624: of the complement the sum. */
		words[12] = ~bfd_checksum_fold((__u64)(__u16)~words[12] + bfd_swap16(extra));
		words[19] = bfd_swap16(bfd_swap16(words[19]) + extra);
		words[20] = check;
	}
}

/* Make the frame's bytes those of header and body.  Returns 0 or a negative errno. */
BFD_INLINE long bfd_tx_store(struct __sk_buff *skb, struct bfd_tx *tx, void *body, __u32 length)
{
	__u32 header_length = tx->path.header_length == BFD_HEADER_V6 ? BFD_HEADER_V6
								      : BFD_HEADER_V4;
	long error = 0;

	if (skb->len != header_length + length)
		error = bpf_skb_change_tail(skb, header_length + length, 0);
	if (error)
		return error;
	if (tx->path.header_length == BFD_HEADER_V6) {
		error = bpf_skb_store_bytes(skb, 0, tx->path.header, BFD_HEADER_V6, 0);
		return error ? error
			     : bpf_skb_store_bytes(skb, BFD_HEADER_V6, body, length,
						   BPF_F_INVALIDATE_HASH);
	}
	error = bpf_skb_store_bytes(skb, 0, tx->path.header, BFD_HEADER_V4, 0);
	return error ? error
		     : bpf_skb_store_bytes(skb, BFD_HEADER_V4, body, length, BPF_F_INVALIDATE_HASH);
}

/* Make the frame the packet.  Returns 0 or a negative errno. */
BFD_INLINE long bfd_tx_fill(struct __sk_buff *skb, struct bfd_tx *tx)
{
	__u32 where = BFD_SECTION_TX;
	struct bfd_section *section;
	int length;

	if (tx->auth.type == BFD_AUTH_NONE) {
		bfd_tx_finish_header(
			&tx->path,
			bfd_checksum_words((const __u32 *)&tx->packet, BFD_PACKET_LENGTH / 4), 0);
		return bfd_tx_store(skb, tx, &tx->packet, BFD_PACKET_LENGTH);
	}
	length = bfd_tx_authenticate(tx);
	if (length == -EAGAIN)
		length = bfd_tx_authenticate(tx);
	if (length < 0)
		return length;
	section = bpf_map_lookup_elem(&sections, &where);
	if (!section || length < BFD_AUTH_PACKET_LENGTH || length > BFD_TX_ROOM)
		return -EINVAL;
	bfd_tx_finish_header(&tx->path, bfd_checksum_words(section->packet.words, BFD_TX_ROOM / 4),
			     (__u16)(length - BFD_PACKET_LENGTH));
	return bfd_tx_store(skb, tx, section->packet.bytes, length);
}

/* Returns 0 or a negative errno.  skb is the tick frame, whose bytes are used up. */
__attribute__((noinline)) int bfd_tx_send(struct __sk_buff *skb, struct bfd_tx *tx)
{
	long error;

	if (!tx || tx->path.ifindex == 0)
		return -ENETUNREACH;
	error = bfd_tx_fill(skb, tx);
	if (error)
		return error;
	/* Ahead of data in a full queue of the device. */
	skb->priority = TC_PRIO_CONTROL;
	return bpf_clone_redirect(skb, tx->path.ifindex, 0);
}

#endif /* IPBFD_TX_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What MD5 and SHA1 share: 64-byte blocks of a message, and its padding (RFC 1321 3.1, FIPS
 * 180-4 5.1.1).  Pure.  It must not know what is hashed.
 */
#ifndef IPBFD_HASH_H
#define IPBFD_HASH_H

#include "portable.h"

#define BFD_HASH_BLOCK 64
#define BFD_HASH_BLOCKS 5 /* the longest control packet has 255 bytes, the padding at least 9 */

struct bfd_hash {
	__u32 words[5];	    /* MD5 has four */
	__u32 schedule[16]; /* SHA1's, of 80 words the last 16 */
};

struct bfd_hash_block {
	__u32 words[BFD_HASH_BLOCK / 4];
};

/* length bytes of a message, and zeroes behind. */
union bfd_hash_message {
	__u8 bytes[BFD_HASH_BLOCKS * BFD_HASH_BLOCK];
	__u32 words[BFD_HASH_BLOCKS * BFD_HASH_BLOCK / 4];
	struct bfd_hash_block blocks[BFD_HASH_BLOCKS];
};

BFD_INLINE __u32 bfd_rotate_left(__u32 value, int bits)
{
	return value << bits | value >> (32 - bits);
}

/*
 * Steps are worked off in their order, and memory is memory: for more speed the compiler would
 * have more words at hand than the stack of a BPF program holds.
 */
#define bfd_hash_in_order(word) __asm__ volatile("" : "+r"(word) : : "memory")

/*
 * Append the padding.  before is how many bytes were hashed before this message.  Returns the
 * number of blocks, 0 if it is too long.
 */
BFD_INLINE __u32 bfd_hash_pad(union bfd_hash_message *message, __u32 length, __u32 before,
			      int big_endian)
{
	__u32 blocks = (length + 9 + BFD_HASH_BLOCK - 1) / BFD_HASH_BLOCK;
	__u32 bits = (length + before) * 8;
	__u32 last;

	if (blocks < 1 || blocks > BFD_HASH_BLOCKS || length >= sizeof(message->bytes))
		return 0;
	last = blocks * (BFD_HASH_BLOCK / 4) - 1;
	message->bytes[length] = 0x80;
	/* 64 bits, the upper half of which is zero. */
	message->words[last - 1] = big_endian ? 0 : bfd_little32(bits);
	message->words[last] = big_endian ? bfd_swap32(bits) : 0;
	return blocks;
}

#endif /* IPBFD_HASH_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SHA1 (FIPS 180-4) of one block.  RFC 5880 6.7.4 wants it; for nothing else.  Pure.
 */
#ifndef IPBFD_SHA1_H
#define IPBFD_SHA1_H

#include "hash.h"

BFD_INLINE void bfd_sha1_start(struct bfd_hash *hash)
{
	hash->words[0] = 0x67452301;
	hash->words[1] = 0xefcdab89;
	hash->words[2] = 0x98badcfe;
	hash->words[3] = 0x10325476;
	hash->words[4] = 0xc3d2e1f0;
}

/* The step's function and constant (FIPS 180-4 4.1.1, 4.2.1). */
BFD_INLINE __u32 bfd_sha1_mix(int step, __u32 b, __u32 c, __u32 d)
{
	switch (step / 20) {
	case 0:
		return (d ^ (b & (c ^ d))) + 0x5a827999;
	case 1:
		return (b ^ c ^ d) + 0x6ed9eba1;
	case 2:
		return ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
	default:
		return (b ^ c ^ d) + 0xca62c1d6;
	}
}

/* Add a block to the hash.  Returns 0, or -1 for the verifier, which wants pointers tested. */
BFD_GLOBAL int bfd_sha1_block(struct bfd_hash *hash, struct bfd_hash_block *block)
{
	__u32 a, b, c, d, e, t;
	__u32 *schedule;

	if (!hash || !block)
		return -1;
	schedule = hash->schedule;
	a = hash->words[0];
	b = hash->words[1];
	c = hash->words[2];
	d = hash->words[3];
	e = hash->words[4];
	BFD_UNROLL
	for (int i = 0; i < 80; i++) {
		t = i < 16 ? bfd_swap32(block->words[i & 15])
			   : bfd_rotate_left(schedule[(i - 3) & 15] ^ schedule[(i - 8) & 15] ^
						     schedule[(i - 14) & 15] ^ schedule[i & 15],
					     1);
		schedule[i & 15] = t;
		bfd_hash_in_order(t);
		t += bfd_rotate_left(a, 5) + bfd_sha1_mix(i, b, c, d) + e;
		e = d;
		d = c;
		c = bfd_rotate_left(b, 30);
		b = a;
		a = t;
	}
	hash->words[0] += a;
	hash->words[1] += b;
	hash->words[2] += c;
	hash->words[3] += d;
	hash->words[4] += e;
	return 0;
}

#endif /* IPBFD_SHA1_H */

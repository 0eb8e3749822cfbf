/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MD5 (RFC 1321) of one block.  RFC 5880 6.7.3 wants it; for nothing else.  Pure.
 */
#ifndef IPBFD_MD5_H
#define IPBFD_MD5_H

#include "hash.h"

/* RFC 1321 3.4: 2^32 times the absolute value of the sine of 1 to 64. */
static const __u32 bfd_md5_sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
	0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
	0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
	0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
	0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
	0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
	0xeb86d391,
};

BFD_INLINE void bfd_md5_start(struct bfd_hash *hash)
{
	hash->words[0] = 0x67452301;
	hash->words[1] = 0xefcdab89;
	hash->words[2] = 0x98badcfe;
	hash->words[3] = 0x10325476;
}

/* The step's function of the three other words (RFC 1321 3.4). */
BFD_INLINE __u32 bfd_md5_mix(int step, __u32 b, __u32 c, __u32 d)
{
	switch (step / 16) {
	case 0:
		return d ^ (b & (c ^ d));
	case 1:
		return c ^ (d & (b ^ c));
	case 2:
		return b ^ c ^ d;
	default:
		return c ^ (b | ~d);
	}
}

BFD_INLINE int bfd_md5_word(int step)
{
	switch (step / 16) {
	case 0:
		return step % 16;
	case 1:
		return (5 * step + 1) % 16;
	case 2:
		return (3 * step + 5) % 16;
	default:
		return (7 * step) % 16;
	}
}

BFD_INLINE int bfd_md5_shift(int step)
{
	static const __u8 shifts[4][4] = {
		{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

	return shifts[step / 16][step % 4];
}

/* Add a block to the hash.  Returns 0, or -1 for the verifier, which wants pointers tested. */
BFD_GLOBAL int bfd_md5_block(struct bfd_hash *hash, struct bfd_hash_block *block)
{
	__u32 a, b, c, d, t;

	if (!hash || !block)
		return -1;
	a = hash->words[0];
	b = hash->words[1];
	c = hash->words[2];
	d = hash->words[3];
	BFD_UNROLL
	for (int i = 0; i < 64; i++) {
		t = a + bfd_md5_mix(i, b, c, d) + bfd_md5_sines[i] +
		    bfd_little32(block->words[bfd_md5_word(i)]);
		bfd_hash_in_order(t);
		a = d;
		d = c;
		c = b;
		b += bfd_rotate_left(t, bfd_md5_shift(i));
	}
	hash->words[0] += a;
	hash->words[1] += b;
	hash->words[2] += c;
	hash->words[3] += d;
	return 0;
}

#endif /* IPBFD_MD5_H */

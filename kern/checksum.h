/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Internet checksums (RFC 1071) over what fits in registers and small structs.
 * Pure; sums are over the bytes as they lie in memory, so no swapping is needed.
 */
#ifndef IPBFD_CHECKSUM_H
#define IPBFD_CHECKSUM_H

#include "abi.h"
#include "portable.h"

/* A sum folded to 16 bits, not complemented. */
BFD_INLINE __u16 bfd_checksum_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

/* words 32-bit words, a constant at every call so that the loop is unrolled. */
BFD_INLINE __u64 bfd_checksum_words(const __u32 *data, int words)
{
	__u64 sum = 0;

#pragma GCC unroll 16
	for (int i = 0; i < words; i++)
		sum += data[i];
	return sum;
}

/*
 * The pseudo header (RFC 768, RFC 8200 8.1); length is the UDP length in host
 * order.  v4-mapped addresses are summed without their prefix.
 */
BFD_INLINE __u64 bfd_checksum_pseudo(const struct bfd_address *source,
				     const struct bfd_address *destination, int is_ipv6,
				     __u32 length)
{
	const __u32 *s = (const __u32 *)source->bytes;
	const __u32 *d = (const __u32 *)destination->bytes;
	__u64 sum = (__u64)s[3] + d[3];

	if (is_ipv6)
		sum += (__u64)s[0] + s[1] + s[2] + d[0] + d[1] + d[2];
	return sum + bfd_swap16((__u16)length) + bfd_swap16(17);
}

#endif /* IPBFD_CHECKSUM_H */

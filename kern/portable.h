/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure core needs to compile both as BPF and on the host.  The core
 * (packet, validate, fsm, poll, timers, session, transmit) gets time and
 * randomness as arguments and calls no BPF helper: helpers may not be called
 * under a bpf_spin_lock, and unit tests want no kernel.
 */
#ifndef IPBFD_PORTABLE_H
#define IPBFD_PORTABLE_H

#include <linux/types.h>
#include <linux/stddef.h>

/* Linux 6.1 refuses calls of BPF functions under a bpf_spin_lock, so all is inlined. */
#define BFD_INLINE static inline __attribute__((always_inline, unused))

/* What is too long to be inlined; as BPF a global function, which is verified but once. */
#ifdef __bpf__
#define BFD_GLOBAL __attribute__((noinline))
#define BFD_UNROLL _Pragma("clang loop unroll(full)")
#else
#define BFD_GLOBAL static __attribute__((noinline, unused))
#define BFD_UNROLL
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define bfd_swap16(x) __builtin_bswap16(x)
#define bfd_swap32(x) __builtin_bswap32(x)
#define bfd_little32(x) (x)
#else
#define bfd_swap16(x) (x)
#define bfd_swap32(x) (x)
#define bfd_little32(x) __builtin_bswap32(x)
#endif

#define BFD_NS_PER_US 1000ULL

BFD_INLINE __u32 bfd_max_u32(__u32 a, __u32 b)
{
	return a > b ? a : b;
}

BFD_INLINE __u32 bfd_min_u32(__u32 a, __u32 b)
{
	return a < b ? a : b;
}

/*
 * The same value, but the verifier of BPF knows no more what it can be; unknown is anything that
 * it doesn't know either.  Else it walks what follows once for each constant that the ways
 * before may have left here.
 */
BFD_INLINE __u64 bfd_forget(__u64 value, __u64 unknown)
{
	value ^= unknown;
	__asm__ volatile("" : "+r"(value));
	return value ^ unknown;
}

#endif /* IPBFD_PORTABLE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one table of discard reasons: why a BFD packet that reached us was not
 * accepted.  The order is the order of the checks (RFC 5880 6.8.6), so a packet
 * with two faults counts under the first.  Code, `ip bfd`, the netlink family
 * and the manual take names and texts from here.  It must not hold logic.
 */
#ifndef IPBFD_REASONS_H
#define IPBFD_REASONS_H

/* X(enumerator, name on the command line and in JSON, what it means) */
#define BFD_DISCARD_REASONS(X)                                                                     \
	X(TTL, "ttl",                                                                              \
	  "TTL or Hop Limit was not 255 (RFC 5881 5), or below a multihop session's minimum")      \
	X(CHECKSUM, "checksum", "IPv4 header or UDP checksum was wrong, or absent over IPv6")      \
	X(BAD_VERSION, "bad-version", "version was not 1 (RFC 5880 6.8.6)")                        \
	X(SHORT_LENGTH, "short-length", "Length below 24, or 26 with the A bit set")               \
	X(LONG_LENGTH, "long-length", "Length larger than the UDP payload")                        \
	X(ZERO_MULTIPLIER, "zero-multiplier", "Detect Mult was zero")                              \
	X(MULTIPOINT, "multipoint", "the M bit was set")                                           \
	X(ZERO_DISCRIMINATOR, "zero-discriminator", "My Discriminator was zero")                   \
	X(UNKNOWN_DISCRIMINATOR, "unknown-discriminator", "Your Discriminator names no session")   \
	X(BAD_STATE, "bad-state", "Your Discriminator was zero in state Init or Up")               \
	X(NO_SESSION, "no-session", "Your Discriminator was zero and no session has this address") \
	X(AUTH_UNEXPECTED, "auth-unexpected", "authenticated packet, but the session uses none")   \
	X(AUTH_MISSING, "auth-missing", "not authenticated, but the session requires it")          \
	X(AUTH_TYPE, "auth-type", "Auth Type differs from the session's")                          \
	X(AUTH_KEY, "auth-key", "no key that is accepted now has this Auth Key ID")                \
	X(AUTH_LENGTH, "auth-length", "Auth Len is wrong for the type, or exceeds Length")         \
	X(AUTH_DIGEST, "auth-digest", "password or digest was wrong")                              \
	X(AUTH_SEQUENCE, "auth-sequence", "sequence number outside of the window (RFC 5880 6.7.3)")

enum bfd_discard_reason {
#define BFD_REASON_ENUM(id, name, text) BFD_DISCARD_##id,
	BFD_DISCARD_REASONS(BFD_REASON_ENUM)
#undef BFD_REASON_ENUM
		BFD_DISCARD_COUNT,
	BFD_ACCEPT = BFD_DISCARD_COUNT, /* no reason to discard */
};

#endif /* IPBFD_REASONS_H */

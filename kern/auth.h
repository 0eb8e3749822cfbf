/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Authentication (RFC 5880 6.7) but for the digests: which packets must have it, which key
 * counts, which sequence numbers.  Pure; what it takes to hash is section.h.
 *
 * The order is that of the errata 7082 and 7083: nothing is written before the digest and the
 * sequence number are accepted.
 */
#ifndef IPBFD_AUTH_H
#define IPBFD_AUTH_H

#include "packet.h"
#include "session.h"

/* Does the type have a digest and sequence numbers, or but a password? */
BFD_INLINE int bfd_auth_has_digest(__u8 type)
{
	return type > BFD_AUTH_SIMPLE;
}

BFD_INLINE int bfd_auth_is_sha1(__u8 type)
{
	return type >= BFD_AUTH_SHA1;
}

BFD_INLINE int bfd_auth_is_meticulous(__u8 type)
{
	return type == BFD_AUTH_METICULOUS_MD5 || type == BFD_AUTH_METICULOUS_SHA1;
}

BFD_INLINE __u8 bfd_auth_max_secret(__u8 type)
{
	return bfd_auth_is_sha1(type) ? BFD_MAX_SECRET : BFD_MAX_SECRET_SHORT;
}

BFD_INLINE int bfd_auth_same(const struct bfd_auth_config *a, const struct bfd_auth_config *b)
{
	return a->type == b->type && a->chain == b->chain && a->hmac == b->hmac;
}

/* --- keys */

/*
 * Which key sends (RFC 5880 6.7.2-6.7.4 leave the choice open): the one that began last, so that
 * one with a time takes over; of those without, the first ID.  now_ns is of CLOCK_TAI.  Returns
 * its place in the chain, -1: none.
 */
BFD_INLINE int bfd_auth_key_to_send(const struct bfd_key_chain *chain, __u8 type, __u64 now_ns)
{
	__u64 best_from_ns = 0;
	int best_id = 256;
	int best = -1;

	for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++) {
		const struct bfd_key *key = &chain->keys[i];

		if (key->length == 0 || key->type != type || key->send_from_ns > now_ns)
			continue;
		if (key->send_from_ns < best_from_ns ||
		    (key->send_from_ns == best_from_ns && key->id > best_id))
			continue;
		best = i;
		best_id = key->id;
		best_from_ns = key->send_from_ns;
	}
	return best;
}

/* The key that a packet names, if it is accepted now.  Returns its place, -1: none. */
BFD_INLINE int bfd_auth_key_to_accept(const struct bfd_key_chain *chain, __u8 type, __u8 id,
				      __u64 now_ns)
{
	int found = -1;

	for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++) {
		const struct bfd_key *key = &chain->keys[i];

		if (key->length != 0 && key->type == type && key->id == id &&
		    key->accept_from_ns <= now_ns &&
		    (key->accept_until_ns == 0 || now_ns < key->accept_until_ns))
			found = i;
	}
	return found;
}

/* --- the session's variables */

/* A new session; random: no two sessions begin at the same number (RFC 5880 6.8.1). */
BFD_INLINE void bfd_auth_initialize(struct bfd_auth *auth, const struct bfd_auth_config *config,
				    __u32 random)
{
	auth->used = *config;
	auth->used.optional = 0;
	auth->tx_sequence = random;
	/* There is nothing to move from, but the peer may have to be waited for. */
	if (config->optional) {
		auth->awaited = auth->used;
		auth->awaiting = config->type != BFD_AUTH_NONE;
		__builtin_memset(&auth->used, 0, sizeof(auth->used));
	}
}

BFD_INLINE void bfd_auth_use(struct bfd_auth *auth, const struct bfd_auth_config *config)
{
	if (!bfd_auth_same(&auth->used, config)) {
		auth->used = *config;
		auth->used.optional = 0;
		auth->sequence_known = 0; /* that of other keys */
	}
	auth->awaiting = 0;
	__builtin_memset(&auth->awaited, 0, sizeof(auth->awaited));
}

/* The operator changes it.  Returns 1 if packets are different from here on. */
BFD_INLINE int bfd_auth_configure(struct bfd_auth *auth, const struct bfd_auth_config *config)
{
	int same = bfd_auth_same(&auth->used, config);

	if (!config->optional || same) {
		bfd_auth_use(auth, config);
		return !same;
	}
	/* RFC 5880 6.7.1: not before a packet shows that the peer has it, too. */
	auth->awaited = *config;
	auth->awaited.optional = 0;
	auth->awaiting = 1;
	return 0;
}

/*
 * May a packet have an authentication section, and must it (RFC 5880 6.8.6)?  Returns a reason to
 * discard, or BFD_ACCEPT: then the section is to be looked at, or none may be claimed.
 */
BFD_INLINE enum bfd_discard_reason bfd_auth_expect(const struct bfd_auth *auth,
						   const struct bfd_packet *packet)
{
	if (bfd_packet_has(packet, BFD_FLAG_AUTH))
		return auth->used.type != BFD_AUTH_NONE || auth->awaiting
			       ? BFD_ACCEPT
			       : BFD_DISCARD_AUTH_UNEXPECTED;
	return auth->used.type == BFD_AUTH_NONE ||
			       (auth->awaiting && auth->awaited.type == BFD_AUTH_NONE)
		       ? BFD_ACCEPT
		       : BFD_DISCARD_AUTH_MISSING;
}

/* What a packet has shown before its session is locked. */
struct bfd_auth_claim {
	struct bfd_auth_config config; /* it was good by this */
	__u32 sequence;
};

/* Is the number in the window that begins with the last one (RFC 5880 6.7.3)? */
BFD_INLINE int bfd_auth_in_window(__u32 last, __u32 sequence, __u8 detect_mult, __u8 type)
{
	__u32 ahead = sequence - last; /* circular */

	if (bfd_auth_is_meticulous(type) && ahead == 0)
		return 0;
	return ahead <= 3U * detect_mult;
}

/*
 * May a packet that made the claim be received?  detect_mult is the packet's own.  Writes nothing
 * but that the time is over for which the last number counts.  Returns a reason to discard, or
 * BFD_ACCEPT.
 */
BFD_INLINE enum bfd_discard_reason bfd_auth_admit(struct bfd_auth *auth,
						  const struct bfd_auth_claim *claim,
						  __u8 detect_mult, __u64 now_ns)
{
	if (!bfd_auth_same(&claim->config, &auth->used)) {
		/* The operator may have changed it since the packet was looked at. */
		if (!auth->awaiting || !bfd_auth_same(&claim->config, &auth->awaited))
			return BFD_DISCARD_AUTH_TYPE;
		return BFD_ACCEPT; /* no number of these keys is known */
	}
	if (!bfd_auth_has_digest(auth->used.type))
		return BFD_ACCEPT;
	if (now_ns >= auth->known_until_ns)
		auth->sequence_known = 0;
	if (auth->sequence_known &&
	    !bfd_auth_in_window(auth->rx_sequence, claim->sequence, detect_mult, auth->used.type))
		return BFD_DISCARD_AUTH_SEQUENCE;
	return BFD_ACCEPT;
}

/*
 * How long a number counts (RFC 5880 6.8.1, bfd.AuthSeqKnown): at least two detection times.  Where
 * our Demand mode keeps the peer silent, until its second answer is missing.
 */
BFD_INLINE __u64 bfd_auth_memory_us(const struct bfd_vars *vars)
{
	__u64 silence_us = bfd_local_demand(vars) ? vars->poll_interval_us : 0;

	return 2 * (bfd_detection_time_us(vars) + silence_us);
}

/*
 * After bfd_auth_admit(), the packet was received: vars are what it has made of them.  If it shows
 * what was awaited, that is in use from here on.  Returns outcomes.
 */
BFD_INLINE __u32 bfd_auth_received(struct bfd_auth *auth, const struct bfd_vars *vars,
				   const struct bfd_auth_claim *claim, __u64 now_ns)
{
	__u32 outcome = 0;

	if (!bfd_auth_same(&claim->config, &auth->used)) {
		bfd_auth_use(auth, &claim->config);
		/* The peer takes nothing else now. */
		outcome = BFD_OUTCOME_NOW | BFD_OUTCOME_REMOTE;
	}
	if (!bfd_auth_has_digest(auth->used.type))
		return outcome;
	auth->rx_sequence = claim->sequence;
	auth->sequence_known = 1;
	auth->known_until_ns = now_ns + bfd_auth_memory_us(vars) * BFD_NS_PER_US;
	return outcome;
}

/*
 * A packet is about to leave: says in it whether it is authenticated, and takes the next number.
 * Without need it is the last one's again (RFC 5880 6.7.3: it rises with what is said), so that
 * the peer's window is for what is lost.
 */
BFD_INLINE void bfd_auth_stamp(struct bfd_auth *auth, struct bfd_packet *packet)
{
	const __u32 *content = (const __u32 *)packet;
	__u32 differs = 0;

	if (auth->used.type == BFD_AUTH_NONE)
		return;
	packet->state_flags |= BFD_FLAG_AUTH;
	for (int i = 0; i < BFD_PACKET_LENGTH / 4; i++) {
		differs |= content[i] ^ auth->tx_content[i];
		auth->tx_content[i] = content[i];
	}
	if (differs != 0 || bfd_auth_is_meticulous(auth->used.type))
		auth->tx_sequence++;
}

/* The packet with this number could not leave: the next one has it (EID 2530: a step is one). */
BFD_INLINE void bfd_auth_unstamp(struct bfd_auth *auth, __u32 sequence)
{
	if (bfd_auth_is_meticulous(auth->used.type) && auth->tx_sequence == sequence)
		auth->tx_sequence--;
}

#endif /* IPBFD_AUTH_H */

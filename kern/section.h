/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The authentication section (RFC 5880 4.2-4.4): written behind a packet's mandatory section, and
 * judged.  Pure but for the room that it needs, which the caller has.  Sequence numbers are read
 * and written here, but judged in auth.h.
 */
#ifndef IPBFD_SECTION_H
#define IPBFD_SECTION_H

#include "auth.h"
#include "md5.h"
#include "sha1.h"

#define BFD_SECTION_TYPE 24 /* offsets in the packet, of bytes */
#define BFD_SECTION_LENGTH 25
#define BFD_SECTION_KEY_ID 26
#define BFD_SECTION_PASSWORD 27
#define BFD_SECTION_SEQUENCE_WORD 7 /* and of words */
#define BFD_SECTION_DIGEST_WORD 8
#define BFD_SECTION_DIGEST_WORDS 5

#define BFD_AUTH_LENGTH_MD5 24
#define BFD_AUTH_LENGTH_SHA1 28
#define BFD_AUTH_LENGTH_PASSWORD(length) ((length) + 3)

/* Too large for the stack of a BPF program. */
struct bfd_section {
	union bfd_hash_message packet; /* zero behind its length */
	struct bfd_hash hash;
	struct bfd_hash_block pad; /* of HMAC */
	__u32 received[BFD_SECTION_DIGEST_WORDS];
	__u32 length; /* of the packet: its Length */
	__u32 busy;   /* somebody is at work in it */
};

BFD_INLINE int bfd_digest_words(__u8 type)
{
	return bfd_auth_is_sha1(type) ? 5 : 4;
}

BFD_INLINE __u8 bfd_auth_length(const struct bfd_key *key)
{
	if (key->type == BFD_AUTH_SIMPLE)
		return BFD_AUTH_LENGTH_PASSWORD(key->length);
	return bfd_auth_is_sha1(key->type) ? BFD_AUTH_LENGTH_SHA1 : BFD_AUTH_LENGTH_MD5;
}

/* Hash what is in the packet's room, padded here. */
BFD_GLOBAL int bfd_section_hash(struct bfd_section *section, __u32 sha1, __u32 before)
{
	__u32 blocks;

	if (!section)
		return -1;
	blocks = bfd_hash_pad(&section->packet, section->length, before, sha1 != 0);
	for (__u32 i = 0; i < BFD_HASH_BLOCKS; i++) {
		if (i >= blocks)
			break;
		if (sha1)
			bfd_sha1_block(&section->hash, &section->packet.blocks[i]);
		else
			bfd_md5_block(&section->hash, &section->packet.blocks[i]);
	}
	/* What follows the packet is zero again. */
	if (section->length < sizeof(section->packet.bytes))
		section->packet.bytes[section->length] = 0;
	return 0;
}

/* The key stands where the digest will (RFC 5880 6.7.3, 6.7.4). */
BFD_INLINE void bfd_section_keyed(struct bfd_section *section, const struct bfd_key *key)
{
	const __u32 *secret = (const __u32 *)key->secret;
	int sha1 = bfd_auth_is_sha1(key->type);

	for (int i = 0; i < BFD_SECTION_DIGEST_WORDS; i++)
		if (i < bfd_digest_words(key->type))
			section->packet.words[BFD_SECTION_DIGEST_WORD + i] = secret[i];
	if (sha1)
		bfd_sha1_start(&section->hash);
	else
		bfd_md5_start(&section->hash);
	bfd_section_hash(section, sha1, 0);
}

BFD_INLINE void bfd_section_hmac_pad(struct bfd_section *section, const struct bfd_key *key,
				     __u32 pattern)
{
	const __u32 *secret = (const __u32 *)key->secret;

	for (int i = 0; i < BFD_HASH_BLOCK / 4; i++)
		section->pad.words[i] = pattern ^ (i < BFD_SECTION_DIGEST_WORDS ? secret[i] : 0);
	bfd_sha1_start(&section->hash);
	bfd_sha1_block(&section->hash, &section->pad);
}

/* As FRR has it: HMAC-SHA1 (RFC 2104) of the packet with nothing where the digest will be. */
BFD_INLINE void bfd_section_hmac(struct bfd_section *section, const struct bfd_key *key)
{
	__u32 inner[BFD_SECTION_DIGEST_WORDS];

	for (int i = 0; i < BFD_SECTION_DIGEST_WORDS; i++)
		section->packet.words[BFD_SECTION_DIGEST_WORD + i] = 0;
	bfd_section_hmac_pad(section, key, 0x36363636);
	bfd_section_hash(section, 1, BFD_HASH_BLOCK);
	for (int i = 0; i < BFD_SECTION_DIGEST_WORDS; i++)
		inner[i] = section->hash.words[i];
	bfd_section_hmac_pad(section, key, 0x5c5c5c5c);
	for (int i = 0; i < BFD_HASH_BLOCK / 4; i++)
		section->pad.words[i] = i < BFD_SECTION_DIGEST_WORDS ? bfd_swap32(inner[i]) : 0;
	section->pad.words[5] = bfd_swap32(0x80000000);
	section->pad.words[15] = bfd_swap32((BFD_HASH_BLOCK + 20) * 8);
	bfd_sha1_block(&section->hash, &section->pad);
}

/* Leaves the digest in section->hash, in the order of the wire. */
BFD_INLINE void bfd_section_digest(struct bfd_section *section, const struct bfd_key *key,
				   __u8 hmac)
{
	int sha1 = bfd_auth_is_sha1(key->type);

	if (sha1 && hmac)
		bfd_section_hmac(section, key);
	else
		bfd_section_keyed(section, key);
	for (int i = 0; i < BFD_SECTION_DIGEST_WORDS; i++)
		section->hash.words[i] = sha1 ? bfd_swap32(section->hash.words[i])
					      : bfd_little32(section->hash.words[i]);
}

/* Put the section behind the packet, whose Length it sets too. */
BFD_INLINE void bfd_section_write(struct bfd_section *section, const struct bfd_key *key,
				  __u32 sequence, __u8 hmac)
{
	__u8 *bytes = section->packet.bytes;
	__u8 length = bfd_auth_length(key);

	section->length = BFD_PACKET_LENGTH + length;
	bytes[3] = (__u8)section->length;
	bytes[BFD_SECTION_TYPE] = key->type;
	bytes[BFD_SECTION_LENGTH] = length;
	bytes[BFD_SECTION_KEY_ID] = key->id;
	if (key->type == BFD_AUTH_SIMPLE) {
		for (int i = 0; i < BFD_MAX_SECRET_SHORT; i++)
			bytes[BFD_SECTION_PASSWORD + i] = key->secret[i];
		return;
	}
	section->packet.words[BFD_SECTION_SEQUENCE_WORD] = bfd_swap32(sequence);
	bfd_section_digest(section, key, hmac);
	for (int i = 0; i < BFD_SECTION_DIGEST_WORDS; i++)
		if (i < bfd_digest_words(key->type))
			section->packet.words[BFD_SECTION_DIGEST_WORD + i] = section->hash.words[i];
}

/* Before a key is looked for: does the section fit (RFC 5880 6.8.6), is its type ours? */
BFD_INLINE enum bfd_discard_reason bfd_section_form(const struct bfd_section *section, __u8 type)
{
	__u32 length = section->packet.bytes[BFD_SECTION_LENGTH];

	if (length < BFD_AUTH_LENGTH_PASSWORD(0) || BFD_PACKET_LENGTH + length > section->length)
		return BFD_DISCARD_AUTH_LENGTH;
	return section->packet.bytes[BFD_SECTION_TYPE] == type ? BFD_ACCEPT : BFD_DISCARD_AUTH_TYPE;
}

/* All of it is compared, so that the time taken tells nothing. */
BFD_INLINE int bfd_section_password_is(const struct bfd_section *section, const struct bfd_key *key)
{
	__u8 differs = 0;

	for (int i = 0; i < BFD_MAX_SECRET_SHORT; i++)
		if (i < key->length)
			differs |= section->packet.bytes[BFD_SECTION_PASSWORD + i] ^ key->secret[i];
	return differs == 0;
}

/* Keep the digest, in whose place the key comes. */
BFD_INLINE void bfd_section_keep(struct bfd_section *section)
{
	for (int i = 0; i < BFD_SECTION_DIGEST_WORDS; i++)
		section->received[i] = section->packet.words[BFD_SECTION_DIGEST_WORD + i];
}

/* After bfd_section_form() and bfd_section_keep(): is it the key's? */
BFD_INLINE enum bfd_discard_reason bfd_section_verify(struct bfd_section *section,
						      const struct bfd_key *key, __u8 hmac)
{
	__u32 differs = 0;

	if (section->packet.bytes[BFD_SECTION_LENGTH] != bfd_auth_length(key))
		return BFD_DISCARD_AUTH_LENGTH;
	if (key->type == BFD_AUTH_SIMPLE)
		return bfd_section_password_is(section, key) ? BFD_ACCEPT : BFD_DISCARD_AUTH_DIGEST;
	bfd_section_digest(section, key, hmac);
	for (int i = 0; i < BFD_SECTION_DIGEST_WORDS; i++)
		if (i < bfd_digest_words(key->type))
			differs |= section->received[i] ^ section->hash.words[i];
	return differs == 0 ? BFD_ACCEPT : BFD_DISCARD_AUTH_DIGEST;
}

#endif /* IPBFD_SECTION_H */

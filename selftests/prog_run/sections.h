/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Authenticated packets whose digests were made by another implementation, and the keys for them.
 * Nothing of kern/ but the layout of the maps may be used.
 */
#ifndef IPBFD_SECTIONS_H
#define IPBFD_SECTIONS_H

#include "harness.h"

#define SECTIONS_DISCR 0xd0000001U /* the session that they are for */
#define SECTIONS_CHAIN 5	   /* sections_set_keys() fills it */
#define SECTIONS_KEY_ID 7
#define SECTIONS_SECRET "key\0with zero!"
#define SECTIONS_SECRET_LENGTH 14

struct section {
	const char *text;
	uint8_t type;
	uint8_t hmac;
	uint8_t length; /* of the packet */
	const char *section;
};

enum section_index {
	SECTIONS_SIMPLE,
	SECTIONS_MD5,
	SECTIONS_METICULOUS_MD5,
	SECTIONS_SHA1,
	SECTIONS_METICULOUS_SHA1,
	SECTIONS_HMAC,
	SECTIONS_COUNT,
};

extern const struct section sections[SECTIONS_COUNT];

struct bfd_auth_config section_auth(const struct section *section);
/* A frame of the peer with this section behind the packet, whose Length is length. */
void section_frame_with(struct harness *harness, struct frame *frame, const char *section,
			uint8_t length);
void section_frame(struct harness *harness, struct frame *frame, const struct section *section);

struct bfd_key section_key(uint8_t type, uint8_t id, const char *secret, uint8_t length);
void sections_set_chain(struct harness *harness, uint32_t number, const struct bfd_key *keys,
			size_t count);
/* All types with the same secret and ID: which one counts, the type says. */
void sections_set_keys(struct harness *harness);

#endif /* IPBFD_SECTIONS_H */

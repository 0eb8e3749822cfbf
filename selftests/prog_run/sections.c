// SPDX-License-Identifier: GPL-2.0
/*
 * See sections.h.
 */
#include "sections.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * The section of a packet of frame_spec_init() with the A bit to SECTIONS_DISCR, by Python's
 * hashlib and hmac.  Sequence number 0xfffffffe, the reserved byte not zero.
 */
const struct section sections[SECTIONS_COUNT] = {
	{"simple", BFD_AUTH_SIMPLE, 0, 41, "0111076b65790077697468207a65726f21"},
	{"md5", BFD_AUTH_MD5, 0, 48, "021807aafffffffe1f8bf411a467f3c5503e5d3b99518c52"},
	{"meticulous-md5", BFD_AUTH_METICULOUS_MD5, 0, 48,
	 "031807aafffffffe8b7c3111b02fe0a7499cd35e32525cc9"},
	{"sha1", BFD_AUTH_SHA1, 0, 52, "041c07aafffffffe767cccf78e2daa1a10d966f7689751a1b6095a8d"},
	{"meticulous-sha1", BFD_AUTH_METICULOUS_SHA1, 0, 52,
	 "051c07aafffffffe28c7fdb253c61748f3573a76264dadc5a7d66709"},
	{"sha1 variant hmac", BFD_AUTH_SHA1, 1, 52,
	 "041c07aafffffffe28f18be059be8a432e14ee2e7c7643a8d1df0add"},
};

static size_t from_hex(uint8_t *bytes, const char *hex)
{
	size_t length = strlen(hex) / 2;

	for (size_t i = 0; i < length; i++) {
		unsigned int byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			harness_bail("a vector isn't hexadecimal", -EINVAL);
		bytes[i] = (uint8_t)byte;
	}
	return length;
}

struct bfd_key section_key(uint8_t type, uint8_t id, const char *secret, uint8_t length)
{
	struct bfd_key key = {.id = id, .type = type, .length = length};

	memcpy(key.secret, secret, length);
	return key;
}

void sections_set_chain(struct harness *harness, uint32_t number, const struct bfd_key *keys,
			size_t count)
{
	struct bfd_key_chain chain = {.name = "chain"};

	memcpy(chain.keys, keys, count * sizeof(*keys));
	if (bpf_map_update_elem(harness->key_chains_fd, &number, &chain, BPF_ANY) < 0)
		harness_bail("cannot write a key chain", -errno);
}

void sections_set_keys(struct harness *harness)
{
	struct bfd_key keys[BFD_AUTH_TYPES - 1];

	for (int type = BFD_AUTH_SIMPLE; type < BFD_AUTH_TYPES; type++)
		keys[type - 1] = section_key((uint8_t)type, SECTIONS_KEY_ID, SECTIONS_SECRET,
					     SECTIONS_SECRET_LENGTH);
	sections_set_chain(harness, SECTIONS_CHAIN, keys, BFD_AUTH_TYPES - 1);
}

struct bfd_auth_config section_auth(const struct section *section)
{
	return (struct bfd_auth_config){
		.chain = SECTIONS_CHAIN, .type = section->type, .hmac = section->hmac};
}

void section_frame_with(struct harness *harness, struct frame *frame, const char *section,
			uint8_t length)
{
	struct frame_spec spec;

	frame_spec_init(&spec, false, harness->device, SECTIONS_DISCR);
	spec.field[FIELD_FLAGS] = FLAG_AUTH;
	spec.field[FIELD_LENGTH] = length;
	spec.field[FIELD_PAYLOAD] = length;
	spec.field[FIELD_CHECKSUM] = CHECKSUM_ZERO;
	frame_build(frame, &spec);
	from_hex(frame->bytes + frame->payload_offset + 24, section);
}

void section_frame(struct harness *harness, struct frame *frame, const struct section *section)
{
	section_frame_with(harness, frame, section->section, section->length);
}

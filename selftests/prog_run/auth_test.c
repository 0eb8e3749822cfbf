// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication in the real programs (RFC 5880 6.7): sections whose digests were made by
 * another implementation are accepted, and not if a bit differs; what is sent is as long as it
 * says, has good checksums, and the other end takes it; keys come and go with their times; one
 * step of migration.  Windows of sequence numbers are tested in unit/ and on the wire.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "sections.h"
#include "tally.h"
#include "tap.h"

#define SLOT 0
#define PEER_SLOT 1
#define S_NS 1000000000ULL

/* A Length beyond the section, which the digest covers; keyed SHA1 over bytes 0, 7, 14... */
static const struct {
	uint8_t length;
	const char *digest;
} longer[] = {
	{55, "aa3b4906361c8a26e591342492a9c8e9934e28d2"},
	{56, "bdd93f7b259c57e903b064b65c79f95253120d98"},
	{64, "49631bffb89b37f119319f21bc813d155bd24774"},
	{255, "598a84d6e432db9b7ef9b7487f5ca22fd2e63955"},
};

static uint64_t now_tai_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_TAI, &now);
	return (uint64_t)now.tv_sec * S_NS + (uint64_t)now.tv_nsec;
}

static void make(struct harness *harness, uint32_t slot, uint32_t discr,
		 struct bfd_auth_config auth)
{
	struct bfd_control control = {.op = BFD_CONTROL_DROP, .slot = slot, .local_discr = discr};
	int error;

	harness_control(harness, &control);
	harness_command(harness, &control, slot, discr, false, FRAME_PEER + (uint8_t)slot);
	control.config.auth = auth;
	error = harness_control(harness, &control);
	if (error)
		harness_bail("cannot create a session", error);
}

static struct effect effect_of(struct harness *harness, const struct frame *frame)
{
	struct tally before, after;

	tally_take(harness, &before);
	harness_receive(harness, frame);
	tally_take(harness, &after);
	return tally_effect(&before, &after);
}

static bool is_accepted(struct harness *harness, const struct frame *frame)
{
	struct effect effect = effect_of(harness, frame);

	return effect.kind == EFFECT_ACCEPTED && effect.where == SLOT;
}

static bool is_discarded(struct harness *harness, const struct frame *frame, unsigned int reason)
{
	struct effect effect = effect_of(harness, frame);

	if (effect.kind == EFFECT_DISCARDED && effect.where == SLOT && effect.reason == reason)
		return true;
	tally_print("got", &effect);
	return false;
}

static void test_vectors(struct harness *harness)
{
	for (size_t i = 0; i < SECTIONS_COUNT; i++) {
		const struct section *vector = &sections[i];
		bool meticulous = vector->type == BFD_AUTH_METICULOUS_MD5 ||
				  vector->type == BFD_AUTH_METICULOUS_SHA1;
		struct frame frame;

		make(harness, SLOT, SECTIONS_DISCR, section_auth(vector));
		section_frame(harness, &frame, vector);
		tap_check(is_accepted(harness, &frame), "AUTH-05, AUTH-06: %s: accepted",
			  vector->text);
		if (meticulous)
			tap_check(is_discarded(harness, &frame, BFD_DISCARD_AUTH_SEQUENCE),
				  "AUTH-12: %s: not twice", vector->text);
		else
			tap_check(is_accepted(harness, &frame), "AUTH-11: %s: twice, too",
				  vector->text);
	}
}

/* What a flipped byte of a section must be counted as, by its place. */
static unsigned int reason_of(size_t place)
{
	if (place == 24)
		return BFD_DISCARD_AUTH_TYPE;
	if (place == 25)
		return BFD_DISCARD_AUTH_LENGTH;
	if (place == 26)
		return BFD_DISCARD_AUTH_KEY;
	return BFD_DISCARD_AUTH_DIGEST;
}

static void test_flips(struct harness *harness)
{
	for (size_t i = 0; i < SECTIONS_COUNT; i++) {
		const struct section *vector = &sections[i];
		unsigned int wrong = 0;
		struct frame frame;

		make(harness, SLOT, SECTIONS_DISCR, section_auth(vector));
		section_frame(harness, &frame, vector);
		for (size_t place = 24; place < vector->length; place++) {
			for (int bit = 0; bit < 8; bit++) {
				uint8_t *byte = &frame.bytes[frame.payload_offset + place];
				unsigned int reason = reason_of(place);

				*byte ^= (uint8_t)(1 << bit);
				wrong += !is_discarded(harness, &frame, reason);
				*byte ^= (uint8_t)(1 << bit);
			}
		}
		tap_equal(wrong, 0, "AUTH-17, AUTH-18: %s: each bit of the section counts",
			  vector->text);
		tap_check(is_accepted(harness, &frame),
			  "AUTH-14: %s: the right one is accepted after all that", vector->text);
	}
}

static void test_mandatory_section(struct harness *harness)
{
	const struct section *vector = &sections[SECTIONS_SHA1];
	/* Diag, state, Poll, multiplier, My Discriminator, intervals */
	static const uint8_t places[] = {0, 1, 2, 4, 7, 12, 15, 16, 20, 23};
	static const uint8_t masks[] = {1, 0x20, 2, 1, 0x80, 1, 1, 1, 1, 0x80};
	unsigned int wrong = 0;
	struct frame frame;

	make(harness, SLOT, SECTIONS_DISCR, section_auth(vector));
	section_frame(harness, &frame, vector);
	for (size_t i = 0; i < sizeof(places); i++) {
		frame.bytes[frame.payload_offset + places[i]] ^= masks[i];
		wrong += !is_discarded(harness, &frame, BFD_DISCARD_AUTH_DIGEST);
		frame.bytes[frame.payload_offset + places[i]] ^= masks[i];
	}
	tap_equal(wrong, 0, "AUTH-18: the digest covers the mandatory section");
}

static void test_length(struct harness *harness)
{
	const struct section *vector = &sections[SECTIONS_SHA1];
	struct frame frame;
	char section[57];

	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		uint8_t *packet;

		make(harness, SLOT, SECTIONS_DISCR, section_auth(vector));
		snprintf(section, sizeof(section), "041c0700fffffffe%s", longer[i].digest);
		section_frame_with(harness, &frame, section, longer[i].length);
		packet = frame.bytes + frame.payload_offset;
		for (unsigned int j = 52; j < longer[i].length; j++)
			packet[j] = (uint8_t)((j - 52) * 7);
		tap_check(is_accepted(harness, &frame), "AUTH-21: Length %u is covered",
			  longer[i].length);
		packet[longer[i].length - 1] ^= 1;
		tap_check(is_discarded(harness, &frame, BFD_DISCARD_AUTH_DIGEST),
			  "AUTH-21: Length %u, all of it", longer[i].length);
	}
	section_frame(harness, &frame, vector);
	tap_check(is_accepted(harness, &frame), "AUTH-21: a short packet after a long one");
	frame.bytes[frame.payload_offset + 25] = 255;
	tap_check(is_discarded(harness, &frame, BFD_DISCARD_AUTH_LENGTH), "AUTH-21: Auth Len 255");
}

static void test_presence(struct harness *harness)
{
	struct frame_spec spec;
	struct frame plain, frame;

	frame_spec_init(&spec, false, harness->device, SECTIONS_DISCR);
	frame_build(&plain, &spec);
	section_frame(harness, &frame, &sections[SECTIONS_SHA1]);
	make(harness, SLOT, SECTIONS_DISCR, section_auth(&sections[SECTIONS_SHA1]));
	tap_check(is_discarded(harness, &plain, BFD_DISCARD_AUTH_MISSING),
		  "RX-15: missing where it is required");
	make(harness, SLOT, SECTIONS_DISCR, (struct bfd_auth_config){});
	tap_check(is_discarded(harness, &frame, BFD_DISCARD_AUTH_UNEXPECTED),
		  "RX-14: unexpected where there is none");
}

/* The session sends one packet.  Returns the frame's length, 0: nothing came. */
static size_t send_one(struct harness *harness, uint8_t *bytes, size_t size)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_SET,
		.slot = SLOT,
		.local_discr = SECTIONS_DISCR,
		.config = {.set = BFD_CONFIG_MULT, .mult = 3},
	};
	struct bfd_session session;

	while (harness_captured(harness, bytes, size, 0) != 0)
		;
	harness_session(harness, SLOT, &session);
	/* Another multiplier is said at once. */
	control.config.mult = session.vars.mult == 3 ? 4 : 3;
	if (harness_control(harness, &control) != 0)
		harness_bail("cannot change the session", -EINVAL);
	harness_tick_once(harness);
	return harness_captured(harness, bytes, size, 1000);
}

/* Is the IPv4 frame as long as it says all the way down, with good checksums? */
static bool is_sound(const uint8_t *bytes, size_t length, unsigned int packet_length)
{
	const uint8_t *ip = bytes + 14, *udp = ip + 20;
	uint32_t udp_length = 8 + packet_length;

	if (length != 42 + packet_length || (ip[2] << 8 | ip[3]) != (int)(20 + udp_length) ||
	    (udp[4] << 8 | udp[5]) != (int)udp_length || udp[8 + 3] != packet_length)
		return false;
	return frame_sum(0, ip, 20) == 0xffff &&
	       frame_sum(frame_pseudo_sum(ip, false, udp_length), udp, udp_length) == 0xffff;
}

/* What one session sends, another with its keys takes as the peer. */
static void test_sending(struct harness *harness)
{
	for (size_t i = 0; i < SECTIONS_COUNT; i++) {
		const struct section *vector = &sections[i];
		struct bfd_session peer;
		uint16_t check;
		uint8_t bytes[256];
		struct frame frame;
		size_t length;

		make(harness, SLOT, SECTIONS_DISCR, section_auth(vector));
		make(harness, PEER_SLOT, FRAME_PEER_DISCR, section_auth(vector));
		section_frame(harness, &frame, vector);
		harness_receive(harness, &frame); /* tells the peer's discriminator */
		length = send_one(harness, bytes, sizeof(bytes));
		tap_check(is_sound(bytes, length, vector->length),
			  "AUTH-02, AUTH-04: %s: sent, %u bytes, checksums are right", vector->text,
			  vector->length);
		frame.length = length;
		memcpy(frame.bytes, bytes, length);
		/* To whom it went is us, too. */
		memcpy(frame.bytes + 14 + 16, (uint8_t[]){192, 0, 2, FRAME_LOCAL}, 4);
		memset(frame.bytes + 14 + 10, 0, 2);
		check = htons((uint16_t)~frame_sum(0, frame.bytes + 14, 20));
		memcpy(frame.bytes + 14 + 10, &check, 2);
		memset(frame.bytes + 14 + 20 + 6, 0, 2); /* no UDP checksum */
		harness_receive(harness, &frame);
		harness_session(harness, PEER_SLOT, &peer);
		tap_equal(peer.stats.rx_packets, 1, "AUTH-05: %s: the other end accepts it",
			  vector->text);
	}
}

static void test_keys(struct harness *harness)
{
	const struct section *vector = &sections[SECTIONS_SHA1];
	uint64_t now_ns = now_tai_ns();
	struct bfd_key keys[2] = {section_key(BFD_AUTH_SHA1, SECTIONS_KEY_ID, SECTIONS_SECRET,
					      SECTIONS_SECRET_LENGTH),
				  section_key(BFD_AUTH_SHA1, 3, "another", 7)};
	struct bfd_session session;
	uint8_t bytes[256];
	struct frame frame;

	section_frame(harness, &frame, vector);
	make(harness, SLOT, SECTIONS_DISCR, section_auth(vector));
	keys[0].accept_from_ns = now_ns + 3600 * S_NS;
	sections_set_chain(harness, SECTIONS_CHAIN, keys, 2);
	tap_check(is_discarded(harness, &frame, BFD_DISCARD_AUTH_KEY),
		  "AUTH-19: not before its time");
	keys[0].accept_from_ns = now_ns - S_NS;
	keys[0].accept_until_ns = now_ns;
	sections_set_chain(harness, SECTIONS_CHAIN, keys, 2);
	tap_check(is_discarded(harness, &frame, BFD_DISCARD_AUTH_KEY),
		  "AUTH-19: not after its time");
	keys[0].accept_until_ns = now_ns + 3600 * S_NS;
	sections_set_chain(harness, SECTIONS_CHAIN, keys, 2);
	tap_check(is_accepted(harness, &frame), "AUTH-19: in its time");

	send_one(harness, bytes, sizeof(bytes));
	tap_equal(bytes[42 + 26], 3, "AUTH-19: of two keys without a time the first ID sends");
	keys[0].send_from_ns = now_ns;
	sections_set_chain(harness, SECTIONS_CHAIN, keys, 2);
	send_one(harness, bytes, sizeof(bytes));
	tap_equal(bytes[42 + 26], SECTIONS_KEY_ID,
		  "AUTH-19: the one whose time has come takes over");
	keys[0].send_from_ns = now_ns + 3600 * S_NS;
	sections_set_chain(harness, SECTIONS_CHAIN, keys, 1);
	harness_session(harness, SLOT, &session);
	tap_equal(send_one(harness, bytes, sizeof(bytes)), 0, "without a key nothing is sent");
	tap_equal(session.stats.tx_failed, 0, "and until then all went well");
	harness_session(harness, SLOT, &session);
	tap_equal(session.stats.tx_failed, 1, "which is counted");
	sections_set_keys(harness);
}

/* RFC 5880 6.7.1 */
static void test_migration(struct harness *harness)
{
	const struct section *vector = &sections[SECTIONS_SHA1];
	struct bfd_control control = {
		.op = BFD_CONTROL_SET, .slot = SLOT, .local_discr = SECTIONS_DISCR};
	struct frame plain, frame;
	struct frame_spec spec;
	uint8_t bytes[256];

	frame_spec_init(&spec, false, harness->device, SECTIONS_DISCR);
	frame_build(&plain, &spec);
	section_frame(harness, &frame, vector);
	make(harness, SLOT, SECTIONS_DISCR, (struct bfd_auth_config){});
	tap_check(is_accepted(harness, &plain), "AUTH-20: a session without");
	control.config.set = BFD_CONFIG_AUTH;
	control.config.auth = section_auth(vector);
	control.config.auth.optional = 1;
	harness_control(harness, &control);
	tap_check(is_accepted(harness, &plain), "AUTH-20: it may come, and hasn't");
	send_one(harness, bytes, sizeof(bytes));
	tap_equal(bytes[42 + 1] & FLAG_AUTH, 0, "AUTH-20: until then we have none, too");
	frame.bytes[frame.payload_offset + 51] ^= 1;
	tap_check(is_discarded(harness, &frame, BFD_DISCARD_AUTH_DIGEST) &&
			  is_accepted(harness, &plain),
		  "AUTH-20: a wrong digest doesn't begin it, and is counted as that");
	frame.bytes[frame.payload_offset + 51] ^= 1;
	tap_check(is_accepted(harness, &frame), "AUTH-20: it comes");
	tap_check(is_discarded(harness, &plain, BFD_DISCARD_AUTH_MISSING),
		  "AUTH-20: and doesn't go by itself");
	harness_tick_once(harness);
	tap_check(is_accepted(harness, &frame), "AUTH-20: it stays");

	control.config.auth = (struct bfd_auth_config){.optional = 1};
	harness_control(harness, &control);
	tap_check(is_accepted(harness, &frame), "AUTH-20: it may go, and hasn't");
	tap_check(is_accepted(harness, &plain), "AUTH-20: it goes");
	tap_check(is_discarded(harness, &frame, BFD_DISCARD_AUTH_UNEXPECTED),
		  "AUTH-20: and doesn't come back by itself");
}

static void test_refused(struct harness *harness)
{
	struct bfd_control control;

	harness_command(harness, &control, 2, SECTIONS_DISCR + 1, false, 9);
	control.config.auth =
		(struct bfd_auth_config){.chain = SECTIONS_CHAIN, .type = BFD_AUTH_TYPES};
	tap_equal(harness_control(harness, &control), -EINVAL, "a type that there isn't");
}

int main(void)
{
	struct harness harness;

	harness_open(&harness, 16);
	harness_add_local(&harness, 0, false, false);
	sections_set_keys(&harness);
	test_vectors(&harness);
	test_flips(&harness);
	test_mandatory_section(&harness);
	test_length(&harness);
	test_presence(&harness);
	test_sending(&harness);
	test_keys(&harness);
	test_migration(&harness);
	test_refused(&harness);
	harness_close(&harness);
	return tap_finish();
}

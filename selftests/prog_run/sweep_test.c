// SPDX-License-Identifier: GPL-2.0
/*
 * Whole ranges of frames against oracles that know only the RFC: frames cut off
 * at each length, each Length over each payload, and each pair of first bytes.
 */
#include <errno.h>
#include <linux/bpf.h>

#include "tally.h"
#include "tap.h"

#define DISCR 0xd0000001U
#define SLOT 0

/* RFC 5880 6.8.6 over the bytes of a payload that names our session, which uses no
 * authentication.  What lies beyond the payload is never looked at but for Length.
 */
static unsigned int oracle(const uint8_t *b, unsigned int payload_length)
{
	uint8_t packet[24] = {};

	memcpy(packet, b, payload_length < 24 ? payload_length : 24);
	b = packet;
	if (b[0] >> 5 != 1)
		return BFD_DISCARD_BAD_VERSION;
	if (b[3] < ((b[1] & FLAG_AUTH) ? 26 : 24))
		return BFD_DISCARD_SHORT_LENGTH;
	if (b[3] > payload_length)
		return BFD_DISCARD_LONG_LENGTH;
	if (b[2] == 0)
		return BFD_DISCARD_ZERO_MULTIPLIER;
	if (b[1] & FLAG_MULTIPOINT)
		return BFD_DISCARD_MULTIPOINT;
	if (b[1] & FLAG_AUTH)
		return BFD_DISCARD_AUTH_UNEXPECTED;
	return BFD_ACCEPT;
}

/* Did the packet do to the session's counters what the oracle says, and nothing else? */
static bool as_said(const struct bfd_session *before, const struct bfd_session *after,
		    unsigned int reason)
{
	if (after->stats.rx_packets - before->stats.rx_packets != (reason == BFD_ACCEPT))
		return false;
	for (unsigned int i = 0; i < BFD_DISCARD_COUNT; i++)
		if (after->stats.rx_invalid[i] - before->stats.rx_invalid[i] != (i == reason))
			return false;
	return true;
}

static void test_cut_off(struct harness *harness, const char *text, const struct frame_edit *edits,
			 size_t count, bool is_ipv6)
{
	struct tally before, after;
	unsigned int wrong = 0, runs = 0;
	struct frame_spec spec;
	struct effect effect;
	struct frame frame;
	size_t whole;

	frame_spec_init(&spec, is_ipv6, harness->device, DISCR);
	frame_spec_edit(&spec, edits, count);
	frame_build(&frame, &spec);
	whole = frame.length;
	tally_take(harness, &before);
	for (frame.length = 14; frame.length < whole; frame.length++) {
		wrong += harness_receive(harness, &frame) != XDP_PASS || harness->changed;
		runs++;
	}
	tally_take(harness, &after);
	effect = tally_effect(&before, &after);
	tap_check(wrong == 0 && effect.kind == EFFECT_IGNORED,
		  "XDP-02: %s cut off at each of %u lengths: to the stack", text, runs);
}

static void test_all_cut_off(struct harness *harness)
{
	static const struct frame_edit tagged[] = {{FIELD_TAG, 0x81000000}};
	static const struct frame_edit twice[] = {{FIELD_TAG, 0x88a80000},
						  {FIELD_INNER_TAG, 0x81000000}};
	static const struct frame_edit options[] = {{FIELD_OPTIONS, 10}};
	static const struct frame_edit longer[] = {{FIELD_PAYLOAD, 64}};

	test_cut_off(harness, "IPv4", NULL, 0, false);
	test_cut_off(harness, "IPv6", NULL, 0, true);
	test_cut_off(harness, "IPv4 behind a tag", tagged, 1, false);
	test_cut_off(harness, "IPv6 behind two tags", twice, 2, true);
	test_cut_off(harness, "IPv4 with options", options, 1, false);
	test_cut_off(harness, "IPv6 with 64 bytes", longer, 1, true);
}

/* A frame's payload and checksum are as it says; only the payload's first bytes vary. */
static bool try_packet(struct harness *harness, struct frame_spec *spec)
{
	static struct bfd_session before, after;
	struct frame frame;
	unsigned int reason;

	frame_build(&frame, spec);
	reason = oracle(frame.bytes + frame.payload_offset, spec->field[FIELD_PAYLOAD]);
	harness_session(harness, SLOT, &before);
	if (harness_receive(harness, &frame) != XDP_DROP || harness->changed)
		return false;
	harness_session(harness, SLOT, &after);
	return as_said(&before, &after, reason);
}

static void sweep_lengths(struct harness *harness)
{
	unsigned int wrong = 0;
	struct frame_spec spec;

	for (unsigned int payload = 0; payload <= 64; payload++) {
		for (unsigned int length = 0; length < 256; length++) {
			frame_spec_init(&spec, false, harness->device, DISCR);
			spec.field[FIELD_PAYLOAD] = payload;
			spec.field[FIELD_LENGTH] = length;
			spec.field[FIELD_FLAGS] = length & 1 ? FLAG_AUTH : 0;
			wrong += !try_packet(harness, &spec);
		}
	}
	tap_equal(wrong, 0, "XDP-14: each Length in UDP payloads of 0 to 64 bytes");
}

/* Length and checksum right throughout, so that the pair decides. */
static void sweep_first_bytes(struct harness *harness)
{
	unsigned int wrong = 0;
	struct frame_spec spec;

	for (unsigned int pair = 0; pair < 65536; pair++) {
		frame_spec_init(&spec, false, harness->device, DISCR);
		spec.field[FIELD_VERSION] = pair >> 13;
		spec.field[FIELD_DIAG] = pair >> 8 & 0x1f;
		spec.field[FIELD_STATE] = pair >> 6 & 3;
		spec.field[FIELD_FLAGS] = pair & 0x3f;
		spec.field[FIELD_PAYLOAD] = 26;
		spec.field[FIELD_LENGTH] = 26;
		wrong += !try_packet(harness, &spec);
	}
	tap_equal(wrong, 0, "XDP-14: all 256 x 256 first two bytes");
}

/* IPv6's traffic class and flow label are covered by no checksum, so they may be anything. */
static void sweep_flipped_bits(struct harness *harness, bool is_ipv6)
{
	struct bfd_session before, after;
	unsigned int misread = 0;
	struct frame_spec spec;
	struct frame frame;
	size_t first;

	frame_spec_init(&spec, is_ipv6, harness->device, DISCR);
	frame_build(&frame, &spec);
	first = frame.ip_offset + (is_ipv6 ? 4 : 0);
	for (size_t bit = first * 8; bit < frame.length * 8; bit++) {
		frame.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		harness_session(harness, SLOT, &before);
		harness_receive(harness, &frame);
		harness_session(harness, SLOT, &after);
		misread += after.stats.rx_packets != before.stats.rx_packets;
		for (unsigned int i = BFD_DISCARD_BAD_VERSION; i < BFD_DISCARD_COUNT; i++)
			misread += after.stats.rx_invalid[i] != before.stats.rx_invalid[i];
		frame.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	tap_equal(misread, 0, "XDP-01: IPv%d with any one bit wrong gets no further than checksums",
		  is_ipv6 ? 6 : 4);
}

int main(void)
{
	struct harness harness;
	int error;

	harness_open(&harness, TALLY_SESSIONS);
	error = harness_create(&harness, SLOT, DISCR, false, FRAME_PEER);
	if (error)
		harness_bail("cannot create the session", error);
	harness_add_local(&harness, 0, false, false);
	harness_add_local(&harness, 0, true, false);
	test_all_cut_off(&harness);
	sweep_lengths(&harness);
	sweep_first_bytes(&harness);
	sweep_flipped_bits(&harness, false);
	sweep_flipped_bits(&harness, true);
	harness_close(&harness);
	return tap_finish();
}

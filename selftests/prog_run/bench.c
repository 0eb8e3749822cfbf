// SPDX-License-Identifier: GPL-2.0
/*
 * Nanoseconds per run of the receiving programs, as the kernel itself measures
 * them in BPF_PROG_TEST_RUN: the mean of a round of runs on the same frame,
 * minimum and median of several rounds.  The driver's and the stack's share is
 * not in it.  An accepted packet keeps its session Up, as in life.  Of the sending program
 * single ticks that send one packet, for each must be asked for; that the kernel clones the
 * frame and queues it on a veth is in it.
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "sections.h"

#define ROUNDS 7
#define RUNS 1000000
#define SENDS 2000
#define MANY_SESSIONS 1000

#define DISCR(slot) (0xd0000001U + (slot))
#define SLOT_V4 0
#define SLOT_V6 1

static const struct {
	const char *text;
	uint32_t slot;
	struct frame_edit edits[2];
} frames[] = {
	{"TCP over IPv4", SLOT_V4, {{FIELD_PROTOCOL, 6}}},
	{"UDP to another port, IPv4", SLOT_V4, {{FIELD_PORT, 53}}},
	{"UDP to another port, IPv6", SLOT_V6, {{FIELD_PORT, 53}}},
	{"control packet, IPv4, session Up", SLOT_V4, {}},
	{"control packet, IPv6, session Up", SLOT_V6, {}},
	{"control packet, IPv4, TTL 254", SLOT_V4, {{FIELD_TTL, 254}}},
	{"control packet, IPv6, unknown discriminator", SLOT_V6, {{FIELD_YOUR_DISCR, 0x12345678}}},
};

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void measure(struct harness *harness, int sessions)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint32_t ns[ROUNDS];
		struct frame_spec spec;
		struct frame frame;

		frame_spec_init(&spec, frames[i].slot == SLOT_V6, harness->device,
				DISCR(frames[i].slot));
		frame_spec_edit(&spec, frames[i].edits, 2);
		frame_build(&frame, &spec);
		for (int round = 0; round < ROUNDS; round++)
			ns[round] = harness_receive_many(harness, &frame, RUNS);
		qsort(ns, ROUNDS, sizeof(ns[0]), compare);
		printf("%-44s %8d %8u %8u\n", frames[i].text, sessions, ns[0], ns[ROUNDS / 2]);
	}
}

static void make_authenticated(struct harness *harness, uint32_t slot,
			       const struct section *section)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_DROP, .slot = slot, .local_discr = SECTIONS_DISCR};
	int error;

	harness_control(harness, &control);
	harness_command(harness, &control, slot, SECTIONS_DISCR, false, FRAME_PEER);
	if (section)
		control.config.auth = section_auth(section);
	error = harness_control(harness, &control);
	if (error)
		harness_bail("cannot create a session", error);
}

static void measure_section(struct harness *harness, const struct section *section, bool forged)
{
	uint32_t ns[ROUNDS];
	struct frame frame;

	section_frame(harness, &frame, section);
	if (forged)
		frame.bytes[frame.length - 1] ^= 1;
	make_authenticated(harness, SLOT_V4, section);
	harness_receive(harness, &frame); /* of a meticulous one the rest are replays */
	for (int round = 0; round < ROUNDS; round++)
		ns[round] = harness_receive_many(harness, &frame, RUNS / 10);
	qsort(ns, ROUNDS, sizeof(ns[0]), compare);
	printf("%-9s %-34s %8d %8u %8u\n", forged ? "forged," : "received,", section->text, 1,
	       ns[0], ns[ROUNDS / 2]);
}

static void measure_send(struct harness *harness, const struct section *section)
{
	static uint32_t ns[SENDS];
	struct bfd_control control = {
		.op = BFD_CONTROL_SET,
		.slot = SLOT_V4,
		.local_discr = SECTIONS_DISCR,
		.config = {.set = BFD_CONFIG_MULT},
	};
	uint8_t bytes[256];

	make_authenticated(harness, SLOT_V4, section);
	harness_tick_once(harness);
	for (int i = 0; i < SENDS; i++) {
		/* Another multiplier is said at once. */
		control.config.mult = 4 - i % 2;
		if (harness_control(harness, &control) != 0)
			harness_bail("cannot change the session", -EINVAL);
		ns[i] = harness_tick_ns(harness);
		if (harness_captured(harness, bytes, sizeof(bytes), 1000) == 0)
			harness_bail("nothing was sent", -EPROTO);
	}
	qsort(ns, SENDS, sizeof(ns[0]), compare);
	printf("%-9s %-34s %8d %8u %8u\n", "sent,", section ? section->text : "plain", 1, ns[0],
	       ns[SENDS / 2]);
}

static void measure_authentication(struct harness *harness)
{
	sections_set_keys(harness);
	for (size_t i = 0; i < SECTIONS_COUNT; i++)
		measure_section(harness, &sections[i], false);
	measure_section(harness, &sections[SECTIONS_MD5], true);
	measure_section(harness, &sections[SECTIONS_SHA1], true);
	measure_send(harness, NULL);
	for (size_t i = 0; i < SECTIONS_COUNT; i++)
		measure_send(harness, &sections[i]);
}

static void make_session(struct harness *harness, uint32_t slot)
{
	struct bfd_control control;
	int error;

	harness_command(harness, &control, slot, DISCR(slot), slot == SLOT_V6, FRAME_PEER);
	/* The peers of the many differ in bytes that no frame here has. */
	if (slot > SLOT_V6) {
		control.key.remote.bytes[13] = (uint8_t)(128 | slot >> 8);
		control.key.remote.bytes[14] = (uint8_t)slot;
	}
	error = harness_control(harness, &control);
	if (error)
		harness_bail("cannot create a session", error);
	harness_hear(harness, DISCR(slot), 2, 0);
	harness_hear(harness, DISCR(slot), 3, FLAG_FINAL);
	if (harness_state(harness, slot) != BFD_STATE_UP)
		harness_bail("cannot bring a session up", -EPROTO);
}

int bench(void)
{
	struct harness harness;

	harness_open(&harness, MANY_SESSIONS);
	harness_add_local(&harness, 0, false, false);
	harness_add_local(&harness, 0, true, false);
	printf("%-44s %8s %8s %8s\n", "XDP run, ns", "sessions", "min", "median");
	make_session(&harness, SLOT_V4);
	make_session(&harness, SLOT_V6);
	measure(&harness, 2);
	printf("tc, behind XDP or alone\n");
	harness.receiver = HARNESS_TC;
	measure(&harness, 2);
	harness.receiver = HARNESS_XDP;
	for (uint32_t slot = SLOT_V6 + 1; slot < MANY_SESSIONS; slot++)
		make_session(&harness, slot);
	measure(&harness, MANY_SESSIONS);
	measure_authentication(&harness);
	harness_close(&harness);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The session of a point-to-point link takes a first packet from any source (RFC 5881 6): which
 * frames, which session of several, and what commands do to that.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "tally.h"
#include "tap.h"

enum session_slot {
	SLOT_V4,
	SLOT_SECOND, /* the same device and family, so that it is too late */
	SLOT_V6,
	SLOT_OTHER, /* on the other device, which isn't point-to-point */
	SLOT_COUNT,
};

#define DISCR(slot) (0xd0000001U + (slot))
#define SECOND_PEER 3
#define STRANGER 9
#define FAR_DEVICE 5000 /* no frame comes from it */
#define MASK_V4 (96 + 24)

/* As values of FIELD_DEVICE. */
#define OURS 0
#define OTHER 1
#define EDITS 4

struct fixture {
	const char *text;
	uint32_t your_discr;
	struct frame_edit edits[EDITS];
	struct effect effect;
};

#define GLOBAL TALLY_GLOBAL
/* clang-format off */
#define ACCEPTED(slot) {EFFECT_ACCEPTED, slot, 0}
#define DISCARDED(slot, reason) {EFFECT_DISCARDED, slot, BFD_DISCARD_##reason}
#define IGNORED {EFFECT_IGNORED, 0, 0}
#define V6 {FIELD_IPV6, 1}
/* clang-format on */

/* Of a stranger in state Down, before the edits. */
static const struct fixture fixtures[] = {
	{"IPv4", 0, {}, ACCEPTED(SLOT_V4)},
	{"IPv6", 0, {V6}, ACCEPTED(SLOT_V6)},
	{"IPv6, link-local", 0, {V6, {FIELD_LINK_LOCAL, 1}}, ACCEPTED(SLOT_V6)},
	{"not the source that a session has",
	 0,
	 {{FIELD_SOURCE, SECOND_PEER}},
	 ACCEPTED(SLOT_SECOND)},
	{"nor the configured one", 0, {{FIELD_SOURCE, FRAME_PEER}}, ACCEPTED(SLOT_V4)},
	{"by discriminator as ever", DISCR(SLOT_SECOND), {}, ACCEPTED(SLOT_SECOND)},
	{"not with a discriminator of nobody",
	 0x12345678,
	 {},
	 DISCARDED(GLOBAL, UNKNOWN_DISCRIMINATOR)},
	{"not in Up", 0, {{FIELD_STATE, 3}}, DISCARDED(GLOBAL, BAD_STATE)},
	{"not from afar", 0, {{FIELD_TTL, 254}}, DISCARDED(GLOBAL, TTL)},
	{"no blame for what is wrong", 0, {{FIELD_VERSION, 0}}, DISCARDED(GLOBAL, BAD_VERSION)},
	{"not on the multihop port", 0, {{FIELD_PORT, 4784}}, DISCARDED(GLOBAL, NO_SESSION)},
	{"not on another device", 0, {{FIELD_DEVICE, OTHER}}, DISCARDED(GLOBAL, NO_SESSION)},
	{"not to somebody else", 0, {{FIELD_DESTINATION, 4}}, IGNORED},
};

/* The same, once other devices stand on ours: it may be of one of them. */
static const struct fixture below_others[] = {
	{"below others: not of whom it may be", 0, {}, IGNORED},
	{"below others: the configured one", 0, {{FIELD_SOURCE, FRAME_PEER}}, ACCEPTED(SLOT_V4)},
};

static void command(struct harness *harness, struct bfd_control *control, enum session_slot slot,
		    enum bfd_control_op op, bool any_source)
{
	harness_command(harness, control, slot, DISCR(slot), slot == SLOT_V6,
			slot == SLOT_SECOND ? SECOND_PEER : FRAME_PEER);
	control->op = op;
	control->path.header[11] = 2; /* it comes from where the peer's frames go to */
	control->any_source = any_source;
	if (slot == SLOT_OTHER)
		control->key.ifindex = harness->other_device;
}

static void run_command(struct harness *harness, enum session_slot slot, enum bfd_control_op op,
			bool any_source)
{
	struct bfd_control control;
	int error;

	command(harness, &control, slot, op, any_source);
	error = harness_control(harness, &control);
	if (error)
		harness_bail("a command was refused", error);
}

static void run(struct harness *harness, const struct fixture *fixture)
{
	uint32_t wanted = fixture->effect.kind == EFFECT_IGNORED ? XDP_PASS : XDP_DROP, verdict;
	struct tally before, after;
	struct frame_spec spec;
	struct effect effect;
	bool same_path = true;

	frame_spec_init(&spec, false, OURS, fixture->your_discr);
	spec.field[FIELD_STATE] = BFD_STATE_DOWN;
	spec.field[FIELD_SOURCE] = STRANGER;
	frame_spec_edit(&spec, fixture->edits, EDITS);
	spec.field[FIELD_DEVICE] = spec.field[FIELD_DEVICE] == OTHER ? harness->other_device
								     : harness->device;
	tally_take(harness, &before);
	verdict = harness_receive_spec(harness, &spec);
	tally_take(harness, &after);
	effect = tally_effect(&before, &after);
	for (int slot = 0; slot < SLOT_COUNT; slot++) {
		const struct bfd_session *old = &before.sessions[slot];
		const struct bfd_session *new = &after.sessions[slot];

		if (memcmp(&old->path, &new->path, sizeof(old->path)) != 0 ||
		    memcmp(&old->key, &new->key, sizeof(old->key)) != 0)
			same_path = false;
	}
	if (tap_check(verdict == wanted && same_path && tally_same(&effect, &fixture->effect),
		      "SH-14: %s", fixture->text))
		return;
	tally_print("wanted", &fixture->effect);
	tally_print("got", &effect);
	printf("# verdict %u, paths %s\n", verdict, same_path ? "unchanged" : "changed");
}

static void test_before_listeners(struct harness *harness)
{
	static const struct fixture first = {
		"before a listener is asked", 0, {}, ACCEPTED(SLOT_V4)};
	struct bfd_listener_key key = {.prefix_length = 32 + MASK_V4, .ifindex = harness->device};
	struct bfd_listener listener = {.id = 1, .limit = 1};

	frame_address(key.prefix.bytes, false, false, 0);
	if (bpf_map_update_elem(harness->listeners_fd, &key, &listener, BPF_ANY) < 0)
		harness_bail("cannot add a listener", -errno);
	run(harness, &first);
	harness_read_events(harness);
	tap_equal(harness->newcomer_count, 0, "SH-14: so that none is told of it");
}

static void test_commands(struct harness *harness)
{
	static const struct fixture nobody = {
		"deleted, or not any more, it isn't taken", 0, {}, DISCARDED(GLOBAL, NO_SESSION)};
	static const struct fixture first = {"the first has it again", 0, {}, ACCEPTED(SLOT_V4)};
	static const struct fixture second = {
		"once the first is gone, the second can have it", 0, {}, ACCEPTED(SLOT_SECOND)};
	static const struct fixture v6 = {"IPv6 isn't moved by that", 0, {V6}, ACCEPTED(SLOT_V6)};
	struct bfd_control control;

	run_command(harness, SLOT_V4, BFD_CONTROL_SET_PATH, false);
	run(harness, &nobody);
	run_command(harness, SLOT_V4, BFD_CONTROL_SET_PATH, true);
	run_command(harness, SLOT_SECOND, BFD_CONTROL_SET_PATH, true);
	run(harness, &first);
	/* It moves to another device with its session, and back. */
	command(harness, &control, SLOT_V4, BFD_CONTROL_SET_PATH, true);
	control.key.ifindex = FAR_DEVICE;
	if (harness_control(harness, &control) != 0)
		harness_bail("cannot move a session", -EPROTO);
	run(harness, &nobody);
	run_command(harness, SLOT_V4, BFD_CONTROL_SET_PATH, true);
	run(harness, &first);
	run_command(harness, SLOT_V4, BFD_CONTROL_DELETE, false);
	run(harness, &nobody);
	run_command(harness, SLOT_SECOND, BFD_CONTROL_SET_PATH, true);
	run(harness, &second);
	run_command(harness, SLOT_SECOND, BFD_CONTROL_DROP, false);
	run(harness, &nobody);
	run(harness, &v6);
}

/* As many as there are slots. */
static void test_room(struct harness *harness)
{
	unsigned int held = 0;

	for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
		struct bfd_control control = {
			.op = BFD_CONTROL_DROP, .slot = slot, .local_discr = DISCR(slot)};

		harness_control(harness, &control); /* some are gone already */
	}
	for (uint32_t slot = 0; slot < harness->max_sessions; slot++) {
		struct bfd_control control;
		struct bfd_session session;

		harness_command(harness, &control, slot, DISCR(slot), slot & 1, FRAME_PEER);
		control.key.ifindex = FAR_DEVICE + slot;
		control.any_source = 1;
		if (harness_control(harness, &control) != 0)
			break;
		harness_session(harness, slot, &session);
		held += session.any_source;
	}
	tap_equal(held, harness->max_sessions, "SH-14: each session can have its link");
}

int main(void)
{
	struct harness harness;

	harness_open(&harness, TALLY_SESSIONS);
	for (int slot = 0; slot < SLOT_COUNT; slot++)
		run_command(&harness, slot, BFD_CONTROL_CREATE, slot != SLOT_OTHER);
	harness_add_local(&harness, 0, false, false);
	harness_add_local(&harness, 0, true, false);
	harness_add_local(&harness, harness.device, true, true);
	for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++)
		run(&harness, &fixtures[i]);
	test_before_listeners(&harness);
	test_commands(&harness);
	run_command(&harness, SLOT_V4, BFD_CONTROL_DROP, false);
	run_command(&harness, SLOT_V4, BFD_CONTROL_CREATE, true);
	harness_add_vlan(&harness, harness.device, 0, 1);
	harness.receiver = HARNESS_BOTH;
	for (size_t i = 0; i < sizeof(below_others) / sizeof(below_others[0]); i++)
		run(&harness, &below_others[i]);
	test_room(&harness);
	harness_close(&harness);
	return tap_finish();
}

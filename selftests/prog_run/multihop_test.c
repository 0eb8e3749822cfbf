// SPDX-License-Identifier: GPL-2.0
/*
 * Multihop sessions beside single hops of the same addresses (RFC 5883 4, 5), in VRFs, and
 * devices that others stand on: which session a frame is for, the verdict, and the one
 * counter that moves.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "tally.h"
#include "tap.h"

/* All of a peer .1 or ::1 with our .2 or ::2. */
enum session_slot {
	SLOT_SINGLE,
	SLOT_V4, /* multihop, not from farther than 250 */
	SLOT_V6, /* multihop, from anywhere */
	SLOT_VRF,
	SLOT_COUNT,
};

#define DISCR(slot) (0xd0000001U + (slot))
#define VLAN_IFINDEX 1000 /* behind tag 100; no session of one hop is there */
#define VRF_IFINDEX 77	  /* the other device's */
#define MIN_TTL 250

/* As values of FIELD_DEVICE. */
#define OURS 0
#define OTHER 1

#define TAG                                                                                        \
	{                                                                                          \
		FIELD_TAG, 0x81000000U | 100                                                       \
	}
#define MULTIHOP                                                                                   \
	{                                                                                          \
		FIELD_PORT, 4784                                                                   \
	}
#define STATE_DOWN                                                                                 \
	{                                                                                          \
		FIELD_STATE, 1                                                                     \
	}
#define EDITS 6

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
/* clang-format on */

static const struct fixture fixtures[] = {
	{"MH-01: by discriminator", DISCR(SLOT_V4), {MULTIHOP}, ACCEPTED(SLOT_V4)},
	{"MH-01: by discriminator, IPv6",
	 DISCR(SLOT_V6),
	 {MULTIHOP, {FIELD_IPV6, 1}},
	 ACCEPTED(SLOT_V6)},
	{"MH-02: by both addresses", 0, {MULTIHOP, STATE_DOWN}, ACCEPTED(SLOT_V4)},
	{"MH-02: by both addresses, IPv6",
	 0,
	 {MULTIHOP, STATE_DOWN, {FIELD_IPV6, 1}},
	 ACCEPTED(SLOT_V6)},
	{"MH-02: by whatever device", 0, {MULTIHOP, STATE_DOWN, TAG}, ACCEPTED(SLOT_V4)},
	{"MH-02: to another address of ours",
	 0,
	 {MULTIHOP, STATE_DOWN, {FIELD_DESTINATION, 3}},
	 DISCARDED(GLOBAL, NO_SESSION)},
	{"RX-09: to another address of ours, but by discriminator",
	 DISCR(SLOT_V4),
	 {MULTIHOP, {FIELD_DESTINATION, 3}},
	 ACCEPTED(SLOT_V4)},
	{"MH-02: from another address",
	 0,
	 {MULTIHOP, STATE_DOWN, {FIELD_SOURCE, 9}},
	 DISCARDED(GLOBAL, NO_SESSION)},
	{"MH-03: the other port means the single hop", 0, {STATE_DOWN}, ACCEPTED(SLOT_SINGLE)},
	{"MH-03: on its device only", 0, {STATE_DOWN, TAG}, DISCARDED(GLOBAL, NO_SESSION)},
	{"BUG-37: the single hop's discriminator on the multihop port",
	 DISCR(SLOT_SINGLE),
	 {MULTIHOP},
	 DISCARDED(GLOBAL, UNKNOWN_DISCRIMINATOR)},
	{"BUG-37: the multihop discriminator on the single hop's port",
	 DISCR(SLOT_V4),
	 {},
	 DISCARDED(GLOBAL, UNKNOWN_DISCRIMINATOR)},

	{"MH-04: from as far away as may be",
	 DISCR(SLOT_V4),
	 {MULTIHOP, {FIELD_TTL, MIN_TTL}},
	 ACCEPTED(SLOT_V4)},
	{"MH-04: from one hop more",
	 DISCR(SLOT_V4),
	 {MULTIHOP, {FIELD_TTL, MIN_TTL - 1}},
	 DISCARDED(SLOT_V4, TTL)},
	{"MH-04: from one hop more, by address",
	 0,
	 {MULTIHOP, STATE_DOWN, {FIELD_TTL, MIN_TTL - 1}},
	 DISCARDED(SLOT_V4, TTL)},
	{"MH-04: from anywhere",
	 DISCR(SLOT_V6),
	 {MULTIHOP, {FIELD_IPV6, 1}, {FIELD_TTL, 1}},
	 ACCEPTED(SLOT_V6)},
	{"MH-04: a single hop is one",
	 DISCR(SLOT_SINGLE),
	 {{FIELD_TTL, 254}},
	 DISCARDED(SLOT_SINGLE, TTL)},
	{"RX-17: too far away and of a wrong version",
	 DISCR(SLOT_V4),
	 {MULTIHOP, {FIELD_TTL, 1}, {FIELD_VERSION, 0}},
	 DISCARDED(SLOT_V4, BAD_VERSION)},
	{"RX-17: too far away and authenticated",
	 DISCR(SLOT_V4),
	 {MULTIHOP,
	  {FIELD_TTL, 1},
	  {FIELD_FLAGS, FLAG_AUTH},
	  {FIELD_LENGTH, 26},
	  {FIELD_PAYLOAD, 26}},
	 DISCARDED(SLOT_V4, TTL)},
	{"XDP-01: IPv4 header checksum wrong",
	 DISCR(SLOT_V4),
	 {MULTIHOP, {FIELD_IP_CHECKSUM_ERROR, 1}},
	 DISCARDED(SLOT_V4, CHECKSUM)},
	{"XDP-01: UDP checksum wrong, IPv6",
	 DISCR(SLOT_V6),
	 {MULTIHOP, {FIELD_IPV6, 1}, {FIELD_CHECKSUM, CHECKSUM_BAD}},
	 DISCARDED(SLOT_V6, CHECKSUM)},
	{"RX-11: Your Discriminator 0 in Up", 0, {MULTIHOP}, DISCARDED(SLOT_V4, BAD_STATE)},
	{"RX-07: the M bit",
	 DISCR(SLOT_V4),
	 {MULTIHOP, {FIELD_FLAGS, FLAG_MULTIPOINT}},
	 DISCARDED(SLOT_V4, MULTIPOINT)},
	{"RX-14: authentication that the session doesn't use",
	 DISCR(SLOT_V4),
	 {MULTIHOP, {FIELD_FLAGS, FLAG_AUTH}, {FIELD_LENGTH, 26}, {FIELD_PAYLOAD, 26}},
	 DISCARDED(SLOT_V4, AUTH_UNEXPECTED)},

	{"XDP-03: VRF: the same addresses are another session's there",
	 0,
	 {MULTIHOP, STATE_DOWN, {FIELD_DEVICE, OTHER}},
	 ACCEPTED(SLOT_VRF)},
	{"XDP-03: VRF: a fault counts there",
	 0,
	 {MULTIHOP, {FIELD_DEVICE, OTHER}},
	 DISCARDED(SLOT_VRF, BAD_STATE)},
	{"XDP-03: VRF: an address that is ours elsewhere only",
	 0,
	 {MULTIHOP, STATE_DOWN, {FIELD_DEVICE, OTHER}, {FIELD_IPV6, 1}},
	 IGNORED},
	{"XDP-03: VRF: the same of a single hop",
	 DISCR(SLOT_SINGLE),
	 {{FIELD_DEVICE, OTHER}, {FIELD_IPV6, 1}},
	 IGNORED},
	{"XDP-03: to somebody else", DISCR(SLOT_V4), {MULTIHOP, {FIELD_DESTINATION, 4}}, IGNORED},
};

/* The same, once other devices stand on ours. */
static const struct fixture below_others[] = {
	{"its own neighbour", 0, {STATE_DOWN}, ACCEPTED(SLOT_SINGLE)},
	{"its own neighbour, by discriminator", DISCR(SLOT_SINGLE), {}, ACCEPTED(SLOT_SINGLE)},
	{"its own neighbour, to another's MAC", 0, {STATE_DOWN, {FIELD_STATION, 9}}, IGNORED},
	{"its own neighbour's, but authenticated",
	 0,
	 {STATE_DOWN, {FIELD_FLAGS, FLAG_AUTH}, {FIELD_LENGTH, 26}, {FIELD_PAYLOAD, 26}},
	 DISCARDED(SLOT_SINGLE, AUTH_UNEXPECTED)},
	{"its own neighbour, by discriminator, to another's MAC",
	 DISCR(SLOT_SINGLE),
	 {{FIELD_STATION, 9}},
	 ACCEPTED(SLOT_SINGLE)},
	{"its own neighbour, TTL 254",
	 DISCR(SLOT_SINGLE),
	 {{FIELD_TTL, 254}},
	 DISCARDED(SLOT_SINGLE, TTL)},
	{"its own neighbour, a discriminator of nobody",
	 0x12345678,
	 {},
	 DISCARDED(GLOBAL, UNKNOWN_DISCRIMINATOR)},
	{"somebody else's", 0, {STATE_DOWN, {FIELD_SOURCE, 9}}, IGNORED},
	{"somebody else's, TTL 254", 0, {STATE_DOWN, {FIELD_SOURCE, 9}, {FIELD_TTL, 254}}, IGNORED},
	{"somebody else's, a discriminator of nobody", 0x12345678, {{FIELD_SOURCE, 9}}, IGNORED},
	{"a session's discriminator, whoever sends it",
	 DISCR(SLOT_SINGLE),
	 {{FIELD_SOURCE, 9}},
	 ACCEPTED(SLOT_SINGLE)},
	{"multihop", 0, {MULTIHOP, STATE_DOWN}, ACCEPTED(SLOT_V4)},
	{"multihop, to another's MAC",
	 0,
	 {MULTIHOP, STATE_DOWN, {FIELD_STATION, 9}},
	 ACCEPTED(SLOT_V4)},
	{"multihop of somebody else", 0, {MULTIHOP, STATE_DOWN, {FIELD_SOURCE, 9}}, IGNORED},
};

static void make_session(struct harness *harness, enum session_slot slot)
{
	struct bfd_control control;
	int error;

	harness_command(harness, &control, slot, DISCR(slot), slot == SLOT_V6, FRAME_PEER);
	control.path.header[11] = 2; /* it comes from where the peer's frames go to */
	if (slot != SLOT_SINGLE) {
		control.config.multihop = 1;
		control.config.min_ttl = slot == SLOT_V4 ? MIN_TTL : 1;
		control.key.multihop = 1;
		control.key.ifindex = slot == SLOT_VRF ? VRF_IFINDEX : 0;
		frame_address(control.key.local.bytes, slot == SLOT_V6, false, FRAME_LOCAL);
	}
	error = harness_control(harness, &control);
	if (error)
		harness_bail("cannot create a session", error);
}

static void bring_up(struct harness *harness)
{
	for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
		struct frame_spec spec;

		if (harness_state(harness, slot) == BFD_STATE_UP)
			continue;
		frame_spec_init(&spec, slot == SLOT_V6, harness->device, DISCR(slot));
		spec.field[FIELD_STATE] = BFD_STATE_INIT;
		spec.field[FIELD_PORT] = slot == SLOT_SINGLE ? 3784 : 4784;
		harness_receive_spec(harness, &spec);
		if (harness_state(harness, slot) != BFD_STATE_UP)
			harness_bail("cannot bring a session up", -71 /* EPROTO */);
	}
}

static void run(struct harness *harness, const struct fixture *fixture, const char *group)
{
	uint32_t wanted = fixture->effect.kind == EFFECT_IGNORED ? XDP_PASS : XDP_DROP, verdict;
	struct tally before, after;
	struct frame_spec spec;
	struct effect effect;

	frame_spec_init(&spec, false, OURS, fixture->your_discr);
	frame_spec_edit(&spec, fixture->edits, EDITS);
	spec.field[FIELD_DEVICE] = spec.field[FIELD_DEVICE] == OTHER ? harness->other_device
								     : harness->device;
	bring_up(harness);
	tally_take(harness, &before);
	verdict = harness_receive_spec(harness, &spec);
	tally_take(harness, &after);
	effect = tally_effect(&before, &after);
	if (tap_check(verdict == wanted && !harness->changed &&
			      tally_same(&effect, &fixture->effect),
		      "%s%s", group, fixture->text))
		return;
	tally_print("wanted", &fixture->effect);
	tally_print("got", &effect);
	printf("# verdict %u, frame %s\n", verdict, harness->changed ? "changed" : "unchanged");
}

/* A tag may be out of XDP's sight: what names no session of ours is left to tc. */
static void test_left_to_tc(struct harness *harness)
{
	static const struct fixture left[] = {
		{"XDP-12: left to tc: by address", 0, {STATE_DOWN}, IGNORED},
		{"XDP-12: left to tc: by address, multihop", 0, {MULTIHOP, STATE_DOWN}, IGNORED},
		{"XDP-12: left to tc: a fault", DISCR(SLOT_SINGLE), {{FIELD_TTL, 254}}, IGNORED},
		{"XDP-12: not left to tc: by discriminator",
		 DISCR(SLOT_SINGLE),
		 {},
		 ACCEPTED(SLOT_SINGLE)},
		{"XDP-12: not left to tc: a tag in sight",
		 0,
		 {STATE_DOWN, TAG},
		 DISCARDED(GLOBAL, NO_SESSION)},
	};

	harness->receiver = HARNESS_XDP;
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		run(harness, &left[i], "");
}

int main(void)
{
	struct bfd_local_key another = {};
	struct harness harness;

	harness_open(&harness, TALLY_SESSIONS);
	for (int slot = 0; slot < SLOT_COUNT; slot++)
		make_session(&harness, slot);
	harness_add_local(&harness, 0, false, false);
	harness_add_local(&harness, 0, true, false);
	harness_add_local(&harness, VRF_IFINDEX, false, false);
	frame_address(another.address.bytes, false, false, 3);
	harness_add_local_key(&harness, &another);
	harness_add_vlan(&harness, harness.device, 100, VLAN_IFINDEX);
	harness_add_domain(&harness, harness.other_device, VRF_IFINDEX);
	for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++)
		run(&harness, &fixtures[i], "");
	harness_add_vlan(&harness, harness.device, 0, 1);
	test_left_to_tc(&harness);
	harness.receiver = HARNESS_BOTH;
	for (size_t i = 0; i < sizeof(below_others) / sizeof(below_others[0]); i++)
		run(&harness, &below_others[i], "below others: ");
	harness_close(&harness);
	return tap_finish();
}

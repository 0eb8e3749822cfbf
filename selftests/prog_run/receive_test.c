// SPDX-License-Identifier: GPL-2.0
/*
 * Reception, frame by frame: a table of what arrives, the verdict, and the one
 * counter that moves (RFC 5880 6.8.6, RFC 5881 3-5); once in XDP, once in tc without it.  With
 * --bench it measures instead; see bench.h.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "bench.h"
#include "tally.h"
#include "tap.h"

/* The sessions, all with a peer .1 or ::1, by slot. */
enum session_slot {
	SLOT_V4,
	SLOT_V6,
	SLOT_LINK,
	SLOT_OTHER_LINK, /* the same link-local peer on the other device */
	SLOT_VLAN,	 /* the same IPv4 peer behind tag 100 */
	SLOT_INNER_VLAN, /* and behind tag 100 with tag 7 inside */
	SLOT_COUNT,
};

#define DISCR(slot) (0xd0000001U + (slot))
#define VLAN_IFINDEX 1000
#define INNER_VLAN_IFINDEX 1001

/* As values of FIELD_DEVICE in the table. */
#define OURS 0
#define OTHER 1

#define CTAG(vid) (0x81000000U | (vid))
#define STAG(vid) (0x88a80000U | (vid))
#define PRIORITY 0xe000

#define EDITS 6

struct fixture {
	const char *text;
	enum session_slot slot; /* whose packet it is, before the edits */
	struct frame_edit edits[EDITS];
	struct effect effect;
};

#define ACCEPTED(slot)                                                                             \
	{                                                                                          \
		EFFECT_ACCEPTED, slot, 0                                                           \
	}
#define DISCARDED(slot, reason)                                                                    \
	{                                                                                          \
		EFFECT_DISCARDED, slot, BFD_DISCARD_##reason                                       \
	}
#define IGNORED                                                                                    \
	{                                                                                          \
		EFFECT_IGNORED, 0, 0                                                               \
	}
#define GLOBAL TALLY_GLOBAL
/* What a peer says that knows nothing of us: found by address. */
#define BY_ADDRESS                                                                                 \
	{FIELD_YOUR_DISCR, 0},                                                                     \
	{                                                                                          \
		FIELD_STATE, 1                                                                     \
	}

static const struct fixture fixtures[] = {
	{"RX-09: IPv4", SLOT_V4, {}, ACCEPTED(SLOT_V4)},
	{"RX-09: IPv6", SLOT_V6, {}, ACCEPTED(SLOT_V6)},
	{"RX-09: IPv6, link-local", SLOT_LINK, {}, ACCEPTED(SLOT_LINK)},

	{"SH-06: TTL 254", SLOT_V4, {{FIELD_TTL, 254}}, DISCARDED(SLOT_V4, TTL)},
	{"SH-06: TTL 1", SLOT_V4, {{FIELD_TTL, 1}}, DISCARDED(SLOT_V4, TTL)},
	{"SH-06: TTL 0", SLOT_V4, {{FIELD_TTL, 0}}, DISCARDED(SLOT_V4, TTL)},
	{"SH-06: Hop Limit 254", SLOT_V6, {{FIELD_TTL, 254}}, DISCARDED(SLOT_V6, TTL)},
	{"SH-06: Hop Limit 1", SLOT_V6, {{FIELD_TTL, 1}}, DISCARDED(SLOT_V6, TTL)},
	{"SH-06: Hop Limit 0", SLOT_V6, {{FIELD_TTL, 0}}, DISCARDED(SLOT_V6, TTL)},
	{"SH-06: TTL 254 from a stranger",
	 SLOT_V4,
	 {{FIELD_TTL, 254}, {FIELD_SOURCE, 9}},
	 DISCARDED(GLOBAL, TTL)},

	{"XDP-01: IPv4 header checksum wrong",
	 SLOT_V4,
	 {{FIELD_IP_CHECKSUM_ERROR, 1}},
	 DISCARDED(SLOT_V4, CHECKSUM)},
	{"XDP-01: IPv4, UDP checksum wrong",
	 SLOT_V4,
	 {{FIELD_CHECKSUM, CHECKSUM_BAD}},
	 DISCARDED(SLOT_V4, CHECKSUM)},
	{"XDP-01: IPv6, UDP checksum wrong",
	 SLOT_V6,
	 {{FIELD_CHECKSUM, CHECKSUM_BAD}},
	 DISCARDED(SLOT_V6, CHECKSUM)},
	{"XDP-01: IPv4, no UDP checksum",
	 SLOT_V4,
	 {{FIELD_CHECKSUM, CHECKSUM_ZERO}},
	 ACCEPTED(SLOT_V4)},
	{"BUG-43: IPv6, no UDP checksum",
	 SLOT_V6,
	 {{FIELD_CHECKSUM, CHECKSUM_ZERO}},
	 DISCARDED(SLOT_V6, CHECKSUM)},
	{"XDP-01: IPv4, partial checksum",
	 SLOT_V4,
	 {{FIELD_CHECKSUM, CHECKSUM_PARTIAL}},
	 ACCEPTED(SLOT_V4)},
	{"XDP-01: IPv6, partial checksum",
	 SLOT_V6,
	 {{FIELD_CHECKSUM, CHECKSUM_PARTIAL}},
	 ACCEPTED(SLOT_V6)},
	{"XDP-01: IPv4, odd payload, UDP checksum right",
	 SLOT_V4,
	 {{FIELD_PAYLOAD, 65}, {FIELD_FILLER, 0xa5}},
	 ACCEPTED(SLOT_V4)},
	{"XDP-01: IPv6, odd payload, UDP checksum wrong",
	 SLOT_V6,
	 {{FIELD_PAYLOAD, 65}, {FIELD_FILLER, 0xa5}, {FIELD_CHECKSUM, CHECKSUM_BAD}},
	 DISCARDED(SLOT_V6, CHECKSUM)},

	{"RX-01: version 0", SLOT_V4, {{FIELD_VERSION, 0}}, DISCARDED(SLOT_V4, BAD_VERSION)},
	{"RX-01: version 2", SLOT_V4, {{FIELD_VERSION, 2}}, DISCARDED(SLOT_V4, BAD_VERSION)},
	{"RX-01: version 7", SLOT_V6, {{FIELD_VERSION, 7}}, DISCARDED(SLOT_V6, BAD_VERSION)},
	{"RX-02: Length 0", SLOT_V4, {{FIELD_LENGTH, 0}}, DISCARDED(SLOT_V4, SHORT_LENGTH)},
	{"RX-02: Length 23", SLOT_V4, {{FIELD_LENGTH, 23}}, DISCARDED(SLOT_V4, SHORT_LENGTH)},
	{"RX-03: A and Length 24",
	 SLOT_V4,
	 {{FIELD_FLAGS, FLAG_AUTH}},
	 DISCARDED(SLOT_V4, SHORT_LENGTH)},
	{"RX-03: A and Length 25",
	 SLOT_V4,
	 {{FIELD_FLAGS, FLAG_AUTH}, {FIELD_LENGTH, 25}, {FIELD_PAYLOAD, 25}},
	 DISCARDED(SLOT_V4, SHORT_LENGTH)},
	{"RX-04: Length 25 in 24 bytes",
	 SLOT_V4,
	 {{FIELD_LENGTH, 25}},
	 DISCARDED(SLOT_V4, LONG_LENGTH)},
	{"RX-04: Length 30 in 24 bytes and 6 of padding",
	 SLOT_V4,
	 {{FIELD_LENGTH, 30}, {FIELD_PADDING, 6}},
	 DISCARDED(SLOT_V4, LONG_LENGTH)},
	{"RX-04: Length 255 in 64 bytes",
	 SLOT_V6,
	 {{FIELD_LENGTH, 255}, {FIELD_PAYLOAD, 64}},
	 DISCARDED(SLOT_V6, LONG_LENGTH)},
	{"RX-05: Length 24 in 64 bytes of zeroes",
	 SLOT_V4,
	 {{FIELD_PAYLOAD, 64}},
	 ACCEPTED(SLOT_V4)},
	{"RX-05: Length 24 in 64 bytes of others",
	 SLOT_V6,
	 {{FIELD_PAYLOAD, 64}, {FIELD_FILLER, 0xff}},
	 ACCEPTED(SLOT_V6)},
	{"RX-05: Length 64 in 64 bytes",
	 SLOT_V4,
	 {{FIELD_PAYLOAD, 64}, {FIELD_LENGTH, 64}},
	 ACCEPTED(SLOT_V4)},
	{"RX-05: 1400 bytes over IPv4",
	 SLOT_V4,
	 {{FIELD_PAYLOAD, 1400}, {FIELD_FILLER, 0x5a}},
	 ACCEPTED(SLOT_V4)},
	{"RX-05: 1400 bytes over IPv6",
	 SLOT_V6,
	 {{FIELD_PAYLOAD, 1400}, {FIELD_FILLER, 0x5a}},
	 ACCEPTED(SLOT_V6)},
	{"XDP-02: 9000 bytes over IPv4, in several buffers",
	 SLOT_V4,
	 {{FIELD_PAYLOAD, 9000}, {FIELD_FILLER, 0x5a}},
	 ACCEPTED(SLOT_V4)},
	{"XDP-02: 9000 bytes over IPv6, in several buffers",
	 SLOT_V6,
	 {{FIELD_PAYLOAD, 9000}, {FIELD_FILLER, 0x5a}},
	 ACCEPTED(SLOT_V6)},
	{"XDP-02: 9000 bytes, UDP checksum wrong",
	 SLOT_V6,
	 {{FIELD_PAYLOAD, 9000}, {FIELD_FILLER, 0x5a}, {FIELD_CHECKSUM, CHECKSUM_BAD}},
	 DISCARDED(SLOT_V6, CHECKSUM)},
	{"RX-04: payload of no bytes",
	 SLOT_V4,
	 {{FIELD_PAYLOAD, 0}},
	 DISCARDED(SLOT_V4, BAD_VERSION)},
	{"RX-04: payload of 23 bytes",
	 SLOT_V4,
	 {{FIELD_PAYLOAD, 23}},
	 DISCARDED(SLOT_V4, LONG_LENGTH)},
	{"RX-06: Detect Mult 0",
	 SLOT_V4,
	 {{FIELD_MULTIPLIER, 0}},
	 DISCARDED(SLOT_V4, ZERO_MULTIPLIER)},
	{"RX-07: the M bit",
	 SLOT_V6,
	 {{FIELD_FLAGS, FLAG_MULTIPOINT}},
	 DISCARDED(SLOT_V6, MULTIPOINT)},
	{"RX-08: My Discriminator 0",
	 SLOT_V4,
	 {{FIELD_MY_DISCR, 0}},
	 DISCARDED(SLOT_V4, ZERO_DISCRIMINATOR)},
	{"RX-10: Your Discriminator of nobody",
	 SLOT_V4,
	 {{FIELD_YOUR_DISCR, 0x12345678}},
	 DISCARDED(GLOBAL, UNKNOWN_DISCRIMINATOR)},
	{"RX-11: Your Discriminator 0 in Init",
	 SLOT_V4,
	 {{FIELD_YOUR_DISCR, 0}, {FIELD_STATE, 2}},
	 DISCARDED(SLOT_V4, BAD_STATE)},
	{"RX-11: Your Discriminator 0 in Up",
	 SLOT_LINK,
	 {{FIELD_YOUR_DISCR, 0}, {FIELD_STATE, 3}},
	 DISCARDED(SLOT_LINK, BAD_STATE)},
	{"RX-11: Your Discriminator 0 in Up, from a stranger",
	 SLOT_V4,
	 {{FIELD_YOUR_DISCR, 0}, {FIELD_STATE, 3}, {FIELD_SOURCE, 9}},
	 DISCARDED(GLOBAL, BAD_STATE)},
	{"RX-12: Your Discriminator 0 in Down, IPv4", SLOT_V4, {BY_ADDRESS}, ACCEPTED(SLOT_V4)},
	{"RX-12: Your Discriminator 0 in Down, IPv6", SLOT_V6, {BY_ADDRESS}, ACCEPTED(SLOT_V6)},
	{"RX-12: Your Discriminator 0 in AdminDown",
	 SLOT_V6,
	 {{FIELD_YOUR_DISCR, 0}, {FIELD_STATE, 0}},
	 ACCEPTED(SLOT_V6)},
	{"RX-13: Your Discriminator 0 from a stranger",
	 SLOT_V4,
	 {BY_ADDRESS, {FIELD_SOURCE, 9}},
	 DISCARDED(GLOBAL, NO_SESSION)},
	{"RX-13: Your Discriminator 0 from our neighbour, but on another device",
	 SLOT_V4,
	 {BY_ADDRESS, {FIELD_DEVICE, OTHER}},
	 DISCARDED(GLOBAL, NO_SESSION)},
	{"RX-14: authentication that the session doesn't use",
	 SLOT_V4,
	 {{FIELD_FLAGS, FLAG_AUTH}, {FIELD_LENGTH, 28}, {FIELD_PAYLOAD, 28}},
	 DISCARDED(SLOT_V4, AUTH_UNEXPECTED)},
	{"RX-14: found by address",
	 SLOT_V6,
	 {BY_ADDRESS, {FIELD_FLAGS, FLAG_AUTH}, {FIELD_LENGTH, 26}, {FIELD_PAYLOAD, 26}},
	 DISCARDED(SLOT_V6, AUTH_UNEXPECTED)},

	{"RX-09: another source address", SLOT_V4, {{FIELD_SOURCE, 9}}, ACCEPTED(SLOT_V4)},
	{"RX-09: another source port", SLOT_V4, {{FIELD_SOURCE_PORT, 65535}}, ACCEPTED(SLOT_V4)},
	{"RX-09: the other family", SLOT_V4, {{FIELD_IPV6, 1}}, ACCEPTED(SLOT_V4)},
	{"RX-09: another device", SLOT_V6, {{FIELD_DEVICE, OTHER}}, ACCEPTED(SLOT_V6)},
	{"RX-24: source port below 49152", SLOT_V4, {{FIELD_SOURCE_PORT, 1024}}, ACCEPTED(SLOT_V4)},
	{"RX-24: Diag 31", SLOT_V4, {{FIELD_DIAG, 31}}, ACCEPTED(SLOT_V4)},
	{"RX-24: P and F", SLOT_V4, {{FIELD_FLAGS, FLAG_POLL | FLAG_FINAL}}, ACCEPTED(SLOT_V4)},
	{"RX-24: C and D", SLOT_V4, {{FIELD_FLAGS, FLAG_CPI | FLAG_DEMAND}}, ACCEPTED(SLOT_V4)},
	{"RX-24: multiplier 255", SLOT_V4, {{FIELD_MULTIPLIER, 255}}, ACCEPTED(SLOT_V4)},
	{"RX-24: longest intervals",
	 SLOT_V4,
	 {{FIELD_DESIRED_MIN_TX, 0xffffffff}, {FIELD_REQUIRED_MIN_RX, 0xffffffff}},
	 ACCEPTED(SLOT_V4)},

	{"SH-10: link-local peer on its link", SLOT_LINK, {BY_ADDRESS}, ACCEPTED(SLOT_LINK)},
	{"SH-10: the same peer on another link",
	 SLOT_LINK,
	 {BY_ADDRESS, {FIELD_DEVICE, OTHER}},
	 ACCEPTED(SLOT_OTHER_LINK)},
	{"XDP-03: link-local address of ours on another link only",
	 SLOT_LINK,
	 {BY_ADDRESS, {FIELD_TAG, CTAG(100)}},
	 IGNORED},

	{"XDP-12: tag of VID 0", SLOT_V4, {BY_ADDRESS, {FIELD_TAG, CTAG(0)}}, ACCEPTED(SLOT_V4)},
	{"XDP-12: tag of VID 0 with a priority",
	 SLOT_V6,
	 {BY_ADDRESS, {FIELD_TAG, CTAG(PRIORITY)}},
	 ACCEPTED(SLOT_V6)},
	{"XDP-12: tag of a device",
	 SLOT_V4,
	 {BY_ADDRESS, {FIELD_TAG, CTAG(PRIORITY | 100)}},
	 ACCEPTED(SLOT_VLAN)},
	{"XDP-12: fault behind a tag counts there",
	 SLOT_V4,
	 {{FIELD_TAG, CTAG(100)}, {FIELD_TTL, 254}},
	 DISCARDED(SLOT_VLAN, TTL)},
	{"XDP-12: tag of no device", SLOT_V4, {BY_ADDRESS, {FIELD_TAG, CTAG(101)}}, IGNORED},
	{"XDP-12: tag of no device, Your Discriminator right",
	 SLOT_V4,
	 {{FIELD_TAG, CTAG(101)}},
	 IGNORED},
	{"XDP-12: tag of a device on another one",
	 SLOT_V4,
	 {BY_ADDRESS, {FIELD_TAG, CTAG(100)}, {FIELD_DEVICE, OTHER}},
	 IGNORED},
	{"XDP-12: two tags",
	 SLOT_V4,
	 {BY_ADDRESS, {FIELD_TAG, STAG(100)}, {FIELD_INNER_TAG, CTAG(7)}},
	 ACCEPTED(SLOT_INNER_VLAN)},
	{"XDP-12: two tags, the inner of no device",
	 SLOT_V4,
	 {BY_ADDRESS, {FIELD_TAG, STAG(100)}, {FIELD_INNER_TAG, CTAG(8)}},
	 IGNORED},
	{"XDP-12: two tags, the outer of no device",
	 SLOT_V4,
	 {BY_ADDRESS, {FIELD_TAG, STAG(7)}, {FIELD_INNER_TAG, CTAG(100)}},
	 IGNORED},
	{"XDP-12: three tags",
	 SLOT_V4,
	 {{FIELD_TAG, STAG(100)}, {FIELD_INNER_TAG, CTAG(7)}, {FIELD_ETHERTYPE, 0x8100}},
	 IGNORED},

	{"XDP-02: trailing bytes of Ethernet, IPv4",
	 SLOT_V4,
	 {{FIELD_PADDING, 6}},
	 ACCEPTED(SLOT_V4)},
	{"XDP-02: trailing bytes of Ethernet, IPv6",
	 SLOT_V6,
	 {{FIELD_PADDING, 46}},
	 ACCEPTED(SLOT_V6)},
	{"XDP-02: IPv4 options", SLOT_V4, {{FIELD_OPTIONS, 1}}, IGNORED},
	{"XDP-02: all IPv4 options", SLOT_V4, {{FIELD_OPTIONS, 10}}, IGNORED},
	{"XDP-02: IPv4 header length below 5", SLOT_V4, {{FIELD_IP_HEADER_WORDS, 4}}, IGNORED},
	{"XDP-02: IPv4 header with version 6", SLOT_V4, {{FIELD_IP_VERSION, 6}}, IGNORED},
	{"XDP-02: IPv6 header with version 4", SLOT_V6, {{FIELD_IP_VERSION, 4}}, IGNORED},
	{"XDP-02: IPv6 hop-by-hop options", SLOT_V6, {{FIELD_EXTENSION, 0 + 1}}, IGNORED},
	{"XDP-02: IPv6 destination options", SLOT_V6, {{FIELD_EXTENSION, 60 + 1}}, IGNORED},
	{"XDP-02: IPv6 fragment header", SLOT_V6, {{FIELD_EXTENSION, 44 + 1}}, IGNORED},
	{"XDP-02: first IPv4 fragment", SLOT_V4, {{FIELD_FRAGMENT, 0x2000}}, IGNORED},
	{"XDP-02: last IPv4 fragment", SLOT_V4, {{FIELD_FRAGMENT, 1}}, IGNORED},
	{"XDP-02: IPv4 Don't Fragment", SLOT_V4, {{FIELD_FRAGMENT, 0x4000}}, ACCEPTED(SLOT_V4)},
	{"XDP-02: IPv4 packet longer than its frame",
	 SLOT_V4,
	 {{FIELD_IP_LENGTH_MORE, 1}},
	 IGNORED},
	{"XDP-02: IPv6 packet longer than its frame",
	 SLOT_V6,
	 {{FIELD_IP_LENGTH_MORE, 1}},
	 IGNORED},
	{"XDP-02: UDP longer than its IPv4 packet",
	 SLOT_V4,
	 {{FIELD_UDP_LENGTH_MORE, 1}, {FIELD_PADDING, 8}},
	 IGNORED},
	{"XDP-02: UDP longer than its IPv6 packet",
	 SLOT_V6,
	 {{FIELD_UDP_LENGTH_MORE, 1}, {FIELD_PADDING, 8}},
	 IGNORED},
	{"XDP-02: UDP length 7", SLOT_V4, {{FIELD_UDP_LENGTH_MORE, (uint32_t)-25}}, IGNORED},
	{"XDP-02: UDP shorter than its IP packet, and too short for its Length",
	 SLOT_V4,
	 {{FIELD_UDP_LENGTH_MORE, (uint32_t)-1}, {FIELD_CHECKSUM, CHECKSUM_ZERO}},
	 DISCARDED(SLOT_V4, LONG_LENGTH)},

	{"XDP-03: another address, IPv4", SLOT_V4, {{FIELD_DESTINATION, 3}}, IGNORED},
	{"XDP-03: another address, IPv6", SLOT_V6, {{FIELD_DESTINATION, 3}}, IGNORED},
	{"XDP-03: another address and TTL 254",
	 SLOT_V4,
	 {{FIELD_DESTINATION, 3}, {FIELD_TTL, 254}},
	 IGNORED},
	{"XDP-03: UDP port 3785", SLOT_V4, {{FIELD_PORT, 3785}}, IGNORED},
	{"MH-02: UDP port 4784 with the discriminator of a single hop",
	 SLOT_V6,
	 {{FIELD_PORT, 4784}},
	 DISCARDED(GLOBAL, UNKNOWN_DISCRIMINATOR)},
	{"MH-02: UDP port 4784 from a single hop's neighbour",
	 SLOT_V6,
	 {BY_ADDRESS, {FIELD_PORT, 4784}},
	 DISCARDED(GLOBAL, NO_SESSION)},
	{"XDP-03: UDP port 53", SLOT_V4, {{FIELD_PORT, 53}}, IGNORED},
	{"XDP-03: from port 3784 to another",
	 SLOT_V4,
	 {{FIELD_SOURCE_PORT, 3784}, {FIELD_PORT, 49152}},
	 IGNORED},
	{"XDP-03: TCP over IPv4", SLOT_V4, {{FIELD_PROTOCOL, 6}}, IGNORED},
	{"XDP-03: TCP over IPv6", SLOT_V6, {{FIELD_PROTOCOL, 6}}, IGNORED},
	{"XDP-03: ARP", SLOT_V4, {{FIELD_ETHERTYPE, 0x0806}}, IGNORED},
	{"XDP-03: IPv6 under the EtherType of IPv4", SLOT_V6, {{FIELD_ETHERTYPE, 0x0800}}, IGNORED},
	{"XDP-03: IPv4 under the EtherType of IPv6", SLOT_V4, {{FIELD_ETHERTYPE, 0x86dd}}, IGNORED},
};

/* One fault for each reason, in the order of the checks. */
static const struct fault {
	unsigned int reason;
	struct frame_edit edits[EDITS];
} faults[] = {
	{BFD_DISCARD_TTL, {{FIELD_TTL, 64}}},
	{BFD_DISCARD_CHECKSUM, {{FIELD_CHECKSUM, CHECKSUM_BAD}}},
	{BFD_DISCARD_BAD_VERSION, {{FIELD_VERSION, 0}}},
	{BFD_DISCARD_SHORT_LENGTH, {{FIELD_LENGTH, 23}}},
	{BFD_DISCARD_LONG_LENGTH, {{FIELD_LENGTH, 60}}},
	{BFD_DISCARD_ZERO_MULTIPLIER, {{FIELD_MULTIPLIER, 0}}},
	{BFD_DISCARD_MULTIPOINT, {{FIELD_FLAGS, FLAG_MULTIPOINT}}},
	{BFD_DISCARD_ZERO_DISCRIMINATOR, {{FIELD_MY_DISCR, 0}}},
	{BFD_DISCARD_UNKNOWN_DISCRIMINATOR, {{FIELD_YOUR_DISCR, 0x12345678}}},
	{BFD_DISCARD_BAD_STATE, {{FIELD_YOUR_DISCR, 0}}},
	{BFD_DISCARD_NO_SESSION, {BY_ADDRESS, {FIELD_SOURCE, 9}}},
	{BFD_DISCARD_AUTH_UNEXPECTED,
	 {{FIELD_FLAGS, FLAG_AUTH}, {FIELD_LENGTH, 28}, {FIELD_PAYLOAD, 28}}},
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static void make_session(struct harness *harness, enum session_slot slot, uint32_t device,
			 bool is_ipv6, bool is_link_local)
{
	struct bfd_control control;
	int error;

	harness_command(harness, &control, slot, DISCR(slot), is_ipv6, FRAME_PEER);
	harness_key(&control.key, device, is_ipv6, is_link_local, FRAME_PEER);
	error = harness_control(harness, &control);
	if (error)
		harness_bail("cannot create a session", error);
}

static void make_sessions(struct harness *harness)
{
	make_session(harness, SLOT_V4, harness->device, false, false);
	make_session(harness, SLOT_V6, harness->device, true, false);
	make_session(harness, SLOT_LINK, harness->device, true, true);
	make_session(harness, SLOT_OTHER_LINK, harness->other_device, true, true);
	make_session(harness, SLOT_VLAN, VLAN_IFINDEX, false, false);
	make_session(harness, SLOT_INNER_VLAN, INNER_VLAN_IFINDEX, false, false);
	harness_add_local(harness, 0, false, false);
	harness_add_local(harness, 0, true, false);
	harness_add_local(harness, harness->device, true, true);
	harness_add_local(harness, harness->other_device, true, true);
	harness_add_vlan(harness, harness->device, 100, VLAN_IFINDEX);
	harness_add_vlan(harness, VLAN_IFINDEX, 7, INNER_VLAN_IFINDEX);
}

/* By whatever way, all sessions Up again. */
static void bring_up(struct harness *harness)
{
	for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
		if (harness_state(harness, slot) != BFD_STATE_UP)
			harness_hear(harness, DISCR(slot), 2, 0);
		if (harness_state(harness, slot) != BFD_STATE_UP)
			harness_bail("cannot bring a session up", -EPROTO);
	}
}

/* The packet as a slot's peer sends it. */
static void spec_of(const struct harness *harness, struct frame_spec *spec, enum session_slot slot)
{
	frame_spec_init(spec, slot == SLOT_V6 || slot == SLOT_LINK, OURS, DISCR(slot));
	spec->field[FIELD_LINK_LOCAL] = slot == SLOT_LINK;
	(void)harness;
}

static void run(struct harness *harness, struct frame_spec *spec, const struct effect *want,
		const char *text)
{
	uint32_t wanted_verdict = want->kind == EFFECT_IGNORED ? XDP_PASS : XDP_DROP, verdict;
	struct tally before, after;
	struct effect effect;
	bool ok;

	spec->field[FIELD_DEVICE] = spec->field[FIELD_DEVICE] == OTHER ? harness->other_device
								       : harness->device;
	bring_up(harness);
	tally_take(harness, &before);
	verdict = harness_receive_spec(harness, spec);
	tally_take(harness, &after);
	effect = tally_effect(&before, &after);
	ok = verdict == wanted_verdict && !harness->changed && tally_same(&effect, want);
	if (tap_check(ok, "%s%s: %s%s", harness->receiver == HARNESS_TC ? "tc: " : "", text,
		      want->kind == EFFECT_IGNORED    ? "to the stack"
		      : want->kind == EFFECT_ACCEPTED ? "accepted"
						      : tally_reason(want->reason),
		      want->kind == EFFECT_DISCARDED && want->where == GLOBAL ? ", globally" : ""))
		return;
	tally_print("wanted", want);
	tally_print("got", &effect);
	printf("# verdict %u, frame %s\n", verdict, harness->changed ? "changed" : "unchanged");
}

static void test_fixtures(struct harness *harness)
{
	for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++) {
		const struct fixture *fixture = &fixtures[i];
		struct frame_spec spec;

		spec_of(harness, &spec, fixture->slot);
		frame_spec_edit(&spec, fixture->edits, EDITS);
		/* The kernel takes no long frames for tc here, and no tags beside them. */
		if (harness->receiver == HARNESS_TC &&
		    (spec.field[FIELD_TAG] || spec.field[FIELD_PAYLOAD] > 1500))
			continue;
		run(harness, &spec, &fixture->effect, fixture->text);
	}
}

static void spoil(struct frame_spec *spec, const struct fault *fault)
{
	uint32_t flags = spec->field[FIELD_FLAGS];

	frame_spec_edit(spec, fault->edits, EDITS);
	spec->field[FIELD_FLAGS] |= flags;
}

/* Faults of which a packet can have but one. */
static bool exclusive(unsigned int first, unsigned int second)
{
	if (first == BFD_DISCARD_SHORT_LENGTH && second == BFD_DISCARD_LONG_LENGTH)
		return true;
	return (first == BFD_DISCARD_UNKNOWN_DISCRIMINATOR || first == BFD_DISCARD_BAD_STATE) &&
	       (second == BFD_DISCARD_BAD_STATE || second == BFD_DISCARD_NO_SESSION);
}

static bool counts_globally(unsigned int first, unsigned int second)
{
	return first == BFD_DISCARD_UNKNOWN_DISCRIMINATOR || first == BFD_DISCARD_NO_SESSION ||
	       second == BFD_DISCARD_NO_SESSION;
}

static void test_double_faults(struct harness *harness)
{
	for (size_t first = 0; first < FAULTS; first++) {
		for (size_t second = first + 1; second < FAULTS; second++) {
			unsigned int reason = faults[first].reason, other = faults[second].reason;
			struct effect want = {.kind = EFFECT_DISCARDED, .reason = reason};
			struct frame_spec spec;
			char text[128];

			if (exclusive(reason, other))
				continue;
			want.where = counts_globally(reason, other) ? GLOBAL : SLOT_V4;
			spec_of(harness, &spec, SLOT_V4);
			spoil(&spec, &faults[second]);
			spoil(&spec, &faults[first]);
			snprintf(text, sizeof(text), "RX-17: %s with %s", tally_reason(reason),
				 tally_reason(other));
			run(harness, &spec, &want, text);
		}
	}
}

/* A sum of zero is sent as 0xffff (RFC 768). */
static void test_checksum_all_ones(struct harness *harness)
{
	for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
		struct frame_spec spec;
		struct frame frame;
		struct bfd_session before, after;
		uint8_t *check;

		spec_of(harness, &spec, is_ipv6 ? SLOT_V6 : SLOT_V4);
		spec.field[FIELD_DEVICE] = harness->device;
		spec.field[FIELD_PAYLOAD] = 26;
		frame_build(&frame, &spec);
		/* The two bytes after the packet take what the checksum made up for. */
		check = frame.bytes + frame.udp_offset + 6;
		memcpy(frame.bytes + frame.payload_offset + 24, check, 2);
		memset(check, 0xff, 2);
		bring_up(harness);
		harness_session(harness, is_ipv6, &before);
		harness_receive(harness, &frame);
		harness_session(harness, is_ipv6, &after);
		tap_equal(after.stats.rx_packets - before.stats.rx_packets, 1,
			  "XDP-01: IPv%d, UDP checksum 0xffff that stands for 0: accepted",
			  is_ipv6 ? 6 : 4);
	}
}

int main(int argc, char **argv)
{
	struct harness harness;

	if (argc == 2 && strcmp(argv[1], "--bench") == 0)
		return bench();
	harness_open(&harness, TALLY_SESSIONS);
	make_sessions(&harness);
	test_fixtures(&harness);
	test_double_faults(&harness);
	test_checksum_all_ones(&harness);
	harness.receiver = HARNESS_TC;
	test_fixtures(&harness);
	test_double_faults(&harness);
	test_checksum_all_ones(&harness);
	harness_close(&harness);
	return tap_finish();
}

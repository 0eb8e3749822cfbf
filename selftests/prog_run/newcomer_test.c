// SPDX-License-Identifier: GPL-2.0
/*
 * Which neighbours without a session the agent is told of (RFC 9468), and how often at most.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include <bpf/bpf.h>

#include "tally.h"
#include "tap.h"

#define DISCR 0xd0000001U
#define MASK_V4 (96 + 24) /* 192.0.2.0/24, mapped */
#define LISTENER 5
#define LISTENER_V6 6
#define LISTENER_HOST 7
#define STRANGERS 200
/* As the data plane has it. */
#define BURST 32
#define GAP_MS 10

static void add_listener(struct harness *harness, uint32_t id, bool is_ipv6, bool is_link_local,
			 uint8_t last, unsigned int length)
{
	struct bfd_listener_key key = {.prefix_length = 32 + length, .ifindex = harness->device};
	struct bfd_listener listener = {.id = id, .limit = 1};

	frame_address(key.prefix.bytes, is_ipv6, is_link_local, last);
	if (bpf_map_update_elem(harness->listeners_fd, &key, &listener, BPF_ANY) < 0)
		harness_bail("cannot add a listener", -errno);
}

/* What a neighbour says that knows nothing of us. */
static void spec_of(const struct harness *harness, struct frame_spec *spec, bool is_ipv6,
		    uint8_t last)
{
	frame_spec_init(spec, is_ipv6, harness->device, 0);
	spec->field[FIELD_STATE] = BFD_STATE_DOWN;
	spec->field[FIELD_SOURCE] = last;
}

/* Receive, and return how many newcomers were told of. */
static int hear(struct harness *harness, const struct frame_spec *spec)
{
	harness_receive_spec(harness, spec);
	harness_read_events(harness);
	return harness->newcomer_count;
}

/* As hear(), of one just told of.  A machine that stood still for the second after which it is told
 * of again learns nothing by that.
 */
static int told_again(struct harness *harness, const struct frame_spec *spec)
{
	uint64_t told_ns = harness->newcomers[0].time_ns;
	int told = hear(harness, spec);

	for (int i = 0; i < 10 && told == 1; i++) {
		uint64_t again_ns = harness->newcomers[0].time_ns;

		if (again_ns - told_ns < 1000 * HARNESS_NS_PER_MS)
			break;
		told_ns = again_ns;
		told = hear(harness, spec);
	}
	return told;
}

static void test_told(struct harness *harness)
{
	const struct bfd_newcomer *newcomer = &harness->newcomers[0];
	uint64_t before[BFD_DISCARD_COUNT], after[BFD_DISCARD_COUNT];
	uint64_t before_ns = harness_now_ns();
	struct bfd_address local = {}, remote = {};
	struct frame_spec spec;

	spec_of(harness, &spec, false, 9);
	tap_equal(hear(harness, &spec), 0, "RFC 9468: without a listener nobody is told");
	add_listener(harness, LISTENER, false, false, 0, MASK_V4);
	harness_discards(harness, before);
	tap_equal(hear(harness, &spec), 1, "RFC 9468: with one the agent is, of a new neighbour");
	harness_discards(harness, after);
	frame_address(remote.bytes, false, false, 9);
	frame_address(local.bytes, false, false, FRAME_LOCAL);
	tap_check(newcomer->listener_id == LISTENER && newcomer->ifindex == harness->device &&
			  memcmp(&newcomer->remote, &remote, sizeof(remote)) == 0 &&
			  memcmp(&newcomer->local, &local, sizeof(local)) == 0 &&
			  newcomer->time_ns > before_ns && newcomer->time_ns < harness_now_ns(),
		  "RFC 9468: of the listener, the device, both addresses and the time");
	tap_equal(after[BFD_DISCARD_NO_SESSION] - before[BFD_DISCARD_NO_SESSION], 1,
		  "RFC 9468: the packet itself counts as no-session");
	tap_equal(told_again(harness, &spec), 0, "RFC 9468: the same again is no news,");
	harness_sleep_ms(1100);
	tap_equal(hear(harness, &spec), 1, "RFC 9468: but after a second");

	spec_of(harness, &spec, true, 9);
	spec.field[FIELD_LINK_LOCAL] = 1;
	add_listener(harness, LISTENER_V6, true, true, 0, 64);
	tap_check(hear(harness, &spec) == 1 && newcomer->listener_id == LISTENER_V6,
		  "RFC 9468: IPv6, link-local");
	add_listener(harness, LISTENER_HOST, false, false, 10, 128);
	spec_of(harness, &spec, false, 10);
	tap_check(hear(harness, &spec) == 1 && newcomer->listener_id == LISTENER_HOST,
		  "RFC 9468: the longest prefix is the listener");
}

/* None of these is of a neighbour for whom a session could be made. */
static void test_not_told(struct harness *harness)
{
	static const struct {
		const char *text;
		uint8_t source;
		struct frame_edit edits[3];
	} frames[] = {
		{"on another device", 20, {{FIELD_DEVICE, 1}}},
		{"of a prefix without a listener", 21, {{FIELD_IPV6, 1}}},
		{"who has a session", FRAME_PEER, {{FIELD_NONE, 0}}},
		{"in AdminDown", 22, {{FIELD_STATE, 0}}},
		{"in Init without our discriminator", 23, {{FIELD_STATE, 2}}},
		{"with a discriminator of nobody", 24, {{FIELD_YOUR_DISCR, 99}}},
		{"from afar", 25, {{FIELD_TTL, 254}}},
		{"on the multihop port", 26, {{FIELD_PORT, 4784}}},
		{"with a wrong checksum", 27, {{FIELD_CHECKSUM, CHECKSUM_BAD}}},
		{"with authentication",
		 28,
		 {{FIELD_FLAGS, FLAG_AUTH}, {FIELD_LENGTH, 26}, {FIELD_PAYLOAD, 26}}},
		{"to somebody else", 29, {{FIELD_DESTINATION, 3}}},
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct frame_spec spec;

		spec_of(harness, &spec, false, frames[i].source);
		frame_spec_edit(&spec, frames[i].edits, 3);
		if (spec.field[FIELD_DEVICE] == 1)
			spec.field[FIELD_DEVICE] = harness->other_device;
		tap_equal(hear(harness, &spec), 0, "RFC 9468: nobody is told of one %s",
			  frames[i].text);
	}
}

/* However many come, the agent has other things to do. */
static void test_flood(struct harness *harness)
{
	struct bfd_listener_key listener_key = {.prefix_length = 32 + MASK_V4};
	struct bfd_listener listener = {.id = 77, .limit = 1};
	struct frame_spec spec;
	uint64_t begin_ns, took_ms;
	unsigned int told = 0;

	harness_sleep_ms(2 * BURST * GAP_MS); /* so that the whole burst is there */
	begin_ns = harness_now_ns();
	for (unsigned int last = 40; last < 40 + STRANGERS; last++) {
		spec_of(harness, &spec, false, (uint8_t)last);
		told += (unsigned int)hear(harness, &spec);
	}
	took_ms = (harness_now_ns() - begin_ns) / HARNESS_NS_PER_MS;
	listener_key.ifindex = harness->other_device;
	frame_address(listener_key.prefix.bytes, false, false, 0);
	if (bpf_map_update_elem(harness->listeners_fd, &listener_key, &listener, BPF_ANY) < 0)
		harness_bail("cannot add a listener", -errno);
	spec_of(harness, &spec, false, 9);
	spec.field[FIELD_DEVICE] = harness->other_device;
	tap_equal(hear(harness, &spec), 1, "RFC 9468: another device has its own share");
	tap_check(told >= BURST && told <= BURST + 1 + took_ms / GAP_MS,
		  "RFC 9468: of %d at once the agent is told of %u, in %llu ms", STRANGERS, told,
		  (unsigned long long)took_ms);
	/* Each is told of in the end, though they all come again only with the others. */
	begin_ns = harness_now_ns();
	while (told < STRANGERS && harness_now_ns() < begin_ns + 60000 * HARNESS_NS_PER_MS) {
		harness_sleep_ms(300);
		for (unsigned int last = 40; last < 40 + STRANGERS; last++) {
			spec_of(harness, &spec, false, (uint8_t)last);
			told += (unsigned int)hear(harness, &spec);
		}
	}
	tap_check(told >= STRANGERS, "RFC 9468: and of as many in the end");
}

int main(void)
{
	struct harness harness;

	harness_open(&harness, TALLY_SESSIONS);
	if (harness_create(&harness, 0, DISCR, false, FRAME_PEER) != 0)
		harness_bail("cannot create a session", -EPROTO);
	harness_add_local(&harness, 0, false, false);
	harness_add_local(&harness, 0, true, false);
	harness_add_local(&harness, harness.device, true, true);
	test_told(&harness);
	test_not_told(&harness);
	test_flood(&harness);
	harness_close(&harness);
	return tap_finish();
}

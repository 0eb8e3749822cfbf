// SPDX-License-Identifier: GPL-2.0
/*
 * The transmit clock, tick by tick: which sessions are visited, what leaves
 * through the device, and what becomes of the tick frame.  The ticks are made
 * here, so that no time is measured but the data plane's own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include <bpf/bpf.h>

#include "harness.h"
#include "kern/wheel_size.h"
#include "tap.h"

#define TICK_US 1000 /* harness_set_clock() */
#define DISCR(slot) (0xd0000001U + (slot))
#define CAPTURE_MS 2000
#define PACE_MS 10000
#define SETTLE_MS 50 /* long enough for a frame that must not come */

static void ticks(struct harness *harness, unsigned int ms)
{
	uint64_t end_ns = harness_now_ns() + ms * HARNESS_NS_PER_MS;

	do {
		harness_tick_once(harness);
		harness_sleep_ms(1);
	} while (harness_now_ns() < end_ns);
}

static void create(struct harness *harness, uint32_t slot, bool is_ipv6)
{
	int error = harness_create(harness, slot, DISCR(slot), is_ipv6, FRAME_PEER);

	if (error)
		harness_bail("cannot create a session", error);
}

static void command(struct harness *harness, enum bfd_control_op op, uint32_t slot)
{
	struct bfd_control control = {.op = op, .slot = slot, .local_discr = DISCR(slot)};

	if (harness_control(harness, &control) != 0)
		harness_bail("cannot delete a session", -EPROTO);
}

/* The next packet that left, as a frame; its length is 0 if none did. */
static const uint8_t *next_packet(struct harness *harness, struct frame *frame,
				  unsigned int timeout_ms)
{
	memset(frame, 0, sizeof(*frame));
	frame->length = harness_captured(harness, frame->bytes, sizeof(frame->bytes), timeout_ms);
	frame->ip_offset = 14;
	frame->payload_offset = frame->bytes[12] == 0x86 ? 62 : 42;
	frame->udp_offset = frame->payload_offset - 8;
	return frame->bytes + frame->payload_offset;
}

static unsigned int drain(struct harness *harness)
{
	struct frame frame;
	unsigned int count = 0;

	while (next_packet(harness, &frame, SETTLE_MS) && frame.length != 0)
		count++;
	return count;
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static bool in_wheel(const struct harness *harness, uint32_t slot)
{
	struct bfd_wheel_node node;

	if (bpf_map_lookup_elem(harness->wheel_nodes_fd, &slot, &node) < 0)
		harness_bail("cannot read the wheel", -errno);
	return node.head != 0;
}

/* No session yet. */
static void test_frames(struct harness *harness)
{
	uint32_t generation = harness_set_clock(harness, harness->other_device);
	struct bfd_tick_frame good = {.ethertype = htons(BFD_TICK_ETHERTYPE),
				      .generation = generation};
	uint8_t bytes[BFD_TICK_LENGTH] = {};
	struct bfd_tick_frame bad;
	struct bfd_clock clock;

	memcpy(bytes, &good, sizeof(good));
	tap_equal(harness_tick(harness, bytes, sizeof(bytes)), TC_ACT_SHOT,
		  "tick: without sessions the frame ends");
	create(harness, 0, false);
	/* BPF_PROG_TEST_RUN's frames belong to a socket, like an agent's: test_respawn sees the
	 * copy. */
	tap_equal(harness_tick(harness, bytes, sizeof(bytes)), TC_ACT_SHOT,
		  "tick: with one it goes round, as a copy that is no socket's");
	tap_check(!harness->changed && memcmp(bytes, &good, sizeof(good)) == 0,
		  "tick: and is what it was, though packets were made in it");
	tap_equal(drain(harness), 1, "tick: the new session spoke");
	harness_clock(harness, &clock);
	tap_equal(clock.ticks, 1, "tick: it is counted");
	tap_equal(clock.busy, 0, "tick: and over");
	bad = good;
	bad.generation--;
	memcpy(bytes, &bad, sizeof(bad));
	tap_equal(harness_tick(harness, bytes, sizeof(bytes)), TC_ACT_SHOT,
		  "tick: a frame of another generation ends");
	bad = good;
	bad.ethertype = htons(0x0800);
	memcpy(bytes, &bad, sizeof(bad));
	tap_equal(harness_tick(harness, bytes, sizeof(bytes)), TC_ACT_SHOT,
		  "tick: what is no tick frame ends");
	memcpy(bytes, &good, sizeof(good));
	tap_equal(harness_tick(harness, bytes, sizeof(good) - 1), TC_ACT_SHOT,
		  "tick: so does a short one");
	harness_clock(harness, &clock);
	tap_equal(clock.ticks, 1, "tick: none of these is one");
	harness_set_clock(harness, 0);
	tap_equal(harness_tick_once(harness), TC_ACT_SHOT,
		  "tick: nothing goes round if the agent injects");
	harness_clock(harness, &clock);
	tap_equal(clock.ticks, 2, "tick: but it is a tick");
	command(harness, BFD_CONTROL_DROP, 0);
	drain(harness);
}

/* Passive, and without a peer silent: only so that the clock doesn't stand still. */
static void create_keeper(struct harness *harness)
{
	struct bfd_control control;

	harness_command(harness, &control, harness->max_sessions - 1, 1, true, 99);
	control.config.passive = 1;
	if (harness_control(harness, &control) != 0)
		harness_bail("cannot create the keeper", -EPROTO);
	harness_tick_once(harness);
	tap_check(drain(harness) == 0 && !in_wheel(harness, harness->max_sessions - 1),
		  "TX-05: a passive session is silent until spoken to");
}

static void check_packet(struct harness *harness, bool is_ipv6)
{
	static const uint8_t source[6] = {2, 0, 0, 0, 0, 1};
	size_t headers = is_ipv6 ? 62 : 42;
	const uint8_t *packet, *ip;
	struct bfd_session session;
	struct frame frame;

	create(harness, 0, is_ipv6);
	harness_tick_once(harness);
	packet = next_packet(harness, &frame, CAPTURE_MS);
	ip = frame.bytes + frame.ip_offset;
	tap_equal(frame.length, headers + 24, "IPv%d: a packet leaves at the next tick",
		  is_ipv6 ? 6 : 4);
	tap_check(memcmp(frame.bytes + 6, source, 6) == 0, "IPv%d: from the path's address",
		  is_ipv6 ? 6 : 4);
	tap_equal(is_ipv6 ? ip[7] : ip[8], 255, "SH-05: TTL or Hop Limit");
	if (!is_ipv6)
		tap_equal(frame_sum(0, ip, 20), 0xffff, "XDP-09: IPv4 header checksum");
	tap_equal(get32(frame.bytes + frame.udp_offset), 49152U << 16 | 3784,
		  "SH-01, SH-02: ports");
	tap_equal(frame_sum(frame_pseudo_sum(ip, is_ipv6, 32), frame.bytes + frame.udp_offset, 32),
		  0xffff, "BUG-43: UDP checksum over IPv%d", is_ipv6 ? 6 : 4);
	tap_check(packet[0] == 0x20 && packet[1] == (BFD_STATE_DOWN << 6 | FLAG_CPI) &&
			  packet[2] == 3 && packet[3] == 24,
		  "VAR-01: version 1, no diag, Down, only C, multiplier 3, Length 24");
	tap_check(get32(packet + 4) == DISCR(0) && get32(packet + 8) == 0,
		  "VAR-01: our discriminator, none of the peer");
	tap_check(get32(packet + 12) == 1000000 && get32(packet + 16) == 50000 &&
			  get32(packet + 20) == 0,
		  "VAR-07: 1 s, what we accept, no Echo");
	harness_session(harness, 0, &session);
	tap_check(session.stats.tx_packets == 1 && session.stats.tx_failed == 0,
		  "YANG-02: it is counted");
	tap_check(session.kick == 0 && !session.kick_queued, "the kick is used up");
	tap_check(in_wheel(harness, 0) && session.visit_ns > session.vars.last_tx_ns,
		  "the next visit stands in the wheel");
	tap_equal(drain(harness), 0, "nothing else leaves");
	command(harness, BFD_CONTROL_DROP, 0);
	harness_tick_once(harness);
	tap_check(!in_wheel(harness, 0), "a dropped session leaves the wheel");
}

static void test_final(struct harness *harness)
{
	const uint8_t *packet;
	struct frame frame;

	create(harness, 0, false);
	harness_tick_once(harness);
	drain(harness);
	harness_hear(harness, 0, BFD_STATE_DOWN, FLAG_POLL);
	harness_tick_once(harness);
	packet = next_packet(harness, &frame, CAPTURE_MS);
	tap_check(packet[1] == (BFD_STATE_INIT << 6 | FLAG_FINAL | FLAG_CPI) &&
			  get32(packet + 8) == FRAME_PEER_DISCR,
		  "RX-22: the Final says Init, and knows the peer");
	tap_equal(drain(harness), 0, "RX-22: one packet does it all");
	harness_hear(harness, DISCR(0), BFD_STATE_INIT, 0);
	harness_tick_once(harness);
	packet = next_packet(harness, &frame, CAPTURE_MS);
	tap_check(packet[1] == (BFD_STATE_UP << 6 | FLAG_POLL | FLAG_CPI) &&
			  get32(packet + 12) == 50000,
		  "TMR-02: the first packet in Up polls for the configured interval");
	harness_hear(harness, DISCR(0), BFD_STATE_UP, FLAG_POLL);
	harness_hear(harness, DISCR(0), BFD_STATE_UP, FLAG_POLL);
	harness_tick_once(harness);
	packet = next_packet(harness, &frame, CAPTURE_MS);
	tap_check(packet[1] == (BFD_STATE_UP << 6 | FLAG_FINAL | FLAG_CPI),
		  "RX-22: our own Poll doesn't show in a Final");
	tap_equal(drain(harness), 0, "RX-22: two Polls in a tick get one Final");
	command(harness, BFD_CONTROL_DROP, 0);
	harness_tick_once(harness);
}

/* Up with a peer that takes 20 ms, our configured 50 ms: 37.5 to 50 ms between packets. */
/* In place of what harness_set_clock() said: how long the clock may take. */
static void set_tick(struct harness *harness, uint32_t tick_us)
{
	struct bfd_clock clock;
	uint32_t zero = 0;

	harness_clock(harness, &clock);
	clock.tick_us = tick_us;
	if (bpf_map_update_elem(harness->clock_fd, &zero, &clock, BPF_ANY) < 0)
		harness_bail("cannot write the clock", -errno);
}

/* A frame that XDP handed on, if protocol and generation are ours. */
static uint32_t answer(struct harness *harness, uint16_t protocol, uint32_t generation)
{
	struct bfd_tick_frame frame = {
		.ethertype = htons(protocol), .number = BFD_TICK_FRAMES, .generation = generation};
	uint8_t bytes[66] = {};

	memcpy(bytes, &frame, sizeof(frame));
	return harness_answer(harness, bytes, sizeof(bytes));
}

static void test_answer(struct harness *harness)
{
	struct bfd_clock before, after;
	const uint8_t *packet;
	struct frame frame;

	create(harness, 0, false);
	harness_tick_once(harness);
	drain(harness);
	set_tick(harness, 60000000); /* however slow this machine is, the clock isn't late */
	harness_hear(harness, 0, BFD_STATE_DOWN, FLAG_POLL);
	harness_clock(harness, &before);
	tap_equal(answer(harness, ETH_P_IP, before.generation), (uint32_t)TC_ACT_UNSPEC,
		  "POLL-05: a packet of somebody else goes on");
	tap_equal(answer(harness, BFD_TICK_ETHERTYPE, before.generation + 1),
		  (uint32_t)TC_ACT_UNSPEC, "POLL-05: so does one that only looks like ours");
	tap_equal(drain(harness), 0, "POLL-05: and is no occasion to send");
	tap_equal(answer(harness, BFD_TICK_ETHERTYPE, before.generation), TC_ACT_SHOT,
		  "POLL-05: one that was handed on ends");
	packet = next_packet(harness, &frame, CAPTURE_MS);
	tap_check(packet[1] == (BFD_STATE_INIT << 6 | FLAG_FINAL | FLAG_CPI),
		  "POLL-05: and the Final left without a tick");
	harness_clock(harness, &after);
	tap_check(before.ticks == after.ticks && before.cursor == after.cursor && !after.busy,
		  "POLL-05: the clock is as it was");
	tap_check(in_wheel(harness, 0), "POLL-06: the session keeps its schedule");
	set_tick(harness, TICK_US);
	command(harness, BFD_CONTROL_DROP, 0);
	harness_tick_once(harness);
}

/* The clock device is gone, or its shaper: what a peer sends keeps us going. */
static void test_stand_in(struct harness *harness)
{
	struct bfd_clock before, after;
	struct frame_spec spec;
	const uint8_t *packet;
	struct frame frame;

	create(harness, 0, false);
	harness_tick_once(harness);
	frame_spec_init(&spec, false, harness->device, DISCR(0));
	spec.field[FIELD_REQUIRED_MIN_RX] = 20000;
	harness_receive_spec(harness, &spec); /* still Down: our interval is 1 s at most */
	harness_tick_once(harness);	      /* and on the wheel with that schedule */
	drain(harness);
	set_tick(harness, 60000000);
	harness_receive_spec(harness, &spec);
	tap_check(!harness->owed, "clock: while it runs a packet ends in XDP");
	set_tick(harness, TICK_US);
	harness_sleep_ms(1100);
	harness_clock(harness, &before);
	harness_receive_spec(harness, &spec);
	tap_check(harness->owed, "clock: if no tick comes, a packet is passed on for its bytes");
	answer(harness, BFD_TICK_ETHERTYPE, before.generation);
	packet = next_packet(harness, &frame, CAPTURE_MS);
	tap_check(frame.length != 0 && packet[1] >> 6 == BFD_STATE_DOWN,
		  "clock: with which what is due leaves");
	harness_clock(harness, &after);
	tap_equal(after.stood_in, before.stood_in + 1, "clock: it is counted");
	tap_check(after.ticks == before.ticks && !after.busy, "clock: and isn't a tick");
	command(harness, BFD_CONTROL_DROP, 0);
	harness_tick_once(harness);
	drain(harness);
}

static void test_pace(struct harness *harness)
{
	struct frame_spec spec;
	struct bfd_session first, second;
	uint64_t shortest_ns = UINT64_MAX, longest_ns = 0, gap_ns, end_ns;
	uint64_t round_ns = 0, begun_ns, now_ns;
	unsigned int packets = 0;

	create(harness, 0, false);
	frame_spec_init(&spec, false, harness->device, DISCR(0));
	spec.field[FIELD_REQUIRED_MIN_RX] = 20000;
	spec.field[FIELD_STATE] = BFD_STATE_INIT;
	harness_receive_spec(harness, &spec);
	spec.field[FIELD_STATE] = BFD_STATE_UP;
	spec.field[FIELD_FLAGS] = FLAG_FINAL;
	harness_receive_spec(harness, &spec);
	harness_tick_once(harness);
	harness_session(harness, 0, &first);
	tap_equal(first.stats.tx_packets, 1, "TX-07: Up is told at once");
	begun_ns = harness_now_ns();
	end_ns = begun_ns + PACE_MS * HARNESS_NS_PER_MS;
	while (packets < 12 && begun_ns < end_ns) {
		ticks(harness, 1);
		now_ns = harness_now_ns();
		round_ns = now_ns - begun_ns > round_ns ? now_ns - begun_ns : round_ns;
		begun_ns = now_ns;
		harness_session(harness, 0, &second);
		if (second.stats.tx_packets == first.stats.tx_packets)
			continue;
		gap_ns = second.vars.last_tx_ns - first.vars.last_tx_ns;
		shortest_ns = gap_ns < shortest_ns ? gap_ns : shortest_ns;
		longest_ns = gap_ns > longest_ns ? gap_ns : longest_ns;
		first = second;
		packets++;
	}
	tap_equal(packets, 12, "TX-02: packets leave by themselves");
	tap_check(shortest_ns >= 37500000, "TX-02: no gap is below 75 %% of the interval");
	/* Our ticks are a process's: two rounds may lie between one and the next. */
	tap_check(longest_ns < 55000000 + 2 * round_ns,
		  "TX-02: none is above it, but for late ticks");
	printf("# %llu to %llu us\n", (unsigned long long)shortest_ns / 1000,
	       (unsigned long long)longest_ns / 1000);
	tap_equal(drain(harness), packets + 1, "all that was counted left");
	spec.field[FIELD_FLAGS] = 0;
	spec.field[FIELD_REQUIRED_MIN_RX] = 0;
	harness_receive_spec(harness, &spec);
	ticks(harness, 120);
	tap_equal(drain(harness), 0, "TX-06: a peer that takes none gets none");
	tap_check(!in_wheel(harness, 0), "TX-06: nor is it visited");
	spec.field[FIELD_REQUIRED_MIN_RX] = 20000;
	harness_receive_spec(harness, &spec);
	harness_tick_once(harness);
	tap_equal(drain(harness), 1, "TMR-07: one that takes them again gets one at once");
	command(harness, BFD_CONTROL_DROP, 0);
	harness_tick_once(harness);
}

/* RFC 5880 6.8.16; the peer takes packets each 20 ms, yet AdminDown slows us to 1 s. */
static void test_linger(struct harness *harness)
{
	struct bfd_session session;
	const uint8_t *packet;
	struct bfd_clock clock;
	struct frame frame;
	uint64_t before_ns;

	create(harness, 0, false);
	harness_hear(harness, 0, BFD_STATE_DOWN, 0);
	harness_hear(harness, DISCR(0), BFD_STATE_INIT, 0);
	harness_tick_once(harness);
	drain(harness);
	command(harness, BFD_CONTROL_DELETE, 0);
	harness_tick_once(harness);
	packet = next_packet(harness, &frame, CAPTURE_MS);
	tap_check(packet[0] == (0x20 | BFD_DIAG_ADMIN_DOWN) &&
			  packet[1] >> 6 == BFD_STATE_ADMIN_DOWN,
		  "ADM-03: a deleted session says AdminDown at once");
	harness_session(harness, 0, &session);
	tap_equal(session.use, BFD_SLOT_LINGER, "ADM-03: and stays to say it again");
	command(harness, BFD_CONTROL_DROP, 0);
	harness_tick_once(harness);

	/* Nobody heard of this one. */
	create(harness, 0, false);
	harness_tick_once(harness);
	drain(harness);
	harness_read_events(harness);
	command(harness, BFD_CONTROL_DELETE, 0);
	before_ns = harness_now_ns();
	do {
		ticks(harness, 2);
		harness_session(harness, 0, &session);
	} while (session.use != BFD_SLOT_FREE &&
		 harness_now_ns() < before_ns + PACE_MS * HARNESS_NS_PER_MS);
	tap_equal(session.use, BFD_SLOT_FREE, "a session that nobody knows is soon free");
	tap_check(!in_wheel(harness, 0), "and off the wheel");
	harness_clock(harness, &clock);
	tap_equal(clock.sessions, 1, "and counted no more");
	harness_read_events(harness);
	tap_check(harness->event_count > 0 &&
			  harness->events[harness->event_count - 1].type == BFD_EVENT_FREED &&
			  harness->events[harness->event_count - 1].local_discr == DISCR(0),
		  "and an event tells of it");
	drain(harness);
}

static void test_no_path(struct harness *harness)
{
	struct bfd_control control;
	struct bfd_session session;

	harness_command(harness, &control, 0, DISCR(0), false, FRAME_PEER);
	control.path.ifindex = 0;
	harness_control(harness, &control);
	harness_tick_once(harness);
	harness_session(harness, 0, &session);
	tap_check(session.stats.tx_failed == 1 && session.stats.tx_packets == 0,
		  "XDP-13: without a path nothing is sent, and that is counted");
	command(harness, BFD_CONTROL_DROP, 0);
	harness_tick_once(harness);
	harness_command(harness, &control, 0, DISCR(0), false, FRAME_PEER);
	control.path.ifindex = 12345;
	harness_control(harness, &control);
	tap_equal(harness_tick_once(harness), TC_ACT_SHOT,
		  "XDP-13: a device that is gone stops no tick");
	harness_session(harness, 0, &session);
	tap_check(session.stats.tx_failed == 1 && session.stats.tx_packets == 0,
		  "XDP-13: and is counted");
	command(harness, BFD_CONTROL_DROP, 0);
	harness_tick_once(harness);
	tap_equal(drain(harness), 0, "XDP-13: nothing left");
}

/* How many of the first sessions have sent something; total: what all of them sent. */
static unsigned int spoken(const struct harness *harness, uint32_t count, uint64_t *total)
{
	struct bfd_session session;
	unsigned int found = 0;

	*total = 0;
	for (uint32_t slot = 0; slot < count; slot++) {
		harness_session(harness, slot, &session);
		found += session.stats.tx_packets != 0;
		*total += session.stats.tx_packets;
	}
	return found;
}

/* More than a tick may send: the rest follows in the next ones.  On a slow machine some speak twice
 * meanwhile.
 */
static void test_carry_over(struct harness *harness)
{
	const uint32_t count = harness->max_sessions - 1;
	unsigned int sent = 0, runs = 0, first = 0, left = 0;
	struct bfd_clock clock;
	uint64_t total = 0;

	for (uint32_t slot = 0; slot < count; slot++) {
		struct bfd_control control;
		int error;

		harness_command(harness, &control, slot, DISCR(slot), false, FRAME_PEER);
		control.key.remote.bytes[14] = (uint8_t)(slot >> 8);
		control.key.remote.bytes[13] = (uint8_t)slot;
		error = harness_control(harness, &control);
		if (error)
			harness_bail("cannot create many sessions", error);
	}
	while (spoken(harness, count, &total) < count && runs < 50) {
		harness_tick_once(harness);
		runs++;
		sent += drain(harness);
		if (runs == 1)
			first = sent;
	}
	tap_check(first > 0 && first < 256, "carry-over: a tick sends less than a veth takes: %u",
		  first);
	tap_equal(spoken(harness, count, &total), count, "carry-over: all have spoken in the end");
	tap_equal(sent, total, "carry-over: and all that was counted left");
	harness_clock(harness, &clock);
	tap_check(clock.sends_carried > 0 && clock.kicks_lost == 0,
		  "carry-over: it is counted, and no kick is lost");
	for (uint32_t slot = 0; slot < count; slot++)
		command(harness, BFD_CONTROL_DROP, slot);
	harness_tick_once(harness);
	for (uint32_t slot = 0; slot < count; slot++)
		left += in_wheel(harness, slot);
	tap_equal(left, 0, "carry-over: all leave the wheel when they are dropped");
}

/* The frames go round through our own device here, so that a capture sees them. */
static void test_respawn(struct harness *harness)
{
	unsigned int seen[BFD_TICK_FRAMES] = {}, others = 0;
	struct bfd_tick_frame frame = {.ethertype = htons(BFD_TICK_ETHERTYPE)};
	uint8_t bytes[BFD_TICK_LENGTH] = {};
	struct bfd_clock clock;
	size_t length;

	frame.generation = harness_set_clock(harness, harness->device);
	create(harness, 0, false);
	for (int i = 0; i < 64; i++) {
		memcpy(bytes, &frame, sizeof(frame)); /* only number 0 ever comes */
		harness_tick(harness, bytes, sizeof(bytes));
	}
	while ((length = harness_captured(harness, bytes, sizeof(bytes), SETTLE_MS)) != 0) {
		memcpy(&frame, bytes, sizeof(frame));
		if (frame.ethertype != htons(BFD_TICK_ETHERTYPE))
			continue;
		if (length == BFD_TICK_LENGTH && frame.number < BFD_TICK_FRAMES)
			seen[frame.number]++;
		else
			others++;
	}
	tap_check(seen[1] > 0 && seen[2] > 0 && seen[3] > 0, "respawn: lost frames are made again");
	/* Not each time, for they come faster than a clock: see bfd_tick_rushes(). */
	tap_check(seen[0] > 0 && seen[0] <= 64, "respawn: the one that comes goes round: %u of 64",
		  seen[0]);
	tap_equal(others, 0, "respawn: and nothing else does");
	harness_clock(harness, &clock);
	tap_equal(clock.frames_respawned, seen[1] + seen[2] + seen[3], "respawn: they are counted");
}

int main(void)
{
	struct harness harness;

	harness_open(&harness, 500);
	harness_add_local(&harness, 0, false, false);
	harness_add_local(&harness, 0, true, false);
	test_frames(&harness);
	create_keeper(&harness);
	check_packet(&harness, false);
	check_packet(&harness, true);
	test_final(&harness);
	test_answer(&harness);
	test_stand_in(&harness);
	test_pace(&harness);
	test_linger(&harness);
	test_no_path(&harness);
	test_carry_over(&harness);
	test_respawn(&harness);
	harness_close(&harness);
	return tap_finish();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The echo function in the real programs (RFC 5880 6.8.5, 6.8.8, 6.8.9): what leaves, what is
 * taken for our own, what fails the session; and which of the peer's packets go back, how.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include <arpa/inet.h>

#include <linux/if_ether.h>

#include "harness.h"
#include "tap.h"

#define DISCR(slot) (0xd0000001U + (slot))
#define SLOT_V4 0
#define SLOT_V6 1
#define ECHO_US 50000
#define MULT 30 /* as long as that a machine may stand still */
#define DETECTION_MS (MULT * ECHO_US / 1000)
#define CAPTURE_MS 2000
/* A virtual machine under emulation is slow; nothing here depends on being fast. */
#define SLACK_MS 10000

static void drop(struct harness *harness, uint32_t slot)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_DROP, .slot = slot, .local_discr = DISCR(slot)};

	harness_control(harness, &control);
}

static void hear(struct harness *harness, uint32_t slot, unsigned int state, uint32_t echo_rx_us)
{
	struct frame_spec spec;

	frame_spec_init(&spec, slot == SLOT_V6, harness->device, DISCR(slot));
	spec.field[FIELD_STATE] = state;
	spec.field[FIELD_FLAGS] = FLAG_FINAL;
	spec.field[FIELD_REQUIRED_MIN_ECHO_RX] = echo_rx_us;
	harness_receive_spec(harness, &spec);
}

/* Up; our own echo packets go where the path does, with our address and the echo port in it. */
static void bring_up(struct harness *harness, uint32_t slot, uint32_t echo_tx_us,
		     uint32_t echo_rx_us, uint32_t remote_rx_us)
{
	struct bfd_control control;
	int error;

	drop(harness, slot);
	harness_command(harness, &control, slot, DISCR(slot), slot == SLOT_V6, FRAME_PEER);
	control.config.mult = MULT;
	control.config.echo_tx_us = echo_tx_us;
	control.config.echo_rx_us = echo_rx_us;
	control.echo_path = control.path;
	control.echo_path.header[control.path.header_length - 5] = 3785 & 0xff;
	control.echo_path.udp_checksum_base =
		htons((uint16_t)(ntohs(control.path.udp_checksum_base) + 1));
	error = harness_control(harness, &control);
	if (error)
		harness_bail("cannot create the session", error);
	hear(harness, slot, BFD_STATE_INIT, 0);
	hear(harness, slot, BFD_STATE_UP, remote_rx_us);
	if (harness_state(harness, slot) != BFD_STATE_UP)
		harness_bail("cannot bring the session up", -EPROTO);
	harness_read_events(harness);
}

/* The next echo packet that left within so many ticks.  Returns false: none did. */
static bool next_echo(struct harness *harness, struct frame *frame, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		harness_tick_once(harness);
		harness_sleep_ms(1);
		memset(frame, 0, sizeof(*frame));
		frame->length = harness_captured(harness, frame->bytes, sizeof(frame->bytes), 1);
		frame->payload_offset = 42;
		frame->udp_offset = 34;
		frame->ip_offset = 14;
		frame->device = harness->device;
		if (frame->length == 66 && frame->bytes[36] == 3785 >> 8 &&
		    frame->bytes[37] == (3785 & 0xff))
			return true;
	}
	return false;
}

/* As the peer's forwarding sends it back: to the address that we gave it, ours. */
static void turn(struct frame *frame)
{
	uint8_t address[16];

	frame_address(address, false, false, FRAME_LOCAL);
	memcpy(frame->bytes + frame->ip_offset + 16, address + 12, 4);
	frame->bytes[frame->ip_offset + 8] = 254;
}

static void test_sent(struct harness *harness)
{
	struct bfd_session before, after;
	struct frame frame, forged;

	bring_up(harness, SLOT_V4, ECHO_US, 0, 0);
	tap_check(!next_echo(harness, &frame, 100), "ECHO-02: a peer that takes none gets none");
	bring_up(harness, SLOT_V4, ECHO_US, 0, 20000);
	tap_check(next_echo(harness, &frame, 2000), "ECHO-07: echo packets leave");
	tap_equal(frame_sum(frame_pseudo_sum(frame.bytes + 14, false, 32), frame.bytes + 34, 32),
		  0xffff, "ECHO-07: with a checksum");
	harness_session(harness, SLOT_V4, &before);
	tap_check(before.echo_stats.tx_packets >= 1 && before.echo.base_ns != 0 &&
			  before.timer_expiry_ns != 0 &&
			  before.timer_expiry_ns <=
				  before.echo.base_ns + DETECTION_MS * HARNESS_NS_PER_MS,
		  "ECHO-04: sending arms the timer");
	turn(&frame);
	forged = frame;
	forged.bytes[frame.payload_offset + 16] ^= 1; /* of the nonce */
	tap_check(harness_receive(harness, &forged) == XDP_DROP, "ECHO-06: a forged one ends");
	harness_session(harness, SLOT_V4, &after);
	tap_check(after.echo_stats.rx_packets == 0 && after.echo_stats.rx_invalid == 1 &&
			  after.echo.base_ns == before.echo.base_ns,
		  "ECHO-06: and is counted, no more");
	tap_check(harness_receive(harness, &frame) == XDP_DROP, "ECHO-07: ours that returns ends");
	harness_session(harness, SLOT_V4, &after);
	tap_check(after.echo_stats.rx_packets == 1 && after.echo.base_ns > before.echo.base_ns &&
			  after.echo_stats.rtt_min_ns > 0,
		  "ECHO-05: it is the session's, and the silence is over");
	harness_receive(harness, &frame);
	harness_session(harness, SLOT_V4, &after);
	tap_check(after.echo_stats.rx_packets == 1 && after.echo_stats.rx_invalid == 2,
		  "ECHO-06: but once");
	frame.bytes[frame.payload_offset] ^= 1;
	tap_check(harness_receive(harness, &frame) == XDP_PASS && !harness->changed,
		  "XDP-03: what isn't ours goes to the stack");
	frame.bytes[frame.payload_offset] ^= 1;
	frame.bytes[frame.payload_offset + 4] ^= 1;
	tap_check(harness_receive(harness, &frame) == XDP_PASS && !harness->changed,
		  "XDP-03: so does one of no session");
}

static void test_lost(struct harness *harness)
{
	struct bfd_session session;
	struct frame frame;
	uint64_t base_ns, end_ns;
	int count, at;

	bring_up(harness, SLOT_V4, ECHO_US, 0, 20000);
	if (!next_echo(harness, &frame, 2000))
		harness_bail("no echo packet left", -ETIMEDOUT);
	harness_session(harness, SLOT_V4, &session);
	base_ns = session.echo.base_ns;
	end_ns = base_ns + (DETECTION_MS + SLACK_MS) * HARNESS_NS_PER_MS;
	do {
		harness_sleep_ms(5); /* no ticks: the timer does it */
		harness_session(harness, SLOT_V4, &session);
	} while (session.vars.state == BFD_STATE_UP && harness_now_ns() < end_ns);
	tap_check(session.vars.state == BFD_STATE_DOWN &&
			  session.vars.diag == BFD_DIAG_ECHO_FAILED &&
			  session.vars.remote_discr == FRAME_PEER_DISCR,
		  "ECHO-04: none returns: Down, diag 2, and the peer isn't forgotten");
	count = harness_read_events(harness);
	for (at = 0; at < count && harness->events[at].diag != BFD_DIAG_ECHO_FAILED; at++)
		;
	tap_check(at < count &&
			  harness->events[at].time_ns >= base_ns + DETECTION_MS * HARNESS_NS_PER_MS,
		  "ECHO-04: not before so many were lost");
	tap_check(session.echo.base_ns == 0, "ECHO-01: and the function stops");
}

/* The peer's own, to itself by way of us. */
static void peers_echo(const struct harness *harness, struct frame *frame, bool is_ipv6)
{
	static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
	struct frame_spec spec;

	frame_spec_init(&spec, is_ipv6, harness->device, 0x12345678);
	spec.field[FIELD_PORT] = 3785;
	spec.field[FIELD_SOURCE_PORT] = 3785;
	spec.field[FIELD_SOURCE] = 77;
	spec.field[FIELD_DESTINATION] = FRAME_PEER;
	spec.field[FIELD_VERSION] = 7;
	spec.field[FIELD_PAYLOAD] = 40;
	frame_build(frame, &spec);
	memcpy(frame->bytes, addresses, sizeof(addresses));
}

/* Marked by XDP and sent on by the tc program: what leaves is frame, one hop older. */
static bool goes_back(struct harness *harness, const struct frame *frame)
{
	static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	bool is_ipv6 = frame->bytes[12] == 0x86;
	uint8_t bytes[256] = {}, want[256] = {};
	uint8_t *ip = want + frame->ip_offset;

	if (harness_receive(harness, frame) != XDP_PASS || !harness->changed)
		return false;
	memcpy(bytes, harness->received, frame->length);
	if (harness_answer(harness, bytes, (uint32_t)frame->length) != TC_ACT_REDIRECT)
		return false;
	memcpy(want, frame->bytes, frame->length);
	memcpy(want, addresses, sizeof(addresses));
	if (is_ipv6) {
		ip[7] = 254;
	} else {
		uint16_t check;

		ip[8] = 254;
		memset(ip + 10, 0, 2);
		check = htons((uint16_t)~frame_sum(0, ip, 20));
		memcpy(ip + 10, &check, 2);
	}
	return !harness->changed && memcmp(bytes, want, frame->length) == 0;
}

static void ignored(struct harness *harness, const struct frame *frame, const char *text)
{
	tap_check(harness_receive(harness, frame) == XDP_PASS && !harness->changed,
		  "ECHO-11: %s: to the stack", text);
}

static void test_loop(struct harness *harness)
{
	struct frame frame, other;

	for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
		bring_up(harness, is_ipv6 ? SLOT_V6 : SLOT_V4, 0, ECHO_US, 0);
		peers_echo(harness, &frame, is_ipv6);
		tap_check(goes_back(harness, &frame), "ECHO-11: the peer's goes back, over IPv%d",
			  is_ipv6 ? 6 : 4);
		other = frame;
		other.bytes[frame.ip_offset + (is_ipv6 ? 7 : 8)] = 254;
		ignored(harness, &other, "TTL 254, as one that went back");
	}
	peers_echo(harness, &frame, false);
	other = frame;
	other.bytes[5] = 9;
	ignored(harness, &other, "to somebody else's Ethernet address");
	other = frame;
	other.device = harness->other_device;
	ignored(harness, &other, "on another device");
	other = frame;
	other.bytes[frame.ip_offset + 10] ^= 1;
	ignored(harness, &other, "IPv4 checksum wrong");
	other = frame;
	other.bytes[frame.ip_offset + 19] = 9;
	other.bytes[frame.ip_offset + 11] -= 8;
	ignored(harness, &other, "of no neighbour");
	bring_up(harness, SLOT_V4, 0, 0, 0);
	ignored(harness, &frame, "not granted");
	bring_up(harness, SLOT_V4, 0, ECHO_US, 0);
	hear(harness, SLOT_V4, BFD_STATE_ADMIN_DOWN, 0);
	ignored(harness, &frame, "of a session that isn't Up");
}

/* To us and from the peer, as some send it. */
static void test_addressed_to_us(struct harness *harness)
{
	uint8_t bytes[256] = {};
	struct bfd_session session;
	struct frame_spec spec;
	struct frame frame;
	const uint8_t *ip = bytes + 14;

	bring_up(harness, SLOT_V4, 0, ECHO_US, 0);
	frame_spec_init(&spec, false, harness->device, 0x12345678);
	spec.field[FIELD_PORT] = 3785;
	spec.field[FIELD_SOURCE_PORT] = 50000;
	frame_build(&frame, &spec);
	frame.bytes[5] = 1;
	tap_check(harness_receive(harness, &frame) == XDP_PASS && harness->changed,
		  "ECHO-11: one to our address is taken");
	memcpy(bytes, harness->received, frame.length);
	tap_equal(harness_answer(harness, bytes, (uint32_t)frame.length), TC_ACT_REDIRECT,
		  "ECHO-11: and answered");
	tap_check(memcmp(ip + 12, frame.bytes + 14 + 16, 4) == 0 &&
			  memcmp(ip + 16, frame.bytes + 14 + 12, 4) == 0 &&
			  memcmp(ip + 20, frame.bytes + 36, 2) == 0 &&
			  memcmp(ip + 22, frame.bytes + 34, 2) == 0 && ip[8] == 254,
		  "ECHO-11: with addresses and ports exchanged");
	tap_check(frame_sum(0, ip, 20) == 0xffff &&
			  frame_sum(frame_pseudo_sum(ip, false, 32), ip + 20, 32) == 0xffff,
		  "ECHO-11: and checksums right");
	harness_session(harness, SLOT_V4, &session);
	tap_equal(session.echo_stats.looped, 1, "ECHO-11: it is counted");
}

/* The same while XDP is off the device: tc sends it back by itself. */
static void test_behind(struct harness *harness)
{
	struct bfd_session session;
	struct frame frame;

	harness->receiver = HARNESS_TC;
	for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
		uint32_t slot = is_ipv6 ? SLOT_V6 : SLOT_V4;

		bring_up(harness, slot, 0, ECHO_US, 0);
		peers_echo(harness, &frame, is_ipv6);
		harness_session(harness, slot, &session);
		tap_equal(harness_receive(harness, &frame), XDP_TX,
			  "ECHO-11: tc sends an IPv%d one back", is_ipv6 ? 6 : 4);
		tap_check(memcmp(harness->received, session.path.header, 12) == 0 &&
				  harness->received[is_ipv6 ? 21 : 22] == 254,
			  "ECHO-11: to the peer's address, with TTL 254");
		frame.bytes[is_ipv6 ? 21 : 22] = 254;
		tap_check(harness_receive(harness, &frame) == XDP_PASS && !harness->changed,
			  "ECHO-11: but no other TTL than 255");
	}
	harness->receiver = HARNESS_XDP;
}

static void test_limit(struct harness *harness)
{
	unsigned int back = 0, dropped = 0;
	struct bfd_session session;
	uint64_t begin_ns, took_ms;
	struct frame frame;

	bring_up(harness, SLOT_V4, 0, ECHO_US, 0);
	peers_echo(harness, &frame, false);
	begin_ns = harness_now_ns();
	for (int i = 0; i < 200; i++) {
		if (harness_receive(harness, &frame) == XDP_DROP)
			dropped++;
		else
			back++;
	}
	took_ms = (harness_now_ns() - begin_ns) / HARNESS_NS_PER_MS;
	harness_session(harness, SLOT_V4, &session);
	tap_check(dropped > 0 && back >= 8 && back <= 12 + took_ms / (ECHO_US / 2000),
		  "ECHO-11: of 200 at once %u go back", back);
	tap_check(session.echo_stats.looped == back && session.echo_stats.loop_limited == dropped,
		  "ECHO-11: both are counted");
}

/* A frame from outside that looks like XDP's own mark; tag: of a VLAN, which the stack takes off.
 */
static uint32_t hear_mark(struct harness *harness, uint32_t at_start, uint32_t behind, bool tag)
{
	static const uint8_t vlan[4] = {0x81, 0x00, 0x00, 0x05};
	struct bfd_tick_frame mark = {.ethertype = htons(BFD_TICK_ETHERTYPE),
				      .number = BFD_TICK_FRAMES,
				      .generation = behind};
	struct frame frame = {.length = 64, .device = harness->device};
	uint8_t *at = frame.bytes;

	memcpy(mark.destination, &at_start, sizeof(at_start));
	memcpy(at, &mark, ETH_ALEN * 2);
	at += ETH_ALEN * 2;
	if (tag) {
		memcpy(at, vlan, sizeof(vlan));
		at += sizeof(vlan);
	}
	memcpy(at, &mark.ethertype, sizeof(mark) - ETH_ALEN * 2);
	return harness_receive(harness, &frame);
}

static void test_forged(struct harness *harness)
{
	struct bfd_clock clock;

	harness_clock(harness, &clock);
	for (int tag = 0; tag < 2; tag++) {
		tap_equal(hear_mark(harness, clock.generation, 1, tag), XDP_DROP,
			  "ECHO-11: a mark from outside ends, %s tag", tag ? "with a" : "no");
		tap_equal(hear_mark(harness, 1, clock.generation, tag), XDP_DROP,
			  "ECHO-11: as does one that asks for answers, %s tag",
			  tag ? "with a" : "no");
		tap_equal(hear_mark(harness, clock.generation + 1, clock.generation - 1, tag),
			  XDP_PASS, "XDP-03: others may use the protocol, %s tag",
			  tag ? "with a" : "no");
	}
}

int main(void)
{
	struct harness harness;

	harness_open(&harness, 8);
	harness_add_local(&harness, 0, false, false);
	harness_add_local(&harness, 0, true, false);
	harness_set_clock(&harness, 0);
	test_sent(&harness);
	test_lost(&harness);
	test_loop(&harness);
	test_addressed_to_us(&harness);
	test_behind(&harness);
	test_limit(&harness);
	test_forged(&harness);
	harness_close(&harness);
	return tap_finish();
}

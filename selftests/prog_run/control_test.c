// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's commands: what each does to the maps, and that a wrong one
 * changes nothing.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include <bpf/bpf.h>

#include "tally.h"
#include "tap.h"

#define DISCR(slot) (0xd0000001U + (slot))

static int run(struct harness *harness, enum bfd_control_op op, uint32_t slot, uint32_t discr)
{
	struct bfd_control control = {.op = op, .slot = slot, .local_discr = discr};

	return harness_control(harness, &control);
}

static int create(struct harness *harness, uint32_t slot, uint8_t last)
{
	return harness_create(harness, slot, DISCR(slot), false, last);
}

/* The slot that a discriminator or an address leads to, or -1. */
static int slot_of_discr(const struct harness *harness, uint32_t discr)
{
	uint32_t slot;

	return bpf_map_lookup_elem(harness->discriminators_fd, &discr, &slot) < 0 ? -1 : (int)slot;
}

static int slot_of_address(const struct harness *harness, uint32_t device, uint8_t last)
{
	struct bfd_address_key key = {};
	uint32_t slot;

	harness_key(&key, device, false, false, last);
	return bpf_map_lookup_elem(harness->addresses_fd, &key, &slot) < 0 ? -1 : (int)slot;
}

static uint32_t session_count(const struct harness *harness)
{
	struct bfd_clock clock;

	harness_clock(harness, &clock);
	return clock.sessions;
}

static void test_create(struct harness *harness)
{
	struct bfd_control control;
	struct bfd_session session;

	tap_equal(create(harness, 0, 1), 0, "create: a session");
	harness_session(harness, 0, &session);
	tap_check(session.use == BFD_SLOT_LIVE && session.slot == 0, "create: its slot is live");
	tap_check(session.vars.local_discr == DISCR(0) && session.vars.state == BFD_STATE_DOWN &&
			  session.vars.diag == BFD_DIAG_NONE && session.vars.mult == 3 &&
			  session.vars.conf_desired_min_tx_us == 50000 &&
			  session.vars.required_min_rx_us == 50000,
		  "VAR-01: it begins as RFC 5880 6.8.1 says");
	tap_check((session.kick & BFD_KICK_NOW) && session.kick_queued,
		  "create: the clock is told of it");
	tap_equal(slot_of_discr(harness, DISCR(0)), 0, "create: its discriminator leads to it");
	tap_equal(slot_of_address(harness, harness->device, 1), 0,
		  "create: its peer's address leads to it");
	tap_equal(session_count(harness), 1, "create: it is counted");

	tap_equal(-create(harness, 0, 9), EBUSY, "create: the slot is in use");
	tap_equal(-harness_create(harness, 1, DISCR(1), false, 1), EEXIST,
		  "create: the same peer again");
	tap_equal(slot_of_discr(harness, DISCR(1)), -1, "create: which leaves nothing behind");
	tap_equal(-harness_create(harness, 1, DISCR(0), false, 9), EEXIST,
		  "create: the same discriminator again");
	tap_equal(slot_of_address(harness, harness->device, 9), -1,
		  "create: which leaves nothing behind");
	tap_equal(-create(harness, harness->max_sessions, 9), ERANGE, "create: no such slot");
	tap_equal(-create(harness, UINT32_MAX, 9), ERANGE, "create: no such slot at all");
	tap_equal(session_count(harness), 1, "create: none of them is counted");

	/* Not resolved yet: no device, so that many may be so. */
	for (uint32_t slot = 1; slot < 3; slot++) {
		harness_command(harness, &control, slot, DISCR(slot), false, 1);
		control.key.ifindex = 0;
		control.path.ifindex = 0;
		tap_equal(harness_control(harness, &control), 0, "create: without a device");
		run(harness, BFD_CONTROL_DROP, slot, DISCR(slot));
	}
	harness_command(harness, &control, 1, DISCR(1), true, 1);
	control.config.admin_down = 1;
	control.config.diag = BFD_DIAG_ADMIN_DOWN;
	tap_equal(harness_control(harness, &control), 0, "create: in AdminDown");
	harness_session(harness, 1, &session);
	tap_check(session.vars.state == BFD_STATE_ADMIN_DOWN && session.vars.diag == 7,
		  "ADM-01: it is, with its diag");
	run(harness, BFD_CONTROL_DROP, 1, DISCR(1));
}

/* Slot 0 holds DISCR(0), the others are free. */
static void test_wrong_target(struct harness *harness)
{
	static const struct {
		enum bfd_control_op op;
		const char *text;
	} ops[] = {
		{BFD_CONTROL_DELETE, "delete"}, {BFD_CONTROL_DROP, "drop"},
		{BFD_CONTROL_SET, "set"},	{BFD_CONTROL_SET_PATH, "set_path"},
		{BFD_CONTROL_ADOPT, "adopt"},	{BFD_CONTROL_POLL, "poll"},
		{BFD_CONTROL_RESET, "reset"},
	};
	struct bfd_session before, after;
	uint32_t count = session_count(harness);

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		harness_session(harness, 0, &before);
		tap_equal(-run(harness, ops[i].op, 0, DISCR(5)), ENOENT,
			  "%s: the slot holds another session", ops[i].text);
		harness_session(harness, 0, &after);
		tap_check(memcmp(&before, &after, sizeof(before)) == 0, "%s: which isn't touched",
			  ops[i].text);
		tap_equal(-run(harness, ops[i].op, 3, DISCR(3)), ENOENT, "%s: the slot is free",
			  ops[i].text);
		tap_equal(-run(harness, ops[i].op, harness->max_sessions, DISCR(0)), ERANGE,
			  "%s: no such slot", ops[i].text);
	}
	tap_equal(-run(harness, 99, 0, DISCR(0)), EOPNOTSUPP, "an unknown command");
	tap_equal(session_count(harness), count, "wrong commands: no session comes or goes");
}

static void test_no_command(struct harness *harness)
{
	unsigned int wrong = 0;
	struct bfd_control control;
	struct effect effect;
	struct tally before, after;

	tally_take(harness, &before);
	for (uint32_t length = 14; length < sizeof(control); length++) {
		harness_command(harness, &control, 3, DISCR(3), false, 9);
		control.magic = BFD_CONTROL_MAGIC;
		wrong += harness_control_raw(harness, &control, length) != XDP_DROP;
	}
	tap_equal(wrong, 0, "a command cut off at each length is none");
	harness_command(harness, &control, 3, DISCR(3), false, 9);
	control.magic = __builtin_bswap32(BFD_CONTROL_MAGIC);
	tap_equal(harness_control_raw(harness, &control, sizeof(control)), XDP_DROP,
		  "with another magic it is none");
	tally_take(harness, &after);
	effect = tally_effect(&before, &after);
	tap_check(effect.kind == EFFECT_IGNORED, "what is no command changes nothing");
}

static void test_set(struct harness *harness)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_SET,
		.slot = 0,
		.local_discr = DISCR(0),
		.config = {.set = BFD_CONFIG_MULT,
			   .desired_min_tx_us = 1,
			   .required_min_rx_us = 1,
			   .mult = 9,
			   .passive = 1,
			   .admin_down = 1},
	};
	struct bfd_session before, after;

	harness_session(harness, 0, &before);
	tap_equal(harness_control(harness, &control), 0, "set: the multiplier");
	harness_session(harness, 0, &after);
	before.vars.mult = 9;
	tap_check(memcmp(&before.vars, &after.vars, sizeof(before.vars)) == 0,
		  "set: nothing but the multiplier");
	control.config.set = BFD_CONFIG_DESIRED_MIN_TX | BFD_CONFIG_REQUIRED_MIN_RX;
	control.config.desired_min_tx_us = 2000000;
	control.config.required_min_rx_us = 70000;
	tap_equal(harness_control(harness, &control), 0, "set: the intervals");
	harness_session(harness, 0, &after);
	tap_check(after.vars.conf_desired_min_tx_us == 2000000 &&
			  after.vars.desired_min_tx_us == 2000000 &&
			  after.vars.required_min_rx_us == 70000 && after.vars.mult == 9,
		  "set: nothing but the intervals");
	control.config.set = BFD_CONFIG_PASSIVE;
	tap_equal(harness_control(harness, &control), 0, "set: the role");
	harness_session(harness, 0, &after);
	tap_check(after.vars.passive == 1 && after.vars.state == BFD_STATE_DOWN,
		  "set: nothing but the role");
	control.config.passive = 0;
	tap_equal(harness_control(harness, &control), 0, "set: and back");
}

static void test_set_path(struct harness *harness)
{
	struct bfd_control control;
	struct bfd_session session;

	harness_command(harness, &control, 0, DISCR(0), false, 33);
	control.echo_path = control.path;
	control.echo_path.header[5] = 0x77;
	control.op = BFD_CONTROL_SET_PATH;
	tap_equal(harness_control(harness, &control), 0, "set_path: another key");
	harness_session(harness, 0, &session);
	tap_check(memcmp(&session.path, &control.path, sizeof(control.path)) == 0 &&
			  memcmp(&session.echo_path, &control.echo_path,
				 sizeof(control.echo_path)) == 0 &&
			  memcmp(&session.key, &control.key, sizeof(control.key)) == 0,
		  "set_path: key and paths are the new ones");
	tap_equal(slot_of_address(harness, harness->device, 33), 0,
		  "set_path: the new address leads to the session");
	tap_equal(slot_of_address(harness, harness->device, 1), -1,
		  "set_path: the old one doesn't");
	control.path.ifindex = 0;
	tap_equal(harness_control(harness, &control), 0, "set_path: the same key, no path");
	tap_equal(slot_of_address(harness, harness->device, 33), 0,
		  "set_path: the address still leads to it");
	control.key.ifindex = 0;
	tap_equal(harness_control(harness, &control), 0, "set_path: the device is gone");
	tap_equal(slot_of_address(harness, harness->device, 33), -1,
		  "set_path: no address leads to it");
	tap_equal(slot_of_discr(harness, DISCR(0)), 0, "set_path: its discriminator does");

	/* Two sessions can't have one key. */
	tap_equal(create(harness, 2, 44), 0, "create: a neighbour");
	harness_command(harness, &control, 0, DISCR(0), false, 44);
	control.op = BFD_CONTROL_SET_PATH;
	tap_equal(-harness_control(harness, &control), EEXIST, "set_path: the key of another");
	tap_equal(slot_of_address(harness, harness->device, 44), 2,
		  "set_path: whose address still leads to it");
	harness_session(harness, 0, &session);
	tap_equal(session.key.ifindex, 0, "set_path: which leaves ours as it was");
	run(harness, BFD_CONTROL_DROP, 2, DISCR(2));

	harness_command(harness, &control, 0, DISCR(0), false, 1);
	control.op = BFD_CONTROL_SET_PATH;
	tap_equal(harness_control(harness, &control), 0, "set_path: as it was");
}

static void test_multihop(struct harness *harness)
{
	struct bfd_control control;
	struct bfd_session session;

	harness_session(harness, 0, &session);
	tap_equal(session.min_ttl, 255, "SH-06: a single hop's packets come from 255");
	control = (struct bfd_control){
		.op = BFD_CONTROL_SET,
		.local_discr = DISCR(0),
		.config = {.set = BFD_CONFIG_MIN_TTL, .min_ttl = 1},
	};
	tap_equal(harness_control(harness, &control), 0, "set: another minimum");
	harness_session(harness, 0, &session);
	tap_equal(session.min_ttl, 255, "SH-06: a single hop has no other");

	harness_command(harness, &control, 1, DISCR(1), false, 1);
	control.config.multihop = 1;
	control.config.min_ttl = 250;
	tap_equal(-harness_control(harness, &control), EINVAL,
		  "create: a multihop session by the key of a single hop");
	tap_equal(slot_of_discr(harness, DISCR(1)), -1, "create: which leaves nothing behind");
	control.key.multihop = 1;
	control.key.ifindex = 0;
	tap_equal(harness_control(harness, &control), 0, "MH-03: beside a single hop to its peer");
	harness_session(harness, 1, &session);
	tap_check(session.min_ttl == 250 && session.vars.multihop == 1 &&
			  memcmp(&session.key, &control.key, sizeof(session.key)) == 0,
		  "create: as told");
	control.op = BFD_CONTROL_SET;
	control.config.set = BFD_CONFIG_MIN_TTL;
	control.config.min_ttl = 240;
	tap_equal(harness_control(harness, &control), 0, "MH-04: set: another minimum");
	harness_session(harness, 1, &session);
	tap_equal(session.min_ttl, 240, "MH-04: which holds");
	control.op = BFD_CONTROL_SET_PATH;
	control.key.multihop = 0;
	control.key.ifindex = harness->device;
	control.key.remote.bytes[15] = 77;
	tap_equal(-harness_control(harness, &control), EINVAL, "set_path: the key of a single hop");
	tap_equal(slot_of_address(harness, harness->device, 77), -1,
		  "set_path: which leaves nothing behind");
	run(harness, BFD_CONTROL_DROP, 1, DISCR(1));
}

static void test_delete(struct harness *harness)
{
	struct bfd_session session;
	uint32_t count;

	harness_hear(harness, 0, BFD_STATE_DOWN, 0);
	harness_hear(harness, DISCR(0), BFD_STATE_INIT, 0);
	tap_check(harness_state(harness, 0) == BFD_STATE_UP, "delete: a session that is Up");
	harness_read_events(harness);
	tap_equal(run(harness, BFD_CONTROL_DELETE, 0, DISCR(0)), 0, "delete: is told to go");
	harness_session(harness, 0, &session);
	tap_check(session.use == BFD_SLOT_LINGER && session.vars.state == BFD_STATE_ADMIN_DOWN &&
			  session.vars.diag == BFD_DIAG_ADMIN_DOWN,
		  "ADM-03: it lingers in AdminDown");
	tap_check((session.kick & BFD_KICK_NOW) && session.kick_queued,
		  "ADM-03: and is to say so at once");
	tap_check(session.linger_until_ns > harness_now_ns(), "ADM-03: and for a while");
	tap_equal(session.stats.admin_down_count, 1, "YANG-02: which is no failure");
	tap_check(harness_read_events(harness) == 1 && harness->events[0].type == BFD_EVENT_STATE &&
			  harness->events[0].old_state == BFD_STATE_UP &&
			  harness->events[0].state == BFD_STATE_ADMIN_DOWN,
		  "delete: one event tells of it");
	tap_equal(slot_of_address(harness, harness->device, 1), -1,
		  "delete: its address leads to it no more");
	tap_equal(slot_of_discr(harness, DISCR(0)), 0, "delete: its discriminator does");
	harness_hear(harness, DISCR(0), BFD_STATE_DOWN, 0);
	tap_check(harness_state(harness, 0) == BFD_STATE_ADMIN_DOWN,
		  "delete: no packet leads it back");
	tap_equal(-run(harness, BFD_CONTROL_DELETE, 0, DISCR(0)), ENOENT, "delete: but once");
	tap_equal(-run(harness, BFD_CONTROL_SET, 0, DISCR(0)), ENOENT,
		  "set: a session that lingers is no more");
	tap_equal(-create(harness, 0, 1), EBUSY, "create: its slot is in use");
	tap_equal(create(harness, 1, 1), 0, "create: its address isn't");

	count = session_count(harness);
	tap_equal(run(harness, BFD_CONTROL_DROP, 0, DISCR(0)), 0, "drop: ends the lingering");
	harness_session(harness, 0, &session);
	tap_check(session.use == BFD_SLOT_FREE, "drop: the slot is free");
	tap_equal(slot_of_discr(harness, DISCR(0)), -1, "drop: no discriminator leads to it");
	tap_equal(slot_of_address(harness, harness->device, 1), 1,
		  "drop: the address leads to its successor");
	tap_equal(session_count(harness), count - 1, "drop: it is counted no more");
	tap_equal(-run(harness, BFD_CONTROL_DROP, 0, DISCR(0)), ENOENT, "drop: but once");
	tap_equal(run(harness, BFD_CONTROL_DROP, 1, DISCR(1)), 0, "drop: a live one");
	tap_equal(slot_of_address(harness, harness->device, 1), -1,
		  "drop: its address leads nowhere");
}

/* What a slot held before must not show, nor fire. */
static void test_reuse(struct harness *harness)
{
	struct frame_spec spec;
	struct bfd_session session;

	create(harness, 0, 1);
	frame_spec_init(&spec, false, harness->device, DISCR(0));
	spec.field[FIELD_STATE] = BFD_STATE_DOWN;
	spec.field[FIELD_DESIRED_MIN_TX] = 50000;
	harness_receive_spec(harness, &spec);
	run(harness, BFD_CONTROL_DROP, 0, DISCR(0));
	harness_receive_spec(harness, &spec);
	tap_equal(harness_create(harness, 0, DISCR(7), false, 1), 0, "reuse: of a slot");
	harness_session(harness, 0, &session);
	tap_check(session.stats.rx_packets == 0 && session.vars.remote_discr == 0 &&
			  session.timer_expiry_ns == 0,
		  "reuse: nothing is left of the session before");
	harness_hear(harness, 0, BFD_STATE_DOWN, 0);
	harness_sleep_ms(300); /* the timer of before fires in between */
	tap_check(harness_state(harness, 0) == BFD_STATE_INIT,
		  "reuse: its detection timer is no concern of the next");
	harness_session(harness, 0, &session);
	tap_check(session.timer_expiry_ns != 0, "reuse: whose own timer is armed");
	run(harness, BFD_CONTROL_DROP, 0, DISCR(7));
}

static void test_adopt(struct harness *harness)
{
	struct bfd_session before, after;

	create(harness, 0, 1);
	harness_hear(harness, 0, BFD_STATE_DOWN, 0);
	harness_hear(harness, DISCR(0), BFD_STATE_INIT, 0);
	harness_session(harness, 0, &before);
	tap_equal(run(harness, BFD_CONTROL_ADOPT, 0, DISCR(0)), 0, "adopt: a session");
	harness_session(harness, 0, &after);
	tap_check(memcmp(&before.vars, &after.vars, sizeof(before.vars)) == 0,
		  "adopt: which doesn't notice");
	tap_check(after.timer_expiry_ns == after.vars.last_rx_ns + 180000 * HARNESS_NS_PER_MS &&
			  after.kick_queued,
		  "adopt: timer and visit are asked for");
	run(harness, BFD_CONTROL_DROP, 0, DISCR(0));
}

static void test_poll_and_reset(struct harness *harness)
{
	struct bfd_session before, after;

	create(harness, 0, 1);
	harness_session(harness, 0, &before);
	tap_equal(-run(harness, BFD_CONTROL_POLL, 0, DISCR(0)), ENOTCONN,
		  "poll: a session that isn't Up has nobody to ask");
	tap_equal(run(harness, BFD_CONTROL_RESET, 0, DISCR(0)), 0, "reset: one that isn't Up");
	harness_session(harness, 0, &after);
	tap_check(memcmp(&before, &after, sizeof(before)) == 0, "poll, reset: which isn't touched");

	harness_hear(harness, 0, BFD_STATE_DOWN, 0);
	harness_hear(harness, DISCR(0), BFD_STATE_INIT, 0);
	harness_hear(harness, DISCR(0), BFD_STATE_UP, FLAG_FINAL);
	harness_hear(harness, DISCR(0), BFD_STATE_UP, 0);
	harness_set_clock(harness, 0);
	harness_tick_once(harness); /* what the state changes asked for */
	harness_session(harness, 0, &before);
	tap_check(before.vars.state == BFD_STATE_UP && before.vars.poll == BFD_POLL_IDLE &&
			  before.kick == 0,
		  "poll: a session that is Up and polls not");
	tap_equal(run(harness, BFD_CONTROL_POLL, 0, DISCR(0)), 0, "poll: is told to");
	harness_session(harness, 0, &after);
	tap_check(after.vars.poll == BFD_POLL_ACTIVE && after.kick == before.kick,
		  "POLL-02: a Poll Sequence begins, for which nothing extra is sent");
	harness_read_events(harness);
	tap_equal(run(harness, BFD_CONTROL_RESET, 0, DISCR(0)), 0, "reset: a session that is Up");
	harness_session(harness, 0, &after);
	tap_check(after.vars.state == BFD_STATE_DOWN &&
			  after.vars.diag == BFD_DIAG_FORWARDING_RESET &&
			  after.stats.down_count == before.stats.down_count + 1,
		  "ADM-05: Down with diag 4");
	tap_check(harness_read_events(harness) == 1 &&
			  harness->events[0].diag == BFD_DIAG_FORWARDING_RESET,
		  "ADM-05: one event tells of it");
	run(harness, BFD_CONTROL_DROP, 0, DISCR(0));
}

static void test_clock(struct harness *harness)
{
	struct bfd_control control = {.op = BFD_CONTROL_CLOCK, .tick_us = 250, .shaped_ifindex = 7};
	uint32_t generation;
	struct bfd_clock clock;

	tap_equal(harness_control(harness, &control), 0, "clock: is set");
	generation = control.generation;
	harness_clock(harness, &clock);
	tap_check(clock.tick_us == 250 && clock.shaped_ifindex == 7 &&
			  clock.generation == generation,
		  "clock: as told, and the answer is its generation");
	tap_equal(harness_control(harness, &control), 0, "clock: again");
	tap_check(control.generation != generation, "clock: a new generation each time");
	generation = control.generation;
	control.op = BFD_CONTROL_TICK;
	control.tick_us = 10000;
	tap_equal(harness_control(harness, &control), 0, "tick: is set");
	harness_clock(harness, &clock);
	tap_check(clock.tick_us == 10000 && clock.shaped_ifindex == 7 &&
			  clock.generation == generation,
		  "tick: another rate for the frames that circulate");
}

int main(void)
{
	struct harness harness;

	harness_open(&harness, TALLY_SESSIONS);
	harness_add_local(&harness, 0, false, false);
	test_create(&harness);
	test_wrong_target(&harness);
	test_no_command(&harness);
	test_set(&harness);
	test_set_path(&harness);
	test_multihop(&harness);
	test_delete(&harness);
	test_reuse(&harness);
	test_adopt(&harness);
	test_poll_and_reset(&harness);
	test_clock(&harness);
	harness_close(&harness);
	return tap_finish();
}

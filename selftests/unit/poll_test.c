// SPDX-License-Identifier: GPL-2.0
/*
 * Poll Sequences (RFC 5880 6.5, 6.8.3), ours and the peer's, seen as what leaves
 * on the wire: conformance rows POLL, TMR-02 and TMR-13.
 */
#include "fixture.h"
#include "tap.h"

/* The flags of the next periodic packet. */
static unsigned int periodic_flags(struct fixture *fixture)
{
	struct bfd_packet packet = {};

	fixture->now_ns += 2000 * MS;
	if (!bfd_visit(&fixture->vars, 0, fixture->now_ns, 0, 0, &packet))
		return 0xff;
	return packet.state_flags & 0x3f;
}

/* The flags of the packet that answers a Poll, 0xff if none leaves. */
static unsigned int answer_flags(struct fixture *fixture)
{
	struct bfd_packet packet = {};

	if (!(fixture->outcome & BFD_OUTCOME_FINAL) ||
	    !bfd_visit(&fixture->vars, BFD_KICK_FINAL, fixture->now_ns, 0, 0, &packet))
		return 0xff;
	return packet.state_flags & 0x3f;
}

static void test_poll_follows_up(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	unsigned int repeats = 0;

	fixture_make(&fixture, &config);
	tap_equal(periodic_flags(&fixture), WIRE_CPI, "POLL-03: no P in a new session");
	fixture_hear_state(&fixture, 1, 0);
	tap_equal(periodic_flags(&fixture), WIRE_CPI, "POLL-03: no P in Init");
	fixture_hear_state(&fixture, 2, 0);
	for (int i = 0; i < 50; i++) {
		fixture_hear_state(&fixture, 3, 0);
		repeats += periodic_flags(&fixture) == (WIRE_CPI | WIRE_POLL);
	}
	tap_equal(repeats, 50, "TMR-02, POLL-04: P after Up in each packet until a Final comes");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_check(fixture.outcome & BFD_OUTCOME_POLL_DONE,
		  "POLL-01: the Final is told to the caller");
	tap_equal(periodic_flags(&fixture), WIRE_CPI, "POLL-01: the Final ends P");

	config.desired_min_tx_us = 1000000;
	fixture_bring(&fixture, &config, 3);
	tap_equal(periodic_flags(&fixture), WIRE_CPI, "TMR-02: at 1 s Up changes nothing, so no P");
}

static void test_poll_follows_change(void)
{
	static const __u32 changes[][2] = {
		{500000, 50000}, {10000, 50000}, {50000, 500000}, {50000, 10000}, {1000, 1000},
	};
	struct bfd_config config = plain_config();
	struct fixture fixture;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		fixture_settle(&fixture, &config);
		fixture_set_intervals(&fixture, changes[i][0], changes[i][1]);
		tap_check((fixture.outcome & BFD_OUTCOME_NOW) &&
				  periodic_flags(&fixture) == (WIRE_CPI | WIRE_POLL),
			  "TMR-02: P after a change to %u, %u us", changes[i][0], changes[i][1]);
	}
	fixture_settle(&fixture, &config);
	fixture_set_intervals(&fixture, 50000, 50000);
	tap_check(fixture.outcome == 0 && periodic_flags(&fixture) == WIRE_CPI,
		  "TMR-02: no P if nothing changed");
	config.set = BFD_CONFIG_MULT;
	config.mult = 10;
	fixture_set(&fixture, &config);
	tap_check(fixture.outcome == BFD_OUTCOME_NOW && periodic_flags(&fixture) == WIRE_CPI &&
			  fixture.vars.mult == 10,
		  "TMR-10: a new multiplier is said at once, without P");
	fixture_make(&fixture, &config);
	fixture_set_intervals(&fixture, 50000, 10000);
	tap_equal(periodic_flags(&fixture), WIRE_CPI | WIRE_POLL, "TMR-02: P also in Down");
}

static void test_unsolicited_final(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	struct bfd_vars before;

	fixture_settle(&fixture, &config);
	before = fixture.vars;
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	before.last_rx_ns = fixture.now_ns;
	tap_check(memcmp(&before, &fixture.vars, sizeof(before)) == 0 && fixture.outcome == 0,
		  "POLL-01: a Final that nobody asked for is only a packet");
}

/* The peer's Poll, in each state. */
static void test_answers(void)
{
	static const char *const names[] = {"AdminDown", "Down", "Init", "Up"};
	struct bfd_config config = plain_config();
	struct fixture fixture;

	for (unsigned int state = 1; state < 4; state++) {
		struct bfd_packet packet = peer_packet(state);

		fixture_bring(&fixture, &config, state);
		packet.state_flags |= WIRE_POLL;
		packet.required_min_rx = 0;
		fixture_hear(&fixture, MS, &packet);
		tap_equal(answer_flags(&fixture), WIRE_CPI | WIRE_FINAL,
			  "POLL-05: F in %s, though Required Min RX is 0", names[state]);
	}
	fixture_make(&fixture, &config);
	fixture_set_admin(&fixture, 1);
	fixture_hear_state(&fixture, 1, WIRE_POLL);
	tap_equal(fixture.outcome & BFD_OUTCOME_FINAL, 0,
		  "POLL-05: no F in AdminDown, where 6.8.6 ends before it (open choice 1)");
	fixture_bring(&fixture, &config, 3);
	fixture_hear_state(&fixture, 3, WIRE_POLL);
	tap_equal(answer_flags(&fixture), WIRE_CPI | WIRE_FINAL,
		  "POLL-03: F without P while we poll");
	tap_equal(periodic_flags(&fixture), WIRE_CPI | WIRE_POLL,
		  "POLL-03: P in the packet after it");
	fixture_hear_state(&fixture, 3, WIRE_POLL | WIRE_FINAL);
	tap_check((fixture.outcome & BFD_OUTCOME_POLL_DONE) &&
			  answer_flags(&fixture) == (WIRE_CPI | WIRE_FINAL) &&
			  periodic_flags(&fixture) == WIRE_CPI,
		  "RX-24: P and F both end our Poll and are answered");
}

static void test_final_and_schedule(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	struct bfd_packet packet;
	__u64 due_ns;

	fixture_settle(&fixture, &config);
	periodic_flags(&fixture);
	due_ns = bfd_tx_due_ns(&fixture.vars, 0);
	fixture_hear_state(&fixture, 3, WIRE_POLL);
	answer_flags(&fixture);
	tap_equal(bfd_tx_due_ns(&fixture.vars, 0), due_ns,
		  "POLL-06: a Final leaves the schedule alone");
	tap_check(bfd_visit(&fixture.vars, BFD_KICK_FINAL, due_ns, 0, 0, &packet) &&
			  (packet.state_flags & WIRE_FINAL) &&
			  bfd_visit(&fixture.vars, 0, due_ns, 0, 0, &packet) &&
			  !(packet.state_flags & WIRE_FINAL),
		  "POLL-06: a Final at the due time doesn't replace the periodic packet");
	fixture_set_intervals(&fixture, 500000, 50000);
	fixture_hear_state(&fixture, 3, WIRE_POLL);
	bfd_visit(&fixture.vars, BFD_KICK_FINAL, fixture.now_ns, 0, 0, &packet);
	tap_equal(ntohl(packet.desired_min_tx), 500000,
		  "POLL-08: a Final carries the wanted values");
	tap_equal(periodic_flags(&fixture), WIRE_CPI | WIRE_POLL, "POLL-08: and our Poll follows");
}

static unsigned int packets_in_10_s(struct fixture *fixture)
{
	struct bfd_packet packet;
	unsigned int count = 0;

	for (int ms = 0; ms < 10000; ms++) {
		fixture->now_ns += MS;
		count += bfd_visit(&fixture->vars, 0, fixture->now_ns, 0, 0, &packet);
	}
	return count;
}

/* P rides on periodic packets: as many, polling or not. */
static void test_poll_rate(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	unsigned int idle;

	fixture_settle(&fixture, &config);
	periodic_flags(&fixture);
	idle = packets_in_10_s(&fixture);
	fixture_set_intervals(&fixture, 60000, 50000);
	tap_equal(packets_in_10_s(&fixture), idle, "POLL-02: polling makes no extra packets");
	tap_equal(idle, 133, "POLL-02: which is one in 75 ms, the least gap of 100 ms");
}

/* Two changes: the Final of the first must not confirm the second. */
static void test_change_while_polling(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	config.required_min_rx_us = 500000;
	fixture_settle(&fixture, &config);
	fixture_set_intervals(&fixture, 50000, 400000);
	periodic_flags(&fixture);
	fixture_set_intervals(&fixture, 50000, 300000);
	tap_equal(periodic_flags(&fixture), WIRE_CPI | WIRE_POLL,
		  "TMR-13: P stays over the second change");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_check(!(fixture.outcome & BFD_OUTCOME_POLL_DONE) &&
			  fixture.vars.active_required_min_rx_us == 500000,
		  "TMR-13: the Final of the first leaves the second pending");
	tap_equal(periodic_flags(&fixture), WIRE_CPI, "TMR-13: P is clear between the sequences");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_check(fixture.vars.active_required_min_rx_us == 500000 &&
			  periodic_flags(&fixture) == WIRE_CPI,
		  "TMR-13: another late Final changes nothing");
	fixture_set_intervals(&fixture, 50000, 200000);
	tap_equal(periodic_flags(&fixture), WIRE_CPI, "TMR-13: a third change joins the second");
	fixture_hear_state(&fixture, 3, 0);
	tap_equal(periodic_flags(&fixture), WIRE_CPI | WIRE_POLL,
		  "TMR-13: F clear lets the next begin");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_check((fixture.outcome & BFD_OUTCOME_POLL_DONE) &&
			  fixture.vars.active_required_min_rx_us == 200000 &&
			  periodic_flags(&fixture) == WIRE_CPI,
		  "TMR-13: its own Final brings the second into force");
}

/* The same, if the second change comes right after the first sequence ended. */
static void test_change_after_final(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	config.required_min_rx_us = 500000;
	fixture_settle(&fixture, &config);
	fixture_set_intervals(&fixture, 50000, 400000);
	periodic_flags(&fixture);
	periodic_flags(&fixture); /* two packets with P, so two Finals are to come */
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	fixture_set_intervals(&fixture, 50000, 300000);
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_equal(fixture.vars.active_required_min_rx_us, 400000,
		  "TMR-13: a late Final of a finished sequence doesn't confirm the next");
	fixture_hear_state(&fixture, 3, 0);
	tap_equal(periodic_flags(&fixture), WIRE_CPI | WIRE_POLL,
		  "TMR-13: which begins after F clear");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_equal(fixture.vars.active_required_min_rx_us, 300000,
		  "TMR-13: and is confirmed by its own");
	fixture_hear_state(&fixture, 3, 0);
	fixture_set_intervals(&fixture, 50000, 200000);
	tap_equal(periodic_flags(&fixture), WIRE_CPI | WIRE_POLL,
		  "TMR-13: a change after F clear polls at once");
}

static void test_failure_ends_poll(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	fixture_bring(&fixture, &config, 3);
	fixture_hear_state(&fixture, 1, 0);
	tap_equal(periodic_flags(&fixture), WIRE_CPI, "POLL-04: a failure ends P (open choice 2)");
	fixture_bring(&fixture, &config, 3);
	fixture_expire(&fixture, 100000 * MS);
	tap_equal(periodic_flags(&fixture), WIRE_CPI,
		  "POLL-04: so does the end of the detection time");
	fixture_bring(&fixture, &config, 3);
	periodic_flags(&fixture);
	fixture_set_admin(&fixture, 1);
	tap_equal(periodic_flags(&fixture), WIRE_CPI, "POLL-04: so does AdminDown");
	fixture_bring(&fixture, &config, 3);
	fixture_set_intervals(&fixture, 500000, 50000);
	fixture_hear_state(&fixture, 3, WIRE_POLL);
	tap_equal(fixture.vars.active_desired_min_tx_us, 50000,
		  "TMR-03: the peer's own Poll confirms nothing of ours");
}

int main(void)
{
	test_poll_follows_up();
	test_poll_follows_change();
	test_unsolicited_final();
	test_answers();
	test_final_and_schedule();
	test_poll_rate();
	test_change_while_polling();
	test_change_after_final();
	test_failure_ends_poll();
	return tap_finish();
}

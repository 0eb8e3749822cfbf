// SPDX-License-Identifier: GPL-2.0
/*
 * Demand mode on our side (RFC 5880 6.6, 6.8.4), seen as what leaves and when the session
 * fails; hold-down, forwarding reset, path diagnostics, backing off.  Rows DEM-01, 02, 06..09,
 * FSM-19, ADM-05, ADM-06, ADM-08, MH-07, TX-12.
 */
#include "fixture.h"
#include "tap.h"

static struct bfd_config demand_config(void)
{
	struct bfd_config config = plain_config();

	config.demand = 1;
	return config;
}

/* The next packet within limit_ns, or state_flags of all ones; time goes on to it. */
static struct bfd_packet next_packet(struct fixture *fixture, __u64 limit_ns)
{
	struct bfd_packet packet = {.state_flags = 0xff};

	for (__u64 end_ns = fixture->now_ns + limit_ns; fixture->now_ns < end_ns;
	     fixture->now_ns += MS)
		if (bfd_visit(&fixture->vars, 0, fixture->now_ns, 0, 0, &packet))
			break;
	return packet;
}

static unsigned int next_flags(struct fixture *fixture, __u64 limit_ns)
{
	return next_packet(fixture, limit_ns).state_flags;
}

static void configure_demand(struct fixture *fixture, int demand)
{
	struct bfd_config config = {.set = BFD_CONFIG_DEMAND, .demand = demand};

	fixture_set(fixture, &config);
}

static int fails_at(struct fixture *fixture, __u64 at_ns)
{
	__u64 overshoot_ns;

	bfd_expire(&fixture->vars, &fixture->stats, at_ns - 1, &overshoot_ns);
	if (fixture->vars.state != 3)
		return 0;
	bfd_expire(&fixture->vars, &fixture->stats, at_ns, &overshoot_ns);
	return fixture->vars.state == 1 && fixture->vars.diag == 1;
}

static void test_bit(void)
{
	struct bfd_config config = demand_config();
	struct fixture fixture;
	unsigned int flags;

	fixture_make(&fixture, &config);
	tap_equal(next_flags(&fixture, 2000 * MS) & WIRE_DEMAND, 0, "DEM-01: no D in Down");
	fixture_hear_state(&fixture, 1, 0);
	tap_equal(next_flags(&fixture, 2000 * MS) & WIRE_DEMAND, 0, "DEM-01: no D in Init");
	fixture_hear_state(&fixture, 2, 0);
	tap_equal(next_flags(&fixture, 2000 * MS), 3 << 6 | WIRE_CPI | WIRE_POLL,
		  "DEM-01: no D while the peer is in Init");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	flags = next_flags(&fixture, 2000 * MS);
	tap_equal(flags & WIRE_DEMAND, WIRE_DEMAND, "DEM-01: D once both are up");
	fixture_hear_state(&fixture, 3, 0);
	flags = next_flags(&fixture, 2000 * MS);
	tap_equal(flags & WIRE_POLL, WIRE_POLL, "DEM-02: with a Poll");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_equal(next_flags(&fixture, 200 * MS) & WIRE_POLL, 0, "DEM-02: which the Final ends");
	fixture_hear_state(&fixture, 2, 0);
	tap_equal(next_flags(&fixture, 200 * MS) & WIRE_DEMAND, 0,
		  "DEM-01: no D when the peer is in Init again");
	fixture_set_admin(&fixture, 1);
	tap_equal(next_flags(&fixture, 2000 * MS) & WIRE_DEMAND, 0, "DEM-01: no D in AdminDown");
}

static void test_toggle(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	unsigned int flags;
	__u64 off_ns;

	fixture_settle(&fixture, &config);
	tap_equal(next_flags(&fixture, 200 * MS) & WIRE_POLL, 0, "no Poll at first");
	configure_demand(&fixture, 1);
	flags = next_flags(&fixture, 200 * MS);
	tap_equal(flags & (WIRE_POLL | WIRE_DEMAND), WIRE_POLL | WIRE_DEMAND,
		  "DEM-02: the first packet with D has P");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_equal(bfd_detection_deadline_ns(&fixture.vars), 0,
		  "DEM-06: then silence is no failure");
	fixture.now_ns += 3600 * 1000 * MS;
	configure_demand(&fixture, 1);
	tap_equal(fixture.outcome, 0, "the same again changes nothing");
	off_ns = fixture.now_ns;
	configure_demand(&fixture, 0);
	tap_check(fixture.outcome & BFD_OUTCOME_NOW, "DEM-02: off: told at once");
	flags = next_flags(&fixture, 200 * MS);
	tap_equal(flags & (WIRE_POLL | WIRE_DEMAND), 0, "DEM-02: the next Poll waits");
	fixture_hear_state(&fixture, 3, 0);
	tap_equal(next_flags(&fixture, 200 * MS) & WIRE_POLL, WIRE_POLL,
		  "DEM-02: for a packet with F clear");
	fixture_settle(&fixture, &config);
	configure_demand(&fixture, 1);
	next_flags(&fixture, 200 * MS);
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	fixture_hear_state(&fixture, 3, 0);
	fixture.now_ns += 60000 * MS;
	off_ns = fixture.now_ns;
	configure_demand(&fixture, 0);
	tap_check(fails_at(&fixture, off_ns + 300 * MS),
		  "DEM-09: off: the silence counts from then on, 3 x 100 ms");
}

static void test_detection(void)
{
	struct bfd_config config = demand_config();
	struct fixture fixture;
	__u64 first_ns, second_ns;

	config.mult = 4;
	fixture_settle(&fixture, &config);
	next_flags(&fixture, 200 * MS);
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	fixture_hear_state(&fixture, 3, 0);
	fixture.now_ns += 100000 * MS;
	tap_equal(bfd_verify(&fixture.vars, fixture.now_ns), 1, "DEM-07: a Poll on request");
	tap_equal(bfd_detection_deadline_ns(&fixture.vars), 0,
		  "DEM-07: nothing counts before its first packet");
	tap_equal(next_flags(&fixture, 200 * MS) & WIRE_POLL, WIRE_POLL, "DEM-07: which has P");
	first_ns = fixture.now_ns;
	fixture.now_ns += MS;
	next_flags(&fixture, 200 * MS);
	second_ns = fixture.now_ns;
	tap_check(second_ns - first_ns >= 75 * MS && second_ns - first_ns <= 101 * MS,
		  "DEM-07: repeated at the transmit interval");
	tap_check(fails_at(&fixture, first_ns + 400 * MS),
		  "DEM-07: our 4 x the 100 ms that the peer wants, from the first one");
	tap_equal(bfd_verify(&fixture.vars, fixture.now_ns), 0,
		  "there is nothing to verify in Down");

	fixture_settle(&fixture, &config);
	next_flags(&fixture, 200 * MS);
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	bfd_verify(&fixture.vars, fixture.now_ns);
	tap_equal(next_flags(&fixture, 300 * MS) & WIRE_POLL, 0,
		  "TMR-13: the next Poll waits for the one before");
	fixture.now_ns += 400 * MS;
	tap_equal(next_flags(&fixture, 200 * MS) & WIRE_POLL, WIRE_POLL,
		  "TMR-13: no longer than the detection time");
}

static void test_periodic_verification(void)
{
	struct bfd_config config = demand_config();
	struct fixture fixture;
	__u64 answered_ns;

	config.poll_interval_us = 2000000;
	fixture_settle(&fixture, &config);
	next_flags(&fixture, 200 * MS);
	fixture_hear_state(&fixture, 3, WIRE_FINAL | WIRE_DEMAND);
	answered_ns = fixture.now_ns;
	fixture.now_ns += MS;
	tap_equal(bfd_visit_due_ns(&fixture.vars, &(struct bfd_echo){}, 0), answered_ns + 2000 * MS,
		  "DEM-09: both in Demand mode: nothing before the next verification");
	tap_equal(next_flags(&fixture, 1990 * MS), 0xff, "DEM-09: nothing leaves");
	tap_equal(next_flags(&fixture, 100 * MS), 3 << 6 | WIRE_CPI | WIRE_DEMAND | WIRE_POLL,
		  "DEM-07: then a Poll");
	tap_check(fixture.now_ns >= answered_ns + 2000 * MS, "DEM-07: at its time");
	fixture_hear_state(&fixture, 3, WIRE_FINAL | WIRE_DEMAND);
	tap_equal(next_flags(&fixture, 1500 * MS), 0xff, "DEM-07: silence again");
}

static void test_contents(void)
{
	struct bfd_config config = demand_config(), change = {.set = BFD_CONFIG_MULT, .mult = 9};
	struct fixture fixture;
	struct bfd_packet packet;

	fixture_settle(&fixture, &config);
	next_flags(&fixture, 200 * MS);
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	fixture_hear_state(&fixture, 3, 0);
	fixture_set(&fixture, &change);
	packet = next_packet(&fixture, 200 * MS);
	tap_check(packet.detect_mult == 9 && (packet.state_flags & WIRE_POLL),
		  "DEM-08: a new multiplier is polled for in our Demand mode");
	fixture_settle(&fixture, &config);
	next_flags(&fixture, 200 * MS);
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	fixture_hear_state(&fixture, 3, 0);
	change = (struct bfd_config){.set = BFD_CONFIG_ECHO_RX, .echo_rx_us = 70000};
	fixture_set(&fixture, &change);
	packet = next_packet(&fixture, 200 * MS);
	tap_check(packet.required_min_echo_rx == htonl(70000) && (packet.state_flags & WIRE_POLL),
		  "DEM-08: as is a new echo interval");
	change = (struct bfd_config){.set = BFD_CONFIG_DIAG, .path_diag = 6};
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	fixture_hear_state(&fixture, 3, 0);
	fixture_set(&fixture, &change);
	packet = next_packet(&fixture, 200 * MS);
	tap_check((packet.version_diag & 31) == 6 && (packet.state_flags & WIRE_POLL) &&
			  packet.state_flags >> 6 == 3,
		  "ADM-06: a path diagnostic too; the state stays");
	fixture_expire(&fixture, 10000 * MS);
	tap_equal(fixture.vars.diag, 1, "ADM-06: a failure overwrites it");
	fixture_set(&fixture, &change);
	tap_equal(fixture.vars.diag, 1, "ADM-06: which stays in Down");
}

static void test_failed_in_remote_demand(void)
{
	struct bfd_config config = demand_config();
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	fixture_hear_state(&fixture, 3, WIRE_DEMAND);
	fixture.outcome = bfd_reset(&fixture.vars, &fixture.stats, fixture.now_ns);
	tap_check(fixture.vars.state == 1 && fixture.vars.diag == 4 && fixture.vars.remote_discr,
		  "ADM-05: a forwarding reset: Down, diagnostic 4, the peer still known");
	tap_equal(fixture.stats.down_count, 1, "ADM-05: counted as a failure");
	tap_check(next_flags(&fixture, 1100 * MS) != 0xff &&
			  next_flags(&fixture, 1100 * MS) != 0xff,
		  "DEM-05: packets flow after our failure in remote Demand");
	tap_equal(next_flags(&fixture, 1100 * MS) & WIRE_DEMAND, 0,
		  "DEM-01: and without D, though the peer hasn't noticed");
	tap_equal(bfd_reset(&fixture.vars, &fixture.stats, fixture.now_ns), 0,
		  "ADM-05: nothing to reset in Down");
}

static void test_hold_down(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	config.hold_down_us = 500000;
	fixture_settle(&fixture, &config);
	fixture_hear_state(&fixture, 1, 0);
	fixture_hear_state(&fixture, 1, 0);
	tap_equal(fixture.vars.state, 1, "FSM-19: held in Down");
	fixture_hear_state(&fixture, 2, 0);
	tap_equal(fixture.vars.state, 1, "FSM-19: also when the peer is in Init");
	tap_equal(fixture.vars.remote_discr, PEER_DISCR, "FSM-19: the peer is still heard");
	fixture.now_ns += 500 * MS;
	fixture_hear_state(&fixture, 1, 0);
	tap_equal(fixture.vars.state, 2, "FSM-19: and then on");

	fixture_settle(&fixture, &config);
	fixture_set_admin(&fixture, 1);
	fixture_set_admin(&fixture, 0);
	fixture_hear_state(&fixture, 1, 0);
	tap_equal(fixture.vars.state, 2, "FSM-19: an operator's down holds nothing");
}

/* Up for so long, and then silence. */
static void fail_multihop(struct fixture *fixture, __u64 after_ns)
{
	fixture_hear_state(fixture, 1, 0);
	fixture_hear_state(fixture, 2, 0);
	fixture->now_ns += after_ns;
	fixture_hear_state(fixture, 3, WIRE_FINAL);
	fixture_expire(fixture, bfd_detection_deadline_ns(&fixture->vars) - fixture->now_ns);
}

static void test_back_off(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	struct bfd_packet packet;

	config.multihop = 1;
	config.echo_rx_us = 50000;
	fixture_make(&fixture, &config);
	fail_multihop(&fixture, 100 * MS);
	tap_equal(fixture.vars.backoff, 1, "ADM-08: a failure soon after coming up");
	fail_multihop(&fixture, 100 * MS);
	fail_multihop(&fixture, 100 * MS);
	tap_equal(fixture.vars.backoff, 2, "ADM-08: at most two steps");
	fixture_hear_state(&fixture, 1, 0);
	fixture_hear_state(&fixture, 2, 0);
	packet = next_packet(&fixture, 2000 * MS);
	tap_check(packet.desired_min_tx == htonl(200000) &&
			  packet.required_min_rx == htonl(200000) &&
			  (packet.state_flags & WIRE_POLL),
		  "ADM-08: four times as slow, told by a Poll");
	tap_equal(packet.required_min_echo_rx, 0, "ECHO-12: no echo over several hops");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	fixture_hear_state(&fixture, 3, 0);
	fixture.now_ns += 60000 * MS;
	packet = next_packet(&fixture, 200 * MS);
	tap_check(packet.desired_min_tx == htonl(100000) && (packet.state_flags & WIRE_POLL),
		  "ADM-08: a step back after a minute up, told by a Poll");

	fixture_make(&fixture, &config);
	fail_multihop(&fixture, 61000 * MS);
	tap_equal(fixture.vars.backoff, 0, "ADM-08: not for a failure after a minute");
	config.multihop = 0;
	fixture_make(&fixture, &config);
	fail_multihop(&fixture, 100 * MS);
	tap_equal(fixture.vars.backoff, 0, "ADM-08: not on a single hop");
}

static void test_known_discriminator(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	config.remote_discr = 0x0badcafe;
	fixture_make(&fixture, &config);
	tap_equal(next_packet(&fixture, 1000 * MS).your_discr, htonl(0x0badcafe),
		  "MH-07: a discriminator known beforehand is in the first packet");
	tap_equal(bfd_detection_deadline_ns(&fixture.vars), 0, "MH-07: and nothing to wait for");
}

/* Nothing could verify the path to a peer that takes no packets (RFC 5880 6.8.7). */
static void test_peer_takes_nothing(void)
{
	struct bfd_config config = demand_config();
	struct bfd_packet packet = peer_packet(3);
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	next_flags(&fixture, 200 * MS);
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	packet.required_min_rx = 0;
	fixture_hear(&fixture, 5000 * MS, &packet);
	tap_check(fixture.outcome & BFD_OUTCOME_NOW, "DEM-01: no Demand mode then: told at once");
	tap_check(fails_at(&fixture, fixture.now_ns + 300 * MS),
		  "DEM-06: and its silence fails the session again");
}

int main(void)
{
	test_peer_takes_nothing();
	test_bit();
	test_toggle();
	test_detection();
	test_periodic_verification();
	test_contents();
	test_failed_in_remote_demand();
	test_hold_down();
	test_back_off();
	test_known_discriminator();
	return tap_finish();
}

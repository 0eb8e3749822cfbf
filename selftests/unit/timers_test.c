// SPDX-License-Identifier: GPL-2.0
/*
 * What is negotiated, how long silence may last, when a packet is due
 * (RFC 5880 6.8.2, 6.8.4, 6.8.7; conformance rows VAR and TMR).  Expected times
 * are written as numbers worked out by hand.
 */
#include "fixture.h"
#include "tap.h"

#define SECOND (1000 * MS)

/* The gap that a random share of the jitter gives, in ns; the clock is exact. */
static __u64 gap_ns(struct fixture *fixture, __u32 random)
{
	fixture->vars.tx_random = random;
	return bfd_tx_gap_ns(&fixture->vars, 0);
}

static int gaps_within(struct fixture *fixture, __u64 least_ns, __u64 most_ns)
{
	return gap_ns(fixture, 0) == least_ns && gap_ns(fixture, 65535) <= most_ns &&
	       gap_ns(fixture, 65535) > most_ns - most_ns / 1000;
}

static void hear_intervals(struct fixture *fixture, __u32 desired_us, __u32 required_us, __u8 mult)
{
	struct bfd_packet packet = peer_packet(3);

	packet.desired_min_tx = htonl(desired_us);
	packet.required_min_rx = htonl(required_us);
	packet.detect_mult = mult;
	fixture_hear(fixture, MS, &packet);
}

static void test_slow_when_not_up(void)
{
	static const char *const names[] = {"AdminDown", "Down", "Init"};
	struct bfd_config config = plain_config();
	struct fixture fixture;

	config.desired_min_tx_us = 10000;
	fixture_make(&fixture, &config);
	tap_equal(fixture.vars.desired_min_tx_us, 1000000, "VAR-07: advertises 1 s at first");
	tap_check(gaps_within(&fixture, 750 * MS, 1000 * MS),
		  "VAR-08: paced by ourselves at first");
	for (unsigned int state = 0; state < 3; state++) {
		fixture_bring(&fixture, &config, state);
		if (state == 0)
			fixture_set_admin(&fixture, 1);
		tap_check(fixture.vars.desired_min_tx_us == 1000000 &&
				  gaps_within(&fixture, 750 * MS, 1000 * MS),
			  "TMR-01: 1 s in %s, advertised and used", names[state]);
	}
	fixture_settle(&fixture, &config);
	tap_equal(fixture.vars.desired_min_tx_us, 10000, "TMR-01: as configured when Up");
	fixture_expire(&fixture, 10 * SECOND);
	tap_check(fixture.vars.desired_min_tx_us == 1000000 &&
			  gaps_within(&fixture, 750 * MS, 1000 * MS),
		  "TMR-01: 1 s right after a failure");
	config.desired_min_tx_us = 2000000;
	fixture_make(&fixture, &config);
	tap_equal(fixture.vars.desired_min_tx_us, 2000000,
		  "VAR-07: slower than 1 s if so configured");
}

static void test_admin_down_from_the_start(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	config.admin_down = 1;
	config.diag = 7;
	fixture_make(&fixture, &config);
	tap_check(fixture.vars.state == 0 && fixture.vars.diag == 7 &&
			  fixture.vars.desired_min_tx_us == 1000000,
		  "TMR-01: 1 s in a session made AdminDown");
}

static void test_negotiation(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	config.required_min_rx_us = 300000;
	fixture_settle(&fixture, &config);
	hear_intervals(&fixture, 100000, 200000, 3);
	tap_equal(bfd_negotiated_tx_us(&fixture.vars), 200000, "TMR-08: the peer's pace is slower");
	tap_equal(bfd_negotiated_rx_us(&fixture.vars), 300000, "TMR-08: our pace is slower");
	tap_check(gaps_within(&fixture, 150 * MS, 200 * MS), "TMR-08: gaps of 150 to 200 ms");
	hear_intervals(&fixture, 400000, 20000, 3);
	tap_equal(bfd_negotiated_tx_us(&fixture.vars), 50000,
		  "TMR-08: ours, if the peer can take it");
	tap_equal(bfd_negotiated_rx_us(&fixture.vars), 400000,
		  "TMR-08: the peer's, if it is slower");
}

static void test_detection_time(void)
{
	/* our required, its desired, its multiplier, the time: all in us */
	static const __u64 rows[][4] = {
		{50000, 100000, 7, 700000}, {100000, 50000, 7, 700000}, {50000, 50000, 1, 50000},
		{1000, 0, 255, 255000},	    {10000, 10001, 3, 30003},
	};
	struct bfd_config config = plain_config();
	struct fixture fixture;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		config.required_min_rx_us = rows[i][0];
		fixture_settle(&fixture, &config);
		hear_intervals(&fixture, rows[i][1], 123456, rows[i][2]);
		tap_equal(bfd_detection_time_us(&fixture.vars), rows[i][3],
			  "TMR-09: its multiplier %llu x max(%llu, %llu)", rows[i][2], rows[i][0],
			  rows[i][1]);
	}
	fixture_settle(&fixture, &config);
	hear_intervals(&fixture, 100000, 100000, 10);
	tap_equal(bfd_detection_time_us(&fixture.vars), 1000000,
		  "TMR-10: its multiplier acts at once");
}

/* RFC 5880 allows 255 x 4294967295 us, which is more than 32 bits. */
static void test_forty_bits(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	__u64 heard_ns;

	fixture_settle(&fixture, &config);
	hear_intervals(&fixture, 0xffffffff, 0xffffffff, 255);
	heard_ns = fixture.now_ns;
	tap_equal(bfd_detection_time_us(&fixture.vars), 1095216660225ULL, "TMR-15: 40 bits of us");
	tap_equal(bfd_detection_deadline_ns(&fixture.vars) - heard_ns, 1095216660225000ULL,
		  "TMR-15: and of ns");
	fixture_expire(&fixture, 1095216660225000ULL - 1);
	tap_equal(fixture.vars.state, 3, "TMR-15: no early failure");
	fixture_expire(&fixture, 1);
	tap_equal(fixture.vars.state, 1, "TMR-15: but a failure");

	fixture_settle(&fixture, &config);
	hear_intervals(&fixture, 0xffffffff, 0xffffffff, 255);
	tap_check(gaps_within(&fixture, 3221225471250ULL, 4294967295000ULL),
		  "TMR-15: the longest gap keeps its jitter");
}

/* Raising what we send at, while Up (RFC 5880 6.8.3). */
static void test_delayed_tx(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	hear_intervals(&fixture, 10000, 10000, 3);
	fixture_set_intervals(&fixture, 500000, 50000);
	tap_equal(fixture.vars.desired_min_tx_us, 500000, "TMR-03: a rise is advertised at once");
	tap_check(gaps_within(&fixture, 37500000, 50 * MS),
		  "TMR-03: the pace is still the old one");
	hear_intervals(&fixture, 10000, 10000, 3);
	tap_check(gaps_within(&fixture, 37500000, 50 * MS),
		  "TMR-03: also after a packet with F clear");
	fixture_hear_state(&fixture, 3, WIRE_POLL);
	tap_check(gaps_within(&fixture, 75 * MS, 100 * MS),
		  "TMR-03: and after a Poll of the peer's (which also asked for 100 ms)");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_check(gaps_within(&fixture, 375 * MS, 500 * MS), "TMR-03: the Final slows us down");
	fixture_hear_state(&fixture, 3, 0);

	hear_intervals(&fixture, 10000, 10000, 3);
	fixture_set_intervals(&fixture, 50000, 50000);
	tap_check(gaps_within(&fixture, 37500000, 50 * MS), "TMR-04: a fall acts at once");
	fixture_set_intervals(&fixture, 400000, 50000);
	tap_check(fixture.vars.desired_min_tx_us == 400000 &&
			  gaps_within(&fixture, 37500000, 50 * MS),
		  "TMR-03: a rise after an unconfirmed fall still waits");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_equal(fixture.vars.active_desired_min_tx_us, 50000,
		  "TMR-13: the Final of the first change doesn't bring the second into force");
}

/* Lowering what we expect, while Up (RFC 5880 6.8.3). */
static void test_delayed_rx(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	config.required_min_rx_us = 500000;
	fixture_settle(&fixture, &config);
	fixture_set_intervals(&fixture, 50000, 50000);
	tap_equal(fixture.vars.required_min_rx_us, 50000, "TMR-05: a fall is advertised at once");
	tap_equal(bfd_detection_time_us(&fixture.vars), 1500000, "TMR-05: detection stays slow");
	fixture_hear_state(&fixture, 3, 0);
	fixture_expire(&fixture, 1400 * MS);
	tap_equal(fixture.vars.state, 3, "TMR-05: a peer at the old pace doesn't fail us");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	tap_equal(bfd_detection_time_us(&fixture.vars), 300000, "TMR-05: the Final speeds it up");
	fixture_hear_state(&fixture, 3, 0);

	fixture_set_intervals(&fixture, 50000, 700000);
	tap_equal(bfd_detection_time_us(&fixture.vars), 2100000, "TMR-06: a rise acts at once");
	fixture_set_intervals(&fixture, 50000, 50000);
	tap_equal(bfd_detection_time_us(&fixture.vars), 2100000,
		  "TMR-05: a fall after an unconfirmed rise still waits");
}

/* When not Up nothing is delayed: there is no promise to keep. */
static void test_changes_when_not_up(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	fixture_bring(&fixture, &config, 2);
	fixture_set_intervals(&fixture, 3000000, 10000);
	tap_check(fixture.vars.active_desired_min_tx_us == 3000000 &&
			  fixture.vars.active_required_min_rx_us == 10000,
		  "TMR-03, TMR-05: in Init changes act at once");
	fixture_settle(&fixture, &config);
	fixture_set_intervals(&fixture, 500000, 10000);
	fixture_expire(&fixture, 10 * SECOND);
	tap_check(fixture.vars.active_required_min_rx_us == 10000 &&
			  fixture.vars.active_desired_min_tx_us == 1000000,
		  "TMR-03, TMR-05: a failure ends the waiting");
}

static void test_due(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	fixture_make(&fixture, &config);
	tap_check(bfd_tx_due_ns(&fixture.vars, 0) != 0 &&
			  bfd_tx_due_ns(&fixture.vars, 0) <= fixture.now_ns,
		  "TX-04: an active end's first packet is due at once");
	fixture_settle(&fixture, &config);
	hear_intervals(&fixture, 10000, 5000000, 3);
	fixture.vars.last_tx_ns = fixture.now_ns;
	fixture.vars.tx_random = 0;
	tap_equal(bfd_tx_due_ns(&fixture.vars, 0) - fixture.now_ns, 3750 * MS,
		  "TMR-11: a slower peer slows the gap that is running");
	fixture.now_ns += SECOND;
	hear_intervals(&fixture, 10000, 50000, 3);
	tap_check(bfd_tx_due_ns(&fixture.vars, 0) <= fixture.now_ns,
		  "TMR-07: a faster peer's packet is due at once");
	fixture.vars.last_tx_ns = fixture.now_ns;
	for (int i = 0; i < 100; i++)
		hear_intervals(&fixture, 10000, 50000, 3);
	tap_equal(bfd_tx_due_ns(&fixture.vars, 0), fixture.vars.last_tx_ns + 37500000,
		  "TX-01: a busy peer doesn't put our packets off");
}

static void test_forgotten_peer(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	hear_intervals(&fixture, 10000, 60000000, 3);
	fixture_expire(&fixture, 150 * MS);
	tap_check(fixture.vars.state == 1 && gaps_within(&fixture, 750 * MS, 1000 * MS),
		  "TMR-14: a silent peer's 60 s are forgotten");
	fixture_settle(&fixture, &config);
	hear_intervals(&fixture, 10000, 0, 3);
	fixture_expire(&fixture, 150 * MS);
	tap_check(bfd_tx_due_ns(&fixture.vars, 0) != 0, "TMR-14: a silent peer's 0 is forgotten");
	tap_equal(fixture.vars.remote_min_rx_us, 1, "TMR-14: it is 1 us again");
}

/* The timer of detect.h; a deadline that was missed must not start it at once, for ever. */
static void test_timer_delay(void)
{
	tap_equal(bfd_timer_delay_ns(150 * MS, 50 * MS), 100 * MS,
		  "a timer is started for the deadline");
	tap_equal(bfd_timer_delay_ns(50 * MS + 50001, 50 * MS), 50001, "and for a near one");
	tap_equal(bfd_timer_delay_ns(50 * MS + 49999, 50 * MS), 50000,
		  "a timer is never started for earlier than 50 us from now");
	tap_equal(bfd_timer_delay_ns(50 * MS, 50 * MS), 50000, "nor for a deadline that is now");
	tap_equal(bfd_timer_delay_ns(10 * MS, 50 * MS), 50000, "nor for one in the past");
}

int main(void)
{
	test_slow_when_not_up();
	test_admin_down_from_the_start();
	test_negotiation();
	test_detection_time();
	test_forty_bits();
	test_delayed_tx();
	test_delayed_rx();
	test_changes_when_not_up();
	test_due();
	test_forgotten_peer();
	test_timer_delay();
	return tap_finish();
}

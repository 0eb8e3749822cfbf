// SPDX-License-Identifier: GPL-2.0
/*
 * What leaves, and when (RFC 5880 6.8.7): contents, jitter, the passive role,
 * a peer that wants nothing, a peer in Demand mode.  Rows TX, DEM-03..05, 08.
 */
#include "fixture.h"
#include "tap.h"

/* A linear congruential generator (Knuth's MMIX): the same run each time. */
static __u32 draw(__u64 *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return *seed >> 32;
}

static int visit(struct fixture *fixture, __u8 kick, struct bfd_packet *packet)
{
	memset(packet, 0xa5, sizeof(*packet));
	return bfd_visit(&fixture->vars, kick, fixture->now_ns, 0, 0, packet);
}

/* Does a periodic packet leave within after_ns? */
static int leaves_within(struct fixture *fixture, __u64 after_ns)
{
	struct bfd_packet packet;

	fixture->now_ns += after_ns;
	return visit(fixture, 0, &packet);
}

struct gaps {
	__u64 least_ns, most_ns, mean_ns;
	unsigned int quarters[4]; /* of the range of 75 to 100 % */
	unsigned int repeats;	  /* the same gap twice in a row */
};

/*
 * 10000 gaps on a clock that looks each step_ns and is late by late_ns: always by
 * as much as it may, which is the worst.
 */
static struct gaps measure(struct fixture *fixture, __u64 step_ns, __u64 late_ns)
{
	__u64 interval_ns = 100 * MS, last_ns = 0, previous_ns = 0, seed = 1;
	struct gaps gaps = {.least_ns = ~0ULL};
	struct bfd_packet packet;
	unsigned int count = 0;

	while (count < 10001) {
		__u64 due_ns = bfd_tx_due_ns(&fixture->vars, late_ns), gap_ns;

		/* the clock's first look at or after the due time, and late */
		if (due_ns > fixture->now_ns)
			fixture->now_ns = (due_ns + step_ns - 1) / step_ns * step_ns;
		fixture->now_ns += late_ns;
		if (!bfd_visit(&fixture->vars, 0, fixture->now_ns, late_ns, draw(&seed), &packet))
			break;
		gap_ns = fixture->now_ns - last_ns;
		last_ns = fixture->now_ns;
		if (count++ == 0)
			continue;
		gaps.least_ns = gap_ns < gaps.least_ns ? gap_ns : gaps.least_ns;
		gaps.most_ns = gap_ns > gaps.most_ns ? gap_ns : gaps.most_ns;
		gaps.mean_ns += gap_ns;
		gaps.repeats += gap_ns == previous_ns;
		previous_ns = gap_ns;
		if (gap_ns >= interval_ns * 3 / 4 && gap_ns < interval_ns)
			gaps.quarters[(gap_ns - interval_ns * 3 / 4) / (interval_ns / 16)]++;
	}
	gaps.mean_ns /= 10000;
	return gaps;
}

static void test_jitter(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	struct gaps gaps;

	fixture_settle(&fixture, &config); /* the peer asks for 100 ms */
	gaps = measure(&fixture, 10000, 0);
	tap_check(gaps.least_ns >= 75 * MS, "TX-01: no gap is under 75 %%");
	tap_check(gaps.least_ns < 75 * MS + MS / 10 && gaps.most_ns > 100 * MS - MS / 10 &&
			  gaps.most_ns <= 100 * MS,
		  "TX-02: gaps reach from 75 to 100 %%, and not beyond");
	tap_check(gaps.mean_ns > 87 * MS && gaps.mean_ns < 88 * MS, "TX-02: their mean is 87.5 %%");
	tap_check(gaps.quarters[0] > 2300 && gaps.quarters[1] > 2300 && gaps.quarters[2] > 2300 &&
			  gaps.quarters[3] > 2300,
		  "TX-02: spread evenly");
	tap_check(gaps.repeats < 20, "TX-02: each is drawn anew");

	fixture_settle(&fixture, &config);
	gaps = measure(&fixture, 10000, MS);
	tap_check(gaps.least_ns >= 75 * MS && gaps.most_ns <= 100 * MS && gaps.most_ns > 99 * MS,
		  "TX-02: a clock late by 1 ms doesn't take gaps beyond 100 %%");
}

static void test_jitter_multiplier_1(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	struct gaps gaps;

	config.mult = 1;
	fixture_settle(&fixture, &config);
	gaps = measure(&fixture, 10000, 0);
	tap_check(gaps.least_ns >= 75 * MS && gaps.least_ns < 75 * MS + MS / 10,
		  "TX-03: multiplier 1, gaps from 75 %%");
	tap_check(gaps.most_ns <= 90 * MS && gaps.most_ns > 90 * MS - MS / 10,
		  "TX-03: multiplier 1, to 90 %%");
	fixture_settle(&fixture, &config);
	gaps = measure(&fixture, 10000, MS);
	tap_check(gaps.least_ns >= 75 * MS && gaps.most_ns <= 90 * MS,
		  "TX-03: multiplier 1, a clock late by 1 ms included");
	fixture_settle(&fixture, &config);
	fixture.vars.tx_random = 0xffff;
	tap_equal(bfd_tx_gap_ns(&fixture.vars, 50 * MS), 75 * MS,
		  "TX-01: however late the clock may be, 75 %% is the least");
}

static void test_active_role(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet;
	struct fixture fixture;
	unsigned int count = 0;

	fixture_make(&fixture, &config);
	for (int ms = 0; ms < 60000; ms++) {
		fixture.now_ns += MS;
		count += visit(&fixture, 0, &packet);
	}
	tap_equal(count, 80, "TX-04: an active end sends to nobody, here each 750 ms");
}

/* RFC 5882 4.3.2.2: a system that restarts keeps still until it is told not to. */
static void test_born_admin_down(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet;
	struct fixture fixture;
	unsigned int count = 0;

	config.admin_down = 1;
	config.diag = 7;
	fixture_make(&fixture, &config);
	for (int ms = 0; ms < 3000; ms++) {
		fixture.now_ns += MS;
		count += visit(&fixture, ms & 7, &packet);
	}
	fixture_hear_state(&fixture, 1, WIRE_POLL);
	count += visit(&fixture, BFD_KICK_NOW, &packet);
	tap_equal(count, 0, "APP-10: AdminDown from the start is silent");
	fixture_set_admin(&fixture, 0);
	tap_check(visit(&fixture, BFD_KICK_NOW, &packet), "APP-10: until it is released");
	fixture_set_admin(&fixture, 1);
	tap_check(visit(&fixture, BFD_KICK_NOW, &packet), "ADM-01: after that it tells AdminDown");
}

static void test_passive_role(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet;
	struct fixture fixture;
	unsigned int count = 0;

	config.passive = 1;
	fixture_make(&fixture, &config);
	for (int ms = 0; ms < 10000; ms++) {
		fixture.now_ns += MS;
		count += visit(&fixture, ms & 7, &packet);
	}
	tap_equal(count, 0, "TX-05: a passive end is silent, kicked or not");
	tap_equal(bfd_tx_due_ns(&fixture.vars, 0), 0, "TX-05: nothing is due");
	fixture_set_intervals(&fixture, 70000, 70000);
	tap_check(!visit(&fixture, BFD_KICK_NOW, &packet),
		  "TX-05: nor does a change make it speak");
	fixture_hear_state(&fixture, 1, 0);
	for (int ms = 0; ms < 280; ms++) {
		fixture.now_ns += MS;
		count += visit(&fixture, 0, &packet);
	}
	tap_equal(count, 1, "TX-05: once spoken to it speaks");
	for (int second = 0; second < 10; second++) {
		fixture_hear_state(&fixture, 1, 0);
		count += leaves_within(&fixture, 1000 * MS);
	}
	tap_equal(count, 11, "TX-05: and goes on, also if the peer saw nothing of it");
	fixture_expire(&fixture, 400 * MS);
	tap_equal(fixture.vars.remote_discr, 0, "TX-05: the peer falls silent");
	for (__u8 kick = 0; kick < 8; kick++)
		count += visit(&fixture, kick, &packet);
	tap_check(count == 11 && !leaves_within(&fixture, 100000 * MS),
		  "TX-05: so does a passive end");
}

static void test_peer_wants_nothing(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet = peer_packet(3);
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	tap_check(leaves_within(&fixture, 100 * MS), "TX-06: packets flow");
	packet.required_min_rx = 0;
	fixture_hear(&fixture, MS, &packet);
	tap_check(!leaves_within(&fixture, 100000 * MS) && bfd_tx_due_ns(&fixture.vars, 0) == 0,
		  "TX-06: Required Min RX 0 stops them");
	fixture_set_intervals(&fixture, 60000, 60000);
	tap_check(!leaves_within(&fixture, 100000 * MS) && bfd_poll_active(&fixture.vars),
		  "TX-06: our own Poll stays pending (open choice 7)");
	tap_check(visit(&fixture, BFD_KICK_NOW, &packet),
		  "TX-07: but a change is said once (open choice 6)");
	packet = peer_packet(3);
	fixture_hear(&fixture, 200 * MS, &packet);
	tap_check(leaves_within(&fixture, 0), "TX-06: 100 ms lets them flow again, at once");
}

static void test_change_is_told(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet;
	struct fixture fixture;
	__u64 due_ns;

	fixture_settle(&fixture, &config);
	leaves_within(&fixture, 100 * MS);
	fixture.now_ns += MS;
	tap_check(!visit(&fixture, 0, &packet) && !visit(&fixture, BFD_KICK_SCHEDULE, &packet),
		  "TX-01: nothing leaves before its time");
	tap_check(visit(&fixture, BFD_KICK_NOW, &packet), "TX-07: unless the contents changed");
	due_ns = bfd_tx_due_ns(&fixture.vars, 0);
	tap_equal(due_ns, fixture.now_ns + 75 * MS, "TX-01: the next gap begins with it");
}

/* Each field of what leaves, by its place in the packet. */
static void test_contents(void)
{
	struct bfd_config config = plain_config();
	const unsigned char *bytes;
	struct bfd_packet packet;
	struct fixture fixture;

	config.mult = 9;
	config.desired_min_tx_us = 3300;
	config.required_min_rx_us = 16700;
	fixture_make(&fixture, &config);
	visit(&fixture, BFD_KICK_NOW, &packet);
	bytes = (const unsigned char *)&packet;
	tap_check(
		memcmp(bytes,
		       "\x20\x48\x09\x18\x11\x22\x33\x44\0\0\0\0\0\x0f\x42\x40\0\0\x41\x3c\0\0\0\0",
		       24) == 0,
		"TX-08, TX-11, TX-12: Down, 1 s, no peer");
	fixture_hear_state(&fixture, 1, 0);
	fixture_hear_state(&fixture, 2, 0);
	visit(&fixture, BFD_KICK_NOW, &packet);
	tap_check(memcmp(bytes,
			 "\x20\xe8\x09\x18\x11\x22\x33\x44\x55\x66\x77\x88\0\0\x0c\xe4\0\0\x41\x3c"
			 "\0\0\0\0",
			 24) == 0,
		  "TX-08, TX-11: Up and polling, 3.3 ms");
	fixture_hear_state(&fixture, 3, WIRE_FINAL);
	fixture_hear_state(&fixture, 0, 0);
	visit(&fixture, BFD_KICK_FINAL, &packet);
	tap_check(memcmp(bytes,
			 "\x23\x58\x09\x18\x11\x22\x33\x44\x55\x66\x77\x88\0\x0f\x42\x40\0\0\x41"
			 "\x3c\0\0\0\0",
			 24) == 0,
		  "TX-08: a Final in Down, diag 3");
	fixture_set_admin(&fixture, 1);
	visit(&fixture, BFD_KICK_NOW, &packet);
	tap_check(bytes[0] == 0x27 && bytes[1] == 0x08, "TX-08: AdminDown, diag 7");
}

/* The peer asks for silence; we never ask for it ourselves. */
static void test_remote_demand(void)
{
	struct bfd_config config = plain_config(), change = {.set = BFD_CONFIG_MULT, .mult = 7};
	struct bfd_packet packet;
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	fixture_hear_state(&fixture, 3, WIRE_DEMAND);
	tap_check(!leaves_within(&fixture, 200 * MS),
		  "DEM-03: remote Demand stops periodic packets");
	fixture_hear_state(&fixture, 3, WIRE_DEMAND | WIRE_POLL);
	tap_check((fixture.outcome & BFD_OUTCOME_FINAL) &&
			  visit(&fixture, BFD_KICK_FINAL, &packet) &&
			  (packet.state_flags & WIRE_FINAL),
		  "DEM-03: its Polls are answered");
	fixture_set(&fixture, &change);
	tap_check(leaves_within(&fixture, 200 * MS) && leaves_within(&fixture, 200 * MS),
		  "DEM-08: a new multiplier is polled for in remote Demand");
	fixture_hear_state(&fixture, 3, WIRE_DEMAND | WIRE_FINAL);
	tap_check(!leaves_within(&fixture, 200 * MS), "DEM-08: and the Final brings silence back");
	fixture_hear_state(&fixture, 3, WIRE_DEMAND);
	fixture_hear_state(&fixture, 2, WIRE_DEMAND);
	tap_check(leaves_within(&fixture, 200 * MS), "DEM-05: packets flow if the peer is not Up");
	fixture_hear_state(&fixture, 3, WIRE_DEMAND);
	tap_check(!leaves_within(&fixture, 200 * MS), "DEM-03: silence again");
	fixture_hear_state(&fixture, 3, 0);
	tap_check(leaves_within(&fixture, 0), "DEM-05: D clear, they flow at once");
	fixture_hear_state(&fixture, 3, WIRE_DEMAND);
	fixture_expire(&fixture, 400 * MS);
	tap_check(leaves_within(&fixture, 1000 * MS), "DEM-05: they flow after a failure");

	fixture_hear_state(&fixture, 3, WIRE_DEMAND);
	tap_check(fixture.vars.state == 1 && leaves_within(&fixture, 1000 * MS),
		  "DEM-05: also while the peer hasn't noticed it");

	fixture_make(&fixture, &config);
	fixture_hear_state(&fixture, 1, WIRE_DEMAND);
	tap_check(fixture.vars.state == 2 && leaves_within(&fixture, 1000 * MS),
		  "DEM-04: Demand before Up is no silence");
	fixture_hear_state(&fixture, 2, WIRE_DEMAND);
	tap_check(fixture.vars.state == 3 && leaves_within(&fixture, 1000 * MS),
		  "DEM-04: nor while the peer is not Up yet");
}

int main(void)
{
	test_jitter();
	test_jitter_multiplier_1();
	test_active_role();
	test_born_admin_down();
	test_passive_role();
	test_peer_wants_nothing();
	test_change_is_told();
	test_contents();
	test_remote_demand();
	return tap_finish();
}

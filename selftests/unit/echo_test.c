// SPDX-License-Identifier: GPL-2.0
/*
 * The echo function (RFC 5880 6.4, 6.8.3, 6.8.5, 6.8.8, 6.8.9).  Rows ECHO-01..06, 11, 12,
 * TMR-12.
 */
#include "fixture.h"
#include "tap.h"

struct echo_fixture {
	struct fixture session;
	struct bfd_echo echo;
	struct bfd_echo_stats stats;
	struct bfd_echo_packet packet; /* the last one sent */
};

static void revise(struct echo_fixture *fixture)
{
	bfd_echo_revise(&fixture->session.vars, &fixture->echo, fixture->session.now_ns);
}

static void hear(struct echo_fixture *fixture, unsigned int state, unsigned int flags,
		 __u32 min_echo_rx_us)
{
	struct bfd_packet packet = peer_packet(state);

	packet.state_flags |= flags;
	packet.required_min_echo_rx = htonl(min_echo_rx_us);
	fixture_hear(&fixture->session, MS, &packet);
	revise(fixture);
}

/* Up, Polls over, the peer loops echo packets at this interval. */
static void make(struct echo_fixture *fixture, __u32 echo_tx_us, __u32 min_echo_rx_us)
{
	struct bfd_config config = plain_config();

	memset(fixture, 0, sizeof(*fixture));
	config.echo_tx_us = echo_tx_us;
	fixture_make(&fixture->session, &config);
	hear(fixture, 1, 0, min_echo_rx_us);
	hear(fixture, 2, 0, min_echo_rx_us);
	hear(fixture, 3, WIRE_FINAL, min_echo_rx_us);
	hear(fixture, 3, 0, min_echo_rx_us);
	hear(fixture, 3, WIRE_FINAL, min_echo_rx_us);
}

/* Whether an echo packet leaves within limit_ns; time goes on to it. */
static int leaves(struct echo_fixture *fixture, __u64 limit_ns, __u32 random)
{
	static __u64 nonce = 0x123456789abcdef0ULL;

	for (__u64 end_ns = fixture->session.now_ns + limit_ns; fixture->session.now_ns < end_ns;
	     fixture->session.now_ns += MS)
		if (bfd_echo_visit(&fixture->session.vars, &fixture->echo, &fixture->stats,
				   fixture->session.now_ns, 0, random, nonce += 0x1000000010001ULL,
				   &fixture->packet))
			return 1;
	return 0;
}

static int comes_back(struct echo_fixture *fixture, const struct bfd_echo_packet *packet)
{
	return bfd_echo_returned(&fixture->session.vars, &fixture->echo, &fixture->stats, packet,
				 fixture->session.now_ns);
}

static void test_when(void)
{
	struct echo_fixture fixture;
	struct bfd_config config = plain_config();
	__u64 sent_ns;

	memset(&fixture, 0, sizeof(fixture));
	config.echo_tx_us = 20000;
	fixture_make(&fixture.session, &config);
	tap_check(!leaves(&fixture, 1000 * MS, 0), "ECHO-01: none in Down");
	hear(&fixture, 1, 0, 50000);
	tap_check(!leaves(&fixture, 1000 * MS, 0), "ECHO-01: none in Init");
	hear(&fixture, 2, 0, 50000);
	tap_check(leaves(&fixture, 2 * MS, 0), "ECHO-01: at once when up");
	sent_ns = fixture.session.now_ns;
	fixture.session.now_ns += MS;
	tap_check(leaves(&fixture, 1000 * MS, 0), "ECHO-03: again");
	tap_check(fixture.session.now_ns - sent_ns >= 37500000 &&
			  fixture.session.now_ns - sent_ns <= 39 * MS,
		  "ECHO-03: the peer's 50 ms, not our 20; the shortest jitter is 75 %%");
	hear(&fixture, 3, 0, 50000);
	leaves(&fixture, 100 * MS, 0xffff);
	sent_ns = fixture.session.now_ns;
	fixture.session.now_ns += MS;
	leaves(&fixture, 1000 * MS, 0);
	tap_check(fixture.session.now_ns - sent_ns > 49 * MS &&
			  fixture.session.now_ns - sent_ns <= 51 * MS,
		  "ECHO-03: the longest is 100 %%");
	hear(&fixture, 3, 0, 100000);
	sent_ns = fixture.echo.last_tx_ns;
	leaves(&fixture, 1000 * MS, 0);
	tap_check(fixture.session.now_ns - sent_ns >= 75 * MS,
		  "ECHO-03: follows the peer's change");
	hear(&fixture, 3, 0, 0);
	tap_check(!leaves(&fixture, 1000 * MS, 0), "ECHO-02: 0 stops it");
	tap_equal(bfd_echo_deadline_ns(&fixture.session.vars, &fixture.echo), 0,
		  "ECHO-02: and nothing is waited for");
	tap_equal(fixture.session.vars.state, 3, "ECHO-02: the session stays up");
	config.multihop = 1;
	memset(&fixture, 0, sizeof(fixture));
	fixture_make(&fixture.session, &config);
	hear(&fixture, 1, 0, 50000);
	hear(&fixture, 2, 0, 50000);
	tap_check(!leaves(&fixture, 1000 * MS, 0), "ECHO-12: none over several hops");
}

static void test_loss(void)
{
	struct echo_fixture fixture;
	__u64 overshoot_ns, first_ns;

	make(&fixture, 50000, 20000);
	tap_equal(bfd_echo_deadline_ns(&fixture.session.vars, &fixture.echo), 0,
		  "ECHO-04: not before one was sent");
	leaves(&fixture, 100 * MS, 0);
	first_ns = fixture.session.now_ns;
	tap_equal(bfd_echo_deadline_ns(&fixture.session.vars, &fixture.echo), first_ns + 150 * MS,
		  "ECHO-04: armed by the first one sent, 3 x 50 ms");
	leaves(&fixture, 100 * MS, 0);
	tap_equal(bfd_echo_deadline_ns(&fixture.session.vars, &fixture.echo), first_ns + 150 * MS,
		  "ECHO-04: not moved by the next");
	tap_equal(bfd_echo_expire(&fixture.session.vars, &fixture.session.stats, &fixture.echo,
				  first_ns + 150 * MS - 1, &overshoot_ns),
		  0, "ECHO-04: not early");
	bfd_echo_expire(&fixture.session.vars, &fixture.session.stats, &fixture.echo,
			first_ns + 150 * MS + 7, &overshoot_ns);
	tap_check(fixture.session.vars.state == 1 && fixture.session.vars.diag == 2,
		  "ECHO-04: Down with diagnostic 2");
	tap_equal(overshoot_ns, 7, "and how late");
	tap_check(fixture.session.vars.remote_discr == PEER_DISCR,
		  "VAR-05: the peer is still heard");
	revise(&fixture);
	hear(&fixture, 1, 0, 20000);
	fixture.session.now_ns += 10000 * MS;
	hear(&fixture, 2, 0, 20000);
	tap_equal(bfd_echo_deadline_ns(&fixture.session.vars, &fixture.echo), 0,
		  "ECHO-04: up again, counted anew");
}

static void test_return(void)
{
	struct bfd_echo_packet old, forged;
	struct echo_fixture fixture;

	make(&fixture, 50000, 20000);
	leaves(&fixture, 100 * MS, 0);
	fixture.session.now_ns += 3 * MS;
	forged = fixture.packet;
	forged.nonce_low ^= htonl(1);
	tap_check(!comes_back(&fixture, &forged), "ECHO-06: a forged one is none");
	forged = fixture.packet;
	forged.nonce_high ^= htonl(1);
	tap_check(!comes_back(&fixture, &forged), "ECHO-06: whichever half of the nonce");
	forged = fixture.packet;
	forged.sequence = htonl(ntohl(forged.sequence) + 1);
	tap_check(!comes_back(&fixture, &forged), "ECHO-06: nor one of the future");
	tap_check(comes_back(&fixture, &fixture.packet), "ECHO-07: ours is ours");
	tap_check(fixture.stats.rtt_min_ns == 3 * MS && fixture.stats.rtt_max_ns == 3 * MS &&
			  fixture.stats.rtt_sum_ns == 3 * MS && fixture.stats.rx_packets == 1,
		  "its round trip is timed");
	tap_equal(bfd_echo_deadline_ns(&fixture.session.vars, &fixture.echo),
		  fixture.session.now_ns + 150 * MS, "ECHO-04: silence counts from it");
	tap_check(!comes_back(&fixture, &fixture.packet), "ECHO-06: twice is once too often");
	tap_equal(fixture.stats.rx_invalid, 4, "each of these is counted");
	leaves(&fixture, 100 * MS, 0);
	old = fixture.packet;
	for (int i = 0; i < 32; i++)
		leaves(&fixture, 100 * MS, 0);
	tap_check(!comes_back(&fixture, &old), "ECHO-06: an old one is none");
	tap_equal(fixture.stats.tx_packets, 34, "all sent ones are counted");
	for (int i = 0; i < 7; i++)
		leaves(&fixture, 100 * MS, 0);
	hear(&fixture, 1, 0, 20000);
	tap_check(!comes_back(&fixture, &fixture.packet), "ECHO-01: none counts when not up");
}

static void test_slow_control(void)
{
	struct bfd_config config = {.set = BFD_CONFIG_ECHO_TX};
	struct echo_fixture fixture;

	make(&fixture, 50000, 20000);
	tap_check(fixture.session.vars.required_min_rx_us == 1000000 &&
			  fixture.session.vars.active_required_min_rx_us == 1000000,
		  "TMR-12: control packets are asked for slowly while echo runs");
	fixture_set(&fixture.session, &config);
	revise(&fixture);
	tap_equal(fixture.session.vars.required_min_rx_us, 50000, "TMR-12: off: as configured");
	tap_equal(fixture.session.vars.active_required_min_rx_us, 1000000,
		  "TMR-12: in force after the Poll");
	hear(&fixture, 3, 0, 20000);
	hear(&fixture, 3, WIRE_FINAL, 20000);
	tap_equal(fixture.session.vars.active_required_min_rx_us, 50000, "TMR-12: that is, now");
	make(&fixture, 50000, 0);
	tap_equal(fixture.session.vars.required_min_rx_us, 50000,
		  "TMR-12: not if the peer loops nothing");
}

static void test_multiplier_one(void)
{
	struct bfd_config config = {.set = BFD_CONFIG_MULT, .mult = 1};
	struct echo_fixture fixture;
	__u64 sent_ns;

	make(&fixture, 50000, 20000);
	fixture_set(&fixture.session, &config);
	leaves(&fixture, 100 * MS, 0xffff);
	sent_ns = fixture.session.now_ns;
	tap_check(comes_back(&fixture, &fixture.packet), "it comes back");
	fixture.session.now_ns += MS;
	leaves(&fixture, 100 * MS, 0xffff);
	tap_check(fixture.session.now_ns - sent_ns <= 45 * MS,
		  "ECHO-04: with multiplier 1 the next leaves before the time is up");
}

static void test_shorter_interval(void)
{
	struct echo_fixture fixture;

	make(&fixture, 50000, 1000000);
	leaves(&fixture, 2000 * MS, 0);
	fixture.session.now_ns += 900 * MS;
	hear(&fixture, 3, 0, 20000);
	tap_equal(bfd_echo_deadline_ns(&fixture.session.vars, &fixture.echo),
		  fixture.session.now_ns + 150 * MS,
		  "ECHO-03: a shorter interval makes no failure of silence before it");
}

static unsigned int looped_within(struct echo_fixture *fixture, __u64 spacing_ns,
				  unsigned int tries)
{
	unsigned int looped = 0;

	for (unsigned int i = 0; i < tries; i++, fixture->session.now_ns += spacing_ns)
		looped += bfd_echo_may_loop(&fixture->session.vars, &fixture->echo, &fixture->stats,
					    fixture->session.now_ns);
	return looped;
}

static void test_loop(void)
{
	struct bfd_config config = {.set = BFD_CONFIG_ECHO_RX, .echo_rx_us = 20000};
	struct echo_fixture fixture;
	unsigned int looped;

	make(&fixture, 0, 20000);
	tap_equal(looped_within(&fixture, 20 * MS, 10), 0,
		  "TX-12: nothing promised, nothing looped");
	fixture_set(&fixture.session, &config);
	tap_equal(looped_within(&fixture, 15 * MS, 1000), 1000,
		  "ECHO-11: the promised rate, jitter and all, without a loss");
	looped = looped_within(&fixture, MS, 10000);
	tap_check(looped >= 1000 && looped <= 1020, "ECHO-11: twice the rate at most: %u in 10 s",
		  looped);
	tap_equal(fixture.stats.loop_limited, 10000 - looped, "ECHO-11: the rest is counted");
	config.echo_rx_us = 1000000;
	fixture_set(&fixture.session, &config);
	fixture.session.now_ns += 60000 * MS;
	looped_within(&fixture, 10 * MS, 50);
	config.echo_rx_us = 20000;
	fixture_set(&fixture.session, &config);
	tap_equal(looped_within(&fixture, 20 * MS, 50), 50,
		  "ECHO-11: a faster rate is granted at once, whatever came before");
	fixture_set_admin(&fixture.session, 1);
	tap_equal(looped_within(&fixture, 100 * MS, 10), 0, "ECHO-01: nothing unless up");
}

int main(void)
{
	test_when();
	test_loss();
	test_return();
	test_slow_control();
	test_multiplier_one();
	test_shorter_interval();
	test_loop();
	return tap_finish();
}

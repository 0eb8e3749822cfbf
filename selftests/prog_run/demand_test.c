// SPDX-License-Identifier: GPL-2.0
/*
 * Demand mode in the real programs (RFC 5880 6.6, 6.8.4): silence is no failure, a Poll that
 * nobody answers is, and the clock polls by itself if told to.  A Poll on request rides on the
 * next periodic packet (6.5), or leaves at once if there is none.
 */
#include <errno.h>
#include <string.h>

#include "harness.h"
#include "tap.h"

#define DISCR 0xd0000001U
#define SLOT 0
#define TX_US 50000  /* harness_command() */
#define MULT 20	     /* what follows is longer than a machine stands still */
#define PEER_MULT 50 /* 2.5 s, until we are in Demand mode */
#define PEER_RX_US 80000
/* RFC 5880 6.8.4: our multiplier times the slower of what we send and what the peer takes. */
#define DETECTION_MS (MULT * PEER_RX_US / 1000)
/* A virtual machine under emulation is slow; nothing here depends on being fast. */
#define SLACK_MS 10000

static void hear(struct harness *harness, unsigned int state, unsigned int flags)
{
	struct frame_spec spec;

	frame_spec_init(&spec, false, harness->device, DISCR);
	spec.field[FIELD_STATE] = state;
	spec.field[FIELD_FLAGS] = flags;
	spec.field[FIELD_MULTIPLIER] = PEER_MULT;
	spec.field[FIELD_DESIRED_MIN_TX] = 20000;
	spec.field[FIELD_REQUIRED_MIN_RX] = PEER_RX_US;
	harness_receive_spec(harness, &spec);
}

static void tick_for(struct harness *harness, unsigned int ms)
{
	uint64_t end_ns = harness_now_ns() + ms * HARNESS_NS_PER_MS;

	do {
		harness_tick_once(harness);
		harness_sleep_ms(1);
	} while (harness_now_ns() < end_ns);
}

/* Until then, or until the session is Down. */
static void wait_for_down(struct harness *harness, uint64_t end_ns, bool ticking)
{
	while (harness_state(harness, SLOT) != BFD_STATE_DOWN && harness_now_ns() < end_ns) {
		if (ticking)
			harness_tick_once(harness);
		harness_sleep_ms(1);
	}
}

static uint64_t sent(struct harness *harness)
{
	struct bfd_session session;

	harness_session(harness, SLOT, &session);
	return session.stats.tx_packets;
}

/* A session in Demand mode, whose peer knows and has confirmed it; flags: what the peer says last.
 */
static void bring(struct harness *harness, uint32_t poll_interval_us, unsigned int flags)
{
	struct bfd_control control = {.op = BFD_CONTROL_DROP, .slot = SLOT, .local_discr = DISCR};
	struct bfd_session session;
	int error;

	harness_control(harness, &control);
	harness_command(harness, &control, SLOT, DISCR, false, FRAME_PEER);
	control.config.mult = MULT;
	control.config.demand = 1;
	control.config.poll_interval_us = poll_interval_us;
	error = harness_control(harness, &control);
	if (error)
		harness_bail("cannot create the session", error);
	hear(harness, BFD_STATE_INIT, 0);
	hear(harness, BFD_STATE_UP, 0);
	harness_tick_once(harness);
	hear(harness, BFD_STATE_UP, FLAG_FINAL);
	hear(harness, BFD_STATE_UP, 0);
	harness_tick_once(harness);
	hear(harness, BFD_STATE_UP, FLAG_FINAL);
	hear(harness, BFD_STATE_UP, flags); /* parts the next Poll from this */
	harness_tick_once(harness);
	harness_session(harness, SLOT, &session);
	if (session.vars.state != BFD_STATE_UP || session.vars.poll != BFD_POLL_IDLE)
		harness_bail("cannot bring the session up", -EPROTO);
	harness_read_events(harness);
}

static void test_silence(struct harness *harness)
{
	bring(harness, 0, 0);
	tick_for(harness, 2 * DETECTION_MS);
	tap_check(harness_state(harness, SLOT) == BFD_STATE_UP,
		  "DEM-06: silence alone is no failure");
}

static void request_poll(struct harness *harness)
{
	struct bfd_control control = {.op = BFD_CONTROL_POLL, .slot = SLOT, .local_discr = DISCR};

	tap_equal(harness_control(harness, &control), 0, "DEM-07: a Poll on request");
}

/* The next periodic packet is due by then, and no second one. */
static void pass_gap(struct harness *harness)
{
	uint64_t before = sent(harness);

	harness_sleep_ms(PEER_RX_US / 1000);
	harness_tick_once(harness);
	tap_equal(sent(harness) - before, 1, "POLL-02: in a gap one packet, the periodic one");
}

static void test_rides(struct harness *harness)
{
	uint64_t before;
	struct bfd_session session;

	bring(harness, 0, 0);
	pass_gap(harness); /* so that the next one is not due for a while */
	before = sent(harness);
	request_poll(harness);
	harness_session(harness, SLOT, &session);
	tap_check(!(session.kick & BFD_KICK_NOW) && session.vars.poll == BFD_POLL_ACTIVE &&
			  session.vars.poll_sent_ns == 0 && sent(harness) == before,
		  "POLL-02: nothing is sent for a Poll between periodic packets");
	pass_gap(harness);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.poll_sent_ns != 0 &&
			  session.vars.poll_sent_ns == session.vars.last_tx_ns,
		  "POLL-02: the periodic one has it");
}

/* The peer is in Demand mode too: nothing is periodic. */
static void test_at_once(struct harness *harness)
{
	uint64_t before;
	struct bfd_session session;

	bring(harness, 0, FLAG_DEMAND);
	before = sent(harness);
	tick_for(harness, 3 * PEER_RX_US / 1000);
	tap_equal(sent(harness), before, "DEM-03: no periodic packets");
	request_poll(harness);
	harness_tick_once(harness);
	harness_session(harness, SLOT, &session);
	tap_check(sent(harness) == before + 1 && session.vars.poll_sent_ns != 0,
		  "DEM-07: the Poll leaves at the next tick");
}

static void test_unanswered(struct harness *harness)
{
	struct bfd_session session;
	const struct bfd_event *event;
	uint64_t sent_ns;

	bring(harness, 0, 0);
	request_poll(harness);
	pass_gap(harness);
	harness_session(harness, SLOT, &session);
	sent_ns = session.vars.poll_sent_ns;
	tap_check(sent_ns != 0 && session.timer_expiry_ns != 0 &&
			  session.timer_expiry_ns <= sent_ns + DETECTION_MS * HARNESS_NS_PER_MS,
		  "DEM-07: its first packet arms the timer");
	/* no ticks: the timer does it */
	wait_for_down(harness, sent_ns + (DETECTION_MS + SLACK_MS) * HARNESS_NS_PER_MS, false);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.state == BFD_STATE_DOWN &&
			  session.vars.diag == BFD_DIAG_DETECTION_EXPIRED,
		  "DEM-07: nobody answers: Down, diag 1");
	event = &harness->events[0];
	tap_check(harness_read_events(harness) >= 1 && event->state == BFD_STATE_DOWN &&
			  event->time_ns >= sent_ns + DETECTION_MS * HARNESS_NS_PER_MS,
		  "DEM-07: after the detection time of the Poll, not sooner");
}

static void test_answered(struct harness *harness)
{
	bring(harness, 0, 0);
	request_poll(harness);
	pass_gap(harness);
	hear(harness, BFD_STATE_UP, FLAG_FINAL);
	tick_for(harness, DETECTION_MS + 300);
	tap_check(harness_state(harness, SLOT) == BFD_STATE_UP, "DEM-07: an answer saves it");
}

static void test_by_itself(struct harness *harness)
{
	struct bfd_session before, after;
	uint64_t end_ns = harness_now_ns() + SLACK_MS * HARNESS_NS_PER_MS;

	bring(harness, 1000000, 0);
	harness_session(harness, SLOT, &before);
	do {
		tick_for(harness, 1);
		harness_session(harness, SLOT, &after);
	} while (after.vars.poll_sent_ns == 0 && harness_now_ns() < end_ns);
	tap_check(after.vars.state == BFD_STATE_UP && after.vars.poll_sent_ns != 0 &&
			  after.vars.poll_sent_ns >=
				  before.vars.poll_done_ns + 1000 * HARNESS_NS_PER_MS,
		  "DEM-07: with an interval the clock polls by itself, not sooner");
	wait_for_down(harness, end_ns + (DETECTION_MS + SLACK_MS) * HARNESS_NS_PER_MS, true);
	tap_check(harness_state(harness, SLOT) == BFD_STATE_DOWN,
		  "DEM-07: and fails the session if nobody answers");
}

int main(void)
{
	struct harness harness;

	harness_open(&harness, 8);
	harness_add_local(&harness, 0, false, false);
	harness_set_clock(&harness, 0);
	test_silence(&harness);
	test_rides(&harness);
	test_at_once(&harness);
	test_unanswered(&harness);
	test_answered(&harness);
	test_by_itself(&harness);
	harness_close(&harness);
	return tap_finish();
}

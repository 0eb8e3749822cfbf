// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzz target of the protocol core: the input is a configuration and a sequence
 * of packets, silences, visits of the clock and changes by the operator, and what must
 * always hold is asserted after each.  A libFuzzer target; with IPBFD_FUZZ_REPLAY a
 * program that runs the inputs named as arguments, or else random ones from a fixed
 * seed, and prints TAP.  It must not depend on time or on what ran before.
 */
#include "selftests/fuzz/authenticate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An interval as the agent lets it through: 1 ms or more; often a usual one. */
static __u32 take_interval(struct input *input)
{
	static const __u32 usual[] = {1000,   3300,    10000,	50000,	  300000,
				      999999, 1000000, 1000001, 60000000, 0xffffffff};
	unsigned int choice = take(input, 1);
	__u32 value;

	if (choice < sizeof(usual) / sizeof(usual[0]))
		return usual[choice];
	value = take(input, 4);
	return value < 1000 ? 1000 : value;
}

static struct bfd_config take_config(struct input *input)
{
	struct bfd_config config = {
		.set = take(input, 2) & BFD_CONFIG_ALL,
		.desired_min_tx_us = take_interval(input),
		.required_min_rx_us = take_interval(input),
	};
	__u8 bits = take(input, 1);

	config.mult = take(input, 1);
	config.mult = config.mult ? config.mult : 1;
	config.passive = bits & 1;
	config.admin_down = bits >> 1 & 1;
	config.diag = config.admin_down ? 7 : 0;
	config.demand = bits >> 2 & 1;
	config.multihop = bits >> 3 & 1;
	config.echo_tx_us = bits & 16 ? take_interval(input) : 0;
	config.echo_rx_us = bits & 32 ? take_interval(input) : 0;
	config.poll_interval_us = bits & 64 ? take_interval(input) : 0;
	config.hold_down_us = bits & 128 ? take_interval(input) : 0;
	config.path_diag = config.mult & 1 ? 6 : 0;
	return config;
}

static __u64 greater(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

static void check_timers(const struct bfd_vars *vars)
{
	__u64 interval_ns = greater(vars->active_desired_min_tx_us, vars->remote_min_rx_us) * 1000;
	int demand = vars->demand && vars->remote_min_rx_us && vars->state == 3 &&
		     vars->remote_state == 3;
	__u64 detection_us =
		demand ? greater(vars->desired_min_tx_us, vars->remote_min_rx_us) * vars->mult
		       : greater(vars->active_required_min_rx_us, vars->remote_desired_min_tx_us) *
				 vars->remote_mult;
	__u64 gap_ns = bfd_tx_gap_ns(vars, 0), late_gap_ns = bfd_tx_gap_ns(vars, MS);

	must(bfd_detection_time_us(vars) == detection_us);
	must(gap_ns * 4 >= interval_ns * 3);
	must(vars->mult == 1 ? gap_ns * 10 <= interval_ns * 9 : gap_ns <= interval_ns);
	must(late_gap_ns * 4 >= interval_ns * 3 && late_gap_ns <= gap_ns);
}

/* What holds between any two events. */
static void check(const struct fixture *fixture)
{
	const struct bfd_vars *vars = &fixture->vars;
	const struct bfd_session_stats *stats = &fixture->stats;
	int polls = vars->poll != BFD_POLL_IDLE && vars->poll != BFD_POLL_ENDED;
	int in_force = vars->active_desired_min_tx_us == vars->desired_min_tx_us &&
		       vars->active_required_min_rx_us == vars->required_min_rx_us;

	must(vars->local_discr == LOCAL_DISCR);
	must(vars->state <= 3 && vars->poll <= BFD_POLL_ENDED && vars->mult != 0);
	must((vars->state == 0) == (vars->admin_down != 0));
	must(vars->state < 2 || vars->remote_discr != 0);
	must(vars->state < 2 || bfd_local_demand(vars) || bfd_detection_deadline_ns(vars) != 0);
	must(!bfd_local_demand(vars) || bfd_detection_deadline_ns(vars) == 0 || polls);
	must(vars->backoff == 0 || (vars->multihop && vars->backoff <= 2));
	must(vars->remote_discr == 0 || (vars->remote_mult != 0 && vars->last_rx_ns != 0));
	must(vars->state == 3 || vars->desired_min_tx_us >= 1000000);
	must(vars->state != 3 || vars->backoff != 0 ||
	     vars->desired_min_tx_us == vars->conf_desired_min_tx_us);
	must(vars->required_min_rx_us >= vars->conf_required_min_rx_us);
	must(vars->state == 3 || in_force);
	must(polls || in_force);
	must(vars->active_desired_min_tx_us <= vars->desired_min_tx_us);
	must(vars->active_required_min_rx_us >= vars->required_min_rx_us);
	must(stats->up_count - stats->down_count - stats->admin_down_count == (vars->state == 3));
	check_timers(vars);
}

/* RFC 5880 6.8.6, by local state and received state. */
static const __u8 next_state[4][4] = {
	{0, 0, 0, 0},
	{1, 2, 3, 1},
	{1, 2, 3, 3},
	{1, 1, 3, 3},
};

static void take_outcome(struct subject *subject, const struct bfd_vars *before)
{
	__u32 outcome = subject->fixture.outcome;

	must(!(outcome & BFD_OUTCOME_STATE) == (before->state == subject->fixture.vars.state));
	must(!(outcome & BFD_OUTCOME_STATE) || (outcome & BFD_OUTCOME_NOW));
	if (outcome & BFD_OUTCOME_FINAL)
		subject->kick |= BFD_KICK_FINAL;
	if (outcome & BFD_OUTCOME_NOW)
		subject->kick |= BFD_KICK_NOW;
}

/* A packet: often repaired where random bytes would hardly ever be right. */
static void hear(struct subject *subject, struct input *input)
{
	struct fixture *fixture = &subject->fixture;
	struct bfd_vars before = fixture->vars;
	struct bfd_auth_claim claim;
	struct bfd_packet packet;
	unsigned int repair = take(input, 1), payload_length = 24;
	unsigned char *bytes = (unsigned char *)&packet;

	for (size_t i = 0; i < sizeof(packet); i++)
		bytes[i] = take(input, 1);
	if (repair & 1) {
		bytes[0] = 0x20 | (bytes[0] & 31);
		bytes[1] &= ~(WIRE_AUTH | WIRE_MULTIPOINT);
		bytes[3] = 24;
		if (repair & 8) {
			bytes[1] |= WIRE_AUTH;
			bytes[3] = payload_length = 52;
		}
	} else {
		payload_length = take(input, 1);
		for (size_t i = payload_length; i < sizeof(packet); i++)
			bytes[i] = 0;
	}
	if (repair & 2)
		packet.your_discr = htonl(LOCAL_DISCR);
	if (repair & 4)
		packet.my_discr = htonl(PEER_DISCR);
	if (bfd_validate_packet(&packet, payload_length) != BFD_ACCEPT)
		return;
	must(bytes[0] >> 5 == 1 && bytes[2] != 0 && bytes[3] >= 24 && bytes[3] <= payload_length);
	must(!(bytes[1] & WIRE_AUTH) || bytes[3] >= 26);
	must(packet.my_discr != 0 && !(bytes[1] & WIRE_MULTIPOINT));
	if (packet.your_discr != 0 && packet.your_discr != htonl(LOCAL_DISCR))
		return;
	if (!is_admitted(subject, &packet, &claim, input))
		return;
	fixture_hear(fixture, 0, &packet);
	admitted(subject, &claim);
	if (before.state == 1 && fixture->now_ns < before.hold_until_ns)
		must(fixture->vars.state == 1);
	else
		must(fixture->vars.state == next_state[before.state][bytes[1] >> 6]);
	must(fixture->vars.remote_discr == ntohl(packet.my_discr));
	must(fixture->vars.remote_min_rx_us == ntohl(packet.required_min_rx));
	must(!(fixture->outcome & BFD_OUTCOME_FINAL) ==
	     (before.state == 0 || !(bytes[1] & WIRE_POLL)));
	must(bytes[1] & WIRE_FINAL || !(fixture->outcome & BFD_OUTCOME_POLL_DONE));
	take_outcome(subject, &before);
}

static void expire(struct subject *subject)
{
	struct fixture *fixture = &subject->fixture;
	struct bfd_vars before = fixture->vars;
	__u64 deadline_ns = bfd_detection_deadline_ns(&before);

	fixture_expire(fixture, 0);
	if (deadline_ns == 0 || fixture->now_ns < deadline_ns) {
		must(memcmp(&before, &fixture->vars, sizeof(before)) == 0);
		must(fixture->outcome == 0);
		return;
	}
	must(fixture->vars.remote_discr == 0 && fixture->vars.remote_min_rx_us == 1);
	must(fixture->vars.state == (before.state ? 1 : 0));
	must(fixture->vars.diag == (before.state >= 2 ? 1 : before.diag));
	take_outcome(subject, &before);
}

static void visit(struct subject *subject, struct input *input)
{
	struct bfd_vars *vars = &subject->fixture.vars, before = *vars;
	__u64 now_ns = subject->fixture.now_ns, due_ns;
	int final = subject->kick & BFD_KICK_FINAL;
	struct bfd_packet packet;
	unsigned int flags;

	if (!bfd_visit(vars, subject->kick, now_ns, 0, take(input, 4), &packet)) {
		due_ns = bfd_tx_due_ns(vars, 0);
		must(due_ns == 0 || due_ns > now_ns);
		must(!subject->kick || (vars->passive && vars->remote_discr == 0) ||
		     (vars->state == 0 && vars->last_tx_ns == 0));
		subject->kick = 0;
		must(before.state == vars->state && before.last_tx_ns == vars->last_tx_ns);
		return;
	}
	must(!(vars->passive && vars->remote_discr == 0));
	must(subject->kick || vars->remote_min_rx_us != 0);
	/* never early: three quarters of the interval that held */
	must(subject->kick || before.last_tx_ns == 0 ||
	     (now_ns - before.last_tx_ns) * 4 >= bfd_negotiated_tx_us(vars) * 3000ULL);
	must(bfd_validate_packet(&packet, 24) == BFD_ACCEPT);
	stamp(subject, packet);
	flags = packet.state_flags & 63;
	must(!(flags & WIRE_DEMAND) == !(vars->demand && vars->remote_min_rx_us &&
					 vars->state == 3 && vars->remote_state == 3));
	flags &= ~WIRE_DEMAND;
	must(flags == WIRE_CPI || flags == (WIRE_CPI | WIRE_POLL) ||
	     flags == (WIRE_CPI | WIRE_FINAL));
	must(!(flags & WIRE_FINAL) == !final);
	must(packet.state_flags >> 6 == vars->state);
	must(vars->state == 3 || ntohl(packet.desired_min_tx) >= 1000000);
	must(ntohl(packet.my_discr) == LOCAL_DISCR);
	must(!vars->multihop || packet.required_min_echo_rx == 0);
	must(final ? vars->last_tx_ns == before.last_tx_ns : vars->last_tx_ns == now_ns);
	subject->kick = 0;
}

static void check_echo(struct subject *subject)
{
	const struct bfd_vars *vars = &subject->fixture.vars;
	__u64 deadline_ns;

	bfd_echo_revise(vars, &subject->echo, subject->fixture.now_ns);
	deadline_ns = bfd_echo_deadline_ns(vars, &subject->echo);
	must(vars->state == 3 || deadline_ns == 0);
	must(!vars->multihop || deadline_ns == 0);
	must(bfd_echo_due_ns(vars, &subject->echo, 0) == 0 ||
	     (vars->state == 3 && vars->echo_tx_us && vars->remote_min_echo_rx_us));
}

/* An echo packet is due, comes back, perhaps spoilt, or doesn't for too long. */
static void echo(struct subject *subject, struct input *input)
{
	struct bfd_vars *vars = &subject->fixture.vars, before = *vars;
	__u64 now_ns = subject->fixture.now_ns, overshoot_ns;
	__u64 deadline_ns = bfd_echo_deadline_ns(vars, &subject->echo);
	__u64 accepted = subject->echo_stats.rx_packets;
	struct bfd_echo_packet packet;
	unsigned int spoil = take(input, 1);

	bfd_echo_visit(vars, &subject->echo, &subject->echo_stats, now_ns, 0, take(input, 2),
		       (__u64)take(input, 4) << 8 | 1, &subject->echo_packet);
	packet = subject->echo_packet;
	if (spoil & 1)
		((unsigned char *)&packet)[12 + (spoil >> 1) % 8] ^= 1 + (spoil >> 5);
	if (bfd_echo_returned(vars, &subject->echo, &subject->echo_stats, &packet, now_ns)) {
		must(vars->state == 3 && !(spoil & 1));
		must(!bfd_echo_returned(vars, &subject->echo, &subject->echo_stats, &packet,
					now_ns));
	}
	must(subject->echo_stats.rx_packets <= subject->echo_stats.tx_packets);
	must(subject->echo_stats.rx_packets - accepted <= 1);
	deadline_ns = bfd_echo_deadline_ns(vars, &subject->echo);
	subject->fixture.outcome = bfd_echo_expire(vars, &subject->fixture.stats, &subject->echo,
						   now_ns, &overshoot_ns);
	must(!subject->fixture.outcome == (deadline_ns == 0 || now_ns < deadline_ns));
	must(!subject->fixture.outcome || (vars->state == 1 && vars->diag == 2));
	take_outcome(subject, &before);
}

static void verify_or_reset(struct subject *subject, struct input *input)
{
	struct bfd_vars before = subject->fixture.vars;
	__u64 now_ns = subject->fixture.now_ns;

	subject->fixture.outcome = 0;
	if (take(input, 1) & 3)
		must(bfd_verify(&subject->fixture.vars, now_ns) == (before.state == 3));
	else
		subject->fixture.outcome =
			bfd_reset(&subject->fixture.vars, &subject->fixture.stats, now_ns);
	must(!subject->fixture.outcome || subject->fixture.vars.state == 1);
	take_outcome(subject, &before);
}

static void configure(struct subject *subject, struct input *input)
{
	struct bfd_config config = take_config(input);
	struct bfd_vars before = subject->fixture.vars;

	fixture_set(&subject->fixture, &config);
	if (config.set & BFD_CONFIG_ADMIN_DOWN && config.admin_down != (before.state == 0))
		must(subject->fixture.vars.state == (config.admin_down ? 0 : 1));
	else
		must(subject->fixture.vars.state == before.state);
	take_outcome(subject, &before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.bytes = data, .left = size};
	struct bfd_config config = take_config(&input);
	struct subject subject = {};

	config.auth = take_auth_config(&input);
	bfd_auth_initialize(&subject.auth, &config.auth, take(&input, 4));
	fixture_make(&subject.fixture, &config);
	check(&subject.fixture);
	while (input.left > 0) {
		uint8_t event = take(&input, 1);

		switch (event & 7) {
		case 0:
			/* at most 2^32 ms, so that the clock can't wrap */
			subject.fixture.now_ns += take(&input, 4) * MS;
			break;
		case 1:
			subject.fixture.now_ns += take(&input, 2) * (MS / 10);
			break;
		case 2:
			configure(&subject, &input);
			break;
		case 3:
			expire(&subject);
			break;
		case 4:
			visit(&subject, &input);
			break;
		case 5:
			if (event & 8)
				echo(&subject, &input);
			else if (event & 16)
				configure_auth(&subject, &input);
			else if (event & 32)
				judge_section(&input);
			else
				verify_or_reset(&subject, &input);
			break;
		default:
			hear(&subject, &input);
			break;
		}
		check(&subject.fixture);
		check_auth(&subject.auth);
		check_echo(&subject);
	}
	return 0;
}

#ifdef IPBFD_FUZZ_REPLAY
#include "selftests/unit/tap.h"

#define RANDOM_INPUTS 20000
#define RANDOM_SIZE 1024

/* A linear congruential generator (Knuth's MMIX). */
static uint32_t draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return *seed >> 33;
}

static void run_random(void)
{
	uint8_t bytes[RANDOM_SIZE];
	uint64_t seed = 1;

	for (int i = 0; i < RANDOM_INPUTS; i++) {
		size_t size = draw(&seed) % RANDOM_SIZE;

		for (size_t at = 0; at < size; at++)
			bytes[at] = draw(&seed);
		LLVMFuzzerTestOneInput(bytes, size);
	}
	tap_check(true, "%d random sequences of events", RANDOM_INPUTS);
}

static void run_file(const char *name)
{
	static uint8_t bytes[1 << 20];
	FILE *file = fopen(name, "rb");
	size_t size;

	if (!tap_check(file != NULL, "%s can be read", name))
		return;
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	LLVMFuzzerTestOneInput(bytes, size);
	tap_check(true, "%s", name);
}

int main(int argc, char **argv)
{
	if (argc == 1)
		run_random();
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	return tap_finish();
}
#endif

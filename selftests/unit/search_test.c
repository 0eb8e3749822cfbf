// SPDX-License-Identifier: GPL-2.0
/*
 * An exhaustive search of two machines joined by a bad channel.  Every reachable
 * state is visited; every step runs the real bfd_receive, bfd_expire, bfd_visit
 * and bfd_configure.
 *
 * The model.  Each end is a struct bfd_vars and the Final that it may owe.  Each
 * direction of the channel is a bag of up to `capacity` packets: a step may deliver
 * any of them (so they overtake each other), deliver one and keep a copy, or lose
 * one; what is sent into a full bag is lost.  An end may, at any time: send; be told
 * by its detection timer, if that runs; restart with a new discriminator, having
 * forgotten all; be disabled or enabled; change its Required Min RX.
 *
 * What is left out, so that the states are finite, and why that loses nothing:
 * - time.  A packet may be in flight for ever and an end may be silent for ever, so
 *   detection may expire after any step.  That it never does a nanosecond early, nor
 *   without a deadline, is checked each time.  Times of the last packets are set to
 *   the same instant after each step.
 * - old discriminators.  A restarted end's earlier ones are all the same to its peer:
 *   they name nobody.  So there are two values an end: current and stale.
 * - what an end stores of its peer beside the discriminator (its state, intervals,
 *   multiplier, diagnostic, C bit) and its own diagnostic: no decision reads
 *   them while neither end uses Demand mode, and no interval is 0.
 * A state is packed into 64 bits and unpacked again at each step; that nothing else
 * varies is checked by comparing the unpacked state with the one that was packed.
 *
 * What must hold:
 * (i)   From every reachable state, a fair channel leads both ends to Up, their
 *       polls over and all values in force, within a bounded number of rounds.  Any
 *       state's packets in flight can be delivered or lost, in any order, and the state
 *       that results is reachable too: so it is enough to show this from each
 *       reachable state with empty channels.  A round: each end sends (in either
 *       order), all is delivered, and an end that accepted nothing expires.
 * (ii)  No end is Up for ever against a Down or AdminDown peer.  Shown by a ranking:
 *       while that lasts, without operators and new copies, the packets in flight that
 *       could keep the Up end Up never become more, and each one accepted makes them
 *       fewer.  So it accepts only so many, and then its detection time ends it.
 * (iii) No packet that leaves is malformed: bfd_validate_packet takes it, P and F
 *       are not both set, and an end that isn't Up says 1 s or more.
 */
#include <stdint.h>
#include <stdlib.h>

#include "fixture.h"
#include "tap.h"

/* A session without authentication. */
static const struct bfd_auth plain;

#define CAPACITY_MAX 2
#define NOW_NS (1000000 * MS)
#define ROUNDS_MAX 16

enum relation { NOBODY, CURRENT, STALE };

struct model {
	const char *name;
	unsigned int capacity;
	int symmetric; /* the ends are alike, so that states are alike if they are swapped */
	int passive[2];
	int polls[2];	 /* intervals below 1 s, so that Up polls; and changes of Required Min RX */
	int restarts[2]; /* may the end restart? */
	int disables[2]; /* may the operator disable it? */
};

struct world {
	struct bfd_vars end[2];
	int final_owed[2];
	unsigned int in_flight[2];		   /* from each end */
	struct bfd_packet packet[2][CAPACITY_MAX]; /* from each end */
};

enum step_kind { STEP_SEND, STEP_DELIVER, STEP_COPY, STEP_LOSE, STEP_EXPIRE, STEP_OPERATOR };

struct search {
	const struct model *model;
	uint64_t *keys;	 /* of the states, in the order in which they were found */
	uint32_t *table; /* hash table: index into keys plus 1 */
	size_t count, keys_size, table_size;
	uint64_t steps;
	unsigned int rounds_max;
	uint64_t broken[8]; /* by enum property */
};

enum property {
	CONVERGES,
	NO_LASTING_ASYMMETRY,
	WELL_FORMED,
	POLL_OR_FINAL,
	SLOW_UNLESS_UP,
	NEVER_EARLY,
	CONSISTENT,
	MODEL_COMPLETE,
};

static const char *const property_names[] = {
	[CONVERGES] = "(i): a fair channel leads both to Up, with all values in force",
	[NO_LASTING_ASYMMETRY] = "(ii): nobody stays Up against a Down peer",
	[WELL_FORMED] = "TX-08: (iii): each packet that leaves is well formed",
	[POLL_OR_FINAL] = "POLL-03: (iii): P and F are never both set",
	[SLOW_UNLESS_UP] = "TMR-01: (iii): 1 s or more is said unless Up",
	[NEVER_EARLY] = "FSM-15: detection never comes early",
	[CONSISTENT] = "VAR-04, TMR-05: Init and Up know their peer; values are in force unless "
		       "polled for",
	[MODEL_COMPLETE] = "the model leaves nothing out that varies",
};

static const __u32 required_us[2] = {50000, 60000};

static void hold(struct search *search, enum property property, int condition)
{
	search->broken[property] += !condition;
}

static __u32 discr_of(int side, enum relation relation)
{
	return relation == NOBODY ? 0 : (unsigned int)relation * 256 + side;
}

static enum relation relation_of(__u32 discr)
{
	return discr / 256;
}

static __u32 fast_us(const struct search *search, int side)
{
	return search->model->polls[side] ? 50000 : 1000000;
}

static void start_end(const struct search *search, struct world *world, int side)
{
	struct bfd_config config = {
		.desired_min_tx_us = fast_us(search, side),
		.required_min_rx_us = required_us[0],
		.mult = 3,
		.passive = search->model->passive[side],
	};

	memset(&world->end[side], 0, sizeof(world->end[side]));
	bfd_initialize(&world->end[side], discr_of(side, CURRENT), &config, 0);
	world->final_owed[side] = 0;
}

/* Forget what no decision reads. */
static void simplify(struct bfd_vars *vars)
{
	vars->diag = 0;
	vars->remote_state = BFD_STATE_DOWN;
	vars->remote_diag = 0;
	vars->remote_cpi = 0;
	vars->remote_min_rx_us = 1;
	vars->remote_desired_min_tx_us = 0;
	vars->tx_random = 0;
	vars->last_tx_ns = NOW_NS;
	vars->last_rx_ns = vars->remote_discr ? NOW_NS : 0;
	vars->remote_mult = vars->remote_discr ? 3 : 0;
	/* Of Demand mode, hold-down and backing off, which nobody uses here. */
	vars->silence_ns = 0;
	vars->poll_sent_ns = 0;
	vars->poll_done_ns = 0;
	vars->hold_until_ns = 0;
	vars->backoff_ns = 0;
}

static uint64_t pack_end(const struct bfd_vars *vars, int final_owed)
{
	uint64_t bits = vars->state;

	bits = bits << 2 | relation_of(vars->remote_discr);
	bits = bits << 3 | vars->poll;
	bits = bits << 1 | (vars->required_min_rx_us == required_us[1]);
	bits = bits << 1 | (vars->active_required_min_rx_us == required_us[1]);
	return bits << 1 | (unsigned int)final_owed;
}

static void unpack_end(const struct search *search, struct world *world, int side, uint64_t bits)
{
	struct bfd_vars *vars = &world->end[side];

	start_end(search, world, side);
	world->final_owed[side] = bits & 1;
	vars->active_required_min_rx_us = required_us[bits >> 1 & 1];
	vars->required_min_rx_us = required_us[bits >> 2 & 1];
	vars->conf_required_min_rx_us = vars->required_min_rx_us;
	vars->poll = bits >> 3 & 7;
	vars->remote_discr = discr_of(!side, bits >> 6 & 3);
	vars->state = bits >> 8 & 3;
	vars->admin_down = vars->state == BFD_STATE_ADMIN_DOWN;
	vars->desired_min_tx_us = vars->state == BFD_STATE_UP ? fast_us(search, side) : 1000000;
	vars->active_desired_min_tx_us = vars->desired_min_tx_us;
	simplify(vars);
}

/* 0 is no packet. */
static unsigned int pack_packet(const struct bfd_packet *packet)
{
	return 128 | (packet->state_flags >> 6) << 5 |
	       ((packet->state_flags & (WIRE_POLL | WIRE_FINAL)) >> 1) |
	       (relation_of(ntohl(packet->my_discr)) == STALE) << 2 |
	       relation_of(ntohl(packet->your_discr));
}

static struct bfd_packet unpack_packet(unsigned int bits, int from)
{
	struct bfd_packet packet = peer_packet(bits >> 5 & 3);

	packet.state_flags |= (bits & 24) << 1;
	packet.my_discr = htonl(discr_of(from, bits & 4 ? STALE : CURRENT));
	packet.your_discr = htonl(discr_of(!from, bits & 3));
	return packet;
}

static uint64_t pack(const struct world *world)
{
	uint64_t key = 0;

	for (int side = 0; side < 2; side++) {
		unsigned int first = 0, second = 0;

		if (world->in_flight[side] > 0)
			first = pack_packet(&world->packet[side][0]);
		if (world->in_flight[side] > 1)
			second = pack_packet(&world->packet[side][1]);
		/* a bag: the order doesn't matter */
		key = key << 16 | (first > second ? first << 8 | second : second << 8 | first);
		key = key << 10 | pack_end(&world->end[side], world->final_owed[side]);
	}
	return key;
}

/* Of a state and the one with the ends swapped, always the same. */
static uint64_t swapped(uint64_t key)
{
	uint64_t other = (key >> 26 | key << 26) & ((1ULL << 52) - 1);

	return other < key ? other : key;
}

static void unpack(const struct search *search, uint64_t key, struct world *world)
{
	memset(world, 0, sizeof(*world));
	for (int side = 1; side >= 0; side--) {
		unpack_end(search, world, side, key & 1023);
		key >>= 10;
		for (int i = 0; i < 2; i++) {
			unsigned int bits = key >> (8 - 8 * i) & 255;

			if (bits)
				world->packet[side][world->in_flight[side]++] =
					unpack_packet(bits, side);
		}
		key >>= 16;
	}
}

/* The packet's place in the bag is free again. */
static void take(struct world *world, int from, unsigned int index)
{
	world->packet[from][index] = world->packet[from][--world->in_flight[from]];
}

static void check_packet(struct search *search, const struct world *world, int side,
			 const struct bfd_packet *packet)
{
	int both = WIRE_POLL | WIRE_FINAL;

	hold(search, WELL_FORMED,
	     bfd_validate_packet(packet, 24) == BFD_ACCEPT &&
		     bfd_auth_expect(&plain, packet) == BFD_ACCEPT && packet->length == 24 &&
		     packet->state_flags >> 6 == world->end[side].state && packet->desired_min_tx &&
		     packet->required_min_rx && !(packet->state_flags & WIRE_DEMAND));
	hold(search, POLL_OR_FINAL, (packet->state_flags & both) != both);
	hold(search, SLOW_UNLESS_UP,
	     packet->state_flags >> 6 == 3 || ntohl(packet->desired_min_tx) >= 1000000);
}

static void transmit(struct search *search, struct world *world, int side)
{
	struct bfd_vars *vars = &world->end[side];
	__u64 due_ns = bfd_tx_due_ns(vars, 0);
	struct bfd_packet packet;
	int kick = world->final_owed[side] ? BFD_KICK_FINAL : 0;

	world->final_owed[side] = 0;
	/* TX-05: only a passive end that knows nobody has nothing to send */
	hold(search, CONSISTENT, (due_ns == 0) == (vars->passive && vars->remote_discr == 0));
	if (!bfd_visit(vars, kick, due_ns ? due_ns : NOW_NS, 0, 0, &packet))
		return;
	check_packet(search, world, side, &packet);
	if (world->in_flight[side] < search->model->capacity)
		world->packet[side][world->in_flight[side]++] = packet;
}

/* As the receive path: by discriminator, else by address.  Returns whether it was accepted. */
static int deliver(struct world *world, int from, const struct bfd_packet *packet)
{
	struct bfd_session_stats stats = {};
	struct bfd_vars *vars = &world->end[!from];
	__u32 outcome;

	if (bfd_validate_packet(packet, 24) != BFD_ACCEPT ||
	    bfd_auth_expect(&plain, packet) != BFD_ACCEPT)
		return 0;
	if (packet->your_discr != 0 && ntohl(packet->your_discr) != vars->local_discr)
		return 0;
	outcome = bfd_receive(vars, &stats, packet, NOW_NS);
	if (outcome & BFD_OUTCOME_FINAL)
		world->final_owed[!from] = 1;
	return 1;
}

/* Returns whether there was anything to wait for. */
static int expire(struct search *search, struct world *world, int side)
{
	struct bfd_vars *vars = &world->end[side], before = *vars;
	__u64 deadline_ns = bfd_detection_deadline_ns(vars), overshoot_ns;
	struct bfd_session_stats stats = {};

	if (deadline_ns == 0)
		return 0;
	hold(search, NEVER_EARLY,
	     deadline_ns > NOW_NS &&
		     bfd_expire(vars, &stats, deadline_ns - 1, &overshoot_ns) == 0 &&
		     memcmp(vars, &before, sizeof(before)) == 0);
	bfd_expire(vars, &stats, deadline_ns, &overshoot_ns);
	return 1;
}

static __u32 staled(__u32 discr, int side)
{
	return discr == discr_of(side, CURRENT) ? discr_of(side, STALE) : discr;
}

static void restart(const struct search *search, struct world *world, int side)
{
	struct bfd_packet *packet;

	start_end(search, world, side);
	world->end[!side].remote_discr = staled(world->end[!side].remote_discr, side);
	for (unsigned int i = 0; i < world->in_flight[side]; i++) {
		packet = &world->packet[side][i];
		packet->my_discr = htonl(staled(ntohl(packet->my_discr), side));
	}
	for (unsigned int i = 0; i < world->in_flight[!side]; i++) {
		packet = &world->packet[!side][i];
		packet->your_discr = htonl(staled(ntohl(packet->your_discr), side));
	}
}

static void configure(struct world *world, int side, struct bfd_config config)
{
	struct bfd_session_stats stats = {};

	bfd_configure(&world->end[side], &stats, &config, NOW_NS);
}

static void toggle_admin(struct world *world, int side)
{
	configure(world, side,
		  (struct bfd_config){
			  .set = BFD_CONFIG_ADMIN_DOWN,
			  .admin_down = !world->end[side].admin_down,
			  .diag = BFD_DIAG_ADMIN_DOWN,
		  });
}

static void toggle_required(struct world *world, int side)
{
	int slow = world->end[side].required_min_rx_us == required_us[0];

	configure(world, side,
		  (struct bfd_config){
			  .set = BFD_CONFIG_REQUIRED_MIN_RX,
			  .required_min_rx_us = required_us[slow],
		  });
}

/* Is this end Up against a peer that isn't on its way to Up? */
static int is_asymmetric(const struct world *world, int side)
{
	return world->end[side].state == BFD_STATE_UP && world->end[!side].state <= BFD_STATE_DOWN;
}

/* Packets in flight that could keep this end Up. */
static int sustaining(const struct world *world, int side)
{
	int count = 0;

	for (unsigned int i = 0; i < world->in_flight[!side]; i++)
		count += world->packet[!side][i].state_flags >> 6 >= BFD_STATE_INIT;
	return count;
}

static void check_ends(struct search *search, const struct world *world)
{
	for (int side = 0; side < 2; side++) {
		const struct bfd_vars *vars = &world->end[side];
		int polled = vars->poll != BFD_POLL_IDLE && vars->poll != BFD_POLL_ENDED;

		hold(search, CONSISTENT,
		     vars->state < BFD_STATE_INIT ||
			     (vars->remote_discr && bfd_detection_deadline_ns(vars)));
		hold(search, CONSISTENT,
		     polled || vars->required_min_rx_us == vars->active_required_min_rx_us);
		hold(search, CONSISTENT, vars->remote_discr == 0 || vars->last_rx_ns != 0);
	}
}

static size_t hash_place(const struct search *search, uint64_t key)
{
	size_t at = (key * 0x9e3779b97f4a7c15ULL >> 24) & (search->table_size - 1);

	while (search->table[at] && search->keys[search->table[at] - 1] != key)
		at = (at + 1) & (search->table_size - 1);
	return at;
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		printf("Bail out! out of memory\n");
		exit(TAP_FAIL);
	}
	return memory;
}

static void grow(struct search *search)
{
	uint64_t *keys = allocate(search->keys_size * 2, sizeof(*keys));

	memcpy(keys, search->keys, search->count * sizeof(*keys));
	free(search->keys);
	free(search->table);
	search->keys = keys;
	search->keys_size *= 2;
	search->table_size *= 2;
	search->table = allocate(search->table_size, sizeof(*search->table));
	for (size_t i = 0; i < search->count; i++)
		search->table[hash_place(search, keys[i])] = i + 1;
}

static void found(struct search *search, uint64_t key)
{
	size_t at = hash_place(search, key);

	if (search->table[at])
		return;
	if (search->count == search->keys_size) {
		grow(search);
		at = hash_place(search, key);
	}
	search->keys[search->count] = key;
	search->table[at] = ++search->count;
}

/* A step was taken from one world to another. */
static void arrive(struct search *search, const struct world *from, struct world *to,
		   enum step_kind kind, int accepted_by)
{
	struct world again;
	uint64_t key;

	search->steps++;
	check_ends(search, to);
	for (int side = 0; side < 2; side++) {
		int before = sustaining(from, side), after = sustaining(to, side);

		simplify(&to->end[side]);
		if (kind == STEP_COPY || kind == STEP_OPERATOR || !is_asymmetric(from, side) ||
		    !is_asymmetric(to, side))
			continue;
		hold(search, NO_LASTING_ASYMMETRY, after <= before);
		hold(search, NO_LASTING_ASYMMETRY, accepted_by != side || after < before);
	}
	key = pack(to);
	unpack_end(search, &again, 0, key >> 26 & 1023);
	unpack_end(search, &again, 1, key & 1023);
	hold(search, MODEL_COMPLETE, memcmp(again.end, to->end, sizeof(to->end)) == 0);
	found(search, search->model->symmetric ? swapped(key) : key);
}

static void step_packets(struct search *search, const struct world *world, int from)
{
	for (unsigned int i = 0; i < world->in_flight[from]; i++) {
		for (int kind = STEP_DELIVER; kind <= STEP_LOSE; kind++) {
			struct bfd_packet packet = world->packet[from][i];
			struct world next = *world;
			int accepted_by = -1;

			if (kind != STEP_COPY)
				take(&next, from, i);
			if (kind != STEP_LOSE && deliver(&next, from, &packet))
				accepted_by = !from;
			arrive(search, world, &next, kind, accepted_by);
		}
	}
}

static void step_operator(struct search *search, const struct world *world, int side)
{
	struct world next;

	if (search->model->restarts[side]) {
		next = *world;
		restart(search, &next, side);
		arrive(search, world, &next, STEP_OPERATOR, -1);
	}
	if (search->model->disables[side]) {
		next = *world;
		toggle_admin(&next, side);
		arrive(search, world, &next, STEP_OPERATOR, -1);
	}
	if (search->model->polls[side]) {
		next = *world;
		toggle_required(&next, side);
		arrive(search, world, &next, STEP_OPERATOR, -1);
	}
}

static void step_all(struct search *search, const struct world *world)
{
	for (int side = 0; side < 2; side++) {
		struct world next = *world;

		transmit(search, &next, side);
		arrive(search, world, &next, STEP_SEND, -1);
		next = *world;
		if (expire(search, &next, side))
			arrive(search, world, &next, STEP_EXPIRE, -1);
		step_packets(search, world, side);
		step_operator(search, world, side);
	}
}

/* Sends, a Final first if one is owed, and all arrives.  Returns whether any was accepted. */
static int exchange(struct search *search, struct world *world, int from)
{
	int accepted = 0;

	for (int sends = world->final_owed[from] ? 2 : 1; sends > 0; sends--) {
		transmit(search, world, from);
		if (world->in_flight[from] > 0) {
			struct bfd_packet packet = world->packet[from][0];

			take(world, from, 0);
			accepted |= deliver(world, from, &packet);
		}
	}
	return accepted;
}

static int is_settled(const struct world *world)
{
	int settled = 1;

	for (int side = 0; side < 2; side++) {
		const struct bfd_vars *vars = &world->end[side];

		settled &= vars->state == BFD_STATE_UP &&
			   relation_of(vars->remote_discr) == CURRENT &&
			   (vars->poll == BFD_POLL_IDLE || vars->poll == BFD_POLL_ENDED) &&
			   vars->required_min_rx_us == vars->active_required_min_rx_us;
	}
	return settled;
}

/* Rounds of a fair channel until both are Up and all is in force. */
static unsigned int rounds_to_up(struct search *search, struct world world, int first)
{
	unsigned int rounds;

	for (int side = 0; side < 2; side++) {
		if (world.end[side].admin_down)
			toggle_admin(&world, side);
	}
	for (rounds = 0; rounds < ROUNDS_MAX && !is_settled(&world); rounds++) {
		int accepted[2];

		accepted[!first] = exchange(search, &world, first);
		accepted[first] = exchange(search, &world, !first);
		for (int side = 0; side < 2; side++) {
			if (!accepted[side])
				expire(search, &world, side);
			simplify(&world.end[side]);
		}
	}
	return rounds;
}

static void check_convergence(struct search *search)
{
	struct world world;

	for (size_t i = 0; i < search->count; i++) {
		unpack(search, search->keys[i], &world);
		if (world.in_flight[0] || world.in_flight[1])
			continue;
		for (int first = 0; first < 2; first++) {
			unsigned int rounds = rounds_to_up(search, world, first);

			if (rounds > search->rounds_max)
				search->rounds_max = rounds;
			hold(search, CONVERGES, rounds < ROUNDS_MAX);
		}
	}
}

static void run(const struct model *model)
{
	struct search search = {.model = model, .keys_size = 1 << 16, .table_size = 1 << 18};
	struct world world = {};
	int up = 0;

	search.keys = allocate(search.keys_size, sizeof(*search.keys));
	search.table = allocate(search.table_size, sizeof(*search.table));
	for (int side = 0; side < 2; side++) {
		start_end(&search, &world, side);
		simplify(&world.end[side]);
	}
	found(&search, pack(&world));
	for (size_t i = 0; i < search.count; i++) {
		unpack(&search, search.keys[i], &world);
		up += is_settled(&world);
		step_all(&search, &world);
	}
	check_convergence(&search);
	printf("# %s: %zu states, %llu steps, %u rounds to Up at most\n", model->name, search.count,
	       (unsigned long long)search.steps, search.rounds_max);
	tap_check(up > 0, "%s: Up is among the states reached", model->name);
	for (int i = 0; i <= MODEL_COMPLETE; i++)
		tap_equal(search.broken[i], 0, "%s: %s", property_names[i], model->name);
	free(search.keys);
	free(search.table);
}

/* The smallest first, for who has little time. */
static const struct model models[] = {
	{
		.name = "1 packet in flight, one end is passive and polls",
		.capacity = 1,
		.passive = {1, 0},
		.polls = {1, 0},
		.restarts = {1, 1},
		.disables = {1, 1},
	},
	{
		.name = "1 packet in flight, both ends poll, nothing else",
		.capacity = 1,
		.symmetric = 1,
		.polls = {1, 1},
	},
	{
		.name = "1 packet in flight, one end polls",
		.capacity = 1,
		.polls = {1, 0},
		.restarts = {1, 1},
		.disables = {1, 1},
	},
	{
		.name = "2 packets in flight, one end passive",
		.capacity = 2,
		.passive = {1, 0},
		.restarts = {1, 1},
		.disables = {0, 1},
	},
	{
		.name = "2 packets in flight",
		.capacity = 2,
		.symmetric = 1,
		.restarts = {1, 1},
	},
	{
		.name = "2 packets in flight, operators",
		.capacity = 2,
		.symmetric = 1,
		.restarts = {1, 1},
		.disables = {1, 1},
	},
};

#define MODELS_USUAL 5 /* the last takes as long as all before */

/* The argument, if any, is how many of the models to search. */
int main(int argc, char **argv)
{
	size_t count = MODELS_USUAL;

	if (argc > 1)
		count = atoi(argv[1]);
	for (size_t i = 0; i < count && i < sizeof(models) / sizeof(models[0]); i++)
		run(&models[i]);
	return tap_finish();
}

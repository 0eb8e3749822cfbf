// SPDX-License-Identifier: GPL-2.0
/*
 * Loads, feeds and reads the real BPF object; see harness.h.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bfd.skel.h"
#include "user/dataplane_internal.h" /* for the agent's way around a full slab, no more */

#define KSFT_SKIP 4
#define ROOM_ATTEMPTS 20

_Noreturn void harness_bail(const char *text, int error)
{
	printf("Bail out! %s: %s\n", text, strerror(-error));
	exit(1);
}

uint64_t harness_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

void harness_sleep_ms(unsigned int ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
		;
}

/* Without IPv6 the stack sends nothing of its own, so that a capture holds only ours. */
static void make_devices(struct harness *harness)
{
	if (unshare(CLONE_NEWNET) < 0)
		harness_bail("cannot make a network namespace", -errno);
	if (system("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null; "
		   "ip link set lo up && ip link add ours type veth peer name theirs && "
		   "ip link set ours up && ip link set theirs up") != 0)
		harness_bail("cannot make a veth pair", -EIO);
	harness->device = if_nametoindex("ours");
	harness->other_device = if_nametoindex("lo");
}

static void open_capture(struct harness *harness)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex("theirs"),
	};

	harness->capture_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (harness->capture_fd < 0 ||
	    bind(harness->capture_fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		harness_bail("cannot capture", -errno);
}

static int on_event(void *context, void *data, size_t size)
{
	struct harness *harness = context;

	if (size == sizeof(struct bfd_event) && harness->event_count < HARNESS_EVENTS)
		memcpy(&harness->events[harness->event_count++], data, size);
	if (size == sizeof(struct bfd_newcomer) && harness->newcomer_count < HARNESS_EVENTS)
		memcpy(&harness->newcomers[harness->newcomer_count++], data, size);
	return 0;
}

static void load(struct harness *harness)
{
	struct bfd_bpf *skeleton = bfd_bpf__open();
	struct bpf_map *map;
	int error;

	if (!skeleton)
		harness_bail("cannot open the BPF object", -errno);
	harness->skeleton = skeleton;
	/* Nothing is shared with an agent that may run here. */
	bpf_object__for_each_map(map, skeleton->obj)
	{
		error = bpf_map__set_pin_path(map, NULL);
		if (!error && bpf_map__max_entries(map) == BFD_MAX_SESSIONS &&
		    map != skeleton->maps.vlans && map != skeleton->maps.wheel_heads)
			error = bpf_map__set_max_entries(map, harness->max_sessions);
		if (!error && map == skeleton->maps.addresses)
			error = bpf_map__set_max_entries(map, 2 * harness->max_sessions);
		if (error)
			harness_bail("cannot prepare a map", error);
	}
	error = bfd_bpf__load(skeleton);
	if (error)
		harness_bail("cannot load the BPF object", error);
	harness->sessions_fd = bpf_map__fd(skeleton->maps.sessions);
	harness->discards_fd = bpf_map__fd(skeleton->maps.discards);
	harness->clock_fd = bpf_map__fd(skeleton->maps.clock_state);
	harness->local_fd = bpf_map__fd(skeleton->maps.local_addresses);
	harness->vlans_fd = bpf_map__fd(skeleton->maps.vlans);
	harness->discriminators_fd = bpf_map__fd(skeleton->maps.discriminators);
	harness->addresses_fd = bpf_map__fd(skeleton->maps.addresses);
	harness->domains_fd = bpf_map__fd(skeleton->maps.domains);
	harness->listeners_fd = bpf_map__fd(skeleton->maps.listeners);
	harness->key_chains_fd = bpf_map__fd(skeleton->maps.key_chains);
	harness->wheel_nodes_fd = bpf_map__fd(skeleton->maps.wheel_nodes);
	harness->receive_fd = bpf_program__fd(skeleton->progs.bfd_receive_frame);
	harness->tick_fd = bpf_program__fd(skeleton->progs.bfd_transmit_tick);
	harness->behind_fd = bpf_program__fd(skeleton->progs.bfd_receive_behind);
	harness->answer_fd = bpf_program__fd(skeleton->progs.bfd_answer_frame);
	harness->control_fd = bpf_program__fd(skeleton->progs.bfd_agent_command);
	harness->ring =
		ring_buffer__new(bpf_map__fd(skeleton->maps.events), on_event, harness, NULL);
	if (!harness->ring)
		harness_bail("cannot open the ring buffer", -errno);
}

void harness_open(struct harness *harness, uint32_t max_sessions)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (geteuid() != 0) {
		printf("1..0 # SKIP needs root\n");
		exit(KSFT_SKIP);
	}
	memset(harness, 0, sizeof(*harness));
	harness->max_sessions = max_sessions;
	make_devices(harness);
	open_capture(harness);
	load(harness);
}

void harness_close(struct harness *harness)
{
	ring_buffer__free(harness->ring);
	bfd_bpf__destroy(harness->skeleton);
	close(harness->capture_fd);
}

uint32_t harness_control_raw(struct harness *harness, struct bfd_control *control, uint32_t length)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = control, .data_size_in = length,
		    .data_out = control, .data_size_out = length, .repeat = 1);
	int error = bpf_prog_test_run_opts(harness->control_fd, &run);

	if (error)
		harness_bail("cannot run the control program", error);
	return run.retval;
}

int harness_control(struct harness *harness, struct bfd_control *control)
{
	control->magic = BFD_CONTROL_MAGIC;
	for (int attempt = 0; attempt < ROOM_ATTEMPTS; attempt++) {
		control->error = 1; /* no program would say so */
		if (harness_control_raw(harness, control, sizeof(*control)) != XDP_PASS)
			harness_bail("a command was not taken for one", -EPROTO);
		if (control->error != -ENOMEM)
			break;
		dataplane_make_room_for_timers();
	}
	return control->error;
}

void harness_key(struct bfd_address_key *key, uint32_t device, bool is_ipv6, bool is_link_local,
		 uint8_t last)
{
	key->ifindex = device;
	frame_address(key->remote.bytes, is_ipv6, is_link_local, last);
}

/* The header of what we send to this peer is that of a frame without its payload. */
static void make_path(const struct harness *harness, struct bfd_path *path, bool is_ipv6,
		      uint8_t last)
{
	struct frame_spec spec;
	struct frame frame;
	uint32_t sum;

	frame_spec_init(&spec, is_ipv6, harness->device, 0);
	spec.field[FIELD_SOURCE] = FRAME_LOCAL;
	spec.field[FIELD_DESTINATION] = last;
	frame_build(&frame, &spec);
	path->ifindex = harness->device;
	path->header_length = (uint16_t)frame.payload_offset;
	memcpy(path->header, frame.bytes, frame.payload_offset);
	memset(path->header + frame.udp_offset + 6, 0, 2);
	sum = frame_pseudo_sum(frame.bytes + frame.ip_offset, is_ipv6, 32);
	path->udp_checksum_base = htons(frame_sum(sum, path->header + frame.udp_offset, 8));
}

void harness_command(const struct harness *harness, struct bfd_control *control, uint32_t slot,
		     uint32_t discr, bool is_ipv6, uint8_t last)
{
	*control = (struct bfd_control){
		.op = BFD_CONTROL_CREATE,
		.slot = slot,
		.local_discr = discr,
		.config = {.desired_min_tx_us = 50000, .required_min_rx_us = 50000, .mult = 3},
	};
	harness_key(&control->key, harness->device, is_ipv6, false, last);
	make_path(harness, &control->path, is_ipv6, last);
}

int harness_create(struct harness *harness, uint32_t slot, uint32_t discr, bool is_ipv6,
		   uint8_t last)
{
	struct bfd_control control;

	harness_command(harness, &control, slot, discr, is_ipv6, last);
	return harness_control(harness, &control);
}

void harness_add_local_key(struct harness *harness, const struct bfd_local_key *key)
{
	uint8_t present = 1;

	if (bpf_map_update_elem(harness->local_fd, key, &present, BPF_ANY) < 0)
		harness_bail("cannot add an address", -errno);
}

void harness_add_local(struct harness *harness, uint32_t device, bool is_ipv6, bool is_link_local)
{
	struct bfd_local_key key = {.ifindex = device};

	frame_address(key.address.bytes, is_ipv6, is_link_local, FRAME_LOCAL);
	harness_add_local_key(harness, &key);
}

void harness_add_vlan(struct harness *harness, uint32_t device, uint32_t vlan, uint32_t ifindex)
{
	struct bfd_vlan_key key = {.ifindex = device, .vlan = vlan};

	if (bpf_map_update_elem(harness->vlans_fd, &key, &ifindex, BPF_ANY) < 0)
		harness_bail("cannot add a VLAN", -errno);
}

void harness_add_domain(struct harness *harness, uint32_t ifindex, uint32_t vrf)
{
	if (bpf_map_update_elem(harness->domains_fd, &ifindex, &vrf, BPF_ANY) < 0)
		harness_bail("cannot add a device to a VRF", -errno);
}

/* As one of ours, to the tc program that answers (kern/rx.h).  Puts back what marks it. */
static bool handed_on(struct harness *harness, uint8_t *out, const struct frame *frame)
{
	struct bfd_tick_frame ours;
	struct bfd_clock clock;

	memcpy(&ours, out, sizeof(ours));
	harness_clock(harness, &clock);
	if (ours.ethertype != htons(BFD_TICK_ETHERTYPE) || ours.number < BFD_TICK_FRAMES ||
	    ours.generation != clock.generation)
		return false;
	memcpy(out + 12, frame->bytes + 12, sizeof(ours) - 12);
	return true;
}

/* By the tc program behind XDP.  Returns what XDP would for the same end. */
static uint32_t receive_behind(struct harness *harness, const struct frame *frame, int repeat,
			       uint32_t *duration_ns)
{
	static uint8_t out[FRAME_MAX];
	struct __sk_buff context = {.ifindex = frame->device};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes,
		    .data_size_in = (uint32_t)frame->length, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = repeat);
	int error = bpf_prog_test_run_opts(harness->behind_fd, &run);

	if (error)
		harness_bail("cannot run the program behind XDP", error);
	*duration_ns = run.duration;
	harness->received = out;
	harness->owed = false;
	harness->changed = run.data_size_out != frame->length ||
			   memcmp(out, frame->bytes, frame->length) != 0;
	if (run.retval == TC_ACT_REDIRECT)
		return XDP_TX;
	return run.retval == TC_ACT_SHOT ? XDP_DROP : XDP_PASS;
}

static uint32_t receive(struct harness *harness, const struct frame *frame, int repeat,
			uint32_t *duration_ns)
{
	static uint8_t out[FRAME_MAX];
	struct xdp_md context = {
		.data_end = (uint32_t)frame->length,
		.ingress_ifindex = frame->device,
	};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes,
		    .data_size_in = (uint32_t)frame->length, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = repeat);
	int error;

	if (harness->receiver == HARNESS_TC)
		return receive_behind(harness, frame, repeat, duration_ns);
	error = bpf_prog_test_run_opts(harness->receive_fd, &run);
	if (error)
		harness_bail("cannot run the receiving program", error);
	*duration_ns = run.duration;
	harness->received = out;
	harness->owed = run.retval == XDP_PASS && handed_on(harness, out, frame);
	harness->changed = run.data_size_out != frame->length ||
			   memcmp(out, frame->bytes, frame->length) != 0;
	if (harness->receiver == HARNESS_BOTH && run.retval == XDP_PASS && !harness->changed)
		return receive_behind(harness, frame, repeat, duration_ns);
	return harness->owed ? XDP_DROP : run.retval;
}

uint32_t harness_receive(struct harness *harness, const struct frame *frame)
{
	uint32_t duration_ns;

	return receive(harness, frame, 1, &duration_ns);
}

uint32_t harness_receive_many(struct harness *harness, const struct frame *frame, int count)
{
	uint32_t duration_ns;

	receive(harness, frame, count, &duration_ns);
	return duration_ns;
}

uint32_t harness_receive_spec(struct harness *harness, const struct frame_spec *spec)
{
	struct frame frame;

	frame_build(&frame, spec);
	return harness_receive(harness, &frame);
}

void harness_hear(struct harness *harness, uint32_t your_discr, unsigned int state,
		  unsigned int flags)
{
	struct frame_spec spec;

	frame_spec_init(&spec, false, harness->device, your_discr);
	spec.field[FIELD_STATE] = state;
	spec.field[FIELD_FLAGS] = flags;
	harness_receive_spec(harness, &spec);
}

static uint32_t run_tc(struct harness *harness, int prog_fd, void *data, uint32_t length)
{
	uint8_t out[256] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = data, .data_size_in = length,
		    .data_out = out, .data_size_out = sizeof(out), .repeat = 1);
	int error = bpf_prog_test_run_opts(prog_fd, &run);

	if (error)
		harness_bail("cannot run the tc program", error);
	harness->changed = run.data_size_out != length;
	harness->duration_ns = run.duration;
	memcpy(data, out, length);
	return run.retval;
}

uint32_t harness_tick(struct harness *harness, void *data, uint32_t length)
{
	return run_tc(harness, harness->tick_fd, data, length);
}

uint32_t harness_set_clock(struct harness *harness, uint32_t shaped_ifindex)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_CLOCK, .tick_us = 1000, .shaped_ifindex = shaped_ifindex};

	if (harness_control(harness, &control) != 0)
		harness_bail("cannot set the clock", -EPROTO);
	return control.generation;
}

uint32_t harness_tick_once(struct harness *harness)
{
	uint8_t bytes[BFD_TICK_LENGTH] = {};
	struct bfd_tick_frame frame = {.ethertype = htons(BFD_TICK_ETHERTYPE)};
	struct bfd_clock clock;

	harness_clock(harness, &clock);
	frame.generation = clock.generation;
	frame.number = (uint16_t)(clock.ticks % BFD_TICK_FRAMES);
	memcpy(bytes, &frame, sizeof(frame));
	return harness_tick(harness, bytes, sizeof(bytes));
}

uint32_t harness_answer(struct harness *harness, void *data, uint32_t length)
{
	return run_tc(harness, harness->answer_fd, data, length);
}

void harness_session(const struct harness *harness, uint32_t slot, struct bfd_session *session)
{
	if (bpf_map_lookup_elem_flags(harness->sessions_fd, &slot, session, BPF_F_LOCK) < 0)
		harness_bail("cannot read a session", -errno);
}

enum bfd_state harness_state(const struct harness *harness, uint32_t slot)
{
	struct bfd_session session;

	harness_session(harness, slot, &session);
	return session.vars.state;
}

void harness_discards(const struct harness *harness, uint64_t counts[BFD_DISCARD_COUNT])
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t values[cpus > 0 ? cpus : 1];

	for (uint32_t reason = 0; reason < BFD_DISCARD_COUNT; reason++) {
		if (bpf_map_lookup_elem(harness->discards_fd, &reason, values) < 0)
			harness_bail("cannot read the discards", -errno);
		counts[reason] = 0;
		for (int cpu = 0; cpu < cpus; cpu++)
			counts[reason] += values[cpu];
	}
}

void harness_clock(const struct harness *harness, struct bfd_clock *clock)
{
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(harness->clock_fd, &zero, clock) < 0)
		harness_bail("cannot read the clock", -errno);
}

int harness_read_events(struct harness *harness)
{
	harness->event_count = 0;
	harness->newcomer_count = 0;
	if (ring_buffer__consume(harness->ring) < 0)
		harness_bail("cannot read events", -EIO);
	return harness->event_count;
}

uint32_t harness_tick_ns(struct harness *harness)
{
	harness_tick_once(harness);
	return harness->duration_ns;
}

size_t harness_captured(struct harness *harness, uint8_t *bytes, size_t size,
			unsigned int timeout_ms)
{
	struct pollfd ready = {.fd = harness->capture_fd, .events = POLLIN};
	ssize_t length;

	if (poll(&ready, 1, (int)timeout_ms) <= 0)
		return 0;
	length = recv(harness->capture_fd, bytes, size, 0);
	return length < 0 ? 0 : (size_t)length;
}

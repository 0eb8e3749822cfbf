/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The real BPF object, loaded in a network namespace of its own with unpinned
 * maps, and its programs run by BPF_PROG_TEST_RUN.  What can't be set up ends the
 * test.  It must not know what is tested, and attaches nothing.
 */
#ifndef IPBFD_HARNESS_H
#define IPBFD_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "frames.h"
#include "kern/abi.h"

#define HARNESS_EVENTS 256
#define HARNESS_NS_PER_MS 1000000ULL

/* Which of the two receivers a device has. */
enum harness_receiver {
	HARNESS_XDP,
	HARNESS_BOTH, /* what XDP lets pass goes to tc */
	HARNESS_TC,   /* somebody took XDP off */
};

struct harness {
	struct bfd_bpf *skeleton;
	struct ring_buffer *ring;
	int sessions_fd, discards_fd, clock_fd, local_fd, vlans_fd, discriminators_fd;
	int addresses_fd, wheel_nodes_fd, domains_fd, listeners_fd, key_chains_fd;
	int receive_fd, behind_fd, answer_fd, tick_fd, control_fd;
	enum harness_receiver receiver; /* a test may change it */
	uint32_t max_sessions;
	uint32_t device;       /* ifindex of a veth that is up */
	uint32_t other_device; /* the loopback's */
	int capture_fd;	       /* hears what leaves through device */
	struct bfd_event events[HARNESS_EVENTS];
	int event_count; /* of events */
	struct bfd_newcomer newcomers[HARNESS_EVENTS];
	int newcomer_count;
	uint32_t duration_ns;	 /* of the last tc program that ran */
	bool changed;		 /* did the last program that ran change its frame? */
	const uint8_t *received; /* the last frame as the receiving program left it */
	bool owed;		 /* was the last frame handed on, for an answer at once? */
};

/* Skips the test (exit code 4) without root. */
void harness_open(struct harness *harness, uint32_t max_sessions);
void harness_close(struct harness *harness);

/* Ends the test: text says what can't be, error is a negative errno. */
_Noreturn void harness_bail(const char *text, int error);

uint64_t harness_now_ns(void);
void harness_sleep_ms(unsigned int ms);

/* Run the control program over length bytes of a command.  Returns the XDP verdict. */
uint32_t harness_control_raw(struct harness *harness, struct bfd_control *control, uint32_t length);
/* As the agent does: fills in the magic.  Returns control->error. */
int harness_control(struct harness *harness, struct bfd_control *control);
/* 50 ms x3, and the key and path of frame_address(..., last) on device. */
void harness_command(const struct harness *harness, struct bfd_control *control, uint32_t slot,
		     uint32_t discr, bool is_ipv6, uint8_t last);
/* The command, at once.  Returns its error. */
int harness_create(struct harness *harness, uint32_t slot, uint32_t discr, bool is_ipv6,
		   uint8_t last);
/* As harness_command, another device and a link-local peer. */
void harness_key(struct bfd_address_key *key, uint32_t device, bool is_ipv6, bool is_link_local,
		 uint8_t last);

/* Addresses and tags of ours; device: of a link-local address, else the VRF or 0. */
void harness_add_local(struct harness *harness, uint32_t device, bool is_ipv6, bool is_link_local);
void harness_add_vlan(struct harness *harness, uint32_t device, uint32_t vlan, uint32_t ifindex);

void harness_add_local_key(struct harness *harness, const struct bfd_local_key *key);
/* ifindex is in a VRF. */
void harness_add_domain(struct harness *harness, uint32_t ifindex, uint32_t vrf);

/* A frame arrives.  Returns the XDP verdict; a frame that is handed on for an answer counts
 * as dropped, for nobody else takes it, as does what tc takes; XDP_TX: tc sends it back.
 */
uint32_t harness_receive(struct harness *harness, const struct frame *frame);
/* The same frame count times.  Returns nanoseconds per run. */
uint32_t harness_receive_many(struct harness *harness, const struct frame *frame, int count);
/* As harness_receive, a frame of this spec. */
uint32_t harness_receive_spec(struct harness *harness, const struct frame_spec *spec);
/* As harness_receive, a plain packet in this state with these flags to a session. */
void harness_hear(struct harness *harness, uint32_t your_discr, unsigned int state,
		  unsigned int flags);

/*
 * Run the tick program over length bytes; data comes back as the program left it,
 * and changed says whether it is of another length.
 */
uint32_t harness_tick(struct harness *harness, void *data, uint32_t length);
/* 1 ms between ticks, and where the frames go back to.  Returns their generation. */
uint32_t harness_set_clock(struct harness *harness, uint32_t shaped_ifindex);
/* One tick, now.  Returns the program's verdict. */
uint32_t harness_tick_once(struct harness *harness);
/* The same.  Returns how many nanoseconds it took. */
uint32_t harness_tick_ns(struct harness *harness);
/* The same of the program that answers at once. */
uint32_t harness_answer(struct harness *harness, void *data, uint32_t length);

void harness_session(const struct harness *harness, uint32_t slot, struct bfd_session *session);
enum bfd_state harness_state(const struct harness *harness, uint32_t slot);
void harness_discards(const struct harness *harness, uint64_t counts[BFD_DISCARD_COUNT]);
void harness_clock(const struct harness *harness, struct bfd_clock *clock);
/* Read what is new into events and newcomers, in place of what was there.  Returns how many
 * events.
 */
int harness_read_events(struct harness *harness);
/* The next frame that left, within a time.  Returns its length, 0: none came. */
size_t harness_captured(struct harness *harness, uint8_t *bytes, size_t size,
			unsigned int timeout_ms);

#endif /* IPBFD_HARNESS_H */

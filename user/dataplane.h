/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent's only door to the data plane: loads or adopts the pinned BPF
 * programs and maps of one network namespace, attaches them to devices, runs
 * the transmit clock, passes commands in and events out.  dataplane.c is the
 * sole includer of the skeleton.  It knows slots, not netlink and not routes:
 * resolving addresses is the business of user/sessions.c.
 *
 * All functions return 0 or a negative errno unless they say otherwise, and
 * are called from one thread.
 */
#ifndef IPBFD_DATAPLANE_H
#define IPBFD_DATAPLANE_H

#include <stdbool.h>
#include <stdint.h>

#include "../kern/abi.h"

struct dataplane;

/* How a device's packets reach the program; the values of the family's attach-mode. */
enum dataplane_attach {
	DATAPLANE_NATIVE = 1,
	DATAPLANE_GENERIC = 2,
	DATAPLANE_TC = 3, /* XDP was taken off; nobody can ask for it */
};

/* What makes the ticks; the values of the family's clock-mode. */
enum dataplane_clock_mode {
	DATAPLANE_CLOCK_STOPPED = 1,
	DATAPLANE_CLOCK_KERNEL = 2,
	DATAPLANE_CLOCK_AGENT = 3,
};

struct dataplane_options {
	uint32_t max_sessions;
	bool verbose; /* pass libbpf's own messages on */
};

struct dataplane_clock_info {
	enum dataplane_clock_mode mode;
	uint32_t tick_us;
	struct bfd_clock clock;
};

/* How the packets of a session leave: control packets, and our own echo packets. */
struct dataplane_paths {
	struct bfd_path control; /* ifindex 0: nothing can be sent */
	struct bfd_path echo;	 /* ifindex 0: none can be sent, or multihop */
};

/* One event of the ring buffer, valid during the call. */
typedef void (*dataplane_event_cb)(const struct bfd_event *event, void *context);
/* The other kind of record there: a neighbour that a listener covers. */
typedef void (*dataplane_newcomer_cb)(const struct bfd_newcomer *newcomer, void *context);

/* The calling process must already be in the namespace.  On success *out is owned by the
 * caller (dataplane_close).  -EEXIST: pins of a newer ABI version are in the way. error, of
 * error_size bytes, receives one line that says what failed.
 */
int dataplane_open(const struct dataplane_options *options, struct dataplane **out, char *error,
		   size_t error_size);

/* Pin again what isn't pinned any more, for somebody has unmounted or emptied bpffs, be it in part:
 * without pins it would end with the agent.  Returns a positive value if that was so.
 */
int dataplane_pins_mend(struct dataplane *dp);

/* Would dataplane_open() succeed, as far as that can be known: does this kernel load the programs,
 * and can what is pinned in this namespace be taken over?  Changes nothing, also while another
 * agent serves.
 */
int dataplane_check(const struct dataplane_options *options, char *error, size_t error_size);

/* Forget, but leave all that is pinned running.  NULL is fine. */
void dataplane_close(struct dataplane *dp);

/* Delete all sessions of this namespace, and wait until their peers had AdminDown for a
 * detection time.  Works without an open data plane; none is no error.
 */
int dataplane_say_goodbye(char *error, size_t error_size);

/* Take everything of this namespace down: links, pins, clock devices.  At once, and without an open
 * data plane.
 */
int dataplane_remove_all(char *error, size_t error_size);

/* True if pinned state was adopted rather than made. */
bool dataplane_adopted(const struct dataplane *dp);

/* The file descriptor to poll for events, and what to do when it is readable.  Returns 1 if more of
 * them wait (so it stays readable), 0 if none do, or a negative errno.
 */
int dataplane_event_fd(const struct dataplane *dp);
int dataplane_read_events(struct dataplane *dp, dataplane_event_cb callback,
			  dataplane_newcomer_cb newcomer, void *context);

/* Attach to a device, natively if best allows and the device can, else generically; *mode says
 * which.  -EBUSY: another XDP program is there (it is left alone).  Attaching again is no error.
 * Detach leaves pins of other devices alone.
 */
int dataplane_attach(struct dataplane *dp, uint32_t ifindex, enum dataplane_attach best,
		     enum dataplane_attach *mode);
int dataplane_detach(struct dataplane *dp, uint32_t ifindex);
/* Still there, or taken off by somebody else? */
bool dataplane_is_attached(const struct dataplane *dp, uint32_t ifindex);
/* Is anything of ours there that receives, be it only tc? */
bool dataplane_receives(const struct dataplane *dp, uint32_t ifindex);
/* -ENOENT: not attached. */
int dataplane_attachment(const struct dataplane *dp, uint32_t ifindex, enum dataplane_attach *mode,
			 uint32_t *program_id);
/* Devices that are attached, for adoption: fills up to max, returns how many there are. */
int dataplane_attached(const struct dataplane *dp, uint32_t *ifindexes, int max);

/* Addresses that are ours.  scope: of an IPv6 link-local one the device, else the routing
 * domain: a VRF device, or 0.
 */
int dataplane_local_add(struct dataplane *dp, uint32_t scope, const struct bfd_address *address);
int dataplane_local_del(struct dataplane *dp, uint32_t scope, const struct bfd_address *address);
/* Call callback for each, e.g. to drop stale ones after adoption. */
int dataplane_local_each(struct dataplane *dp,
			 void (*callback)(const struct bfd_local_key *key, void *context),
			 void *context);

/* The routing domain of a device: the VRF device that it is enslaved to, or 0. */
int dataplane_domain_set(struct dataplane *dp, uint32_t ifindex, uint32_t domain);
uint32_t dataplane_domain(const struct dataplane *dp, uint32_t ifindex);
/* Forget all devices for which keep() says no, e.g. after adoption. */
int dataplane_domains_tidy(struct dataplane *dp, bool (*keep)(uint32_t ifindex, void *context),
			   void *context);

/* Frames tagged with vlan that arrive on lower belong to the device ifindex. */
int dataplane_vlan_add(struct dataplane *dp, uint32_t lower, uint16_t vlan, uint32_t ifindex);
int dataplane_vlan_del(struct dataplane *dp, uint32_t lower, uint16_t vlan);

/* Other devices stand on this one, so a neighbour without a session may be one of theirs. */
int dataplane_below_set(struct dataplane *dp, uint32_t ifindex, bool below);
/* Call callback for each; it must not change them. */
int dataplane_below_each(struct dataplane *dp, void (*callback)(uint32_t ifindex, void *context),
			 void *context);

/* Who may have a session without being configured. */
int dataplane_listener_set(struct dataplane *dp, const struct bfd_listener_key *key,
			   const struct bfd_listener *listener);
int dataplane_listener_del(struct dataplane *dp, const struct bfd_listener_key *key);
/* Call callback for each; it must not change them. */
int dataplane_listener_each(struct dataplane *dp,
			    void (*callback)(const struct bfd_listener_key *key,
					     const struct bfd_listener *listener, void *context),
			    void *context);

/* What the clients of sessions ask for. */
int dataplane_client_set(struct dataplane *dp, const struct bfd_client_key *key,
			 const struct bfd_config *config);
int dataplane_client_del(struct dataplane *dp, const struct bfd_client_key *key);
/* Call callback for each; it must not change them. */
int dataplane_client_each(struct dataplane *dp,
			  void (*callback)(const struct bfd_client_key *key,
					   const struct bfd_config *config, void *context),
			  void *context);

/* Who is to have events by unicast. */
int dataplane_subscriber_set(struct dataplane *dp, uint32_t port,
			     const struct bfd_subscriber *subscriber);
int dataplane_subscriber_del(struct dataplane *dp, uint32_t port);
/* The one after previous (NULL: the first), in no order.  -ENOENT: it was the last. */
int dataplane_subscriber_next(struct dataplane *dp, const uint32_t *previous, uint32_t *port,
			      struct bfd_subscriber *subscriber);

/* The keys of sessions, by the number of their chain: secrets, to be wiped by who reads them.
 * -ENOENT: no chain has this number.
 */
int dataplane_key_chain_set(struct dataplane *dp, uint32_t number, struct bfd_key_chain *chain);
int dataplane_key_chain_del(struct dataplane *dp, uint32_t number);
int dataplane_key_chain_read(struct dataplane *dp, uint32_t number, struct bfd_key_chain *chain);
/* From 0 on: the number after this one, in no order.  -ENOENT: it was the last. */
int dataplane_key_chain_next(struct dataplane *dp, uint32_t *number);

/* A new session: picks a free slot (its source port is BFD_SOURCE_PORT_FIRST + slot) and a
 * random discriminator that is unique in the namespace.  A lingering session with the same
 * key ends at once.  key.ifindex and the paths' may be 0 while unresolved.
 * -EEXIST: a live session has this key.  -ENOSPC: no free slot.
 */
int dataplane_slot_alloc(struct dataplane *dp, uint32_t *slot);
int dataplane_session_create(struct dataplane *dp, uint32_t slot, const struct bfd_config *config,
			     const struct bfd_address_key *key, const struct dataplane_paths *paths,
			     const struct bfd_session_info *info, uint32_t *local_discr);
/* Says AdminDown for a detection time, then frees the slot by itself. */
int dataplane_session_delete(struct dataplane *dp, uint32_t slot);
int dataplane_session_set(struct dataplane *dp, uint32_t slot, const struct bfd_config *config);
int dataplane_session_set_path(struct dataplane *dp, uint32_t slot,
			       const struct bfd_address_key *key,
			       const struct dataplane_paths *paths,
			       const struct bfd_session_info *info);
/* Only what the agent itself remembers of it. */
int dataplane_session_set_info(struct dataplane *dp, uint32_t slot,
			       const struct bfd_session_info *info);
/* A Poll Sequence now, to verify that the path still works (RFC 5880 6.6). */
int dataplane_session_poll(struct dataplane *dp, uint32_t slot);
/* Forwarding state was lost: Down with that diagnostic, if Init or Up (RFC 5880 6.8.15). */
int dataplane_session_reset(struct dataplane *dp, uint32_t slot);
/* A consistent copy.  -ENOENT: the slot is free. */
int dataplane_session_read(struct dataplane *dp, uint32_t slot, struct bfd_session *session,
			   struct bfd_session_info *info);
/* -ENOENT: no such session (a lingering one is none). */
int dataplane_find_discr(struct dataplane *dp, uint32_t local_discr, uint32_t *slot);
uint32_t dataplane_max_sessions(const struct dataplane *dp);

/* Global discards, by reason: BFD_DISCARD_COUNT counters. */
int dataplane_global_discards(struct dataplane *dp, uint64_t *counts);

/* CLOCK_MONOTONIC, as all times in the maps. */
uint64_t dataplane_now_ns(void);

/* The clock follows the sessions: it runs while there is one.  Call dataplane_clock_check when
 * dataplane_clock_fd is readable (a timer that only runs while sessions exist); it repairs
 * a dead clock and says so by a positive return value.
 */
int dataplane_clock_info(struct dataplane *dp, struct dataplane_clock_info *info);
int dataplane_clock_fd(const struct dataplane *dp);
int dataplane_clock_check(struct dataplane *dp);
/* When dataplane_clock_watch_fd is readable a device or qdisc changed: if it was the clock's and
 * it had to be put right, returns a positive value.
 */
int dataplane_clock_watch_fd(const struct dataplane *dp);
int dataplane_clock_mend(struct dataplane *dp);
/* Put filters back that somebody has removed, of which that one heard too.  heard: there was still
 * something that received.
 */
void dataplane_filters_mend(struct dataplane *dp,
			    void (*mended)(uint32_t ifindex, bool heard, void *context),
			    void *context);
/* The clock's own devices, which are nobody's business: true for either end. */
bool dataplane_is_clock_device(const struct dataplane *dp, uint32_t ifindex);

/* Fill path from what is known.  All in host order but for addresses and MACs. */
void dataplane_build_path(struct bfd_path *path, uint32_t ifindex, const uint8_t source_mac[6],
			  const uint8_t destination_mac[6], const struct bfd_address *local,
			  const struct bfd_address *remote, uint16_t source_port,
			  uint16_t destination_port);

#endif /* IPBFD_DATAPLANE_H */

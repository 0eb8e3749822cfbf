/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the set of sessions share (sessions*.c), by subject below.
 * Nobody else may include it.
 */
#ifndef IPBFD_SESSIONS_INTERNAL_H
#define IPBFD_SESSIONS_INTERNAL_H

#include "devices.h"
#include "resolve.h"
#include "route.h"
#include "sessions.h"
#include "watch.h"

#define SESSIONS_BUCKETS 4096
#define SESSION_STATE_UNKNOWN 0xff

struct client;

struct session_entry {
	struct session session; /* first, so that one is found from the other */
	struct session_entry *next_remote;
	struct session_entry *next_name;
	struct session_entry *next_neighbour, **neighbour_place;
	struct session_entry *next_multihop, **multihop_place;
	struct bfd_address next_hop;  /* the neighbour that packets go to ... */
	uint32_t next_hop_ifindex;    /* ... on this device; 0: none is known */
	struct device *device;	      /* NULL: it is gone */
	struct client *clients;	      /* who share it; see clients.h */
	struct dataplane_paths paths; /* as they are in the map */
	uint8_t mac[6];		      /* of the neighbour, if has_mac; the last one known */
	bool has_mac;
	bool device_flapped;   /* it was down; whether it still is, the path says */
	bool neighbour_failed; /* the kernel asked it, and had no answer */
	bool lingering;	       /* deleted, but the data plane still says so to the peer */
	bool route_stale;      /* its route may be another; see sessions_route.c */
	bool neighbour_stale;  /* and must ask the kernel for the neighbour */
	bool failed;	       /* the kernel refused something: to be tried again */
	uint8_t adopted_state;
	uint8_t state; /* that observers know; SESSION_STATE_UNKNOWN after adoption from a version
			* that didn't write it down
			*/
};

/* sessions_addresses.c's: of a batch of events. */
struct changed_addresses {
	struct changed_address *list;
	size_t count, room;
	bool some_came;
	bool all; /* out of memory: any */
};

struct sessions {
	struct dataplane *dp;
	struct watch *watch;
	struct rtnl *rtnl;
	struct devices *devices;
	struct listeners *listeners; /* borrowed; NULL: not open */
	struct sessions_observer observer;
	bool started; /* observers are told */
	struct session_entry **slots;
	uint32_t slot_count;
	uint64_t *stale; /* a bit for each slot: sessions_refresh() has something to do */
	uint32_t count;	 /* without lingering ones */
	struct session_entry *multihop; /* those of them that are */
	uint32_t generation;
	struct session_entry *by_remote[SESSIONS_BUCKETS]; /* lingering ones too */
	struct session_entry *by_name[SESSIONS_BUCKETS];
	struct session_entry *by_neighbour[SESSIONS_BUCKETS];
	struct changed_addresses changed;
	struct route_watch *routes;
	bool routes_stale; /* all of them, whatever route_stale of a session says */
	struct session_receiver *receivers;
	bool receivers_stale;
	uint64_t checked_ns;	  /* when devices were last looked at for their programs */
	int reroute_fd;		  /* a timer that bounds how often routes are looked up ... */
	bool rerouting;		  /* ... and is running */
	uint64_t opened_ns;	  /* events before it are late */
	uint64_t reread_sequence; /* of the last event before states were read from the maps */
	uint64_t events_lost;	  /* of the data plane's counter, seen so far */
	bool adopted_reported;
	bool stack_stale;		       /* links changed, so maybe what stands on what */
	const struct bfd_session *last_values; /* of the session that is being deleted */
	int retry_fd;  /* a timer that runs while a session has failed ... */
	bool retrying; /* ... and is running */
};

/* CLOCK_MONOTONIC, as the data plane's times. */
uint64_t sessions_now_ns(void);

static inline bool session_is_multihop(const struct bfd_session_info *info)
{
	return info->flags & BFD_INFO_MULTIHOP;
}

/* sessions.c: change the members of config that config->set names. */
int sessions_configure(struct sessions *sessions, struct session_entry *entry,
		       const struct bfd_config *config, struct session_error *error);
void sessions_changed(struct sessions *sessions, struct session_entry *entry);

/* sessions_create.c: what one kind of session can't have; takes out of config what it has not. */
int session_check_config(bool multihop, struct bfd_config *config, struct session_error *error);

/* sessions_take_over.c: a listener's session becomes that of the operator, or of the client, who
 * asks for it.  -EEXIST: the request doesn't fit that session.
 */
int sessions_take_over(struct sessions *sessions, struct session_entry *entry,
		       const struct session_request *request, struct session_error *error);
/* Does it fit? */
int sessions_check_take_over(const struct sessions *sessions, const struct bfd_session_info *info,
			     const struct session_request *request, struct session_error *error);

/* sessions_index.c */
/* Into the tables in which lingering ones are too. */
void sessions_index(struct sessions *sessions, struct session_entry *entry);
/* Once it has a name, or none. */
void sessions_index_name(struct sessions *sessions, struct session_entry *entry);
/* It counts, has a name, and keeps its device listed; until it lingers. */
void sessions_enlist(struct sessions *sessions, struct session_entry *entry);
void sessions_delist(struct sessions *sessions, struct session_entry *entry);
/* A lingering session is over. */
void sessions_drop(struct sessions *sessions, struct session_entry *entry);
/* By what the data plane finds a session. */
void session_key(const struct bfd_session_info *info, struct bfd_address_key *key);
bool session_has_key(const struct session_entry *entry, const struct bfd_address_key *key);
struct session_entry *sessions_find_key(const struct sessions *sessions,
					const struct bfd_address_key *key);
struct session_entry *sessions_find_name(const struct sessions *sessions, const char *name);
/* The error that none matches; returns -ENOENT. */
int sessions_fail_none(const struct session_selector *selector, struct session_error *error);
/* sessions_idle.c: remove those of listeners that haven't been up for as long as is allowed. */
void sessions_remove_idle(struct sessions *sessions,
			  uint64_t (*allowed_ms)(uint32_t listener_id, void *context),
			  void *context);
/* Go on by next_remote; others may be among them. */
struct session_entry *sessions_first_remote(const struct sessions *sessions,
					    const struct bfd_address *remote);
/* Those whose packets go to a neighbour. */
struct session_entry *sessions_first_neighbour(const struct sessions *sessions, uint32_t ifindex,
					       const struct bfd_address *address);
struct session_entry *sessions_next_neighbour(const struct session_entry *entry);
void sessions_use_neighbour(struct sessions *sessions, struct session_entry *entry,
			    uint32_t ifindex, const struct bfd_address *address);
void sessions_leave_neighbour(struct sessions *sessions, struct session_entry *entry);
/* After adoption: take the mark off those that served before a route changed meanwhile. */
void sessions_tidy_neighbours(struct sessions *sessions);

/* sessions_addresses.c: an address of ours is new, or gone; and what that means for sessions. */
void sessions_note_address(struct sessions *sessions, uint32_t ifindex,
			   const struct bfd_address *address, bool gone);
void sessions_mark_by_addresses(struct sessions *sessions);

/* sessions_path.c: its path must be looked at, and its neighbour too? */
void session_mark(struct sessions *sessions, struct session_entry *entry, bool neighbour);
/* The device that a session is on, or that its packets leave by; NULL: none. */
void session_take_link(const struct sessions *sessions, struct bfd_session_info *info,
		       const struct watch_link *link);
/* A session was on a point-to-point device: another there takes first packets from any source. */
void sessions_pass_on_link(struct sessions *sessions, const struct bfd_session_info *before);
/* What keeps its packets from leaving, or may. */
uint8_t session_path_problem(const struct session_entry *entry, const struct resolved_hop *hop);
/* Ask the kernel for the neighbour of a session. */
void sessions_ask_neighbour(struct sessions *sessions, struct session_entry *entry);
/* The paths as device, addresses and neighbour are now; ifindex 0 if they aren't ready. */
void sessions_build_path(const struct session_entry *entry, const struct watch_link *link,
			 bool has_local, struct dataplane_paths *paths);
/* Bring the paths of sessions up to date that were marked stale. */
void sessions_refresh(struct sessions *sessions);
/* The same, and where else packets may arrive: after a batch of changes. */
void sessions_settle(struct sessions *sessions);
/* The loop's callback for retry_fd. */
int sessions_retry(void *context);
extern const struct watch_handlers sessions_watch_handlers;

/* sessions_route.c: how the packets of a multihop session leave now. */
void sessions_find_hop(struct sessions *sessions, struct bfd_session_info *info,
		       struct resolved_hop *hop);
/* Routes of all multihop sessions may be others: look them up again, but not too often. */
void sessions_reroute(struct sessions *sessions);
/* The loop's callback for reroute_fd. */
int sessions_reroute_due(void *context);
extern const struct route_watch_handlers sessions_route_handlers;

/* sessions_receivers.c: have the frames of all devices taken by which packets of multihop
 * sessions may come, for they needn't come back the way that ours go.
 */
void sessions_sync_receivers(struct sessions *sessions);
void sessions_close_receivers(struct sessions *sessions);

/* sessions_local.c: make the data plane's sets of local addresses and of routing domains those
 * of the namespace.
 */
int sessions_sync_local(struct sessions *sessions);
void sessions_local_changed(struct sessions *sessions, const struct watch_link *link,
			    const struct watch_address *address);
/* A link is new or has changed; true: it is in another routing domain than before. */
bool sessions_domain_changed(struct sessions *sessions, const struct watch_link *link);
void sessions_domain_gone(struct sessions *sessions, uint32_t ifindex);

/* sessions_reset.c: an adopted session whose device had lost the program. */
void session_reset_adopted(struct sessions *sessions, const struct session_entry *entry);

/* sessions_events.c: the loop's callback for dataplane_event_fd(). */
int sessions_events_readable(void *context);

#endif /* IPBFD_SESSIONS_INTERNAL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sessions.c (the index and its operations), sessions_path.c (how packets
 * reach the neighbour) and sessions_events.c (what the data plane tells) share.
 * Nobody else may include it.
 */
#ifndef IPBFD_SESSIONS_INTERNAL_H
#define IPBFD_SESSIONS_INTERNAL_H

#include "devices.h"
#include "sessions.h"
#include "watch.h"

#define SESSIONS_BUCKETS 4096
#define SESSION_STATE_UNKNOWN 0xff

struct session_entry {
	struct session session; /* first, so that one is found from the other */
	struct session_entry *next_remote;
	struct session_entry *next_name;
	struct device *device;	      /* NULL: it is gone */
	struct dataplane_paths paths; /* as they are in the map */
	uint8_t mac[6];		      /* of the neighbour, if has_mac; the last one known */
	bool has_mac;
	bool lingering;	      /* deleted, but the data plane still says so to the peer */
	bool path_stale;      /* sessions_refresh() has something to do */
	bool neighbour_stale; /* and must ask the kernel for the neighbour */
	bool failed;	      /* the kernel refused something: to be tried again */
	uint8_t adopted_state;
	uint8_t state; /* that observers know; SESSION_STATE_UNKNOWN after adoption */
};

struct sessions {
	struct dataplane *dp;
	struct watch *watch;
	struct rtnl *rtnl;
	struct devices *devices;
	struct sessions_observer observer;
	bool started; /* observers are told */
	struct session_entry **slots;
	uint32_t slot_count;
	uint32_t count; /* without lingering ones */
	uint32_t generation;
	struct session_entry *by_remote[SESSIONS_BUCKETS]; /* lingering ones too */
	struct session_entry *by_name[SESSIONS_BUCKETS];
	uint64_t opened_ns;   /* events before it are late */
	uint64_t reread_ns;   /* when states were last read from the maps; older events are old */
	uint64_t events_lost; /* of the data plane's counter, seen so far */
	bool adopted_reported;
	bool stack_stale;		       /* links changed, so maybe what stands on what */
	const struct bfd_session *last_values; /* of the session that is being deleted */
	int retry_fd;  /* a timer that runs while a session has failed ... */
	bool retrying; /* ... and is running */
};

/* CLOCK_MONOTONIC, as the data plane's times. */
uint64_t sessions_now_ns(void);

/* sessions.c */
struct session_entry *sessions_find_key(const struct sessions *sessions,
					const struct bfd_address *remote, uint32_t ifindex);
void sessions_changed(struct sessions *sessions, struct session_entry *entry);
/* A lingering session is over. */
void sessions_drop(struct sessions *sessions, struct session_entry *entry);

/* sessions_path.c: ask the kernel for the neighbour of a new session. */
void sessions_ask_neighbour(struct sessions *sessions, struct session_entry *entry);
/* The paths as device, addresses and neighbour are now; ifindex 0 if they aren't ready. */
void sessions_build_path(const struct session_entry *entry, const struct watch_link *link,
			 bool has_local, struct dataplane_paths *paths);
/* Bring the paths of sessions up to date that were marked stale. */
void sessions_refresh(struct sessions *sessions);
/* The loop's callback for retry_fd. */
int sessions_retry(void *context);
/* Make the data plane's set of local addresses that of the namespace. */
int sessions_sync_local(struct sessions *sessions);
extern const struct watch_handlers sessions_watch_handlers;

/* sessions_events.c: the loop's callback for dataplane_event_fd(). */
int sessions_events_readable(void *context);

#endif /* IPBFD_SESSIONS_INTERNAL_H */

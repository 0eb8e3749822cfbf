/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The set of sessions of this namespace: an index over what is in the pinned
 * maps (by slot, discriminator, neighbour and name), and the operations on it.
 * Knows addresses, devices and neighbours; doesn't know netlink messages of the
 * family `bfd`, and holds nothing that can't be rebuilt from the maps and from
 * the kernel's tables.
 *
 * All functions are called from one thread.  Errors are negative errno, with one
 * line of text in struct session_error that names the culprit.
 */
#ifndef IPBFD_SESSIONS_H
#define IPBFD_SESSIONS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../kern/abi.h"
#include "dataplane.h"

struct loop;
struct sessions;
struct watch;

/* A session as the agent sees it.  Owned by struct sessions; valid until the session is
 * deleted.  Its state and counters are in the maps: sessions_read().
 */
struct session {
	uint32_t slot;
	uint32_t local_discr;
	struct bfd_session_info info; /* addresses, device and name as in use now */
	bool path_ready;	      /* packets can leave */
	uint8_t path_problem;	      /* enum bfd_path_problem of genl/bfd.yaml */
	/* During a call of sessions_observer.changed what is new, else nothing: */
	uint8_t old_path_problem;
	uint8_t path_changes; /* 1 << enum bfd_path_change */
};

/* What somebody did to a device with sessions. */
struct session_fault {
	uint32_t kind;	  /* enum bfd_fault of genl/bfd.yaml */
	uint32_t ifindex; /* 0: of none */
	const char *ifname;
	uint32_t sessions; /* that were reset for it */
	bool repaired;
};

/* Which part of a request is to blame, so that an error can point at the attribute. */
enum session_field {
	SESSION_FIELD_NONE,
	SESSION_FIELD_DISCR,
	SESSION_FIELD_REMOTE,
	SESSION_FIELD_LOCAL,
	SESSION_FIELD_DEVICE,
	SESSION_FIELD_NAME,
	SESSION_FIELD_VRF,
	SESSION_FIELD_PATH_TYPE, /* single hop or multihop */
	SESSION_FIELD_ECHO_SOURCE,
	SESSION_FIELD_CLIENT,
	SESSION_FIELD_AUTH,
};

struct session_error {
	char text[160]; /* one line without a full stop; empty if there is nothing to say */
	enum session_field field;
};

/* What a new session is asked to be.  Addresses are in the form of struct bfd_address; the
 * caller has refused ::ffff:0:0/96 given as IPv6, and a local address of the other family.
 */
struct session_request {
	struct bfd_address remote;
	struct bfd_address local; /* if has_local */
	bool has_local;
	uint32_t ifindex;	     /* 0: found by route; always 0 if multihop */
	char name[BFD_NAME_MAX + 1]; /* empty: none */
	bool multihop;		     /* RFC 5883; config.multihop says the same */
	uint32_t vrf_ifindex; /* the routing domain; 0: that of the device, else the default */
	bool has_echo_source;
	struct bfd_address echo_source;	      /* if has_echo_source: of our echo packets */
	char client[BFD_CLIENT_NAME_MAX + 1]; /* who asks for it (RFC 5882 4.4); empty: nobody */
	uint32_t listener_id;		      /* the listener that makes it; 0: the operator does */
	bool configured;		      /* the configuration file asks for it */
	struct bfd_config config;	      /* all members; see session_config_default() */
};

/* Which sessions are meant: all members that are set must match; none set means all. */
struct session_selector {
	uint32_t local_discr; /* 0: any */
	bool has_remote;
	bool has_local;
	struct bfd_address remote;
	struct bfd_address local;
	uint32_t ifindex; /* 0: any */
	const char *name; /* NULL: any */
	bool has_multihop;
	bool multihop;
	bool has_vrf;
	uint32_t vrf_ifindex;
};

/* Who wants to know.  Any member may be NULL.  The session is valid during the call. */
struct sessions_observer {
	void (*created)(const struct session *session, void *context);
	/* By a command, by its device or neighbour (path_ready, addresses), or because the
	 * peer's timers changed.
	 */
	void (*changed)(const struct session *session, void *context);
	/* sessions_read() still has its last values, in state AdminDown. */
	void (*deleted)(const struct session *session, void *context);
	/* A transition.  late: it happened while no agent looked, or it is the net change of
	 * several whose events were lost (then event->sequence is 0).
	 */
	void (*state)(const struct session *session, const struct bfd_event *event, bool late,
		      void *context);
	/* Somebody changed what we have on a device. */
	void (*fault)(const struct session_fault *fault, void *context);
	void *context;
};

/* A device with sessions or listeners, for dev-get. */
struct session_device {
	uint32_t ifindex;
	char ifname[IF_NAMESIZE];
	uint32_t sessions; /* bound to it; lingering ones don't count */
};

/* Defaults of kern/limits.h, everything set. */
void session_config_default(struct bfd_config *config);

/* Index the sessions that are in the maps of dp (adoption) and bring their paths up to date.
 * dp and watch are borrowed and must outlive *out.  observer is copied and isn't called before
 * sessions_start().  *out is owned by the caller (sessions_close).
 */
int sessions_open(struct dataplane *dp, struct watch *watch,
		  const struct sessions_observer *observer, struct sessions **out,
		  struct session_error *error);
/* Forget; touches nothing that is pinned.  NULL is fine. */
void sessions_close(struct sessions *sessions);

/* From now on follow, from loop, the events of the data plane and those of watch. */
int sessions_start(struct sessions *sessions, struct loop *loop);

/* Create.  *out is the session that was made.  With a client named, one that exists is
 * joined: it runs with the fastest of what its clients ask for.  One that a listener made is
 * taken over, and becomes what the request says.
 * -EEXIST: there is one with this remote address and device, or, if multihop, with both
 *  addresses in this routing domain (then *out is that one), or with this name, or one that a
 *  listener made and that doesn't fit (then *out is NULL).
 * -EINVAL, -EADDRNOTAVAIL, -ENETUNREACH, -ENODEV, -EOPNOTSUPP, -ENOSPC, -EBUSY: error says what.
 */
int sessions_create(struct sessions *sessions, const struct session_request *request,
		    const struct session **out, struct session_error *error);

/* Would it be made?  Nothing is changed.  With replaces one with these ends is overlooked, as it is
 * going to be deleted.  Errors as above.
 */
int sessions_check(struct sessions *sessions, const struct session_request *request, bool replaces,
		   struct session_error *error);

/* Change the members of config that config->set names. */
int sessions_change(struct sessions *sessions, const struct session *session,
		    const struct bfd_config *config, struct session_error *error);

/* Delete: the peer is told AdminDown.  session is gone afterwards. */
int sessions_delete(struct sessions *sessions, const struct session *session,
		    struct session_error *error);

/* A client no longer needs the session: without its last client it is deleted, and gone.
 * -ENOENT: it isn't one of its clients.
 */
int sessions_leave(struct sessions *sessions, const struct session *session, const char *client,
		   struct session_error *error);
/* The clients of a session, from index 0; NULL: there are no more. */
const char *sessions_client(const struct sessions *sessions, const struct session *session,
			    unsigned int index);
/* The same with what each asks for (config->set has BFD_CONFIG_CONFIGURED if the configuration
 * file does it for him), also the operator among others, whose name is empty.
 */
const char *sessions_client_request(const struct sessions *sessions, const struct session *session,
				    unsigned int index, const struct bfd_config **config);

/* The configuration file asks for a session that is there, or only a command does. */
int sessions_set_configured(struct sessions *sessions, const struct session *session,
			    bool configured, struct session_error *error);

/* Start a Poll Sequence that verifies the session (RFC 5880 6.6).  -ENOTCONN: it isn't up. */
int sessions_poll(struct sessions *sessions, const struct session *session,
		  struct session_error *error);

/* Forwarding state was lost (RFC 5880 6.8.15): those that match and are Init or Up go Down with
 * diagnostic 4.  Returns how many match, or a negative errno; -ENOENT: a discriminator, name or
 * remote address is of none.
 */
int sessions_reset(struct sessions *sessions, const struct session_selector *selector,
		   struct session_error *error);

/* Now and then, while there are sessions: put back programs that somebody took off their devices;
 * the sessions there are reset.
 */
void sessions_check_devices(struct sessions *sessions);

/* After dataplane_clock_mend(): put back filters that somebody removed from devices. */
void sessions_check_filters(struct sessions *sessions);

/* Delete all that match.  Returns how many that were, or a negative errno. */
int sessions_flush(struct sessions *sessions, const struct session_selector *selector,
		   struct session_error *error);

/* The one session that matches.  -ENOENT: none does.  -ENOTUNIQ: several do.  -EINVAL: the
 * selector is empty.
 */
int sessions_find(struct sessions *sessions, const struct session_selector *selector,
		  const struct session **out, struct session_error *error);
bool session_matches(const struct session *session, const struct session_selector *selector);

/* Iterate in the order of slots: the first session whose slot is at least slot, or NULL.  A
 * dump may go on later from where it stopped (last slot + 1), whatever happened meanwhile.
 */
const struct session *sessions_from(const struct sessions *sessions, uint32_t slot);
uint32_t sessions_count(const struct sessions *sessions);
/* Changes whenever a session comes, goes or is bound to another device; never 0. */
uint32_t sessions_generation(const struct sessions *sessions);

/* A consistent copy of state, timers and counters. */
int sessions_read(const struct sessions *sessions, const struct session *session,
		  struct bfd_session *out);

/* Have its echo packets, if it sends any, a source that we had to take from the link's own subnet,
 * so that routers there may answer with redirects (RFC 5881 4)?
 */
bool sessions_echo_provokes_redirects(const struct sessions *sessions,
				      const struct session *session);

/* One that uses, or waits for, a key chain with this authentication (BFD_AUTH_NONE: any); NULL:
 * none does.
 */
const struct session *sessions_using_keys(const struct sessions *sessions, uint32_t chain,
					  uint8_t type);

/* The device with sessions or listeners that has the smallest index of at least ifindex; false:
 * none. */
bool sessions_device_from(const struct sessions *sessions, uint32_t ifindex,
			  struct session_device *out);

#endif /* IPBFD_SESSIONS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is configured, as `save` writes it and `restore` compares it: sessions, by everybody who
 * asks for one, listeners and keys, without what changes by itself.
 */
#ifndef IPBFD_STATE_H
#define IPBFD_STATE_H

#include <net/if.h>

#include "ipbfd.h"

/* Bits of the attribute fixed. */
#define BFD_FIXED_LOCAL 1
#define BFD_FIXED_ECHO_SOURCE 2

enum bfd_parameter_kind { BFD_PARAMETER_TIME, BFD_PARAMETER_NUMBER, BFD_PARAMETER_SWITCH };

/* A parameter that a session or a listener has. */
struct bfd_parameter {
	const char *name; /* the word */
	int place;	  /* in the values of struct bfd_arguments, and in those below */
	int session;	  /* attribute, 0: it isn't one of sessions */
	int listener;	  /* the same of listeners */
	uint32_t absent;  /* the value if nothing is said */
	enum bfd_parameter_kind kind;
};

/* The last one has no name. */
extern const struct bfd_parameter bfd_parameters[];

/* The administrative state isn't among them: its word takes another form. */
struct bfd_values {
	uint32_t of[BFD_A_SESSION_MAX + 1]; /* by place */
	bool admin_down;
	uint32_t diag; /* with admin_down: the reason */
};

struct bfd_auth_form {
	uint32_t type; /* BFD_AUTHENTICATION_TYPE_NONE: no authentication */
	uint32_t variant;
	char chain[BFD_KEY_CHAIN_NAME_MAX + 1];
};

/* What somebody asks for; of a session that nobody shares it is the only one. */
struct bfd_wish {
	char client[BFD_CLIENT_NAME_MAX + 1]; /* empty: named none */
	bool configured;		      /* the configuration file does, for him */
	struct bfd_values values;
	bool taken; /* ipbfd_restore.c's: a line asks for it */
};

struct bfd_state_session {
	uint32_t id;
	struct bfd_inet_address remote;
	struct bfd_inet_address local;
	struct bfd_inet_address echo_source;
	bool local_fixed; /* asked for, and not chosen by the agent */
	bool echo_source_fixed;
	bool multihop;
	bool unsolicited;
	uint32_t ifindex;
	char ifname[IFNAMSIZ];
	char vrf[IFNAMSIZ];
	char name[BFD_NAME_MAX + 1];
	struct bfd_auth_form auth;
	bool awaits; /* another form, that the peer is to use first */
	struct bfd_auth_form awaited;
	struct bfd_wish *wishes;
	size_t wish_count;
	struct bfd_state_session *next; /* ipbfd_restore.c's: of those with such a remote address */
	struct bfd_state_session *next_named; /* and of those with such a name */
	size_t first_line;		      /* the first line that means it; plus 1, 0: none */
	bool going;			      /* to be deleted, or with its listener */
};

struct bfd_state_listener {
	struct bfd_prefix prefix;
	uint32_t ifindex;
	char ifname[IFNAMSIZ];
	bool configured;
	struct bfd_values values;
	bool going; /* ipbfd_restore.c's: to be deleted */
};

struct bfd_state_key {
	char chain[BFD_KEY_CHAIN_NAME_MAX + 1];
	uint32_t id;
	uint32_t type;
	uint64_t times_us[BFD_KEY_TIMES]; /* 0: none */
};

struct bfd_state {
	struct bfd_state_session *sessions;
	size_t session_count;
	struct bfd_state_listener *listeners;
	size_t listener_count;
	struct bfd_state_key *keys;
	size_t key_count;
};

/* Asks the agent; -4 and -6 count.  What is read is freed with the process. */
int bfd_read_state(struct bfd_state *state);

/* Room for one more at the end of an array; ends the program if there is no memory. */
void *bfd_grow(void *array, size_t count, size_t size);

#endif /* IPBFD_STATE_H */

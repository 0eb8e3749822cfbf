/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Key chains: the keys by which sessions are authenticated (RFC 5880 6.7), named by the operator
 * and held in the pinned map `key_chains`, which the data plane reads and only this writes.
 * Here all but the secrets is remembered; a secret is in this process only while a key is
 * added or its chain written again, and what held it is wiped.  It must not know netlink, and
 * must not put a secret into a text.
 *
 * The operator's times are of CLOCK_REALTIME, in microseconds; the map's are of CLOCK_TAI, and
 * are written again when the difference of the two changes (a leap second, or a time
 * daemon that began to know it).
 *
 * All functions are called from one thread.  Errors are negative errno, with one line of text in
 * struct key_error that names the culprit.
 */
#ifndef IPBFD_KEYS_H
#define IPBFD_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "../kern/abi.h"

struct dataplane;
struct keys;
struct loop;
struct sessions;

/* Which part of a request is to blame. */
enum key_field {
	KEY_FIELD_NONE,
	KEY_FIELD_CHAIN,
	KEY_FIELD_ID,
	KEY_FIELD_SECRET,
	KEY_FIELD_ACCEPT_UNTIL,
};

struct key_error {
	char text[160]; /* one line without a full stop */
	enum key_field field;
};

/* Microseconds since 1970; 0: no limit. */
struct key_times {
	uint64_t send_from_us;
	uint64_t accept_from_us;
	uint64_t accept_until_us;
};

/* A key as it can be shown. */
struct key {
	const char *chain; /* valid until the chain is gone */
	uint8_t id;
	uint8_t type; /* enum bfd_auth_type */
	uint8_t length;
	struct key_times times;
	bool sending;  /* sessions of its type send with it now */
	bool accepted; /* packets with it are accepted now */
};

/* A key that is to be. */
struct key_request {
	const char *chain; /* checked to fit; the chain is made if there is none */
	uint8_t id;
	uint8_t type;	       /* but BFD_AUTH_NONE */
	uint8_t length;	       /* of the secret; at most BFD_MAX_SECRET */
	const uint8_t *secret; /* the caller wipes it */
	struct key_times times;
};

/* Which members of struct key_times a change means. */
enum key_times_set {
	KEY_SEND_FROM = 1,
	KEY_ACCEPT_FROM = 2,
	KEY_ACCEPT_UNTIL = 4,
};

/* Read what is in the map of dp, which is borrowed.  *out is owned by the caller (keys_close). */
int keys_open(struct dataplane *dp, struct keys **out);
/* Forget; touches nothing that is pinned.  NULL is fine. */
void keys_close(struct keys *keys);

/* From now on notice, from loop, when the clock is set. */
int keys_start(struct keys *keys, struct loop *loop);
/* The difference of CLOCK_TAI and CLOCK_REALTIME may be another: no clock tells of that if the
 * latter isn't set with it.  Cheap, for now and then.
 */
void keys_check_clock(struct keys *keys);

/* -EEXIST: the chain has a key with this id.  -ENOSPC: it has no room, or there is none for a
 * chain.  -ERANGE: the secret's length isn't one of the type.  -EINVAL: it would never be accepted.
 */
int keys_add(struct keys *keys, const struct key_request *request, struct key_error *error);
/* The same, or a key that is there becomes this one; nothing is written if it is.  -EBUSY: it would
 * have another type, and a session has no other key of the old one.
 */
int keys_replace(struct keys *keys, const struct sessions *sessions,
		 const struct key_request *request, struct key_error *error);
/* -ENOENT: no such key.  -EINVAL: as above. */
int keys_change(struct keys *keys, const char *chain, uint8_t id, unsigned int set,
		const struct key_times *times, struct key_error *error);
/* A key, and with the last one its chain.  -ENOENT: no such key.  -EBUSY: a session has no other
 * key of its type there.
 */
int keys_del(struct keys *keys, const struct sessions *sessions, const char *chain, uint8_t id,
	     struct key_error *error);
/* -EBUSY: a session uses it. */
int keys_del_chain(struct keys *keys, const struct sessions *sessions, const char *chain,
		   struct key_error *error);
/* Is any key of the type accepted now? */
bool keys_accepts_any(const struct keys *keys, uint32_t number, uint8_t type);
/* -ENOENT: no such key. */
int keys_get(const struct keys *keys, const char *chain, uint8_t id, struct key *out,
	     struct key_error *error);

/* Where an iteration stands; it begins with zeros. */
struct keys_cursor {
	uint32_t chain; /* its place in the order of names */
	uint32_t id;
};

/* The next key in the order of names and ids; false: there are no more.  chain is NULL for all.  A
 * change of generation means that the order may be another.
 */
bool keys_next(const struct keys *keys, const char *chain, struct keys_cursor *cursor,
	       struct key *out);
uint32_t keys_generation(const struct keys *keys);

/* The number by which a session's configuration names a chain; 0: there is none of that name. */
uint32_t keys_find(const struct keys *keys, const char *chain);
bool keys_has_type(const struct keys *keys, uint32_t number, uint8_t type);
/* NULL: there is none with this number. */
const char *keys_name(const struct keys *keys, uint32_t number);
/* The id of the key that sends now; -ENOENT: none does. */
int keys_sending_id(const struct keys *keys, uint32_t number, uint8_t type);

#endif /* IPBFD_KEYS_H */

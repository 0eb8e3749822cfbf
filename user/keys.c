// SPDX-License-Identifier: GPL-2.0
/*
 * Key chains; see keys.h.  Their times and the clock are in keys_clock.c.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "../kern/auth.h"
#include "dataplane.h"
#include "genl/generated/policy.h"
#include "keys_internal.h"
#include "sessions.h"

static int key_fail(struct key_error *error, enum key_field field, int result, const char *format,
		    ...) __attribute__((format(printf, 4, 5)));

static int key_fail(struct key_error *error, enum key_field field, int result, const char *format,
		    ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	error->field = field;
	return result;
}

static int fail_dataplane(struct key_error *error, const char *chain, int result)
{
	return key_fail(error, KEY_FIELD_NONE, result,
			"the data plane refused the key chain \"%s\": %s", chain,
			strerror(-result));
}

/* ---- what is remembered ---- */

/* Where a name is in the order, or would be. */
static uint32_t place_of(const struct keys *keys, const char *name)
{
	uint32_t low = 0, high = keys->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (strcmp(keys->chains[keys->order[middle]]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t keys_find(const struct keys *keys, const char *name)
{
	uint32_t place = place_of(keys, name);

	if (place == keys->count || strcmp(keys->chains[keys->order[place]]->name, name) != 0)
		return 0;
	return keys->order[place];
}

int keys_remember(struct keys *keys, uint32_t number, const struct bfd_key_chain *chain)
{
	struct bfd_key_chain *known = keys->chains[number];
	uint32_t place;

	if (!known) {
		known = malloc(sizeof(*known));
		if (!known)
			return -ENOMEM;
		place = place_of(keys, chain->name);
		memmove(&keys->order[place + 1], &keys->order[place],
			(keys->count - place) * sizeof(keys->order[0]));
		keys->order[place] = number;
		keys->chains[number] = known;
		keys->count++;
	}
	*known = (struct bfd_key_chain){.tai_offset_s = chain->tai_offset_s};
	memcpy(known->name, chain->name, sizeof(known->name));
	/* Member by member, for a copy of all would hold the secrets for a moment. */
	for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++) {
		const struct bfd_key *key = &chain->keys[i];

		known->keys[i].send_from_ns = key->send_from_ns;
		known->keys[i].accept_from_ns = key->accept_from_ns;
		known->keys[i].accept_until_ns = key->accept_until_ns;
		known->keys[i].id = key->id;
		known->keys[i].type = key->type;
		known->keys[i].length = key->length;
	}
	keys->generation++;
	return 0;
}

static void forget(struct keys *keys, uint32_t number)
{
	uint32_t place = place_of(keys, keys->chains[number]->name);

	memmove(&keys->order[place], &keys->order[place + 1],
		(keys->count - place - 1) * sizeof(keys->order[0]));
	keys->count--;
	free(keys->chains[number]);
	keys->chains[number] = NULL;
	keys->generation++;
}

/* ---- opening and closing ---- */

static int adopt(struct keys *keys)
{
	struct bfd_key_chain chain;
	uint32_t number = 0;
	int error = 0;

	while (!error) {
		error = dataplane_key_chain_next(keys->dp, &number);
		if (error)
			break;
		error = dataplane_key_chain_read(keys->dp, number, &chain);
		if (!error && number <= BFD_MAX_KEY_CHAINS)
			error = keys_remember(keys, number, &chain);
	}
	explicit_bzero(&chain, sizeof(chain));
	return error == -ENOENT ? 0 : error;
}

int keys_open(struct dataplane *dp, struct keys **out)
{
	struct keys *keys = calloc(1, sizeof(*keys));
	int error;

	if (!keys)
		return -ENOMEM;
	keys->dp = dp;
	keys->clock_fd = -1;
	keys->generation = 1;
	/* Numbers rest for as long as possible: a deleted session may still be saying so. */
	if (getrandom(&keys->last_number, sizeof(keys->last_number), 0) < 0)
		keys->last_number = 0;
	keys->last_number %= BFD_MAX_KEY_CHAINS;
	error = adopt(keys);
	if (error) {
		keys_close(keys);
		return error;
	}
	keys_check_clock(keys);
	*out = keys;
	return 0;
}

void keys_close(struct keys *keys)
{
	if (!keys)
		return;
	for (uint32_t number = 1; number <= BFD_MAX_KEY_CHAINS; number++)
		free(keys->chains[number]);
	if (keys->clock_fd >= 0)
		close(keys->clock_fd);
	free(keys);
}

/* ---- finding ---- */

static struct bfd_key *key_at(struct bfd_key_chain *chain, uint8_t id)
{
	for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++)
		if (chain->keys[i].length && chain->keys[i].id == id)
			return &chain->keys[i];
	return NULL;
}

static int find_chain(const struct keys *keys, const char *name, uint32_t *number,
		      struct key_error *error)
{
	*number = keys_find(keys, name);
	if (*number)
		return 0;
	return key_fail(error, KEY_FIELD_CHAIN, -ENOENT, "there is no key chain \"%s\"", name);
}

static int find_key(const struct keys *keys, const char *name, uint8_t id, uint32_t *number,
		    const struct bfd_key **key, struct key_error *error)
{
	int result = find_chain(keys, name, number, error);

	if (result)
		return result;
	*key = key_at(keys->chains[*number], id);
	if (*key)
		return 0;
	return key_fail(error, KEY_FIELD_ID, -ENOENT, "key chain \"%s\" has no key %u", name, id);
}

static unsigned int count_keys(const struct bfd_key_chain *chain, uint8_t type)
{
	unsigned int count = 0;

	for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++)
		count += chain->keys[i].length && (!type || chain->keys[i].type == type);
	return count;
}

/* ---- operations ---- */

static int check_times(const char *chain, uint8_t id, const struct bfd_key *key,
		       struct key_error *error)
{
	if (!key->accept_until_ns || key->accept_until_ns > key->accept_from_ns)
		return 0;
	return key_fail(error, KEY_FIELD_ACCEPT_UNTIL, -EINVAL,
			"key %u of \"%s\" would never be accepted: accept-until isn't after "
			"accept-from",
			id, chain);
}

static void set_times(struct bfd_key *key, unsigned int set, const struct key_times *times,
		      int32_t tai_offset_s)
{
	if (set & KEY_SEND_FROM)
		key->send_from_ns = keys_tai_ns(times->send_from_us, tai_offset_s);
	if (set & KEY_ACCEPT_FROM)
		key->accept_from_ns = keys_tai_ns(times->accept_from_us, tai_offset_s);
	if (set & KEY_ACCEPT_UNTIL)
		key->accept_until_ns = keys_tai_ns(times->accept_until_us, tai_offset_s);
}

/* chain is as it shall be, with its secrets, which are wiped. */
static int store(struct keys *keys, uint32_t number, struct bfd_key_chain *chain,
		 struct key_error *error)
{
	int result = dataplane_key_chain_set(keys->dp, number, chain);

	if (result) {
		fail_dataplane(error, chain->name, result);
	} else {
		result = keys_remember(keys, number, chain);
		if (result) {
			dataplane_key_chain_del(keys->dp, number);
			key_fail(error, KEY_FIELD_NONE, result, "out of memory");
		}
	}
	explicit_bzero(chain, sizeof(*chain));
	return result;
}

static int pick_number(struct keys *keys, uint32_t *number, struct key_error *error)
{
	if (keys->count == BFD_MAX_KEY_CHAINS)
		return key_fail(error, KEY_FIELD_CHAIN, -ENOSPC,
				"there are %d key chains, and no room for another",
				BFD_MAX_KEY_CHAINS);
	do
		keys->last_number = keys->last_number % BFD_MAX_KEY_CHAINS + 1;
	while (keys->chains[keys->last_number]);
	*number = keys->last_number;
	return 0;
}

static int check_secret(const struct key_request *request, struct key_error *error)
{
	uint8_t longest = bfd_auth_max_secret(request->type);

	if (request->length && request->length <= longest)
		return 0;
	return key_fail(
		error, KEY_FIELD_SECRET, -ERANGE, "a key of type %s has %u to %u bytes, not %u",
		bfd_authentication_type_enum.names[request->type], 1, longest, request->length);
}

/* The request as a key, but without its secret. */
static int make_key(const struct keys *keys, const struct key_request *request, struct bfd_key *key,
		    struct key_error *error)
{
	int result = check_secret(request, error);

	if (result)
		return result;
	*key = (struct bfd_key){
		.id = request->id, .type = request->type, .length = request->length};
	set_times(key, KEY_SEND_FROM | KEY_ACCEPT_FROM | KEY_ACCEPT_UNTIL, &request->times,
		  keys->tai_offset_s);
	return check_times(request->chain, request->id, key, error);
}

/* The same of one that isn't there. */
static int check_request(const struct keys *keys, uint32_t number,
			 const struct key_request *request, struct bfd_key *key,
			 struct key_error *error)
{
	struct bfd_key_chain *known = keys->chains[number];
	int result = make_key(keys, request, key, error);

	if (result)
		return result;
	if (known && key_at(known, request->id))
		return key_fail(error, KEY_FIELD_ID, -EEXIST, "key chain \"%s\" has a key %u",
				request->chain, request->id);
	if (known && count_keys(known, 0) == BFD_MAX_CHAIN_KEYS)
		return key_fail(error, KEY_FIELD_CHAIN, -ENOSPC,
				"key chain \"%s\" has %d keys, and no room for another",
				request->chain, BFD_MAX_CHAIN_KEYS);
	return 0;
}

/* type 0: any.  last: the key whose going would leave none. */
static int check_unused(const struct keys *keys, const struct sessions *sessions, uint32_t number,
			const struct bfd_key *last, struct key_error *error)
{
	const struct session *session =
		sessions_using_keys(sessions, number, last ? last->type : BFD_AUTH_NONE);
	const char *name = keys->chains[number]->name;

	if (!session)
		return 0;
	if (!last)
		return key_fail(error, KEY_FIELD_CHAIN, -EBUSY, "session %u uses key chain \"%s\"",
				session->local_discr, name);
	return key_fail(error, KEY_FIELD_ID, -EBUSY,
			"session %u uses key chain \"%s\", and key %u is its last one of type %s",
			session->local_discr, name, last->id,
			bfd_authentication_type_enum.names[last->type]);
}

int keys_add(struct keys *keys, const struct key_request *request, struct key_error *error)
{
	uint32_t number = keys_find(keys, request->chain);
	struct bfd_key_chain chain = {};
	struct bfd_key key;
	int result, i = 0;

	keys_check_clock(keys);
	result = check_request(keys, number, request, &key, error);
	if (!result && number) {
		result = dataplane_key_chain_read(keys->dp, number, &chain);
		if (result)
			fail_dataplane(error, request->chain, result);
	} else if (!result) {
		result = pick_number(keys, &number, error);
		chain.tai_offset_s = keys->tai_offset_s;
		memccpy(chain.name, request->chain, '\0', sizeof(chain.name) - 1);
	}
	if (result)
		goto cleanup;
	while (chain.keys[i].length)
		i++;
	chain.keys[i] = key;
	memcpy(chain.keys[i].secret, request->secret, request->length);
	result = store(keys, number, &chain, error);
cleanup:
	explicit_bzero(&chain, sizeof(chain));
	return result;
}

int keys_replace(struct keys *keys, const struct sessions *sessions,
		 const struct key_request *request, struct key_error *error)
{
	uint32_t number = keys_find(keys, request->chain);
	struct bfd_key_chain chain = {};
	struct bfd_key key, *place;
	const struct bfd_key *known;
	int result;

	known = number ? key_at(keys->chains[number], request->id) : NULL;
	if (!known)
		return keys_add(keys, request, error);
	keys_check_clock(keys);
	result = make_key(keys, request, &key, error);
	if (!result && key.type != known->type &&
	    count_keys(keys->chains[number], known->type) == 1)
		result = check_unused(keys, sessions, number, known, error);
	if (result)
		return result;
	result = dataplane_key_chain_read(keys->dp, number, &chain);
	if (result) {
		fail_dataplane(error, request->chain, result);
		goto cleanup;
	}
	memcpy(key.secret, request->secret, request->length);
	place = key_at(&chain, request->id);
	if (memcmp(place, &key, sizeof(key)) != 0) {
		*place = key;
		result = store(keys, number, &chain, error);
	}
cleanup:
	explicit_bzero(&key, sizeof(key));
	explicit_bzero(&chain, sizeof(chain));
	return result;
}

int keys_change(struct keys *keys, const char *name, uint8_t id, unsigned int set,
		const struct key_times *times, struct key_error *error)
{
	struct bfd_key_chain chain = {};
	const struct bfd_key *known;
	struct bfd_key key;
	uint32_t number;
	int result;

	keys_check_clock(keys);
	result = find_key(keys, name, id, &number, &known, error);
	if (result)
		return result;
	key = *known;
	set_times(&key, set, times, keys->tai_offset_s);
	result = check_times(name, id, &key, error);
	if (result)
		return result;
	result = dataplane_key_chain_read(keys->dp, number, &chain);
	if (result) {
		fail_dataplane(error, name, result);
	} else {
		set_times(key_at(&chain, id), set, times, keys->tai_offset_s);
		result = store(keys, number, &chain, error);
	}
	explicit_bzero(&chain, sizeof(chain));
	return result;
}

static int remove_chain(struct keys *keys, uint32_t number, struct key_error *error)
{
	int result = dataplane_key_chain_del(keys->dp, number);

	if (result)
		return fail_dataplane(error, keys->chains[number]->name, result);
	forget(keys, number);
	return 0;
}

int keys_del_chain(struct keys *keys, const struct sessions *sessions, const char *name,
		   struct key_error *error)
{
	uint32_t number;
	int result = find_chain(keys, name, &number, error);

	if (!result)
		result = check_unused(keys, sessions, number, NULL, error);
	return result ? result : remove_chain(keys, number, error);
}

int keys_del(struct keys *keys, const struct sessions *sessions, const char *name, uint8_t id,
	     struct key_error *error)
{
	struct bfd_key_chain chain = {};
	const struct bfd_key *known;
	uint32_t number;
	int result;

	keys_check_clock(keys);
	result = find_key(keys, name, id, &number, &known, error);
	if (!result && count_keys(keys->chains[number], known->type) == 1)
		result = check_unused(keys, sessions, number, known, error);
	if (result)
		return result;
	if (count_keys(keys->chains[number], 0) == 1)
		return remove_chain(keys, number, error);
	result = dataplane_key_chain_read(keys->dp, number, &chain);
	if (result) {
		fail_dataplane(error, name, result);
	} else {
		explicit_bzero(key_at(&chain, id), sizeof(struct bfd_key));
		result = store(keys, number, &chain, error);
	}
	explicit_bzero(&chain, sizeof(chain));
	return result;
}

/* ---- showing ---- */

static void fill(const struct bfd_key_chain *chain, const struct bfd_key *key, struct key *out)
{
	uint64_t now_ns = keys_now_ns();
	int sending = bfd_auth_key_to_send(chain, key->type, now_ns);

	*out = (struct key){
		.chain = chain->name,
		.id = key->id,
		.type = key->type,
		.length = key->length,
		.times = {.send_from_us = keys_realtime_us(key->send_from_ns, chain->tai_offset_s),
			  .accept_from_us =
				  keys_realtime_us(key->accept_from_ns, chain->tai_offset_s),
			  .accept_until_us =
				  keys_realtime_us(key->accept_until_ns, chain->tai_offset_s)},
		.sending = sending >= 0 && &chain->keys[sending] == key,
		.accepted = bfd_auth_key_to_accept(chain, key->type, key->id, now_ns) >= 0,
	};
}

int keys_get(const struct keys *keys, const char *name, uint8_t id, struct key *out,
	     struct key_error *error)
{
	const struct bfd_key *key;
	uint32_t number;
	int result = find_key(keys, name, id, &number, &key, error);

	if (!result)
		fill(keys->chains[number], key, out);
	return result;
}

/* The one with the smallest id of at least that. */
static const struct bfd_key *key_from(const struct bfd_key_chain *chain, uint32_t id)
{
	const struct bfd_key *found = NULL;

	for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++) {
		const struct bfd_key *key = &chain->keys[i];

		if (key->length && key->id >= id && (!found || key->id < found->id))
			found = key;
	}
	return found;
}

bool keys_next(const struct keys *keys, const char *name, struct keys_cursor *cursor,
	       struct key *out)
{
	for (; cursor->chain < keys->count; cursor->chain++, cursor->id = 0) {
		const struct bfd_key_chain *chain = keys->chains[keys->order[cursor->chain]];
		const struct bfd_key *key = key_from(chain, cursor->id);

		if (!key || (name && strcmp(chain->name, name) != 0))
			continue;
		cursor->id = key->id + 1U;
		fill(chain, key, out);
		return true;
	}
	return false;
}

uint32_t keys_generation(const struct keys *keys)
{
	return keys->generation;
}

static const struct bfd_key_chain *chain_of(const struct keys *keys, uint32_t number)
{
	return number <= BFD_MAX_KEY_CHAINS ? keys->chains[number] : NULL;
}

bool keys_has_type(const struct keys *keys, uint32_t number, uint8_t type)
{
	const struct bfd_key_chain *chain = chain_of(keys, number);

	return chain && count_keys(chain, type);
}

const char *keys_name(const struct keys *keys, uint32_t number)
{
	const struct bfd_key_chain *chain = chain_of(keys, number);

	return chain ? chain->name : NULL;
}

int keys_sending_id(const struct keys *keys, uint32_t number, uint8_t type)
{
	const struct bfd_key_chain *chain = chain_of(keys, number);
	int place = chain ? bfd_auth_key_to_send(chain, type, keys_now_ns()) : -1;

	return place < 0 ? -ENOENT : chain->keys[place].id;
}

bool keys_accepts_any(const struct keys *keys, uint32_t number, uint8_t type)
{
	const struct bfd_key_chain *chain = chain_of(keys, number);
	uint64_t now_ns = keys_now_ns();

	for (unsigned int id = 0; chain && id <= UINT8_MAX; id++)
		if (bfd_auth_key_to_accept(chain, type, (uint8_t)id, now_ns) >= 0)
			return true;
	return false;
}

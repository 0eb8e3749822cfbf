// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of the family `bfd` on keys, and the keys that sessions ask for; see keys.h.  A
 * secret goes from the request to keys.h and nowhere else: the server wipes the request.
 */
#include <errno.h>

#include "genl/generated/policy.h"
#include "handlers_internal.h"
#include "request.h"

_Static_assert(BFD_CHECK_KEY_CHAIN_MAX_LEN == BFD_KEY_CHAIN_NAME_MAX, "limits.h");
_Static_assert(BFD_CHECK_KEY_SECRET_MAX_LEN == BFD_MAX_SECRET, "limits.h");

/* ---- keys of sessions ---- */

int handlers_find_keys(const struct handlers *handlers, struct genl_request *request,
		       struct bfd_config *config)
{
	const char *chain;

	if (!config->auth.type)
		return 0;
	chain = nla_get_string(request->attributes[BFD_A_SESSION_AUTH_KEY_CHAIN]);
	config->auth.chain = keys_find(handlers->keys, chain);
	if (!config->auth.chain)
		return genl_fail_attribute(request, BFD_A_SESSION_AUTH_KEY_CHAIN, -ENOENT,
					   "there is no key chain \"%s\"", chain);
	if (!keys_has_type(handlers->keys, config->auth.chain, config->auth.type))
		return genl_fail_attribute(request, BFD_A_SESSION_AUTH_KEY_CHAIN, -ENOENT,
					   "key chain \"%s\" has no key of type %s", chain,
					   bfd_authentication_type_enum.names[config->auth.type]);
	return 0;
}

void handlers_warn_of_keys(const struct handlers *handlers, struct genl_request *request,
			   const struct bfd_config *config)
{
	const struct bfd_auth_config *auth = &config->auth;

	if (config->set & BFD_CONFIG_AUTH && auth->type && !auth->optional &&
	    keys_sending_id(handlers->keys, auth->chain, auth->type) < 0)
		genl_warn(request,
			  "no key of type %s of key chain \"%s\" may send yet: nothing is sent",
			  bfd_authentication_type_enum.names[auth->type],
			  keys_name(handlers->keys, auth->chain));
}

/* The same, after a change of keys: for a session that has been using them. */
static void warn_of_silence(const struct handlers *handlers, struct genl_request *request,
			    const char *chain, uint8_t type)
{
	uint32_t number = keys_find(handlers->keys, chain);
	const struct session *session;
	bool silent, deaf;

	if (!number)
		return;
	silent = keys_sending_id(handlers->keys, number, type) < 0;
	deaf = !keys_accepts_any(handlers->keys, number, type);
	if (!silent && !deaf)
		return;
	session = sessions_using_keys(handlers->sessions, number, type);
	if (!session)
		return;
	genl_warn(request, "no key of type %s of key chain \"%s\" %s now: session %u %s",
		  bfd_authentication_type_enum.names[type], chain,
		  silent && deaf ? "may send or is accepted"
		  : silent	 ? "may send"
				 : "is accepted",
		  session->local_discr,
		  silent && deaf ? "is silent, and hears nobody"
		  : silent	 ? "is silent"
				 : "hears nobody");
}

/* ---- requests ---- */

static int fail_key(struct genl_request *request, int err, const struct key_error *error)
{
	static const uint32_t attributes[] = {
		[KEY_FIELD_NONE] = 0,
		[KEY_FIELD_CHAIN] = BFD_A_KEY_CHAIN,
		[KEY_FIELD_ID] = BFD_A_KEY_ID,
		[KEY_FIELD_SECRET] = BFD_A_KEY_SECRET,
		[KEY_FIELD_ACCEPT_UNTIL] = BFD_A_KEY_ACCEPT_UNTIL,
	};
	uint32_t attribute = attributes[error->field];

	if (!attribute)
		return genl_fail(request, err, "%s", error->text);
	return genl_fail_attribute(request, attribute, err, "%s", error->text);
}

static uint64_t get_time(const struct genl_request *request, uint32_t attribute)
{
	const struct nlattr *value = request->attributes[attribute];

	return value ? nla_get_u64(value) : 0;
}

/* Returns which of them are given. */
static unsigned int get_times(const struct genl_request *request, struct key_times *times)
{
	*times = (struct key_times){
		.send_from_us = get_time(request, BFD_A_KEY_SEND_FROM),
		.accept_from_us = get_time(request, BFD_A_KEY_ACCEPT_FROM),
		.accept_until_us = get_time(request, BFD_A_KEY_ACCEPT_UNTIL),
	};
	return (request->attributes[BFD_A_KEY_SEND_FROM] ? KEY_SEND_FROM : 0) |
	       (request->attributes[BFD_A_KEY_ACCEPT_FROM] ? KEY_ACCEPT_FROM : 0) |
	       (request->attributes[BFD_A_KEY_ACCEPT_UNTIL] ? KEY_ACCEPT_UNTIL : 0);
}

static const char *get_chain(const struct genl_request *request)
{
	return nla_get_string(request->attributes[BFD_A_KEY_CHAIN]);
}

static uint8_t get_id(const struct genl_request *request)
{
	return (uint8_t)nla_get_u32(request->attributes[BFD_A_KEY_ID]);
}

/* Up to so many of these must be there, in this order. */
static int require_first(struct genl_request *request, unsigned int count)
{
	static const uint32_t required[] = {BFD_A_KEY_CHAIN, BFD_A_KEY_ID, BFD_A_KEY_TYPE,
					    BFD_A_KEY_SECRET};

	for (unsigned int i = 0; i < count; i++)
		if (!request->attributes[required[i]])
			return genl_fail_missing(request, required[i]);
	return 0;
}

#define CHAIN_ONLY 1
#define CHAIN_AND_ID 2
#define WHOLE_KEY 4

/* ---- answers ---- */

static int put_time(struct nl_msg *message, int type, uint64_t time_us)
{
	return time_us ? nla_put_u64(message, type, time_us) : 0;
}

static int put_key(struct nl_msg *message, const struct key *key)
{
	if (nla_put_string(message, BFD_A_KEY_CHAIN, key->chain) < 0 ||
	    nla_put_u32(message, BFD_A_KEY_ID, key->id) < 0 ||
	    nla_put_u32(message, BFD_A_KEY_TYPE, key->type) < 0 ||
	    nla_put_u32(message, BFD_A_KEY_LENGTH, key->length) < 0 ||
	    put_time(message, BFD_A_KEY_SEND_FROM, key->times.send_from_us) < 0 ||
	    put_time(message, BFD_A_KEY_ACCEPT_FROM, key->times.accept_from_us) < 0 ||
	    put_time(message, BFD_A_KEY_ACCEPT_UNTIL, key->times.accept_until_us) < 0 ||
	    nla_put_u32(message, BFD_A_KEY_SENDING, key->sending) < 0 ||
	    nla_put_u32(message, BFD_A_KEY_ACCEPTED, key->accepted) < 0)
		return -EMSGSIZE;
	return 0;
}

static int reply_key(struct genl_request *request, const struct key *key)
{
	struct nl_msg *message = genl_reply_new(request, (uint8_t)request->op->command);
	int err;

	if (!message)
		return -ENOMEM;
	err = put_key(message, key);
	if (err) {
		nlmsg_free(message);
		return err;
	}
	return genl_reply(request, message);
}

/* The key that the request names. */
static int get_key(const struct handlers *handlers, struct genl_request *request, struct key *key)
{
	struct key_error error = {};
	int err = keys_get(handlers->keys, get_chain(request), get_id(request), key, &error);

	return err ? fail_key(request, err, &error) : 0;
}

/* ---- operations ---- */

int handle_key_new(struct genl_request *request, void *context)
{
	const struct handlers *handlers = context;
	const struct nlattr *secret = request->attributes[BFD_A_KEY_SECRET];
	struct key_error error = {};
	struct key_request wanted;
	struct key key;
	int err = require_first(request, WHOLE_KEY);

	if (!err)
		err = request_check_name(request, BFD_A_KEY_CHAIN);
	if (err)
		return err;
	wanted = (struct key_request){
		.chain = get_chain(request),
		.id = get_id(request),
		.type = (uint8_t)nla_get_u32(request->attributes[BFD_A_KEY_TYPE]),
		.length = (uint8_t)nla_len(secret),
		.secret = nla_data(secret),
	};
	if (!wanted.type)
		return genl_fail_attribute(request, BFD_A_KEY_TYPE, -EINVAL,
					   "a key is of some type of authentication, not of none");
	get_times(request, &wanted.times);
	if (request->header->nlmsg_flags & NLM_F_REPLACE &&
	    !(request->header->nlmsg_flags & NLM_F_CREATE)) {
		err = get_key(handlers, request, &key);
		if (err)
			return err;
	}
	if (request->header->nlmsg_flags & NLM_F_REPLACE)
		err = keys_replace(handlers->keys, handlers->sessions, &wanted, &error);
	else
		err = keys_add(handlers->keys, &wanted, &error);
	if (err)
		return fail_key(request, err, &error);
	err = get_key(handlers, request, &key);
	if (err)
		return err;
	if (request->header->nlmsg_flags & NLM_F_REPLACE)
		warn_of_silence(handlers, request, key.chain, key.type);
	return reply_key(request, &key);
}

int handle_key_set(struct genl_request *request, void *context)
{
	const struct handlers *handlers = context;
	struct key_error error = {};
	struct key_times times;
	unsigned int set;
	struct key key;
	int err = require_first(request, CHAIN_AND_ID);

	if (err)
		return err;
	set = get_times(request, &times);
	if (!set)
		return genl_fail(request, -EINVAL,
				 "which time of the key? send-from, accept-from or accept-until");
	err = keys_change(handlers->keys, get_chain(request), get_id(request), set, &times, &error);
	if (err)
		return fail_key(request, err, &error);
	err = get_key(handlers, request, &key);
	if (err)
		return err;
	warn_of_silence(handlers, request, key.chain, key.type);
	return reply_key(request, &key);
}

static int del_one(const struct handlers *handlers, struct genl_request *request)
{
	struct key_error error = {};
	struct key key;
	int err = get_key(handlers, request, &key);

	if (err)
		return err;
	err = keys_del(handlers->keys, handlers->sessions, get_chain(request), key.id, &error);
	if (err)
		return fail_key(request, err, &error);
	warn_of_silence(handlers, request, get_chain(request), key.type);
	return 0;
}

int handle_key_del(struct genl_request *request, void *context)
{
	const struct handlers *handlers = context;
	struct key_error error = {};
	int err = require_first(request, CHAIN_ONLY);

	if (err)
		return err;
	if (request->attributes[BFD_A_KEY_ID])
		return del_one(handlers, request);
	err = keys_del_chain(handlers->keys, handlers->sessions, get_chain(request), &error);
	return err ? fail_key(request, err, &error) : 0;
}

int handle_key_get(struct genl_request *request, void *context)
{
	int err = require_first(request, CHAIN_AND_ID);
	struct key key;

	if (!err)
		err = get_key(context, request, &key);
	return err ? err : reply_key(request, &key);
}

/* The cursor is the place of the chain in its upper half, the id to go on from in its lower one. */
int handle_key_dump(struct genl_request *request, struct genl_dump *dump, struct nl_msg *message,
		    void *context)
{
	const struct handlers *handlers = context;
	const char *chain = request->attributes[BFD_A_KEY_CHAIN] ? get_chain(request) : NULL;
	struct keys_cursor cursor = {
		.chain = (uint32_t)(dump->cursor >> 32),
		.id = (uint32_t)dump->cursor,
	};
	struct key key;
	int err;

	if (chain && !dump->cursor && !keys_find(handlers->keys, chain))
		return genl_fail_attribute(request, BFD_A_KEY_CHAIN, -ENOENT,
					   "there is no key chain \"%s\"", chain);
	if (!keys_next(handlers->keys, chain, &cursor, &key))
		return 0;
	dump->cursor = (uint64_t)cursor.chain << 32 | cursor.id;
	err = put_key(message, &key);
	return err ? err : 1;
}

uint64_t key_generation(void *context)
{
	const struct handlers *handlers = context;

	return keys_generation(handlers->keys);
}

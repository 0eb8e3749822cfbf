/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys and authentication through the netlink server with the family's real tables, its
 * handlers and user/keys.c, against a map and a session set in memory: what keys may be, what
 * comes back and what never does, the keys of sessions, and times when the clocks differ
 * otherwise than before.
 */
#define _GNU_SOURCE /* unshare, memmem */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/attr.h>

#include "selftests/unit/tap.h"

#include "server_fixture.h"
#include "server_requests.h"

#define SECRET "top-secret-bytes"
#define US_PER_S UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define FUTURE_US (UINT64_C(4102444800) * US_PER_S) /* 2100-01-01 */

/* Where the attributes of a request begin that new_key() makes for a chain named "core". */
#define AT_CHAIN 20
#define AT_ID 32
#define AT_TYPE 40
#define AT_SECRET 48

/* All that came for one request, as bytes. */
struct bytes {
	uint32_t data[8192 / sizeof(uint32_t)];
	size_t length;
};

static struct nl_msg *new_key(struct fixture *fixture, const char *chain, uint32_t id,
			      uint32_t type, int length)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_KEY_NEW, NLM_F_ACK);

	nla_put_string(message, BFD_A_KEY_CHAIN, chain);
	nla_put_u32(message, BFD_A_KEY_ID, id);
	nla_put_u32(message, BFD_A_KEY_TYPE, type);
	nla_put(message, BFD_A_KEY_SECRET, length, SECRET SECRET);
	return message;
}

static struct answer add_key(struct fixture *fixture, const char *chain, uint32_t id, uint32_t type,
			     int length)
{
	return transact(fixture, new_key(fixture, chain, id, type, length));
}

/* A request on a key, or with id -1 on a chain. */
static struct nl_msg *on_key(struct fixture *fixture, uint8_t command, const char *chain, int id)
{
	struct nl_msg *message = request_new(fixture, command, NLM_F_ACK);

	nla_put_string(message, BFD_A_KEY_CHAIN, chain);
	if (id >= 0)
		nla_put_u32(message, BFD_A_KEY_ID, (uint32_t)id);
	return message;
}

static struct answer del_key(struct fixture *fixture, const char *chain, int id)
{
	return transact(fixture, on_key(fixture, BFD_CMD_KEY_DEL, chain, id));
}

static void exchange(struct fixture *fixture, struct nl_msg *message, struct bytes *bytes)
{
	ssize_t length;

	client_send(fixture->client, nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);
	nlmsg_free(message);
	fixture_serve(fixture);
	bytes->length = 0;
	while ((length = recv(fixture->client, (char *)bytes->data + bytes->length,
			      sizeof(bytes->data) - bytes->length, MSG_DONTWAIT)) > 0)
		bytes->length += NLMSG_ALIGN((size_t)length);
}

static bool has_secret(const struct bytes *bytes)
{
	return memmem(bytes->data, bytes->length, SECRET, 8) != NULL;
}

/* An attribute of the first message; NULL: there is none. */
static struct nlattr *attribute_of(struct bytes *bytes, int type)
{
	return nlmsg_find_attr((struct nlmsghdr *)bytes->data, GENL_HDRLEN, type);
}

/* -1: it isn't there. */
static int64_t u32_of(struct bytes *bytes, int type)
{
	const struct nlattr *attribute = attribute_of(bytes, type);

	return attribute ? (int64_t)nla_get_u32(attribute) : -1;
}

static uint64_t u64_of(struct bytes *bytes, int type)
{
	const struct nlattr *attribute = attribute_of(bytes, type);

	return attribute ? nla_get_u64(attribute) : 0;
}

static bool string_is(struct bytes *bytes, int type, const char *text)
{
	struct nlattr *attribute = attribute_of(bytes, type);

	return attribute && !strcmp(nla_get_string(attribute), text);
}

static void get_key(struct fixture *fixture, const char *chain, int id, struct bytes *bytes)
{
	exchange(fixture, on_key(fixture, BFD_CMD_KEY_GET, chain, id), bytes);
}

static void get_session(struct fixture *fixture, uint32_t discr, struct bytes *bytes)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_GET, 0);

	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, discr);
	exchange(fixture, message, bytes);
}

/* ---- keys ---- */

/* AUTH-01: every type of the RFC; AUTH-02: and how long its keys may be. */
static void test_types(struct fixture *fixture)
{
	char text[80];

	for (uint32_t type = 1; type <= 5; type++) {
		const char *name = bfd_authentication_type_enum.names[type];
		uint32_t longest = type < BFD_AUTH_SHA1 ? 16 : 20;
		struct answer answer = add_key(fixture, "core", type, type, 1);

		tap_check(answer.messages == 1 && answer.command == BFD_CMD_KEY_NEW &&
				  !answer.error,
			  "AUTH-01: a %s key of 1 byte", name);
		answer = add_key(fixture, "core", 100 + type, type, (int)longest);
		tap_check(!answer.error, "AUTH-02: a %s key of %u bytes", name, longest);
		if (longest == 20)
			continue;
		snprintf(text, sizeof(text), "a key of type %s has 1 to 16 bytes, not 17", name);
		expect_error("AUTH-02: one byte more", add_key(fixture, "core", 9, type, 17),
			     -ERANGE, text, AT_SECRET);
	}
	expect_error("AUTH-02: 21 bytes", add_key(fixture, "core", 9, BFD_AUTH_SHA1, 21), -ERANGE,
		     "secret has 21 bytes, which is outside 1..20", AT_SECRET);
	expect_error("AUTH-02: none", add_key(fixture, "core", 9, BFD_AUTH_SHA1, 0), -ERANGE,
		     "secret has 0 bytes, which is outside 1..20", AT_SECRET);
	expect_error("type none", add_key(fixture, "core", 9, BFD_AUTH_NONE, 1), -EINVAL,
		     "a key is of some type of authentication, not of none", AT_TYPE);
	expect_error("type 6", add_key(fixture, "core", 9, 6, 1), -ERANGE, "type 6 is outside 0..5",
		     AT_TYPE);
	expect_error("id 256", add_key(fixture, "core", 256, 4, 1), -ERANGE,
		     "id 256 is outside 0..255", AT_ID);
	expect_error("the same id", add_key(fixture, "core", 5, BFD_AUTH_MD5, 1), -EEXIST,
		     "key chain \"core\" has a key 5", AT_ID);
}

static void test_names(struct fixture *fixture)
{
	struct nl_msg *message;
	struct answer answer;

	answer = add_key(fixture, "123456789012345678901234567890a", 0, 1, 4);
	tap_check(!answer.error, "a name of 31 bytes");
	expect_error("one more", add_key(fixture, "123456789012345678901234567890ab", 0, 1, 4),
		     -ERANGE, "chain has 32 bytes, which is outside 1..31", AT_CHAIN);
	expect_error("no name", add_key(fixture, "", 0, 1, 4), -ERANGE,
		     "chain has 0 bytes, which is outside 1..31", AT_CHAIN);
	expect_error("a control character", add_key(fixture, "a\nb", 0, 1, 4), -EINVAL,
		     "chain contains a control character", AT_CHAIN);
	message = request_new(fixture, BFD_CMD_KEY_NEW, NLM_F_ACK);
	answer = transact(fixture, message);
	tap_check(answer.missing == BFD_A_KEY_CHAIN && answer.error == -EINVAL, "no chain");
	answer = transact(fixture, on_key(fixture, BFD_CMD_KEY_NEW, "core", 9));
	tap_check(answer.missing == BFD_A_KEY_TYPE && answer.error == -EINVAL, "no type");
	message = on_key(fixture, BFD_CMD_KEY_NEW, "core", 9);
	nla_put_u32(message, BFD_A_KEY_TYPE, 1);
	answer = transact(fixture, message);
	tap_check(answer.missing == BFD_A_KEY_SECRET && answer.error == -EINVAL, "no secret");
}

static struct answer replace_key(struct fixture *fixture, uint32_t id, uint32_t type, int length,
				 uint16_t flags)
{
	struct nl_msg *message = new_key(fixture, "replaced", id, type, length);

	nlmsg_hdr(message)->nlmsg_flags |= NLM_F_REPLACE | flags;
	return transact(fixture, message);
}

/* As a file says it that is applied again and again. */
static void test_replace(struct fixture *fixture)
{
	const struct bfd_key *key;
	struct answer answer;

	expect_error("replace: there is none", replace_key(fixture, 1, 4, 20, 0), -ENOENT,
		     "there is no key chain \"replaced\"", AT_CHAIN);
	answer = replace_key(fixture, 1, BFD_AUTH_SHA1, 20, NLM_F_CREATE);
	tap_check(!answer.error && fake_keys_chain("replaced"), "create or replace: creates");
	key = &fake_keys_chain("replaced")->keys[0];
	fake_keys_writes = 0;
	answer = replace_key(fixture, 1, BFD_AUTH_SHA1, 20, NLM_F_CREATE);
	tap_check(!answer.error && fake_keys_writes == 0, "the same again: nothing is written");
	answer = replace_key(fixture, 1, BFD_AUTH_SHA1, 19, NLM_F_CREATE);
	tap_check(!answer.error && fake_keys_writes == 1 && key->length == 19 &&
			  !memcmp(key->secret, SECRET, 16) && !key->secret[19],
		  "another secret takes its place");
	answer = replace_key(fixture, 1, BFD_AUTH_MD5, 16, 0);
	tap_check(!answer.error && key->type == BFD_AUTH_MD5 && key->length == 16, "another type");
	expect_error("replace: too long", replace_key(fixture, 1, BFD_AUTH_MD5, 17, 0), -ERANGE,
		     "a key of type md5 has 1 to 16 bytes, not 17", AT_SECRET + 4);
	tap_check(key->length == 16, "and the key is what it was");
	tap_check(!del_key(fixture, "replaced", -1).error, "deleted");
}

static void test_room(struct fixture *fixture)
{
	struct answer answer;
	char name[32];
	int id = 0, i, failed = 0;

	for (i = 0; i < 16; i++)
		failed += add_key(fixture, "full", (uint32_t)(200 + i), 4, 20).error != 0;
	tap_equal(failed, 0, "16 keys in a chain");
	expect_error("17 keys", add_key(fixture, "full", 1, 4, 20), -ENOSPC,
		     "key chain \"full\" has 16 keys, and no room for another", AT_CHAIN);
	answer = simple(fixture, BFD_CMD_KEY_GET, NLM_F_DUMP);
	for (i = 3; i < BFD_MAX_KEY_CHAINS && !failed; i++) {
		snprintf(name, sizeof(name), "chain-%d", i);
		failed += add_key(fixture, name, 1, 4, 20).error != 0;
	}
	tap_equal(failed, 0, "1024 chains");
	expect_error("1025 chains", add_key(fixture, "core-", 1, 4, 20), -ENOSPC,
		     "there are 1024 key chains, and no room for another", AT_CHAIN);
	for (i = 3; i < BFD_MAX_KEY_CHAINS && !failed; i++) {
		snprintf(name, sizeof(name), "chain-%d", i);
		failed += del_key(fixture, name, i % 2 ? 1 : -1).error != 0;
	}
	tap_equal(failed, 0, "all of them deleted, by chain or by their last key");
	for (id = 200; id < 216; id++)
		failed += del_key(fixture, "full", id).error != 0;
	tap_check(!failed && !fake_keys_chain("full"), "a chain ends with its last key");
	tap_check(answer.done && !answer.interrupted && answer.messages == 10 + 1 + 16,
		  "a dump of all keys");
}

static void test_show(struct fixture *fixture)
{
	struct answer answer;
	struct bytes bytes;
	struct nl_msg *message;

	message = new_key(fixture, "show", 7, BFD_AUTH_METICULOUS_SHA1, 16);
	nla_put_u64(message, BFD_A_KEY_SEND_FROM, 1000 * US_PER_S + 7);
	nla_put_u64(message, BFD_A_KEY_ACCEPT_UNTIL, FUTURE_US + 1);
	exchange(fixture, message, &bytes);
	tap_check(string_is(&bytes, BFD_A_KEY_CHAIN, "show") && u32_of(&bytes, BFD_A_KEY_ID) == 7 &&
			  u32_of(&bytes, BFD_A_KEY_TYPE) == BFD_AUTH_METICULOUS_SHA1 &&
			  u32_of(&bytes, BFD_A_KEY_LENGTH) == 16,
		  "what was added comes back");
	tap_check(u64_of(&bytes, BFD_A_KEY_SEND_FROM) == 1000 * US_PER_S + 7 &&
			  !attribute_of(&bytes, BFD_A_KEY_ACCEPT_FROM) &&
			  u64_of(&bytes, BFD_A_KEY_ACCEPT_UNTIL) == FUTURE_US + 1,
		  "with its times, to the microsecond");
	tap_check(u32_of(&bytes, BFD_A_KEY_SENDING) == 1 && u32_of(&bytes, BFD_A_KEY_ACCEPTED) == 1,
		  "it sends and is accepted");
	tap_check(!attribute_of(&bytes, BFD_A_KEY_SECRET) && !has_secret(&bytes),
		  "but never the secret");
	tap_check(fake_keys_chain("show") &&
			  !memcmp(fake_keys_chain("show")->keys[0].secret, SECRET "\0\0\0\0", 20),
		  "which the data plane has, and zeros behind it");
	get_key(fixture, "show", 7, &bytes);
	tap_check(u32_of(&bytes, BFD_A_KEY_ID) == 7 && !has_secret(&bytes), "key-get");
	exchange(fixture, new_key(fixture, "show", 7, 4, 16), &bytes);
	tap_check(bytes.length > 0 && !has_secret(&bytes), "nor in an error");
	exchange(fixture, new_key(fixture, "show", 8, 2, 20), &bytes);
	tap_check(bytes.length > 0 && !has_secret(&bytes), "nor in one on the secret");
	message = new_key(fixture, "show", 300, 4, 16);
	exchange(fixture, message, &bytes);
	tap_check(bytes.length > 0 && !has_secret(&bytes), "nor in one of the validation");
	message = on_key(fixture, BFD_CMD_KEY_SET, "show", 7);
	nla_put(message, BFD_A_KEY_SECRET, 16, SECRET);
	exchange(fixture, message, &bytes);
	tap_check(bytes.length > 0 && !has_secret(&bytes), "nor where none belongs");
	expect_error("there is no such key",
		     transact(fixture, on_key(fixture, BFD_CMD_KEY_GET, "show", 6)), -ENOENT,
		     "key chain \"show\" has no key 6", 32);
	message = on_key(fixture, BFD_CMD_KEY_GET, "none", -1);
	nlmsg_hdr(message)->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	answer = transact(fixture, message);
	tap_check(answer.done && answer.error == -ENOENT && !answer.messages &&
			  !strcmp(answer.text, "there is no key chain \"none\""),
		  "there is no such chain");
	message = on_key(fixture, BFD_CMD_KEY_GET, "show", -1);
	nlmsg_hdr(message)->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	tap_equal(transact(fixture, message).messages, 1, "dump of one chain");
	del_key(fixture, "show", -1);
}

/* AUTH-19: the one that began last sends, and each in its time is accepted. */
static void test_times(struct fixture *fixture)
{
	struct nl_msg *message;
	struct answer answer;
	struct bytes bytes;

	add_key(fixture, "roll", 1, 4, 16);
	message = new_key(fixture, "roll", 2, 4, 16);
	nla_put_u64(message, BFD_A_KEY_SEND_FROM, FUTURE_US);
	nla_put_u64(message, BFD_A_KEY_ACCEPT_FROM, FUTURE_US);
	transact(fixture, message);
	add_key(fixture, "roll", 3, 5, 16);
	get_key(fixture, "roll", 2, &bytes);
	tap_check(!u32_of(&bytes, BFD_A_KEY_SENDING) && !u32_of(&bytes, BFD_A_KEY_ACCEPTED),
		  "a key of the future");
	get_key(fixture, "roll", 1, &bytes);
	tap_check(u32_of(&bytes, BFD_A_KEY_SENDING) == 1, "the one before it sends");
	get_key(fixture, "roll", 3, &bytes);
	tap_check(u32_of(&bytes, BFD_A_KEY_SENDING) == 1, "and for its own type another");

	message = on_key(fixture, BFD_CMD_KEY_SET, "roll", 2);
	nla_put_u64(message, BFD_A_KEY_SEND_FROM, 1);
	exchange(fixture, message, &bytes);
	tap_check(u32_of(&bytes, BFD_A_KEY_SENDING) == 1 && !u32_of(&bytes, BFD_A_KEY_ACCEPTED) &&
			  u64_of(&bytes, BFD_A_KEY_ACCEPT_FROM) == FUTURE_US,
		  "key-set: what isn't said stays");
	get_key(fixture, "roll", 1, &bytes);
	tap_check(!u32_of(&bytes, BFD_A_KEY_SENDING) && u32_of(&bytes, BFD_A_KEY_ACCEPTED) == 1,
		  "the one that began last sends");
	message = on_key(fixture, BFD_CMD_KEY_SET, "roll", 2);
	nla_put_u64(message, BFD_A_KEY_ACCEPT_FROM, 0);
	exchange(fixture, message, &bytes);
	tap_check(!attribute_of(&bytes, BFD_A_KEY_ACCEPT_FROM) &&
			  u32_of(&bytes, BFD_A_KEY_ACCEPTED) == 1,
		  "0 removes a time");
	message = on_key(fixture, BFD_CMD_KEY_SET, "roll", 1);
	nla_put_u64(message, BFD_A_KEY_ACCEPT_UNTIL, 2 * US_PER_S);
	exchange(fixture, message, &bytes);
	tap_check(!u32_of(&bytes, BFD_A_KEY_ACCEPTED), "after accept-until");
	message = on_key(fixture, BFD_CMD_KEY_SET, "roll", 1);
	nla_put_u64(message, BFD_A_KEY_ACCEPT_FROM, 2 * US_PER_S);
	answer = transact(fixture, message);
	expect_error("never accepted", answer, -EINVAL,
		     "key 1 of \"roll\" would never be accepted: accept-until isn't after "
		     "accept-from",
		     0);
	message = new_key(fixture, "roll", 4, 4, 16);
	nla_put_u64(message, BFD_A_KEY_ACCEPT_FROM, 5);
	nla_put_u64(message, BFD_A_KEY_ACCEPT_UNTIL, 5);
	answer = transact(fixture, message);
	tap_check(answer.error == -EINVAL && answer.offset == 80, "nor so when it is added");
	message = on_key(fixture, BFD_CMD_KEY_SET, "roll", 1);
	nla_put_u64(message, BFD_A_KEY_SEND_FROM, 9000000000000001);
	tap_equal(-transact(fixture, message).error, ERANGE, "beyond all times");
	expect_error("no time at all",
		     transact(fixture, on_key(fixture, BFD_CMD_KEY_SET, "roll", 1)), -EINVAL,
		     "which time of the key? send-from, accept-from or accept-until", 0);
	message = on_key(fixture, BFD_CMD_KEY_SET, "roll", 9);
	nla_put_u64(message, BFD_A_KEY_SEND_FROM, 1);
	expect_error("of no key", transact(fixture, message), -ENOENT,
		     "key chain \"roll\" has no key 9", 32);
	del_key(fixture, "roll", -1);
}

/* The difference of TAI and UTC: the operator's times are as they were, also for another agent. */
static void test_clocks(struct fixture *fixture)
{
	struct bfd_key_chain *chain;
	struct key_error error = {};
	struct keys *keys;
	struct nl_msg *message;
	struct key key;
	int64_t offset_s;

	message = new_key(fixture, "tai", 1, 4, 16);
	nla_put_u64(message, BFD_A_KEY_SEND_FROM, 1000 * US_PER_S);
	nla_put_u64(message, BFD_A_KEY_ACCEPT_UNTIL, FUTURE_US);
	transact(fixture, message);
	chain = fake_keys_chain("tai");
	offset_s = chain->tai_offset_s;
	tap_equal(chain->keys[0].send_from_ns, (1000 + (uint64_t)offset_s) * NS_PER_S,
		  "the data plane's times are TAI");
	tap_equal(chain->keys[0].accept_from_ns, 0, "none stays none");
	/* As if they had been written before this machine knew of 37 leap seconds. */
	chain->tai_offset_s -= 37;
	chain->keys[0].send_from_ns -= 37 * NS_PER_S;
	chain->keys[0].accept_until_ns -= 37 * NS_PER_S;
	tap_equal(-keys_open(NULL, &keys), 0, "another agent");
	tap_check(!keys_get(keys, "tai", 1, &key, &error) &&
			  key.times.send_from_us == 1000 * US_PER_S &&
			  key.times.accept_until_us == FUTURE_US && !key.times.accept_from_us,
		  "the operator's times are as they were");
	tap_check(chain->tai_offset_s == offset_s &&
			  chain->keys[0].send_from_ns == (1000 + (uint64_t)offset_s) * NS_PER_S &&
			  !chain->keys[0].accept_from_ns &&
			  !memcmp(chain->keys[0].secret, SECRET, 16),
		  "and those of the data plane have moved");
	keys_close(keys);
	del_key(fixture, "tai", -1);
}

static void test_keys(void)
{
	struct fixture fixture;

	fixture_open(&fixture);
	test_types(&fixture);
	test_names(&fixture);
	test_replace(&fixture);
	test_room(&fixture);
	test_show(&fixture);
	test_times(&fixture);
	test_clocks(&fixture);
	fixture_close(&fixture);
}

/* ---- sessions ---- */

/* A request that makes or changes the session with 192.0.2.2. */
static struct nl_msg *with_auth(struct fixture *fixture, unsigned int flags, int type,
				const char *chain)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_NEW, NLM_F_ACK | flags);

	put_remote(message, "192.0.2.2");
	if (type >= 0)
		nla_put_u32(message, BFD_A_SESSION_AUTH_TYPE, (uint32_t)type);
	if (chain)
		nla_put_string(message, BFD_A_SESSION_AUTH_KEY_CHAIN, chain);
	return message;
}

static struct answer add_with(struct fixture *fixture, int type, const char *chain)
{
	return transact(fixture, with_auth(fixture, NLM_F_CREATE | NLM_F_EXCL, type, chain));
}

static void test_session_errors(struct fixture *fixture)
{
	struct nl_msg *message;
	struct answer answer;

	expect_error("no such chain", add_with(fixture, 4, "none"), -ENOENT,
		     "there is no key chain \"none\"", 36);
	expect_error("a chain without a key of the type", add_with(fixture, 2, "core"), -ENOENT,
		     "key chain \"core\" has no key of type md5", 36);
	answer = add_with(fixture, 4, NULL);
	tap_check(answer.error == -EINVAL && answer.missing == BFD_A_SESSION_AUTH_KEY_CHAIN,
		  "a type without a chain");
	answer = add_with(fixture, -1, "core");
	tap_check(answer.error == -EINVAL && answer.missing == BFD_A_SESSION_AUTH_TYPE,
		  "a chain without a type");
	expect_error("none with a chain", add_with(fixture, 0, "core"), -EINVAL,
		     "without authentication there are no keys", 36);
	expect_error("type 6", add_with(fixture, 6, "core"), -ERANGE, "auth-type 6 is outside 0..5",
		     28);
	message = with_auth(fixture, NLM_F_CREATE, 3, "core");
	nla_put_u32(message, BFD_A_SESSION_AUTH_VARIANT, BFD_DIGEST_VARIANT_HMAC);
	expect_error("hmac of another type", transact(fixture, message), -EINVAL,
		     "the variant hmac is of sha1 and meticulous-sha1, not meticulous-md5", 48);
	message = with_auth(fixture, NLM_F_CREATE, -1, NULL);
	nla_put_u32(message, BFD_A_SESSION_AUTH_OPTIONAL, 1);
	answer = transact(fixture, message);
	tap_check(answer.missing == BFD_A_SESSION_AUTH_TYPE, "optional alone");
	message = with_auth(fixture, NLM_F_CREATE, 4, "core");
	nla_put_u32(message, BFD_A_SESSION_AUTH_OPTIONAL, 2);
	expect_error("optional that is no switch", transact(fixture, message), -ERANGE,
		     "auth-optional 2 is outside 0..1", 48);
	message = with_auth(fixture, NLM_F_CREATE, 4, "core");
	nla_put_u32(message, BFD_A_SESSION_AUTH_KEY_ID, 2);
	expect_error("a key id is no request", transact(fixture, message), -EINVAL,
		     "session-new doesn't take the attribute auth-key-id", 48);
	tap_equal(sessions_count(fixture->sessions), 0, "what is refused makes no session");
}

static struct answer set_auth(struct fixture *fixture, uint32_t type, const char *chain,
			      bool optional)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_SET, NLM_F_ACK);

	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 1001);
	nla_put_u32(message, BFD_A_SESSION_AUTH_TYPE, type);
	if (chain)
		nla_put_string(message, BFD_A_SESSION_AUTH_KEY_CHAIN, chain);
	nla_put_u32(message, BFD_A_SESSION_AUTH_OPTIONAL, optional);
	return transact(fixture, message);
}

static void test_use(struct fixture *fixture)
{
	struct nl_msg *message;
	struct answer answer;
	struct bytes bytes;

	answer = add_with(fixture, BFD_AUTH_SHA1, "core");
	tap_check(!answer.error && answer.discr == 1001 && !answer.text[0], "a session with sha1");
	get_session(fixture, 1001, &bytes);
	tap_check(u32_of(&bytes, BFD_A_SESSION_AUTH_TYPE) == BFD_AUTH_SHA1 &&
			  string_is(&bytes, BFD_A_SESSION_AUTH_KEY_CHAIN, "core") &&
			  u32_of(&bytes, BFD_A_SESSION_AUTH_KEY_ID) == 1 &&
			  u32_of(&bytes, BFD_A_SESSION_AUTH_VARIANT) == BFD_DIGEST_VARIANT_RFC &&
			  u32_of(&bytes, BFD_A_SESSION_AUTH_AWAITED_TYPE) == -1,
		  "shows type, chain, variant and the key that sends");
	expect_error("the chain can't be deleted", del_key(fixture, "core", -1), -EBUSY,
		     "session 1001 uses key chain \"core\"", 20);
	answer = del_key(fixture, "core", 1);
	tap_check(!answer.error, "one of two keys of its type can");
	expect_error("the last can't", del_key(fixture, "core", 2), -EBUSY,
		     "session 1001 uses key chain \"core\", and key 2 is its last one of type sha1",
		     32);
	answer = del_key(fixture, "core", 3);
	tap_check(!answer.error, "one of another type can");
	tap_check(fake_keys_chain("core") && fake_keys_chain("core")->keys[1].length == 16 &&
			  !fake_keys_chain("core")->keys[0].length,
		  "what was refused changed nothing");

	message = on_key(fixture, BFD_CMD_KEY_SET, "core", 2);
	nla_put_u64(message, BFD_A_KEY_SEND_FROM, FUTURE_US);
	answer = transact(fixture, message);
	tap_check(!answer.error &&
			  !strcmp(answer.text, "no key of type sha1 of key chain \"core\" may send "
					       "now: session 1001 is silent"),
		  "a change that leaves no key to send is warned of");
	add_key(fixture, "core", 4, BFD_AUTH_SHA1, 4);
	answer = del_key(fixture, "core", 4);
	tap_check(!answer.error && answer.text[0], "and so is a deletion");
	get_session(fixture, 1001, &bytes);
	tap_check(u32_of(&bytes, BFD_A_SESSION_AUTH_TYPE) == BFD_AUTH_SHA1 &&
			  u32_of(&bytes, BFD_A_SESSION_AUTH_KEY_ID) == -1,
		  "without a key that may send there is no key id");
	answer = transact(fixture, with_auth(fixture, NLM_F_REPLACE, BFD_AUTH_SHA1, "core"));
	tap_check(!answer.error &&
			  !strcmp(answer.text, "no key of type sha1 of key chain \"core\" may send "
					       "yet: nothing is sent"),
		  "and a warning");
}

/* RFC 5880 6.7.1: not before the peer does. */
static void test_optional(struct fixture *fixture)
{
	struct answer answer;
	struct bytes bytes;

	answer = set_auth(fixture, BFD_AUTH_METICULOUS_MD5, "next", true);
	tap_check(!answer.error && answer.discr == 1001, "another form, once the peer has it");
	get_session(fixture, 1001, &bytes);
	tap_check(u32_of(&bytes, BFD_A_SESSION_AUTH_TYPE) == BFD_AUTH_SHA1 &&
			  string_is(&bytes, BFD_A_SESSION_AUTH_KEY_CHAIN, "core") &&
			  u32_of(&bytes, BFD_A_SESSION_AUTH_AWAITED_TYPE) ==
				  BFD_AUTH_METICULOUS_MD5 &&
			  string_is(&bytes, BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN, "next"),
		  "is awaited beside the old one");
	answer = set_auth(fixture, BFD_AUTH_NONE, NULL, true);
	get_session(fixture, 1001, &bytes);
	tap_check(!answer.error && u32_of(&bytes, BFD_A_SESSION_AUTH_AWAITED_TYPE) == 0 &&
			  !attribute_of(&bytes, BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN),
		  "so is none");
	answer = set_auth(fixture, BFD_AUTH_NONE, NULL, false);
	get_session(fixture, 1001, &bytes);
	tap_check(!answer.error && !attribute_of(&bytes, BFD_A_SESSION_AUTH_TYPE) &&
			  !attribute_of(&bytes, BFD_A_SESSION_AUTH_AWAITED_TYPE),
		  "none at once: then nothing is told of it");
	answer = set_auth(fixture, BFD_AUTH_METICULOUS_MD5, "next", true);
	get_session(fixture, 1001, &bytes);
	tap_check(u32_of(&bytes, BFD_A_SESSION_AUTH_TYPE) == 0 &&
			  u32_of(&bytes, BFD_A_SESSION_AUTH_AWAITED_TYPE) ==
				  BFD_AUTH_METICULOUS_MD5,
		  "from none");
	/* What isn't said of it changes nothing, and a replace without it means none. */
	answer = transact(fixture, with_auth(fixture, NLM_F_REPLACE, -1, NULL));
	get_session(fixture, 1001, &bytes);
	tap_check(!answer.error && u32_of(&bytes, BFD_A_SESSION_AUTH_AWAITED_TYPE) ==
					   BFD_AUTH_METICULOUS_MD5,
		  "a change of something else");
	answer = transact(fixture, with_auth(fixture, NLM_F_REPLACE | NLM_F_CREATE, -1, NULL));
	get_session(fixture, 1001, &bytes);
	tap_check(!answer.error && !attribute_of(&bytes, BFD_A_SESSION_AUTH_TYPE), "a replace");
	tap_check(!del_key(fixture, "core", -1).error, "then its chain can be deleted");
}

static void test_notification(struct fixture *fixture)
{
	int listener = client_open(NULL);
	struct bytes bytes = {};
	struct nl_msg *message;

	join(listener, BFD_GROUP_CONFIG);
	message = request_new(fixture, BFD_CMD_SESSION_SET, NLM_F_ACK);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 1001);
	nla_put_u32(message, BFD_A_SESSION_AUTH_TYPE, BFD_AUTH_METICULOUS_SHA1);
	nla_put_string(message, BFD_A_SESSION_AUTH_KEY_CHAIN, "next");
	nla_put_u32(message, BFD_A_SESSION_AUTH_VARIANT, BFD_DIGEST_VARIANT_HMAC);
	transact(fixture, message);
	bytes.length = (size_t)recv(listener, bytes.data, sizeof(bytes.data), MSG_DONTWAIT);
	tap_check((ssize_t)bytes.length > 0 &&
			  string_is(&bytes, BFD_A_SESSION_AUTH_KEY_CHAIN, "next") &&
			  u32_of(&bytes, BFD_A_SESSION_AUTH_VARIANT) == BFD_DIGEST_VARIANT_HMAC &&
			  !has_secret(&bytes),
		  "a notification tells of it, and not the secret");
	close(listener);
}

static void test_sessions(void)
{
	struct fixture fixture;

	fixture_open(&fixture);
	add_key(&fixture, "core", 1, BFD_AUTH_SHA1, 16);
	add_key(&fixture, "core", 2, BFD_AUTH_SHA1, 16);
	add_key(&fixture, "core", 3, BFD_AUTH_METICULOUS_MD5, 16);
	add_key(&fixture, "next", 1, BFD_AUTH_METICULOUS_MD5, 16);
	add_key(&fixture, "next", 2, BFD_AUTH_METICULOUS_SHA1, 20);
	test_session_errors(&fixture);
	test_use(&fixture);
	test_optional(&fixture);
	test_notification(&fixture);
	fixture_close(&fixture);
}

int main(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET)) {
		printf("1..0 # SKIP needs root\n");
		return 4;
	}
	test_keys();
	test_sessions();
	return tap_finish();
}

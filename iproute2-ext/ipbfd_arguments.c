// SPDX-License-Identifier: GPL-2.0
/*
 * What a command line says: the table of words, the forms of their values, and the
 * attributes that come of them.  It must not send, and it judges no values that
 * the agent can judge better; here only what can't be put into a message is refused,
 * or what the agent could only call by another name than the one that was typed.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "utils.h"
#include "ip_common.h"
#include "ipbfd.h"

/* The command line, from the word that is looked at. */
struct cursor {
	int argc;
	char **argv;
};

/* A word of the command line.  What is beyond name, commands and take is for take. */
struct word {
	const char *name;
	unsigned int commands; /* enum bfd_words */
	void (*take)(const struct word *word, struct cursor *at, struct bfd_arguments *args);
	int session;  /* attribute that gets the value */
	int listener; /* the same of a listener */
	uint32_t low;
	uint32_t high;
	uint32_t on;  /* the value of "on" or of the word alone; 0: it needs a value */
	bool off;     /* "off" is 0 */
	bool on_word; /* "on" may be said */
	bool alone;   /* the word may stand alone */
};

static const char *next(struct cursor *at)
{
	at->argv++;
	if (--at->argc <= 0)
		incomplete_command();
	return *at->argv;
}

/* The word after this one, or NULL. */
static const char *peek(const struct cursor *at)
{
	return at->argc > 1 ? at->argv[1] : NULL;
}

static void give(const struct word *word, struct bfd_arguments *args, uint32_t value)
{
	args->given[word->session] = true;
	args->values[word->session] = value;
}

/* What a value must be, as the end of an error's line. */
static void __attribute__((noreturn))
refuse(const struct word *word, const char *arg, const char *must)
{
	char message[160];

	snprintf(message, sizeof(message), "\"%s\" %s", word->name, must);
	invarg(message, arg);
}

static void refuse_twice(const struct word *word, const struct bfd_arguments *args,
			 const char *value)
{
	if (args->given[word->session])
		duparg(word->name, value);
}

/* An amount of some unit that is so many us; false: there is no such unit. */
static bool unit_us(const char *unit, uint32_t *us)
{
	static const struct {
		const char *unit;
		uint32_t us;
	} units[] = {{"s", 1000000}, {"ms", 1000}, {"us", 1}};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(unit, units[i].unit))
			continue;
		*us = units[i].us;
		return true;
	}
	return false;
}

/* Nothing or a word, as opposed to the rest of a number that is none. */
static bool could_be_unit(const char *text)
{
	while (isalpha((unsigned char)*text))
		text++;
	return !*text;
}

static const char *time_form(const struct word *word)
{
	if (word->off && word->on_word)
		return "must be a time such as 300ms, \"on\" or \"off\"";
	return word->off ? "must be a time such as 300ms, or \"off\""
			 : "must be a time such as 300ms";
}

enum bfd_time_form bfd_read_time(const char *arg, uint64_t *time_us)
{
	uint64_t value = 0;
	uint32_t scale;
	const char *c = arg;
	const char *fraction;
	const char *unit;

	/* What is far beyond any maximum needn't be exact, and must not overflow. */
	for (; isdigit((unsigned char)*c); c++)
		if (value < UINT64_C(10000000000))
			value = value * 10 + (*c - '0');
	fraction = *c == '.' ? c + 1 : c;
	unit = fraction + (*c == '.' ? strspn(fraction, "0123456789") : 0);
	if ((unit == fraction && (c == arg || *c == '.')) || !could_be_unit(unit))
		return BFD_TIME_NONE;
	if (!unit_us(unit, &scale))
		return BFD_TIME_NO_UNIT;
	for (value *= scale; fraction < unit; fraction++) {
		scale /= 10;
		value += (uint64_t)(*fraction - '0') * scale;
		if (!scale && *fraction != '0')
			return BFD_TIME_TOO_FINE;
	}
	*time_us = value;
	return BFD_TIME_GOOD;
}

static uint32_t parse_time(const struct word *word, const char *arg)
{
	uint64_t value = 0;
	char range[64];

	switch (bfd_read_time(arg, &value)) {
	case BFD_TIME_GOOD:
		break;
	case BFD_TIME_NONE:
		refuse(word, arg, time_form(word));
	case BFD_TIME_NO_UNIT:
		refuse(word, arg, "needs a unit: s, ms or us");
	case BFD_TIME_TOO_FINE:
		refuse(word, arg, "must be whole microseconds");
	}
	snprintf(range, sizeof(range), "must be from %uus to %uus%s", word->low, word->high,
		 word->off ? ", or \"off\"" : "");
	if (value < word->low || value > word->high)
		refuse(word, arg, range);
	return value;
}

/* Does this look like a value, so that a word that may stand alone doesn't? */
static bool is_value(const struct word *word, const char *arg)
{
	if (!arg)
		return false;
	if ((word->off && !strcmp(arg, "off")) || (word->on_word && !strcmp(arg, "on")))
		return true;
	return strchr("0123456789.-+", *arg) != NULL;
}

static void take_time(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char *arg = *at->argv;
	uint32_t value = word->on;

	if (!word->alone || is_value(word, peek(at))) {
		arg = next(at);
		if (word->off && !strcmp(arg, "off"))
			value = 0;
		else if (!word->on_word || strcmp(arg, "on"))
			value = parse_time(word, arg);
	}
	refuse_twice(word, args, arg);
	give(word, args, value);
}

static void take_number(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char *arg = next(at);
	char range[64];
	uint32_t value;

	refuse_twice(word, args, arg);
	snprintf(range, sizeof(range), "must be from %u to %u", word->low, word->high);
	if (get_u32(&value, arg, word->session == BFD_A_SESSION_REMOTE_DISCRIMINATOR ? 0 : 10) ||
	    value < word->low || value > word->high)
		refuse(word, arg, range);
	give(word, args, value);
}

static void take_switch(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char *arg = *at->argv;
	uint32_t value = 1;

	if (!word->alone || is_value(word, peek(at))) {
		arg = next(at);
		value = !strcmp(arg, "on");
		if (!value && strcmp(arg, "off"))
			refuse(word, arg, "must be \"on\" or \"off\"");
	}
	refuse_twice(word, args, arg);
	give(word, args, value);
}

static void take_admin(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char *arg = next(at);
	bool down = !strcmp(arg, "down");

	refuse_twice(word, args, arg);
	if (!down && strcmp(arg, "up"))
		refuse(word, arg, "must be \"up\" or \"down\"");
	give(word, args, down);
}

/* By the names that `show` prints. */
static void take_diag(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const struct genl_enum_spec *names = &bfd_diagnostic_enum;
	const char *arg = next(at);
	uint32_t i;

	refuse_twice(word, args, arg);
	for (i = 0; i < names->count; i++) {
		if (strcmp(arg, names->names[i]))
			continue;
		give(word, args, names->first + i);
		return;
	}
	refuse(word, arg,
	       "must be \"none\", \"path-down\" or another diagnostic, see \"ip bfd help add\"");
}

uint32_t bfd_auth_type_by_name(const char *name)
{
	const struct genl_enum_spec *names = &bfd_authentication_type_enum;
	uint32_t i;

	for (i = 0; i < names->count; i++)
		if (!strcmp(name, names->names[i]))
			return names->first + i;
	return BFD_AUTHENTICATION_TYPE_NONE;
}

/* The words that belong to "auth", as long as they follow; false: this one doesn't. */
static bool take_auth_word(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char *name = peek(at), *arg;

	if (!name || (strcmp(name, "key") && strcmp(name, "variant") && strcmp(name, "optional")))
		return false;
	next(at);
	if (!strcmp(name, "optional")) {
		args->auth_optional = true;
		return true;
	}
	arg = next(at);
	if (!args->values[BFD_A_SESSION_AUTH_TYPE])
		refuse(word, "none", "takes neither \"key\" nor \"variant\" with it");
	if (!strcmp(name, "key")) {
		if (args->key_chain)
			duparg(name, arg);
		args->key_chain = arg;
		return true;
	}
	if (args->auth_variant)
		duparg(name, arg);
	if (strcmp(arg, "rfc") && strcmp(arg, "hmac"))
		invarg("\"variant\" must be \"rfc\" or \"hmac\"", arg);
	args->auth_variant = arg;
	return true;
}

static void take_auth(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char *arg = next(at);
	uint32_t type = bfd_auth_type_by_name(arg);
	size_t length;

	refuse_twice(word, args, arg);
	if (!type && strcmp(arg, "none"))
		refuse(word, arg, "must be \"none\", " BFD_AUTH_TYPE_WORDS);
	give(word, args, type);
	while (take_auth_word(word, at, args))
		;
	if (!type)
		return;
	if (!args->key_chain)
		missarg("key");
	length = strlen(args->key_chain);
	if (!length || length > BFD_KEY_CHAIN_NAME_MAX)
		invarg("the name of a key chain must have from 1 to 31 bytes", args->key_chain);
}

static void take_multihop(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	refuse_twice(word, args, *at->argv);
	give(word, args, BFD_PATH_TYPE_PATH_IP_MH);
}

/* As the kernel judges names: no device with another one can ever come. */
static void check_device_name(const char *name)
{
	const char *c;

	if (!*name || strlen(name) >= IFNAMSIZ)
		invarg("the name of a device must have from 1 to 15 bytes", name);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		invarg("no device can have this name", name);
	for (c = name; *c; c++)
		if (*c == '/' || *c == ':' || isspace((unsigned char)*c))
			invarg("the name of a device can't hold \"/\", \":\" or white space", name);
}

static uint32_t find_device(struct bfd_arguments *args, const char *name)
{
	uint32_t ifindex = ll_name_to_index(name);

	if (!ifindex && !args->any_device)
		exit(-nodev(name));
	if (!ifindex)
		check_device_name(name);
	if (!ifindex)
		args->absent = name;
	return ifindex;
}

static void set_dev(struct bfd_arguments *args, const char *arg)
{
	if (args->dev && strcmp(args->dev, arg))
		duparg("dev", arg);
	args->dev = arg;
	args->selector.ifindex = find_device(args, arg);
}

static void take_dev(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	(void)word;
	set_dev(args, next(at));
}

static void take_vrf(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char *arg = next(at);
	uint32_t ifindex;

	refuse_twice(word, args, arg);
	ifindex = find_device(args, arg);
	args->vrf = arg;
	give(word, args, ifindex);
}

static void __attribute__((noreturn)) refuse_address(const char *arg)
{
	fprintf(stderr, "Error: %s address is expected rather than \"%s\".\n",
		preferred_family == AF_INET    ? "inet"
		: preferred_family == AF_INET6 ? "inet6"
					       : "any valid",
		arg);
	exit(1);
}

/* ADDR; and ADDR%DEV, which says dev as well, where args may have one. */
static void parse_address(struct bfd_inet_address *address, char *arg, struct bfd_arguments *args)
{
	char *zone = args ? strchr(arg, '%') : NULL;
	int family = strchr(arg, ':') ? AF_INET6 : AF_INET;
	int done;

	if (zone)
		*zone = '\0';
	done = inet_pton(family, arg, address->bytes);
	if (zone)
		*zone = '%';
	if (done != 1 || (preferred_family && preferred_family != family))
		refuse_address(arg);
	address->family = family;
	if (zone)
		set_dev(args, zone + 1);
}

static void take_address(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	struct bfd_inet_address *addresses[] = {
		[BFD_A_SESSION_REMOTE_ADDRESS] = &args->selector.remote,
		[BFD_A_SESSION_LOCAL_ADDRESS] = &args->selector.local,
		[BFD_A_SESSION_ECHO_SOURCE_ADDRESS] = &args->echo_source,
	};
	struct bfd_inet_address *address = addresses[word->session];
	bool echo = word->session == BFD_A_SESSION_ECHO_SOURCE_ADDRESS;

	next(at);
	if (address->family)
		duparg(word->name, *at->argv);
	parse_address(address, *at->argv, echo ? NULL : args);
	if (args->selector.remote.family && args->selector.local.family &&
	    args->selector.remote.family != args->selector.local.family)
		invarg("\"remote\" and \"local\" must be of one address family", *at->argv);
	if (args->selector.remote.family && args->echo_source.family &&
	    args->selector.remote.family != args->echo_source.family)
		invarg("\"remote\" and \"echo-source\" must be of one address family", *at->argv);
}

/* Of a session or a client. */
static void take_name(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char **name = word->session == BFD_A_SESSION_NAME ? &args->selector.name
								: &args->client;
	const char *arg = next(at);
	size_t length = strlen(arg);
	char range[64];
	size_t i;

	if (*name)
		duparg(word->name, arg);
	snprintf(range, sizeof(range), "must have from 1 to %u bytes", word->high);
	if (!length || length > word->high)
		refuse(word, arg, range);
	for (i = 0; i < length; i++)
		if (iscntrl((unsigned char)arg[i]))
			refuse(word, arg, "must not hold control characters");
	*name = arg;
}

static void take_id(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	const char *arg = next(at);

	if (args->selector.local_discr)
		duparg(word->name, arg);
	if (get_u32(&args->selector.local_discr, arg, 0) || !args->selector.local_discr)
		refuse(word, arg, "must be a local discriminator, from 1 to 4294967295");
}

static void take_help(const struct word *word, struct cursor *at, struct bfd_arguments *args)
{
	(void)word;
	(void)at;
	(void)args;
	bfd_usage();
}

#define CONFIG (BFD_WORDS_NEW | BFD_WORDS_CHANGE)
#define ALL_SESSIONS (BFD_WORDS_NEW | BFD_WORDS_CHANGE | BFD_WORDS_SELECT | BFD_WORDS_DELETE)
#define SELECTING (BFD_WORDS_CHANGE | BFD_WORDS_SELECT | BFD_WORDS_DELETE)

/* An attribute of a session, and the same of a listener. */
#define BOTH(name) .session = BFD_A_SESSION_##name, .listener = BFD_A_LISTENER_##name
#define RANGE(from, to) .low = (from), .high = (to)

static const struct word words[] = {
	{"remote", ALL_SESSIONS, take_address, .session = BFD_A_SESSION_REMOTE_ADDRESS},
	{"local", ALL_SESSIONS, take_address, .session = BFD_A_SESSION_LOCAL_ADDRESS},
	{"dev", ALL_SESSIONS | BFD_WORDS_LISTEN | BFD_WORDS_LISTENER, take_dev, .session = 0},
	{"vrf", ALL_SESSIONS, take_vrf, .session = BFD_A_SESSION_VRF_IFINDEX},
	{"name", ALL_SESSIONS, take_name, .session = BFD_A_SESSION_NAME, RANGE(1, BFD_NAME_MAX)},
	{"id", SELECTING, take_id, .session = 0},
	{"multihop", ALL_SESSIONS, take_multihop, .session = BFD_A_SESSION_PATH_TYPE},
	{"min-ttl", CONFIG, take_number, .session = BFD_A_SESSION_RX_TTL, RANGE(1, BFD_TTL)},
	{"tx", CONFIG | BFD_WORDS_LISTEN, take_time, BOTH(DESIRED_MIN_TX_INTERVAL),
	 RANGE(BFD_MIN_INTERVAL, BFD_MAX_INTERVAL)},
	{"rx", CONFIG | BFD_WORDS_LISTEN, take_time, BOTH(REQUIRED_MIN_RX_INTERVAL),
	 RANGE(BFD_MIN_INTERVAL, BFD_MAX_INTERVAL)},
	{"mult", CONFIG | BFD_WORDS_LISTEN, take_number, BOTH(LOCAL_MULTIPLIER),
	 RANGE(BFD_MIN_MULTIPLIER, BFD_MAX_MULTIPLIER)},
	{"echo", CONFIG | BFD_WORDS_LISTEN, take_time, BOTH(DESIRED_MIN_ECHO_TX_INTERVAL),
	 RANGE(BFD_MIN_ECHO_INTERVAL, BFD_MAX_INTERVAL), .on = BFD_DEFAULT_ECHO_TX, .off = true,
	 .on_word = true, .alone = true},
	{"echo-rx", CONFIG | BFD_WORDS_LISTEN, take_time, BOTH(REQUIRED_MIN_ECHO_RX_INTERVAL),
	 RANGE(BFD_MIN_ECHO_INTERVAL, BFD_MAX_INTERVAL), .on = BFD_DEFAULT_ECHO_RX, .off = true,
	 .on_word = true},
	{"echo-source", CONFIG & ~BFD_WORDS_CHANGE, take_address,
	 .session = BFD_A_SESSION_ECHO_SOURCE_ADDRESS},
	{"demand", CONFIG | BFD_WORDS_LISTEN, take_switch, BOTH(DEMAND_ENABLED), .off = true,
	 .on_word = true},
	{"poll-interval", CONFIG | BFD_WORDS_LISTEN, take_time, BOTH(POLL_INTERVAL),
	 RANGE(BFD_MIN_INTERVAL, BFD_MAX_INTERVAL), .off = true},
	{"passive", CONFIG, take_switch, .session = BFD_A_SESSION_PASSIVE, .off = true,
	 .on_word = true, .alone = true},
	{"hold-down", CONFIG | BFD_WORDS_LISTEN, take_time, BOTH(HOLD_DOWN_INTERVAL),
	 RANGE(BFD_MIN_INTERVAL, BFD_MAX_INTERVAL), .off = true},
	{"remote-id", BFD_WORDS_NEW, take_number, .session = BFD_A_SESSION_REMOTE_DISCRIMINATOR,
	 RANGE(1, UINT32_MAX)},
	{"admin", CONFIG, take_admin, .session = BFD_A_SESSION_ADMIN_DOWN},
	{"diag", CONFIG, take_diag, .session = BFD_A_SESSION_LOCAL_DIAGNOSTIC},
	{"auth", CONFIG, take_auth, .session = BFD_A_SESSION_AUTH_TYPE},
	{"client", BFD_WORDS_NEW | BFD_WORDS_DELETE, take_name, .session = BFD_A_SESSION_CLIENT,
	 RANGE(1, BFD_CLIENT_NAME_MAX)},
	/* Of listeners only; the attributes of sessions are borrowed as places for the values. */
	{"limit", BFD_WORDS_LISTEN, take_number, .session = BFD_A_SESSION_SOURCE_PORT,
	 .listener = BFD_A_LISTENER_LIMIT, RANGE(1, BFD_MAX_SESSIONS)},
	{"idle", BFD_WORDS_LISTEN, take_time, .session = BFD_A_SESSION_UPTIME_MS,
	 .listener = BFD_A_LISTENER_IDLE_TIME, RANGE(BFD_MIN_LISTEN_IDLE, BFD_MAX_INTERVAL)},
	{"help", ~0U, take_help, .session = 0},
};

/* In full, or as an abbreviation of one word only. */
static const struct word *find_word(const char *arg, unsigned int commands)
{
	const struct word *found = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		char message[128];

		if (!(words[i].commands & commands) || matches(arg, words[i].name))
			continue;
		if (!strcmp(arg, words[i].name))
			return &words[i];
		if (found) {
			snprintf(message, sizeof(message), "\"%s\" or \"%s\"?", found->name,
				 words[i].name);
			/* One in full may still follow, so it isn't wrong yet. */
			for (; i < ARRAY_SIZE(words); i++)
				if (words[i].commands & commands && !strcmp(arg, words[i].name))
					return &words[i];
			invarg(message, arg);
		}
		found = &words[i];
	}
	return *arg ? found : NULL;
}

void bfd_parse_arguments(int argc, char **argv, unsigned int commands, struct bfd_arguments *args)
{
	struct cursor at = {.argc = argc, .argv = argv};

	memset(args, 0, sizeof(*args));
	args->any_device = commands & BFD_WORDS_ANY_DEVICE;
	for (; at.argc > 0; at.argc--, at.argv++) {
		const struct word *word = find_word(*at.argv, commands);

		if (!word)
			invarg("unknown, try \"ip bfd help\"", *at.argv);
		word->take(word, &at, args);
	}
	args->selector.multihop = args->given[BFD_A_SESSION_PATH_TYPE];
	args->selector.vrf_ifindex = args->values[BFD_A_SESSION_VRF_IFINDEX];
}

void bfd_parse_selector(int argc, char **argv, struct bfd_selector *selector)
{
	struct bfd_arguments args;

	bfd_parse_arguments(argc, argv, BFD_WORDS_SELECT, &args);
	*selector = args.selector;
}

/* ADDR or ADDR/LENGTH. */
void bfd_parse_prefix(char *arg, struct bfd_prefix *prefix)
{
	char *slash = strchr(arg, '/');
	uint32_t longest;
	char message[80];

	if (slash)
		*slash = '\0';
	parse_address(&prefix->address, arg, NULL);
	longest = prefix->address.family == AF_INET ? 32 : 128;
	prefix->length = longest;
	if (!slash)
		return;
	*slash = '/';
	if (!get_u32(&prefix->length, slash + 1, 10) && prefix->length <= longest)
		return;
	snprintf(message, sizeof(message), "the length of this prefix must be from 0 to %u",
		 longest);
	invarg(message, arg);
}

static void add_u32(struct bfd_request *request, int type, uint32_t value)
{
	addattr32(&request->n, sizeof(*request), type, value);
}

void bfd_add_address(struct bfd_request *request, int type, const struct bfd_inet_address *address)
{
	if (address->family)
		addattr_l(&request->n, sizeof(*request), type, address->bytes,
			  address->family == AF_INET ? 4 : 16);
}

/* The attributes can't outgrow the buffer: each is there at most once, and bounded. */
void bfd_add_selector(struct bfd_request *request, const struct bfd_selector *selector)
{
	if (selector->local_discr)
		add_u32(request, BFD_A_SESSION_LOCAL_DISCRIMINATOR, selector->local_discr);
	bfd_add_address(request, BFD_A_SESSION_REMOTE_ADDRESS, &selector->remote);
	bfd_add_address(request, BFD_A_SESSION_LOCAL_ADDRESS, &selector->local);
	if (selector->ifindex)
		add_u32(request, BFD_A_SESSION_IFINDEX, selector->ifindex);
	if (selector->name)
		addattrstrz(&request->n, sizeof(*request), BFD_A_SESSION_NAME, selector->name);
	if (selector->multihop)
		add_u32(request, BFD_A_SESSION_PATH_TYPE, BFD_PATH_TYPE_PATH_IP_MH);
	if (selector->vrf_ifindex)
		add_u32(request, BFD_A_SESSION_VRF_IFINDEX, selector->vrf_ifindex);
}

/* Is it a parameter, and not part of a selector? */
static bool is_parameter(const struct word *word)
{
	return word->session && word->take != take_address && word->take != take_name &&
	       word->take != take_multihop && word->take != take_vrf;
}

bool bfd_has_config(const struct bfd_arguments *args)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (is_parameter(&words[i]) && args->given[words[i].session])
			return true;
	return false;
}

void bfd_add_config(struct bfd_request *request, const struct bfd_arguments *args)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (is_parameter(&words[i]) && args->given[words[i].session])
			add_u32(request, words[i].session, args->values[words[i].session]);
	bfd_add_address(request, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, &args->echo_source);
	if (args->key_chain)
		addattrstrz(&request->n, sizeof(*request), BFD_A_SESSION_AUTH_KEY_CHAIN,
			    args->key_chain);
	if (args->auth_variant)
		add_u32(request, BFD_A_SESSION_AUTH_VARIANT,
			strcmp(args->auth_variant, "hmac") ? BFD_DIGEST_VARIANT_RFC
							   : BFD_DIGEST_VARIANT_HMAC);
	if (args->auth_optional)
		add_u32(request, BFD_A_SESSION_AUTH_OPTIONAL, 1);
	if (args->client)
		addattrstrz(&request->n, sizeof(*request), BFD_A_SESSION_CLIENT, args->client);
}

void bfd_add_listener_config(struct bfd_request *request, const struct bfd_arguments *args)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].listener && args->given[words[i].session])
			add_u32(request, words[i].listener, args->values[words[i].session]);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * ipbfd.c	"ip bfd": the commands, and the reading of their arguments.
 *
 * Read it top to bottom: usage, arguments, requests, commands, dispatcher.  It
 * must not know how messages travel (ipbfd_netlink.c) nor how sessions look
 * (ipbfd_print.c).  What is a sensible value is the agent's to say; here only what
 * can't be put into a message is refused.
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

static void usage(void) __attribute__((noreturn));

static void usage(void)
{
	fprintf(stderr,
		"Usage: ip bfd { add | replace } remote ADDR [ local ADDR ] [ dev IF ] [ CONFIG ]\n"
		"                                [ name STRING ]\n"
		"       ip bfd change SELECTOR CONFIG\n"
		"       ip bfd del SELECTOR\n"
		"       ip bfd [ show [ SELECTOR ] ]\n"
		"       ip bfd flush [ SELECTOR ]\n"
		"       ip bfd monitor [ state | config | all ] [ SELECTOR ]\n"
		"       ip bfd dev [ show [ dev IF ] ]\n"
		"       ip bfd agent [ show ]\n"
		"SELECTOR := { id DISCR | remote ADDR [ local ADDR ] [ dev IF ] | name STRING }\n"
		"CONFIG := [ tx TIME ] [ rx TIME ] [ mult N ] [ passive [ on | off ] ]\n"
		"          [ admin { up | down } ]\n"
		"TIME := NUMBER{ s | ms | us }, at least %gms; default tx %gms, rx %gms, mult %d\n"
		"Example: ip bfd add remote 192.0.2.2 dev eth0 tx 50ms rx 50ms mult 3\n",
		BFD_MIN_INTERVAL / 1e3, BFD_DEFAULT_DESIRED_MIN_TX / 1e3,
		BFD_DEFAULT_REQUIRED_MIN_RX / 1e3, BFD_DEFAULT_MULTIPLIER);
	exit(-1);
}

/* netlink socket, kept between the lines of a batch */
static struct bfd_socket bfd_sock = BFD_SOCKET_CLOSED;

#define INTERVAL_UNSET 0
#define FLAG_UNSET (-1)

/* All that a command line can say about a session. */
struct arguments {
	struct bfd_selector selector;
	const char *dev; /* the name behind selector.ifindex */
	uint32_t desired_min_tx_us;
	uint32_t required_min_rx_us;
	uint32_t mult;
	int passive;
	int admin_down;
};

/* Which words a command takes. */
enum words {
	WORDS_ID = 1,
	WORDS_CONFIG = 2,
};

/*
 * A decimal number and a unit.  There is no default unit: tc would take a bare
 * number for microseconds, `ip route` for milliseconds, and FRR too.
 */
static void get_interval(uint32_t *interval_us, const char *key, const char *arg)
{
	static const struct {
		const char *unit;
		uint32_t us;
	} units[] = {{"s", 1000000}, {"ms", 1000}, {"us", 1}};
	uint64_t scale = 0;
	uint64_t value = 0;
	uint64_t fraction_us = 0;
	const char *c = arg;
	char message[96];
	size_t i;

	if (*interval_us != INTERVAL_UNSET)
		duparg(key, arg);
	/* What is far beyond the maximum needn't be exact, and must not overflow. */
	for (; isdigit((unsigned char)*c); c++)
		if (value < UINT64_C(10000000000))
			value = value * 10 + (*c - '0');
	const char *fraction = *c == '.' ? c + 1 : c;
	const char *unit = fraction + strspn(fraction, *c == '.' ? "0123456789" : "");

	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(unit, units[i].unit))
			scale = units[i].us;
	if (unit == fraction && (c == arg || *c == '.')) {
		snprintf(message, sizeof(message), "\"%s\" must be a time such as 300ms", key);
		invarg(message, arg);
	}
	if (!scale) {
		snprintf(message, sizeof(message), "\"%s\" needs a unit: s, ms or us", key);
		invarg(message, arg);
	}
	for (value *= scale; fraction < unit; fraction++) {
		scale /= 10;
		fraction_us += (*fraction - '0') * scale;
		if (!scale && *fraction != '0') {
			snprintf(message, sizeof(message), "\"%s\" must be whole microseconds",
				 key);
			invarg(message, arg);
		}
	}
	value += fraction_us;
	if (value < BFD_MIN_INTERVAL || value > BFD_MAX_INTERVAL) {
		snprintf(message, sizeof(message), "\"%s\" must be from %dus to %uus", key,
			 BFD_MIN_INTERVAL, BFD_MAX_INTERVAL);
		invarg(message, arg);
	}
	*interval_us = value;
}

static void get_multiplier(uint32_t *mult, const char *arg)
{
	char message[64];

	if (*mult)
		duparg("mult", arg);
	if (!get_u32(mult, arg, 10) && *mult >= BFD_MIN_MULTIPLIER && *mult <= BFD_MAX_MULTIPLIER)
		return;
	snprintf(message, sizeof(message), "\"mult\" must be from %d to %d", BFD_MIN_MULTIPLIER,
		 BFD_MAX_MULTIPLIER);
	invarg(message, arg);
}

static void get_dev(struct arguments *args, const char *arg)
{
	if (args->dev && strcmp(args->dev, arg))
		duparg("dev", arg);
	args->dev = arg;
	args->selector.ifindex = ll_name_to_index(arg);
	if (!args->selector.ifindex)
		exit(-nodev(arg));
}

/* ADDR or ADDR%DEV, which says dev as well. */
static void get_address(struct arguments *args, struct bfd_inet_address *address, const char *key,
			char *arg)
{
	char *zone = strchr(arg, '%');
	int family = strchr(arg, ':') ? AF_INET6 : AF_INET;
	const char *expected = preferred_family == AF_INET    ? "inet"
			       : preferred_family == AF_INET6 ? "inet6"
							      : "any valid";

	if (address->family)
		duparg(key, arg);
	if (zone)
		*zone = '\0';
	if (inet_pton(family, arg, address->bytes) != 1 ||
	    (preferred_family && preferred_family != family)) {
		if (zone)
			*zone = '%';
		fprintf(stderr, "Error: %s address is expected rather than \"%s\".\n", expected,
			arg);
		exit(1);
	}
	address->family = family;
	if (args->selector.remote.family && args->selector.local.family &&
	    args->selector.remote.family != args->selector.local.family)
		invarg("\"remote\" and \"local\" must be of one address family", arg);
	if (zone)
		get_dev(args, zone + 1);
}

static void get_name(const char **name, const char *arg)
{
	size_t length = strlen(arg);
	char message[64];
	size_t i;

	if (*name)
		duparg("name", arg);
	snprintf(message, sizeof(message), "\"name\" must have from 1 to %d bytes", BFD_NAME_MAX);
	if (!length || length > BFD_NAME_MAX)
		invarg(message, arg);
	for (i = 0; i < length; i++)
		if (iscntrl((unsigned char)arg[i]))
			invarg("\"name\" must not hold control characters", arg);
	*name = arg;
}

static void get_id(uint32_t *id, const char *arg)
{
	if (*id)
		duparg("id", arg);
	if (get_u32(id, arg, 0) || !*id)
		invarg("\"id\" must be a local discriminator, from 1 to 4294967295", arg);
}

/* One of two words; the index of it, or FLAG_UNSET. */
static int choose(const char *arg, const char *zero, const char *one)
{
	return !strcmp(arg, zero) ? 0 : !strcmp(arg, one) ? 1 : FLAG_UNSET;
}

static void parse_arguments(int argc, char **argv, enum words words, struct arguments *args)
{
	*args = (struct arguments){.passive = FLAG_UNSET, .admin_down = FLAG_UNSET};

	for (; argc > 0; argc--, argv++) {
		if (strcmp(*argv, "remote") == 0) {
			NEXT_ARG();
			get_address(args, &args->selector.remote, "remote", *argv);
		} else if (strcmp(*argv, "local") == 0) {
			NEXT_ARG();
			get_address(args, &args->selector.local, "local", *argv);
		} else if (strcmp(*argv, "dev") == 0) {
			NEXT_ARG();
			get_dev(args, *argv);
		} else if (strcmp(*argv, "name") == 0) {
			NEXT_ARG();
			get_name(&args->selector.name, *argv);
		} else if ((words & WORDS_ID) && strcmp(*argv, "id") == 0) {
			NEXT_ARG();
			get_id(&args->selector.local_discr, *argv);
		} else if ((words & WORDS_CONFIG) && strcmp(*argv, "tx") == 0) {
			NEXT_ARG();
			get_interval(&args->desired_min_tx_us, "tx", *argv);
		} else if ((words & WORDS_CONFIG) && strcmp(*argv, "rx") == 0) {
			NEXT_ARG();
			get_interval(&args->required_min_rx_us, "rx", *argv);
		} else if ((words & WORDS_CONFIG) && strcmp(*argv, "mult") == 0) {
			NEXT_ARG();
			get_multiplier(&args->mult, *argv);
		} else if ((words & WORDS_CONFIG) && strcmp(*argv, "passive") == 0) {
			args->passive = 1;
			if (NEXT_ARG_OK() && choose(argv[1], "off", "on") != FLAG_UNSET) {
				NEXT_ARG();
				args->passive = choose(*argv, "off", "on");
			}
		} else if ((words & WORDS_CONFIG) && strcmp(*argv, "admin") == 0) {
			NEXT_ARG();
			args->admin_down = choose(*argv, "up", "down");
			if (args->admin_down == FLAG_UNSET)
				invarg("\"admin\" must be \"up\" or \"down\"", *argv);
		} else if (strcmp(*argv, "help") == 0) {
			usage();
		} else {
			invarg("unknown, try \"ip bfd help\"", *argv);
		}
	}
}

int bfd_parse_selector(int argc, char **argv, struct bfd_selector *selector)
{
	struct arguments args;

	parse_arguments(argc, argv, WORDS_ID, &args);
	*selector = args.selector;
	return 0;
}

struct bfd_inet_address bfd_attr_address(struct rtattr *const *tb, int type)
{
	struct bfd_inet_address address = {.family = AF_UNSPEC};

	if (tb[type] && RTA_PAYLOAD(tb[type]) == 4)
		address.family = AF_INET;
	else if (tb[type] && RTA_PAYLOAD(tb[type]) == 16)
		address.family = AF_INET6;
	if (address.family)
		memcpy(address.bytes, RTA_DATA(tb[type]), RTA_PAYLOAD(tb[type]));
	return address;
}

static bool same_address(const struct bfd_inet_address *wanted, struct rtattr *const *tb, int type)
{
	struct bfd_inet_address address = bfd_attr_address(tb, type);

	return !wanted->family || (wanted->family == address.family &&
				   !memcmp(wanted->bytes, address.bytes, sizeof(address.bytes)));
}

bool bfd_selected(const struct bfd_selector *selector, struct rtattr *const *tb)
{
	const char *name = bfd_attr_string(tb, BFD_A_SESSION_NAME);

	if (preferred_family &&
	    preferred_family != bfd_attr_address(tb, BFD_A_SESSION_REMOTE_ADDRESS).family)
		return false;
	if (!selector)
		return true;
	return (!selector->local_discr ||
		selector->local_discr == bfd_attr_u32(tb, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 0)) &&
	       (!selector->name || (name && !strcmp(selector->name, name))) &&
	       (!selector->ifindex ||
		selector->ifindex == bfd_attr_u32(tb, BFD_A_SESSION_IFINDEX, 0)) &&
	       same_address(&selector->remote, tb, BFD_A_SESSION_REMOTE_ADDRESS) &&
	       same_address(&selector->local, tb, BFD_A_SESSION_LOCAL_ADDRESS);
}

static void add_u32(struct bfd_request *request, int type, uint32_t value, bool given)
{
	if (given)
		addattr32(&request->n, sizeof(*request), type, value);
}

static void add_address(struct bfd_request *request, int type,
			const struct bfd_inet_address *address)
{
	if (address->family)
		addattr_l(&request->n, sizeof(*request), type, address->bytes,
			  address->family == AF_INET ? 4 : 16);
}

/* The attributes can't outgrow the buffer: each is there at most once, and bounded. */
static void add_selector(struct bfd_request *request, const struct bfd_selector *selector)
{
	add_u32(request, BFD_A_SESSION_LOCAL_DISCRIMINATOR, selector->local_discr,
		selector->local_discr);
	add_address(request, BFD_A_SESSION_REMOTE_ADDRESS, &selector->remote);
	add_address(request, BFD_A_SESSION_LOCAL_ADDRESS, &selector->local);
	add_u32(request, BFD_A_SESSION_IFINDEX, selector->ifindex, selector->ifindex);
	if (selector->name)
		addattrstrz(&request->n, sizeof(*request), BFD_A_SESSION_NAME, selector->name);
}

static bool has_config(const struct arguments *args)
{
	return args->desired_min_tx_us || args->required_min_rx_us || args->mult ||
	       args->passive != FLAG_UNSET || args->admin_down != FLAG_UNSET;
}

static void add_config(struct bfd_request *request, const struct arguments *args)
{
	add_u32(request, BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL, args->desired_min_tx_us,
		args->desired_min_tx_us != INTERVAL_UNSET);
	add_u32(request, BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL, args->required_min_rx_us,
		args->required_min_rx_us != INTERVAL_UNSET);
	add_u32(request, BFD_A_SESSION_LOCAL_MULTIPLIER, args->mult, args->mult);
	add_u32(request, BFD_A_SESSION_PASSIVE, args->passive, args->passive != FLAG_UNSET);
	add_u32(request, BFD_A_SESSION_ADMIN_DOWN, args->admin_down,
		args->admin_down != FLAG_UNSET);
}

/* del and change mean one session, so they want more than a device. */
static void require_one(const struct bfd_selector *selector)
{
	if (!selector->local_discr && !selector->name && !selector->remote.family)
		missarg("id\", \"remote\" or \"name");
}

static int talk(struct bfd_request *request, bfd_message_fn handle, void *context)
{
	int status = bfd_open(&bfd_sock);

	return status ? status : bfd_talk(&bfd_sock, request, handle, context);
}

/* As talk(), between the brackets of JSON. */
static int talk_and_print(struct bfd_request *request, bfd_message_fn print, void *context)
{
	int status = bfd_open(&bfd_sock);

	if (status)
		return status;
	new_json_obj(json);
	status = bfd_talk(&bfd_sock, request, print, context);
	delete_json_obj();
	fflush(stdout);
	return status;
}

static int bfd_new(int argc, char **argv, uint16_t flags)
{
	bool in_full = json || echo_request;
	struct bfd_request request;
	struct arguments args;

	parse_arguments(argc, argv, WORDS_CONFIG, &args);
	if (!args.selector.remote.family)
		missarg("remote");
	bfd_request_init(&request, BFD_CMD_SESSION_NEW, flags);
	add_selector(&request, &args.selector);
	add_config(&request, &args);
	return talk_and_print(&request, in_full ? bfd_print_session : bfd_print_session_id, NULL);
}

static int bfd_change(int argc, char **argv)
{
	struct bfd_request request;
	struct arguments args;

	parse_arguments(argc, argv, WORDS_ID | WORDS_CONFIG, &args);
	require_one(&args.selector);
	if (!has_config(&args))
		missarg("tx\", \"rx\", \"mult\", \"passive\" or \"admin");
	bfd_request_init(&request, BFD_CMD_SESSION_SET, 0);
	add_selector(&request, &args.selector);
	add_config(&request, &args);
	if (echo_request)
		return talk_and_print(&request, bfd_print_session, NULL);
	return talk(&request, NULL, NULL);
}

static int bfd_del(int argc, char **argv)
{
	struct bfd_selector selector;
	struct bfd_request request;

	bfd_parse_selector(argc, argv, &selector);
	require_one(&selector);
	bfd_request_init(&request, BFD_CMD_SESSION_DEL, 0);
	add_selector(&request, &selector);
	return talk(&request, NULL, NULL);
}

static int bfd_flush(int argc, char **argv)
{
	struct bfd_selector selector;
	struct bfd_request request;

	bfd_parse_selector(argc, argv, &selector);
	if (preferred_family) {
		fprintf(stderr, "Error: flush knows no address family, give it a SELECTOR.\n");
		return BFD_STATUS_LOCAL;
	}
	bfd_request_init(&request, BFD_CMD_SESSION_FLUSH, 0);
	add_selector(&request, &selector);
	return talk(&request, NULL, NULL);
}

/* A discriminator or a name means one session, and it is an error if it isn't there. */
static int bfd_show(int argc, char **argv)
{
	struct bfd_selector selector;
	struct bfd_request request;
	bool one;

	bfd_parse_selector(argc, argv, &selector);
	one = selector.local_discr || selector.name;
	bfd_request_init(&request, BFD_CMD_SESSION_GET, one ? 0 : NLM_F_DUMP);
	add_selector(&request, &selector);
	return talk_and_print(&request, bfd_print_session, &selector);
}

/* `show` may be left out. */
static void skip_show(int *argc, char ***argv)
{
	if (*argc > 0 && (!matches(**argv, "show") || !matches(**argv, "list"))) {
		--*argc;
		++*argv;
	} else if (*argc > 0 && strcmp(**argv, "help") == 0) {
		usage();
	}
}

static int bfd_dev(int argc, char **argv)
{
	struct arguments args = {.dev = NULL};
	struct bfd_request request;

	skip_show(&argc, &argv);
	for (; argc > 0; argc--, argv++) {
		if (strcmp(*argv, "dev") != 0)
			invarg("unknown, try \"ip bfd help\"", *argv);
		NEXT_ARG();
		get_dev(&args, *argv);
	}
	bfd_request_init(&request, BFD_CMD_DEV_GET, args.dev ? 0 : NLM_F_DUMP);
	add_u32(&request, BFD_A_DEV_IFINDEX, args.selector.ifindex, args.dev);
	return talk_and_print(&request, bfd_print_dev, NULL);
}

static int bfd_agent(int argc, char **argv)
{
	struct bfd_request request;

	skip_show(&argc, &argv);
	if (argc > 0)
		invarg("unknown, try \"ip bfd help\"", *argv);
	bfd_request_init(&request, BFD_CMD_AGENT_GET, 0);
	return talk_and_print(&request, bfd_print_agent, NULL);
}

static int bfd_add(int argc, char **argv)
{
	return bfd_new(argc, argv, NLM_F_CREATE | NLM_F_EXCL);
}

static int bfd_replace(int argc, char **argv)
{
	return bfd_new(argc, argv, NLM_F_CREATE | NLM_F_REPLACE);
}

static int bfd_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	usage();
}

/* Abbreviations mean the first that fits. */
static const struct {
	const char *verb;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"add", bfd_add},    {"change", bfd_change}, {"replace", bfd_replace},
	{"delete", bfd_del}, {"show", bfd_show},     {"list", bfd_show},
	{"lst", bfd_show},   {"flush", bfd_flush},   {"monitor", bfd_monitor},
	{"dev", bfd_dev},    {"agent", bfd_agent},   {"help", bfd_help},
};

int do_ipbfd(int argc, char **argv)
{
	size_t i;

	if (argc < 1)
		return bfd_show(0, NULL);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!matches(*argv, commands[i].verb))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "Command \"%s\" is unknown, try \"ip bfd help\".\n", *argv);
	exit(-1);
}

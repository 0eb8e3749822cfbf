// SPDX-License-Identifier: GPL-2.0
/*
 * ipbfd.c	"ip bfd": the commands and their dispatcher.
 *
 * It must not know the words of the command line (ipbfd_arguments.c), how messages
 * travel (ipbfd_netlink.c), how sessions look (ipbfd_print.c), nor keys (ipbfd_key.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "utils.h"
#include "ip_common.h"
#include "ipbfd.h"

/* netlink socket, kept between the lines of a batch */
static struct bfd_socket bfd_sock = BFD_SOCKET_CLOSED;

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
	       (!selector->multihop ||
		bfd_attr_u32(tb, BFD_A_SESSION_PATH_TYPE, 0) == BFD_PATH_TYPE_PATH_IP_MH) &&
	       (!selector->vrf_ifindex ||
		selector->vrf_ifindex == bfd_attr_u32(tb, BFD_A_SESSION_VRF_IFINDEX, 0)) &&
	       same_address(&selector->remote, tb, BFD_A_SESSION_REMOTE_ADDRESS) &&
	       same_address(&selector->local, tb, BFD_A_SESSION_LOCAL_ADDRESS);
}

/* del and change mean one session, so they want more than a device. */
static void require_one(const struct bfd_selector *selector)
{
	if (!selector->local_discr && !selector->name && !selector->remote.family)
		missarg("id\", \"remote\" or \"name");
}

int bfd_ask(struct bfd_request *request, bfd_message_fn handle, void *context)
{
	int status = bfd_open(&bfd_sock);

	return status ? status : bfd_talk(&bfd_sock, request, handle, context);
}

int bfd_talk_default(struct bfd_request *request)
{
	return bfd_ask(request, NULL, NULL);
}

int bfd_talk_and_print(struct bfd_request *request, bfd_message_fn print, void *context)
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
	struct bfd_arguments args;

	bfd_parse_arguments(argc, argv, BFD_WORDS_NEW, &args);
	if (!args.selector.remote.family)
		missarg("remote");
	bfd_request_init(&request, BFD_CMD_SESSION_NEW, flags);
	bfd_add_selector(&request, &args.selector);
	bfd_add_config(&request, &args);
	return bfd_talk_and_print(&request, in_full ? bfd_print_session : bfd_print_session_id,
				  NULL);
}

static int bfd_change(int argc, char **argv)
{
	struct bfd_request request;
	struct bfd_arguments args;

	bfd_parse_arguments(argc, argv, BFD_WORDS_CHANGE, &args);
	require_one(&args.selector);
	if (!bfd_has_config(&args)) {
		fprintf(stderr,
			"Error: what to change? Give \"tx\", \"mult\" or another parameter, "
			"see \"ip bfd help change\".\n");
		exit(-1);
	}
	bfd_request_init(&request, BFD_CMD_SESSION_SET, 0);
	bfd_add_selector(&request, &args.selector);
	bfd_add_config(&request, &args);
	if (echo_request)
		return bfd_talk_and_print(&request, bfd_print_session, NULL);
	return bfd_talk_default(&request);
}

static int bfd_del(int argc, char **argv)
{
	struct bfd_request request;
	struct bfd_arguments args;

	bfd_parse_arguments(argc, argv, BFD_WORDS_DELETE, &args);
	require_one(&args.selector);
	bfd_request_init(&request, BFD_CMD_SESSION_DEL, 0);
	bfd_add_selector(&request, &args.selector);
	bfd_add_config(&request, &args);
	return bfd_talk_default(&request);
}

static int bfd_poll(int argc, char **argv)
{
	struct bfd_selector selector;
	struct bfd_request request;

	bfd_parse_selector(argc, argv, &selector);
	require_one(&selector);
	bfd_request_init(&request, BFD_CMD_SESSION_POLL, 0);
	bfd_add_selector(&request, &selector);
	return bfd_talk_default(&request);
}

/* flush and reset: all sessions, or those that match. */
static int to_all(int argc, char **argv, uint8_t command, const char *verb)
{
	struct bfd_selector selector;
	struct bfd_request request;

	bfd_parse_selector(argc, argv, &selector);
	if (preferred_family) {
		fprintf(stderr, "Error: %s knows no address family, give it a SELECTOR.\n", verb);
		return BFD_STATUS_LOCAL;
	}
	bfd_request_init(&request, command, 0);
	bfd_add_selector(&request, &selector);
	return bfd_talk_default(&request);
}

static int bfd_flush(int argc, char **argv)
{
	return to_all(argc, argv, BFD_CMD_SESSION_FLUSH, "flush");
}

static int bfd_reset(int argc, char **argv)
{
	return to_all(argc, argv, BFD_CMD_SESSION_RESET, "reset");
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
	bfd_add_selector(&request, &selector);
	return bfd_talk_and_print(&request, bfd_print_session, &selector);
}

/* `show` may be left out. */
static void skip_show(int *argc, char ***argv)
{
	if (*argc > 0 && (!matches(**argv, "show") || !matches(**argv, "list"))) {
		--*argc;
		++*argv;
	} else if (*argc > 0 && strcmp(**argv, "help") == 0) {
		bfd_usage();
	}
}

static int bfd_dev(int argc, char **argv)
{
	struct bfd_arguments args;
	struct bfd_request request;

	skip_show(&argc, &argv);
	bfd_parse_arguments(argc, argv, BFD_WORDS_LISTENER, &args);
	bfd_request_init(&request, BFD_CMD_DEV_GET, args.dev ? 0 : NLM_F_DUMP);
	if (args.dev)
		addattr32(&request.n, sizeof(request), BFD_A_DEV_IFINDEX, args.selector.ifindex);
	return bfd_talk_and_print(&request, bfd_print_dev, NULL);
}

static int bfd_agent(int argc, char **argv)
{
	struct bfd_request request;

	skip_show(&argc, &argv);
	if (argc > 0)
		invarg("unknown, try \"ip bfd help\"", *argv);
	bfd_request_init(&request, BFD_CMD_AGENT_GET, 0);
	return bfd_talk_and_print(&request, bfd_print_agent, NULL);
}

/* The prefix, and from the rest of the command line device and parameters. */
static void parse_listener(int argc, char **argv, unsigned int words, struct bfd_request *request)
{
	struct bfd_arguments args;
	struct bfd_prefix prefix;

	if (argc < 1)
		missarg("PREFIX");
	bfd_parse_prefix(*argv, &prefix);
	bfd_parse_arguments(argc - 1, argv + 1, words, &args);
	if (!args.dev)
		missarg("dev");
	bfd_add_address(request, BFD_A_LISTENER_PREFIX, &prefix.address);
	addattr32(&request->n, sizeof(*request), BFD_A_LISTENER_PREFIX_LENGTH, prefix.length);
	if (args.selector.ifindex)
		addattr32(&request->n, sizeof(*request), BFD_A_LISTENER_IFINDEX,
			  args.selector.ifindex);
	/* One whose device is gone is known by its name. */
	if (words & BFD_WORDS_ANY_DEVICE)
		addattrstrz(&request->n, sizeof(*request), BFD_A_LISTENER_IFNAME, args.dev);
	bfd_add_listener_config(request, &args);
}

static int listen_new(int argc, char **argv, uint16_t flags)
{
	struct bfd_request request;

	bfd_request_init(&request, BFD_CMD_LISTENER_NEW, flags);
	parse_listener(argc, argv, BFD_WORDS_LISTEN, &request);
	if (json || echo_request)
		return bfd_talk_and_print(&request, bfd_print_listener, NULL);
	return bfd_talk_default(&request);
}

static int listen_del(int argc, char **argv)
{
	struct bfd_request request;

	bfd_request_init(&request, BFD_CMD_LISTENER_DEL, 0);
	parse_listener(argc, argv, BFD_WORDS_LISTENER | BFD_WORDS_ANY_DEVICE, &request);
	return bfd_talk_default(&request);
}

static int listen_show(int argc, char **argv)
{
	struct bfd_request request;

	bfd_request_init(&request, BFD_CMD_LISTENER_GET, argc > 0 ? 0 : NLM_F_DUMP);
	if (argc > 0)
		parse_listener(argc, argv, BFD_WORDS_LISTENER | BFD_WORDS_ANY_DEVICE, &request);
	return bfd_talk_and_print(&request, bfd_print_listener, NULL);
}

/* A prefix begins with a digit or holds a colon, so no verb can be one. */
static bool is_prefix(const char *arg)
{
	return strchr(arg, ':') || strchr("0123456789", *arg);
}

static int bfd_listen(int argc, char **argv)
{
	if (argc < 1)
		return listen_show(argc, argv);
	if (is_prefix(*argv))
		return listen_new(argc, argv, NLM_F_CREATE | NLM_F_EXCL);
	if (!matches(*argv, "add"))
		return listen_new(argc - 1, argv + 1, NLM_F_CREATE | NLM_F_EXCL);
	if (!matches(*argv, "replace"))
		return listen_new(argc - 1, argv + 1, NLM_F_CREATE | NLM_F_REPLACE);
	if (!matches(*argv, "delete"))
		return listen_del(argc - 1, argv + 1);
	if (!matches(*argv, "show") || !matches(*argv, "list"))
		return listen_show(argc - 1, argv + 1);
	if (!matches(*argv, "help"))
		bfd_help_topic("listen");
	invarg("a prefix, \"replace\", \"del\" or \"show\" is expected", *argv);
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
	bfd_help_topic(argc > 0 ? *argv : NULL);
}

/* Abbreviations mean the first that fits, so that new ones go to the end. */
static const struct {
	const char *verb;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"add", bfd_add},    {"change", bfd_change}, {"replace", bfd_replace},
	{"delete", bfd_del}, {"show", bfd_show},     {"list", bfd_show},
	{"lst", bfd_show},   {"flush", bfd_flush},   {"monitor", bfd_monitor},
	{"dev", bfd_dev},    {"agent", bfd_agent},   {"help", bfd_help},
	{"poll", bfd_poll},  {"reset", bfd_reset},   {"listen", bfd_listen},
	{"key", bfd_key},    {"save", bfd_save},     {"restore", bfd_restore},
};

int do_ipbfd(int argc, char **argv)
{
	size_t i;

	if (argc < 1)
		return bfd_show(0, NULL);
	/* `ip bfd add help` teaches as `ip bfd help add` does. */
	if (argc == 2 && !strcmp(argv[1], "help"))
		bfd_help_topic(*argv);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!matches(*argv, commands[i].verb))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "Command \"%s\" is unknown, try \"ip bfd help\".\n", *argv);
	exit(-1);
}

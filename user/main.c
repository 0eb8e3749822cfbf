// SPDX-License-Identifier: GPL-2.0
/*
 * bfd-agent: loads the data plane of one network namespace, keeps it supplied
 * with addresses, and serves the netlink family `bfd`.  This file is options and
 * the order in which the parts start and stop.  On its way out it leaves all that
 * is pinned running.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "genl/transport.h"
#include "genl/uapi/bfd_genl.h"
#include "config.h"
#include "dataplane.h"
#include "handlers.h"
#include "handover.h"
#include "keys.h"
#include "listeners.h"
#include "log.h"
#include "loop.h"
#include "namespace.h"
#include "neighbour.h"
#include "notify.h"
#include "rtnl.h"
#include "sessions.h"
#include "watch.h"

struct options {
	const char *netns;     /* NULL: the one that we are in */
	const char *config;    /* NULL: the usual file, if it is there */
	uint32_t max_sessions; /* 0: as many as there can be */
	bool flush;
	bool now;
	bool check;
	bool handover;
	bool verbose;
};

/* The timer of the clock fires once a second, where the kernel has tbf. */
#define CHECK_NS 900000000ULL

struct agent {
	struct loop *loop;
	struct genl_transport *transport; /* until the handlers take it over */
	struct dataplane *dataplane;
	struct watch *watch;
	struct keys *keys;
	struct notify *notify;
	struct sessions *sessions;
	struct listeners *listeners;
	struct handlers *handlers;
	struct config *config;
	int signal_fd;
	const char *netns; /* the namespace's name, NULL: none was given */
	int netns_fd;
	uint64_t checked_ns; /* check_now_and_then() */
	bool gone;	     /* the namespace was deleted */
	bool again;	     /* ended only to begin anew, maybe as a newer program */
};

static void usage(FILE *stream)
{
	fprintf(stream,
		"Usage: bfd-agent [--netns NAME] [--config FILE] [--handover] [--max-sessions N]\n"
		"                 [--verbose]\n"
		"       bfd-agent [--netns NAME] --flush [--now]\n"
		"       bfd-agent [--netns NAME] --check\n"
		"       bfd-agent --version | --help\n"
		"\n"
		"  --netns NAME      work in the network namespace /run/netns/NAME\n"
		"  --config FILE     have these lines applied, as `ip bfd save` prints them; if "
		"it\n"
		"                    isn't given /etc/bfd/bfd.conf (/etc/bfd/NAME.conf with "
		"--netns),\n"
		"                    if that is there\n"
		"  --handover        take the place of the agent that runs there: sessions go on,\n"
		"                    also over an upgrade; if that can't be, it isn't touched\n"
		"  --check           can this kernel load the programs, and can they take over "
		"what\n"
		"                    is there? changes nothing\n"
		"  --flush           tell all neighbours AdminDown for their detection time, "
		"remove the\n"
		"                    sessions and programs of the namespace, and exit\n"
		"  --now             with --flush: at once, without a word\n"
		"  --max-sessions N  room for N sessions, 1 to %d (default %d)\n"
		"  --verbose         say more\n"
		"\n"
		"SIGHUP makes a running agent begin anew in place, as the program that its file "
		"is\n"
		"then, and apply the configuration file: `systemctl reload`.\n",
		BFD_MAX_SESSIONS, BFD_MAX_SESSIONS);
}

static bool parse_max_sessions(const char *text, uint32_t *out)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || !value || value > BFD_MAX_SESSIONS)
		return false;
	*out = (uint32_t)value;
	return true;
}

/* Each is another thing to do. */
static bool contradict(const struct options *options)
{
	const char *first = options->flush ? "--flush" : "--check";
	const char *second = options->handover ? "--handover" : "--check";

	if (options->flush + options->check + options->handover < 2)
		return false;
	log_error("%s and %s contradict each other", first, second);
	return true;
}

/* What neither of the two that don't serve would heed. */
static bool is_in_vain(const struct options *options)
{
	const char *in_vain = options->config ? "--config" : "--max-sessions";

	if ((!options->flush && !options->check) || (!options->config && !options->max_sessions))
		return false;
	log_error("%s doesn't go with %s", in_vain, options->flush ? "--flush" : "--check");
	return true;
}

/* Returns -1 to go on, or an exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{"netns", required_argument, NULL, 'n'},
		{"config", required_argument, NULL, 'C'},
		{"flush", no_argument, NULL, 'f'},
		{"now", no_argument, NULL, 'w'},
		{"check", no_argument, NULL, 'c'},
		{"handover", no_argument, NULL, 'o'},
		{"max-sessions", required_argument, NULL, 'm'},
		{"verbose", no_argument, NULL, 'v'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", names, NULL)) != -1) {
		switch (option) {
		case 'n':
			options->netns = optarg;
			break;
		case 'C':
			options->config = optarg;
			break;
		case 'f':
			options->flush = true;
			break;
		case 'w':
			options->now = true;
			break;
		case 'c':
			options->check = true;
			break;
		case 'o':
			options->handover = true;
			break;
		case 'm':
			if (parse_max_sessions(optarg, &options->max_sessions))
				break;
			log_error("--max-sessions: \"%s\" is not a number from 1 to %d", optarg,
				  BFD_MAX_SESSIONS);
			return EXIT_FAILURE;
		case 'v':
			options->verbose = true;
			break;
		case 'V':
			printf("bfd-agent %s\n", IPBFD_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default: /* getopt_long has named the culprit */
			usage(stderr);
			return EXIT_FAILURE;
		}
	}
	if (options->now && !options->flush) {
		log_error("--now goes with --flush only");
		return EXIT_FAILURE;
	}
	if (contradict(options) || is_in_vain(options))
		return EXIT_FAILURE;
	if (optind == argc)
		return -1;
	log_error("\"%s\" is not an option", argv[optind]);
	usage(stderr);
	return EXIT_FAILURE;
}

/* Tell systemd (sd_notify(3)), if it started us. */
static void notify_ready(void)
{
	static const char text[] = "READY=1";
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = path ? strlen(path) : 0;
	int fd;

	if (!length || length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (address.sun_path[0] == '@') /* an abstract name */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, text, sizeof(text) - 1, MSG_NOSIGNAL, (struct sockaddr *)&address,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		log_warning("cannot tell %s that we are ready: %s", path, strerror(errno));
	close(fd);
}

static int on_signal(void *context)
{
	struct agent *agent = context;
	struct signalfd_siginfo info;
	char error[256];

	if (read(agent->signal_fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo == SIGHUP && handover_check_file(error, sizeof(error))) {
		log_error("not reloaded: %s", error);
		return 0;
	}
	agent->again = info.ssi_signo == SIGHUP;
	loop_stop(agent->loop);
	return 0;
}

static int on_request(void *context)
{
	const struct agent *agent = context;

	return handlers_dispatch(agent->handlers);
}

/* Of the namespace as a whole. */
static void tell_fault(const struct agent *agent, uint32_t kind, bool repaired)
{
	struct session_fault fault = {.kind = kind, .repaired = repaired};

	notify_fault(agent->notify, &fault);
}

static void check_pins(const struct agent *agent)
{
	int result = dataplane_pins_mend(agent->dataplane);

	if (result > 0)
		log_warning("the pins in bpffs were gone: made again");
	else if (result < 0)
		log_error("the pins in bpffs are gone, and the sessions would end with this "
			  "process: %s",
			  strerror(-result));
	if (result)
		tell_fault(agent, BFD_FAULT_PINS_REMOVED, result > 0);
}

/* Not with each tick, where these are the agent's. */
static void check_now_and_then(struct agent *agent)
{
	uint64_t now_ns = dataplane_now_ns();

	if (now_ns - agent->checked_ns < CHECK_NS)
		return;
	agent->checked_ns = now_ns;
	keys_check_clock(agent->keys);
	check_pins(agent);
}

static int on_clock(void *context)
{
	struct agent *agent = context;
	int result = dataplane_clock_check(agent->dataplane);

	sessions_check_devices(agent->sessions);
	check_now_and_then(agent);
	if (result > 0)
		log_warning("the transmit clock stood still and was started again");
	else if (result < 0)
		log_error("cannot start the transmit clock: %s", strerror(-result));
	if (result)
		tell_fault(agent, BFD_FAULT_CLOCK_STALLED, result > 0);
	return 0; /* it is tried again; sessions can still be shown and deleted */
}

static int on_clock_device(void *context)
{
	const struct agent *agent = context;
	int result = dataplane_clock_mend(agent->dataplane);

	if (result > 0)
		log_warning("somebody changed the device of the transmit clock: it was put right");
	else if (result < 0)
		log_error("cannot put the device of the transmit clock right: %s",
			  strerror(-result));
	if (result)
		tell_fault(agent, BFD_FAULT_CLOCK_DEVICE, result > 0);
	sessions_check_filters(agent->sessions);
	return 0; /* on_clock() tries again */
}

/* Only we keep it alive. */
static int on_namespace(void *context)
{
	struct agent *agent = context;

	agent->gone = namespace_is_gone(agent->netns_fd, agent->netns);
	if (agent->gone)
		loop_stop(agent->loop);
	return 0;
}

static int watch_namespace(struct agent *agent)
{
	int result;

	if (!agent->netns)
		return 0;
	agent->netns_fd = namespace_watch();
	if (agent->netns_fd < 0)
		return agent->netns_fd;
	result = loop_add(agent->loop, agent->netns_fd, on_namespace, agent);
	/* Of what happened before nobody tells. */
	return result ? result : on_namespace(agent);
}

static int open_signals(struct agent *agent)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	agent->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return agent->signal_fd < 0 ? -errno : 0;
}

static struct dataplane_options dataplane_options_of(const struct options *options)
{
	return (struct dataplane_options){
		.max_sessions = options->max_sessions ? options->max_sessions : BFD_MAX_SESSIONS,
		.verbose = options->verbose,
	};
}

/* The netlink port comes first: who has it is the namespace's agent. */
static int open_parts(struct agent *agent, const struct options *options, char *error,
		      size_t error_size)
{
	const struct dataplane_options dataplane_options = dataplane_options_of(options);
	struct handlers_options handlers_options = {.version = IPBFD_VERSION};
	struct session_error session_error = {};
	int result = dataplane_open(&dataplane_options, &agent->dataplane, error, error_size);

	if (result)
		return result;
	result = keys_open(agent->dataplane, &agent->keys);
	if (result) {
		snprintf(error, error_size, "cannot read the key chains of the data plane: %s",
			 strerror(-result));
		return result;
	}
	result = watch_open(&agent->watch);
	if (result) {
		snprintf(error, error_size, "cannot follow rtnetlink: %s", strerror(-result));
		return result;
	}
	result = notify_open(&agent->notify);
	if (result) {
		snprintf(error, error_size, "cannot notify: %s", strerror(-result));
		return result;
	}
	result = sessions_open(agent->dataplane, agent->watch, notify_observer(agent->notify),
			       &agent->sessions, &session_error);
	if (!result)
		result = listeners_open(agent->sessions, &agent->listeners, &session_error);
	if (result) {
		snprintf(error, error_size, "%s", session_error.text);
		return result;
	}
	handlers_options.dataplane = agent->dataplane;
	handlers_options.sessions = agent->sessions;
	handlers_options.keys = agent->keys;
	handlers_options.listeners = agent->listeners;
	handlers_options.notify = agent->notify;
	handlers_options.transport = agent->transport;
	agent->transport = NULL;
	result = handlers_open(&handlers_options, &agent->handlers);
	if (result)
		snprintf(error, error_size, "cannot serve the family: %s", strerror(-result));
	return result;
}

static int add_sources(struct agent *agent)
{
	int result = loop_open(&agent->loop);

	if (!result)
		result = open_signals(agent);
	if (!result)
		result = loop_add(agent->loop, agent->signal_fd, on_signal, agent);
	if (!result)
		result = watch_namespace(agent);
	if (!result)
		result = loop_add(agent->loop, handlers_fd(agent->handlers), on_request, agent);
	if (!result)
		result = loop_add(agent->loop, dataplane_clock_fd(agent->dataplane), on_clock,
				  agent);
	if (!result)
		result = loop_add(agent->loop, dataplane_clock_watch_fd(agent->dataplane),
				  on_clock_device, agent);
	if (!result)
		result = keys_start(agent->keys, agent->loop);
	if (!result)
		result = sessions_start(agent->sessions, agent->loop);
	if (!result)
		result = listeners_start(agent->listeners, agent->loop);
	return result;
}

static void close_parts(struct agent *agent)
{
	config_close(agent->config);
	handlers_close(agent->handlers);
	listeners_close(agent->listeners);
	sessions_close(agent->sessions);
	notify_close(agent->notify);
	watch_close(agent->watch);
	keys_close(agent->keys);
	dataplane_close(agent->dataplane);
	if (agent->transport)
		agent->transport->ops->close(agent->transport);
	if (agent->signal_fd >= 0)
		close(agent->signal_fd);
	if (agent->netns_fd >= 0)
		close(agent->netns_fd);
	loop_close(agent->loop);
}

static int serve(struct agent *agent, const struct options *options)
{
	char error[256] = "";
	int result = open_parts(agent, options, error, sizeof(error));

	if (result) {
		log_error("%s", error);
		return result;
	}
	if (namespace_pins_are_private())
		log_warning("/sys/fs/bpf is private to this process, and the sessions end with it: "
			    "use --netns instead of `ip netns exec`");
	result = add_sources(agent);
	if (!result && !agent->gone) {
		log_info("ready");
		notify_ready();
		result = config_start(agent->loop, options->config, agent->netns, &agent->config);
		if (result) /* and the agent goes on */
			log_error("cannot apply the configuration file: %s", strerror(-result));
		result = loop_run(agent->loop);
		/* Who has asked already would wait for nothing. */
		if (!result)
			result = handlers_dispatch(agent->handlers);
	}
	if (result)
		log_error("stopped: %s", strerror(-result));
	return result;
}

/* Also where no agent runs, and the pins are gone: the marks are in the kernel's table. */
static int release_neighbours(char *error, size_t error_size)
{
	struct rtnl *rtnl = NULL;
	int result = rtnl_open(&rtnl);

	if (!result)
		result = neighbour_release_all(rtnl);
	rtnl_close(rtnl);
	if (result)
		snprintf(error, error_size, "cannot take our mark off the neighbour entries: %s",
			 strerror(-result));
	return result;
}

static int flush(bool now, char *error, size_t error_size)
{
	int result = now ? 0 : dataplane_say_goodbye(error, error_size);

	if (!result)
		result = dataplane_remove_all(error, error_size);
	return result ? result : release_neighbours(error, error_size);
}

/* Who holds the netlink port is the namespace's agent. */
static int run(struct agent *agent, const struct options *options)
{
	const struct dataplane_options dataplane_options = dataplane_options_of(options);
	char error[256] = "";
	int result = 0;

	/* Its name may be gone since: then it is on us to remove what is pinned. */
	if (!handover_began_again() && options->netns)
		result = namespace_enter(options->netns, error, sizeof(error));
	/* Before the agent that is there, if any, is asked to go. */
	if (!result && (options->check || options->handover))
		result = dataplane_check(&dataplane_options, error, sizeof(error));
	if (!result && options->handover)
		result = handover_take(error, sizeof(error));
	if (!result && !options->check)
		result = genl_usersock_open(BFD_USERSOCK_PORT, &agent->transport, error,
					    sizeof(error));
	if (!result && options->flush)
		result = flush(options->now, error, sizeof(error));
	if (result)
		log_error("%s", error);
	else if (!options->flush && !options->check)
		result = serve(agent, options);
	return result;
}

int main(int argc, char **argv)
{
	struct options options = {};
	struct agent agent = {.signal_fd = -1, .netns_fd = -1};
	char error[256] = "";
	int status, result;

	log_open(false);
	status = parse_options(argc, argv, &options);
	if (status >= 0)
		return status;
	log_open(options.verbose);
	agent.netns = options.netns;
	result = run(&agent, &options);
	close_parts(&agent);
	if (!result && agent.gone) {
		log_info("the network namespace \"%s\" was deleted: nothing of it is left here",
			 options.netns);
		result = flush(true, error, sizeof(error));
		if (result)
			log_error("%s", error);
	}
	if (!result && agent.again && !agent.gone) {
		result = handover_exec_file(argv);
		log_error("cannot begin anew: %s", strerror(-result));
	}
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

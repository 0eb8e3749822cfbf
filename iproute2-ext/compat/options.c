// SPDX-License-Identifier: GPL-2.0
/*
 * One table of iproute2's global options, in the order in which it tries
 * abbreviations, so that -b is -batch and -br is -brief here too.  Options that
 * mean nothing to BFD are accepted, as `ip` does.  It must not know commands.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "options.h"
#include "utils.h"
#include "version.h"

#define NETNS_DIRECTORY "/run/netns"

int preferred_family;
int show_stats;
int show_details;
int oneline;
int brief;
int json;
int pretty;
int timestamp;
int timestamp_short;
int echo_request;
int force;
int batch_mode;
const char *_SL_ = "\n";

enum option_id {
	OPTION_COUNTED, /* raises *counter */
	OPTION_IGNORED,
	OPTION_INET,
	OPTION_INET6,
	OPTION_FAMILY,
	OPTION_TSHORT,
	OPTION_VERSION,
	OPTION_BATCH,
	OPTION_COLOR,
	OPTION_HELP,
	OPTION_NETNS,
};

static const struct option {
	const char *name;
	enum option_id id;
	bool has_value;
	bool in_full; /* no abbreviation */
	int *counter;
} options[] = {
	{.name = "-loops", .id = OPTION_IGNORED, .has_value = true},
	{.name = "-family", .id = OPTION_FAMILY, .has_value = true},
	{.name = "-4", .id = OPTION_INET, .in_full = true},
	{.name = "-6", .id = OPTION_INET6, .in_full = true},
	{.name = "-human-readable", .id = OPTION_IGNORED},
	{.name = "-iec", .id = OPTION_IGNORED},
	{.name = "-stats", .counter = &show_stats},
	{.name = "-statistics", .counter = &show_stats},
	{.name = "-details", .counter = &show_details},
	{.name = "-resolve", .id = OPTION_IGNORED},
	{.name = "-oneline", .counter = &oneline},
	{.name = "-timestamp", .counter = &timestamp},
	{.name = "-tshort", .id = OPTION_TSHORT},
	{.name = "-Version", .id = OPTION_VERSION},
	{.name = "-force", .counter = &force},
	{.name = "-batch", .id = OPTION_BATCH, .has_value = true},
	{.name = "-brief", .counter = &brief},
	{.name = "-json", .counter = &json},
	{.name = "-pretty", .counter = &pretty},
	{.name = "-rcvbuf", .id = OPTION_IGNORED, .has_value = true},
	{.name = "-color", .id = OPTION_COLOR},
	{.name = "-help", .id = OPTION_HELP},
	{.name = "-netns", .id = OPTION_NETNS, .has_value = true},
	{.name = "-Numeric", .id = OPTION_IGNORED},
	{.name = "-all", .id = OPTION_IGNORED},
	{.name = "-echo", .counter = &echo_request, .in_full = true},
};

static const struct option *find_option(const char *word)
{
	int color;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		const struct option *option = &options[i];

		if (option->id == OPTION_COLOR ? matches_color(word, &color)
		    : option->in_full	       ? !strcmp(word, option->name)
					       : !matches(word, option->name))
			return option;
	}
	return NULL;
}

/* The options end at the first word without a dash, or after "--". */
static bool is_option(const char *word)
{
	return word[0] == '-' && strcmp(word, "--");
}

/* --word means -word. */
static const char *option_word(const char *word)
{
	return word[1] == '-' ? word + 1 : word;
}

static int enter_netns(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", NETNS_DIRECTORY, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "Cannot open network namespace \"%s\": %s\n", name,
			strerror(errno));
		return -1;
	}
	if (setns(fd, CLONE_NEWNET)) {
		fprintf(stderr, "setting the network namespace \"%s\" failed: %s\n", name,
			strerror(errno));
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

static void set_family(const char *name)
{
	if (!strcmp(name, "inet"))
		preferred_family = AF_INET;
	else if (!strcmp(name, "inet6"))
		preferred_family = AF_INET6;
	else
		invarg("invalid protocol family", name);
}

int parse_options(int argc, char **argv, const char **batch, void (*help)(void))
{
	int color = COLOR_OPT_NEVER;
	int i;

	*batch = NULL;
	for (i = 1; i < argc && is_option(argv[i]); i++) {
		const char *word = option_word(argv[i]);
		const struct option *option = find_option(word);

		if (!option) {
			fprintf(stderr, "Option \"%s\" is unknown, try \"ip -help\".\n", word);
			exit(-1);
		}
		if (option->has_value && ++i == argc)
			incomplete_command();
		switch (option->id) {
		case OPTION_COUNTED:
			++*option->counter;
			break;
		case OPTION_IGNORED:
			break;
		case OPTION_INET:
			preferred_family = AF_INET;
			break;
		case OPTION_INET6:
			preferred_family = AF_INET6;
			break;
		case OPTION_FAMILY:
			set_family(argv[i]);
			break;
		case OPTION_TSHORT:
			timestamp++;
			timestamp_short++;
			break;
		case OPTION_VERSION:
			printf("ip bfd utility, ipbfd-%s\n", IPBFD_VERSION);
			exit(0);
		case OPTION_BATCH:
			*batch = argv[i];
			break;
		case OPTION_COLOR:
			matches_color(word, &color);
			break;
		case OPTION_HELP:
			help();
			exit(-1);
		case OPTION_NETNS:
			if (enter_netns(argv[i]))
				exit(-1);
			break;
		}
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	_SL_ = oneline ? "\\" : "\n";
	check_enable_color(color, json);
	return i;
}

int skip_options(int argc, char *const *argv, int *batch)
{
	int i;

	*batch = 0;
	for (i = 1; i < argc && is_option(argv[i]); i++) {
		const struct option *option = find_option(option_word(argv[i]));

		if (!option || !option->has_value)
			continue;
		i++;
		if (option->id == OPTION_BATCH && i < argc)
			*batch = i;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	return i < argc ? i : argc;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * See config.h.
 */
#define _GNU_SOURCE /* pipe2() */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "loop.h"

#define CONFIG_DIR "/etc/bfd"
#define CLIENT "ip-bfd"
#define MAX_ABSENT 256
#define RETRY_SECONDS 1

/* A device that lines name, and that wasn't there. */
struct absent {
	char name[IF_NAMESIZE];
	bool trying; /* the client is at work on its lines */
	bool said;   /* that its lines failed again, for another reason */
};

struct config {
	struct loop *loop;
	char path[PATH_MAX];
	pid_t pid;	/* of the client; 0: it has ended */
	int fd;		/* what it says, -1: closed */
	char line[400]; /* begun, but not ended yet */
	size_t length;
	struct absent absent[MAX_ABSENT];
	size_t absent_count;
	bool retrying; /* the client has been given devices */
	int links_fd;  /* hears of links and addresses while any is absent, -1: none is */
	int timer_fd;  /* between such news and another attempt */
	bool timer_set;
};

/* The client beside our own program, or else the one on PATH. */
static void execute(struct config *config)
{
	char *argv[MAX_ABSENT + 6] = {(char *)CLIENT, (char *)"restore", config->path,
				      (char *)"config"};
	char client[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", client, sizeof(client) - sizeof(CLIENT));
	char *slash;
	size_t count = 4;

	if (config->retrying)
		argv[count++] = (char *)"dev";
	for (size_t i = 0; config->retrying && i < config->absent_count; i++)
		if (config->absent[i].trying)
			argv[count++] = config->absent[i].name;
	client[length > 0 ? length : 0] = '\0';
	slash = strrchr(client, '/');
	if (slash) {
		memcpy(slash + 1, CLIENT, sizeof(CLIENT));
		execv(client, argv);
	}
	execvp(CLIENT, argv);
	fprintf(stderr, "cannot run " CLIENT ": %s\n", strerror(errno));
	_exit(127);
}

static void run_client(struct config *config, int output, pid_t parent)
{
	sigset_t none;

	/* Nobody would read what it says. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execute(config);
}

/* The client names a device that isn't there as iproute2 does. */
static void note_absent(struct config *config)
{
	char name[IF_NAMESIZE + 1];

	if (sscanf(config->line, "Cannot find device \"%16[^\"]\"", name) != 1 ||
	    strlen(name) >= IF_NAMESIZE)
		return;
	for (size_t i = 0; i < config->absent_count; i++)
		if (!strcmp(config->absent[i].name, name))
			return;
	if (config->absent_count == MAX_ABSENT)
		return;
	config->absent[config->absent_count] = (struct absent){};
	memcpy(config->absent[config->absent_count++].name, name, strlen(name) + 1);
}

/* Has all that is tried again been told to fail? */
static bool all_said(const struct config *config)
{
	for (size_t i = 0; i < config->absent_count; i++)
		if (config->absent[i].trying && !config->absent[i].said)
			return false;
	return true;
}

static void say_line(struct config *config)
{
	config->line[config->length] = '\0';
	if (config->length && config->retrying && all_said(config))
		log_debug("configuration: %s", config->line);
	else if (config->length)
		log_warning("configuration: %s", config->line);
	if (config->length)
		note_absent(config);
	config->length = 0;
}

static void say(struct config *config, const char *text, ssize_t length)
{
	for (; length > 0; text++, length--) {
		if (*text == '\n' || config->length == sizeof(config->line) - 1)
			say_line(config);
		if (*text != '\n')
			config->line[config->length++] = *text;
	}
}

/* ---- devices that weren't there ---- */

static int start_client(struct config *config);

static void forget_tried(struct config *config)
{
	size_t kept = 0;

	for (size_t i = 0; i < config->absent_count; i++)
		if (!config->absent[i].trying)
			config->absent[kept++] = config->absent[i];
	config->absent_count = kept;
}

static void set_timer(struct config *config)
{
	struct itimerspec when = {.it_value.tv_sec = RETRY_SECONDS};

	if (!config->timer_set)
		timerfd_settime(config->timer_fd, 0, &when, NULL);
	config->timer_set = true;
}

static int on_links(void *context)
{
	struct config *config = context;
	char ignored[8192];
	bool any = false;

	while (recv(config->links_fd, ignored, sizeof(ignored), 0) >= 0 || errno == ENOBUFS)
		any = true;
	if (any)
		set_timer(config);
	return 0;
}

/* Those that are there by now, their lines and no others. */
static int on_retry(void *context)
{
	struct config *config = context;
	uint64_t expirations;
	bool any = false;
	int result;

	if (read(config->timer_fd, &expirations, sizeof(expirations)) < 0)
		return 0;
	config->timer_set = false;
	if (config->pid) {
		set_timer(config);
		return 0;
	}
	for (size_t i = 0; i < config->absent_count; i++) {
		config->absent[i].trying = if_nametoindex(config->absent[i].name) != 0;
		any |= config->absent[i].trying;
	}
	config->retrying = any;
	result = any ? start_client(config) : 0;
	if (result)
		log_error("configuration: cannot run " CLIENT " again: %s", strerror(-result));
	return 0;
}

static void watch_links(struct config *config)
{
	struct sockaddr_nl self = {.nl_family = AF_NETLINK,
				   .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
						RTMGRP_IPV6_IFADDR};

	if (!config->absent_count && config->links_fd >= 0) {
		loop_remove(config->loop, config->links_fd);
		close(config->links_fd);
		config->links_fd = -1;
	}
	if (!config->absent_count || config->links_fd >= 0)
		return;
	config->links_fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (config->links_fd < 0 ||
	    bind(config->links_fd, (struct sockaddr *)&self, sizeof(self)) < 0 ||
	    loop_add(config->loop, config->links_fd, on_links, config))
		log_error("configuration: cannot wait for devices that are to come: %s",
			  strerror(errno));
	/* One may have come since the client looked. */
	set_timer(config);
}

static void client_ended(struct config *config)
{
	int status = 0;
	bool done;

	say_line(config);
	loop_remove(config->loop, config->fd);
	close(config->fd);
	config->fd = -1;
	done = waitpid(config->pid, &status, 0) == config->pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
	config->pid = 0;
	if (!config->retrying && done)
		log_info("configuration: %s is applied", config->path);
	else if (!config->retrying)
		log_error("configuration: %s is not applied, or not all of it", config->path);
	for (size_t i = 0; config->retrying && i < config->absent_count; i++) {
		if (!config->absent[i].trying)
			continue;
		config->absent[i].said = true;
		if (done)
			log_info("configuration: %s is there, and its lines are applied",
				 config->absent[i].name);
	}
	if (config->retrying && done)
		forget_tried(config);
	config->retrying = false;
	watch_links(config);
}

static int on_output(void *context)
{
	struct config *config = context;
	char text[512];
	ssize_t length = read(config->fd, text, sizeof(text));

	if (length > 0)
		say(config, text, length);
	else if (length == 0 || (errno != EAGAIN && errno != EINTR))
		client_ended(config);
	return 0;
}

/* 0: there is none. */
static int find_file(struct config *config, const char *path, const char *netns)
{
	/* The client starts where we are; a path that is begun here is told in full. */
	if (path) {
		if (!realpath(path, config->path))
			snprintf(config->path, sizeof(config->path), "%s", path);
		return 1;
	}
	snprintf(config->path, sizeof(config->path), CONFIG_DIR "/%s.conf", netns ? netns : "bfd");
	return access(config->path, F_OK) == 0;
}

static int start_client(struct config *config)
{
	pid_t parent = getpid();
	int ends[2] = {-1, -1};
	int result;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	config->fd = ends[0];
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		goto fail;
	config->pid = fork();
	if (config->pid == 0)
		run_client(config, ends[1], parent);
	if (config->pid < 0) {
		config->pid = 0;
		goto fail;
	}
	result = loop_add(config->loop, config->fd, on_output, config);
	if (result)
		goto cleanup;
	close(ends[1]);
	return 0;

fail:
	result = -errno;
cleanup:
	if (config->pid) {
		kill(config->pid, SIGTERM);
		waitpid(config->pid, NULL, 0);
		config->pid = 0;
	}
	close(ends[0]);
	close(ends[1]);
	config->fd = -1;
	return result;
}

int config_start(struct loop *loop, const char *path, const char *netns, struct config **out)
{
	struct config *config = calloc(1, sizeof(*config));
	int result = 0;

	*out = NULL;
	if (!config)
		return -ENOMEM;
	config->loop = loop;
	config->fd = -1;
	config->links_fd = -1;
	config->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (config->timer_fd < 0)
		result = -errno;
	else if (!find_file(config, path, netns))
		goto cleanup;
	if (!result)
		result = loop_add(loop, config->timer_fd, on_retry, config);
	if (!result)
		result = start_client(config);
	if (result)
		goto cleanup;
	*out = config;
	return 0;

cleanup:
	config_close(config);
	return result;
}

void config_close(struct config *config)
{
	if (!config)
		return;
	if (config->pid) {
		kill(config->pid, SIGTERM);
		waitpid(config->pid, NULL, 0);
	}
	if (config->fd >= 0)
		close(config->fd);
	if (config->links_fd >= 0)
		close(config->links_fd);
	if (config->timer_fd >= 0)
		close(config->timer_fd);
	free(config);
}

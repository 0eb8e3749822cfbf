// SPDX-License-Identifier: GPL-2.0
/*
 * See config.h.
 */
#define _GNU_SOURCE /* pipe2() */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "loop.h"

#define CONFIG_DIR "/etc/bfd"
#define CLIENT "ip-bfd"

struct config {
	char path[PATH_MAX];
	pid_t pid;	/* of the client; 0: it has ended */
	int fd;		/* what it says, -1: closed */
	char line[400]; /* begun, but not ended yet */
	size_t length;
};

/* The client beside our own program, or else the one on PATH. */
static void execute(const char *path)
{
	char *const argv[] = {(char *)CLIENT, (char *)"restore", (char *)path, (char *)"config",
			      NULL};
	char client[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", client, sizeof(client) - sizeof(CLIENT));
	char *slash;

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

static void run_client(const char *path, int output, pid_t parent)
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
	execute(path);
}

static void say_line(struct config *config)
{
	config->line[config->length] = '\0';
	if (config->length)
		log_warning("configuration: %s", config->line);
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

static void client_ended(struct config *config)
{
	int status = 0;

	say_line(config);
	close(config->fd); /* and the loop knows it no longer */
	config->fd = -1;
	if (waitpid(config->pid, &status, 0) == config->pid && WIFEXITED(status) &&
	    !WEXITSTATUS(status))
		log_info("configuration: %s is applied", config->path);
	else
		log_error("configuration: %s is not applied, or not all of it", config->path);
	config->pid = 0;
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

int config_start(struct loop *loop, const char *path, const char *netns, struct config **out)
{
	struct config *config = calloc(1, sizeof(*config));
	pid_t parent = getpid();
	int ends[2] = {-1, -1};
	int result = 0;

	*out = NULL;
	if (!config)
		return -ENOMEM;
	config->fd = -1;
	if (!find_file(config, path, netns))
		goto cleanup;
	if (pipe2(ends, O_CLOEXEC) < 0)
		goto fail;
	config->fd = ends[0];
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		goto fail;
	config->pid = fork();
	if (config->pid == 0)
		run_client(config->path, ends[1], parent);
	if (config->pid < 0) {
		config->pid = 0;
		goto fail;
	}
	result = loop_add(loop, config->fd, on_output, config);
	if (result)
		goto cleanup;
	close(ends[1]);
	*out = config;
	return 0;

fail:
	result = -errno;
cleanup:
	if (ends[1] >= 0)
		close(ends[1]);
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
	free(config);
}

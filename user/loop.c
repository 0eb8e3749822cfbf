// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's one loop; see loop.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "loop.h"

/* The agent has no more descriptors than these: events, watch, netlink, clock, signals. */
#define LOOP_MAX 24

struct loop_source {
	loop_cb callback; /* NULL: free */
	void *context;
	int fd;
};

struct loop {
	int epoll_fd;
	bool stopped;
	struct loop_source sources[LOOP_MAX];
};

int loop_open(struct loop **out)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return -ENOMEM;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		int error = -errno;

		free(loop);
		return error;
	}
	*out = loop;
	return 0;
}

void loop_close(struct loop *loop)
{
	if (!loop)
		return;
	close(loop->epoll_fd);
	free(loop);
}

int loop_add(struct loop *loop, int fd, loop_cb callback, void *context)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct loop_source *source = NULL;

	for (int i = 0; i < LOOP_MAX && !source; i++)
		if (!loop->sources[i].callback)
			source = &loop->sources[i];
	if (!source)
		return -ENOSPC;
	event.data.ptr = source;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	source->callback = callback;
	source->context = context;
	source->fd = fd;
	return 0;
}

void loop_remove(struct loop *loop, int fd)
{
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	for (int i = 0; i < LOOP_MAX; i++)
		if (loop->sources[i].callback && loop->sources[i].fd == fd)
			loop->sources[i].callback = NULL;
}

int loop_run(struct loop *loop)
{
	while (!loop->stopped) {
		struct epoll_event events[LOOP_MAX];
		int count = epoll_wait(loop->epoll_fd, events, LOOP_MAX, -1);

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count && !loop->stopped; i++) {
			const struct loop_source *source = events[i].data.ptr;
			/* It may have been removed by one before it. */
			int error = source->callback ? source->callback(source->context) : 0;

			if (error < 0)
				return error;
		}
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

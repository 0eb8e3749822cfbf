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
#define LOOP_MAX 16

struct loop_source {
	loop_cb callback;
	void *context;
};

struct loop {
	int epoll_fd;
	bool stopped;
	unsigned int count;
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
	struct loop_source *source;

	if (loop->count == LOOP_MAX)
		return -ENOSPC;
	source = &loop->sources[loop->count];
	source->callback = callback;
	source->context = context;
	event.data.ptr = source;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	loop->count++;
	return 0;
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
			int error = source->callback(source->context);

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

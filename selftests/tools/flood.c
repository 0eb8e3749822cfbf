// SPDX-License-Identifier: GPL-2.0
/*
 * Sends frames from a file, one after another and again from the first, at a rate, and for a
 * time: both are bounded, so that a test that dies leaves nothing that floods.
 *
 *	flood DEVICE FILE PER-SECOND SECONDS [COUNT]
 *
 * FILE has a frame in hexadecimal on each line.  At the end it prints `N frames in S.SSS s`.  It
 * must not know what the frames are.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_FRAMES 65536
#define MAX_FRAME 256
#define MAX_SECONDS 60
#define MAX_PER_SECOND 1000000
#define BATCH 64
#define ROUND_NS 500000 /* between looks at the clock */
#define NS 1000000000ULL

struct frame {
	unsigned int length;
	uint8_t bytes[MAX_FRAME];
};

static struct frame *frames;
static unsigned int frame_count;

static __attribute__((noreturn)) void fail(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, errno ? strerror(errno) : "that is wrong");
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS + now.tv_nsec;
}

static void read_frame(const char *line, const char *name)
{
	struct frame *frame = &frames[frame_count];
	unsigned int byte;

	frame->length = 0;
	while (sscanf(line, "%2x", &byte) == 1) {
		if (frame->length == MAX_FRAME)
			fail(name);
		frame->bytes[frame->length++] = byte;
		line += 2;
	}
	if (frame->length < ETH_HLEN)
		fail(name);
	frame_count++;
}

static void read_frames(const char *name)
{
	FILE *file = fopen(name, "r");
	char line[2 * MAX_FRAME + 2];

	frames = calloc(MAX_FRAMES, sizeof(*frames));
	if (!file || !frames)
		fail(name);
	while (frame_count < MAX_FRAMES && fgets(line, sizeof(line), file))
		read_frame(line, name);
	fclose(file);
	errno = 0;
	if (frame_count == 0)
		fail(name);
}

static int open_device(const char *name)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1;
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
				      .sll_ifindex = (int)if_nametoindex(name)};

	if (fd < 0 || address.sll_ifindex == 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail(name);
	return fd;
}

/* Returns how many were sent; what the device has no room for is lost, as it would be. */
static unsigned int send_batch(int fd, uint64_t first, unsigned int count)
{
	struct mmsghdr messages[BATCH] = {};
	struct iovec vectors[BATCH];
	int sent;

	for (unsigned int i = 0; i < count; i++) {
		struct frame *frame = &frames[(first + i) % frame_count];

		vectors[i].iov_base = frame->bytes;
		vectors[i].iov_len = frame->length;
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(fd, messages, count, 0);
	if (sent < 0 && errno != ENOBUFS && errno != EAGAIN)
		fail("sendmmsg");
	return sent > 0 ? sent : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t flood(int fd, uint64_t per_second, uint64_t count, uint64_t start_ns,
		      uint64_t end_ns)
{
	const struct timespec pause = {.tv_nsec = ROUND_NS};
	uint64_t sent = 0, skipped = 0, now = start_ns;

	while (sent < count && now < end_ns) {
		uint64_t due = (now - start_ns) * per_second / NS + 1;

		if (due > sent + skipped) {
			/* What the machine's stalls left out isn't made up for in one burst. */
			if (due - sent - skipped > per_second / 50 + BATCH)
				skipped = due - sent - BATCH;
			sent += send_batch(fd, sent,
					   least(BATCH, least(due - sent - skipped, count - sent)));
		} else {
			nanosleep(&pause, NULL);
		}
		now = now_ns();
	}
	return sent;
}

static uint64_t number(const char *text, uint64_t most)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	errno = 0;
	if (*end || value == 0 || value > most)
		fail(text);
	return value;
}

int main(int argc, char **argv)
{
	uint64_t per_second, seconds, start_ns, sent, count = UINT64_MAX;
	int fd;

	if (argc != 5 && argc != 6) {
		fprintf(stderr, "usage: flood DEVICE FILE PER-SECOND SECONDS [COUNT]\n");
		return 2;
	}
	read_frames(argv[2]);
	per_second = number(argv[3], MAX_PER_SECOND);
	seconds = number(argv[4], MAX_SECONDS);
	if (argc == 6)
		count = number(argv[5], UINT64_MAX);
	fd = open_device(argv[1]);
	start_ns = now_ns();
	sent = flood(fd, per_second, count, start_ns, start_ns + seconds * NS);
	printf("%llu frames in %.3f s\n", (unsigned long long)sent, (now_ns() - start_ns) / 1e9);
	close(fd);
	free(frames);
	return 0;
}

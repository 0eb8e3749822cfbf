// SPDX-License-Identifier: GPL-2.0
/*
 * The times of keys: from the operator's clock to the data plane's, and again when their
 * difference changes; see keys.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "dataplane.h"
#include "keys_internal.h"
#include "log.h"
#include "loop.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_S INT64_C(1000000000)

/* Two readings that are farther apart say nothing of a difference in seconds. */
#define APART_MAX_NS (NS_PER_S / 10)
#define READINGS_MAX 100

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

uint64_t keys_now_ns(void)
{
	return (uint64_t)clock_ns(CLOCK_TAI);
}

/* adjtimex() knows it, but is refused to services that may not set the clock. */
static int32_t read_tai_offset_s(void)
{
	int64_t before_ns, tai_ns, after_ns;
	int readings = 0;

	do {
		before_ns = clock_ns(CLOCK_REALTIME);
		tai_ns = clock_ns(CLOCK_TAI);
		after_ns = clock_ns(CLOCK_REALTIME);
	} while ((after_ns < before_ns || after_ns - before_ns > APART_MAX_NS) &&
		 ++readings < READINGS_MAX);
	tai_ns -= before_ns;
	return (int32_t)((tai_ns + (tai_ns < 0 ? -NS_PER_S / 2 : NS_PER_S / 2)) / NS_PER_S);
}

static uint64_t shift_ns(uint64_t time_ns, int64_t by_ns)
{
	int64_t shifted_ns = (int64_t)time_ns + by_ns;

	if (!time_ns)
		return 0;
	return shifted_ns > 0 ? (uint64_t)shifted_ns : 1;
}

uint64_t keys_tai_ns(uint64_t realtime_us, int32_t tai_offset_s)
{
	return shift_ns(realtime_us * (uint64_t)NS_PER_US, tai_offset_s * NS_PER_S);
}

uint64_t keys_realtime_us(uint64_t tai_ns, int32_t tai_offset_s)
{
	uint64_t realtime_us = shift_ns(tai_ns, -(tai_offset_s * NS_PER_S)) / (uint64_t)NS_PER_US;

	return tai_ns && !realtime_us ? 1 : realtime_us;
}

/* The operator's times stay, so the data plane's move. */
static int rewrite(struct keys *keys, uint32_t number)
{
	struct bfd_key_chain chain;
	int error = dataplane_key_chain_read(keys->dp, number, &chain);
	int64_t by_ns;

	if (!error) {
		by_ns = ((int64_t)keys->tai_offset_s - chain.tai_offset_s) * NS_PER_S;
		chain.tai_offset_s = keys->tai_offset_s;
		for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++) {
			struct bfd_key *key = &chain.keys[i];

			key->send_from_ns = shift_ns(key->send_from_ns, by_ns);
			key->accept_from_ns = shift_ns(key->accept_from_ns, by_ns);
			key->accept_until_ns = shift_ns(key->accept_until_ns, by_ns);
		}
		error = dataplane_key_chain_set(keys->dp, number, &chain);
	}
	if (!error)
		error = keys_remember(keys, number, &chain);
	explicit_bzero(&chain, sizeof(chain));
	return error;
}

void keys_check_clock(struct keys *keys)
{
	int32_t offset_s = read_tai_offset_s();
	unsigned int rewritten = 0;
	int error = 0;

	keys->tai_offset_s = offset_s;
	for (uint32_t number = 1; number <= BFD_MAX_KEY_CHAINS && !error; number++) {
		if (!keys->chains[number] || keys->chains[number]->tai_offset_s == offset_s)
			continue;
		error = rewrite(keys, number);
		rewritten += !error;
	}
	if (rewritten)
		log_info("TAI is %d s ahead of UTC now: the times of %u key chains follow",
			 offset_s, rewritten);
	if (error)
		log_error("cannot write a key chain anew after a change of the clock: %s",
			  strerror(-error));
}

static int clock_was_set(void *context)
{
	struct keys *keys = context;
	uint64_t expirations;

	/* ECANCELED: that is what it waits for.  Reading arms it again. */
	if (read(keys->clock_fd, &expirations, sizeof(expirations)) < 0 && errno == EAGAIN)
		return 0;
	keys_check_clock(keys);
	return 0;
}

int keys_start(struct keys *keys, struct loop *loop)
{
	/* Never due; it is canceled when the clock is set. */
	const struct itimerspec never = {.it_value = {.tv_sec = INT64_C(1) << 33}};

	keys->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (keys->clock_fd < 0 ||
	    timerfd_settime(keys->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never,
			    NULL) < 0)
		return -errno;
	return loop_add(loop, keys->clock_fd, clock_was_set, keys);
}

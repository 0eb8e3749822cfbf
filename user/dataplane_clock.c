// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's part in the transmit clock: it sets the clock up, starts it when
 * the first session comes, and looks after it once a second.  The clock runs
 * without the agent; only where the kernel has no tbf must the agent inject each
 * tick itself.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "clock.h"
#include "dataplane_internal.h"

/*
 * Ticks that the clock can have, microseconds.  A tick costs a timer interrupt, which on a
 * virtual machine is far more than a packet, so it is as long as the sessions allow.
 */
static const uint32_t ticks_us[] = {10000, 5000, 2000, 1000, 500, 250};

/* Gaps are whole ticks, so that a quarter of the interval must have several for the jitter of
 * RFC 5880 6.8.7.
 */
#define TICKS_PER_INTERVAL 20
/* Half of what the data plane sends in a tick at most (BFD_TICK_SENDS). */
#define SENDS_PER_TICK 100

#define CHECK_NS 1000000000ULL
/* After a change the clock is looked at this soon. */
#define FIRST_CHECK_NS 100000000ULL
/* To slow down is never urgent: two checks that find it right, so that what goes back and forth
 * isn't followed all the time.
 */
#define SLOWER_NS (CHECK_NS * 9 / 10)

/* Where there is no tbf it is looked for again so rarely: to ask may start modprobe. */
#define SHAPE_AGAIN_NS (60 * CHECK_NS)

uint64_t dataplane_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

static int read_clock(const struct dataplane *dp, struct bfd_clock *clock)
{
	uint32_t zero = 0;

	return bpf_map_lookup_elem(dp->clock_fd, &zero, clock) < 0 ? -errno : 0;
}

/* Replaces a program of an earlier agent in one step, so that no tick is missed. */
static int attach_tick_program(struct dataplane *dp, bool *mended)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)dp->tick1, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = dp->tick_prog_fd, .handle = 1, .priority = 1,
		    .flags = BPF_TC_F_REPLACE);
	LIBBPF_OPTS(bpf_tc_opts, found, .handle = 1, .priority = 1);
	int error = bpf_tc_hook_create(&hook);

	if (error && error != -EEXIST)
		return error;
	/* The frames that came while it was missing are gone. */
	if (mended && (!error || bpf_tc_query(&hook, &found)))
		*mended = true;
	return bpf_tc_attach(&hook, &options);
}

static int ensure_devices(struct dataplane *dp, bool *mended)
{
	int error = clock_ensure(dp->tick_us, &dp->tick0, &dp->tick1, mended);

	dp->shaped = error == 0;
	dp->shape_tried_ns = dataplane_now_ns();
	if (error && error != -EOPNOTSUPP)
		return error;
	return attach_tick_program(dp, mended);
}

int dataplane_clock_open(struct dataplane *dp, char *error, size_t error_size)
{
	struct bfd_clock clock;
	int result = read_clock(dp, &clock);

	if (result)
		return result;
	dp->tick_us = clock.tick_us ? clock.tick_us : ticks_us[0];
	dp->fastest_us = UINT32_MAX;
	dp->generation = clock.generation;
	dp->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (dp->timer_fd < 0)
		return -errno;
	dp->clock_watch_fd = clock_watch_open();
	if (dp->clock_watch_fd < 0)
		return dp->clock_watch_fd;
	result = ensure_devices(dp, NULL);
	if (result)
		snprintf(error, error_size, "cannot set up the clock device %s: %s",
			 CLOCK_TICK0_NAME,
			 result == -EEXIST ? "a device of this name is there and isn't ours"
					   : strerror(-result));
	return result;
}

void dataplane_clock_close(struct dataplane *dp)
{
	if (dp->timer_fd >= 0)
		close(dp->timer_fd);
	dp->timer_fd = -1;
	if (dp->clock_watch_fd >= 0)
		close(dp->clock_watch_fd);
	dp->clock_watch_fd = -1;
	if (dp->tick_now_fd >= 0)
		close(dp->tick_now_fd);
	dp->tick_now_fd = -1;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000),
	};
}

/* 0: stop. */
static int set_timer(struct dataplane *dp, uint64_t first_ns, uint64_t period_ns)
{
	struct itimerspec timer = {
		.it_value = timespec_of(first_ns),
		.it_interval = timespec_of(period_ns),
	};

	return timerfd_settime(dp->timer_fd, 0, &timer, NULL) < 0 ? -errno : 0;
}

/* Have the clock looked at, or where nothing shapes it every tick made. */
static int watch_clock(struct dataplane *dp, const struct bfd_clock *clock)
{
	uint64_t tick_ns = dp->tick_us * 1000ULL;

	dp->last_ticks = clock->ticks;
	if (!dp->shaped)
		return set_timer(dp, tick_ns, tick_ns);
	return set_timer(dp, FIRST_CHECK_NS, CHECK_NS);
}

/* A new generation of tick frames; those of the one before, if any still live, die. */
static int start_frames(struct dataplane *dp)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_CLOCK,
		.tick_us = dp->tick_us,
		.shaped_ifindex = dp->shaped ? dp->tick0 : 0,
	};
	int error = dataplane_control(dp, &control);

	if (error)
		return error;
	dp->generation = control.generation;
	if (dp->shaped)
		return clock_inject(dp->tick0, CLOCK_ALL_FRAMES, dp->generation);
	return 0;
}

static int start_clock(struct dataplane *dp, const struct bfd_clock *clock)
{
	int error = start_frames(dp);

	if (!error)
		error = watch_clock(dp, clock);
	dp->clock_running = !error;
	return error;
}

static int stop_clock(struct dataplane *dp)
{
	/* Its frames end by themselves. */
	dp->clock_running = false;
	dp->fastest_us = UINT32_MAX;
	dp->fastest_stale = false;
	dp->slower_since_ns = 0;
	return set_timer(dp, 0, 0);
}

/* As if all sessions were as fast as the fastest. */
static uint32_t wanted_tick_us(uint32_t sessions, uint32_t fastest_us)
{
	size_t count = sizeof(ticks_us) / sizeof(ticks_us[0]), i;

	for (i = 0; i < count - 1; i++)
		if ((uint64_t)ticks_us[i] * TICKS_PER_INTERVAL <= fastest_us &&
		    (uint64_t)ticks_us[i] * sessions <= (uint64_t)fastest_us * SENDS_PER_TICK)
			break;
	return ticks_us[i];
}

static bool clock_alive(const struct bfd_clock *clock)
{
	return clock->last_tick_ns != 0 && dataplane_now_ns() - clock->last_tick_ns < 100000000ULL;
}

int dataplane_clock_update(struct dataplane *dp, uint32_t fastest_us)
{
	struct bfd_clock clock;
	uint32_t wanted_us;
	int error = read_clock(dp, &clock);

	if (error)
		return error;
	if (clock.sessions == 0)
		return stop_clock(dp);
	/* Faster at once; whether slower will do is for slow_down() to see. */
	if (fastest_us > dp->fastest_us)
		dp->fastest_stale = true;
	else
		dp->fastest_us = fastest_us;
	wanted_us = wanted_tick_us(clock.sessions, dp->fastest_us);
	if (wanted_us < dp->tick_us || (wanted_us != dp->tick_us && !dp->clock_running)) {
		dp->tick_us = wanted_us;
		error = ensure_devices(dp, NULL);
		return error ? error : start_clock(dp, &clock);
	}
	return dp->clock_running ? watch_clock(dp, &clock) : start_clock(dp, &clock);
}

void dataplane_clock_relax(struct dataplane *dp)
{
	dp->fastest_stale = true;
}

/*
 * The frames that circulate go on, so that none is missed: a new generation would wait for the
 * old ones to pass, a tick each.  The shaper first: then nothing takes them for a race, also if
 * we end here.
 */
static int retune(struct dataplane *dp, const struct bfd_clock *clock, uint32_t tick_us)
{
	struct bfd_control control = {.op = BFD_CONTROL_TICK, .tick_us = tick_us};
	bool mended = false;
	int error;

	dp->tick_us = tick_us;
	error = ensure_devices(dp, &mended);
	if (error)
		return error;
	if (mended || !dp->shaped)
		return start_clock(dp, clock);
	return dataplane_control(dp, &control);
}

/* Follow the fastest session when it has become slower, or there are fewer. */
static int slow_down(struct dataplane *dp, const struct bfd_clock *clock)
{
	uint64_t now_ns = dataplane_now_ns();
	uint32_t wanted_us;

	if (dp->fastest_stale)
		dp->fastest_us = dataplane_fastest_us(dp, &dp->fastest_stale);
	wanted_us = wanted_tick_us(clock->sessions, dp->fastest_us);
	if (wanted_us <= dp->tick_us) {
		dp->slower_since_ns = 0;
		return 0;
	}
	if (dp->slower_since_ns == 0)
		dp->slower_since_ns = now_ns;
	if (now_ns - dp->slower_since_ns < SLOWER_NS)
		return 0;
	dp->slower_since_ns = 0;
	return retune(dp, clock, wanted_us);
}

int dataplane_clock_adopt(struct dataplane *dp)
{
	struct bfd_clock clock;
	int error = read_clock(dp, &clock);

	if (!error && clock.sessions != 0 && dp->shaped && clock_alive(&clock) &&
	    clock.shaped_ifindex == dp->tick0)
		dp->clock_running = true; /* and its frames are left alone */
	return error;
}

void dataplane_clock_stale(struct dataplane *dp)
{
	struct bfd_clock clock;

	if (read_clock(dp, &clock) == 0 && clock.sessions == 0)
		dp->clock_running = false;
}

int dataplane_clock_now(struct dataplane *dp)
{
	if (dp->tick_now_fd < 0)
		dp->tick_now_fd = clock_open_now();
	return dp->tick_now_fd < 0 ? dp->tick_now_fd
				   : clock_tick_now(dp->tick_now_fd, dp->tick0, dp->generation);
}

/* Each tick is ours.  The rest once a second. */
static int tick_ourselves(struct dataplane *dp, const struct bfd_clock *clock)
{
	uint64_t now_ns = dataplane_now_ns();
	int error = clock_inject(dp->tick0, 1, dp->generation);

	if (error || now_ns - dp->looked_ns < CHECK_NS)
		return error;
	dp->looked_ns = now_ns;
	if (now_ns - dp->shape_tried_ns >= SHAPE_AGAIN_NS) {
		error = ensure_devices(dp, NULL);
		if (!error && dp->shaped)
			return start_clock(dp, clock);
	}
	return error ? error : slow_down(dp, clock);
}

int dataplane_clock_fd(const struct dataplane *dp)
{
	return dp->timer_fd;
}

int dataplane_clock_check(struct dataplane *dp)
{
	struct bfd_clock clock;
	uint64_t expirations;
	int error;

	if (read(dp->timer_fd, &expirations, sizeof(expirations)) < 0)
		return errno == EAGAIN ? 0 : -errno;
	error = read_clock(dp, &clock);
	if (error)
		return error;
	if (clock.sessions == 0)
		return stop_clock(dp);
	if (!dp->shaped)
		return tick_ourselves(dp, &clock);
	if (clock.ticks != dp->last_ticks) {
		dp->last_ticks = clock.ticks;
		return slow_down(dp, &clock);
	}
	error = ensure_devices(dp, NULL);
	if (!error)
		error = start_clock(dp, &clock);
	return error ? error : 1;
}

int dataplane_clock_watch_fd(const struct dataplane *dp)
{
	return dp->clock_watch_fd;
}

int dataplane_clock_mend(struct dataplane *dp)
{
	struct bfd_clock clock;
	bool mended = false;
	int result = clock_watch_read(dp->clock_watch_fd, dp->tick0, dp->tick1,
				      dataplane_filters_stale, dp);

	if (result <= 0)
		return result;
	result = ensure_devices(dp, &mended);
	if (!result)
		result = read_clock(dp, &clock);
	if (result || !mended)
		return result;
	result = clock.sessions == 0 ? 0 : start_clock(dp, &clock);
	return result ? result : 1;
}

int dataplane_clock_info(struct dataplane *dp, struct dataplane_clock_info *info)
{
	int error = read_clock(dp, &info->clock);

	if (error)
		return error;
	info->tick_us = dp->tick_us;
	if (info->clock.sessions == 0)
		info->mode = DATAPLANE_CLOCK_STOPPED;
	else
		info->mode = dp->shaped ? DATAPLANE_CLOCK_KERNEL : DATAPLANE_CLOCK_AGENT;
	return 0;
}

bool dataplane_is_clock_device(const struct dataplane *dp, uint32_t ifindex)
{
	return ifindex == dp->tick0 || ifindex == dp->tick1;
}

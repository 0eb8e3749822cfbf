// SPDX-License-Identifier: GPL-2.0
/*
 * The data plane of one namespace: load or adopt, commands, events.  The sole includer
 * of the skeleton.  See dataplane.h; it must not know routes or netlink.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bfd.skel.h"
#include "dataplane_internal.h"

/* Events in one go, so that requests get their turn when thousands wait, and listeners theirs. */
#define EVENTS_BURST 64

/* More than the longest time that a deleted session says AdminDown (kern/control.h). */
#define GOODBYE_NS 70000000000LL

static bool verbose;

/* libbpf's own words are one level less urgent than ours. */
static int print_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, arguments);
}

static int set_map_sizes(struct dataplane *dp)
{
	struct bpf_map *by_session[] = {
		dp->skeleton->maps.sessions,	   dp->skeleton->maps.session_info,
		dp->skeleton->maps.discriminators, dp->skeleton->maps.kicks,
		dp->skeleton->maps.wheel_nodes,
	};

	for (size_t i = 0; i < sizeof(by_session) / sizeof(by_session[0]); i++) {
		int error = bpf_map__set_max_entries(by_session[i], dp->max_sessions);

		if (error)
			return error;
	}
	/* A session may have two, see kern/any_source.h. */
	return bpf_map__set_max_entries(dp->skeleton->maps.addresses, 2 * dp->max_sessions);
}

/* The programs are there, with the maps that aren't pinned. */
static int load_pinned_only(struct dataplane *dp)
{
	struct bpf_program *program;
	struct bpf_map *map;
	int error = 0;

	bpf_object__for_each_program(program, dp->skeleton->obj)
	{
		error = bpf_program__set_autoload(program, false);
		if (error)
			return error;
	}
	bpf_object__for_each_map(map, dp->skeleton->obj)
	{
		if (!bpf_map__pin_path(map))
			error = bpf_map__set_autocreate(map, false);
		if (error)
			return error;
	}
	return bfd_bpf__load(dp->skeleton);
}

static uint64_t build_of_skeleton(void)
{
	size_t size;
	const void *object = bfd_bpf__elf_bytes(&size);

	return dataplane_build_of(object, size);
}

static void take_program_fds(struct dataplane *dp)
{
	dp->receive_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_receive_frame);
	dp->behind_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_receive_behind);
	dp->answer_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_answer_frame);
	dp->tick_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_transmit_tick);
	dp->control_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_agent_command);
}

/* Those of this build that are pinned serve; else they are loaded, and pinned. */
static int load_or_reuse(struct dataplane *dp)
{
	int result;

	dp->build = build_of_skeleton();
	if (dp->adopted && !dp->old_pin_dir[0] && dataplane_programs_reuse(dp))
		return load_pinned_only(dp);
	result = bfd_bpf__load(dp->skeleton);
	if (result)
		return result;
	take_program_fds(dp);
	return dataplane_programs_pin(dp);
}

static void take_map_fds(struct dataplane *dp)
{
	dp->sessions_fd = bpf_map__fd(dp->skeleton->maps.sessions);
	dp->info_fd = bpf_map__fd(dp->skeleton->maps.session_info);
	dp->discriminators_fd = bpf_map__fd(dp->skeleton->maps.discriminators);
	dp->local_fd = bpf_map__fd(dp->skeleton->maps.local_addresses);
	dp->domains_fd = bpf_map__fd(dp->skeleton->maps.domains);
	dp->vlans_fd = bpf_map__fd(dp->skeleton->maps.vlans);
	dp->discards_fd = bpf_map__fd(dp->skeleton->maps.discards);
	dp->listeners_fd = bpf_map__fd(dp->skeleton->maps.listeners);
	dp->clients_fd = bpf_map__fd(dp->skeleton->maps.clients);
	dp->subscribers_fd = bpf_map__fd(dp->skeleton->maps.subscribers);
	dp->key_chains_fd = bpf_map__fd(dp->skeleton->maps.key_chains);
	dp->clock_fd = bpf_map__fd(dp->skeleton->maps.clock_state);
}

/* Not loaded yet. */
static int open_skeleton(struct dataplane *dp)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .pin_root_path = dp->pin_dir);

	dp->skeleton = bfd_bpf__open_opts(&options);
	return dp->skeleton ? set_map_sizes(dp) : -errno;
}

static int load_programs(struct dataplane *dp, char *error, size_t error_size)
{
	int result = open_skeleton(dp);

	if (!result)
		result = dataplane_pins_check(dp, dp->skeleton->obj, error, error_size);
	if (!result)
		result = load_or_reuse(dp);
	if (result && !error[0])
		snprintf(error, error_size, "cannot load the BPF programs: %s", strerror(-result));
	if (!result)
		take_map_fds(dp);
	return result;
}

int dataplane_control(struct dataplane *dp, struct bfd_control *control)
{
	struct bfd_control answer = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = control, .data_size_in = sizeof(*control),
		    .data_out = &answer, .data_size_out = sizeof(answer), .repeat = 1);
	int error;

	control->magic = BFD_CONTROL_MAGIC;
	error = bpf_prog_test_run_opts(dp->control_prog_fd, &run);
	if (error)
		return error;
	if (run.retval != XDP_PASS)
		return -EPROTO;
	control->generation = answer.generation;
	return answer.error;
}

static int on_event(void *context, void *data, size_t size)
{
	const struct bfd_event *event = data;
	struct dataplane *dp = context;
	int result = ++dp->events_read < EVENTS_BURST ? 0 : -EAGAIN; /* ends this go */

	if (size == sizeof(struct bfd_newcomer) && dp->newcomer_callback)
		dp->newcomer_callback(data, dp->callback_context);
	if (size < sizeof(*event) || event->slot >= dp->max_sessions)
		return result;
	if (event->type == BFD_EVENT_FREED &&
	    dp->slots[event->slot].local_discr == event->local_discr)
		dataplane_slot_use(dp, event->slot, BFD_SLOT_FREE);
	if (dp->callback)
		dp->callback(event, dp->callback_context);
	return result;
}

/*
 * What of an older version was copied is made ready to send before this version's clock takes
 * the place of the older one, and that before packets are received here: so that neither
 * end of a session misses any.
 */
static int prepare_migrated(struct dataplane *dp)
{
	int result = dataplane_sessions_adopt(dp, false);

	return result ? result : dataplane_migrate_refresh(dp);
}

static int adopt_sessions(struct dataplane *dp)
{
	int result = 0;

	if (dp->old_pin_dir[0])
		result = dataplane_migrate_hush(dp);
	if (!result && dp->old_pin_dir[0])
		result = dataplane_migrate_links(dp);
	if (!result)
		result = dataplane_links_adopt(dp);
	if (!result && dp->old_pin_dir[0])
		result = dataplane_migrate_again(dp);
	if (!result && dp->adopted)
		result = dataplane_sessions_adopt(dp, dp->old_pin_dir[0] != '\0');
	return result;
}

static int update_clock(struct dataplane *dp)
{
	uint32_t fastest_us = dataplane_fastest_us(dp, &dp->fastest_stale);

	return dataplane_clock_update(dp, fastest_us);
}

static int start(struct dataplane *dp, char *error, size_t error_size)
{
	int result = dataplane_slots_reread(dp);

	if (!result && dp->old_pin_dir[0])
		result = prepare_migrated(dp);
	if (!result)
		result = dataplane_clock_open(dp, error, error_size);
	if (!result)
		result = adopt_sessions(dp);
	if (!result)
		result = dataplane_clock_adopt(dp);
	if (!result)
		result = update_clock(dp);
	if (!result) {
		dp->ring = ring_buffer__new(bpf_map__fd(dp->skeleton->maps.events), on_event, dp,
					    NULL);
		if (!dp->ring)
			result = -errno;
	}
	if (result && !error[0])
		snprintf(error, error_size, "cannot start the data plane: %s", strerror(-result));
	return result;
}

/* What fails here leaves the older version's data plane running. */
static int migrate(struct dataplane *dp, char *error, size_t error_size)
{
	int result = dataplane_migrate_copy(dp);

	if (!result)
		return 0;
	snprintf(
		error, error_size,
		"cannot carry the sessions in %s over to this version: %s; they run on, under that "
		"version's programs",
		dp->old_pin_dir, strerror(-result));
	dataplane_pins_remove(dp->pin_dir);
	return result;
}

int dataplane_open(const struct dataplane_options *options, struct dataplane **out, char *error,
		   size_t error_size)
{
	struct dataplane *dp = calloc(1, sizeof(*dp));
	int result;

	error[0] = '\0';
	if (!dp) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	dp->timer_fd = -1;
	dp->clock_watch_fd = -1;
	dp->tick_now_fd = -1;
	verbose = options->verbose;
	libbpf_set_print(print_libbpf);
	dp->max_sessions = options->max_sessions;
	result = dataplane_pins_prepare(dp, error, error_size);
	if (result)
		goto cleanup;
	dp->adopted = dataplane_pins_size(dp, &dp->max_sessions) == 0;
	dp->slots = calloc(dp->max_sessions, sizeof(*dp->slots));
	if (!dp->slots) {
		result = -ENOMEM;
		goto cleanup;
	}
	/* Not always the same ports and slots after a restart. */
	if (getrandom(&dp->next_slot, sizeof(dp->next_slot), 0) == sizeof(dp->next_slot))
		dp->next_slot %= dp->max_sessions;
	result = load_programs(dp, error, error_size);
	if (!result && dp->old_pin_dir[0])
		result = migrate(dp, error, error_size);
	if (!result)
		result = start(dp, error, error_size);
cleanup:
	if (result && !error[0])
		snprintf(error, error_size, "cannot open the data plane: %s", strerror(-result));
	if (result)
		dataplane_close(dp);
	else
		*out = dp;
	return result;
}

/* Until no session lingers.  The kernel bounds it; a clock that stands still would not. */
static int wait_for_silence(struct dataplane *dp)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	struct dataplane_clock_info info;
	int error;

	for (int i = 0; i < GOODBYE_NS / pause.tv_nsec; i++) {
		error = dataplane_clock_info(dp, &info);
		if (error || info.clock.sessions == 0)
			return error;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

int dataplane_say_goodbye(char *error, size_t error_size)
{
	const struct dataplane_options options = {.max_sessions = BFD_MAX_SESSIONS};
	struct dataplane *dp = NULL;
	int result;

	if (!dataplane_pins_exist())
		return 0;
	result = dataplane_open(&options, &dp, error, error_size);
	if (result)
		return result;
	for (uint32_t slot = 0; slot < dp->max_sessions && !result; slot++)
		if (dp->slots[slot].use == BFD_SLOT_LIVE)
			result = dataplane_session_delete(dp, slot);
	if (!result)
		result = wait_for_silence(dp);
	if (result)
		snprintf(error, error_size,
			 "cannot tell all neighbours AdminDown: %s; --flush --now "
			 "removes the sessions without a word",
			 strerror(-result));
	dataplane_close(dp);
	return result;
}

static int load_unpinned(struct bfd_bpf *skeleton)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, skeleton->obj)
	{
		int error = bpf_map__set_pin_path(map, NULL);

		if (error)
			return error;
	}
	return bfd_bpf__load(skeleton);
}

/* The older version's sessions, as they are now, into maps of this one that nobody else sees. */
static int try_migration(struct dataplane *dp, char *error, size_t error_size)
{
	int result;

	take_map_fds(dp);
	dp->trial = dp->skeleton->obj;
	result = dataplane_migrate_try(dp);
	if (result)
		snprintf(error, error_size,
			 "cannot carry the sessions in %s over to this version: %s",
			 dp->old_pin_dir, strerror(-result));
	return result;
}

/* What is pinned of an attempt that isn't complete would be made anew. */
static int check_pinned(struct dataplane *dp, char *error, size_t error_size)
{
	bool anew = dp->old_pin_dir[0] && !dataplane_migration_is_complete(dp->pin_dir);
	int result = open_skeleton(dp);

	if (!result && !anew)
		result = dataplane_pins_check(dp, dp->skeleton->obj, error, error_size);
	if (result)
		return result;
	dp->build = build_of_skeleton();
	/* The kernel took them before. */
	if (!dp->old_pin_dir[0] && dataplane_programs_reuse(dp))
		return 0;
	result = load_unpinned(dp->skeleton);
	return !result && anew ? try_migration(dp, error, error_size) : result;
}

int dataplane_check(const struct dataplane_options *options, char *error, size_t error_size)
{
	struct dataplane *dp = calloc(1, sizeof(*dp));
	int result = -ENOMEM;

	error[0] = '\0';
	if (dp) {
		verbose = options->verbose;
		libbpf_set_print(print_libbpf);
		dp->max_sessions = options->max_sessions;
		result = dataplane_pins_find(dp, error, error_size);
	}
	if (!result) {
		(void)dataplane_pins_size(dp, &dp->max_sessions);
		result = check_pinned(dp, error, error_size);
	}
	if (result && !error[0])
		snprintf(error, error_size, "cannot load the BPF programs: %s", strerror(-result));
	if (dp) {
		dataplane_programs_close(dp);
		bfd_bpf__destroy(dp->skeleton);
	}
	free(dp);
	return result;
}

static int mend_maps(const struct dataplane *dp)
{
	char path[PATH_MAX + 64];
	struct bpf_map *map;
	int mended = 0;

	bpf_object__for_each_map(map, dp->skeleton->obj)
	{
		int result;

		if (!bpf_map__pin_path(map))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dp->pin_dir, bpf_map__name(map));
		result = dataplane_pin_missing(bpf_map__fd(map), path);
		if (result < 0)
			return result;
		mended |= result;
	}
	return mended;
}

int dataplane_pins_mend(struct dataplane *dp)
{
	int maps, links, programs, result = dataplane_pins_mend_dir(dp);

	if (result)
		return result;
	/* Each for itself: the links are what sessions need most. */
	links = dataplane_links_mend(dp);
	maps = mend_maps(dp);
	programs = dataplane_programs_mend(dp);
	if (links < 0)
		return links;
	if (maps < 0)
		return maps;
	return programs < 0 ? programs : links | maps | programs;
}

void dataplane_close(struct dataplane *dp)
{
	if (!dp)
		return;
	ring_buffer__free(dp->ring);
	dataplane_clock_close(dp);
	dataplane_links_close(dp);
	dataplane_programs_close(dp);
	bfd_bpf__destroy(dp->skeleton);
	free(dp->slots);
	free(dp);
}

bool dataplane_adopted(const struct dataplane *dp)
{
	return dp->adopted;
}

uint32_t dataplane_max_sessions(const struct dataplane *dp)
{
	return dp->max_sessions;
}

int dataplane_event_fd(const struct dataplane *dp)
{
	return ring_buffer__epoll_fd(dp->ring);
}

int dataplane_read_events(struct dataplane *dp, dataplane_event_cb callback,
			  dataplane_newcomer_cb newcomer, void *context)
{
	int result;

	dp->callback = callback;
	dp->newcomer_callback = newcomer;
	dp->callback_context = context;
	/* The older ring, and what holds it, stays until it was read: an agent that ends before
	 * loses nothing of it.
	 */
	if (dp->old_pin_dir[0]) {
		dataplane_migrate_events(dp, on_event);
		dataplane_migrate_finish(dp);
		dp->old_pin_dir[0] = '\0';
	}
	dp->events_read = 0;
	result = ring_buffer__consume(dp->ring);
	dp->callback = NULL;
	dp->newcomer_callback = NULL;
	if (result == -EAGAIN)
		return 1;
	return result < 0 ? result : 0;
}

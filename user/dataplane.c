// SPDX-License-Identifier: GPL-2.0
/*
 * The data plane of one namespace: load or adopt, sessions, events.  The sole
 * includer of the skeleton.  See dataplane.h; it must not know routes or netlink.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <dirent.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bfd.skel.h"
#include "clock.h"
#include "dataplane_internal.h"

#define BPFFS "/sys/fs/bpf"
#define PIN_ROOT BPFFS "/ipbfd"
/* See dataplane_memory.c; one attempt is enough for many sessions. */
#define ROOM_ATTEMPTS 20

static bool verbose;

/* libbpf's own words are one level less urgent than ours. */
static int print_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, arguments);
}

/* Pins of one namespace stand below its cookie, which is never used again before a reboot. */
static int namespace_pin_dir(char *path, size_t size)
{
	uint64_t cookie;
	socklen_t length = sizeof(cookie);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) < 0)
		error = -errno;
	close(fd);
	if (!error)
		snprintf(path, size, PIN_ROOT "/netns-%llu", (unsigned long long)cookie);
	return error;
}

static int make_dir(const char *path)
{
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int mount_bpffs(void)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) == 0 && fs.f_type == BPF_FS_MAGIC)
		return 0;
	return mount("bpf", BPFFS, "bpf", 0, "mode=0700") < 0 ? -errno : 0;
}

/* -EEXIST if the namespace has pins of another version of kern/abi.h. */
static int check_other_versions(const char *namespace_dir, const char *ours)
{
	DIR *dir = opendir(namespace_dir);
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "abi-", 4) && strcmp(entry->d_name, ours) != 0)
			error = -EEXIST;
	closedir(dir);
	return error;
}

static int prepare_pin_dir(struct dataplane *dp, char *error, size_t error_size)
{
	char namespace_dir[PATH_MAX - 64], version[32];
	int result = mount_bpffs();

	if (result) {
		snprintf(error, error_size, "cannot mount bpffs on " BPFFS ": %s",
			 strerror(-result));
		return result;
	}
	result = namespace_pin_dir(namespace_dir, sizeof(namespace_dir));
	if (result) {
		snprintf(error, error_size, "cannot read the namespace's cookie: %s",
			 strerror(-result));
		return result;
	}
	snprintf(version, sizeof(version), "abi-%d", BFD_ABI_VERSION);
	result = check_other_versions(namespace_dir, version);
	if (result == -EEXIST) {
		snprintf(error, error_size,
			 "%s holds the sessions of another version; run that version's "
			 "bfd-agent, or remove them with --flush",
			 namespace_dir);
		return result;
	}
	snprintf(dp->pin_dir, sizeof(dp->pin_dir), "%s/%s", namespace_dir, version);
	if (!result)
		result = make_dir(PIN_ROOT);
	if (!result)
		result = make_dir(namespace_dir);
	if (!result)
		result = make_dir(dp->pin_dir);
	if (result)
		snprintf(error, error_size, "cannot make %s: %s", dp->pin_dir, strerror(-result));
	return result;
}

/* Pinned maps decide how many sessions there can be; else the option does. */
static int adopted_size(const struct dataplane *dp, uint32_t *size)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	char path[PATH_MAX + 16];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/sessions", dp->pin_dir);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0)
		error = -errno;
	*size = info.max_entries;
	close(fd);
	return error;
}

static int set_map_sizes(struct dataplane *dp)
{
	struct bpf_map *by_session[] = {
		dp->skeleton->maps.sessions,  dp->skeleton->maps.session_info,
		dp->skeleton->maps.addresses, dp->skeleton->maps.discriminators,
		dp->skeleton->maps.kicks,     dp->skeleton->maps.wheel_nodes,
	};

	for (size_t i = 0; i < sizeof(by_session) / sizeof(by_session[0]); i++) {
		int error = bpf_map__set_max_entries(by_session[i], dp->max_sessions);

		if (error)
			return error;
	}
	return 0;
}

static int load_programs(struct dataplane *dp, char *error, size_t error_size)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .pin_root_path = dp->pin_dir);
	int result;

	dp->skeleton = bfd_bpf__open_opts(&options);
	if (!dp->skeleton) {
		result = -errno;
	} else {
		result = set_map_sizes(dp);
		if (!result)
			result = bfd_bpf__load(dp->skeleton);
	}
	if (result) {
		snprintf(error, error_size, "cannot load the BPF programs: %s", strerror(-result));
		return result;
	}
	dp->sessions_fd = bpf_map__fd(dp->skeleton->maps.sessions);
	dp->info_fd = bpf_map__fd(dp->skeleton->maps.session_info);
	dp->discriminators_fd = bpf_map__fd(dp->skeleton->maps.discriminators);
	dp->local_fd = bpf_map__fd(dp->skeleton->maps.local_addresses);
	dp->vlans_fd = bpf_map__fd(dp->skeleton->maps.vlans);
	dp->discards_fd = bpf_map__fd(dp->skeleton->maps.discards);
	dp->clock_fd = bpf_map__fd(dp->skeleton->maps.clock_state);
	dp->receive_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_receive_frame);
	dp->answer_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_answer_frame);
	dp->tick_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_transmit_tick);
	dp->control_prog_fd = bpf_program__fd(dp->skeleton->progs.bfd_agent_command);
	return 0;
}

static int read_slot(struct dataplane *dp, uint32_t slot, struct bfd_session *session)
{
	/* Under the element's lock: a consistent copy. */
	return bpf_map_lookup_elem_flags(dp->sessions_fd, &slot, session, BPF_F_LOCK) < 0 ? -errno
											  : 0;
}

static void remember_slot(struct dataplane *dp, uint32_t slot, const struct bfd_session *session)
{
	dp->slots[slot].use = session->use;
	dp->slots[slot].local_discr = session->vars.local_discr;
	dp->slots[slot].key = session->key;
}

/* Re-read all slots: at adoption, and when none seems free although events may be lost. */
static int reread_slots(struct dataplane *dp)
{
	struct bfd_session session;

	for (uint32_t slot = 0; slot < dp->max_sessions; slot++) {
		int error = read_slot(dp, slot, &session);

		if (error)
			return error;
		remember_slot(dp, slot, &session);
	}
	return 0;
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

/* Timers call the program that set their callback: make that this build's. */
static int adopt_sessions(struct dataplane *dp)
{
	for (uint32_t slot = 0; slot < dp->max_sessions; slot++) {
		struct bfd_control control = {
			.op = BFD_CONTROL_ADOPT,
			.slot = slot,
			.local_discr = dp->slots[slot].local_discr,
		};
		int error;

		if (dp->slots[slot].use == BFD_SLOT_FREE)
			continue;
		error = dataplane_control(dp, &control);
		if (error && error != -ENOENT) /* freed meanwhile */
			return error;
	}
	return 0;
}

static uint32_t fastest_interval_us(const struct dataplane *dp)
{
	struct bfd_session session;
	uint32_t fastest_us = UINT32_MAX;

	for (uint32_t slot = 0; slot < dp->max_sessions; slot++) {
		if (dp->slots[slot].use != BFD_SLOT_LIVE ||
		    bpf_map_lookup_elem(dp->sessions_fd, &slot, &session) < 0)
			continue;
		if (session.vars.conf_desired_min_tx_us < fastest_us)
			fastest_us = session.vars.conf_desired_min_tx_us;
	}
	return fastest_us;
}

static int on_event(void *context, void *data, size_t size)
{
	const struct bfd_event *event = data;
	struct dataplane *dp = context;

	if (size < sizeof(*event) || event->slot >= dp->max_sessions)
		return 0;
	if (event->type == BFD_EVENT_FREED &&
	    dp->slots[event->slot].local_discr == event->local_discr)
		dp->slots[event->slot].use = BFD_SLOT_FREE;
	if (dp->callback)
		dp->callback(event, dp->callback_context);
	return 0;
}

static int start(struct dataplane *dp, char *error, size_t error_size)
{
	int result = reread_slots(dp);

	if (!result)
		result = dataplane_clock_open(dp, error, error_size);
	if (result)
		goto out;
	result = dataplane_links_adopt(dp);
	if (!result && dp->adopted)
		result = adopt_sessions(dp);
	if (!result)
		result = dataplane_clock_update(dp, fastest_interval_us(dp));
	if (!result) {
		dp->ring = ring_buffer__new(bpf_map__fd(dp->skeleton->maps.events), on_event, dp,
					    NULL);
		if (!dp->ring)
			result = -errno;
	}
out:
	if (result && !error[0])
		snprintf(error, error_size, "cannot start the data plane: %s", strerror(-result));
	return result;
}

int dataplane_open(const struct dataplane_options *options, struct dataplane **out, char *error,
		   size_t error_size)
{
	struct dataplane *dp = calloc(1, sizeof(*dp));
	int result;

	error[0] = '\0';
	if (!dp)
		return -ENOMEM;
	dp->timer_fd = -1;
	verbose = options->verbose;
	libbpf_set_print(print_libbpf);
	dp->max_sessions = options->max_sessions;
	result = prepare_pin_dir(dp, error, error_size);
	if (result)
		goto cleanup;
	dp->adopted = adopted_size(dp, &dp->max_sessions) == 0;
	dp->slots = calloc(dp->max_sessions, sizeof(*dp->slots));
	if (!dp->slots) {
		result = -ENOMEM;
		goto cleanup;
	}
	/* Not always the same ports and slots after a restart. */
	if (getrandom(&dp->next_slot, sizeof(dp->next_slot), 0) == sizeof(dp->next_slot))
		dp->next_slot %= dp->max_sessions;
	result = load_programs(dp, error, error_size);
	if (!result)
		result = start(dp, error, error_size);
cleanup:
	if (result)
		dataplane_close(dp);
	else
		*out = dp;
	return result;
}

void dataplane_close(struct dataplane *dp)
{
	if (!dp)
		return;
	ring_buffer__free(dp->ring);
	dataplane_clock_close(dp);
	dataplane_links_close(dp);
	bfd_bpf__destroy(dp->skeleton);
	free(dp->slots);
	free(dp);
}

/* Unlink all files of a directory and it. */
static int remove_dir(const char *path)
{
	char entry_path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(entry_path, sizeof(entry_path), "%s/%s", path, entry->d_name);
		if (unlink(entry_path) < 0 && errno == EISDIR)
			remove_dir(entry_path);
	}
	closedir(dir);
	return rmdir(path) < 0 ? -errno : 0;
}

int dataplane_remove_all(char *error, size_t error_size)
{
	char path[PATH_MAX - 64];
	int result = namespace_pin_dir(path, sizeof(path));

	/* Links first: nothing may receive or send while the rest goes. */
	if (!result) {
		dataplane_links_remove(path);
		result = clock_remove();
	}
	if (!result)
		result = remove_dir(path);
	if (result)
		snprintf(error, error_size, "cannot remove the data plane in %s: %s", path,
			 strerror(-result));
	return result;
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

int dataplane_read_events(struct dataplane *dp, dataplane_event_cb callback, void *context)
{
	int result;

	dp->callback = callback;
	dp->callback_context = context;
	result = ring_buffer__consume(dp->ring);
	dp->callback = NULL;
	return result < 0 ? result : 0;
}

static int find_free_slot(struct dataplane *dp, uint32_t *slot)
{
	for (uint32_t i = 0; i < dp->max_sessions; i++) {
		uint32_t candidate = (dp->next_slot + i) % dp->max_sessions;

		if (dp->slots[candidate].use != BFD_SLOT_FREE)
			continue;
		*slot = candidate;
		return 0;
	}
	return -ENOSPC;
}

int dataplane_slot_alloc(struct dataplane *dp, uint32_t *slot)
{
	int error = find_free_slot(dp, slot);

	if (error) {
		error = reread_slots(dp);
		if (!error)
			error = find_free_slot(dp, slot);
	}
	/* Round robin: a port that was just in use rests for as long as possible. */
	if (!error)
		dp->next_slot = *slot + 1;
	return error;
}

/* A discriminator must be random (RFC 5880 6.8.1), not 0, and unique here. */
static int pick_discriminator(struct dataplane *dp, uint32_t *discr)
{
	uint32_t slot;

	for (int attempt = 0; attempt < 1000; attempt++) {
		if (getrandom(discr, sizeof(*discr), 0) != sizeof(*discr))
			return -errno;
		if (*discr != 0 && bpf_map_lookup_elem(dp->discriminators_fd, discr, &slot) < 0)
			return 0;
	}
	return -EAGAIN;
}

/* A deleted session to the same neighbour would go on to say AdminDown: end it now. */
static int drop_lingering(struct dataplane *dp, const struct bfd_address_key *key)
{
	for (uint32_t slot = 0; slot < dp->max_sessions; slot++) {
		struct bfd_control control = {
			.op = BFD_CONTROL_DROP,
			.slot = slot,
			.local_discr = dp->slots[slot].local_discr,
		};
		int error;

		if (dp->slots[slot].use != BFD_SLOT_LINGER ||
		    memcmp(&dp->slots[slot].key, key, sizeof(*key)) != 0)
			continue;
		error = dataplane_control(dp, &control);
		if (error && error != -ENOENT)
			return error;
		dp->slots[slot].use = BFD_SLOT_FREE;
	}
	return 0;
}

int dataplane_session_create(struct dataplane *dp, uint32_t slot, const struct bfd_config *config,
			     const struct bfd_address_key *key, const struct bfd_path *path,
			     const struct bfd_session_info *info, uint32_t *local_discr)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_CREATE,
		.slot = slot,
		.config = *config,
		.key = *key,
		.path = *path,
	};
	int error;

	if (slot >= dp->max_sessions || dp->slots[slot].use != BFD_SLOT_FREE)
		return -EINVAL;
	error = drop_lingering(dp, key);
	if (!error)
		error = pick_discriminator(dp, local_discr);
	if (error)
		return error;
	if (bpf_map_update_elem(dp->info_fd, &slot, info, BPF_ANY) < 0)
		return -errno;
	control.local_discr = *local_discr;
	error = dataplane_control(dp, &control);
	for (int attempt = 0; error == -ENOMEM && attempt < ROOM_ATTEMPTS; attempt++) {
		dataplane_make_room_for_timers();
		error = dataplane_control(dp, &control);
	}
	if (error)
		return error;
	dp->slots[slot] = (struct dataplane_slot){
		.use = BFD_SLOT_LIVE,
		.local_discr = *local_discr,
		.key = *key,
	};
	return dataplane_clock_update(dp, config->desired_min_tx_us);
}

/* Run a command on the session that this slot holds. */
static int slot_command(struct dataplane *dp, uint32_t slot, struct bfd_control *control)
{
	int error;

	if (slot >= dp->max_sessions || dp->slots[slot].use != BFD_SLOT_LIVE)
		return -ENOENT;
	control->slot = slot;
	control->local_discr = dp->slots[slot].local_discr;
	error = dataplane_control(dp, control);
	/* What it left to send needn't wait for a tick; if this fails it does. */
	if (!error)
		(void)dataplane_clock_now(dp);
	return error;
}

int dataplane_session_delete(struct dataplane *dp, uint32_t slot)
{
	struct bfd_control control = {.op = BFD_CONTROL_DELETE};
	int error = slot_command(dp, slot, &control);

	if (!error)
		dp->slots[slot].use = BFD_SLOT_LINGER;
	return error;
}

int dataplane_session_set(struct dataplane *dp, uint32_t slot, const struct bfd_config *config)
{
	struct bfd_control control = {.op = BFD_CONTROL_SET, .config = *config};
	int error = slot_command(dp, slot, &control);

	if (error || !(config->set & BFD_CONFIG_DESIRED_MIN_TX))
		return error;
	return dataplane_clock_update(dp, config->desired_min_tx_us);
}

int dataplane_session_set_path(struct dataplane *dp, uint32_t slot,
			       const struct bfd_address_key *key, const struct bfd_path *path,
			       const struct bfd_session_info *info)
{
	struct bfd_control control = {.op = BFD_CONTROL_SET_PATH, .key = *key, .path = *path};
	int error = slot_command(dp, slot, &control);

	if (error)
		return error;
	dp->slots[slot].key = *key;
	return bpf_map_update_elem(dp->info_fd, &slot, info, BPF_ANY) < 0 ? -errno : 0;
}

int dataplane_session_read(struct dataplane *dp, uint32_t slot, struct bfd_session *session,
			   struct bfd_session_info *info)
{
	int error = read_slot(dp, slot, session);

	if (error)
		return error;
	if (session->use == BFD_SLOT_FREE)
		return -ENOENT;
	return bpf_map_lookup_elem(dp->info_fd, &slot, info) < 0 ? -errno : 0;
}

int dataplane_find_discr(struct dataplane *dp, uint32_t local_discr, uint32_t *slot)
{
	if (bpf_map_lookup_elem(dp->discriminators_fd, &local_discr, slot) < 0)
		return -errno;
	return *slot < dp->max_sessions && dp->slots[*slot].use == BFD_SLOT_LIVE ? 0 : -ENOENT;
}

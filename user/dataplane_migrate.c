// SPDX-License-Identifier: GPL-2.0
/*
 * An upgrade whose maps are laid out otherwise (another BFD_ABI_VERSION): what the older data
 * plane holds is copied into the maps of this one, member by member of their names, and then
 * this one's programs take the place of the older ones.  Until then those run on, untouched: what
 * fails before leaves them as they are.
 *
 *	copy	maps, then a pin that says that they are whole
 *	refresh	sessions once more, right before this version's clock begins to send
 *	hush	what still receives for the older one no longer sends: its clock has a period of 0
 *	links	from there on this data plane has the pins of what is attached, and receives
 *	again	sessions that changed meanwhile
 *	events	what the older one had to tell is told, as late
 *	finish	the older pins go, and with them the older maps, timers and programs
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "btf_copy.h"
#include "dataplane_internal.h"
#include "log.h"

#define COMPLETE "complete"

/* Written by the agent, or by the data plane but as an index.  Sessions and the clock are apart. */
static const char *const carried[] = {
	"session_info", "local_addresses", "vlans",	 "domains",	   "listeners",
	"clients",	"subscribers",	   "key_chains", "discriminators", "addresses",
};

struct side {
	int fd;
	struct bpf_map_info info;
	struct btf *btf;
};

struct pair {
	struct side from, to;
};

static void close_side(struct side *side)
{
	if (side->fd >= 0)
		close(side->fd);
	btf__free(side->btf);
}

static int describe_side(int fd, struct side *side)
{
	__u32 length = sizeof(side->info);

	*side = (struct side){.fd = fd};
	if (side->fd < 0)
		return side->fd;
	if (bpf_obj_get_info_by_fd(side->fd, &side->info, &length) < 0)
		return -errno;
	side->btf = btf__load_from_kernel_by_id(side->info.btf_id);
	return side->btf ? 0 : -errno;
}

static int open_side(const char *dir, const char *name, struct side *side)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return describe_side(bpf_obj_get(path), side);
}

static int open_trial(const struct bpf_object *object, const char *name, struct side *side)
{
	int fd = bpf_object__find_map_fd_by_name(object, name);

	if (fd >= 0)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return describe_side(fd, side);
}

/* -ENOENT: the older data plane hasn't got it. */
static int open_pair(const struct dataplane *dp, const char *name, struct pair *pair)
{
	int error = open_side(dp->old_pin_dir, name, &pair->from);

	pair->to = (struct side){.fd = -1};
	if (error)
		return error;
	return dp->trial ? open_trial(dp->trial, name, &pair->to)
			 : open_side(dp->pin_dir, name, &pair->to);
}

static void close_pair(struct pair *pair)
{
	close_side(&pair->from);
	close_side(&pair->to);
}

static int copy_value(const struct pair *pair, const char *name, const void *from, void *to)
{
	char member[64];
	int error;

	memset(to, 0, pair->to.info.value_size);
	error = btf_copy(pair->from.btf, pair->from.info.btf_value_type_id, from, pair->to.btf,
			 pair->to.info.btf_value_type_id, to, member, sizeof(member));
	if (error)
		log_error("map %s, member %s: %s", name, member[0] ? member : "itself",
			  error == -ERANGE ? "a value has no room in this version"
					   : "it is another thing in this version");
	return error;
}

static int copy_key(const struct pair *pair, const void *from, void *to)
{
	char member[64];

	memset(to, 0, pair->to.info.key_size);
	return btf_copy(pair->from.btf, pair->from.info.btf_key_type_id, from, pair->to.btf,
			pair->to.info.btf_key_type_id, to, member, sizeof(member));
}

static int copy_elements(const struct pair *pair, const char *name)
{
	uint8_t *key = calloc(1, pair->from.info.key_size);
	uint8_t *value = calloc(1, pair->from.info.value_size);
	uint8_t *new_key = calloc(1, pair->to.info.key_size);
	uint8_t *new_value = calloc(1, pair->to.info.value_size);
	int error = key && value && new_key && new_value ? 0 : -ENOMEM;
	void *previous = NULL;

	while (!error && bpf_map_get_next_key(pair->from.fd, previous, key) == 0) {
		previous = key;
		if (bpf_map_lookup_elem(pair->from.fd, key, value) < 0)
			continue; /* it went meanwhile */
		if (pair->from.info.type == BPF_MAP_TYPE_ARRAY &&
		    btf_copy_is_zero(value, pair->from.info.value_size))
			continue;
		error = copy_key(pair, key, new_key);
		if (!error)
			error = copy_value(pair, name, value, new_value);
		if (!error && bpf_map_update_elem(pair->to.fd, new_key, new_value, BPF_ANY) < 0)
			error = -errno;
	}
	/* A key chain's secrets. */
	if (value)
		explicit_bzero(value, pair->from.info.value_size);
	if (new_value)
		explicit_bzero(new_value, pair->to.info.value_size);
	free(key);
	free(value);
	free(new_key);
	free(new_value);
	return error;
}

static int copy_map(const struct dataplane *dp, const char *name)
{
	struct pair pair;
	int error = open_pair(dp, name, &pair);

	if (!error)
		error = copy_elements(&pair, name);
	else if (error == -ENOENT && pair.from.fd < 0)
		error = 0;
	close_pair(&pair);
	return error;
}

/* From a copy until packets are received here, at the most: also if this agent dies amid that, and
 * the next one takes a while.  Then it ends at once, see dataplane_sessions_adopt().
 */
#define GRACE_NS 60000000000ULL

enum pass {
	PASS_COPY,    /* nobody looks at ours yet */
	PASS_REFRESH, /* ours are ready to send */
	PASS_AGAIN,   /* ours are at work */
};

/* What can't be carried, and what must be different after packets that we haven't seen. */
static void renew_session(struct bfd_session *session)
{
	session->vars.silence_ns = dataplane_now_ns() + GRACE_NS;
	session->timer_ready = 0;
	session->timer_expiry_ns = 0;
	session->kick_queued = 0;
	/* The older programs may have sent some more: within the peer's window (RFC 5880 6.7.3). */
	session->auth.tx_sequence += session->vars.mult;
}

/* Returns 1 if there is one, 0 if the slot is free, or a negative errno. */
static int read_session(const struct pair *pair, uint32_t slot, void *room,
			struct bfd_session *session)
{
	int error;

	if (bpf_map_lookup_elem_flags(pair->from.fd, &slot, room, BPF_F_LOCK) < 0)
		return -errno;
	error = copy_value(pair, "sessions", room, session);
	return error ? error : session->use != BFD_SLOT_FREE;
}

static int copy_session(const struct dataplane *dp, const struct pair *pair, uint32_t slot,
			void *room, enum pass pass)
{
	struct bfd_session session = {}, ours = {};
	int result = read_session(pair, slot, room, &session);

	if (result <= 0)
		return result;
	if (pass == PASS_AGAIN) {
		if (bpf_map_lookup_elem_flags(dp->sessions_fd, &slot, &ours, BPF_F_LOCK) < 0)
			return -errno;
		/* Ours has gone on by itself, or the older one hasn't. */
		if (session.vars.last_rx_ns < ours.vars.last_rx_ns ||
		    (session.vars.last_rx_ns == ours.vars.last_rx_ns &&
		     session.vars.state == ours.vars.state))
			return 1;
		/* We have been sending, and never go back. */
		if ((int32_t)(ours.auth.tx_sequence - session.auth.tx_sequence) > 0)
			session.auth.tx_sequence = ours.auth.tx_sequence;
	}
	renew_session(&session);
	return bpf_map_update_elem(dp->sessions_fd, &slot, &session,
				   pass == PASS_COPY ? BPF_ANY : BPF_F_LOCK) < 0
		       ? -errno
		       : 1;
}

/*
 * Returns how many sessions there are, or a negative errno.  They are found by their
 * discriminators: no packet is sent while this runs, so that it must not look at empty slots.
 */
static int copy_sessions(const struct dataplane *dp, enum pass pass)
{
	struct pair pair;
	int result = open_pair(dp, "sessions", &pair), count = 0;
	uint8_t *room = result ? NULL : calloc(1, pair.from.info.value_size);
	uint32_t discr, *previous = NULL, slot;

	if (!result && !room)
		result = -ENOMEM;
	while (result >= 0 && bpf_map_get_next_key(dp->discriminators_fd, previous, &discr) == 0) {
		previous = &discr;
		if (bpf_map_lookup_elem(dp->discriminators_fd, &discr, &slot) < 0)
			continue;
		result = copy_session(dp, &pair, slot, room, pass);
		count += result > 0;
	}
	free(room);
	close_pair(&pair);
	return result < 0 ? result : count;
}

static int copy_clock(const struct dataplane *dp, uint32_t sessions)
{
	struct bfd_clock clock;
	uint32_t zero = 0;
	struct pair pair;
	uint8_t *room = NULL;
	int error = open_pair(dp, "clock_state", &pair);

	if (!error)
		room = calloc(1, pair.from.info.value_size);
	if (!error && !room)
		error = -ENOMEM;
	if (!error && bpf_map_lookup_elem(pair.from.fd, &zero, room) < 0)
		error = -errno;
	if (!error)
		error = copy_value(&pair, "clock_state", room, &clock);
	if (!error) {
		clock.busy = 0;
		clock.sessions = sessions;
		if (bpf_map_update_elem(dp->clock_fd, &zero, &clock, BPF_ANY) < 0)
			error = -errno;
	}
	free(room);
	close_pair(&pair);
	return error;
}

static int mark_complete(const struct dataplane *dp)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/" COMPLETE, dp->pin_dir);
	/* Any object serves. */
	return bpf_obj_pin(dp->clock_fd, path) < 0 && errno != EEXIST ? -errno : 0;
}

bool dataplane_migration_is_complete(const char *pin_dir)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/" COMPLETE, pin_dir);
	return access(path, F_OK) == 0;
}

int dataplane_migrate_size(const struct dataplane *dp, uint32_t *size)
{
	struct side side;
	int error = open_side(dp->old_pin_dir, "sessions", &side);

	if (!error)
		*size = side.info.max_entries;
	close_side(&side);
	return error;
}

int dataplane_migrate_try(struct dataplane *dp)
{
	int result = 0;

	for (size_t i = 0; i < sizeof(carried) / sizeof(carried[0]) && !result; i++)
		result = copy_map(dp, carried[i]);
	if (!result)
		result = copy_sessions(dp, PASS_COPY);
	return result < 0 ? result : copy_clock(dp, (uint32_t)result);
}

int dataplane_migrate_copy(struct dataplane *dp)
{
	int result;

	/* Taken up again after a crash: ours may be at work, and the older ones stand still. */
	dp->migration_resumed = dataplane_migration_is_complete(dp->pin_dir);
	if (dp->migration_resumed)
		return 0;
	result = dataplane_migrate_try(dp);
	return result ? result : mark_complete(dp);
}

int dataplane_migrate_hush(const struct dataplane *dp)
{
	uint32_t zero = 0;
	struct pair pair;
	int error = open_pair(dp, "clock_state", &pair);
	uint8_t *nothing = error ? NULL : calloc(1, pair.from.info.value_size);

	if (!error && !nothing)
		error = -ENOMEM;
	if (!error && bpf_map_update_elem(pair.from.fd, &zero, nothing, BPF_ANY) < 0)
		error = -errno;
	free(nothing);
	close_pair(&pair);
	return error;
}

/* Of what is attached, or marks what is ours to remove; see dataplane_attach.c. */
static bool is_link_pin(const char *name)
{
	return !strncmp(name, "xdp-", 4) || !strncmp(name, "clsact-", 7);
}

static int move_pin(const char *from_dir, const char *to_dir, const char *name)
{
	char from[2 * PATH_MAX], to[2 * PATH_MAX];
	int fd, error = 0;

	snprintf(from, sizeof(from), "%s/%s", from_dir, name);
	snprintf(to, sizeof(to), "%s/%s", to_dir, name);
	fd = bpf_obj_get(from);
	if (fd < 0)
		return fd;
	if (bpf_obj_pin(fd, to) < 0 && errno != EEXIST)
		error = -errno;
	if (!error)
		unlink(from);
	close(fd);
	return error;
}

int dataplane_migrate_links(const struct dataplane *dp)
{
	DIR *dir = opendir(dp->old_pin_dir);
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return -errno;
	while (!error && (entry = readdir(dir)))
		if (is_link_pin(entry->d_name))
			error = move_pin(dp->old_pin_dir, dp->pin_dir, entry->d_name);
	closedir(dir);
	return error;
}

int dataplane_migrate_refresh(const struct dataplane *dp)
{
	int result = copy_sessions(dp, dp->migration_resumed ? PASS_AGAIN : PASS_REFRESH);

	return result < 0 ? result : 0;
}

int dataplane_migrate_again(struct dataplane *dp)
{
	int result = copy_sessions(dp, PASS_AGAIN);

	dp->migrated_ns = dataplane_now_ns();
	return result < 0 ? result : 0;
}

/* ---- what the older data plane had to tell ---- */

struct old_events {
	struct dataplane *dp;
	ring_buffer_sample_fn callback;
	struct side from, to; /* of maps whose BTF has the records of the ring, too */
	int from_type, to_type;
	size_t size;
};

static int on_old_event(void *context, void *data, size_t size)
{
	const struct old_events *old = context;
	struct bfd_event event = {};
	char member[64];

	/* Neighbours without a session are told of again. */
	if (size != old->size || btf_copy(old->from.btf, (__u32)old->from_type, data, old->to.btf,
					  (__u32)old->to_type, &event, member, sizeof(member)))
		return 0;
	/* Its timers go on, and see nothing any more. */
	if (event.time_ns <= old->dp->migrated_ns)
		(void)old->callback(old->dp, &event, sizeof(event));
	return 0;
}

static int find_event_types(struct old_events *old)
{
	int error = open_side(old->dp->old_pin_dir, "sessions", &old->from);

	if (!error)
		error = open_side(old->dp->pin_dir, "sessions", &old->to);
	if (error)
		return error;
	old->from_type = btf__find_by_name_kind(old->from.btf, "bfd_event", BTF_KIND_STRUCT);
	old->to_type = btf__find_by_name_kind(old->to.btf, "bfd_event", BTF_KIND_STRUCT);
	if (old->from_type < 0 || old->to_type < 0)
		return -ENOENT;
	old->size = btf__type_by_id(old->from.btf, (__u32)old->from_type)->size;
	return 0;
}

static int read_old_events(struct old_events *old)
{
	char path[PATH_MAX + 16];
	struct ring_buffer *ring;
	int fd, result;

	snprintf(path, sizeof(path), "%s/events", old->dp->old_pin_dir);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	ring = ring_buffer__new(fd, on_old_event, old, NULL);
	result = ring ? ring_buffer__consume(ring) : -errno;
	ring_buffer__free(ring);
	close(fd);
	return result < 0 ? result : 0;
}

void dataplane_migrate_events(struct dataplane *dp,
			      int (*callback)(void *context, void *data, size_t size))
{
	struct old_events old = {
		.dp = dp, .callback = callback, .from = {.fd = -1}, .to = {.fd = -1}};
	int error = find_event_types(&old);

	if (!error)
		error = read_old_events(&old);
	/* The net changes are told nevertheless. */
	if (error)
		log_warning("cannot read the events of the older version: %s", strerror(-error));
	close_side(&old.from);
	close_side(&old.to);
}

void dataplane_migrate_finish(struct dataplane *dp)
{
	char path[PATH_MAX + 16];
	int result;

	/* First: without it the directory is only what is left to be removed. */
	snprintf(path, sizeof(path), "%s/sessions", dp->old_pin_dir);
	unlink(path);
	result = dataplane_pins_remove(dp->old_pin_dir);
	if (result) { /* the next start tries again */
		log_warning("cannot remove %s: %s", dp->old_pin_dir, strerror(-result));
		return;
	}
	snprintf(path, sizeof(path), "%s/" COMPLETE, dp->pin_dir);
	unlink(path);
	log_info("the sessions of an older version were carried over from %s", dp->old_pin_dir);
}

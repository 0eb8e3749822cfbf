// SPDX-License-Identifier: GPL-2.0
/*
 * The set of sessions: opening it, changing and deleting them; see sessions.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "clients.h"
#include "log.h"
#include "loop.h"
#include "resolve.h"
#include "rtnl.h"
#include "sessions_internal.h"

uint64_t sessions_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

void sessions_changed(struct sessions *sessions, struct session_entry *entry)
{
	if (sessions->started && sessions->observer.changed)
		sessions->observer.changed(&entry->session, sessions->observer.context);
}

/* ---- opening and closing ---- */

static int adopt_slot(struct sessions *sessions, uint32_t slot)
{
	struct bfd_session session;
	struct bfd_session_info info;
	struct session_entry *entry;
	int error = dataplane_session_read(sessions->dp, slot, &session, &info);

	if (error)
		return error == -ENOENT ? 0 : error;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->session.slot = slot;
	entry->session.local_discr = session.vars.local_discr;
	entry->session.info = info;
	entry->session.path_ready = session.path.ifindex != 0;
	entry->paths.control = session.path;
	entry->paths.echo = session.echo_path;
	entry->lingering = session.use == BFD_SLOT_LINGER;
	entry->adopted_state = session.vars.state;
	entry->state = info.told ? info.told - 1 : SESSION_STATE_UNKNOWN;
	session_mark(sessions, entry, true);
	/* If the neighbour can't be resolved now, what was right before still serves. */
	entry->has_mac = entry->session.path_ready;
	memcpy(entry->mac, session.path.header, sizeof(entry->mac));
	sessions_index(sessions, entry);
	if (entry->lingering)
		return 0;
	sessions_enlist(sessions, entry);
	if (!session_is_multihop(&info) && info.ifindex)
		sessions_use_neighbour(sessions, entry, info.ifindex, &info.remote);
	return 0;
}

static int adopt_all(struct sessions *sessions)
{
	int error = 0;

	for (uint32_t slot = 0; slot < sessions->slot_count && !error; slot++)
		error = adopt_slot(sessions, slot);
	if (!error && sessions->multihop)
		error = route_watch_listen(sessions->routes, true);
	if (error)
		return error;
	sessions_refresh(sessions);
	sessions_sync_receivers(sessions);
	error = clients_adopt(sessions);
	if (error)
		return error;
	sessions_tidy_neighbours(sessions);
	if (sessions->count)
		log_info("adopted %u sessions", sessions->count);
	return 0;
}

int sessions_open(struct dataplane *dp, struct watch *watch,
		  const struct sessions_observer *observer, struct sessions **out,
		  struct session_error *error)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));
	int result = -ENOMEM;

	if (!sessions)
		goto cleanup;
	sessions->dp = dp;
	sessions->watch = watch;
	sessions->observer = *observer;
	sessions->generation = 1;
	sessions->opened_ns = sessions_now_ns();
	sessions->slot_count = dataplane_max_sessions(dp);
	sessions->retry_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	sessions->reroute_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	sessions->slots = calloc(sessions->slot_count, sizeof(struct session_entry *));
	sessions->stale = calloc(sessions->slot_count / 64 + 1, sizeof(*sessions->stale));
	if (!sessions->slots || !sessions->stale)
		goto cleanup;
	result = sessions->retry_fd < 0 || sessions->reroute_fd < 0 ? -errno : 0;
	if (!result)
		result = devices_open(dp, watch, &sessions->devices);
	if (!result)
		result = route_watch_open(&sessions->routes);
	if (!result)
		result = rtnl_open(&sessions->rtnl);
	if (!result)
		result = sessions_sync_local(sessions);
	if (!result)
		devices_follow_stack(sessions->devices);
	if (!result && dataplane_adopted(dp))
		result = adopt_all(sessions);
cleanup:
	if (result) {
		sessions_close(sessions);
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "cannot read the sessions of the data plane: %s",
				    strerror(-result));
	}
	*out = sessions;
	return 0;
}

void sessions_close(struct sessions *sessions)
{
	if (!sessions)
		return;
	for (uint32_t slot = 0; sessions->slots && slot < sessions->slot_count; slot++) {
		if (sessions->slots[slot])
			clients_free(sessions->slots[slot]);
		free(sessions->slots[slot]);
	}
	free(sessions->slots);
	free(sessions->stale);
	free(sessions->changed.list);
	sessions_close_receivers(sessions);
	devices_close(sessions->devices);
	route_watch_close(sessions->routes);
	rtnl_close(sessions->rtnl);
	if (sessions->retry_fd >= 0)
		close(sessions->retry_fd);
	if (sessions->reroute_fd >= 0)
		close(sessions->reroute_fd);
	free(sessions);
}

int sessions_start(struct sessions *sessions, struct loop *loop)
{
	int error;

	/* Sessions, receivers and listeners have what they need by now. */
	if (dataplane_adopted(sessions->dp))
		devices_tidy(sessions->devices);
	error = loop_add(loop, dataplane_event_fd(sessions->dp), sessions_events_readable,
			 sessions);
	if (!error)
		error = loop_add(loop, sessions->retry_fd, sessions_retry, sessions);
	if (!error)
		error = loop_add(loop, sessions->reroute_fd, sessions_reroute_due, sessions);
	if (!error)
		error = route_watch_start(sessions->routes, loop, &sessions_route_handlers,
					  sessions);
	if (!error)
		error = watch_start(sessions->watch, loop, &sessions_watch_handlers, sessions);
	sessions->started = !error;
	/* What happened while no agent ran. */
	return error ? error : sessions_events_readable(sessions);
}

/* ---- operations ---- */

int sessions_configure(struct sessions *sessions, struct session_entry *entry,
		       const struct bfd_config *config, struct session_error *error)
{
	struct bfd_session_info *info = &entry->session.info;
	struct bfd_config allowed = *config;
	int result = session_check_config(session_is_multihop(info), &allowed, error);

	if (result)
		return result;
	result = dataplane_session_set(sessions->dp, entry->session.slot, &allowed);
	if (!result && (allowed.set & BFD_CONFIG_MIN_TTL)) {
		info->min_ttl = allowed.min_ttl;
		result = dataplane_session_set_info(sessions->dp, entry->session.slot, info);
	}
	if (result)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "the data plane refused the change: %s", strerror(-result));
	sessions_changed(sessions, entry);
	return 0;
}

int sessions_change(struct sessions *sessions, const struct session *session,
		    const struct bfd_config *config, struct session_error *error)
{
	struct session_entry *entry = sessions->slots[session->slot];
	int result = sessions_configure(sessions, entry, config, error);

	if (!result)
		clients_change(sessions, entry, config);
	return result;
}

int sessions_delete(struct sessions *sessions, const struct session *session,
		    struct session_error *error)
{
	struct session_entry *entry = sessions->slots[session->slot];
	struct bfd_session last;
	int result = sessions_read(sessions, session, &last);

	if (!result)
		result = dataplane_session_delete(sessions->dp, session->slot);
	if (result)
		return session_fail(error, SESSION_FIELD_NONE, result,
				    "the data plane refused the deletion: %s", strerror(-result));
	sessions_leave_neighbour(sessions, entry);
	sessions_delist(sessions, entry);
	entry->lingering = true;
	if (session_is_multihop(&entry->session.info))
		sessions_sync_receivers(sessions);
	if (entry->session.info.flags & BFD_INFO_POINT_TO_POINT)
		sessions_pass_on_link(sessions, &entry->session.info);
	/* The data plane frees the slot at once if no peer ever heard of the session. */
	last.vars.state = BFD_STATE_ADMIN_DOWN;
	last.vars.diag = BFD_DIAG_ADMIN_DOWN;
	last.vars.admin_down = 1;
	sessions->last_values = &last;
	if (sessions->started && sessions->observer.deleted)
		sessions->observer.deleted(&entry->session, sessions->observer.context);
	sessions->last_values = NULL;
	clients_forget(sessions, entry);
	return 0;
}

int sessions_flush(struct sessions *sessions, const struct session_selector *selector,
		   struct session_error *error)
{
	const struct session *session;
	int deleted = 0;

	for (uint32_t slot = 0; (session = sessions_from(sessions, slot));) {
		int result;

		slot = session->slot + 1;
		if (!session_matches(session, selector))
			continue;
		result = sessions_delete(sessions, session, error);
		if (result)
			return result;
		deleted++;
	}
	return deleted;
}

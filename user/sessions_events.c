// SPDX-License-Identifier: GPL-2.0
/*
 * What the data plane tells of sessions, passed on to the observer.  Events that
 * happened while no agent ran are passed on as late ones; of those that found the
 * ring buffer full only the net change is left, by reading the maps again.  At the start they are
 * read in any case, and compared with what the agent before has told.
 */
#include <string.h>

#include "listeners.h"
#include "log.h"
#include "sessions_internal.h"

/*
 * What was told is written down, so that an agent after this one tells neither less nor more.
 * Written last: after a crash in between it is told once more, with the same time.
 */
static void report(struct sessions *sessions, struct session_entry *entry,
		   const struct bfd_event *event, bool late)
{
	entry->state = event->state;
	if (sessions->observer.state)
		sessions->observer.state(&entry->session, event, late, sessions->observer.context);
	entry->session.info.told = event->state + 1;
	if (dataplane_session_set_info(sessions->dp, entry->session.slot, &entry->session.info))
		log_warning("session %u: cannot write down that its transition was told",
			    entry->session.local_discr);
}

static void on_event(const struct bfd_event *event, void *context)
{
	struct sessions *sessions = context;
	struct session_entry *entry =
		event->slot < sessions->slot_count ? sessions->slots[event->slot] : NULL;

	if (!entry || entry->session.local_discr != event->local_discr)
		return;
	if (entry->lingering) {
		if (event->type == BFD_EVENT_FREED)
			sessions_drop(sessions, entry);
		return;
	}
	switch (event->type) {
	case BFD_EVENT_STATE:
		/* Told already, as part of a net change. */
		if (event->state != entry->state && event->sequence > sessions->reread_sequence)
			report(sessions, entry, event, event->time_ns < sessions->opened_ns);
		break;
	case BFD_EVENT_REMOTE:
	case BFD_EVENT_POLL_DONE:
		sessions_changed(sessions, entry);
		break;
	default:
		break;
	}
}

static void on_newcomer(const struct bfd_newcomer *newcomer, void *context)
{
	struct sessions *sessions = context;

	listeners_newcomer(sessions->listeners, newcomer);
}

/* When it came to its state, as far as the data plane remembers that. */
static uint64_t changed_ns(const struct bfd_session *session, uint8_t told)
{
	if (session->vars.state == BFD_STATE_UP && session->stats.last_up_ns)
		return session->stats.last_up_ns;
	if (told == BFD_STATE_UP && session->stats.last_down_ns)
		return session->stats.last_down_ns;
	return sessions_now_ns();
}

/* Compare what observers know with what is. */
static void reread_entry(struct sessions *sessions, struct session_entry *entry)
{
	struct bfd_session session;
	struct bfd_event event;

	if (sessions_read(sessions, &entry->session, &session) ||
	    session.vars.local_discr != entry->session.local_discr) {
		if (entry->lingering)
			sessions_drop(sessions, entry);
		return;
	}
	if (entry->lingering || session.vars.state == entry->state)
		return;
	event = (struct bfd_event){
		.type = BFD_EVENT_STATE,
		.slot = entry->session.slot,
		.time_ns = changed_ns(&session, entry->state),
		.last_rx_ns = session.vars.last_rx_ns,
		.detect_overshoot_ns = session.stats.detect_overshoot_last_ns,
		.local_discr = session.vars.local_discr,
		.remote_discr = session.vars.remote_discr,
		.old_state = entry->state,
		.state = session.vars.state,
		.diag = session.vars.diag,
		.remote_state = session.vars.remote_state,
		.remote_diag = session.vars.remote_diag,
	};
	if (entry->state == SESSION_STATE_UNKNOWN)
		entry->state = session.vars.state;
	else
		report(sessions, entry, &event, true);
}

/*
 * Events are numbered under the lock under which the state changes, and states are read under it:
 * what is read has all events up to this number behind it.
 */
static void reread(struct sessions *sessions, const struct bfd_clock *clock)
{
	sessions->events_lost = clock->events_lost;
	sessions->reread_sequence = clock->event_sequence;
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++)
		if (sessions->slots[slot])
			reread_entry(sessions, sessions->slots[slot]);
}

/* The events of the time without an agent are through: what they left open is as adopted. */
static void settle_adopted(struct sessions *sessions)
{
	for (uint32_t slot = 0; slot < sessions->slot_count; slot++) {
		struct session_entry *entry = sessions->slots[slot];

		if (entry && entry->state == SESSION_STATE_UNKNOWN)
			entry->state = entry->adopted_state;
	}
	sessions->adopted_reported = true;
}

int sessions_events_readable(void *context)
{
	struct sessions *sessions = context;
	int result = dataplane_read_events(sessions->dp, on_event, on_newcomer, sessions), error;
	bool first = !sessions->adopted_reported;
	struct dataplane_clock_info info;

	if (result) /* more of them wait for the next call */
		return result < 0 ? result : 0;
	if (first)
		settle_adopted(sessions);
	error = dataplane_clock_info(sessions->dp, &info);
	if (error)
		return error;
	if (info.clock.events_lost != sessions->events_lost)
		log_debug("events were lost: comparing states");
	if (first || info.clock.events_lost != sessions->events_lost)
		reread(sessions, &info.clock);
	return 0;
}

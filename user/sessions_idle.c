// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions that neighbours started (RFC 9468), and that have not been up for long: they are
 * removed.  How long that is their listener says; see listeners.h.
 */
#include "address.h"
#include "log.h"
#include "sessions_internal.h"

#define NS_PER_MS 1000000ULL

/*
 * Since when it isn't up; it is written down, so that a restart doesn't begin anew.  One that
 * the operator holds down isn't idle: made anew it would be without his word.
 */
static void note_idle(struct sessions *sessions, struct session_entry *entry, uint64_t now_ns)
{
	struct bfd_session_info *info = &entry->session.info;
	bool idle = entry->state != BFD_STATE_UP && entry->state != BFD_STATE_ADMIN_DOWN;

	if (idle == !!info->idle_ns || entry->state == SESSION_STATE_UNKNOWN)
		return;
	info->idle_ns = idle ? now_ns : 0;
	dataplane_session_set_info(sessions->dp, entry->session.slot, info);
}

/* A session that is held down (RFC 5880 6.8.18) couldn't be up: its time begins afterwards. */
static bool is_idle(const struct sessions *sessions, const struct session *session,
		    uint64_t allowed_ns, uint64_t now_ns)
{
	uint64_t idle_ns = session->info.idle_ns;
	struct bfd_session now;

	if (!idle_ns || now_ns - idle_ns < allowed_ns)
		return false;
	return sessions_read(sessions, session, &now) ||
	       now_ns >= now.vars.hold_until_ns + allowed_ns;
}

void sessions_remove_idle(struct sessions *sessions,
			  uint64_t (*allowed_ms)(uint32_t listener_id, void *context),
			  void *context)
{
	uint64_t now_ns = sessions_now_ns();
	const struct session *session;

	for (uint32_t slot = 0;
	     sessions_count(sessions) && (session = sessions_from(sessions, slot));) {
		const struct bfd_session_info *info = &session->info;
		struct session_error error;
		uint64_t allowed_ns;

		slot = session->slot + 1;
		if (!info->listener_id)
			continue;
		allowed_ns = allowed_ms(info->listener_id, context) * NS_PER_MS;
		note_idle(sessions, sessions->slots[session->slot], now_ns);
		if (!is_idle(sessions, session, allowed_ns, now_ns))
			continue;
		log_debug("listener %u: session %u with %s has been idle", info->listener_id,
			  session->local_discr, address_format(&info->remote).text);
		if (sessions_delete(sessions, session, &error))
			log_warning("an idle session stays: %s", error.text);
	}
}

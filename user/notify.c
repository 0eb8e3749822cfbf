/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notifications of the groups config and state; see notify.h.  An event that
 * can't be built or sent still uses up its sequence number, so that listeners
 * see the loss.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "genl/generated/policy.h"
#include "notify.h"
#include "session_message.h"

#define NS_PER_US 1000ULL
#define US_PER_S 1000000ULL

struct notify {
	struct sessions_observer observer;
	struct genl_server *server; /* NULL: nobody to send by */
	const struct sessions *sessions;
	const struct keys *keys;
	const struct genl_request *cause;
	uint64_t sequence[BFD_GROUP_STATE + 1]; /* by group */
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * US_PER_S + (uint64_t)now.tv_nsec / NS_PER_US;
}

static int put_transition(struct nl_msg *message, const struct bfd_event *event, bool late)
{
	if (nla_put_u32(message, BFD_A_EVENT_OLD_STATE, event->old_state) < 0 ||
	    nla_put_u32(message, BFD_A_EVENT_NEW_STATE, event->state) < 0 ||
	    nla_put_u32(message, BFD_A_EVENT_DIAGNOSTIC, event->diag) < 0 ||
	    nla_put_u32(message, BFD_A_EVENT_REMOTE_STATE, event->remote_state) < 0 ||
	    nla_put_u32(message, BFD_A_EVENT_REMOTE_DIAGNOSTIC, event->remote_diag) < 0)
		return -EMSGSIZE;
	if (event->last_rx_ns && event->time_ns >= event->last_rx_ns &&
	    nla_put_u64(message, BFD_A_EVENT_SINCE_LAST_RX,
			(event->time_ns - event->last_rx_ns) / NS_PER_US) < 0)
		return -EMSGSIZE;
	if (event->diag == BFD_DIAG_DETECTION_EXPIRED && event->state == BFD_STATE_DOWN &&
	    nla_put_u64(message, BFD_A_EVENT_DETECT_OVERSHOOT, event->detect_overshoot_ns) < 0)
		return -EMSGSIZE;
	if (late && nla_put_flag(message, BFD_A_EVENT_LATE) < 0)
		return -EMSGSIZE;
	return 0;
}

/* What is new of its path, if that is why we tell. */
static int put_path_change(struct nl_msg *message, const struct session *session)
{
	if (session->old_path_problem != session->path_problem &&
	    nla_put_u32(message, BFD_A_EVENT_OLD_PATH_PROBLEM, session->old_path_problem) < 0)
		return -EMSGSIZE;
	for (uint32_t change = 0; session->path_changes >> change; change++)
		if ((session->path_changes >> change & 1) &&
		    nla_put_u32(message, BFD_A_EVENT_PATH_CHANGE, change) < 0)
			return -EMSGSIZE;
	return 0;
}

/* event is NULL in the group config. */
static int put_event(struct nl_msg *message, uint64_t sequence, const struct session *session,
		     const struct bfd_event *event, bool late)
{
	struct nlattr *nest = nla_nest_start(message, BFD_A_SESSION_EVENT);
	uint64_t time_us = event && event->time_ns ? realtime_us(event->time_ns) : now_us();
	int err = 0;

	if (!nest || nla_put_u64(message, BFD_A_EVENT_SEQUENCE, sequence) < 0 ||
	    nla_put_u64(message, BFD_A_EVENT_TIME, time_us) < 0)
		return -EMSGSIZE;
	if (event)
		err = put_transition(message, event, late);
	else
		err = put_path_change(message, session);
	nla_nest_end(message, nest);
	return err;
}

static void tell(struct notify *notify, uint32_t group, uint8_t command,
		 const struct session *session, const struct bfd_event *event, bool late)
{
	uint64_t sequence = ++notify->sequence[group];
	struct nl_msg *message;

	if (!notify->server)
		return;
	message = genl_notify_new(notify->server, command, notify->cause);
	if (!message)
		return;
	if (session_message_put(message, notify->sessions, notify->keys, session) ||
	    put_event(message, sequence, session, event, late)) {
		nlmsg_free(message);
		return;
	}
	genl_notify(notify->server, group, message, notify->cause);
}

static void on_created(const struct session *session, void *context)
{
	tell(context, BFD_GROUP_CONFIG, BFD_CMD_SESSION_NEW_NTF, session, NULL, false);
}

static void on_changed(const struct session *session, void *context)
{
	tell(context, BFD_GROUP_CONFIG, BFD_CMD_SESSION_SET_NTF, session, NULL, false);
}

static void on_deleted(const struct session *session, void *context)
{
	tell(context, BFD_GROUP_CONFIG, BFD_CMD_SESSION_DEL_NTF, session, NULL, false);
}

static void on_state(const struct session *session, const struct bfd_event *event, bool late,
		     void *context)
{
	struct notify *notify = context;

	/* A net change: transitions were lost before this one. */
	if (late && !event->sequence)
		notify->sequence[BFD_GROUP_STATE]++;
	tell(notify, BFD_GROUP_STATE, BFD_CMD_SESSION_STATE_NTF, session, event, late);
}

static int put_fault(struct nl_msg *message, uint64_t sequence, const struct session_fault *fault)
{
	struct nlattr *nest;

	if ((fault->ifindex && nla_put_u32(message, BFD_A_DEV_IFINDEX, fault->ifindex) < 0) ||
	    (fault->ifname && nla_put_string(message, BFD_A_DEV_IFNAME, fault->ifname) < 0) ||
	    nla_put_u32(message, BFD_A_DEV_SESSIONS, fault->sessions) < 0 ||
	    nla_put_u32(message, BFD_A_DEV_FAULT, fault->kind) < 0 ||
	    nla_put_u32(message, BFD_A_DEV_REPAIRED, fault->repaired) < 0)
		return -EMSGSIZE;
	nest = nla_nest_start(message, BFD_A_DEV_EVENT);
	if (!nest || nla_put_u64(message, BFD_A_EVENT_SEQUENCE, sequence) < 0 ||
	    nla_put_u64(message, BFD_A_EVENT_TIME, now_us()) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

void notify_fault(struct notify *notify, const struct session_fault *fault)
{
	uint64_t sequence = ++notify->sequence[BFD_GROUP_CONFIG];
	struct nl_msg *message;

	if (!notify->server)
		return;
	message = genl_notify_new(notify->server, BFD_CMD_FAULT_NTF, NULL);
	if (!message)
		return;
	if (put_fault(message, sequence, fault))
		nlmsg_free(message);
	else
		genl_notify(notify->server, BFD_GROUP_CONFIG, message, NULL);
}

static void on_fault(const struct session_fault *fault, void *context)
{
	notify_fault(context, fault);
}

int notify_open(struct notify **out)
{
	struct notify *notify = calloc(1, sizeof(*notify));

	if (!notify)
		return -ENOMEM;
	notify->observer = (struct sessions_observer){
		.created = on_created,
		.changed = on_changed,
		.deleted = on_deleted,
		.state = on_state,
		.fault = on_fault,
		.context = notify,
	};
	/* Beyond all numbers of an agent before this one, so that listeners see the break. */
	notify->sequence[BFD_GROUP_CONFIG] = now_us();
	notify->sequence[BFD_GROUP_STATE] = notify->sequence[BFD_GROUP_CONFIG];
	*out = notify;
	return 0;
}

void notify_close(struct notify *notify)
{
	free(notify);
}

const struct sessions_observer *notify_observer(struct notify *notify)
{
	return &notify->observer;
}

void notify_start(struct notify *notify, struct genl_server *server,
		  const struct sessions *sessions, const struct keys *keys)
{
	notify->server = server;
	notify->sessions = sessions;
	notify->keys = keys;
}

void notify_set_cause(struct notify *notify, const struct genl_request *cause)
{
	notify->cause = cause;
}

uint64_t notify_sequence(const struct notify *notify, uint32_t group)
{
	return notify->sequence[group];
}

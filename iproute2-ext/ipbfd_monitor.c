// SPDX-License-Identifier: GPL-2.0
/*
 * "ip bfd monitor": follows the groups state and config, one line for an event,
 * flushed at once.
 *
 * Each group numbers its events, so a gap is a loss: it is told, and what is true
 * now is dumped.  Who may not join a multicast group asks the agent for events by
 * unicast instead.  That outlives the agent, but not a flush of all that is pinned, so it
 * asks again now and then; members of a group just wait.  It must not change anything.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "utils.h"
#include "ipbfd.h"

/* How often a subscriber makes sure that it still is one. */
#define SUBSCRIBE_PERIOD_MS 5000

/* An agent begins to count at the microseconds of the clock, so a leap like this, or one back,
 * is a new agent's and not the number of lost events.
 */
#define NEW_AGENT_GAP 100000

enum listing {
	LIST_CONFIG = 1, /* as in BFD_A_SUBSCRIBE_GROUPS */
	LIST_STATE = 2,
	LIST_ALL = 3,
};

struct monitor {
	struct bfd_socket events;
	struct bfd_selector selector;
	enum listing wanted;
	uint64_t sequence[LIST_ALL]; /* last seen, by group; 0: none yet */
	bool lost;		     /* a dump is due */
};

/* As print_timestamp() of iproute2 does it, but for the time of an event. */
static void print_event_timestamp(uint64_t time_us)
{
	time_t seconds = time_us / 1000000;
	unsigned int rest_us = time_us % 1000000;
	char text[64];
	struct tm local;

	localtime_r(&seconds, &local);
	if (timestamp_short) {
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &local);
		printf("[%s.%06u] ", text, rest_us);
	} else {
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &local);
		printf("Timestamp: %s %u usec\n", text, rest_us);
	}
}

static uint64_t now_us(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return now.tv_sec * UINT64_C(1000000) + now.tv_usec;
}

static void begin_line(const char *event, uint64_t time_us)
{
	new_json_obj_plain(json);
	open_json_object(NULL);
	if (timestamp && !is_json_context())
		print_event_timestamp(time_us);
	print_string(PRINT_ANY, "event", "%s ", event);
	print_u64(PRINT_JSON, "timestamp", NULL, time_us);
}

static void end_line(void)
{
	close_json_object();
	delete_json_obj_plain();
	print_string(PRINT_FP, NULL, "%s", json ? "" : "\n");
	fflush(stdout);
}

/* Whether this is a failure (RFC 5882 3.2), and one that ends a graceful restart (4.3). */
static void print_peer(struct rtattr *const *event, struct rtattr *const *tb)
{
	uint32_t remote_state = bfd_attr_u32(event, BFD_A_EVENT_REMOTE_STATE, 0);

	if (event[BFD_A_EVENT_REMOTE_STATE] && remote_state == BFD_SESSION_STATE_ADMIN_DOWN)
		print_string(PRINT_FP, NULL, "remote %s ", bfd_state_name(remote_state));
	if (!is_json_context() || !event[BFD_A_EVENT_REMOTE_STATE] || show_details)
		return; /* details have the same members, of now */
	print_string(PRINT_JSON, "remote_state", NULL, bfd_state_name(remote_state));
	print_string(PRINT_JSON, "remote_diag", NULL,
		     bfd_diag_name(bfd_attr_u32(event, BFD_A_EVENT_REMOTE_DIAGNOSTIC, 0)));
	print_bool(PRINT_JSON, "local_cpi", NULL, bfd_attr_u32(tb, BFD_A_SESSION_LOCAL_CPI, 0));
	print_bool(PRINT_JSON, "remote_cpi", NULL, bfd_attr_u32(tb, BFD_A_SESSION_REMOTE_CPI, 0));
}

static void print_transition(struct rtattr *const *event)
{
	const char *old_state = bfd_state_name(bfd_attr_u32(event, BFD_A_EVENT_OLD_STATE, 0));
	uint32_t state = bfd_attr_u32(event, BFD_A_EVENT_NEW_STATE, 0);
	char text[BFD_TIME_TEXT];

	print_string(PRINT_ANY, "old_state", "%s -> ", old_state);
	print_color_string(PRINT_ANY,
			   state == BFD_SESSION_STATE_UP ? COLOR_OPERSTATE_UP
							 : COLOR_OPERSTATE_DOWN,
			   "new_state", "%s ", bfd_state_name(state));
	print_string(PRINT_ANY, "diag", "diag %s ",
		     bfd_diag_name(bfd_attr_u32(event, BFD_A_EVENT_DIAGNOSTIC, 0)));
	if (event[BFD_A_EVENT_SINCE_LAST_RX]) {
		uint64_t since_us = bfd_attr_u64(event, BFD_A_EVENT_SINCE_LAST_RX, 0);

		print_u64(PRINT_JSON, "since_last_rx", NULL, since_us);
		print_string(PRINT_FP, NULL, "last-rx %s ago ", bfd_format_time(since_us, text));
	}
	if (event[BFD_A_EVENT_DETECT_OVERSHOOT]) {
		uint64_t overshoot_ns = bfd_attr_u64(event, BFD_A_EVENT_DETECT_OVERSHOOT, 0);

		print_u64(PRINT_JSON, "detect_overshoot_ns", NULL, overshoot_ns);
		print_float(PRINT_FP, NULL, "overshoot %.1fus ", overshoot_ns / 1e3);
	}
	if (event[BFD_A_EVENT_LATE]) {
		print_bool(PRINT_JSON, "late", NULL, true);
		print_string(PRINT_FP, NULL, "%s", "late ");
	}
}

/* Each attribute of the kind in the nest, as the names of an enumeration. */
static void print_path_changes(struct rtattr *nest)
{
	const struct rtattr *attribute = RTA_DATA(nest);
	int length = RTA_PAYLOAD(nest);
	bool any = false;

	for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
		if ((attribute->rta_type & NLA_TYPE_MASK) != BFD_A_EVENT_PATH_CHANGE ||
		    RTA_PAYLOAD(attribute) < sizeof(uint32_t))
			continue;
		if (!any)
			open_json_array(PRINT_JSON, "path_changes");
		any = true;
		print_string(PRINT_ANY, NULL, "new %s ",
			     bfd_path_change_name(*(const uint32_t *)RTA_DATA(attribute)));
	}
	if (any)
		close_json_array(PRINT_JSON, NULL);
}

/* Why the agent tells of a session that nobody gave a command for. */
static void print_path(struct rtattr *nest, struct rtattr *const *event, struct rtattr *const *tb)
{
	if (event[BFD_A_EVENT_OLD_PATH_PROBLEM]) {
		print_string(PRINT_JSON, "old_path_problem", NULL,
			     bfd_path_problem_name(
				     bfd_attr_u32(event, BFD_A_EVENT_OLD_PATH_PROBLEM, 0)));
		if (!show_details)
			print_string(PRINT_JSON, "path_problem", NULL, bfd_path_problem_of(tb));
		print_string(PRINT_FP, NULL, "problem %s ", bfd_path_problem_of(tb));
	}
	print_path_changes(nest);
}

/* One event is one line: -o's separator is the line break of everything else. */
static void print_event_session(const struct bfd_message *message, struct rtattr *const *tb,
				bool configuration)
{
	const char *separator = _SL_;

	_SL_ = "";
	if (show_details)
		bfd_print_session_members(message, tb);
	else
		bfd_print_session_key(tb);
	if (configuration && !show_details)
		bfd_print_session_timers(tb);
	_SL_ = separator;
}

/* How many isn't known; all groups begin anew. */
static void say_lost(struct monitor *monitor, const char *reason)
{
	begin_line("lost", now_us());
	print_string(PRINT_ANY, "reason", "events: %s", reason);
	end_line();
	monitor->lost = true;
	memset(monitor->sequence, 0, sizeof(monitor->sequence));
}

/* Compare with the last number of the group; the first one is taken as it is. */
static void check_sequence(struct monitor *monitor, enum listing group, uint64_t sequence)
{
	uint64_t last = monitor->sequence[group];
	uint64_t missing = sequence - last - 1;

	if (last && missing && missing >= NEW_AGENT_GAP) {
		say_lost(monitor, "the agent was started anew");
	} else if (last && missing) {
		monitor->lost = true;
		begin_line("lost", now_us());
		print_u64(PRINT_ANY, "count", "%" PRIu64 " ", missing);
		print_string(PRINT_ANY, "group", "events of group %s",
			     group == LIST_STATE ? BFD_MCGRP_STATE : BFD_MCGRP_CONFIG);
		end_line();
	}
	monitor->sequence[group] = sequence;
}

/* What somebody did to the data plane; such an event has the attributes of a device. */
static int handle_fault(const struct bfd_message *message, struct monitor *monitor)
{
	const struct bfd_selector *selector = &monitor->selector;
	struct rtattr *event[BFD_A_EVENT_MAX + 1] = {NULL};
	struct rtattr *tb[BFD_A_DEV_MAX + 1];
	const char *ifname;
	bool repaired;

	parse_rtattr_flags(tb, BFD_A_DEV_MAX, message->attributes, message->length, NLA_F_NESTED);
	if (tb[BFD_A_DEV_EVENT])
		parse_rtattr_nested(event, BFD_A_EVENT_MAX, tb[BFD_A_DEV_EVENT]);
	if (!(monitor->wanted & LIST_CONFIG))
		return 0;
	check_sequence(monitor, LIST_CONFIG, bfd_attr_u64(event, BFD_A_EVENT_SEQUENCE, 0));
	if (selector->local_discr || selector->name || selector->remote.family ||
	    selector->local.family || selector->multihop || selector->vrf_ifindex ||
	    (selector->ifindex &&
	     selector->ifindex != bfd_attr_u32(tb, BFD_A_DEV_IFINDEX, selector->ifindex)))
		return 0;
	begin_line("fault", bfd_attr_u64(event, BFD_A_EVENT_TIME, now_us()));
	print_u64(PRINT_JSON, "sequence", NULL, bfd_attr_u64(event, BFD_A_EVENT_SEQUENCE, 0));
	print_string(PRINT_ANY, "fault", "%s ",
		     bfd_fault_name(bfd_attr_u32(tb, BFD_A_DEV_FAULT, 0)));
	ifname = bfd_attr_string(tb, BFD_A_DEV_IFNAME);
	if (ifname) {
		print_string(PRINT_FP, NULL, "%s", "dev ");
		print_color_string(PRINT_ANY, COLOR_IFNAME, "dev", "%s ", ifname);
	}
	if (is_json_context() || bfd_attr_u32(tb, BFD_A_DEV_SESSIONS, 0))
		print_uint(PRINT_ANY, "sessions_reset", "sessions-reset %u ",
			   bfd_attr_u32(tb, BFD_A_DEV_SESSIONS, 0));
	repaired = bfd_attr_u32(tb, BFD_A_DEV_REPAIRED, 0);
	print_bool(PRINT_JSON, "repaired", NULL, repaired);
	print_string(PRINT_FP, NULL, "%s", repaired ? "repaired" : "not repaired");
	end_line();
	return 0;
}

static int handle_event(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_SESSION_MAX + 1];
	struct rtattr *event[BFD_A_EVENT_MAX + 1] = {NULL};
	enum listing group = LIST_CONFIG;
	struct monitor *monitor = context;
	const char *name;

	switch (message->command) {
	case BFD_CMD_SESSION_STATE_NTF:
		name = "state";
		group = LIST_STATE;
		break;
	case BFD_CMD_SESSION_NEW_NTF:
		name = "add";
		break;
	case BFD_CMD_SESSION_SET_NTF:
		name = "change";
		break;
	case BFD_CMD_SESSION_DEL_NTF:
		name = "del";
		break;
	case BFD_CMD_FAULT_NTF:
		return handle_fault(message, monitor);
	default:
		return 0;
	}
	parse_rtattr_flags(tb, BFD_A_SESSION_MAX, message->attributes, message->length,
			   NLA_F_NESTED);
	if (tb[BFD_A_SESSION_EVENT])
		parse_rtattr_nested(event, BFD_A_EVENT_MAX, tb[BFD_A_SESSION_EVENT]);
	if (monitor->wanted & group)
		check_sequence(monitor, group, bfd_attr_u64(event, BFD_A_EVENT_SEQUENCE, 0));
	if (!(monitor->wanted & group) || !bfd_selected(&monitor->selector, tb))
		return 0;

	begin_line(name, bfd_attr_u64(event, BFD_A_EVENT_TIME, now_us()));
	print_u64(PRINT_JSON, "sequence", NULL, bfd_attr_u64(event, BFD_A_EVENT_SEQUENCE, 0));
	if (group == LIST_STATE) {
		print_transition(event);
		print_peer(event, tb);
	} else if (tb[BFD_A_SESSION_EVENT]) {
		print_path(tb[BFD_A_SESSION_EVENT], event, tb);
	}
	print_event_session(message, tb,
			    message->command == BFD_CMD_SESSION_NEW_NTF ||
				    message->command == BFD_CMD_SESSION_SET_NTF);
	end_line();
	return 0;
}

static int print_current(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_SESSION_MAX + 1];
	struct monitor *monitor = context;
	uint32_t state;

	parse_rtattr_flags(tb, BFD_A_SESSION_MAX, message->attributes, message->length,
			   NLA_F_NESTED);
	if (!bfd_selected(&monitor->selector, tb))
		return 0;
	state = bfd_attr_u32(tb, BFD_A_SESSION_LOCAL_STATE, 0);
	begin_line("current", now_us());
	print_color_string(PRINT_ANY,
			   state == BFD_SESSION_STATE_UP ? COLOR_OPERSTATE_UP
							 : COLOR_OPERSTATE_DOWN,
			   "state", "%s ", bfd_state_name(state));
	bfd_print_session_key(tb);
	end_line();
	return 0;
}

/* On a socket of its own, so that the events that arrive meanwhile wait their turn. */
static void dump_after_loss(struct monitor *monitor)
{
	struct bfd_socket s = BFD_SOCKET_CLOSED;
	struct bfd_request request;

	monitor->lost = false;
	bfd_request_init(&request, BFD_CMD_SESSION_GET, NLM_F_DUMP);
	if (!bfd_open(&s))
		bfd_talk(&s, &request, print_current, monitor);
	bfd_close(&s);
}

/* All groups, whatever is to be printed: it costs little. */
static int subscribe(struct monitor *monitor)
{
	struct bfd_request request;

	bfd_request_init(&request, BFD_CMD_SUBSCRIBE, NLM_F_ACK);
	addattr32(&request.n, sizeof(request), BFD_A_SUBSCRIBE_GROUPS, LIST_ALL);
	return bfd_send(&monitor->events, &request);
}

/* Say once that the agent is gone, and that it is back. */
static void renew_subscription(struct monitor *monitor, bool *agent_gone)
{
	bool was_gone = *agent_gone;

	monitor->events.quiet = was_gone;
	*agent_gone = subscribe(monitor) != 0;
	monitor->events.quiet = false;
	if (was_gone && !*agent_gone)
		say_lost(monitor, "the agent was away");
}

static int follow(struct monitor *monitor, bool member)
{
	bool agent_gone = false;
	int status;

	for (;;) {
		switch (bfd_receive(&monitor->events, member ? -1 : SUBSCRIBE_PERIOD_MS,
				    handle_event, monitor, &status)) {
		case BFD_RECEIVED_MESSAGES:
			break;
		case BFD_RECEIVED_NOTHING:
			if (!member)
				renew_subscription(monitor, &agent_gone);
			break;
		case BFD_RECEIVED_OVERRUN:
			say_lost(monitor, "they came faster than they were read");
			break;
		case BFD_RECEIVED_END:
			if (status)
				return status;
			break;
		case BFD_RECEIVED_ERROR:
			return status;
		}
		if (monitor->lost)
			dump_after_loss(monitor);
	}
}

int bfd_monitor(int argc, char **argv)
{
	struct monitor monitor = {.events = BFD_SOCKET_CLOSED, .wanted = LIST_ALL};
	int status;

	if (argc > 0 &&
	    (!strcmp(*argv, "state") || !strcmp(*argv, "config") || !strcmp(*argv, "all"))) {
		monitor.wanted = !strcmp(*argv, "state")    ? LIST_STATE
				 : !strcmp(*argv, "config") ? LIST_CONFIG
							    : LIST_ALL;
		argc--;
		argv++;
	}
	bfd_parse_selector(argc, argv, &monitor.selector);
	status = bfd_open(&monitor.events);
	if (status)
		return status;
	switch (bfd_join_groups(&monitor.events)) {
	case 0:
		return follow(&monitor, true);
	case -EPERM:
		status = subscribe(&monitor);
		return status ? status : follow(&monitor, false);
	default:
		fprintf(stderr, "Error: cannot join the multicast groups of the family \"%s\".\n",
			BFD_FAMILY_NAME);
		return BFD_STATUS_REMOTE;
	}
}

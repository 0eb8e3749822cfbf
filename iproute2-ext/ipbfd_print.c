// SPDX-License-Identifier: GPL-2.0
/*
 * How sessions, devices and the agent look: text in iproute2's manner (options
 * -d -s -o -br -c), JSON with the names of the manual.  All times are in
 * microseconds in JSON unless the name says otherwise.  It must not send.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "utils.h"
#include "ipbfd.h"

static const char *enum_name(const struct genl_enum_spec *spec, uint32_t value)
{
	return value - spec->first < spec->count ? spec->names[value - spec->first] : "unknown";
}

const char *bfd_state_name(uint32_t state)
{
	return enum_name(&bfd_session_state_enum, state);
}

const char *bfd_diag_name(uint32_t diag)
{
	return enum_name(&bfd_diagnostic_enum, diag);
}

const char *bfd_path_problem_name(uint32_t problem)
{
	return enum_name(&bfd_path_problem_enum, problem);
}

const char *bfd_path_change_name(uint32_t change)
{
	return enum_name(&bfd_path_change_enum, change);
}

const char *bfd_fault_name(uint32_t fault)
{
	return enum_name(&bfd_fault_enum, fault);
}

const char *bfd_auth_type_name(uint32_t type)
{
	return enum_name(&bfd_authentication_type_enum, type);
}

/* A number with up to six decimals, but no zeros at the end. */
static void format_decimal(double number, const char *unit, char *buffer)
{
	size_t length = snprintf(buffer, BFD_TIME_TEXT - 4, "%.6f", number);

	while (buffer[length - 1] == '0')
		length--;
	if (buffer[length - 1] == '.')
		length--;
	snprintf(buffer + length, BFD_TIME_TEXT - length, "%s", unit);
}

const char *bfd_format_time(uint64_t time_us, char *buffer)
{
	if (time_us >= 1000000)
		format_decimal(time_us / 1e6, "s", buffer);
	else if (time_us >= 1000)
		format_decimal(time_us / 1e3, "ms", buffer);
	else
		snprintf(buffer, BFD_TIME_TEXT, "%" PRIu64 "us", time_us);
	return buffer;
}

/* A long span, of which only the two largest units matter. */
static const char *format_uptime(uint64_t uptime_ms, char *buffer)
{
	uint64_t s = uptime_ms / 1000;

	if (s >= 86400)
		snprintf(buffer, BFD_TIME_TEXT, "%" PRIu64 "d%" PRIu64 "h", s / 86400,
			 s % 86400 / 3600);
	else if (s >= 3600)
		snprintf(buffer, BFD_TIME_TEXT, "%" PRIu64 "h%" PRIu64 "m", s / 3600,
			 s % 3600 / 60);
	else if (s >= 60)
		snprintf(buffer, BFD_TIME_TEXT, "%" PRIu64 "m%" PRIu64 "s", s / 60, s % 60);
	else
		snprintf(buffer, BFD_TIME_TEXT, "%" PRIu64 ".%" PRIu64 "s", s,
			 uptime_ms % 1000 / 100);
	return buffer;
}

const char *bfd_format_address(const struct bfd_inet_address *address, char *buffer, size_t size)
{
	return inet_ntop(address->family, address->bytes, buffer, size) ? buffer : "?";
}

/* A span of time: a number in JSON, with unit in text; format holds one %s. */
static void print_time(const char *key, const char *format, uint64_t time_us)
{
	char text[BFD_TIME_TEXT];

	print_u64(PRINT_JSON, key, NULL, time_us);
	print_string(PRINT_FP, NULL, format, bfd_format_time(time_us, text));
}

/* The same for an attribute of 32 or 64 bits, if it is there. */
static void print_time_attr(struct rtattr *const *tb, int type, const char *key, const char *format)
{
	if (tb[type])
		print_time(key, format, bfd_attr_u64(tb, type, bfd_attr_u32(tb, type, 0)));
}

void bfd_print_moment(struct rtattr *const *tb, int type, const char *key, const char *format)
{
	uint64_t moment_us = bfd_attr_u64(tb, type, 0);
	time_t seconds = moment_us / 1000000;
	char text[BFD_TIME_TEXT];
	struct tm local;

	if (!tb[type])
		return;
	print_u64(PRINT_JSON, key, NULL, moment_us);
	localtime_r(&seconds, &local);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &local);
	print_string(PRINT_FP, NULL, format, text);
}

static void print_address(struct rtattr *const *tb, int type, const char *key, const char *format)
{
	struct bfd_inet_address address = bfd_attr_address(tb, type);
	char text[INET6_ADDRSTRLEN];

	if (address.family)
		print_color_string(PRINT_ANY, ifa_family_color(address.family), key, format,
				   bfd_format_address(&address, text, sizeof(text)));
}

/* With its word before it in text; nothing if it isn't there. */
static void print_address_attr(struct rtattr *const *tb, int type, const char *key,
			       const char *word)
{
	if (!bfd_attr_address(tb, type).family)
		return;
	print_string(PRINT_FP, NULL, "%s", word);
	print_address(tb, type, key, "%s ");
}

static void print_u32_attr(struct rtattr *const *tb, int type, const char *key, const char *format)
{
	if (tb[type])
		print_uint(PRINT_ANY, key, format, bfd_attr_u32(tb, type, 0));
}

static void print_u64_attr(struct rtattr *const *tb, int type, const char *key, const char *format)
{
	if (tb[type])
		print_u64(PRINT_ANY, key, format, bfd_attr_u64(tb, type, 0));
}

static void print_string_attr(struct rtattr *const *tb, int type, const char *key,
			      const char *format)
{
	const char *text = bfd_attr_string(tb, type);

	if (text)
		print_string(PRINT_ANY, key, format, text);
}

static void print_flag_attr(struct rtattr *const *tb, int type, const char *key, const char *text)
{
	if (!bfd_attr_u32(tb, type, 0))
		return;
	print_bool(PRINT_JSON, key, NULL, true);
	print_string(PRINT_FP, NULL, "%s", text);
}

void bfd_print_bool(struct rtattr *const *tb, int type, const char *key, const char *text)
{
	uint32_t value = bfd_attr_u32(tb, type, 0);

	if (!tb[type])
		return;
	print_bool(PRINT_JSON, key, NULL, value);
	if (value)
		print_string(PRINT_FP, NULL, "%s", text);
}

/* The same of a time, 0 being off. */
static void print_option_time(struct rtattr *const *tb, int type, const char *key,
			      const char *format)
{
	if (is_json_context() || bfd_attr_u32(tb, type, 0))
		print_time_attr(tb, type, key, format);
}

static enum color_attr state_color(uint32_t state)
{
	return state == BFD_SESSION_STATE_UP ? COLOR_OPERSTATE_UP : COLOR_OPERSTATE_DOWN;
}

/* Calls show for each discard nest; those may be among other attributes. */
static void each_discard(const struct rtattr *attribute, int length, int type,
			 void (*show)(const char *reason, uint64_t count, void *context),
			 void *context)
{
	for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
		struct rtattr *tb[BFD_A_DISCARD_MAX + 1];
		const char *reason;

		if ((attribute->rta_type & NLA_TYPE_MASK) != type)
			continue;
		parse_rtattr_nested(tb, BFD_A_DISCARD_MAX, attribute);
		reason = bfd_attr_string(tb, BFD_A_DISCARD_REASON);
		if (reason)
			show(reason, bfd_attr_u64(tb, BFD_A_DISCARD_COUNT, 0), context);
	}
}

static void sum_discard(const char *reason, uint64_t count, void *sum)
{
	(void)reason;
	*(uint64_t *)sum += count;
}

static void print_discard(const char *reason, uint64_t count, void *separator)
{
	print_u64(PRINT_JSON, reason, NULL, count);
	print_string(PRINT_FP, NULL, "%s", *(const char **)separator);
	print_string(PRINT_FP, NULL, "%s ", reason);
	print_u64(PRINT_FP, NULL, "%" PRIu64, count);
	*(const char **)separator = " ";
}

static void print_discards(const struct rtattr *attributes, int length, int type)
{
	const char *separator = "(";
	uint64_t sum = 0;

	each_discard(attributes, length, type, sum_discard, &sum);
	print_u64(PRINT_FP, NULL, "invalid %" PRIu64 " ", sum);
	open_json_object("rx_invalid");
	each_discard(attributes, length, type, print_discard, &separator);
	close_json_object();
	if (sum)
		print_string(PRINT_FP, NULL, "%s", ") ");
}

void bfd_print_session_key(struct rtattr *const *tb)
{
	const char *ifname = bfd_attr_string(tb, BFD_A_SESSION_IFNAME);

	print_u32_attr(tb, BFD_A_SESSION_LOCAL_DISCRIMINATOR, "local_discr", "id %u ");
	print_string(PRINT_FP, NULL, "%s", "remote ");
	print_address(tb, BFD_A_SESSION_REMOTE_ADDRESS, "remote", "%s ");
	print_address_attr(tb, BFD_A_SESSION_LOCAL_ADDRESS, "local", "local ");
	if (ifname) {
		print_string(PRINT_FP, NULL, "%s", "dev ");
		print_color_string(PRINT_ANY, COLOR_IFNAME, "dev", "%s ", ifname);
	}
	if (bfd_attr_u32(tb, BFD_A_SESSION_PATH_TYPE, 0) == BFD_PATH_TYPE_PATH_IP_MH)
		print_string(PRINT_FP, NULL, "%s", "multihop ");
	print_string_attr(tb, BFD_A_SESSION_VRF, "vrf", "vrf %s ");
	print_string_attr(tb, BFD_A_SESSION_NAME, "name", "name %s ");
}

/* Without echo is the plain case, so it isn't told. */
static const char *mode_name(uint32_t mode)
{
	switch (mode) {
	case BFD_DETECTION_MODE_ASYNC_WITHOUT_ECHO:
		return "async";
	case BFD_DETECTION_MODE_DEMAND_WITHOUT_ECHO:
		return "demand";
	default:
		return enum_name(&bfd_detection_mode_enum, mode);
	}
}

/* Members that are always in JSON, but in text only with -d. */
static void print_session_details(struct rtattr *const *tb)
{
	print_string(PRINT_ANY, "mode", "mode %s ",
		     mode_name(bfd_attr_u32(tb, BFD_A_SESSION_DETECTION_MODE, 0)));
	print_time_attr(tb, BFD_A_SESSION_ADVERTISED_MIN_TX_INTERVAL, "advertised_min_tx",
			"advertised-tx %s ");
	print_time_attr(tb, BFD_A_SESSION_ADVERTISED_MIN_RX_INTERVAL, "advertised_min_rx",
			"advertised-rx %s ");
	print_option_time(tb, BFD_A_SESSION_REMOTE_REQUIRED_MIN_ECHO_RX_INTERVAL, "remote_echo_rx",
			  "remote-echo-rx %s ");
	print_address_attr(tb, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, "echo_source", "echo-source ");
	print_u32_attr(tb, BFD_A_SESSION_REMOTE_DISCRIMINATOR, "remote_discr", "remote-id %u ");
	print_string(PRINT_ANY, "remote_state", "remote-state %s ",
		     bfd_state_name(bfd_attr_u32(tb, BFD_A_SESSION_REMOTE_STATE, 0)));
	print_string(PRINT_ANY, "remote_diag", "remote-diag %s ",
		     bfd_diag_name(bfd_attr_u32(tb, BFD_A_SESSION_REMOTE_DIAGNOSTIC, 0)));
	print_u32_attr(tb, BFD_A_SESSION_REMOTE_MULTIPLIER, "remote_mult", "remote-mult %u ");
	if (!show_details)
		return;
	print_time_attr(tb, BFD_A_SESSION_REMOTE_DESIRED_MIN_TX_INTERVAL, "remote_desired_min_tx",
			"remote-tx %s ");
	print_time_attr(tb, BFD_A_SESSION_REMOTE_REQUIRED_MIN_RX_INTERVAL, "remote_required_min_rx",
			"remote-rx %s ");
	bfd_print_bool(tb, BFD_A_SESSION_LOCAL_CPI, "local_cpi", "");
	bfd_print_bool(tb, BFD_A_SESSION_REMOTE_CPI, "remote_cpi", "remote-cpi ");
	print_u32_attr(tb, BFD_A_SESSION_SOURCE_PORT, "source_port", "sport %u ");
}

/* Who shares the session; the attribute occurs once for each. */
static void print_clients(const struct bfd_message *message)
{
	const struct rtattr *attribute = message->attributes;
	int length = message->length;
	bool any = false;

	for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
		if ((attribute->rta_type & NLA_TYPE_MASK) != BFD_A_SESSION_CLIENT ||
		    !memchr(RTA_DATA(attribute), '\0', RTA_PAYLOAD(attribute)))
			continue;
		if (!any)
			open_json_array(PRINT_JSON, "clients");
		any = true;
		print_string(PRINT_ANY, NULL, "client %s ", RTA_DATA(attribute));
	}
	if (any)
		close_json_array(PRINT_JSON, NULL);
}

/* What goes beyond the plain asynchronous mode of a single hop. */
static void print_session_options(struct rtattr *const *tb)
{
	if (tb[BFD_A_SESSION_PATH_TYPE])
		print_bool(PRINT_JSON, "multihop", NULL,
			   bfd_attr_u32(tb, BFD_A_SESSION_PATH_TYPE, 0) ==
				   BFD_PATH_TYPE_PATH_IP_MH);
	if (is_json_context() || bfd_attr_u32(tb, BFD_A_SESSION_RX_TTL, 0) > BFD_DEFAULT_MIN_TTL)
		print_u32_attr(tb, BFD_A_SESSION_RX_TTL, "min_ttl", "min-ttl %u ");
	print_option_time(tb, BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL, "echo", "echo %s ");
	print_option_time(tb, BFD_A_SESSION_ECHO_TX_INTERVAL_IN_USE, "echo_tx_in_use",
			  "negotiated-echo %s ");
	print_option_time(tb, BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL, "echo_rx",
			  "echo-rx %s ");
	bfd_print_bool(tb, BFD_A_SESSION_DEMAND_ENABLED, "demand", "demand on ");
	print_option_time(tb, BFD_A_SESSION_POLL_INTERVAL, "poll_interval", "poll-interval %s ");
	print_option_time(tb, BFD_A_SESSION_HOLD_DOWN_INTERVAL, "hold_down", "hold-down %s ");
	if (is_json_context() || bfd_attr_u32(tb, BFD_A_SESSION_BACKOFF, 0))
		print_u32_attr(tb, BFD_A_SESSION_BACKOFF, "backoff", "backoff %u ");
	bfd_print_session_auth(tb);
}

void bfd_print_session_timers(struct rtattr *const *tb)
{
	print_time_attr(tb, BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL, "desired_min_tx", "tx %s ");
	print_time_attr(tb, BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL, "required_min_rx", "rx %s ");
	print_u32_attr(tb, BFD_A_SESSION_LOCAL_MULTIPLIER, "mult", "mult %u ");
	print_time_attr(tb, BFD_A_SESSION_NEGOTIATED_TX_INTERVAL, "negotiated_tx",
			"negotiated-tx %s ");
	print_time_attr(tb, BFD_A_SESSION_NEGOTIATED_RX_INTERVAL, "negotiated_rx",
			"negotiated-rx %s ");
	if (is_json_context() || bfd_attr_u64(tb, BFD_A_SESSION_DETECTION_TIME, 0))
		print_time_attr(tb, BFD_A_SESSION_DETECTION_TIME, "detection_time",
				"detection %s ");
	print_session_options(tb);
}

const char *bfd_path_problem_of(struct rtattr *const *tb)
{
	struct rtattr *obstacle[BFD_A_OBSTACLE_MAX + 1] = {NULL};

	if (tb[BFD_A_SESSION_OBSTACLES])
		parse_rtattr_nested(obstacle, BFD_A_OBSTACLE_MAX, tb[BFD_A_SESSION_OBSTACLES]);
	return bfd_path_problem_name(bfd_attr_u32(obstacle, BFD_A_OBSTACLE_PATH_PROBLEM, 0));
}

/* What stands in its way now. */
static void print_obstacles(struct rtattr *const *tb)
{
	struct rtattr *obstacle[BFD_A_OBSTACLE_MAX + 1] = {NULL};

	if (!tb[BFD_A_SESSION_OBSTACLES])
		return;
	parse_rtattr_nested(obstacle, BFD_A_OBSTACLE_MAX, tb[BFD_A_SESSION_OBSTACLES]);
	if (obstacle[BFD_A_OBSTACLE_PATH_PROBLEM])
		print_string(PRINT_ANY, "path_problem", "problem %s ", bfd_path_problem_of(tb));
	print_time_attr(obstacle, BFD_A_OBSTACLE_HOLD_DOWN_LEFT, "hold_down_left", "held for %s ");
}

static void print_session_state(struct rtattr *const *tb)
{
	uint32_t state = bfd_attr_u32(tb, BFD_A_SESSION_LOCAL_STATE, 0);
	uint32_t diag = bfd_attr_u32(tb, BFD_A_SESSION_LOCAL_DIAGNOSTIC, 0);
	char text[BFD_TIME_TEXT];

	print_string(PRINT_FP, NULL, "%s", "state ");
	print_color_string(PRINT_ANY, state_color(state), "state", "%s ", bfd_state_name(state));
	print_string(PRINT_JSON, "diag", NULL, bfd_diag_name(diag));
	if (diag != BFD_DIAGNOSTIC_NONE)
		print_string(PRINT_FP, NULL, "diag %s ", bfd_diag_name(diag));
	if (tb[BFD_A_SESSION_UPTIME_MS]) {
		uint64_t uptime_ms = bfd_attr_u64(tb, BFD_A_SESSION_UPTIME_MS, 0);

		print_u64(PRINT_JSON, "uptime_ms", NULL, uptime_ms);
		print_string(PRINT_FP, NULL, "uptime %s ", format_uptime(uptime_ms, text));
	}
	print_flag_attr(tb, BFD_A_SESSION_PASSIVE, "passive", "passive ");
	print_flag_attr(tb, BFD_A_SESSION_ADMIN_DOWN, "admin_down", "admin down ");
	bfd_print_bool(tb, BFD_A_SESSION_REMOTE_DEMAND, "remote_demand", "remote-demand ");
	bfd_print_bool(tb, BFD_A_SESSION_POLL_ACTIVE, "poll", "polling ");
	bfd_print_bool(tb, BFD_A_SESSION_UNSOLICITED, "unsolicited", "unsolicited ");
	bfd_print_bool(tb, BFD_A_SESSION_CONFIGURED, "configured", "configured ");
	if (show_details)
		print_flag_attr(tb, BFD_A_SESSION_PATH_READY, "path_ready", "");
	if (!bfd_attr_u32(tb, BFD_A_SESSION_PATH_READY, 1))
		print_string(PRINT_FP, NULL, "%s", "unresolved ");
	print_obstacles(tb);
}

/* Nanoseconds as microseconds with a fraction. */
static void print_rtt(struct rtattr *const *tb, int type, const char *key, const char *format)
{
	if (tb[type])
		print_float(PRINT_ANY, key, format, bfd_attr_u64(tb, type, 0) / 1e3);
}

static void print_echo_stats(struct rtattr *nest)
{
	struct rtattr *tb[BFD_A_ECHO_STATS_MAX + 1];

	parse_rtattr_nested(tb, BFD_A_ECHO_STATS_MAX, nest);
	open_json_object("echo");
	print_nl();
	print_u64_attr(tb, BFD_A_ECHO_STATS_TX_PACKETS, "tx_packets",
		       "    echo: sent %" PRIu64 " ");
	print_u64_attr(tb, BFD_A_ECHO_STATS_RX_PACKETS, "rx_packets", "returned %" PRIu64 " ");
	print_u64_attr(tb, BFD_A_ECHO_STATS_RX_INVALID, "rx_invalid", "invalid %" PRIu64 " ");
	print_rtt(tb, BFD_A_ECHO_STATS_RTT_MIN, "rtt_min", "rtt-min %.1fus ");
	print_rtt(tb, BFD_A_ECHO_STATS_RTT_AVG, "rtt_avg", "rtt-avg %.1fus ");
	print_rtt(tb, BFD_A_ECHO_STATS_RTT_MAX, "rtt_max", "rtt-max %.1fus ");
	print_u64_attr(tb, BFD_A_ECHO_STATS_LOOPED, "looped", "looped %" PRIu64 " ");
	print_u64_attr(tb, BFD_A_ECHO_STATS_LOOP_LIMITED, "loop_limited", "limited %" PRIu64 " ");
	close_json_object();
}

static void print_session_stats(struct rtattr *nest)
{
	struct rtattr *tb[BFD_A_STATS_MAX + 1];

	parse_rtattr_nested(tb, BFD_A_STATS_MAX, nest);
	open_json_object("stats");
	print_nl();
	print_u64_attr(tb, BFD_A_STATS_RX_PACKETS, "rx_packets", "    RX: packets %" PRIu64 " ");
	print_discards(RTA_DATA(nest), RTA_PAYLOAD(nest), BFD_A_STATS_RX_INVALID);
	print_time_attr(tb, BFD_A_STATS_RX_GAP_MIN, "rx_gap_min", "gap-min %s ");
	print_time_attr(tb, BFD_A_STATS_RX_GAP_AVG, "rx_gap_avg", "gap-avg %s ");
	print_time_attr(tb, BFD_A_STATS_RX_GAP_MAX, "rx_gap_max", "gap-max %s ");
	if (tb[BFD_A_STATS_CLOSEST_CALL_PERMILLE])
		print_float(PRINT_ANY, "closest_call_pct", "closest-call %.1f%% ",
			    bfd_attr_u32(tb, BFD_A_STATS_CLOSEST_CALL_PERMILLE, 0) / 10.0);
	print_nl();
	print_u64_attr(tb, BFD_A_STATS_TX_PACKETS, "tx_packets", "    TX: packets %" PRIu64 " ");
	print_u64_attr(tb, BFD_A_STATS_TX_FAILED, "tx_failed", "failed %" PRIu64 " ");
	print_nl();
	print_u32_attr(tb, BFD_A_STATS_DOWN_COUNT, "down_count", "    down %u ");
	print_u32_attr(tb, BFD_A_STATS_ADMIN_DOWN_COUNT, "admin_down_count", "admin-down %u ");
	print_time_attr(tb, BFD_A_STATS_DETECT_OVERSHOOT_LAST, "detect_overshoot_last",
			"overshoot-last %s ");
	print_time_attr(tb, BFD_A_STATS_DETECT_OVERSHOOT_MAX, "detect_overshoot_max",
			"overshoot-max %s ");
	if (tb[BFD_A_STATS_ECHO])
		print_echo_stats(tb[BFD_A_STATS_ECHO]);
	close_json_object();
}

void bfd_print_session_members(const struct bfd_message *message, struct rtattr *const *tb)
{
	uint32_t mode = bfd_attr_u32(tb, BFD_A_SESSION_DETECTION_MODE,
				     BFD_DETECTION_MODE_ASYNC_WITHOUT_ECHO);

	bfd_print_session_key(tb);
	print_session_state(tb);
	if (!show_details && mode != BFD_DETECTION_MODE_ASYNC_WITHOUT_ECHO)
		print_string(PRINT_FP, NULL, "mode %s ", mode_name(mode));
	print_clients(message);
	print_nl();
	print_string(PRINT_FP, NULL, "%s", "    ");
	bfd_print_session_timers(tb);
	if (show_details) {
		print_nl();
		print_string(PRINT_FP, NULL, "%s", "    ");
	}
	if (show_details || is_json_context()) {
		print_session_details(tb);
		bfd_print_moment(tb, BFD_A_SESSION_LAST_UP_TIME, "last_up", "last-up %s ");
		bfd_print_moment(tb, BFD_A_SESSION_LAST_DOWN_TIME, "last_down", "last-down %s ");
	}
	if (show_stats && tb[BFD_A_SESSION_STATS])
		print_session_stats(tb[BFD_A_SESSION_STATS]);
}

/* One row of a table. */
static void print_session_brief(struct rtattr *const *tb)
{
	uint32_t state = bfd_attr_u32(tb, BFD_A_SESSION_LOCAL_STATE, 0);
	const char *ifname = bfd_attr_string(tb, BFD_A_SESSION_IFNAME);

	print_address(tb, BFD_A_SESSION_REMOTE_ADDRESS, NULL, "%-25s ");
	print_color_string(PRINT_FP, COLOR_IFNAME, NULL, "%-15s ", ifname ? ifname : "-");
	print_color_string(PRINT_FP, state_color(state), NULL, "%-10s ", bfd_state_name(state));
	print_u32_attr(tb, BFD_A_SESSION_LOCAL_DISCRIMINATOR, NULL, "%-10u ");
	print_string_attr(tb, BFD_A_SESSION_NAME, NULL, "%s ");
}

int bfd_print_session(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_SESSION_MAX + 1];

	parse_rtattr_flags(tb, BFD_A_SESSION_MAX, message->attributes, message->length,
			   NLA_F_NESTED);
	if (!bfd_selected(context, tb))
		return 0;
	open_json_object(NULL);
	if (brief && !is_json_context())
		print_session_brief(tb);
	else
		bfd_print_session_members(message, tb);
	close_json_object();
	print_string(PRINT_FP, NULL, "%s", "\n");
	return 0;
}

int bfd_print_session_id(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_SESSION_MAX + 1];

	(void)context;
	parse_rtattr_flags(tb, BFD_A_SESSION_MAX, message->attributes, message->length,
			   NLA_F_NESTED);
	print_u32_attr(tb, BFD_A_SESSION_LOCAL_DISCRIMINATOR, NULL, "id %u\n");
	return 0;
}

int bfd_print_dev(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_DEV_MAX + 1];
	const char *ifname;

	(void)context;
	parse_rtattr_flags(tb, BFD_A_DEV_MAX, message->attributes, message->length, NLA_F_NESTED);
	open_json_object(NULL);
	print_u32_attr(tb, BFD_A_DEV_IFINDEX, "ifindex", "%u: ");
	ifname = bfd_attr_string(tb, BFD_A_DEV_IFNAME);
	if (ifname)
		print_color_string(PRINT_ANY, COLOR_IFNAME, "dev", "%s ", ifname);
	print_string(PRINT_ANY, "attach", "attach %s ",
		     enum_name(&bfd_attach_mode_enum, bfd_attr_u32(tb, BFD_A_DEV_ATTACH_MODE, 0)));
	print_u32_attr(tb, BFD_A_DEV_SESSIONS, "sessions", "sessions %u ");
	print_u32_attr(tb, BFD_A_DEV_PROGRAM_ID, "prog_id", "prog-id %u ");
	if (tb[BFD_A_DEV_CLOCK_MODE])
		print_string(
			PRINT_ANY, "clock", "clock %s ",
			enum_name(&bfd_clock_mode_enum, bfd_attr_u32(tb, BFD_A_DEV_CLOCK_MODE, 0)));
	print_time_attr(tb, BFD_A_DEV_TICK, "tick", "tick %s ");
	if (tb[BFD_A_DEV_TICK_GAP_MAX])
		print_time("tick_gap_max", "gap-max %s ",
			   bfd_attr_u64(tb, BFD_A_DEV_TICK_GAP_MAX, 0) / 1000);
	close_json_object();
	print_string(PRINT_FP, NULL, "%s", "\n");
	return 0;
}

static void print_prefix(struct rtattr *const *tb)
{
	struct bfd_inet_address address = bfd_attr_address(tb, BFD_A_LISTENER_PREFIX);
	char text[INET6_ADDRSTRLEN];
	char prefix[INET6_ADDRSTRLEN + 4];

	if (!address.family)
		return;
	snprintf(prefix, sizeof(prefix), "%s/%u", bfd_format_address(&address, text, sizeof(text)),
		 bfd_attr_u32(tb, BFD_A_LISTENER_PREFIX_LENGTH, 0) & 0xff);
	print_color_string(PRINT_ANY, ifa_family_color(address.family), "prefix", "%s ", prefix);
}

int bfd_print_listener(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_LISTENER_MAX + 1];
	const char *ifname;

	(void)context;
	parse_rtattr_flags(tb, BFD_A_LISTENER_MAX, message->attributes, message->length,
			   NLA_F_NESTED);
	if (preferred_family &&
	    preferred_family != bfd_attr_address(tb, BFD_A_LISTENER_PREFIX).family)
		return 0;
	open_json_object(NULL);
	print_prefix(tb);
	ifname = bfd_attr_string(tb, BFD_A_LISTENER_IFNAME);
	if (ifname) {
		print_string(PRINT_FP, NULL, "%s", "dev ");
		print_color_string(PRINT_ANY, COLOR_IFNAME, "dev", "%s ", ifname);
	}
	print_u32_attr(tb, BFD_A_LISTENER_SESSIONS, "sessions", "sessions %u ");
	print_u32_attr(tb, BFD_A_LISTENER_LIMIT, "limit", "limit %u ");
	print_time_attr(tb, BFD_A_LISTENER_IDLE_TIME, "idle", "idle %s ");
	print_nl();
	print_time_attr(tb, BFD_A_LISTENER_DESIRED_MIN_TX_INTERVAL, "desired_min_tx", "    tx %s ");
	print_time_attr(tb, BFD_A_LISTENER_REQUIRED_MIN_RX_INTERVAL, "required_min_rx", "rx %s ");
	print_u32_attr(tb, BFD_A_LISTENER_LOCAL_MULTIPLIER, "mult", "mult %u ");
	print_option_time(tb, BFD_A_LISTENER_DESIRED_MIN_ECHO_TX_INTERVAL, "echo", "echo %s ");
	print_option_time(tb, BFD_A_LISTENER_REQUIRED_MIN_ECHO_RX_INTERVAL, "echo_rx",
			  "echo-rx %s ");
	bfd_print_bool(tb, BFD_A_LISTENER_DEMAND_ENABLED, "demand", "demand on ");
	bfd_print_bool(tb, BFD_A_LISTENER_CONFIGURED, "configured", "configured ");
	print_option_time(tb, BFD_A_LISTENER_POLL_INTERVAL, "poll_interval", "poll-interval %s ");
	print_option_time(tb, BFD_A_LISTENER_HOLD_DOWN_INTERVAL, "hold_down", "hold-down %s ");
	close_json_object();
	print_string(PRINT_FP, NULL, "%s", "\n");
	return 0;
}

int bfd_print_agent(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_AGENT_MAX + 1];
	uint32_t mode;

	(void)context;
	parse_rtattr_flags(tb, BFD_A_AGENT_MAX, message->attributes, message->length, NLA_F_NESTED);
	mode = bfd_attr_u32(tb, BFD_A_AGENT_CLOCK_MODE, 0);
	open_json_object(NULL);
	print_string_attr(tb, BFD_A_AGENT_VERSION, "version", "bfd-agent %s ");
	print_u32_attr(tb, BFD_A_AGENT_PID, "pid", "pid %u ");
	print_u32_attr(tb, BFD_A_AGENT_SESSIONS, "sessions", "sessions %u ");
	print_u32_attr(tb, BFD_A_AGENT_MAX_SESSIONS, "max_sessions", "max %u ");
	print_nl();
	print_string(PRINT_ANY, "clock", "    clock %s ", enum_name(&bfd_clock_mode_enum, mode));
	if (mode == BFD_CLOCK_MODE_AGENT)
		print_string(PRINT_FP, NULL, "%s",
			     "(no tbf in this kernel: packets stop when the agent does) ");
	print_time_attr(tb, BFD_A_AGENT_TICK, "tick", "tick %s ");
	print_u64_attr(tb, BFD_A_AGENT_TICK_COUNT, "tick_count", "ticks %" PRIu64 " ");
	if (tb[BFD_A_AGENT_TICK_GAP_MAX])
		print_time("tick_gap_max", "gap-max %s ",
			   bfd_attr_u64(tb, BFD_A_AGENT_TICK_GAP_MAX, 0) / 1000);
	print_nl();
	print_u64_attr(tb, BFD_A_AGENT_EVENT_SEQUENCE, "event_sequence", "    events %" PRIu64 " ");
	print_u64_attr(tb, BFD_A_AGENT_EVENTS_LOST, "events_lost", "lost %" PRIu64 " ");
	print_discards(message->attributes, message->length, BFD_A_AGENT_RX_INVALID);
	close_json_object();
	print_string(PRINT_FP, NULL, "%s", "\n");
	return 0;
}

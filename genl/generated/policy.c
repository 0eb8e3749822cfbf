/* SPDX-License-Identifier: GPL-2.0 */
/* Source: genl/bfd.yaml */
/* YNL-GEN: written by scripts/genl-gen.py, do not edit */
/* clang-format off */
#include "genl/generated/policy.h"

#define BIT(number) (UINT64_C(1) << (number))

static const char *const bfd_session_state_names[] = {
	"admin-down",
	"down",
	"init",
	"up",
};

const struct genl_enum_spec bfd_session_state_enum = {
	.name = "session-state",
	.first = 0,
	.count = 4,
	.names = bfd_session_state_names,
};

static const char *const bfd_diagnostic_names[] = {
	"none",
	"control-expiry",
	"echo-failed",
	"neighbor-down",
	"forwarding-reset",
	"path-down",
	"concatenated-path-down",
	"admin-down",
	"reverse-concatenated-path-down",
};

const struct genl_enum_spec bfd_diagnostic_enum = {
	.name = "diagnostic",
	.first = 0,
	.count = 9,
	.names = bfd_diagnostic_names,
};

static const char *const bfd_detection_mode_names[] = {
	"async-with-echo",
	"async-without-echo",
	"demand-with-echo",
	"demand-without-echo",
};

const struct genl_enum_spec bfd_detection_mode_enum = {
	.name = "detection-mode",
	.first = 1,
	.count = 4,
	.names = bfd_detection_mode_names,
};

static const char *const bfd_path_type_names[] = {
	"path-ip-sh",
	"path-ip-mh",
};

const struct genl_enum_spec bfd_path_type_enum = {
	.name = "path-type",
	.first = 1,
	.count = 2,
	.names = bfd_path_type_names,
};

static const char *const bfd_attach_mode_names[] = {
	"native",
	"generic",
	"tc",
};

const struct genl_enum_spec bfd_attach_mode_enum = {
	.name = "attach-mode",
	.first = 1,
	.count = 3,
	.names = bfd_attach_mode_names,
};

static const char *const bfd_clock_mode_names[] = {
	"stopped",
	"kernel",
	"agent",
};

const struct genl_enum_spec bfd_clock_mode_enum = {
	.name = "clock-mode",
	.first = 1,
	.count = 3,
	.names = bfd_clock_mode_names,
};

static const char *const bfd_authentication_type_names[] = {
	"none",
	"simple",
	"md5",
	"meticulous-md5",
	"sha1",
	"meticulous-sha1",
};

const struct genl_enum_spec bfd_authentication_type_enum = {
	.name = "authentication-type",
	.first = 0,
	.count = 6,
	.names = bfd_authentication_type_names,
};

static const char *const bfd_digest_variant_names[] = {
	"rfc",
	"hmac",
};

const struct genl_enum_spec bfd_digest_variant_enum = {
	.name = "digest-variant",
	.first = 0,
	.count = 2,
	.names = bfd_digest_variant_names,
};

static const char *const bfd_path_problem_names[] = {
	"none",
	"no-device",
	"device-refused",
	"device-down",
	"no-route",
	"no-address",
	"no-neighbour",
	"neighbour-failed",
};

const struct genl_enum_spec bfd_path_problem_enum = {
	.name = "path-problem",
	.first = 0,
	.count = 8,
	.names = bfd_path_problem_names,
};

static const char *const bfd_path_change_names[] = {
	"device",
	"device-mac",
	"local-address",
	"next-hop",
	"neighbour-mac",
	"device-flap",
};

const struct genl_enum_spec bfd_path_change_enum = {
	.name = "path-change",
	.first = 1,
	.count = 6,
	.names = bfd_path_change_names,
};

static const char *const bfd_fault_names[] = {
	"program-detached",
	"filter-removed",
	"clock-device",
	"clock-stalled",
	"pins-removed",
};

const struct genl_enum_spec bfd_fault_enum = {
	.name = "fault",
	.first = 1,
	.count = 5,
	.names = bfd_fault_names,
};

static const struct genl_attribute_spec bfd_session_table[] = {
	[BFD_A_SESSION_LOCAL_DISCRIMINATOR] = { .name = "local-discriminator", .type = GENL_TYPE_U32, .min = 1, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_REMOTE_DISCRIMINATOR] = { .name = "remote-discriminator", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_REMOTE_ADDRESS] = { .name = "remote-address", .type = GENL_TYPE_BINARY, .min_length = 4, .max_length = 16 },
	[BFD_A_SESSION_LOCAL_ADDRESS] = { .name = "local-address", .type = GENL_TYPE_BINARY, .min_length = 4, .max_length = 16 },
	[BFD_A_SESSION_IFINDEX] = { .name = "ifindex", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_IFNAME] = { .name = "ifname", .type = GENL_TYPE_STRING, .min_length = 0, .max_length = 15 },
	[BFD_A_SESSION_NAME] = { .name = "name", .type = GENL_TYPE_STRING, .min_length = 0, .max_length = 63 },
	[BFD_A_SESSION_LOCAL_STATE] = { .name = "local-state", .type = GENL_TYPE_U32, .values = &bfd_session_state_enum, .min = 0, .max = UINT64_C(3) },
	[BFD_A_SESSION_REMOTE_STATE] = { .name = "remote-state", .type = GENL_TYPE_U32, .values = &bfd_session_state_enum, .min = 0, .max = UINT64_C(3) },
	[BFD_A_SESSION_LOCAL_DIAGNOSTIC] = { .name = "local-diagnostic", .type = GENL_TYPE_U32, .values = &bfd_diagnostic_enum, .min = 0, .max = UINT64_C(8) },
	[BFD_A_SESSION_REMOTE_DIAGNOSTIC] = { .name = "remote-diagnostic", .type = GENL_TYPE_U32, .values = &bfd_diagnostic_enum, .min = 0, .max = UINT64_C(8) },
	[BFD_A_SESSION_DETECTION_MODE] = { .name = "detection-mode", .type = GENL_TYPE_U32, .values = &bfd_detection_mode_enum, .min = 1, .max = UINT64_C(4) },
	[BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL] = { .name = "desired-min-tx-interval", .type = GENL_TYPE_U32, .min = 1000, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL] = { .name = "required-min-rx-interval", .type = GENL_TYPE_U32, .min = 1000, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_LOCAL_MULTIPLIER] = { .name = "local-multiplier", .type = GENL_TYPE_U32, .min = 1, .max = UINT64_C(255) },
	[BFD_A_SESSION_REMOTE_MULTIPLIER] = { .name = "remote-multiplier", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_REMOTE_DESIRED_MIN_TX_INTERVAL] = { .name = "remote-desired-min-tx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_REMOTE_REQUIRED_MIN_RX_INTERVAL] = { .name = "remote-required-min-rx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_NEGOTIATED_TX_INTERVAL] = { .name = "negotiated-tx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_NEGOTIATED_RX_INTERVAL] = { .name = "negotiated-rx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_DETECTION_TIME] = { .name = "detection-time", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_SESSION_SOURCE_PORT] = { .name = "source-port", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_PASSIVE] = { .name = "passive", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(1) },
	[BFD_A_SESSION_ADMIN_DOWN] = { .name = "admin-down", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(1) },
	[BFD_A_SESSION_UPTIME_MS] = { .name = "uptime-ms", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_SESSION_LAST_UP_TIME] = { .name = "last-up-time", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_SESSION_LAST_DOWN_TIME] = { .name = "last-down-time", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_SESSION_STATS] = { .name = "stats", .type = GENL_TYPE_NEST, .nested = &bfd_stats_attributes },
	[BFD_A_SESSION_EVENT] = { .name = "event", .type = GENL_TYPE_NEST, .nested = &bfd_event_attributes },
	[BFD_A_SESSION_PATH_READY] = { .name = "path-ready", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_REMOTE_CPI] = { .name = "remote-cpi", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_PATH_TYPE] = { .name = "path-type", .type = GENL_TYPE_U32, .values = &bfd_path_type_enum, .min = 1, .max = UINT64_C(2) },
	[BFD_A_SESSION_RX_TTL] = { .name = "rx-ttl", .type = GENL_TYPE_U32, .min = 1, .max = UINT64_C(255) },
	[BFD_A_SESSION_VRF_IFINDEX] = { .name = "vrf-ifindex", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_VRF] = { .name = "vrf", .type = GENL_TYPE_STRING, .min_length = 0, .max_length = 15 },
	[BFD_A_SESSION_DEMAND_ENABLED] = { .name = "demand-enabled", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(1) },
	[BFD_A_SESSION_REMOTE_DEMAND] = { .name = "remote-demand", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL] = { .name = "desired-min-echo-tx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL] = { .name = "required-min-echo-rx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_ECHO_SOURCE_ADDRESS] = { .name = "echo-source-address", .type = GENL_TYPE_BINARY, .min_length = 4, .max_length = 16 },
	[BFD_A_SESSION_POLL_INTERVAL] = { .name = "poll-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_HOLD_DOWN_INTERVAL] = { .name = "hold-down-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_CLIENT] = { .name = "client", .type = GENL_TYPE_STRING, .multi = true, .min_length = 0, .max_length = 15 },
	[BFD_A_SESSION_REMOTE_REQUIRED_MIN_ECHO_RX_INTERVAL] = { .name = "remote-required-min-echo-rx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_ECHO_TX_INTERVAL_IN_USE] = { .name = "echo-tx-interval-in-use", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_ADVERTISED_MIN_TX_INTERVAL] = { .name = "advertised-min-tx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_ADVERTISED_MIN_RX_INTERVAL] = { .name = "advertised-min-rx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_POLL_ACTIVE] = { .name = "poll-active", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_BACKOFF] = { .name = "backoff", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_UNSOLICITED] = { .name = "unsolicited", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_LOCAL_CPI] = { .name = "local-cpi", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_AUTH_TYPE] = { .name = "auth-type", .type = GENL_TYPE_U32, .values = &bfd_authentication_type_enum, .min = 0, .max = UINT64_C(5) },
	[BFD_A_SESSION_AUTH_KEY_CHAIN] = { .name = "auth-key-chain", .type = GENL_TYPE_STRING, .min_length = 0, .max_length = 31 },
	[BFD_A_SESSION_AUTH_VARIANT] = { .name = "auth-variant", .type = GENL_TYPE_U32, .values = &bfd_digest_variant_enum, .min = 0, .max = UINT64_C(1) },
	[BFD_A_SESSION_AUTH_OPTIONAL] = { .name = "auth-optional", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(1) },
	[BFD_A_SESSION_AUTH_KEY_ID] = { .name = "auth-key-id", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_AUTH_AWAITED_TYPE] = { .name = "auth-awaited-type", .type = GENL_TYPE_U32, .values = &bfd_authentication_type_enum, .min = 0, .max = UINT64_C(5) },
	[BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN] = { .name = "auth-awaited-key-chain", .type = GENL_TYPE_STRING, .min_length = 0, .max_length = UINT16_MAX },
	[BFD_A_SESSION_AUTH_AWAITED_VARIANT] = { .name = "auth-awaited-variant", .type = GENL_TYPE_U32, .values = &bfd_digest_variant_enum, .min = 0, .max = UINT64_C(1) },
	[BFD_A_SESSION_CONFIGURED] = { .name = "configured", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(1) },
	[BFD_A_SESSION_FIXED] = { .name = "fixed", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_SESSION_REQUEST] = { .name = "request", .type = GENL_TYPE_NEST, .multi = true, .nested = &bfd_session_attributes },
	[BFD_A_SESSION_OBSTACLES] = { .name = "obstacles", .type = GENL_TYPE_NEST, .nested = &bfd_obstacle_attributes },
};

const struct genl_attribute_set bfd_session_attributes = {
	.name = "session",
	.max = BFD_A_SESSION_OBSTACLES,
	.attributes = bfd_session_table,
};

static const struct genl_attribute_spec bfd_obstacle_table[] = {
	[BFD_A_OBSTACLE_PATH_PROBLEM] = { .name = "path-problem", .type = GENL_TYPE_U32, .values = &bfd_path_problem_enum, .min = 0, .max = UINT64_C(7) },
	[BFD_A_OBSTACLE_HOLD_DOWN_LEFT] = { .name = "hold-down-left", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
};

const struct genl_attribute_set bfd_obstacle_attributes = {
	.name = "obstacle",
	.max = BFD_A_OBSTACLE_HOLD_DOWN_LEFT,
	.attributes = bfd_obstacle_table,
};

static const struct genl_attribute_spec bfd_stats_table[] = {
	[BFD_A_STATS_RX_PACKETS] = { .name = "rx-packets", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_STATS_TX_PACKETS] = { .name = "tx-packets", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_STATS_TX_FAILED] = { .name = "tx-failed", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_STATS_RX_INVALID] = { .name = "rx-invalid", .type = GENL_TYPE_NEST, .multi = true, .nested = &bfd_discard_attributes },
	[BFD_A_STATS_UP_COUNT] = { .name = "up-count", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_DOWN_COUNT] = { .name = "down-count", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_ADMIN_DOWN_COUNT] = { .name = "admin-down-count", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_RX_GAP_MIN] = { .name = "rx-gap-min", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_RX_GAP_MAX] = { .name = "rx-gap-max", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_RX_GAP_AVG] = { .name = "rx-gap-avg", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_CLOSEST_CALL_PERMILLE] = { .name = "closest-call-permille", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_DETECT_OVERSHOOT_LAST] = { .name = "detect-overshoot-last", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_DETECT_OVERSHOOT_MAX] = { .name = "detect-overshoot-max", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_STATS_ECHO] = { .name = "echo", .type = GENL_TYPE_NEST, .nested = &bfd_echo_stats_attributes },
};

const struct genl_attribute_set bfd_stats_attributes = {
	.name = "stats",
	.max = BFD_A_STATS_ECHO,
	.attributes = bfd_stats_table,
};

static const struct genl_attribute_spec bfd_echo_stats_table[] = {
	[BFD_A_ECHO_STATS_TX_PACKETS] = { .name = "tx-packets", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_ECHO_STATS_RX_PACKETS] = { .name = "rx-packets", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_ECHO_STATS_RX_INVALID] = { .name = "rx-invalid", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_ECHO_STATS_LOOPED] = { .name = "looped", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_ECHO_STATS_LOOP_LIMITED] = { .name = "loop-limited", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_ECHO_STATS_RTT_MIN] = { .name = "rtt-min", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_ECHO_STATS_RTT_AVG] = { .name = "rtt-avg", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_ECHO_STATS_RTT_MAX] = { .name = "rtt-max", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
};

const struct genl_attribute_set bfd_echo_stats_attributes = {
	.name = "echo-stats",
	.max = BFD_A_ECHO_STATS_RTT_MAX,
	.attributes = bfd_echo_stats_table,
};

static const struct genl_attribute_spec bfd_discard_table[] = {
	[BFD_A_DISCARD_REASON] = { .name = "reason", .type = GENL_TYPE_STRING, .min_length = 0, .max_length = UINT16_MAX },
	[BFD_A_DISCARD_COUNT] = { .name = "count", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
};

const struct genl_attribute_set bfd_discard_attributes = {
	.name = "discard",
	.max = BFD_A_DISCARD_COUNT,
	.attributes = bfd_discard_table,
};

static const struct genl_attribute_spec bfd_event_table[] = {
	[BFD_A_EVENT_SEQUENCE] = { .name = "sequence", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_EVENT_TIME] = { .name = "time", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_EVENT_OLD_STATE] = { .name = "old-state", .type = GENL_TYPE_U32, .values = &bfd_session_state_enum, .min = 0, .max = UINT64_C(3) },
	[BFD_A_EVENT_NEW_STATE] = { .name = "new-state", .type = GENL_TYPE_U32, .values = &bfd_session_state_enum, .min = 0, .max = UINT64_C(3) },
	[BFD_A_EVENT_DIAGNOSTIC] = { .name = "diagnostic", .type = GENL_TYPE_U32, .values = &bfd_diagnostic_enum, .min = 0, .max = UINT64_C(8) },
	[BFD_A_EVENT_SINCE_LAST_RX] = { .name = "since-last-rx", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_EVENT_DETECT_OVERSHOOT] = { .name = "detect-overshoot", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_EVENT_LATE] = { .name = "late", .type = GENL_TYPE_FLAG },
	[BFD_A_EVENT_REMOTE_STATE] = { .name = "remote-state", .type = GENL_TYPE_U32, .values = &bfd_session_state_enum, .min = 0, .max = UINT64_C(3) },
	[BFD_A_EVENT_REMOTE_DIAGNOSTIC] = { .name = "remote-diagnostic", .type = GENL_TYPE_U32, .values = &bfd_diagnostic_enum, .min = 0, .max = UINT64_C(8) },
	[BFD_A_EVENT_OLD_PATH_PROBLEM] = { .name = "old-path-problem", .type = GENL_TYPE_U32, .values = &bfd_path_problem_enum, .min = 0, .max = UINT64_C(7) },
	[BFD_A_EVENT_PATH_CHANGE] = { .name = "path-change", .type = GENL_TYPE_U32, .multi = true, .values = &bfd_path_change_enum, .min = 1, .max = UINT64_C(6) },
};

const struct genl_attribute_set bfd_event_attributes = {
	.name = "event",
	.max = BFD_A_EVENT_PATH_CHANGE,
	.attributes = bfd_event_table,
};

static const struct genl_attribute_spec bfd_dev_table[] = {
	[BFD_A_DEV_IFINDEX] = { .name = "ifindex", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_DEV_IFNAME] = { .name = "ifname", .type = GENL_TYPE_STRING, .min_length = 0, .max_length = UINT16_MAX },
	[BFD_A_DEV_ATTACH_MODE] = { .name = "attach-mode", .type = GENL_TYPE_U32, .values = &bfd_attach_mode_enum, .min = 1, .max = UINT64_C(3) },
	[BFD_A_DEV_SESSIONS] = { .name = "sessions", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_DEV_PROGRAM_ID] = { .name = "program-id", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_DEV_CLOCK_MODE] = { .name = "clock-mode", .type = GENL_TYPE_U32, .values = &bfd_clock_mode_enum, .min = 1, .max = UINT64_C(3) },
	[BFD_A_DEV_TICK] = { .name = "tick", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_DEV_TICK_GAP_MAX] = { .name = "tick-gap-max", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_DEV_EVENT] = { .name = "event", .type = GENL_TYPE_NEST, .nested = &bfd_event_attributes },
	[BFD_A_DEV_FAULT] = { .name = "fault", .type = GENL_TYPE_U32, .values = &bfd_fault_enum, .min = 1, .max = UINT64_C(5) },
	[BFD_A_DEV_REPAIRED] = { .name = "repaired", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
};

const struct genl_attribute_set bfd_dev_attributes = {
	.name = "dev",
	.max = BFD_A_DEV_REPAIRED,
	.attributes = bfd_dev_table,
};

static const struct genl_attribute_spec bfd_agent_table[] = {
	[BFD_A_AGENT_VERSION] = { .name = "version", .type = GENL_TYPE_STRING, .min_length = 0, .max_length = UINT16_MAX },
	[BFD_A_AGENT_PID] = { .name = "pid", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_AGENT_SESSIONS] = { .name = "sessions", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_AGENT_MAX_SESSIONS] = { .name = "max-sessions", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_AGENT_CLOCK_MODE] = { .name = "clock-mode", .type = GENL_TYPE_U32, .values = &bfd_clock_mode_enum, .min = 1, .max = UINT64_C(3) },
	[BFD_A_AGENT_TICK] = { .name = "tick", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_AGENT_TICK_COUNT] = { .name = "tick-count", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_AGENT_TICK_GAP_MAX] = { .name = "tick-gap-max", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_AGENT_EVENT_SEQUENCE] = { .name = "event-sequence", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_AGENT_EVENTS_LOST] = { .name = "events-lost", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(18446744073709551615) },
	[BFD_A_AGENT_RX_INVALID] = { .name = "rx-invalid", .type = GENL_TYPE_NEST, .multi = true, .nested = &bfd_discard_attributes },
};

const struct genl_attribute_set bfd_agent_attributes = {
	.name = "agent",
	.max = BFD_A_AGENT_RX_INVALID,
	.attributes = bfd_agent_table,
};

static const struct genl_attribute_spec bfd_listener_table[] = {
	[BFD_A_LISTENER_PREFIX] = { .name = "prefix", .type = GENL_TYPE_BINARY, .min_length = 4, .max_length = 16 },
	[BFD_A_LISTENER_PREFIX_LENGTH] = { .name = "prefix-length", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(128) },
	[BFD_A_LISTENER_IFINDEX] = { .name = "ifindex", .type = GENL_TYPE_U32, .min = 1, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_IFNAME] = { .name = "ifname", .type = GENL_TYPE_STRING, .min_length = 1, .max_length = 15 },
	[BFD_A_LISTENER_LIMIT] = { .name = "limit", .type = GENL_TYPE_U32, .min = 1, .max = UINT64_C(16384) },
	[BFD_A_LISTENER_IDLE_TIME] = { .name = "idle-time", .type = GENL_TYPE_U32, .min = 1000000, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_SESSIONS] = { .name = "sessions", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_DESIRED_MIN_TX_INTERVAL] = { .name = "desired-min-tx-interval", .type = GENL_TYPE_U32, .min = 1000, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_REQUIRED_MIN_RX_INTERVAL] = { .name = "required-min-rx-interval", .type = GENL_TYPE_U32, .min = 1000, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_LOCAL_MULTIPLIER] = { .name = "local-multiplier", .type = GENL_TYPE_U32, .min = 1, .max = UINT64_C(255) },
	[BFD_A_LISTENER_DEMAND_ENABLED] = { .name = "demand-enabled", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(1) },
	[BFD_A_LISTENER_DESIRED_MIN_ECHO_TX_INTERVAL] = { .name = "desired-min-echo-tx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_REQUIRED_MIN_ECHO_RX_INTERVAL] = { .name = "required-min-echo-rx-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_POLL_INTERVAL] = { .name = "poll-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_HOLD_DOWN_INTERVAL] = { .name = "hold-down-interval", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_LISTENER_CONFIGURED] = { .name = "configured", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(1) },
};

const struct genl_attribute_set bfd_listener_attributes = {
	.name = "listener",
	.max = BFD_A_LISTENER_CONFIGURED,
	.attributes = bfd_listener_table,
};

static const struct genl_attribute_spec bfd_key_table[] = {
	[BFD_A_KEY_CHAIN] = { .name = "chain", .type = GENL_TYPE_STRING, .min_length = 1, .max_length = 31 },
	[BFD_A_KEY_ID] = { .name = "id", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(255) },
	[BFD_A_KEY_TYPE] = { .name = "type", .type = GENL_TYPE_U32, .values = &bfd_authentication_type_enum, .min = 0, .max = UINT64_C(5) },
	[BFD_A_KEY_SECRET] = { .name = "secret", .type = GENL_TYPE_BINARY, .min_length = 1, .max_length = 20 },
	[BFD_A_KEY_LENGTH] = { .name = "length", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_KEY_SEND_FROM] = { .name = "send-from", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(9000000000000000) },
	[BFD_A_KEY_ACCEPT_FROM] = { .name = "accept-from", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(9000000000000000) },
	[BFD_A_KEY_ACCEPT_UNTIL] = { .name = "accept-until", .type = GENL_TYPE_U64, .min = 0, .max = UINT64_C(9000000000000000) },
	[BFD_A_KEY_SENDING] = { .name = "sending", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
	[BFD_A_KEY_ACCEPTED] = { .name = "accepted", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(4294967295) },
};

const struct genl_attribute_set bfd_key_attributes = {
	.name = "key",
	.max = BFD_A_KEY_ACCEPTED,
	.attributes = bfd_key_table,
};

static const struct genl_attribute_spec bfd_subscribe_table[] = {
	[BFD_A_SUBSCRIBE_GROUPS] = { .name = "groups", .type = GENL_TYPE_U32, .min = 0, .max = UINT64_C(3) },
};

const struct genl_attribute_set bfd_subscribe_attributes = {
	.name = "subscribe",
	.max = BFD_A_SUBSCRIBE_GROUPS,
	.attributes = bfd_subscribe_table,
};

static const struct genl_op_spec bfd_ops[] = {
	{
		.name = "session-new",
		.command = BFD_CMD_SESSION_NEW,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_session_attributes,
		.do_attributes = BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL) |
			BIT(BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL) |
			BIT(BFD_A_SESSION_LOCAL_MULTIPLIER) |
			BIT(BFD_A_SESSION_PASSIVE) |
			BIT(BFD_A_SESSION_ADMIN_DOWN) |
			BIT(BFD_A_SESSION_LOCAL_DIAGNOSTIC) |
			BIT(BFD_A_SESSION_RX_TTL) |
			BIT(BFD_A_SESSION_DEMAND_ENABLED) |
			BIT(BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL) |
			BIT(BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL) |
			BIT(BFD_A_SESSION_POLL_INTERVAL) |
			BIT(BFD_A_SESSION_HOLD_DOWN_INTERVAL) |
			BIT(BFD_A_SESSION_REMOTE_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX) |
			BIT(BFD_A_SESSION_ECHO_SOURCE_ADDRESS) |
			BIT(BFD_A_SESSION_CLIENT) |
			BIT(BFD_A_SESSION_AUTH_TYPE) |
			BIT(BFD_A_SESSION_AUTH_KEY_CHAIN) |
			BIT(BFD_A_SESSION_AUTH_VARIANT) |
			BIT(BFD_A_SESSION_AUTH_OPTIONAL) |
			BIT(BFD_A_SESSION_CONFIGURED),
		.dump_attributes = 0,
	},
	{
		.name = "session-del",
		.command = BFD_CMD_SESSION_DEL,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_session_attributes,
		.do_attributes = BIT(BFD_A_SESSION_LOCAL_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX) |
			BIT(BFD_A_SESSION_CLIENT),
		.dump_attributes = 0,
	},
	{
		.name = "session-set",
		.command = BFD_CMD_SESSION_SET,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_session_attributes,
		.do_attributes = BIT(BFD_A_SESSION_LOCAL_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX) |
			BIT(BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL) |
			BIT(BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL) |
			BIT(BFD_A_SESSION_LOCAL_MULTIPLIER) |
			BIT(BFD_A_SESSION_PASSIVE) |
			BIT(BFD_A_SESSION_ADMIN_DOWN) |
			BIT(BFD_A_SESSION_LOCAL_DIAGNOSTIC) |
			BIT(BFD_A_SESSION_RX_TTL) |
			BIT(BFD_A_SESSION_DEMAND_ENABLED) |
			BIT(BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL) |
			BIT(BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL) |
			BIT(BFD_A_SESSION_POLL_INTERVAL) |
			BIT(BFD_A_SESSION_HOLD_DOWN_INTERVAL) |
			BIT(BFD_A_SESSION_AUTH_TYPE) |
			BIT(BFD_A_SESSION_AUTH_KEY_CHAIN) |
			BIT(BFD_A_SESSION_AUTH_VARIANT) |
			BIT(BFD_A_SESSION_AUTH_OPTIONAL) |
			BIT(BFD_A_SESSION_CONFIGURED),
		.dump_attributes = 0,
	},
	{
		.name = "session-get",
		.command = BFD_CMD_SESSION_GET,
		.flags = GENL_OP_DO | GENL_OP_DUMP,
		.set = &bfd_session_attributes,
		.do_attributes = BIT(BFD_A_SESSION_LOCAL_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX),
		.dump_attributes = BIT(BFD_A_SESSION_LOCAL_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX),
	},
	{
		.name = "session-flush",
		.command = BFD_CMD_SESSION_FLUSH,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_session_attributes,
		.do_attributes = BIT(BFD_A_SESSION_LOCAL_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX),
		.dump_attributes = 0,
	},
	{
		.name = "session-new-ntf",
		.command = BFD_CMD_SESSION_NEW_NTF,
		.flags = GENL_OP_NOTIFY,
		.set = &bfd_session_attributes,
		.do_attributes = 0,
		.dump_attributes = 0,
	},
	{
		.name = "session-set-ntf",
		.command = BFD_CMD_SESSION_SET_NTF,
		.flags = GENL_OP_NOTIFY,
		.set = &bfd_session_attributes,
		.do_attributes = 0,
		.dump_attributes = 0,
	},
	{
		.name = "session-del-ntf",
		.command = BFD_CMD_SESSION_DEL_NTF,
		.flags = GENL_OP_NOTIFY,
		.set = &bfd_session_attributes,
		.do_attributes = 0,
		.dump_attributes = 0,
	},
	{
		.name = "session-state-ntf",
		.command = BFD_CMD_SESSION_STATE_NTF,
		.flags = GENL_OP_NOTIFY,
		.set = &bfd_session_attributes,
		.do_attributes = 0,
		.dump_attributes = 0,
	},
	{
		.name = "dev-get",
		.command = BFD_CMD_DEV_GET,
		.flags = GENL_OP_DO | GENL_OP_DUMP,
		.set = &bfd_dev_attributes,
		.do_attributes = BIT(BFD_A_DEV_IFINDEX),
		.dump_attributes = 0,
	},
	{
		.name = "agent-get",
		.command = BFD_CMD_AGENT_GET,
		.flags = GENL_OP_DO,
		.set = &bfd_agent_attributes,
		.do_attributes = 0,
		.dump_attributes = 0,
	},
	{
		.name = "subscribe",
		.command = BFD_CMD_SUBSCRIBE,
		.flags = GENL_OP_DO,
		.set = &bfd_subscribe_attributes,
		.do_attributes = BIT(BFD_A_SUBSCRIBE_GROUPS),
		.dump_attributes = 0,
	},
	{
		.name = "session-poll",
		.command = BFD_CMD_SESSION_POLL,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_session_attributes,
		.do_attributes = BIT(BFD_A_SESSION_LOCAL_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX),
		.dump_attributes = 0,
	},
	{
		.name = "session-reset",
		.command = BFD_CMD_SESSION_RESET,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_session_attributes,
		.do_attributes = BIT(BFD_A_SESSION_LOCAL_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX),
		.dump_attributes = 0,
	},
	{
		.name = "listener-new",
		.command = BFD_CMD_LISTENER_NEW,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_listener_attributes,
		.do_attributes = BIT(BFD_A_LISTENER_PREFIX) |
			BIT(BFD_A_LISTENER_PREFIX_LENGTH) |
			BIT(BFD_A_LISTENER_IFINDEX) |
			BIT(BFD_A_LISTENER_LIMIT) |
			BIT(BFD_A_LISTENER_IDLE_TIME) |
			BIT(BFD_A_LISTENER_DESIRED_MIN_TX_INTERVAL) |
			BIT(BFD_A_LISTENER_REQUIRED_MIN_RX_INTERVAL) |
			BIT(BFD_A_LISTENER_LOCAL_MULTIPLIER) |
			BIT(BFD_A_LISTENER_DEMAND_ENABLED) |
			BIT(BFD_A_LISTENER_DESIRED_MIN_ECHO_TX_INTERVAL) |
			BIT(BFD_A_LISTENER_REQUIRED_MIN_ECHO_RX_INTERVAL) |
			BIT(BFD_A_LISTENER_POLL_INTERVAL) |
			BIT(BFD_A_LISTENER_HOLD_DOWN_INTERVAL) |
			BIT(BFD_A_LISTENER_CONFIGURED),
		.dump_attributes = 0,
	},
	{
		.name = "listener-del",
		.command = BFD_CMD_LISTENER_DEL,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_listener_attributes,
		.do_attributes = BIT(BFD_A_LISTENER_PREFIX) |
			BIT(BFD_A_LISTENER_PREFIX_LENGTH) |
			BIT(BFD_A_LISTENER_IFINDEX) |
			BIT(BFD_A_LISTENER_IFNAME),
		.dump_attributes = 0,
	},
	{
		.name = "listener-get",
		.command = BFD_CMD_LISTENER_GET,
		.flags = GENL_OP_DO | GENL_OP_DUMP,
		.set = &bfd_listener_attributes,
		.do_attributes = BIT(BFD_A_LISTENER_PREFIX) |
			BIT(BFD_A_LISTENER_PREFIX_LENGTH) |
			BIT(BFD_A_LISTENER_IFINDEX) |
			BIT(BFD_A_LISTENER_IFNAME),
		.dump_attributes = 0,
	},
	{
		.name = "key-new",
		.command = BFD_CMD_KEY_NEW,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_key_attributes,
		.do_attributes = BIT(BFD_A_KEY_CHAIN) |
			BIT(BFD_A_KEY_ID) |
			BIT(BFD_A_KEY_TYPE) |
			BIT(BFD_A_KEY_SECRET) |
			BIT(BFD_A_KEY_SEND_FROM) |
			BIT(BFD_A_KEY_ACCEPT_FROM) |
			BIT(BFD_A_KEY_ACCEPT_UNTIL),
		.dump_attributes = 0,
	},
	{
		.name = "key-set",
		.command = BFD_CMD_KEY_SET,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_key_attributes,
		.do_attributes = BIT(BFD_A_KEY_CHAIN) |
			BIT(BFD_A_KEY_ID) |
			BIT(BFD_A_KEY_SEND_FROM) |
			BIT(BFD_A_KEY_ACCEPT_FROM) |
			BIT(BFD_A_KEY_ACCEPT_UNTIL),
		.dump_attributes = 0,
	},
	{
		.name = "key-del",
		.command = BFD_CMD_KEY_DEL,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_key_attributes,
		.do_attributes = BIT(BFD_A_KEY_CHAIN) |
			BIT(BFD_A_KEY_ID),
		.dump_attributes = 0,
	},
	{
		.name = "key-get",
		.command = BFD_CMD_KEY_GET,
		.flags = GENL_OP_ADMIN | GENL_OP_DO | GENL_OP_DUMP,
		.set = &bfd_key_attributes,
		.do_attributes = BIT(BFD_A_KEY_CHAIN) |
			BIT(BFD_A_KEY_ID),
		.dump_attributes = BIT(BFD_A_KEY_CHAIN),
	},
	{
		.name = "fault-ntf",
		.command = BFD_CMD_FAULT_NTF,
		.flags = GENL_OP_NOTIFY,
		.set = &bfd_dev_attributes,
		.do_attributes = 0,
		.dump_attributes = 0,
	},
	{
		.name = "session-check",
		.command = BFD_CMD_SESSION_CHECK,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_session_attributes,
		.do_attributes = BIT(BFD_A_SESSION_LOCAL_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_REMOTE_ADDRESS) |
			BIT(BFD_A_SESSION_LOCAL_ADDRESS) |
			BIT(BFD_A_SESSION_IFINDEX) |
			BIT(BFD_A_SESSION_NAME) |
			BIT(BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL) |
			BIT(BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL) |
			BIT(BFD_A_SESSION_LOCAL_MULTIPLIER) |
			BIT(BFD_A_SESSION_PASSIVE) |
			BIT(BFD_A_SESSION_ADMIN_DOWN) |
			BIT(BFD_A_SESSION_LOCAL_DIAGNOSTIC) |
			BIT(BFD_A_SESSION_RX_TTL) |
			BIT(BFD_A_SESSION_DEMAND_ENABLED) |
			BIT(BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL) |
			BIT(BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL) |
			BIT(BFD_A_SESSION_POLL_INTERVAL) |
			BIT(BFD_A_SESSION_HOLD_DOWN_INTERVAL) |
			BIT(BFD_A_SESSION_REMOTE_DISCRIMINATOR) |
			BIT(BFD_A_SESSION_PATH_TYPE) |
			BIT(BFD_A_SESSION_VRF_IFINDEX) |
			BIT(BFD_A_SESSION_ECHO_SOURCE_ADDRESS) |
			BIT(BFD_A_SESSION_CLIENT) |
			BIT(BFD_A_SESSION_AUTH_TYPE) |
			BIT(BFD_A_SESSION_AUTH_KEY_CHAIN) |
			BIT(BFD_A_SESSION_AUTH_VARIANT) |
			BIT(BFD_A_SESSION_AUTH_OPTIONAL) |
			BIT(BFD_A_SESSION_CONFIGURED),
		.dump_attributes = 0,
	},
	{
		.name = "listener-check",
		.command = BFD_CMD_LISTENER_CHECK,
		.flags = GENL_OP_ADMIN | GENL_OP_DO,
		.set = &bfd_listener_attributes,
		.do_attributes = BIT(BFD_A_LISTENER_PREFIX) |
			BIT(BFD_A_LISTENER_PREFIX_LENGTH) |
			BIT(BFD_A_LISTENER_IFINDEX) |
			BIT(BFD_A_LISTENER_LIMIT) |
			BIT(BFD_A_LISTENER_IDLE_TIME) |
			BIT(BFD_A_LISTENER_DESIRED_MIN_TX_INTERVAL) |
			BIT(BFD_A_LISTENER_REQUIRED_MIN_RX_INTERVAL) |
			BIT(BFD_A_LISTENER_LOCAL_MULTIPLIER) |
			BIT(BFD_A_LISTENER_DEMAND_ENABLED) |
			BIT(BFD_A_LISTENER_DESIRED_MIN_ECHO_TX_INTERVAL) |
			BIT(BFD_A_LISTENER_REQUIRED_MIN_ECHO_RX_INTERVAL) |
			BIT(BFD_A_LISTENER_POLL_INTERVAL) |
			BIT(BFD_A_LISTENER_HOLD_DOWN_INTERVAL) |
			BIT(BFD_A_LISTENER_CONFIGURED),
		.dump_attributes = 0,
	},
};

static const struct genl_group_spec bfd_groups[] = {
	{ .name = BFD_MCGRP_CONFIG, .id = BFD_GROUP_CONFIG },
	{ .name = BFD_MCGRP_STATE, .id = BFD_GROUP_STATE },
};

const struct genl_family_spec bfd_family_spec = {
	.name = BFD_FAMILY_NAME,
	.version = BFD_FAMILY_VERSION,
	.op_count = sizeof(bfd_ops) / sizeof(bfd_ops[0]),
	.ops = bfd_ops,
	.group_count = sizeof(bfd_groups) / sizeof(bfd_groups[0]),
	.groups = bfd_groups,
};

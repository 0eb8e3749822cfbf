/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session as attributes of the family; see session_message.h.  Times in the
 * maps are CLOCK_MONOTONIC, times in messages CLOCK_REALTIME.
 */
#include <errno.h>
#include <time.h>

#include <netlink/attr.h>

#include "../kern/echo.h"
#include "../kern/timers.h"
#include "address.h"
#include "genl/uapi/bfd_genl.h"
#include "request.h"
#include "session_message.h"

/* A difference that isn't the clock's slow correction. */
#define CLOCK_SET_NS (100 * NS_PER_MS)
#define NS_PER_US 1000ULL
/* Bits of the attribute fixed. */
#define FIXED_LOCAL 1
#define FIXED_ECHO_SOURCE 2
#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL

_Static_assert((int)BFD_SESSION_STATE_UP == (int)BFD_STATE_UP,
	       "states of kern/abi.h and genl/bfd.yaml differ");
_Static_assert((int)BFD_DIAGNOSTIC_REVERSE_CONCATENATED_PATH_DOWN ==
		       (int)BFD_DIAG_REVERSE_CONCATENATED_PATH_DOWN,
	       "diagnostics of kern/abi.h and genl/bfd.yaml differ");

_Static_assert((int)BFD_AUTHENTICATION_TYPE_METICULOUS_SHA1 == (int)BFD_AUTH_METICULOUS_SHA1,
	       "authentication types of kern/abi.h and genl/bfd.yaml differ");

static const char *const discard_names[] = {
#define NAME(id, name, text) name,
	BFD_DISCARD_REASONS(NAME)
#undef NAME
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/*
 * From CLOCK_MONOTONIC to CLOCK_REALTIME.  Kept, so that the time of a past event is the
 * same whenever it is asked for, until the clock is set; in whole milliseconds, so that
 * another agent finds the same.
 */
static uint64_t realtime_offset_ns(void)
{
	static uint64_t kept_ns;
	uint64_t before_ns = clock_ns(CLOCK_MONOTONIC);
	uint64_t realtime_ns = clock_ns(CLOCK_REALTIME);
	uint64_t middle_ns = before_ns + (clock_ns(CLOCK_MONOTONIC) - before_ns) / 2;
	uint64_t offset_ns = realtime_ns - middle_ns;
	uint64_t change_ns = offset_ns > kept_ns ? offset_ns - kept_ns : kept_ns - offset_ns;

	if (change_ns > CLOCK_SET_NS)
		kept_ns = (offset_ns + NS_PER_MS / 2) / NS_PER_MS * NS_PER_MS;
	return kept_ns;
}

uint64_t realtime_us(uint64_t monotonic_ns)
{
	return (realtime_offset_ns() + monotonic_ns) / NS_PER_US;
}

/* Nanoseconds as 32 bits of microseconds; what doesn't fit is the largest value. */
static uint32_t to_us(uint64_t ns)
{
	uint64_t us = ns / NS_PER_US;

	return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

int session_message_put_discard(struct nl_msg *message, int type, int reason, uint64_t count)
{
	struct nlattr *nest = nla_nest_start(message, type);

	if (!nest || nla_put_string(message, BFD_A_DISCARD_REASON, discard_names[reason]) < 0 ||
	    nla_put_u64(message, BFD_A_DISCARD_COUNT, count) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

static int put_gaps(struct nl_msg *message, const struct bfd_session_stats *stats)
{
	uint64_t average_ns = stats->rx_gap_count ? stats->rx_gap_sum_ns / stats->rx_gap_count : 0;

	if (nla_put_u32(message, BFD_A_STATS_RX_GAP_MIN, to_us(stats->rx_gap_min_ns)) < 0 ||
	    nla_put_u32(message, BFD_A_STATS_RX_GAP_MAX, to_us(stats->rx_gap_max_ns)) < 0 ||
	    nla_put_u32(message, BFD_A_STATS_RX_GAP_AVG, to_us(average_ns)) < 0 ||
	    nla_put_u32(message, BFD_A_STATS_CLOSEST_CALL_PERMILLE, stats->closest_call_permille) <
		    0 ||
	    nla_put_u32(message, BFD_A_STATS_DETECT_OVERSHOOT_LAST,
			to_us(stats->detect_overshoot_last_ns)) < 0 ||
	    nla_put_u32(message, BFD_A_STATS_DETECT_OVERSHOOT_MAX,
			to_us(stats->detect_overshoot_max_ns)) < 0)
		return -EMSGSIZE;
	return 0;
}

/* Only if there ever was an echo packet. */
static int put_echo_stats(struct nl_msg *message, const struct bfd_echo_stats *stats)
{
	struct nlattr *nest;

	if (!stats->tx_packets && !stats->looped && !stats->loop_limited && !stats->rx_invalid)
		return 0;
	nest = nla_nest_start(message, BFD_A_STATS_ECHO);
	if (!nest || nla_put_u64(message, BFD_A_ECHO_STATS_TX_PACKETS, stats->tx_packets) < 0 ||
	    nla_put_u64(message, BFD_A_ECHO_STATS_RX_PACKETS, stats->rx_packets) < 0 ||
	    nla_put_u64(message, BFD_A_ECHO_STATS_RX_INVALID, stats->rx_invalid) < 0 ||
	    nla_put_u64(message, BFD_A_ECHO_STATS_LOOPED, stats->looped) < 0 ||
	    nla_put_u64(message, BFD_A_ECHO_STATS_LOOP_LIMITED, stats->loop_limited) < 0)
		return -EMSGSIZE;
	if (stats->rx_packets &&
	    (nla_put_u64(message, BFD_A_ECHO_STATS_RTT_MIN, stats->rtt_min_ns) < 0 ||
	     nla_put_u64(message, BFD_A_ECHO_STATS_RTT_AVG, stats->rtt_sum_ns / stats->rx_packets) <
		     0 ||
	     nla_put_u64(message, BFD_A_ECHO_STATS_RTT_MAX, stats->rtt_max_ns) < 0))
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

static int put_stats(struct nl_msg *message, const struct bfd_session *state)
{
	const struct bfd_session_stats *stats = &state->stats;
	struct nlattr *nest = nla_nest_start(message, BFD_A_SESSION_STATS);
	int reason, err;

	if (!nest || nla_put_u64(message, BFD_A_STATS_RX_PACKETS, stats->rx_packets) < 0 ||
	    nla_put_u64(message, BFD_A_STATS_TX_PACKETS, stats->tx_packets) < 0 ||
	    nla_put_u64(message, BFD_A_STATS_TX_FAILED, stats->tx_failed) < 0 ||
	    nla_put_u32(message, BFD_A_STATS_UP_COUNT, stats->up_count) < 0 ||
	    nla_put_u32(message, BFD_A_STATS_DOWN_COUNT, stats->down_count) < 0 ||
	    nla_put_u32(message, BFD_A_STATS_ADMIN_DOWN_COUNT, stats->admin_down_count) < 0)
		return -EMSGSIZE;
	for (reason = 0; reason < BFD_DISCARD_COUNT; reason++) {
		if (!stats->rx_invalid[reason])
			continue;
		err = session_message_put_discard(message, BFD_A_STATS_RX_INVALID, reason,
						  stats->rx_invalid[reason]);
		if (err)
			return err;
	}
	err = put_gaps(message, stats);
	if (!err)
		err = put_echo_stats(message, &state->echo_stats);
	if (err)
		return err;
	nla_nest_end(message, nest);
	return 0;
}

static int put_address(struct nl_msg *message, int type, const struct bfd_address *address)
{
	if (address_is_none(address))
		return 0;
	return nla_put(message, type, address_length(address), address_data(address)) < 0
		       ? -EMSGSIZE
		       : 0;
}

/* Who the ends are. */
static int put_identity(struct nl_msg *message, const struct session *session,
			const struct bfd_vars *vars)
{
	const struct bfd_session_info *info = &session->info;

	if (nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, session->local_discr) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_DISCRIMINATOR, vars->remote_discr) < 0 ||
	    put_address(message, BFD_A_SESSION_REMOTE_ADDRESS, &info->remote) ||
	    put_address(message, BFD_A_SESSION_LOCAL_ADDRESS, &info->local))
		return -EMSGSIZE;
	if (info->ifindex && nla_put_u32(message, BFD_A_SESSION_IFINDEX, info->ifindex) < 0)
		return -EMSGSIZE;
	if (info->ifname[0] && nla_put_string(message, BFD_A_SESSION_IFNAME, info->ifname) < 0)
		return -EMSGSIZE;
	if (info->name[0] && nla_put_string(message, BFD_A_SESSION_NAME, info->name) < 0)
		return -EMSGSIZE;
	if (nla_put_u32(message, BFD_A_SESSION_SOURCE_PORT, info->source_port) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_PATH_READY, session->path_ready) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_UNSOLICITED, info->listener_id != 0) < 0)
		return -EMSGSIZE;
	return 0;
}

/* What lies between the ends. */
static int put_path(struct nl_msg *message, const struct session *session,
		    const struct bfd_session *state)
{
	const struct bfd_session_info *info = &session->info;
	bool multihop = info->flags & BFD_INFO_MULTIHOP;

	if (nla_put_u32(message, BFD_A_SESSION_PATH_TYPE,
			multihop ? BFD_PATH_TYPE_PATH_IP_MH : BFD_PATH_TYPE_PATH_IP_SH) < 0)
		return -EMSGSIZE;
	if (multihop && nla_put_u32(message, BFD_A_SESSION_RX_TTL, state->min_ttl) < 0)
		return -EMSGSIZE;
	if (info->vrf_ifindex &&
	    (nla_put_u32(message, BFD_A_SESSION_VRF_IFINDEX, info->vrf_ifindex) < 0 ||
	     nla_put_string(message, BFD_A_SESSION_VRF, info->vrf) < 0))
		return -EMSGSIZE;
	return 0;
}

static int put_clients(struct nl_msg *message, const struct sessions *sessions,
		       const struct session *session)
{
	const char *client;
	unsigned int i;

	for (i = 0; (client = sessions_client(sessions, session, i)); i++)
		if (nla_put_string(message, BFD_A_SESSION_CLIENT, client) < 0)
			return -EMSGSIZE;
	return 0;
}

/* Where it came from, and what of it was asked for. */
static int put_origin(struct nl_msg *message, const struct bfd_session_info *info)
{
	uint32_t fixed = (info->flags & BFD_INFO_LOCAL_FIXED ? FIXED_LOCAL : 0) |
			 (info->flags & BFD_INFO_ECHO_SOURCE_FIXED ? FIXED_ECHO_SOURCE : 0);

	if (nla_put_u32(message, BFD_A_SESSION_CONFIGURED, !!(info->flags & BFD_INFO_CONFIGURED)) <
		    0 ||
	    nla_put_u32(message, BFD_A_SESSION_FIXED, fixed) < 0)
		return -EMSGSIZE;
	return 0;
}

static int put_request(struct nl_msg *message, const char *name, const struct bfd_config *config,
		       const struct bfd_config *used)
{
	struct nlattr *nest = nla_nest_start(message, BFD_A_SESSION_REQUEST);

	if (!nest || (name[0] && nla_put_string(message, BFD_A_SESSION_CLIENT, name) < 0) ||
	    nla_put_u32(message, BFD_A_SESSION_CONFIGURED,
			!!(config->set & BFD_CONFIG_CONFIGURED)) < 0 ||
	    request_put_differences(message, config, used))
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

/* What each of those who share the session asks for; what is in use is theirs together. */
static int put_requests(struct nl_msg *message, const struct sessions *sessions,
			const struct session *session, const struct bfd_session *state)
{
	const struct bfd_vars *vars = &state->vars;
	const struct bfd_config used = {
		.desired_min_tx_us = vars->conf_desired_min_tx_us,
		.required_min_rx_us = vars->conf_required_min_rx_us,
		.mult = vars->mult,
		.passive = vars->passive,
		.admin_down = vars->admin_down,
		.diag = vars->diag,
		.demand = vars->demand,
		.min_ttl = state->min_ttl,
		.poll_interval_us = vars->poll_interval_us,
		.echo_tx_us = vars->echo_tx_us,
		.echo_rx_us = vars->echo_rx_us,
		.hold_down_us = vars->hold_down_us,
	};
	const struct bfd_config *config;
	const char *name;
	int err = 0;

	for (unsigned int i = 0;
	     !err && (name = sessions_client_request(sessions, session, i, &config)); i++) {
		struct bfd_config wanted = *config;

		if (!(session->info.flags & BFD_INFO_MULTIHOP))
			wanted.min_ttl = used.min_ttl; /* it has none */
		err = put_request(message, name, &wanted, &used);
	}
	return err;
}

static uint32_t detection_mode(const struct bfd_vars *vars)
{
	if (bfd_local_demand(vars))
		return bfd_echo_active(vars) ? BFD_DETECTION_MODE_DEMAND_WITH_ECHO
					     : BFD_DETECTION_MODE_DEMAND_WITHOUT_ECHO;
	return bfd_echo_active(vars) ? BFD_DETECTION_MODE_ASYNC_WITH_ECHO
				     : BFD_DETECTION_MODE_ASYNC_WITHOUT_ECHO;
}

/* Demand mode and echo, as wanted and as they are. */
static int put_modes(struct nl_msg *message, const struct session *session,
		     const struct bfd_vars *vars)
{
	uint32_t echo_tx_us = bfd_echo_interval_us(vars);
	uint32_t polling = bfd_poll_active(vars) != 0;

	if (nla_put_u32(message, BFD_A_SESSION_DETECTION_MODE, detection_mode(vars)) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_DEMAND_ENABLED, vars->demand) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_DEMAND, vars->remote_demand) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_POLL_ACTIVE, polling) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_POLL_INTERVAL, vars->poll_interval_us) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_HOLD_DOWN_INTERVAL, vars->hold_down_us) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_BACKOFF, vars->backoff) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL, vars->echo_tx_us) <
		    0 ||
	    nla_put_u32(message, BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL, vars->echo_rx_us) <
		    0 ||
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_REQUIRED_MIN_ECHO_RX_INTERVAL,
			vars->remote_min_echo_rx_us) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_ECHO_TX_INTERVAL_IN_USE, echo_tx_us) < 0)
		return -EMSGSIZE;
	return put_address(message, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, &session->info.echo_source);
}

static int put_state(struct nl_msg *message, const struct bfd_vars *vars)
{
	if (nla_put_u32(message, BFD_A_SESSION_LOCAL_STATE, vars->state) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_STATE, vars->remote_state) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_LOCAL_DIAGNOSTIC, vars->diag) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_DIAGNOSTIC, vars->remote_diag) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_PASSIVE, vars->passive) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_ADMIN_DOWN, vars->admin_down) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_LOCAL_CPI, 1) <
		    0 || /* as bfd_build_packet() has it */
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_CPI, vars->remote_cpi) < 0)
		return -EMSGSIZE;
	return 0;
}

static int put_timers(struct nl_msg *message, const struct bfd_vars *vars)
{
	/* bfd.RemoteMinRxInterval is 1 until the peer was heard (RFC 5880 6.8.1). */
	uint32_t remote_min_rx_us = vars->remote_mult ? vars->remote_min_rx_us : 0;

	if (nla_put_u32(message, BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL,
			vars->conf_desired_min_tx_us) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL,
			vars->conf_required_min_rx_us) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_ADVERTISED_MIN_TX_INTERVAL,
			vars->desired_min_tx_us) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_ADVERTISED_MIN_RX_INTERVAL,
			vars->required_min_rx_us) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_LOCAL_MULTIPLIER, vars->mult) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_MULTIPLIER, vars->remote_mult) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_DESIRED_MIN_TX_INTERVAL,
			vars->remote_desired_min_tx_us) < 0 ||
	    nla_put_u32(message, BFD_A_SESSION_REMOTE_REQUIRED_MIN_RX_INTERVAL, remote_min_rx_us) <
		    0 ||
	    nla_put_u32(message, BFD_A_SESSION_NEGOTIATED_TX_INTERVAL, bfd_negotiated_tx_us(vars)) <
		    0 ||
	    nla_put_u32(message, BFD_A_SESSION_NEGOTIATED_RX_INTERVAL, bfd_negotiated_rx_us(vars)) <
		    0 ||
	    nla_put_u64(message, BFD_A_SESSION_DETECTION_TIME, bfd_detection_time_us(vars)) < 0)
		return -EMSGSIZE;
	return 0;
}

static int put_times(struct nl_msg *message, const struct bfd_session *state)
{
	const struct bfd_session_stats *stats = &state->stats;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	if (state->vars.state == BFD_STATE_UP && stats->last_up_ns &&
	    nla_put_u64(message, BFD_A_SESSION_UPTIME_MS,
			(now_ns - stats->last_up_ns) / NS_PER_MS) < 0)
		return -EMSGSIZE;
	if (stats->last_up_ns &&
	    nla_put_u64(message, BFD_A_SESSION_LAST_UP_TIME, realtime_us(stats->last_up_ns)) < 0)
		return -EMSGSIZE;
	if (stats->last_down_ns && nla_put_u64(message, BFD_A_SESSION_LAST_DOWN_TIME,
					       realtime_us(stats->last_down_ns)) < 0)
		return -EMSGSIZE;
	return 0;
}

static int put_auth_used(struct nl_msg *message, const struct keys *keys,
			 const struct bfd_auth_config *used)
{
	const char *chain = keys_name(keys, used->chain);
	int key_id = keys_sending_id(keys, used->chain, used->type);

	if (nla_put_u32(message, BFD_A_SESSION_AUTH_TYPE, used->type) < 0)
		return -EMSGSIZE;
	if (!used->type)
		return 0;
	if ((chain && nla_put_string(message, BFD_A_SESSION_AUTH_KEY_CHAIN, chain) < 0) ||
	    (key_id >= 0 &&
	     nla_put_u32(message, BFD_A_SESSION_AUTH_KEY_ID, (uint32_t)key_id) < 0) ||
	    nla_put_u32(message, BFD_A_SESSION_AUTH_VARIANT, used->hmac) < 0)
		return -EMSGSIZE;
	return 0;
}

static int put_auth_awaited(struct nl_msg *message, const struct keys *keys,
			    const struct bfd_auth_config *awaited)
{
	const char *chain = keys_name(keys, awaited->chain);

	if (nla_put_u32(message, BFD_A_SESSION_AUTH_AWAITED_TYPE, awaited->type) < 0)
		return -EMSGSIZE;
	if (!awaited->type)
		return 0;
	if ((chain && nla_put_string(message, BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN, chain) < 0) ||
	    nla_put_u32(message, BFD_A_SESSION_AUTH_AWAITED_VARIANT, awaited->hmac) < 0)
		return -EMSGSIZE;
	return 0;
}

/* Only if there is something to tell. */
static int put_auth(struct nl_msg *message, const struct keys *keys, const struct bfd_auth *auth)
{
	int err = 0;

	if (auth->used.type || auth->awaiting)
		err = put_auth_used(message, keys, &auth->used);
	if (!err && auth->awaiting)
		err = put_auth_awaited(message, keys, &auth->awaited);
	return err;
}

/* What stands in its way now. */
static int put_obstacles(struct nl_msg *message, const struct session *session,
			 const struct bfd_vars *vars)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	bool held = vars->state == BFD_STATE_DOWN && vars->hold_until_ns > now_ns;
	struct nlattr *nest;

	if (!session->path_problem && !held)
		return 0;
	nest = nla_nest_start(message, BFD_A_SESSION_OBSTACLES);
	if (!nest ||
	    (session->path_problem &&
	     nla_put_u32(message, BFD_A_OBSTACLE_PATH_PROBLEM, session->path_problem) < 0) ||
	    (held && nla_put_u64(message, BFD_A_OBSTACLE_HOLD_DOWN_LEFT,
				 (vars->hold_until_ns - now_ns) / NS_PER_US) < 0))
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

int session_message_put(struct nl_msg *message, const struct sessions *sessions,
			const struct keys *keys, const struct session *session)
{
	struct bfd_session state;
	int err;

	err = sessions_read(sessions, session, &state);
	if (!err)
		err = put_identity(message, session, &state.vars);
	if (!err)
		err = put_path(message, session, &state);
	if (!err)
		err = put_clients(message, sessions, session);
	if (!err)
		err = put_origin(message, &session->info);
	if (!err)
		err = put_requests(message, sessions, session, &state);
	if (!err)
		err = put_modes(message, session, &state.vars);
	if (!err)
		err = put_auth(message, keys, &state.auth);
	if (!err)
		err = put_state(message, &state.vars);
	if (!err)
		err = put_obstacles(message, session, &state.vars);
	if (!err)
		err = put_timers(message, &state.vars);
	if (!err)
		err = put_times(message, &state);
	return err ? err : put_stats(message, &state);
}

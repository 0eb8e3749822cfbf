/* SPDX-License-Identifier: GPL-2.0 */
/* Source: genl/bfd.yaml */
/* YNL-GEN: written by scripts/genl-gen.py, do not edit */
/* clang-format off */
#ifndef IPBFD_GENL_POLICY_H
#define IPBFD_GENL_POLICY_H

#include "genl/spec.h"
#include "genl/uapi/bfd_genl.h"

/* Multicast groups, as numbered by the server. */
enum bfd_group {
	BFD_GROUP_CONFIG = 1,
	BFD_GROUP_STATE = 2,
};

/* The checks of the specification, to compare with other tables. */
#define BFD_CHECK_SESSION_LOCAL_DISCRIMINATOR_MIN 1
#define BFD_CHECK_SESSION_REMOTE_ADDRESS_MAX_LEN 16
#define BFD_CHECK_SESSION_REMOTE_ADDRESS_MIN_LEN 4
#define BFD_CHECK_SESSION_LOCAL_ADDRESS_MAX_LEN 16
#define BFD_CHECK_SESSION_LOCAL_ADDRESS_MIN_LEN 4
#define BFD_CHECK_SESSION_IFNAME_MAX_LEN 15
#define BFD_CHECK_SESSION_NAME_MAX_LEN 63
#define BFD_CHECK_SESSION_DESIRED_MIN_TX_INTERVAL_MIN 1000
#define BFD_CHECK_SESSION_REQUIRED_MIN_RX_INTERVAL_MIN 1000
#define BFD_CHECK_SESSION_LOCAL_MULTIPLIER_MAX 255
#define BFD_CHECK_SESSION_LOCAL_MULTIPLIER_MIN 1
#define BFD_CHECK_SESSION_PASSIVE_MAX 1
#define BFD_CHECK_SESSION_ADMIN_DOWN_MAX 1
#define BFD_CHECK_SESSION_RX_TTL_MAX 255
#define BFD_CHECK_SESSION_RX_TTL_MIN 1
#define BFD_CHECK_SESSION_VRF_MAX_LEN 15
#define BFD_CHECK_SESSION_DEMAND_ENABLED_MAX 1
#define BFD_CHECK_SESSION_ECHO_SOURCE_ADDRESS_MAX_LEN 16
#define BFD_CHECK_SESSION_ECHO_SOURCE_ADDRESS_MIN_LEN 4
#define BFD_CHECK_SESSION_CLIENT_MAX_LEN 15
#define BFD_CHECK_SESSION_AUTH_KEY_CHAIN_MAX_LEN 31
#define BFD_CHECK_SESSION_AUTH_OPTIONAL_MAX 1
#define BFD_CHECK_SESSION_CONFIGURED_MAX 1
#define BFD_CHECK_LISTENER_PREFIX_MAX_LEN 16
#define BFD_CHECK_LISTENER_PREFIX_MIN_LEN 4
#define BFD_CHECK_LISTENER_PREFIX_LENGTH_MAX 128
#define BFD_CHECK_LISTENER_IFINDEX_MIN 1
#define BFD_CHECK_LISTENER_IFNAME_MAX_LEN 15
#define BFD_CHECK_LISTENER_IFNAME_MIN_LEN 1
#define BFD_CHECK_LISTENER_LIMIT_MAX 16384
#define BFD_CHECK_LISTENER_LIMIT_MIN 1
#define BFD_CHECK_LISTENER_IDLE_TIME_MIN 1000000
#define BFD_CHECK_LISTENER_DESIRED_MIN_TX_INTERVAL_MIN 1000
#define BFD_CHECK_LISTENER_REQUIRED_MIN_RX_INTERVAL_MIN 1000
#define BFD_CHECK_LISTENER_LOCAL_MULTIPLIER_MAX 255
#define BFD_CHECK_LISTENER_LOCAL_MULTIPLIER_MIN 1
#define BFD_CHECK_LISTENER_DEMAND_ENABLED_MAX 1
#define BFD_CHECK_LISTENER_CONFIGURED_MAX 1
#define BFD_CHECK_KEY_CHAIN_MAX_LEN 31
#define BFD_CHECK_KEY_CHAIN_MIN_LEN 1
#define BFD_CHECK_KEY_ID_MAX 255
#define BFD_CHECK_KEY_SECRET_MAX_LEN 20
#define BFD_CHECK_KEY_SECRET_MIN_LEN 1
#define BFD_CHECK_KEY_SEND_FROM_MAX 9000000000000000
#define BFD_CHECK_KEY_ACCEPT_FROM_MAX 9000000000000000
#define BFD_CHECK_KEY_ACCEPT_UNTIL_MAX 9000000000000000
#define BFD_CHECK_SUBSCRIBE_GROUPS_MAX 3

extern const struct genl_enum_spec bfd_session_state_enum;
extern const struct genl_enum_spec bfd_diagnostic_enum;
extern const struct genl_enum_spec bfd_detection_mode_enum;
extern const struct genl_enum_spec bfd_path_type_enum;
extern const struct genl_enum_spec bfd_attach_mode_enum;
extern const struct genl_enum_spec bfd_clock_mode_enum;
extern const struct genl_enum_spec bfd_authentication_type_enum;
extern const struct genl_enum_spec bfd_digest_variant_enum;
extern const struct genl_enum_spec bfd_path_problem_enum;
extern const struct genl_enum_spec bfd_path_change_enum;
extern const struct genl_enum_spec bfd_fault_enum;
extern const struct genl_attribute_set bfd_session_attributes;
extern const struct genl_attribute_set bfd_obstacle_attributes;
extern const struct genl_attribute_set bfd_stats_attributes;
extern const struct genl_attribute_set bfd_echo_stats_attributes;
extern const struct genl_attribute_set bfd_discard_attributes;
extern const struct genl_attribute_set bfd_event_attributes;
extern const struct genl_attribute_set bfd_dev_attributes;
extern const struct genl_attribute_set bfd_agent_attributes;
extern const struct genl_attribute_set bfd_listener_attributes;
extern const struct genl_attribute_set bfd_key_attributes;
extern const struct genl_attribute_set bfd_subscribe_attributes;
extern const struct genl_family_spec bfd_family_spec;

#endif /* IPBFD_GENL_POLICY_H */

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Source: genl/bfd.yaml */
/* YNL-GEN: written by scripts/genl-gen.py, do not edit */
/* clang-format off */
/*
 * Bidirectional Forwarding Detection (RFC 5880) sessions of one network namespace. The session
 * machine itself runs in the kernel as BPF programs; this family creates, changes, shows and
 * follows sessions.
 *
 * Served by the agent over NETLINK_USERSOCK, port 3784, with the same messages that a kernel
 * family would use.
 *
 * Lists of events: the group `state` carries a session-state-ntf for each transition; the group
 * `config` carries session-new-ntf, session-set-ntf, session-del-ntf and fault-ntf. Each event
 * has a sequence number of its group (in the attribute event), so that a listener that missed
 * some can tell, and dump again.
 *
 * Changes need uid 0. A listener without CAP_NET_ADMIN can't join a group; it asks for events by
 * unicast (subscribe). A listener that doesn't read is told so by an NLMSG_ERROR with ENOBUFS and
 * sequence number 0, and should dump again.
 */
#ifndef _UAPI_LINUX_BFD_GENL_H
#define _UAPI_LINUX_BFD_GENL_H

#define BFD_FAMILY_NAME "bfd"
#define BFD_FAMILY_VERSION 1

/**
 * enum bfd_session_state - bfd.SessionState (RFC 5880 6.8.1), with the values of the wire
 * @BFD_SESSION_STATE_ADMIN_DOWN: administratively down
 * @BFD_SESSION_STATE_DOWN: no session; waits for the peer
 * @BFD_SESSION_STATE_INIT: the peer is heard, but isn't known to hear us
 * @BFD_SESSION_STATE_UP: both directions work
 */
enum bfd_session_state {
	BFD_SESSION_STATE_ADMIN_DOWN = 0,
	BFD_SESSION_STATE_DOWN = 1,
	BFD_SESSION_STATE_INIT = 2,
	BFD_SESSION_STATE_UP = 3,
};

/**
 * enum bfd_diagnostic - bfd.LocalDiag (RFC 5880 4.1), with the values of the wire
 * @BFD_DIAGNOSTIC_NONE: no diagnostic
 * @BFD_DIAGNOSTIC_CONTROL_EXPIRY: the detection time passed without a packet
 * @BFD_DIAGNOSTIC_ECHO_FAILED: the echo function failed
 * @BFD_DIAGNOSTIC_NEIGHBOR_DOWN: the neighbour signalled that its session is down
 * @BFD_DIAGNOSTIC_FORWARDING_RESET: the forwarding plane was reset
 * @BFD_DIAGNOSTIC_PATH_DOWN: the path is down
 * @BFD_DIAGNOSTIC_CONCATENATED_PATH_DOWN: a path concatenated with this one is down
 * @BFD_DIAGNOSTIC_ADMIN_DOWN: taken down by the operator
 * @BFD_DIAGNOSTIC_REVERSE_CONCATENATED_PATH_DOWN: a path concatenated in the reverse direction is
 *   down
 */
enum bfd_diagnostic {
	BFD_DIAGNOSTIC_NONE = 0,
	BFD_DIAGNOSTIC_CONTROL_EXPIRY = 1,
	BFD_DIAGNOSTIC_ECHO_FAILED = 2,
	BFD_DIAGNOSTIC_NEIGHBOR_DOWN = 3,
	BFD_DIAGNOSTIC_FORWARDING_RESET = 4,
	BFD_DIAGNOSTIC_PATH_DOWN = 5,
	BFD_DIAGNOSTIC_CONCATENATED_PATH_DOWN = 6,
	BFD_DIAGNOSTIC_ADMIN_DOWN = 7,
	BFD_DIAGNOSTIC_REVERSE_CONCATENATED_PATH_DOWN = 8,
};

/**
 * enum bfd_detection_mode - how loss of the path is detected (RFC 9314 detection-mode)
 * @BFD_DETECTION_MODE_ASYNC_WITH_ECHO: async with echo
 * @BFD_DETECTION_MODE_ASYNC_WITHOUT_ECHO: async without echo
 * @BFD_DETECTION_MODE_DEMAND_WITH_ECHO: demand with echo
 * @BFD_DETECTION_MODE_DEMAND_WITHOUT_ECHO: demand without echo
 */
enum bfd_detection_mode {
	BFD_DETECTION_MODE_ASYNC_WITH_ECHO = 1,
	BFD_DETECTION_MODE_ASYNC_WITHOUT_ECHO = 2,
	BFD_DETECTION_MODE_DEMAND_WITH_ECHO = 3,
	BFD_DETECTION_MODE_DEMAND_WITHOUT_ECHO = 4,
};

/**
 * enum bfd_path_type - what lies between the ends (RFC 9314 path-type)
 * @BFD_PATH_TYPE_PATH_IP_SH: single hop, UDP port 3784 (RFC 5881)
 * @BFD_PATH_TYPE_PATH_IP_MH: multihop, UDP port 4784 (RFC 5883)
 */
enum bfd_path_type {
	BFD_PATH_TYPE_PATH_IP_SH = 1,
	BFD_PATH_TYPE_PATH_IP_MH = 2,
};

/**
 * enum bfd_attach_mode - where packets of a device meet the BPF program
 * @BFD_ATTACH_MODE_NATIVE: XDP in the driver
 * @BFD_ATTACH_MODE_GENERIC: XDP in the stack
 * @BFD_ATTACH_MODE_TC: tc, for somebody has taken XDP off the device
 */
enum bfd_attach_mode {
	BFD_ATTACH_MODE_NATIVE = 1,
	BFD_ATTACH_MODE_GENERIC = 2,
	BFD_ATTACH_MODE_TC = 3,
};

/**
 * enum bfd_clock_mode - what makes the ticks of the transmit clock
 * @BFD_CLOCK_MODE_STOPPED: no session, no ticks
 * @BFD_CLOCK_MODE_KERNEL: frames released by tbf in the kernel
 * @BFD_CLOCK_MODE_AGENT: tbf is missing, so the agent injects the ticks itself
 */
enum bfd_clock_mode {
	BFD_CLOCK_MODE_STOPPED = 1,
	BFD_CLOCK_MODE_KERNEL = 2,
	BFD_CLOCK_MODE_AGENT = 3,
};

/**
 * enum bfd_authentication_type - how packets are authenticated (RFC 5880 6.7), with the values of
 *   the wire
 * @BFD_AUTHENTICATION_TYPE_NONE: they aren't
 * @BFD_AUTHENTICATION_TYPE_SIMPLE: a password, in the clear
 * @BFD_AUTHENTICATION_TYPE_MD5: keyed MD5
 * @BFD_AUTHENTICATION_TYPE_METICULOUS_MD5: the same, with a new sequence number in each packet
 * @BFD_AUTHENTICATION_TYPE_SHA1: keyed SHA1
 * @BFD_AUTHENTICATION_TYPE_METICULOUS_SHA1: the same, with a new sequence number in each packet
 */
enum bfd_authentication_type {
	BFD_AUTHENTICATION_TYPE_NONE = 0,
	BFD_AUTHENTICATION_TYPE_SIMPLE = 1,
	BFD_AUTHENTICATION_TYPE_MD5 = 2,
	BFD_AUTHENTICATION_TYPE_METICULOUS_MD5 = 3,
	BFD_AUTHENTICATION_TYPE_SHA1 = 4,
	BFD_AUTHENTICATION_TYPE_METICULOUS_SHA1 = 5,
};

/**
 * enum bfd_digest_variant - how the digest is computed
 * @BFD_DIGEST_VARIANT_RFC: over the packet with the key in the digest's place (RFC 5880 6.7.4)
 * @BFD_DIGEST_VARIANT_HMAC: HMAC-SHA1 over the packet with zeros there, as FRR does it
 */
enum bfd_digest_variant {
	BFD_DIGEST_VARIANT_RFC = 0,
	BFD_DIGEST_VARIANT_HMAC = 1,
};

/**
 * enum bfd_path_problem - what keeps packets of a session from leaving, or may
 * @BFD_PATH_PROBLEM_NONE: nothing is known to
 * @BFD_PATH_PROBLEM_NO_DEVICE: the device is gone
 * @BFD_PATH_PROBLEM_DEVICE_REFUSED: the device has another XDP program, or another session with
 *   the neighbour
 * @BFD_PATH_PROBLEM_DEVICE_DOWN: the device is down, or has no carrier
 * @BFD_PATH_PROBLEM_NO_ROUTE: no route leads there, or only by a device that can't be used
 * @BFD_PATH_PROBLEM_NO_ADDRESS: the local address is gone, or there is none
 * @BFD_PATH_PROBLEM_NO_NEIGHBOUR: the neighbour's Ethernet address isn't known
 * @BFD_PATH_PROBLEM_NEIGHBOUR_FAILED: the neighbour no longer answers the kernel; its last
 *   Ethernet address is used
 */
enum bfd_path_problem {
	BFD_PATH_PROBLEM_NONE = 0,
	BFD_PATH_PROBLEM_NO_DEVICE = 1,
	BFD_PATH_PROBLEM_DEVICE_REFUSED = 2,
	BFD_PATH_PROBLEM_DEVICE_DOWN = 3,
	BFD_PATH_PROBLEM_NO_ROUTE = 4,
	BFD_PATH_PROBLEM_NO_ADDRESS = 5,
	BFD_PATH_PROBLEM_NO_NEIGHBOUR = 6,
	BFD_PATH_PROBLEM_NEIGHBOUR_FAILED = 7,
};

/**
 * enum bfd_path_change - what is new of a session's path
 * @BFD_PATH_CHANGE_DEVICE: another device, or another name of it
 * @BFD_PATH_CHANGE_DEVICE_MAC: the Ethernet address of our device
 * @BFD_PATH_CHANGE_LOCAL_ADDRESS: our address
 * @BFD_PATH_CHANGE_NEXT_HOP: the neighbour that packets go to
 * @BFD_PATH_CHANGE_NEIGHBOUR_MAC: the neighbour's Ethernet address
 * @BFD_PATH_CHANGE_DEVICE_FLAP: nothing any more, but the device was down meanwhile
 */
enum bfd_path_change {
	BFD_PATH_CHANGE_DEVICE = 1,
	BFD_PATH_CHANGE_DEVICE_MAC = 2,
	BFD_PATH_CHANGE_LOCAL_ADDRESS = 3,
	BFD_PATH_CHANGE_NEXT_HOP = 4,
	BFD_PATH_CHANGE_NEIGHBOUR_MAC = 5,
	BFD_PATH_CHANGE_DEVICE_FLAP = 6,
};

/**
 * enum bfd_fault - what somebody did to the data plane
 * @BFD_FAULT_PROGRAM_DETACHED: the XDP program was taken off a device; tc receives until it is
 *   back
 * @BFD_FAULT_FILTER_REMOVED: a tc filter of a device was removed; answers waited for a tick
 * @BFD_FAULT_CLOCK_DEVICE: the device of the transmit clock was changed or deleted
 * @BFD_FAULT_CLOCK_STALLED: the transmit clock stood still
 * @BFD_FAULT_PINS_REMOVED: bpffs was unmounted or emptied
 */
enum bfd_fault {
	BFD_FAULT_PROGRAM_DETACHED = 1,
	BFD_FAULT_FILTER_REMOVED = 2,
	BFD_FAULT_CLOCK_DEVICE = 3,
	BFD_FAULT_CLOCK_STALLED = 4,
	BFD_FAULT_PINS_REMOVED = 5,
};

/**
 * enum bfd_session_attr - one session
 * @BFD_A_SESSION_LOCAL_DISCRIMINATOR: names the session; unique in the namespace, never 0 (u32,
 *   1..4294967295)
 * @BFD_A_SESSION_REMOTE_DISCRIMINATOR: the peer's name for it; 0 while not known. In a request,
 *   known beforehand (RFC 5883 4.2), for a new session only (u32)
 * @BFD_A_SESSION_REMOTE_ADDRESS: the peer's address, 4 or 16 bytes in network order (binary,
 *   4..16 bytes)
 * @BFD_A_SESSION_LOCAL_ADDRESS: our address, of the same family; chosen by the agent if absent
 *   (binary, 4..16 bytes)
 * @BFD_A_SESSION_IFINDEX: the device that the session is bound to; chosen by route if absent. A
 *   multihop session isn't bound, so it has that of the route now (u32)
 * @BFD_A_SESSION_IFNAME: its name, in answers and events (string, 0..15 bytes)
 * @BFD_A_SESSION_NAME: the operator's name for the session; unique if given (string, 0..63 bytes)
 * @BFD_A_SESSION_LOCAL_STATE: local state (u32, enum session-state)
 * @BFD_A_SESSION_REMOTE_STATE: remote state (u32, enum session-state)
 * @BFD_A_SESSION_LOCAL_DIAGNOSTIC: In a request: with admin-down the reason to tell the peer
 *   (forwarding-reset and above, admin-down by default); without, concatenated-path-down,
 *   reverse-concatenated-path-down or none, told while the session stays up (RFC 5880 6.8.17)
 *   (u32, enum diagnostic)
 * @BFD_A_SESSION_REMOTE_DIAGNOSTIC: remote diagnostic (u32, enum diagnostic)
 * @BFD_A_SESSION_DETECTION_MODE: detection mode (u32, enum detection-mode)
 * @BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL: wanted between our packets, as configured; 1 s is used
 *   while not up (u32, 1000..4294967295)
 * @BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL: shortest that we accept between the peer's packets
 *   (u32, 1000..4294967295)
 * @BFD_A_SESSION_LOCAL_MULTIPLIER: how many of our packets may be lost before the peer gives up
 *   (u32, 1..255)
 * @BFD_A_SESSION_REMOTE_MULTIPLIER: 0 while not known (u32)
 * @BFD_A_SESSION_REMOTE_DESIRED_MIN_TX_INTERVAL: 0 while not known (u32)
 * @BFD_A_SESSION_REMOTE_REQUIRED_MIN_RX_INTERVAL: remote required min rx interval (u32)
 * @BFD_A_SESSION_NEGOTIATED_TX_INTERVAL: in use for sending, before jitter (u32)
 * @BFD_A_SESSION_NEGOTIATED_RX_INTERVAL: in use for detection, times the remote multiplier (u32)
 * @BFD_A_SESSION_DETECTION_TIME: silence after which the session goes down; 0 while the peer
 *   isn't known (u64)
 * @BFD_A_SESSION_SOURCE_PORT: source port (u32)
 * @BFD_A_SESSION_PASSIVE: 1 if the session speaks only when spoken to (RFC 5880 6.1) (u32, 0..1)
 * @BFD_A_SESSION_ADMIN_DOWN: 1 if the operator holds it down (u32, 0..1)
 * @BFD_A_SESSION_UPTIME_MS: milliseconds in state up; absent while not up (u64)
 * @BFD_A_SESSION_LAST_UP_TIME: microseconds since 1970; absent if never (u64)
 * @BFD_A_SESSION_LAST_DOWN_TIME: microseconds since 1970; absent if never (u64)
 * @BFD_A_SESSION_STATS: stats (nest, of stats)
 * @BFD_A_SESSION_EVENT: in notifications only, what happened (nest, of event)
 * @BFD_A_SESSION_PATH_READY: 1 if device, addresses and neighbour are known, so that packets can
 *   leave (u32)
 * @BFD_A_SESSION_REMOTE_CPI: 1 if the peer's BFD doesn't share fate with its control plane (the C
 *   bit) (u32)
 * @BFD_A_SESSION_PATH_TYPE: single hop if absent in a new session, either if absent in a selector
 *   (u32, enum path-type)
 * @BFD_A_SESSION_RX_TTL: multihop sessions only, packets with a lower TTL or hop limit are
 *   discarded (u32, 1..255)
 * @BFD_A_SESSION_VRF_IFINDEX: the VRF device of the routing domain; 0 or absent is the default
 *   one (u32)
 * @BFD_A_SESSION_VRF: its name, in answers and events (string, 0..15 bytes)
 * @BFD_A_SESSION_DEMAND_ENABLED: 1 if Demand mode is wanted once both ends are up (RFC 5880 6.6)
 *   (u32, 0..1)
 * @BFD_A_SESSION_REMOTE_DEMAND: 1 if the peer's last packet had the D bit, so that we are silent
 *   while both are up (u32)
 * @BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL: wanted between our echo packets, at least 3300; 0
 *   sends none (u32)
 * @BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL: shortest that we accept between the peer's echo
 *   packets, at least 3300; 0 loops none (u32)
 * @BFD_A_SESSION_ECHO_SOURCE_ADDRESS: source of our echo packets, of the same family and not of
 *   the link's subnet (RFC 5881 4); chosen by the agent if absent (binary, 4..16 bytes)
 * @BFD_A_SESSION_POLL_INTERVAL: between verifying Polls while our Demand mode is active, at least
 *   1000; 0 is on request (u32)
 * @BFD_A_SESSION_HOLD_DOWN_INTERVAL: after a failure the session stays down for so long, at least
 *   1000; 0 is off (u32)
 * @BFD_A_SESSION_CLIENT: who shares the session (RFC 5882 4.4). In session-new the client joins a
 *   session that is there; in session-del it leaves, and the last one deletes it. Answers have
 *   one for each client (string, repeated, 0..15 bytes)
 * @BFD_A_SESSION_REMOTE_REQUIRED_MIN_ECHO_RX_INTERVAL: 0 if the peer doesn't loop echo packets,
 *   or while not known (u32)
 * @BFD_A_SESSION_ECHO_TX_INTERVAL_IN_USE: between our echo packets, before jitter; 0 while none
 *   are sent (u32)
 * @BFD_A_SESSION_ADVERTISED_MIN_TX_INTERVAL: Desired Min TX Interval as told to the peer now
 *   (u32)
 * @BFD_A_SESSION_ADVERTISED_MIN_RX_INTERVAL: Required Min RX Interval as told to the peer now; a
 *   second and more while echo runs (u32)
 * @BFD_A_SESSION_POLL_ACTIVE: 1 while a Poll Sequence is under way (u32)
 * @BFD_A_SESSION_BACKOFF: multihop sessions only, intervals are doubled so many times (RFC 5880
 *   7) (u32)
 * @BFD_A_SESSION_UNSOLICITED: 1 if a listener made the session and nobody asked for it since (RFC
 *   9468) (u32)
 * @BFD_A_SESSION_LOCAL_CPI: 1 if our BFD doesn't share fate with the control plane here (the C
 *   bit) (u32)
 * @BFD_A_SESSION_AUTH_TYPE: In answers absent if the session neither is authenticated nor waits
 *   for it. In a request with all of what follows, none alone (u32, enum authentication-type)
 * @BFD_A_SESSION_AUTH_KEY_CHAIN: whose keys; only those of auth-type count (string, 0..31 bytes)
 * @BFD_A_SESSION_AUTH_VARIANT: sha1 and meticulous-sha1 only; rfc if absent (u32, enum
 *   digest-variant)
 * @BFD_A_SESSION_AUTH_OPTIONAL: requests only: 1 if the new form is to take the old one's place
 *   with the peer's first packet that fits it (RFC 5880 6.7.1), and not at once (u32, 0..1)
 * @BFD_A_SESSION_AUTH_KEY_ID: of the key that is used for sending now; absent if none can be, and
 *   nothing is sent (u32)
 * @BFD_A_SESSION_AUTH_AWAITED_TYPE: the form that waits for the peer's first packet; absent if
 *   none does (u32, enum authentication-type)
 * @BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN: auth awaited key chain (string)
 * @BFD_A_SESSION_AUTH_AWAITED_VARIANT: auth awaited variant (u32, enum digest-variant)
 * @BFD_A_SESSION_CONFIGURED: 1 if the agent's configuration file asks for it, so that it goes
 *   when it is no longer there. In a request with a client, that one's part (u32, 0..1)
 * @BFD_A_SESSION_FIXED: bit mask of what was asked for and not chosen by the agent, 1 for
 *   local-address and 2 for echo-source-address (u32)
 * @BFD_A_SESSION_REQUEST: of a shared session, what a client asks for: client (absent: the one
 *   that named none), configured, and the parameters that differ from those in use (nest, of
 *   session, repeated)
 * @BFD_A_SESSION_OBSTACLES: what stands in the session's way now; absent if nothing does (nest,
 *   of obstacle)
 */
enum bfd_session_attr {
	BFD_A_SESSION_LOCAL_DISCRIMINATOR = 1,
	BFD_A_SESSION_REMOTE_DISCRIMINATOR = 2,
	BFD_A_SESSION_REMOTE_ADDRESS = 3,
	BFD_A_SESSION_LOCAL_ADDRESS = 4,
	BFD_A_SESSION_IFINDEX = 5,
	BFD_A_SESSION_IFNAME = 6,
	BFD_A_SESSION_NAME = 7,
	BFD_A_SESSION_LOCAL_STATE = 8,
	BFD_A_SESSION_REMOTE_STATE = 9,
	BFD_A_SESSION_LOCAL_DIAGNOSTIC = 10,
	BFD_A_SESSION_REMOTE_DIAGNOSTIC = 11,
	BFD_A_SESSION_DETECTION_MODE = 12,
	BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL = 13,
	BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL = 14,
	BFD_A_SESSION_LOCAL_MULTIPLIER = 15,
	BFD_A_SESSION_REMOTE_MULTIPLIER = 16,
	BFD_A_SESSION_REMOTE_DESIRED_MIN_TX_INTERVAL = 17,
	BFD_A_SESSION_REMOTE_REQUIRED_MIN_RX_INTERVAL = 18,
	BFD_A_SESSION_NEGOTIATED_TX_INTERVAL = 19,
	BFD_A_SESSION_NEGOTIATED_RX_INTERVAL = 20,
	BFD_A_SESSION_DETECTION_TIME = 21,
	BFD_A_SESSION_SOURCE_PORT = 22,
	BFD_A_SESSION_PASSIVE = 23,
	BFD_A_SESSION_ADMIN_DOWN = 24,
	BFD_A_SESSION_UPTIME_MS = 25,
	BFD_A_SESSION_LAST_UP_TIME = 26,
	BFD_A_SESSION_LAST_DOWN_TIME = 27,
	BFD_A_SESSION_STATS = 28,
	BFD_A_SESSION_EVENT = 29,
	BFD_A_SESSION_PATH_READY = 30,
	BFD_A_SESSION_REMOTE_CPI = 31,
	BFD_A_SESSION_PATH_TYPE = 32,
	BFD_A_SESSION_RX_TTL = 33,
	BFD_A_SESSION_VRF_IFINDEX = 34,
	BFD_A_SESSION_VRF = 35,
	BFD_A_SESSION_DEMAND_ENABLED = 36,
	BFD_A_SESSION_REMOTE_DEMAND = 37,
	BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL = 38,
	BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL = 39,
	BFD_A_SESSION_ECHO_SOURCE_ADDRESS = 40,
	BFD_A_SESSION_POLL_INTERVAL = 41,
	BFD_A_SESSION_HOLD_DOWN_INTERVAL = 42,
	BFD_A_SESSION_CLIENT = 43,
	BFD_A_SESSION_REMOTE_REQUIRED_MIN_ECHO_RX_INTERVAL = 44,
	BFD_A_SESSION_ECHO_TX_INTERVAL_IN_USE = 45,
	BFD_A_SESSION_ADVERTISED_MIN_TX_INTERVAL = 46,
	BFD_A_SESSION_ADVERTISED_MIN_RX_INTERVAL = 47,
	BFD_A_SESSION_POLL_ACTIVE = 48,
	BFD_A_SESSION_BACKOFF = 49,
	BFD_A_SESSION_UNSOLICITED = 50,
	BFD_A_SESSION_LOCAL_CPI = 51,
	BFD_A_SESSION_AUTH_TYPE = 52,
	BFD_A_SESSION_AUTH_KEY_CHAIN = 53,
	BFD_A_SESSION_AUTH_VARIANT = 54,
	BFD_A_SESSION_AUTH_OPTIONAL = 55,
	BFD_A_SESSION_AUTH_KEY_ID = 56,
	BFD_A_SESSION_AUTH_AWAITED_TYPE = 57,
	BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN = 58,
	BFD_A_SESSION_AUTH_AWAITED_VARIANT = 59,
	BFD_A_SESSION_CONFIGURED = 60,
	BFD_A_SESSION_FIXED = 61,
	BFD_A_SESSION_REQUEST = 62,
	BFD_A_SESSION_OBSTACLES = 63,

	__BFD_A_SESSION_MAX,
	BFD_A_SESSION_MAX = (__BFD_A_SESSION_MAX - 1)
};

/**
 * enum bfd_obstacle_attr - what stands in the way of a session
 * @BFD_A_OBSTACLE_PATH_PROBLEM: absent if none is known (u32, enum path-problem)
 * @BFD_A_OBSTACLE_HOLD_DOWN_LEFT: how long the session stays down yet, because it failed before
 *   (hold-down-interval); absent if it isn't held (u64)
 */
enum bfd_obstacle_attr {
	BFD_A_OBSTACLE_PATH_PROBLEM = 1,
	BFD_A_OBSTACLE_HOLD_DOWN_LEFT = 2,

	__BFD_A_OBSTACLE_MAX,
	BFD_A_OBSTACLE_MAX = (__BFD_A_OBSTACLE_MAX - 1)
};

/**
 * enum bfd_stats_attr - counters of a session
 * @BFD_A_STATS_RX_PACKETS: accepted (u64)
 * @BFD_A_STATS_TX_PACKETS: tx packets (u64)
 * @BFD_A_STATS_TX_FAILED: could not be sent (u64)
 * @BFD_A_STATS_RX_INVALID: discarded, by reason; one nest for each reason that was seen (nest, of
 *   discard, repeated)
 * @BFD_A_STATS_UP_COUNT: up count (u32)
 * @BFD_A_STATS_DOWN_COUNT: failures; not counting administrative ones (u32)
 * @BFD_A_STATS_ADMIN_DOWN_COUNT: admin down count (u32)
 * @BFD_A_STATS_RX_GAP_MIN: between accepted packets while up (u32)
 * @BFD_A_STATS_RX_GAP_MAX: rx gap max (u32)
 * @BFD_A_STATS_RX_GAP_AVG: rx gap avg (u32)
 * @BFD_A_STATS_CLOSEST_CALL_PERMILLE: longest silence while up, as a share of the detection time
 *   (u32)
 * @BFD_A_STATS_DETECT_OVERSHOOT_LAST: how long after the detection time Down was declared (u32)
 * @BFD_A_STATS_DETECT_OVERSHOOT_MAX: detect overshoot max (u32)
 * @BFD_A_STATS_ECHO: absent if no echo packet was sent or looped (nest, of echo-stats)
 */
enum bfd_stats_attr {
	BFD_A_STATS_RX_PACKETS = 1,
	BFD_A_STATS_TX_PACKETS = 2,
	BFD_A_STATS_TX_FAILED = 3,
	BFD_A_STATS_RX_INVALID = 4,
	BFD_A_STATS_UP_COUNT = 5,
	BFD_A_STATS_DOWN_COUNT = 6,
	BFD_A_STATS_ADMIN_DOWN_COUNT = 7,
	BFD_A_STATS_RX_GAP_MIN = 8,
	BFD_A_STATS_RX_GAP_MAX = 9,
	BFD_A_STATS_RX_GAP_AVG = 10,
	BFD_A_STATS_CLOSEST_CALL_PERMILLE = 11,
	BFD_A_STATS_DETECT_OVERSHOOT_LAST = 12,
	BFD_A_STATS_DETECT_OVERSHOOT_MAX = 13,
	BFD_A_STATS_ECHO = 14,

	__BFD_A_STATS_MAX,
	BFD_A_STATS_MAX = (__BFD_A_STATS_MAX - 1)
};

/**
 * enum bfd_echo_stats_attr - counters of the echo function of a session
 * @BFD_A_ECHO_STATS_TX_PACKETS: tx packets (u64)
 * @BFD_A_ECHO_STATS_RX_PACKETS: our own that came back (u64)
 * @BFD_A_ECHO_STATS_RX_INVALID: came back too late, twice, or forged (u64)
 * @BFD_A_ECHO_STATS_LOOPED: the peer's, sent back to it (u64)
 * @BFD_A_ECHO_STATS_LOOP_LIMITED: the peer's, discarded because they came faster than granted
 *   (u64)
 * @BFD_A_ECHO_STATS_RTT_MIN: nanoseconds from sending to coming back; absent if none came back
 *   (u64)
 * @BFD_A_ECHO_STATS_RTT_AVG: nanoseconds (u64)
 * @BFD_A_ECHO_STATS_RTT_MAX: nanoseconds (u64)
 */
enum bfd_echo_stats_attr {
	BFD_A_ECHO_STATS_TX_PACKETS = 1,
	BFD_A_ECHO_STATS_RX_PACKETS = 2,
	BFD_A_ECHO_STATS_RX_INVALID = 3,
	BFD_A_ECHO_STATS_LOOPED = 4,
	BFD_A_ECHO_STATS_LOOP_LIMITED = 5,
	BFD_A_ECHO_STATS_RTT_MIN = 6,
	BFD_A_ECHO_STATS_RTT_AVG = 7,
	BFD_A_ECHO_STATS_RTT_MAX = 8,

	__BFD_A_ECHO_STATS_MAX,
	BFD_A_ECHO_STATS_MAX = (__BFD_A_ECHO_STATS_MAX - 1)
};

/**
 * enum bfd_discard_attr - packets discarded for one reason
 * @BFD_A_DISCARD_REASON: reason (string)
 * @BFD_A_DISCARD_COUNT: count (u64)
 */
enum bfd_discard_attr {
	BFD_A_DISCARD_REASON = 1,
	BFD_A_DISCARD_COUNT = 2,

	__BFD_A_DISCARD_MAX,
	BFD_A_DISCARD_MAX = (__BFD_A_DISCARD_MAX - 1)
};

/**
 * enum bfd_event_attr - What happened to a session. Events of the group config have sequence and
 *   time only; the others describe a transition.
 * @BFD_A_EVENT_SEQUENCE: one more than the group's event before; anything else is a loss (u64)
 * @BFD_A_EVENT_TIME: microseconds since 1970 (u64)
 * @BFD_A_EVENT_OLD_STATE: old state (u32, enum session-state)
 * @BFD_A_EVENT_NEW_STATE: new state (u32, enum session-state)
 * @BFD_A_EVENT_DIAGNOSTIC: diagnostic (u32, enum diagnostic)
 * @BFD_A_EVENT_SINCE_LAST_RX: from the last accepted packet to this event; absent if there was
 *   none (u64)
 * @BFD_A_EVENT_DETECT_OVERSHOOT: nanoseconds beyond the detection time; only when it expired
 *   (u64)
 * @BFD_A_EVENT_LATE: happened while no agent ran; reported afterwards (flag)
 * @BFD_A_EVENT_REMOTE_STATE: the peer's, as of then; admin-down says that this is no failure (RFC
 *   5882 3.2) (u32, enum session-state)
 * @BFD_A_EVENT_REMOTE_DIAGNOSTIC: the peer's, as of then (u32, enum diagnostic)
 * @BFD_A_EVENT_OLD_PATH_PROBLEM: in the group config, if path-problem is another than before
 *   (u32, enum path-problem)
 * @BFD_A_EVENT_PATH_CHANGE: in the group config, one for each part of the path that is new (u32,
 *   enum path-change, repeated)
 */
enum bfd_event_attr {
	BFD_A_EVENT_SEQUENCE = 1,
	BFD_A_EVENT_TIME = 2,
	BFD_A_EVENT_OLD_STATE = 3,
	BFD_A_EVENT_NEW_STATE = 4,
	BFD_A_EVENT_DIAGNOSTIC = 5,
	BFD_A_EVENT_SINCE_LAST_RX = 6,
	BFD_A_EVENT_DETECT_OVERSHOOT = 7,
	BFD_A_EVENT_LATE = 8,
	BFD_A_EVENT_REMOTE_STATE = 9,
	BFD_A_EVENT_REMOTE_DIAGNOSTIC = 10,
	BFD_A_EVENT_OLD_PATH_PROBLEM = 11,
	BFD_A_EVENT_PATH_CHANGE = 12,

	__BFD_A_EVENT_MAX,
	BFD_A_EVENT_MAX = (__BFD_A_EVENT_MAX - 1)
};

/**
 * enum bfd_dev_attr - a device on which sessions run
 * @BFD_A_DEV_IFINDEX: ifindex (u32)
 * @BFD_A_DEV_IFNAME: ifname (string)
 * @BFD_A_DEV_ATTACH_MODE: attach mode (u32, enum attach-mode)
 * @BFD_A_DEV_SESSIONS: how many sessions are bound to it (u32)
 * @BFD_A_DEV_PROGRAM_ID: the kernel's id of the attached BPF program (u32)
 * @BFD_A_DEV_CLOCK_MODE: of the transmit clock, which all devices of the namespace share (u32,
 *   enum clock-mode)
 * @BFD_A_DEV_TICK: wanted between its ticks (u32)
 * @BFD_A_DEV_TICK_GAP_MAX: nanoseconds, the worst so far (u64)
 * @BFD_A_DEV_EVENT: in notifications only (nest, of event)
 * @BFD_A_DEV_FAULT: in notifications only, what happened (u32, enum fault)
 * @BFD_A_DEV_REPAIRED: in notifications only, 1 if it is as it was again, 0 if it isn't for now
 *   (u32)
 */
enum bfd_dev_attr {
	BFD_A_DEV_IFINDEX = 1,
	BFD_A_DEV_IFNAME = 2,
	BFD_A_DEV_ATTACH_MODE = 3,
	BFD_A_DEV_SESSIONS = 4,
	BFD_A_DEV_PROGRAM_ID = 5,
	BFD_A_DEV_CLOCK_MODE = 6,
	BFD_A_DEV_TICK = 7,
	BFD_A_DEV_TICK_GAP_MAX = 8,
	BFD_A_DEV_EVENT = 9,
	BFD_A_DEV_FAULT = 10,
	BFD_A_DEV_REPAIRED = 11,

	__BFD_A_DEV_MAX,
	BFD_A_DEV_MAX = (__BFD_A_DEV_MAX - 1)
};

/**
 * enum bfd_agent_attr - the agent and its data plane
 * @BFD_A_AGENT_VERSION: version (string)
 * @BFD_A_AGENT_PID: pid (u32)
 * @BFD_A_AGENT_SESSIONS: sessions (u32)
 * @BFD_A_AGENT_MAX_SESSIONS: max sessions (u32)
 * @BFD_A_AGENT_CLOCK_MODE: clock mode (u32, enum clock-mode)
 * @BFD_A_AGENT_TICK: wanted between ticks (u32)
 * @BFD_A_AGENT_TICK_COUNT: tick count (u64)
 * @BFD_A_AGENT_TICK_GAP_MAX: nanoseconds, the worst so far (u64)
 * @BFD_A_AGENT_EVENT_SEQUENCE: of the last event of the group state (u64)
 * @BFD_A_AGENT_EVENTS_LOST: events that found the ring buffer full (u64)
 * @BFD_A_AGENT_RX_INVALID: packets to us that matched no session, by reason (nest, of discard,
 *   repeated)
 */
enum bfd_agent_attr {
	BFD_A_AGENT_VERSION = 1,
	BFD_A_AGENT_PID = 2,
	BFD_A_AGENT_SESSIONS = 3,
	BFD_A_AGENT_MAX_SESSIONS = 4,
	BFD_A_AGENT_CLOCK_MODE = 5,
	BFD_A_AGENT_TICK = 6,
	BFD_A_AGENT_TICK_COUNT = 7,
	BFD_A_AGENT_TICK_GAP_MAX = 8,
	BFD_A_AGENT_EVENT_SEQUENCE = 9,
	BFD_A_AGENT_EVENTS_LOST = 10,
	BFD_A_AGENT_RX_INVALID = 11,

	__BFD_A_AGENT_MAX,
	BFD_A_AGENT_MAX = (__BFD_A_AGENT_MAX - 1)
};

/**
 * enum bfd_listener_attr - Sources on a device from which sessions are taken without being
 *   configured one by one (RFC 9468). They are passive; what isn't said here has the default of a
 *   session.
 * @BFD_A_LISTENER_PREFIX: 4 or 16 bytes in network order; bits beyond its length are 0 (binary,
 *   4..16 bytes)
 * @BFD_A_LISTENER_PREFIX_LENGTH: up to 32 of IPv4, 128 of IPv6 (u32, 0..128)
 * @BFD_A_LISTENER_IFINDEX: ifindex (u32, 1..4294967295)
 * @BFD_A_LISTENER_IFNAME: ifname (string, 1..15 bytes)
 * @BFD_A_LISTENER_LIMIT: how many sessions may live at once; 64 if absent (u32, 1..16384)
 * @BFD_A_LISTENER_IDLE_TIME: a session that isn't up for so long is removed; a minute if absent;
 *   not below hold-down-interval (u32, 1000000..4294967295)
 * @BFD_A_LISTENER_SESSIONS: how many live (u32)
 * @BFD_A_LISTENER_DESIRED_MIN_TX_INTERVAL: desired min tx interval (u32, 1000..4294967295)
 * @BFD_A_LISTENER_REQUIRED_MIN_RX_INTERVAL: required min rx interval (u32, 1000..4294967295)
 * @BFD_A_LISTENER_LOCAL_MULTIPLIER: local multiplier (u32, 1..255)
 * @BFD_A_LISTENER_DEMAND_ENABLED: demand enabled (u32, 0..1)
 * @BFD_A_LISTENER_DESIRED_MIN_ECHO_TX_INTERVAL: desired min echo tx interval (u32)
 * @BFD_A_LISTENER_REQUIRED_MIN_ECHO_RX_INTERVAL: required min echo rx interval (u32)
 * @BFD_A_LISTENER_POLL_INTERVAL: poll interval (u32)
 * @BFD_A_LISTENER_HOLD_DOWN_INTERVAL: hold down interval (u32)
 * @BFD_A_LISTENER_CONFIGURED: 1 if the agent's configuration file asks for it (u32, 0..1)
 */
enum bfd_listener_attr {
	BFD_A_LISTENER_PREFIX = 1,
	BFD_A_LISTENER_PREFIX_LENGTH = 2,
	BFD_A_LISTENER_IFINDEX = 3,
	BFD_A_LISTENER_IFNAME = 4,
	BFD_A_LISTENER_LIMIT = 5,
	BFD_A_LISTENER_IDLE_TIME = 6,
	BFD_A_LISTENER_SESSIONS = 7,
	BFD_A_LISTENER_DESIRED_MIN_TX_INTERVAL = 8,
	BFD_A_LISTENER_REQUIRED_MIN_RX_INTERVAL = 9,
	BFD_A_LISTENER_LOCAL_MULTIPLIER = 10,
	BFD_A_LISTENER_DEMAND_ENABLED = 11,
	BFD_A_LISTENER_DESIRED_MIN_ECHO_TX_INTERVAL = 12,
	BFD_A_LISTENER_REQUIRED_MIN_ECHO_RX_INTERVAL = 13,
	BFD_A_LISTENER_POLL_INTERVAL = 14,
	BFD_A_LISTENER_HOLD_DOWN_INTERVAL = 15,
	BFD_A_LISTENER_CONFIGURED = 16,

	__BFD_A_LISTENER_MAX,
	BFD_A_LISTENER_MAX = (__BFD_A_LISTENER_MAX - 1)
};

/**
 * enum bfd_key_attr - A key of a key chain. Times are microseconds since 1970, and 0 or absent
 *   means no limit.
 * @BFD_A_KEY_CHAIN: the name of its chain, which begins and ends with its keys (string, 1..31
 *   bytes)
 * @BFD_A_KEY_ID: Auth Key ID, unique in the chain (u32, 0..255)
 * @BFD_A_KEY_TYPE: it is of use to sessions of this type only (u32, enum authentication-type)
 * @BFD_A_KEY_SECRET: requests only, it never comes back; 1 to 16 bytes for simple and the md5
 *   types, 1 to 20 for the sha1 types (binary, 1..20 bytes)
 * @BFD_A_KEY_LENGTH: bytes of the secret (u32)
 * @BFD_A_KEY_SEND_FROM: of the keys that may send, the one with the latest time does (u64,
 *   0..9000000000000000)
 * @BFD_A_KEY_ACCEPT_FROM: accept from (u64, 0..9000000000000000)
 * @BFD_A_KEY_ACCEPT_UNTIL: packets aren't accepted any more; it doesn't end sending (u64,
 *   0..9000000000000000)
 * @BFD_A_KEY_SENDING: 1 if sessions of its type send with it now (u32)
 * @BFD_A_KEY_ACCEPTED: 1 if packets with it are accepted now (u32)
 */
enum bfd_key_attr {
	BFD_A_KEY_CHAIN = 1,
	BFD_A_KEY_ID = 2,
	BFD_A_KEY_TYPE = 3,
	BFD_A_KEY_SECRET = 4,
	BFD_A_KEY_LENGTH = 5,
	BFD_A_KEY_SEND_FROM = 6,
	BFD_A_KEY_ACCEPT_FROM = 7,
	BFD_A_KEY_ACCEPT_UNTIL = 8,
	BFD_A_KEY_SENDING = 9,
	BFD_A_KEY_ACCEPTED = 10,

	__BFD_A_KEY_MAX,
	BFD_A_KEY_MAX = (__BFD_A_KEY_MAX - 1)
};

/**
 * enum bfd_subscribe_attr - events by unicast, for a listener that may not join a group
 * @BFD_A_SUBSCRIBE_GROUPS: bit mask, 1 for config and 2 for state; 0 ends it (u32, 0..3)
 */
enum bfd_subscribe_attr {
	BFD_A_SUBSCRIBE_GROUPS = 1,

	__BFD_A_SUBSCRIBE_MAX,
	BFD_A_SUBSCRIBE_MAX = (__BFD_A_SUBSCRIBE_MAX - 1)
};

/**
 * enum bfd_cmd - operations and notifications
 * @BFD_CMD_SESSION_NEW: Create a session, or with NLM_F_REPLACE change the one with the same
 *   remote address and device. NLM_F_CREATE with NLM_F_EXCL only creates. NLM_F_REPLACE alone
 *   only changes, and absent attributes keep their values. NLM_F_CREATE with NLM_F_REPLACE does
 *   either, and absent attributes get their defaults, but local-diagnostic, which is a signal and
 *   no setting. Name, local address and echo source of a session can't be changed, and
 *   remote-discriminator means new sessions only. With a client a session that is there is
 *   shared, also with NLM_F_EXCL: it runs with the fastest of what its clients ask for. The
 *   answer holds the session.
 * @BFD_CMD_SESSION_DEL: Delete a session, chosen by discriminator, name, or remote address. The
 *   peer is told AdminDown for its detection time. With a client only that client leaves, and the
 *   session lives on if it has another.
 * @BFD_CMD_SESSION_SET: Change a session; attributes that are absent keep their values.
 * @BFD_CMD_SESSION_GET: Show a session, or dump all; a dump may be narrowed by remote address,
 *   local address, device, path type, routing domain or name.
 * @BFD_CMD_SESSION_FLUSH: Delete all sessions, or those of one device or remote address.
 * @BFD_CMD_SESSION_NEW_NTF: a session was created
 * @BFD_CMD_SESSION_SET_NTF: a session was changed by a command, its neighbour changed its timers,
 *   or its path is another; then the event attribute says what of it
 * @BFD_CMD_SESSION_DEL_NTF: a session was deleted
 * @BFD_CMD_SESSION_STATE_NTF: a session changed state; see the event attribute
 * @BFD_CMD_DEV_GET: Show the devices with sessions or listeners.
 * @BFD_CMD_AGENT_GET: Show the agent and its transmit clock.
 * @BFD_CMD_SUBSCRIBE: Ask for events by unicast to the sender's port, for a listener that may not
 *   join a multicast group. Ends with the sender's socket, not with the agent: the next one goes
 *   on.
 * @BFD_CMD_SESSION_POLL: Verify a session that is up by a Poll Sequence (RFC 5880 6.6): it fails
 *   if no Final comes in time. Of use in Demand mode.
 * @BFD_CMD_SESSION_RESET: Forwarding state was lost (RFC 5880 6.8.15): all sessions, or those
 *   that are selected, go down with the diagnostic forwarding-reset.
 * @BFD_CMD_LISTENER_NEW: Take sessions from a prefix on a device; with NLM_F_REPLACE give a
 *   listener that is there new parameters, and its sessions to come. Of several listeners on a
 *   device the one with the longest prefix counts.
 * @BFD_CMD_LISTENER_DEL: Delete a listener, and with it the sessions that it made. Its device may
 *   be named by ifindex, or by ifname, also if it is gone.
 * @BFD_CMD_LISTENER_GET: Show a listener, or dump all.
 * @BFD_CMD_KEY_NEW: Add a key to a key chain, which begins with its first key. With NLM_F_REPLACE
 *   one that is there gets this type, secret and all these times; nothing is written if it has
 *   them. A refused request isn't repeated in the acknowledgement, and nothing that is sent holds
 *   a secret.
 * @BFD_CMD_KEY_SET: Change the times of a key; those that are absent keep their values, and 0
 *   removes one.
 * @BFD_CMD_KEY_DEL: Delete a key, or without id the whole chain. Refused while a session uses it,
 *   and nothing else in its chain is of the session's type.
 * @BFD_CMD_KEY_GET: Show a key, or dump all, or those of one chain; without the secret.
 * @BFD_CMD_FAULT_NTF: Somebody changed what the data plane consists of, on a device or (without
 *   ifindex) beside them; repaired says whether it was put right.
 * @BFD_CMD_SESSION_CHECK: Would session-new with NLM_F_CREATE be accepted, or, with
 *   local-discriminator, session-set? An acknowledgement, or the refusal that it would have;
 *   nothing is changed, and no event tells of it. Without NLM_F_EXCL one with the same remote
 *   address and device, or addresses, is overlooked, as one that is going to be deleted. A device
 *   that has no session yet may still refuse the program.
 * @BFD_CMD_LISTENER_CHECK: The same of listener-new with NLM_F_CREATE and NLM_F_REPLACE.
 */
enum bfd_cmd {
	BFD_CMD_SESSION_NEW = 1,
	BFD_CMD_SESSION_DEL = 2,
	BFD_CMD_SESSION_SET = 3,
	BFD_CMD_SESSION_GET = 4,
	BFD_CMD_SESSION_FLUSH = 5,
	BFD_CMD_SESSION_NEW_NTF = 6,
	BFD_CMD_SESSION_SET_NTF = 7,
	BFD_CMD_SESSION_DEL_NTF = 8,
	BFD_CMD_SESSION_STATE_NTF = 9,
	BFD_CMD_DEV_GET = 10,
	BFD_CMD_AGENT_GET = 11,
	BFD_CMD_SUBSCRIBE = 12,
	BFD_CMD_SESSION_POLL = 13,
	BFD_CMD_SESSION_RESET = 14,
	BFD_CMD_LISTENER_NEW = 15,
	BFD_CMD_LISTENER_DEL = 16,
	BFD_CMD_LISTENER_GET = 17,
	BFD_CMD_KEY_NEW = 18,
	BFD_CMD_KEY_SET = 19,
	BFD_CMD_KEY_DEL = 20,
	BFD_CMD_KEY_GET = 21,
	BFD_CMD_FAULT_NTF = 22,
	BFD_CMD_SESSION_CHECK = 23,
	BFD_CMD_LISTENER_CHECK = 24,

	__BFD_CMD_MAX,
	BFD_CMD_MAX = (__BFD_CMD_MAX - 1)
};

#define BFD_MCGRP_CONFIG "config"
#define BFD_MCGRP_STATE "state"

#endif /* _UAPI_LINUX_BFD_GENL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one header shared by the BPF data plane, the agent and the tests: the
 * values of the pinned maps, the commands of the control program and the events
 * of the ring buffer.  Fixed-width types only, no implicit padding; the static
 * asserts hold on both sides.  It must not hold logic.
 *
 * Any change to a layout here must raise BFD_ABI_VERSION: an agent carries pinned maps of an
 * older version over, member by member of their names (user/dataplane_migrate.c).
 *
 * Times end in _us (microseconds), _ns (nanoseconds of CLOCK_MONOTONIC).
 */
#ifndef IPBFD_ABI_H
#define IPBFD_ABI_H

#include <linux/types.h>
#include <linux/bpf.h> /* struct bpf_spin_lock, struct bpf_timer */

#include "limits.h"
#include "reasons.h"

#define BFD_ABI_VERSION 4

#ifndef BFD_STATIC_ASSERT
#define BFD_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/* bfd.SessionState as on the wire (RFC 5880 4.1). */
enum bfd_state {
	BFD_STATE_ADMIN_DOWN = 0,
	BFD_STATE_DOWN = 1,
	BFD_STATE_INIT = 2,
	BFD_STATE_UP = 3,
};

/* bfd.LocalDiag as on the wire (RFC 5880 4.1). */
enum bfd_diag {
	BFD_DIAG_NONE = 0,
	BFD_DIAG_DETECTION_EXPIRED = 1,
	BFD_DIAG_ECHO_FAILED = 2,
	BFD_DIAG_NEIGHBOR_DOWN = 3,
	BFD_DIAG_FORWARDING_RESET = 4,
	BFD_DIAG_PATH_DOWN = 5,
	BFD_DIAG_CONCATENATED_PATH_DOWN = 6,
	BFD_DIAG_ADMIN_DOWN = 7,
	BFD_DIAG_REVERSE_CONCATENATED_PATH_DOWN = 8,
};

/* Auth Type as on the wire (RFC 5880 4.1), and bfd.AuthType (6.8.1). */
enum bfd_auth_type {
	BFD_AUTH_NONE = 0,
	BFD_AUTH_SIMPLE = 1,
	BFD_AUTH_MD5 = 2,
	BFD_AUTH_METICULOUS_MD5 = 3,
	BFD_AUTH_SHA1 = 4,
	BFD_AUTH_METICULOUS_SHA1 = 5,
	BFD_AUTH_TYPES,
};

/* IPv4 is held as ::ffff:a.b.c.d, so that one key form serves both families. */
struct bfd_address {
	__u8 bytes[16];
};

/* The state variables of RFC 5880 6.8.1 and what their rules need beside them. */
struct bfd_vars {
	__u32 local_discr;
	__u32 remote_discr; /* 0: not known */
	__u8 state;	    /* enum bfd_state */
	__u8 remote_state;
	__u8 diag; /* enum bfd_diag */
	__u8 remote_diag;
	__u8 mult; /* bfd.DetectMult */
	__u8 remote_mult;
	__u8 remote_demand; /* bfd.RemoteDemandMode */
	__u8 passive;	    /* role (RFC 5880 6.1) */
	__u8 admin_down;    /* wanted by the operator */
	__u8 poll;	    /* enum bfd_poll */
	__u8 remote_cpi;    /* the C bit of the last packet */
	__u8 demand;	    /* bfd.DemandMode: wanted by the operator */
	__u8 multihop;	    /* RFC 5883: no echo, and backs off */
	__u8 backoff;	    /* intervals are this many times doubled (RFC 5880 7) */
	__u8 reserved[2];
	__u32 conf_desired_min_tx_us;	 /* as configured */
	__u32 conf_required_min_rx_us;	 /* as configured */
	__u32 desired_min_tx_us;	 /* bfd.DesiredMinTxInterval: as advertised */
	__u32 active_desired_min_tx_us;	 /* as used: RFC 5880 6.8.3 delays a rise */
	__u32 required_min_rx_us;	 /* bfd.RequiredMinRxInterval: as advertised */
	__u32 active_required_min_rx_us; /* as used: RFC 5880 6.8.3 delays a fall */
	__u32 remote_min_rx_us;		 /* bfd.RemoteMinRxInterval, 1 until heard */
	__u32 remote_desired_min_tx_us;
	__u32 remote_min_echo_rx_us;
	__u32 tx_random;	/* this gap's share of the jitter, 0..65535 */
	__u32 echo_tx_us;	/* between our echo packets, as configured; 0: we send none */
	__u32 echo_rx_us;	/* bfd.RequiredMinEchoRxInterval; 0: we loop none back */
	__u32 poll_interval_us; /* in Demand mode, between verifying Polls; 0: on request only */
	__u32 hold_down_us;	/* after a failure, stay Down for so long (RFC 5880 6.8.18) */
	__u64 last_rx_ns;	/* arrival of the last accepted packet, 0: none */
	__u64 last_tx_ns;	/* the last packet on the periodic schedule, 0: none */
	__u64 silence_ns;	/* silence counts from here at the earliest: Demand mode ended */
	__u64 poll_sent_ns;	/* first packet of the Poll Sequence under way, 0: none left yet */
	__u64 poll_done_ns;	/* when the last one ended, or the first could have begun */
	__u64 hold_until_ns;	/* the state machine doesn't leave Down before */
	__u64 backoff_ns;	/* when backoff changed last */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_vars) == 136, "bfd_vars has a hole");

/* A Poll Sequence (RFC 5880 6.5); see kern/poll.h. */
enum bfd_poll {
	BFD_POLL_IDLE = 0,
	BFD_POLL_ACTIVE = 1,   /* P is set until a Final comes */
	BFD_POLL_AGAIN = 2,    /* as ACTIVE, and the values changed on the way */
	BFD_POLL_SEPARATE = 3, /* the next one waits for a packet with F clear */
	BFD_POLL_ENDED = 4,    /* over; no packet with F clear has come since */
};

/* How packets are authenticated (RFC 5880 6.7). */
struct bfd_auth_config {
	__u32 chain;   /* whose keys: the number of a key chain; 0 with BFD_AUTH_NONE */
	__u8 type;     /* enum bfd_auth_type */
	__u8 hmac;     /* SHA1 as FRR computes it: HMAC with the digest's place zeroed */
	__u8 optional; /* in a command: not before the peer does so (RFC 5880 6.7.1) */
	__u8 reserved;
};
BFD_STATIC_ASSERT(sizeof(struct bfd_auth_config) == 8, "bfd_auth_config has a hole");

/* Authentication of a session; see kern/auth.h. */
struct bfd_auth {
	struct bfd_auth_config used;	/* packets are sent so, and accepted only so; but */
	struct bfd_auth_config awaited; /* the first that fits this puts it in place of used */
	__u8 awaiting;
	__u8 sequence_known; /* bfd.AuthSeqKnown */
	__u8 reserved[2];
	__u32 rx_sequence;   /* bfd.RcvAuthSeq */
	__u32 tx_sequence;   /* bfd.XmitAuthSeq, of the last packet */
	__u32 tx_content[6]; /* the mandatory section of the last packet */
	__u32 reserved2;
	__u64 known_until_ns; /* rx_sequence is worth nothing after twice the detection time */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_auth) == 64, "bfd_auth has a hole");

/* A key of a chain.  Times are of CLOCK_TAI, which no step of the clock moves. */
struct bfd_key {
	__u64 send_from_ns;    /* 0: always */
	__u64 accept_from_ns;  /* 0: always */
	__u64 accept_until_ns; /* 0: for ever */
	__u8 id;	       /* Auth Key ID */
	__u8 type;	       /* enum bfd_auth_type: only for sessions of this type */
	__u8 length;	       /* bytes of the secret; 0: there is no key here */
	__u8 reserved;
	__u8 secret[BFD_MAX_SECRET]; /* zero behind its length */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_key) == 48, "bfd_key has a hole");

/* An element of the key_chains map.  Written only by the agent, always as a whole. */
struct bfd_key_chain {
	char name[BFD_KEY_CHAIN_NAME_MAX + 1];
	__s32 tai_offset_s; /* CLOCK_TAI less CLOCK_REALTIME when the times were set */
	__u32 written;	    /* different with each write, */
	struct bfd_key keys[BFD_MAX_CHAIN_KEYS];
	__u32 written_whole; /* and the same if all of the element is of one write */
	__u32 reserved;
};
BFD_STATIC_ASSERT(sizeof(struct bfd_key_chain) == 48 + 48 * BFD_MAX_CHAIN_KEYS,
		  "bfd_key_chain has a hole");

/* What counts a session's life.  Written under the session's lock, but for rx_invalid. */
struct bfd_session_stats {
	__u64 rx_packets; /* accepted */
	__u64 tx_packets;
	__u64 tx_failed;
	__u64 rx_gap_min_ns; /* between accepted packets while Up; 0: none yet */
	__u64 rx_gap_max_ns;
	__u64 rx_gap_sum_ns; /* the average is the sum over the count */
	__u64 rx_gap_count;
	__u64 detect_overshoot_last_ns; /* Down declared this long after the detection time */
	__u64 detect_overshoot_max_ns;
	__u32 down_count;	/* left Up, but not by AdminDown */
	__u32 admin_down_count; /* left Up by AdminDown, of either end */
	__u32 up_count;
	__u32 closest_call_permille; /* longest silence while Up, share of detection time */
	__u64 last_up_ns;	     /* 0: never */
	__u64 last_down_ns;
	__u64 rx_invalid[BFD_DISCARD_COUNT]; /* atomic adds, no lock */
};

/* Our own echo packets (RFC 5880 6.8.9) that haven't come back: so many are remembered. */
#define BFD_ECHO_SENT 32 /* a power of two; a round trip may last 24 intervals */

struct bfd_echo_sent {
	__u64 sent_ns; /* 0: unused, or it came back */
	__u64 nonce;   /* nobody else knows it (RFC 5880 9) */
};

/* The echo function of a session; see kern/echo.h. */
struct bfd_echo {
	__u64 base_ns;	  /* silence counts from here: the first was sent, or one came back; 0: not
			     running */
	__u64 last_tx_ns; /* 0: none */
	__u64 loop_ns;	  /* when the peer's next echo packet is due, by the rate that we granted */
	__u32 sequence;	  /* of the last one sent */
	__u32 tx_random;  /* this gap's share of the jitter, 0..65535 */
	__u32 interval_us; /* in use, 0: not running */
	__u32 reserved;
	struct bfd_echo_sent sent[BFD_ECHO_SENT]; /* by sequence */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_echo) == 552, "bfd_echo has a hole");

struct bfd_echo_stats {
	__u64 tx_packets;
	__u64 rx_packets;   /* came back, and were ours */
	__u64 rx_invalid;   /* came back, but too late, twice or forged */
	__u64 looped;	    /* the peer's, sent back to it */
	__u64 loop_limited; /* the peer's, above the rate that we granted */
	__u64 rtt_min_ns;   /* 0: none yet */
	__u64 rtt_max_ns;
	__u64 rtt_sum_ns; /* over rx_packets */
};

#define BFD_FRAME_HEADER_MAX 62 /* Ethernet 14, IPv6 40, UDP 8 */

/*
 * How this session's packets are sent: a ready header, made by the agent from
 * links, addresses and neighbours.  Only the UDP checksum is filled in later.
 */
struct bfd_path {
	__u32 ifindex;		 /* 0: not resolved, nothing can be sent */
	__u16 header_length;	 /* 42 or 62 */
	__u16 udp_checksum_base; /* folded sum of pseudo header and ports, see kern/tx.h */
	__u8 header[BFD_FRAME_HEADER_MAX];
	__u8 reserved[2];
};
BFD_STATIC_ASSERT(sizeof(struct bfd_path) == 72, "bfd_path has a hole");

/*
 * By which a packet with Your Discriminator zero finds its session: single hop by device
 * and remote address (RFC 5881 3), multihop by both addresses (RFC 5883 4.1).
 */
struct bfd_address_key {
	__u32 ifindex;	/* the device; with multihop the routing domain: a VRF device, or 0 */
	__u32 multihop; /* 0 or 1; the UDP port tells.  Or BFD_KEY_ANY_SOURCE */
	struct bfd_address remote;
	struct bfd_address local; /* all zero if not multihop */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_address_key) == 40, "bfd_address_key has a hole");

/*
 * In place of multihop: on this point-to-point device the session that the first packet is for
 * from whatever source (RFC 5881 6).  remote is :: or ::ffff:0.0.0.0, for the family.
 */
#define BFD_KEY_ANY_SOURCE 2

/* Which sources a listener takes new sessions from (RFC 9468), longest prefix first. */
struct bfd_listener_key {
	__u32 prefix_length; /* bits of what follows: 32 of ifindex, then of the mapped address */
	__u32 ifindex;
	struct bfd_address prefix;
};
BFD_STATIC_ASSERT(sizeof(struct bfd_listener_key) == 24, "bfd_listener_key has a hole");

/* An address that is ours.  ifindex: of link-local ones the device, else the VRF device or 0. */
struct bfd_local_key {
	__u32 ifindex;
	struct bfd_address address;
};

/* A tagged frame's device: what XDP sees, and the tag. */
struct bfd_vlan_key {
	__u32 ifindex;
	__u32 vlan; /* 1..4094; 0: other devices stand on ifindex (VLAN, bridge, bond, macvlan) */
};

enum bfd_slot_use {
	BFD_SLOT_FREE = 0,
	BFD_SLOT_LIVE = 1,
	BFD_SLOT_LINGER = 2, /* deleted; says AdminDown until linger_until_ns (RFC 5880 6.8.16) */
};

/* Reasons to visit a session before its time; kern/clock.h empties them. */
enum bfd_kick {
	BFD_KICK_FINAL = 1,    /* answer a Poll */
	BFD_KICK_NOW = 2,      /* contents changed: RFC 5880 6.8.7 */
	BFD_KICK_SCHEDULE = 4, /* the time of the next packet changed */
};

/* An element of the sessions map, by slot.  Written only by BPF programs. */
struct bfd_session {
	struct bpf_timer timer; /* detection */
	struct bpf_spin_lock lock;
	__u8 use;	       /* enum bfd_slot_use */
	__u8 kick;	       /* enum bfd_kick, flags */
	__u8 kick_queued;      /* an entry in the kick queue is on its way */
	__u8 timer_ready;      /* bpf_timer_init was done */
	__u64 timer_expiry_ns; /* when the detection timer fires, 0: not armed */
	__u64 linger_until_ns;
	__u64 visit_ns;	      /* when the wheel comes to it, 0: not by itself */
	__u64 grace_until_ns; /* after a stall of this machine; see detect.h */
	struct bfd_vars vars;
	struct bfd_auth auth;
	struct bfd_address_key key;
	__u32 slot;
	__u8 min_ttl;	  /* of what is accepted; 255 on a single hop (RFC 5881 5) */
	__u8 any_source;  /* it has the key of any source; the control program's, not locked */
	__u8 look_second; /* of its last look for the neighbour, see neighbour.h */
	__u8 reserved;
	struct bfd_path path;
	struct bfd_path echo_path; /* the same neighbour, addressed to ourselves (RFC 5881 4) */
	struct bfd_echo echo;
	struct bfd_session_stats stats;
	struct bfd_echo_stats echo_stats;
};

/* An element of the session_info map, by slot.  Written only by the agent. */
struct bfd_session_info {
	struct bfd_address local; /* as used; all zero: not resolved */
	struct bfd_address remote;
	__u32 ifindex;
	__u32 flags;	 /* enum bfd_info_flag */
	char ifname[16]; /* as configured, to find the device again */
	char name[BFD_NAME_MAX + 1];
	__u16 source_port; /* host order */
	__u8 min_ttl;	   /* as configured, of a multihop session */
	__u8 told;	   /* the state that listeners have heard of, plus 1; 0: not known */
	__u8 reserved[4];
	__u64 created_ns;
	struct bfd_address echo_source; /* as used for our echo packets; all zero: none */
	__u32 vrf_ifindex;		/* the routing domain, 0: the default one */
	char vrf[16];			/* its name */
	__u32 listener_id;		/* which listener made it, 0: the operator did */
	__u64 idle_ns;			/* since when a listener's session isn't up, 0: it is */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_session_info) == 184, "bfd_session_info has a hole");

enum bfd_info_flag {
	BFD_INFO_USED = 1,
	BFD_INFO_LOCAL_FIXED = 2, /* the operator named the local address */
	BFD_INFO_MULTIHOP = 4,	  /* then ifindex and ifname are those of the route */
	BFD_INFO_ECHO_SOURCE_FIXED = 8,
	BFD_INFO_POINT_TO_POINT = 16, /* its link has but one neighbour (RFC 5881 6) */
	BFD_INFO_CONFIGURED = 32,     /* the configuration file asks for it, not only a command */
};

/* Commands of the control program, in the data of its BPF_PROG_TEST_RUN. */
enum bfd_control_op {
	BFD_CONTROL_CREATE = 1,	  /* slot, config, key, path, any_source */
	BFD_CONTROL_DELETE = 2,	  /* slot; lingers in AdminDown */
	BFD_CONTROL_DROP = 3,	  /* slot; at once, nothing is said */
	BFD_CONTROL_SET = 4,	  /* slot, config by config.set */
	BFD_CONTROL_SET_PATH = 5, /* slot, key, path, any_source */
	BFD_CONTROL_ADOPT = 6,	  /* slot; timer callback of this program, clock visit */
	BFD_CONTROL_CLOCK =
		7, /* tick_us, shaped_ifindex; a new generation of tick frames, in the answer */
	BFD_CONTROL_POLL = 8,  /* slot; verify a session in Demand mode (RFC 5880 6.6) */
	BFD_CONTROL_RESET = 9, /* slot; forwarding state was lost (RFC 5880 6.8.15) */
	BFD_CONTROL_TICK = 10, /* tick_us, of the tick frames that circulate */
};

/* Which members of bfd_config a SET means. */
enum bfd_config_set {
	BFD_CONFIG_DESIRED_MIN_TX = 1,
	BFD_CONFIG_REQUIRED_MIN_RX = 2,
	BFD_CONFIG_MULT = 4,
	BFD_CONFIG_PASSIVE = 8,
	BFD_CONFIG_ADMIN_DOWN = 16,
	BFD_CONFIG_DEMAND = 32,
	BFD_CONFIG_POLL_INTERVAL = 64,
	BFD_CONFIG_ECHO_TX = 128,
	BFD_CONFIG_ECHO_RX = 256,
	BFD_CONFIG_HOLD_DOWN = 512,
	BFD_CONFIG_DIAG = 1024, /* path_diag: say it while Up (RFC 5880 6.8.17) */
	BFD_CONFIG_MIN_TTL = 2048,
	BFD_CONFIG_AUTH = 4096,
	BFD_CONFIG_ALL = 8191,
	/* No member: of what is remembered of a client or a listener, as BFD_INFO_CONFIGURED. */
	BFD_CONFIG_CONFIGURED = 8192,
};

struct bfd_config {
	__u32 set; /* enum bfd_config_set, flags; CREATE means all */
	__u32 desired_min_tx_us;
	__u32 required_min_rx_us;
	__u8 mult;
	__u8 passive;
	__u8 admin_down;
	__u8 diag; /* enum bfd_diag to say with admin_down */
	__u8 demand;
	__u8 multihop;	/* CREATE only */
	__u8 min_ttl;	/* of a multihop session */
	__u8 path_diag; /* none, or one of the concatenated-path ones */
	__u32 poll_interval_us;
	__u32 echo_tx_us;
	__u32 echo_rx_us;
	__u32 hold_down_us;
	__u32 remote_discr; /* CREATE only: known beforehand (RFC 5883 4.2), 0: not */
	struct bfd_auth_config auth;
};
BFD_STATIC_ASSERT(sizeof(struct bfd_config) == 48, "bfd_config has a hole");

/* An element of the listeners map.  Written only by the agent. */
struct bfd_listener {
	__u32 id;		  /* unique, never 0 */
	__u32 limit;		  /* of sessions */
	__u64 idle_ms;		  /* a session that isn't up for so long is removed */
	struct bfd_config config; /* of its sessions */
	char ifname[16];
	__u8 prefix_length; /* as the operator said it, of an IPv4 or an IPv6 address */
	__u8 reserved[7];
};
BFD_STATIC_ASSERT(sizeof(struct bfd_listener) == 88, "bfd_listener has a hole");

/* Who shares a session (RFC 5882 4.4), to the struct bfd_config that it asks for. */
struct bfd_client_key {
	__u32 local_discr;
	char name[BFD_CLIENT_NAME_MAX + 1]; /* empty: the operator, beside others */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_client_key) == 20, "bfd_client_key has a hole");

/* Who asked for events by unicast, by netlink port.  The port may be another's once its socket is
 * closed; the number of a socket's inode is not given again.
 */
struct bfd_subscriber {
	__u64 inode;
	__u32 groups; /* bit 0 is group 1 */
	__u32 uid;
};
BFD_STATIC_ASSERT(sizeof(struct bfd_subscriber) == 16, "bfd_subscriber has a hole");

#define BFD_CONTROL_MAGIC 0x62666443U /* no frame can reach it: it is never attached */

struct bfd_control {
	__u32 magic;
	__u32 op; /* enum bfd_control_op */
	__u32 slot;
	__u32 local_discr; /* CREATE: of the new session; else must match the slot's */
	struct bfd_config config;
	struct bfd_address_key key;
	__s32 error; /* answer: 0 or a negative errno */
	struct bfd_path path;
	struct bfd_path echo_path;
	__u32 tick_us;	      /* CLOCK, TICK */
	__u32 shaped_ifindex; /* CLOCK */
	__u32 any_source;     /* 1: take first packets from any source, if no other session does */
	__u32 generation;     /* answer to CLOCK */
	__u32 renewed;	      /* ADOPT: 1 if silence counts from now on, whatever was said before */
	__u32 reserved;
};

enum bfd_event_type {
	BFD_EVENT_STATE = 1,	 /* old_state differs from state */
	BFD_EVENT_FREED = 2,	 /* a lingering slot is free again */
	BFD_EVENT_REMOTE = 3,	 /* remote's timers, multiplier or discriminator changed */
	BFD_EVENT_POLL_DONE = 4, /* our Poll was answered: new timers are in force */
};

/* A record of the events ring buffer.  local_* is ours, remote_* the peer's last word. */
struct bfd_event {
	__u64 time_ns;
	__u64 sequence;		   /* of this namespace; a gap is a loss */
	__u64 last_rx_ns;	   /* last accepted packet before it */
	__u64 detect_overshoot_ns; /* with diag 1 or 2, else 0 */
	__u32 type;		   /* enum bfd_event_type */
	__u32 slot;
	__u32 local_discr;
	__u32 remote_discr;
	__u8 old_state;
	__u8 state;
	__u8 diag;
	__u8 remote_state;
	__u8 remote_diag;
	__u8 reserved[7];
};
BFD_STATIC_ASSERT(sizeof(struct bfd_event) == 64, "bfd_event has a hole");

/*
 * The other kind of record of that ring buffer, told by its size: a neighbour without a
 * session wants one, and a listener may take it.
 */
struct bfd_newcomer {
	__u64 time_ns;
	__u32 listener_id;
	__u32 ifindex;
	struct bfd_address remote;
	struct bfd_address local;
};
BFD_STATIC_ASSERT(sizeof(struct bfd_newcomer) == 48, "bfd_newcomer has a hole");

/* How many tick frames circulate, so that one that is lost isn't a dead clock. */
#define BFD_TICK_FRAMES 4

/* The only element of the clock map: the transmit clock's own state and figures. */
struct bfd_clock {
	__u64 ticks;
	__u64 last_tick_ns;
	__u64 gap_max_ns;    /* the longest time without a tick while there were sessions */
	__u64 kicks_lost;    /* the kick queue was full; the wheel finds them later */
	__u64 sends_carried; /* ticks that ended at their bound with work left */
	__u64 events_lost;   /* the ring buffer was full */
	__u64 event_sequence;
	__u64 cursor;			   /* the wheel's position, in wheel slots since boot */
	__u32 busy;			   /* a tick is running */
	__u32 sessions;			   /* slots that are not free */
	__u32 tick_us;			   /* the shaped rate, as the agent told us */
	__u32 generation;		   /* of the tick frames; others are dropped */
	__u32 frame_seen[BFD_TICK_FRAMES]; /* low 32 bits of the tick it last came with */
	__u32 frames_respawned;		   /* lost tick frames that were made again */
	__u32 shaped_ifindex; /* where tick frames go back to; 0: the agent injects each */
	__u32 rushed;	      /* ticks in a row that came far too early: the shaper is gone */
	__u32 stood_in;	      /* times that a received packet did a tick's work, for none came */
};

/*
 * A tick frame: this, padded to BFD_TICK_LENGTH.  Host order where not said
 * otherwise.  It never leaves the pair of clock devices; the same after the Ethernet
 * addresses marks a frame that XDP hands on to the program that answers.
 */
struct bfd_tick_frame {
	__u8 destination[6];
	__u8 source[6];
	__u16 ethertype;  /* BFD_TICK_ETHERTYPE in network order */
	__u16 number;	  /* 0..BFD_TICK_FRAMES - 1; above: an extra tick, which ends there */
	__u32 generation; /* bfd_clock.generation; frames of another are dropped */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_tick_frame) == 20, "bfd_tick_frame has a hole");

#define BFD_TICK_LENGTH 60	  /* bytes, without the frame check sequence */
#define BFD_TICK_ETHERTYPE 0x88b5 /* IEEE 802 local experimental 1; never leaves this machine */

#endif /* IPBFD_ABI_H */

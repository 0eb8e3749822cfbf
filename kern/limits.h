/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one table of defaults, limits and protocol constants.  Times are in
 * microseconds unless the name says otherwise.  Code, help texts and the manual
 * take their numbers from here.  It must not hold logic or types.
 */
#ifndef IPBFD_LIMITS_H
#define IPBFD_LIMITS_H

#define BFD_DEFAULT_DESIRED_MIN_TX 300000 /* RFC 9314 has no default; FRR's */
#define BFD_DEFAULT_REQUIRED_MIN_RX 300000
#define BFD_DEFAULT_MULTIPLIER 3

/* Four of the fastest ticks: less would leave jitter no room (RFC 5880 6.8.7). */
#define BFD_MIN_INTERVAL 1000
#define BFD_MAX_INTERVAL 4294967295U /* the wire's 32 bits */
#define BFD_MIN_MULTIPLIER 1
#define BFD_MAX_MULTIPLIER 255

#define BFD_DEFAULT_MIN_TTL 1 /* of a multihop session: any */
#define BFD_DEFAULT_ECHO_TX 50000
#define BFD_DEFAULT_ECHO_RX 50000
#define BFD_MIN_ECHO_INTERVAL 3300
/* While echo runs, control packets needn't be fast (RFC 5880 6.8.3). */
#define BFD_ECHO_SLOW_RX 1000000

/* A detection timer is started for no earlier than this from now. */
#define BFD_MIN_TIMER_DELAY 50

/* A multihop session that fails within this time after coming up backs off (RFC 5880 7). */
#define BFD_BACKOFF_WINDOW 60000000
#define BFD_MAX_BACKOFF 2 /* times doubled */

#define BFD_DEFAULT_LISTEN_LIMIT 64	 /* sessions of one listener */
#define BFD_DEFAULT_LISTEN_IDLE 60000000 /* a session that is not up for so long is removed */
#define BFD_MIN_LISTEN_IDLE 1000000

/* Floor of bfd.DesiredMinTxInterval while not Up (RFC 5880 6.8.3). */
#define BFD_SLOW_TX 1000000

#define BFD_UDP_PORT 3784	   /* RFC 5881 4 */
#define BFD_ECHO_UDP_PORT 3785	   /* RFC 5881 4; its section 8 has a misprint */
#define BFD_MULTIHOP_UDP_PORT 4784 /* RFC 5883 5 */
#define BFD_SOURCE_PORT_FIRST 49152
/* One source port for each session, system-wide (RFC 5881 4), so no more than ports. */
#define BFD_MAX_SESSIONS 16384
#define BFD_TTL 255
#define BFD_TRAFFIC_CLASS 0xc0 /* DSCP CS6, ECN 0 */

#define BFD_PACKET_LENGTH 24	  /* mandatory section */
#define BFD_AUTH_PACKET_LENGTH 26 /* shortest with the A bit */
#define BFD_VERSION 1

#define BFD_MAX_SECRET 20	  /* bytes of a SHA1 key (RFC 5880 6.7.4), */
#define BFD_MAX_SECRET_SHORT 16	  /* of a password and of an MD5 key (6.7.2, 6.7.3) */
#define BFD_KEY_CHAIN_NAME_MAX 31 /* bytes, without the NUL */
#define BFD_MAX_CHAIN_KEYS 16	  /* keys of one chain */
#define BFD_MAX_KEY_CHAINS 1024

#define BFD_NAME_MAX 63	       /* bytes of a session's name, without the NUL */
#define BFD_CLIENT_NAME_MAX 15 /* and of a client's */

#define BFD_MAX_SUBSCRIBERS 256 /* by unicast, see genl/client.h */

/* Where the family lives in NETLINK_USERSOCK: the agent's port (design section 5). */
#define BFD_USERSOCK_PORT 3784

#endif /* IPBFD_LIMITS_H */

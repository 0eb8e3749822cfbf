/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the sources of `ip bfd` share.  Like them it is written for two builds:
 * in an iproute2 tree, and outside with the headers in compat/.
 *
 * Statuses are iproute2's: 0, -1 for what fails here (exit status 1), -2 for
 * what the agent or the kernel refuses (2).  Whoever returns one has said on
 * stderr, in one line, what is wrong.
 */
#ifndef IPBFD_H
#define IPBFD_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "genl/generated/policy.h"
#include "kern/limits.h"

#define BFD_STATUS_LOCAL (-1)
#define BFD_STATUS_REMOTE (-2)

/* Netlink: ipbfd_netlink.c. */

/* A connection to the family, wherever it is served. */
struct bfd_socket {
	int fd; /* -1: closed */
	uint32_t own_port;
	uint32_t peer_port;    /* 0: the kernel, else the agent's */
	uint16_t family;       /* the message type */
	uint32_t sequence;     /* of the last request */
	uint32_t group_config; /* multicast groups, 0: unknown */
	uint32_t group_state;
	bool quiet; /* say nothing on stderr */
};

#define BFD_SOCKET_CLOSED                                                                          \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* A request under construction; append with addattr_l() and the like. */
struct bfd_request {
	struct nlmsghdr n;
	struct genlmsghdr g;
	char attributes[1024];
};

/* What is received; attributes are indexed by type. */
struct bfd_message {
	const struct nlmsghdr *n;
	uint8_t command;
	struct rtattr *attributes; /* after the generic netlink header */
	int length;		   /* of all attributes, bytes */
};

/* Returns 0, or a status that ends the exchange. */
typedef int (*bfd_message_fn)(const struct bfd_message *message, void *context);

/* Open, if it isn't open yet, and resolve the family: that of the kernel, else the agent's. */
int bfd_open(struct bfd_socket *s);
void bfd_close(struct bfd_socket *s);

void bfd_request_init(struct bfd_request *request, uint8_t command, uint16_t flags);
/* Send, wipe the request, and pass what is answered to handle (NULL: not interesting) up to the
 * end: an acknowledgement, or the end of the dump.  Waits a bounded time for each message.
 */
int bfd_talk(struct bfd_socket *s, struct bfd_request *request, bfd_message_fn handle,
	     void *context);

/* The same in two steps, for a listener: the answer comes among the events. */
int bfd_send(struct bfd_socket *s, struct bfd_request *request);

enum bfd_received {
	BFD_RECEIVED_MESSAGES, /* handle was called for each, if any */
	BFD_RECEIVED_NOTHING,  /* timeout_ms are over */
	BFD_RECEIVED_OVERRUN,  /* the kernel had no room: messages are lost */
	BFD_RECEIVED_END,      /* acknowledgement or end of a dump; *status is set */
	BFD_RECEIVED_ERROR,    /* *status is set */
};

/* Receive one datagram, waiting for timeout_ms (-1: for ever). */
enum bfd_received bfd_receive(struct bfd_socket *s, int timeout_ms, bfd_message_fn handle,
			      void *context, int *status);
/* Join both multicast groups.  0 or a negative errno, nothing is said. */
int bfd_join_groups(struct bfd_socket *s);

/* Attributes of a wrong length count as absent. */
uint32_t bfd_attr_u32(struct rtattr *const *tb, int type, uint32_t absent);
uint64_t bfd_attr_u64(struct rtattr *const *tb, int type, uint64_t absent);
/* NULL if absent or not terminated. */
const char *bfd_attr_string(struct rtattr *const *tb, int type);

/* The command line: ipbfd_arguments.c. */

/* An address as given or received; family 0: none. */
struct bfd_inet_address {
	int family;
	uint8_t bytes[16];
};

struct bfd_prefix {
	struct bfd_inet_address address;
	uint32_t length;
};

struct bfd_selector {
	uint32_t local_discr; /* 0: any */
	const char *name;     /* NULL: any */
	struct bfd_inet_address remote;
	struct bfd_inet_address local;
	uint32_t ifindex;     /* 0: any */
	bool multihop;	      /* those only */
	uint32_t vrf_ifindex; /* 0: any */
};

/* All that a command line can say about a session or a listener. */
struct bfd_arguments {
	struct bfd_selector selector;
	const char *dev; /* the name behind selector.ifindex */
	const char *vrf; /* and that of selector.vrf_ifindex */
	/* With BFD_WORDS_ANY_DEVICE a device that isn't there, NULL: there is none such. */
	const char *absent;
	bool any_device;
	struct bfd_inet_address echo_source;
	const char *client;
	const char *key_chain;
	const char *auth_variant; /* "rfc" or "hmac" */
	bool auth_optional;
	bool given[BFD_A_SESSION_MAX + 1]; /* by attribute */
	uint32_t values[BFD_A_SESSION_MAX + 1];
};

/* Which words a command takes. */
enum bfd_words {
	BFD_WORDS_NEW = 1,	   /* a session to be made: addresses and parameters */
	BFD_WORDS_CHANGE = 2,	   /* a selector, and parameters that can be changed */
	BFD_WORDS_SELECT = 4,	   /* a selector */
	BFD_WORDS_DELETE = 8,	   /* a selector, and a client */
	BFD_WORDS_LISTEN = 16,	   /* device and parameters of a listener */
	BFD_WORDS_LISTENER = 32,   /* its device only */
	BFD_WORDS_ANY_DEVICE = 64, /* beside others: also a device that isn't there */
};

/* These end the program, with one line on stderr, if a word is wrong. */
void bfd_parse_arguments(int argc, char **argv, unsigned int commands, struct bfd_arguments *args);
/* Up to the end of the command line. */
void bfd_parse_selector(int argc, char **argv, struct bfd_selector *selector);
/* ADDR/LENGTH, or ADDR alone for that one. */
void bfd_parse_prefix(char *arg, struct bfd_prefix *prefix);

/*
 * A decimal number and a unit.  There is no default unit: tc would take a bare
 * number for microseconds, `ip route` for milliseconds, and FRR too.
 */
enum bfd_time_form {
	BFD_TIME_GOOD,
	BFD_TIME_NONE,	   /* it is something else */
	BFD_TIME_NO_UNIT,  /* or one that there isn't */
	BFD_TIME_TOO_FINE, /* not whole microseconds */
};

enum bfd_time_form bfd_read_time(const char *arg, uint64_t *time_us);

/* The types of authentication that have keys. */
#define BFD_AUTH_TYPE_WORDS                                                                        \
	"\"simple\", \"md5\", \"meticulous-md5\", \"sha1\" or \"meticulous-sha1\""
/* BFD_AUTHENTICATION_TYPE_NONE also if there is no such type. */
uint32_t bfd_auth_type_by_name(const char *name);

/* Is there any parameter, beside a selector? */
bool bfd_has_config(const struct bfd_arguments *args);
void bfd_add_selector(struct bfd_request *request, const struct bfd_selector *selector);
void bfd_add_config(struct bfd_request *request, const struct bfd_arguments *args);
void bfd_add_address(struct bfd_request *request, int type, const struct bfd_inet_address *address);
/* As attributes of a listener. */
void bfd_add_listener_config(struct bfd_request *request, const struct bfd_arguments *args);

/* Teaching: ipbfd_help.c.  Exit with status 255, as iproute2 does. */
void bfd_usage(void) __attribute__((noreturn));
/* Of one command, NULL: all. */
void bfd_help_topic(const char *topic) __attribute__((noreturn));

/* Selecting sessions: ipbfd.c. */

/* True if the session with these attributes is meant, also by -4 and -6. */
bool bfd_selected(const struct bfd_selector *selector, struct rtattr *const *tb);
struct bfd_inet_address bfd_attr_address(struct rtattr *const *tb, int type);

/* Talking: ipbfd.c.  By the socket that is kept between the lines of a batch. */

int bfd_talk_default(struct bfd_request *request);
/* The same, and pass what is answered to handle. */
int bfd_ask(struct bfd_request *request, bfd_message_fn handle, void *context);
/* The same, and print what is answered, between the brackets of JSON. */
int bfd_talk_and_print(struct bfd_request *request, bfd_message_fn print, void *context);

/* Printing: ipbfd_print.c. */

#define BFD_TIME_TEXT 32

const char *bfd_state_name(uint32_t state);
const char *bfd_diag_name(uint32_t diag);
const char *bfd_path_problem_name(uint32_t problem);
const char *bfd_path_change_name(uint32_t change);
const char *bfd_fault_name(uint32_t fault);
/* Of a session's attributes. */
const char *bfd_path_problem_of(struct rtattr *const *tb);
const char *bfd_auth_type_name(uint32_t type);
/* A span of time such as 3.3ms; buffer of BFD_TIME_TEXT bytes. */
const char *bfd_format_time(uint64_t time_us, char *buffer);
const char *bfd_format_address(const struct bfd_inet_address *address, char *buffer, size_t size);

/* A moment in microseconds since 1970, if it is there; format holds one %s. */
void bfd_print_moment(struct rtattr *const *tb, int type, const char *key, const char *format);
/* Always there in JSON, in text only if it is set. */
void bfd_print_bool(struct rtattr *const *tb, int type, const char *key, const char *text);

/* One session in the form that the options ask for; bfd_message_fn, context: a struct
 * bfd_selector, NULL: all.
 */
int bfd_print_session(const struct bfd_message *message, void *context);
/* Its members only, within an open JSON object. */
void bfd_print_session_members(const struct bfd_message *message, struct rtattr *const *tb);
/* `id N`, what `add` prints; bfd_message_fn. */
int bfd_print_session_id(const struct bfd_message *message, void *context);
/* id, addresses, device and name, as they'd be typed. */
void bfd_print_session_key(struct rtattr *const *tb);
/* Intervals and multiplier, as configured and as in force. */
void bfd_print_session_timers(struct rtattr *const *tb);
int bfd_print_dev(const struct bfd_message *message, void *context);
int bfd_print_agent(const struct bfd_message *message, void *context);
int bfd_print_listener(const struct bfd_message *message, void *context);

/* Keys and authentication: ipbfd_key.c. */

enum { BFD_KEY_SEND_FROM, BFD_KEY_ACCEPT_FROM, BFD_KEY_ACCEPT_UNTIL, BFD_KEY_TIMES };

/* All that a command line can say of a key. */
struct bfd_key_arguments {
	const char *chain;
	bool has_id, has_type, has_secret;
	uint32_t id;
	uint32_t type;
	size_t length;
	uint8_t secret[BFD_MAX_SECRET];
	bool has_time[BFD_KEY_TIMES];
	uint64_t times_us[BFD_KEY_TIMES];
};

int bfd_key(int argc, char **argv);
/* What follows "key add"; ends the program if a word is wrong.  The caller wipes the secret. */
void bfd_parse_key_add(int argc, char **argv, struct bfd_key_arguments *args);
/* As attributes. */
void bfd_add_key(struct bfd_request *request, const struct bfd_key_arguments *args);
/* Of a session, if it has any. */
void bfd_print_session_auth(struct rtattr *const *tb);

/* ipbfd_monitor.c */
int bfd_monitor(int argc, char **argv);

/* ipbfd_save.c, ipbfd_restore.c */
int bfd_save(int argc, char **argv);
int bfd_restore(int argc, char **argv);
/* A file that nobody else must write to for it to end: not a FIFO, for which a configuration would
 * wait for good.  Returns its descriptor, or -1, and in *why the reason.
 */
int bfd_open_regular(const char *path, const char **why);

#endif /* IPBFD_H */

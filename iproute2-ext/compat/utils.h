/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `ip bfd` needs of iproute2's utils.h, for the build outside of an
 * iproute2 tree: same names, same behaviour, own code.  In the tree this
 * directory isn't on the include path and iproute2's own header is found.
 * It must not hold anything that iproute2's header doesn't have.
 */
#ifndef IPBFD_COMPAT_UTILS_H
#define IPBFD_COMPAT_UTILS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "json_print.h"
#include "libnetlink.h"
#include "ll_map.h"

/* What the global options set. */
extern int preferred_family; /* -4, -6: AF_INET, AF_INET6, else AF_UNSPEC */
extern int show_stats;
extern int show_details;
extern int oneline;
extern int brief;
extern int json;
extern int pretty;
extern int timestamp;
extern int timestamp_short;
extern int echo_request;
extern int force;
extern int batch_mode;
extern const char *_SL_; /* line separator: newline, or a backslash with -o */

#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))

#define MAX_ARGS 512 /* words in a line of a batch */

#define NEXT_ARG()                                                                                 \
	do {                                                                                       \
		argv++;                                                                            \
		if (--argc <= 0)                                                                   \
			incomplete_command();                                                      \
	} while (0)
#define NEXT_ARG_OK() (argc - 1 > 0)

/* These print one line on stderr and exit with status 255. */
void incomplete_command(void) __attribute__((noreturn));
void missarg(const char *key) __attribute__((noreturn));
void invarg(const char *msg, const char *arg) __attribute__((noreturn));
void duparg(const char *key, const char *arg) __attribute__((noreturn));

/* Says that there is no such device; returns -1, for exit status 1. */
int nodev(const char *dev);

/* False (like strcmp) if prefix is a prefix of string. */
bool matches(const char *prefix, const char *string);

/* Base 0: what strtoul takes.  0, or -1 if arg is no such number. */
int get_u32(uint32_t *val, const char *arg, int base);

/* Run the commands in a file ("-": standard input).  Returns an exit status. */
extern int cmdlineno;
int do_batch(const char *name, bool keep_going, int (*cmd)(int argc, char *argv[], void *user),
	     void *user);
/* Cut a line into words at white space, but for quoted ones; argv ends with NULL. */
int makeargs(char *line, char *argv[], int maxargs);
/* The next line, without comment and with continuation lines joined; -1 at the end. */
ssize_t getcmdline(char **line, size_t *len, FILE *in);

#endif /* IPBFD_COMPAT_UTILS_H */

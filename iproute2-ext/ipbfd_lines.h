/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lines that "ip bfd restore" is given, and what of the agent's state each one means.
 */
#ifndef IPBFD_LINES_H
#define IPBFD_LINES_H

#include "ipbfd_state.h"

enum bfd_line_kind { BFD_LINE_SESSION, BFD_LINE_LISTENER, BFD_LINE_KEY };

struct bfd_line {
	enum bfd_line_kind kind;
	int number; /* in the file */
	struct bfd_arguments args;
	struct bfd_prefix prefix;
	struct bfd_key_arguments key;
	struct bfd_values values;
	size_t next_alike; /* of those that may contradict it; plus 1, 0: the last */
	size_t next_named; /* of those that may have the same name; plus 1, 0: the last */

	/* ipbfd_restore.c's */
	struct bfd_state_session *session; /* that is there, NULL: none */
	struct bfd_wish *wish;		   /* of this client, NULL: none */
	struct bfd_state_listener *listener;
	size_t next_of_session; /* of those that mean the same session; plus 1, 0: the last */
};

/* There may be thousands of lines and of sessions. */
#define BFD_BUCKETS 4096

struct bfd_lines {
	const char *file;
	bool any_device; /* also one that isn't there */
	char *text;
	size_t length;
	char *at; /* what is to be read next */
	int next_number;
	struct bfd_line *all;
	size_t count;
	size_t alike[BFD_BUCKETS]; /* the first line, by hash; plus 1, 0: none */
	size_t named[BFD_BUCKETS]; /* the same of those with a name */
};

/* All lines of a file, "-" is standard input.  A wrong one ends the program, and says where. */
void bfd_read_lines(struct bfd_lines *lines, const char *file, bool any_device);

/* The keys of a session must be there by then: in the file, or already.  If not it ends, too. */
void bfd_check_keys(const struct bfd_lines *lines, const struct bfd_state *state);

/* Are they there already? */
bool bfd_has_keys(const struct bfd_state *state, const char *chain, uint32_t type);

/* No secret stays in memory. */
void bfd_forget_lines(struct bfd_lines *lines);

bool bfd_same_inet(const struct bfd_inet_address *a, const struct bfd_inet_address *b);
bool bfd_same_prefix(const struct bfd_prefix *a, const struct bfd_prefix *b);

/* NULL is as good as an empty one. */
bool bfd_same_text(const char *a, const char *b);

/* Of an address after what else there is; an unset one leaves it as it is. */
uint32_t bfd_hash_inet(uint32_t hash, const struct bfd_inet_address *address);

/* Of a text. */
uint32_t bfd_hash_text(const char *text);

/* Where such a hash begins. */
#define BFD_HASH_START 2166136261U

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * The lines that "ip bfd restore" is given: a file is read whole, and what each line means.  A line
 * that is wrong, or contradicts another one, ends the program before anything was changed.
 *
 * It must not ask the agent, nor change anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "utils.h"
#include "ip_common.h"
#include "ipbfd_lines.h"

/* ---- where an error is ---- */

static const char *reading_file;
static int reading_line; /* 0: not reading any more */

/* Those who find a word wrong end the program. */
static void say_where(void)
{
	if (reading_line)
		fprintf(stderr, "Command failed %s:%d, and nothing was changed.\n", reading_file,
			reading_line);
}

static void __attribute__((noreturn)) refuse(const char *text)
{
	fprintf(stderr, "Error: %s.\n", text);
	exit(1);
}

/* ---- the lines ---- */

int bfd_open_regular(const char *path, const char **why)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0) {
		*why = strerror(errno);
	} else if (S_ISREG(status.st_mode) ||
		   (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3))) {
		return fd; /* or /dev/null, which is as good as an empty one */
	} else {
		*why = "it is not a regular file";
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static FILE *open_file(const char *path)
{
	const char *why = NULL;
	int fd = bfd_open_regular(path, &why);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	if (in)
		return in;
	fprintf(stderr, "Error: cannot read \"%s\": %s.\n", path, why ? why : strerror(errno));
	exit(1);
}

static void read_file(struct bfd_lines *lines)
{
	bool is_stdin = !strcmp(lines->file, "-") || !strcmp(lines->file, "/dev/stdin");
	FILE *in = is_stdin ? stdin : open_file(lines->file);
	size_t size = 0;

	if (is_stdin)
		lines->file = "standard input";
	while (!feof(in) && !ferror(in)) {
		/* realloc() would leave a copy of what may be a key. */
		char *more = malloc(size + 65536 + 1);

		if (!more)
			refuse("out of memory");
		memcpy(more, lines->text ? lines->text : "", lines->length);
		if (lines->text)
			explicit_bzero(lines->text, lines->length);
		free(lines->text);
		lines->text = more;
		size += 65536;
		lines->length += fread(lines->text + lines->length, 1, size - lines->length, in);
	}
	if (ferror(in) || !lines->text) {
		fprintf(stderr, "Error: cannot read \"%s\": %s.\n", lines->file, strerror(errno));
		exit(1);
	}
	if (!is_stdin)
		fclose(in);
	lines->text[lines->length] = '\0';
	if (strlen(lines->text) != lines->length)
		refuse("a byte of the file is 0: it isn't text");
	lines->at = lines->text;
	lines->next_number = 1;
}

/* White space, comments and the ends of lines that go on; true: a word follows in this line. */
static bool skip_to_word(struct bfd_lines *lines)
{
	for (;;) {
		lines->at += strspn(lines->at, " \t\r");
		if (*lines->at == '#')
			lines->at += strcspn(lines->at, "\n");
		if (lines->at[0] == '\\' && lines->at[1] == '\n') {
			lines->at += 2;
			lines->next_number++;
			continue;
		}
		return *lines->at && *lines->at != '\n';
	}
}

/* Its end is overwritten, so the character there is taken at once. */
static char *take_word(struct bfd_lines *lines, bool *line_ends)
{
	char quote = *lines->at == '"' || *lines->at == '\'' ? *lines->at++ : '\0';
	char *word = lines->at, *end;

	end = word +
	      (quote ? strcspn(word, (char[]){quote, '\n', '\0'}) : strcspn(word, " \t\r\n#"));
	if (quote && *end != quote)
		refuse("a quoted word has no end");
	*line_ends = *end == '\n' || *end == '#';
	lines->at = end;
	if (*end == '#')
		lines->at += strcspn(end, "\n");
	if (*lines->at) {
		lines->next_number += *lines->at == '\n';
		lines->at++;
	} else {
		*line_ends = true;
	}
	*end = '\0';
	return word;
}

/* The words of the next line that has any; 0: there is none. */
static int next_line(struct bfd_lines *lines, char *argv[MAX_ARGS])
{
	bool line_ends = false;
	int argc = 0;

	while (!skip_to_word(lines)) {
		if (!*lines->at)
			return 0;
		lines->at++;
		lines->next_number++;
	}
	reading_line = lines->next_number;
	do {
		if (argc == MAX_ARGS - 1)
			refuse("too many words");
		argv[argc++] = take_word(lines, &line_ends);
	} while (!line_ends && skip_to_word(lines));
	argv[argc] = NULL;
	return argc;
}

/* ---- their meaning ---- */

static void take_values(struct bfd_line *line, bool of_session)
{
	const struct bfd_arguments *args = &line->args;
	const struct bfd_parameter *parameter;

	for (parameter = bfd_parameters; parameter->name; parameter++)
		if (of_session ? parameter->session : parameter->listener)
			line->values.of[parameter->place] = args->given[parameter->place]
								    ? args->values[parameter->place]
								    : parameter->absent;
	line->values.admin_down = args->values[BFD_A_SESSION_ADMIN_DOWN];
	if (line->values.admin_down)
		line->values.diag = args->given[BFD_A_SESSION_LOCAL_DIAGNOSTIC]
					    ? args->values[BFD_A_SESSION_LOCAL_DIAGNOSTIC]
					    : BFD_DIAGNOSTIC_ADMIN_DOWN;
}

/* What the agent would refuse, too, but only after others were changed. */
static void check_session(const struct bfd_line *line)
{
	const struct bfd_arguments *args = &line->args;
	bool multihop = args->selector.multihop;

	if (!args->selector.remote.family)
		missarg("remote");
	if (multihop && args->dev)
		invarg("a multihop session is bound to no device", args->dev);
	if (multihop &&
	    (args->values[BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL] ||
	     args->values[BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL] || args->echo_source.family))
		refuse("a multihop session has no echo");
	if (!multihop && args->given[BFD_A_SESSION_RX_TTL])
		refuse("\"min-ttl\" is of multihop sessions");
	if (args->given[BFD_A_SESSION_LOCAL_DIAGNOSTIC] && !line->values.admin_down)
		refuse("\"diag\" can't be kept but with \"admin down\": it is a signal");
	if (line->values.admin_down && line->values.diag < BFD_DIAGNOSTIC_FORWARDING_RESET)
		invarg("is no reason to hold a session down", bfd_diag_name(line->values.diag));
	if (args->auth_variant && !strcmp(args->auth_variant, "hmac") &&
	    args->values[BFD_A_SESSION_AUTH_TYPE] < BFD_AUTHENTICATION_TYPE_SHA1)
		refuse("the variant hmac is of sha1 and meticulous-sha1");
}

static void read_session(struct bfd_lines *lines, int argc, char **argv, struct bfd_line *line)
{
	line->kind = BFD_LINE_SESSION;
	bfd_parse_arguments(argc, argv,
			    BFD_WORDS_NEW | (lines->any_device ? BFD_WORDS_ANY_DEVICE : 0),
			    &line->args);
	take_values(line, true);
	check_session(line);
}

static void read_listener(struct bfd_lines *lines, int argc, char **argv, struct bfd_line *line)
{
	line->kind = BFD_LINE_LISTENER;
	if (argc < 1)
		missarg("PREFIX");
	bfd_parse_prefix(*argv, &line->prefix);
	bfd_parse_arguments(argc - 1, argv + 1,
			    BFD_WORDS_LISTEN | (lines->any_device ? BFD_WORDS_ANY_DEVICE : 0),
			    &line->args);
	if (!line->args.dev)
		missarg("dev");
	take_values(line, false);
}

static void read_line(struct bfd_lines *lines, int argc, char **argv, struct bfd_line *line)
{
	const char *command;

	line->number = reading_line;
	if (!strcmp(*argv, "bfd")) {
		argc--;
		argv++;
	}
	command = argc > 0 ? argv[0] : "";
	if (!strcmp(command, "add"))
		return read_session(lines, argc - 1, argv + 1, line);
	if (!strcmp(command, "listen") && argc > 1 && !strcmp(argv[1], "add"))
		return read_listener(lines, argc - 2, argv + 2, line);
	if (!strcmp(command, "listen"))
		return read_listener(lines, argc - 1, argv + 1, line);
	line->kind = BFD_LINE_KEY;
	if (!strcmp(command, "key") && argc > 1 && !strcmp(argv[1], "add"))
		return bfd_parse_key_add(argc - 2, argv + 2, &line->key);
	refuse("a line begins with \"bfd add\", \"bfd listen add\" or \"bfd key add\"");
}

bool bfd_same_inet(const struct bfd_inet_address *a, const struct bfd_inet_address *b)
{
	return a->family == b->family &&
	       (!a->family || !memcmp(a->bytes, b->bytes, a->family == AF_INET ? 4 : 16));
}

bool bfd_same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

bool bfd_same_prefix(const struct bfd_prefix *a, const struct bfd_prefix *b)
{
	return a->length == b->length && bfd_same_inet(&a->address, &b->address);
}

/* FNV-1a */
static uint32_t hash_bytes(uint32_t hash, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	while (length--)
		hash = (hash ^ *bytes++) * 16777619U;
	return hash;
}

uint32_t bfd_hash_inet(uint32_t hash, const struct bfd_inet_address *address)
{
	size_t length = address->family == AF_INET6 ? 16 : 4;

	return address->family ? hash_bytes(hash, address->bytes, length) : hash;
}

uint32_t bfd_hash_text(const char *text)
{
	return hash_bytes(BFD_HASH_START, text, strlen(text));
}

/* The same for all that contradict() finds to be too much. */
static uint32_t hash_line(const struct bfd_line *line)
{
	const struct bfd_selector *selector = &line->args.selector;
	uint32_t hash = BFD_HASH_START + line->kind;

	if (line->kind == BFD_LINE_KEY)
		return hash_bytes(hash, line->key.chain, strlen(line->key.chain)) % BFD_BUCKETS;
	if (line->kind == BFD_LINE_LISTENER)
		return bfd_hash_inet(hash, &line->prefix.address) % BFD_BUCKETS;
	hash = bfd_hash_inet(hash, &selector->remote);
	if (selector->multihop)
		hash = bfd_hash_inet(hash, &selector->local);
	return hash % BFD_BUCKETS;
}

/* Do they ask for the same session, maybe for several clients? */
static bool same_session(const struct bfd_line *a, const struct bfd_line *b)
{
	const struct bfd_selector *first = &a->args.selector, *second = &b->args.selector;

	return bfd_same_text(a->args.dev, b->args.dev) && first->multihop == second->multihop &&
	       bfd_same_inet(&first->remote, &second->remote) &&
	       (!first->multihop || bfd_same_inet(&first->local, &second->local)) &&
	       bfd_same_text(a->args.vrf, b->args.vrf);
}

/* Do they mean the same thing, so that one is too much? */
static bool contradict(const struct bfd_line *a, const struct bfd_line *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == BFD_LINE_KEY)
		return a->key.id == b->key.id && !strcmp(a->key.chain, b->key.chain);
	if (a->kind == BFD_LINE_LISTENER)
		return bfd_same_text(a->args.dev, b->args.dev) &&
		       bfd_same_prefix(&a->prefix, &b->prefix);
	return same_session(a, b) && bfd_same_text(a->args.client, b->args.client);
}

/* A name is that of one session.  A device that isn't said may be any. */
static bool may_share_name(const struct bfd_line *a, const struct bfd_line *b)
{
	return a->args.selector.multihop == b->args.selector.multihop &&
	       bfd_same_inet(&a->args.selector.remote, &b->args.selector.remote) &&
	       (!a->args.dev || !b->args.dev || !strcmp(a->args.dev, b->args.dev));
}

static void __attribute__((noreturn)) refuse_line(const char *what, const struct bfd_line *other)
{
	char message[64];

	snprintf(message, sizeof(message), "the same %sis in line %d", what, other->number);
	refuse(message);
}

static void add_line(struct bfd_lines *lines, struct bfd_line *line)
{
	uint32_t hash = hash_line(line);
	size_t i;

	for (i = lines->alike[hash]; i; i = lines->all[i - 1].next_alike)
		if (contradict(&lines->all[i - 1], line))
			refuse_line("", &lines->all[i - 1]);
	line->next_alike = lines->alike[hash];
	lines->alike[hash] = ++lines->count;
	if (line->kind != BFD_LINE_SESSION || !line->args.selector.name)
		return;
	hash = bfd_hash_text(line->args.selector.name) % BFD_BUCKETS;
	for (i = lines->named[hash]; i; i = lines->all[i - 1].next_named)
		if (bfd_same_text(lines->all[i - 1].args.selector.name, line->args.selector.name) &&
		    !may_share_name(&lines->all[i - 1], line))
			refuse_line("name ", &lines->all[i - 1]);
	line->next_named = lines->named[hash];
	lines->named[hash] = lines->count;
}

void bfd_read_lines(struct bfd_lines *lines, const char *file, bool any_device)
{
	static bool registered;
	int argc, was_batch = batch_mode;
	char *argv[MAX_ARGS];

	if (!registered)
		registered = !atexit(say_where);
	*lines = (struct bfd_lines){.file = file, .any_device = any_device};
	read_file(lines);
	reading_file = lines->file;
	batch_mode = 1; /* no key from standard input */
	while ((argc = next_line(lines, argv))) {
		struct bfd_line *line;

		lines->all = bfd_grow(lines->all, lines->count, sizeof(*line));
		line = &lines->all[lines->count];
		memset(line, 0, sizeof(*line));
		read_line(lines, argc, argv, line);
		add_line(lines, line);
	}
	batch_mode = was_batch;
}

bool bfd_has_keys(const struct bfd_state *state, const char *chain, uint32_t type)
{
	size_t i;

	for (i = 0; i < state->key_count; i++)
		if (state->keys[i].type == type && !strcmp(state->keys[i].chain, chain))
			return true;
	return false;
}

/* The keys of a session must be there by then: in the file, or already. */
static bool has_keys(const struct bfd_lines *lines, const struct bfd_state *state,
		     const char *chain, uint32_t type)
{
	size_t i;

	if (bfd_has_keys(state, chain, type))
		return true;
	for (i = 0; i < lines->count; i++)
		if (lines->all[i].kind == BFD_LINE_KEY && lines->all[i].key.type == type &&
		    !strcmp(lines->all[i].key.chain, chain))
			return true;
	return false;
}

void bfd_check_keys(const struct bfd_lines *lines, const struct bfd_state *state)
{
	char message[160];
	size_t i;

	for (i = 0; i < lines->count; i++) {
		const struct bfd_arguments *args = &lines->all[i].args;
		uint32_t type = args->values[BFD_A_SESSION_AUTH_TYPE];

		reading_line = lines->all[i].number;
		if (!type || has_keys(lines, state, args->key_chain, type))
			continue;
		snprintf(message, sizeof(message), "key chain \"%s\" has no key of type %s",
			 args->key_chain, bfd_auth_type_name(type));
		refuse(message);
	}
	reading_line = 0;
}

void bfd_forget_lines(struct bfd_lines *lines)
{
	size_t i;

	reading_line = 0;
	for (i = 0; i < lines->count; i++)
		explicit_bzero(&lines->all[i].key, sizeof(lines->all[i].key));
	explicit_bzero(lines->text, lines->length);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * "ip bfd restore": makes what is configured equal to the lines of a file, by difference.  What is
 * as the file says isn't touched.  All lines are read before anything is changed; a wrong one ends
 * it.
 *
 * It must not know how lines are written (ipbfd_save.c), nor the words in them (ipbfd_arguments.c).
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
#include "ipbfd.h"
#include "ipbfd_state.h"

enum line_kind { LINE_SESSION, LINE_LISTENER, LINE_KEY };

struct line {
	enum line_kind kind;
	int number; /* in the file */
	struct bfd_arguments args;
	struct bfd_prefix prefix;
	struct bfd_key_arguments key;
	struct bfd_values values;
	struct bfd_state_session *session; /* that is there, NULL: none */
	struct bfd_wish *wish;		   /* of this client, NULL: none */
	struct bfd_state_listener *listener;
	size_t next_alike;	/* of those that may contradict it; plus 1, 0: the last */
	size_t next_of_session; /* the same, of those that mean the same session */
};

/* There may be thousands of lines and of sessions. */
#define BUCKETS 4096

struct restore {
	const char *file;
	bool keep;	 /* what the file doesn't have */
	bool configured; /* it is the agent's configuration: that only goes which came from it */
	char **devices;	 /* only what isn't there yet of lines with one of these, NULL: all */
	int device_count;
	char *text;
	size_t length;
	char *at; /* what is to be read next */
	int next_number;
	struct line *lines;
	size_t count;
	size_t alike[BUCKETS]; /* the first line, by hash_line(); plus 1, 0: none */
	struct bfd_state state;
	struct bfd_state_session *sessions[BUCKETS]; /* by remote address */
	int status;				     /* of the first change that failed */
};

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

static void failed(struct restore *restore, const struct line *line, int status)
{
	fflush(stdout);
	if (line)
		fprintf(stderr, "Command failed %s:%d\n", restore->file, line->number);
	if (!restore->status)
		restore->status = status;
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

static void read_file(struct restore *restore)
{
	bool is_stdin = !strcmp(restore->file, "-") || !strcmp(restore->file, "/dev/stdin");
	FILE *in = is_stdin ? stdin : open_file(restore->file);
	size_t size = 0;

	if (is_stdin)
		restore->file = "standard input";
	while (!feof(in) && !ferror(in)) {
		/* realloc() would leave a copy of what may be a key. */
		char *more = malloc(size + 65536 + 1);

		if (!more)
			refuse("out of memory");
		memcpy(more, restore->text ? restore->text : "", restore->length);
		if (restore->text)
			explicit_bzero(restore->text, restore->length);
		free(restore->text);
		restore->text = more;
		size += 65536;
		restore->length +=
			fread(restore->text + restore->length, 1, size - restore->length, in);
	}
	if (ferror(in) || !restore->text) {
		fprintf(stderr, "Error: cannot read \"%s\": %s.\n", restore->file, strerror(errno));
		exit(1);
	}
	if (!is_stdin)
		fclose(in);
	restore->text[restore->length] = '\0';
	if (strlen(restore->text) != restore->length)
		refuse("a byte of the file is 0: it isn't text");
	restore->at = restore->text;
	restore->next_number = 1;
}

/* White space, comments and the ends of lines that go on; true: a word follows in this line. */
static bool skip_to_word(struct restore *restore)
{
	for (;;) {
		restore->at += strspn(restore->at, " \t\r");
		if (*restore->at == '#')
			restore->at += strcspn(restore->at, "\n");
		if (restore->at[0] == '\\' && restore->at[1] == '\n') {
			restore->at += 2;
			restore->next_number++;
			continue;
		}
		return *restore->at && *restore->at != '\n';
	}
}

/* Its end is overwritten, so the character there is taken at once. */
static char *take_word(struct restore *restore, bool *line_ends)
{
	char quote = *restore->at == '"' || *restore->at == '\'' ? *restore->at++ : '\0';
	char *word = restore->at, *end;

	end = word +
	      (quote ? strcspn(word, (char[]){quote, '\n', '\0'}) : strcspn(word, " \t\r\n#"));
	if (quote && *end != quote)
		refuse("a quoted word has no end");
	*line_ends = *end == '\n' || *end == '#';
	restore->at = end;
	if (*end == '#')
		restore->at += strcspn(end, "\n");
	if (*restore->at) {
		restore->next_number += *restore->at == '\n';
		restore->at++;
	} else {
		*line_ends = true;
	}
	*end = '\0';
	return word;
}

/* The words of the next line that has any; 0: there is none. */
static int next_line(struct restore *restore, char *argv[MAX_ARGS])
{
	bool line_ends = false;
	int argc = 0;

	while (!skip_to_word(restore)) {
		if (!*restore->at)
			return 0;
		restore->at++;
		restore->next_number++;
	}
	reading_line = restore->next_number;
	do {
		if (argc == MAX_ARGS - 1)
			refuse("too many words");
		argv[argc++] = take_word(restore, &line_ends);
	} while (!line_ends && skip_to_word(restore));
	argv[argc] = NULL;
	return argc;
}

/* ---- their meaning ---- */

static void take_values(struct line *line, bool of_session)
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
static void check_session(const struct line *line)
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

static void read_session(struct restore *restore, int argc, char **argv, struct line *line)
{
	line->kind = LINE_SESSION;
	bfd_parse_arguments(argc, argv,
			    BFD_WORDS_NEW | (restore->configured ? BFD_WORDS_ANY_DEVICE : 0),
			    &line->args);
	take_values(line, true);
	check_session(line);
}

static void read_listener(struct restore *restore, int argc, char **argv, struct line *line)
{
	line->kind = LINE_LISTENER;
	if (argc < 1)
		missarg("PREFIX");
	bfd_parse_prefix(*argv, &line->prefix);
	bfd_parse_arguments(argc - 1, argv + 1,
			    BFD_WORDS_LISTEN | (restore->configured ? BFD_WORDS_ANY_DEVICE : 0),
			    &line->args);
	if (!line->args.dev)
		missarg("dev");
	take_values(line, false);
}

static void read_line(struct restore *restore, int argc, char **argv, struct line *line)
{
	const char *command;

	line->number = reading_line;
	if (!strcmp(*argv, "bfd")) {
		argc--;
		argv++;
	}
	command = argc > 0 ? argv[0] : "";
	if (!strcmp(command, "add"))
		return read_session(restore, argc - 1, argv + 1, line);
	if (!strcmp(command, "listen") && argc > 1 && !strcmp(argv[1], "add"))
		return read_listener(restore, argc - 2, argv + 2, line);
	if (!strcmp(command, "listen"))
		return read_listener(restore, argc - 1, argv + 1, line);
	line->kind = LINE_KEY;
	if (!strcmp(command, "key") && argc > 1 && !strcmp(argv[1], "add"))
		return bfd_parse_key_add(argc - 2, argv + 2, &line->key);
	refuse("a line begins with \"bfd add\", \"bfd listen add\" or \"bfd key add\"");
}

static bool same_inet(const struct bfd_inet_address *a, const struct bfd_inet_address *b)
{
	return a->family == b->family &&
	       (!a->family || !memcmp(a->bytes, b->bytes, a->family == AF_INET ? 4 : 16));
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool same_prefix(const struct bfd_prefix *a, const struct bfd_prefix *b)
{
	return a->length == b->length && same_inet(&a->address, &b->address);
}

/* FNV-1a */
static uint32_t hash_bytes(uint32_t hash, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	while (length--)
		hash = (hash ^ *bytes++) * 16777619U;
	return hash;
}

static uint32_t hash_inet(uint32_t hash, const struct bfd_inet_address *address)
{
	size_t length = address->family == AF_INET6 ? 16 : 4;

	return address->family ? hash_bytes(hash, address->bytes, length) : hash;
}

/* The same for all that contradict() finds to be too much. */
static uint32_t hash_line(const struct line *line)
{
	const struct bfd_selector *selector = &line->args.selector;
	uint32_t hash = 2166136261U + line->kind;

	if (line->kind == LINE_KEY)
		return hash_bytes(hash, line->key.chain, strlen(line->key.chain)) % BUCKETS;
	if (line->kind == LINE_LISTENER)
		return hash_inet(hash, &line->prefix.address) % BUCKETS;
	hash = hash_inet(hash, &selector->remote);
	if (selector->multihop)
		hash = hash_inet(hash, &selector->local);
	return hash % BUCKETS;
}

static struct bfd_state_session **remote_bucket(struct restore *restore,
						const struct bfd_inet_address *remote)
{
	return &restore->sessions[hash_inet(2166136261U, remote) % BUCKETS];
}

/* Do they mean the same thing, so that one is too much? */
static bool contradict(const struct line *a, const struct line *b)
{
	const struct bfd_selector *first = &a->args.selector, *second = &b->args.selector;

	if (a->kind != b->kind)
		return false;
	if (a->kind == LINE_KEY)
		return a->key.id == b->key.id && !strcmp(a->key.chain, b->key.chain);
	if (!same_text(a->args.dev, b->args.dev))
		return false;
	if (a->kind == LINE_LISTENER)
		return same_prefix(&a->prefix, &b->prefix);
	return first->multihop == second->multihop && same_inet(&first->remote, &second->remote) &&
	       (!first->multihop || same_inet(&first->local, &second->local)) &&
	       same_text(a->args.vrf, b->args.vrf) && same_text(a->args.client, b->args.client);
}

/* All of them; a wrong one ends the program. */
static void read_lines(struct restore *restore)
{
	static bool registered;
	char *argv[MAX_ARGS], message[64];
	int argc, was_batch = batch_mode;
	size_t i;

	if (!registered)
		registered = !atexit(say_where);
	read_file(restore);
	reading_file = restore->file;
	batch_mode = 1; /* no key from standard input */
	while ((argc = next_line(restore, argv))) {
		struct line *line;
		uint32_t hash;

		restore->lines = bfd_grow(restore->lines, restore->count, sizeof(*line));
		line = &restore->lines[restore->count];
		memset(line, 0, sizeof(*line));
		read_line(restore, argc, argv, line);
		hash = hash_line(line);
		for (i = restore->alike[hash]; i; i = restore->lines[i - 1].next_alike) {
			if (!contradict(&restore->lines[i - 1], line))
				continue;
			snprintf(message, sizeof(message), "the same is in line %d",
				 restore->lines[i - 1].number);
			refuse(message);
		}
		line->next_alike = restore->alike[hash];
		restore->alike[hash] = ++restore->count;
	}
	batch_mode = was_batch;
}

/* The keys of a session must be there by then: in the file, or already. */
static bool has_keys(const struct restore *restore, const char *chain, uint32_t type)
{
	size_t i;

	for (i = 0; i < restore->state.key_count; i++)
		if (restore->state.keys[i].type == type &&
		    !strcmp(restore->state.keys[i].chain, chain))
			return true;
	for (i = 0; i < restore->count; i++)
		if (restore->lines[i].kind == LINE_KEY && restore->lines[i].key.type == type &&
		    !strcmp(restore->lines[i].key.chain, chain))
			return true;
	return false;
}

static void check_keys(const struct restore *restore)
{
	char message[160];
	size_t i;

	for (i = 0; i < restore->count; i++) {
		const struct bfd_arguments *args = &restore->lines[i].args;
		uint32_t type = args->values[BFD_A_SESSION_AUTH_TYPE];

		reading_line = restore->lines[i].number;
		if (!type || has_keys(restore, args->key_chain, type))
			continue;
		snprintf(message, sizeof(message), "key chain \"%s\" has no key of type %s",
			 args->key_chain, bfd_auth_type_name(type));
		refuse(message);
	}
	reading_line = 0;
}

/* ---- what of it is there ---- */

static bool same_device(const struct bfd_arguments *args, uint32_t ifindex, const char *ifname)
{
	return !args->dev || !strcmp(args->dev, ifname) ||
	       (args->selector.ifindex && args->selector.ifindex == ifindex);
}

/* All that can't be changed: with another name or address it is another session. */
static bool is_session(const struct line *line, const struct bfd_state_session *session)
{
	const struct bfd_arguments *args = &line->args;
	const struct bfd_selector *wanted = &args->selector;

	if (session->unsolicited || wanted->multihop != session->multihop ||
	    !same_inet(&wanted->remote, &session->remote) ||
	    !same_text(wanted->name, session->name))
		return false;
	if (wanted->multihop ? !same_text(args->vrf, session->vrf)
			     : args->vrf && strcmp(args->vrf, session->vrf) != 0)
		return false;
	if (!wanted->multihop && !same_device(args, session->ifindex, session->ifname))
		return false;
	if (wanted->local.family ? !same_inet(&wanted->local, &session->local)
				 : session->local_fixed)
		return false;
	return args->echo_source.family ? same_inet(&args->echo_source, &session->echo_source)
					: !session->echo_source_fixed;
}

static struct bfd_wish *find_wish(struct bfd_state_session *session, const char *client)
{
	size_t i;

	for (i = 0; i < session->wish_count; i++)
		if (same_text(session->wishes[i].client, client))
			return &session->wishes[i];
	return NULL;
}

static void index_sessions(struct restore *restore)
{
	size_t i;

	/* From behind, so that the first comes first. */
	for (i = restore->state.session_count; i--;) {
		struct bfd_state_session *session = &restore->state.sessions[i];
		struct bfd_state_session **head = remote_bucket(restore, &session->remote);

		session->next = *head;
		*head = session;
	}
}

static void match_session(struct restore *restore, struct line *line)
{
	struct bfd_state_session *session = *remote_bucket(restore, &line->args.selector.remote);

	for (; session && !line->session; session = session->next) {
		struct bfd_wish *wish = find_wish(session, line->args.client);

		if (!is_session(line, session) || (wish && wish->taken))
			continue;
		line->session = session;
		line->wish = wish;
		if (wish)
			wish->taken = true;
		line->next_of_session = session->first_line;
		session->first_line = line - restore->lines + 1;
	}
}

static void match_listener(struct restore *restore, struct line *line)
{
	size_t i;

	for (i = 0; i < restore->state.listener_count; i++) {
		struct bfd_state_listener *listener = &restore->state.listeners[i];

		if (same_prefix(&line->prefix, &listener->prefix) &&
		    same_device(&line->args, listener->ifindex, listener->ifname))
			line->listener = listener;
	}
}

/* ---- what goes ---- */

static bool may_go(const struct restore *restore, bool configured)
{
	return !restore->keep && (configured || !restore->configured);
}

static int delete_session(const struct bfd_state_session *session, const char *client)
{
	struct bfd_request request;

	bfd_request_init(&request, BFD_CMD_SESSION_DEL, 0);
	addattr32(&request.n, sizeof(request), BFD_A_SESSION_LOCAL_DISCRIMINATOR, session->id);
	if (client)
		addattrstrz(&request.n, sizeof(request), BFD_A_SESSION_CLIENT, client);
	return bfd_talk_default(&request);
}

/* It begins anew: who named no client can neither leave those who did nor come after them. */
static bool must_begin_anew(const struct restore *restore, struct bfd_state_session *session)
{
	struct bfd_wish *nameless = find_wish(session, NULL);
	bool all_go = true, matched = false, nameless_comes = false;
	size_t i;

	for (i = 0; i < session->wish_count; i++)
		all_go = all_go && may_go(restore, session->wishes[i].configured);
	for (i = session->first_line; i; i = restore->lines[i - 1].next_of_session) {
		matched = true;
		nameless_comes = nameless_comes || !restore->lines[i - 1].args.client;
	}
	return matched && all_go && nameless_comes != !!nameless;
}

/* Whether all who ask for it go, so that it does. */
static bool goes(const struct restore *restore, const struct bfd_state_session *session)
{
	size_t i;

	for (i = 0; i < session->wish_count; i++)
		if (!may_go(restore, session->wishes[i].configured) || session->wishes[i].taken)
			return false;
	return true;
}

static void remove_session(struct restore *restore, struct bfd_state_session *session)
{
	size_t i;
	int status = delete_session(session, NULL);

	if (status)
		failed(restore, NULL, status);
	for (i = session->first_line; i; i = restore->lines[i - 1].next_of_session) {
		restore->lines[i - 1].session = NULL;
		restore->lines[i - 1].wish = NULL;
	}
	session->first_line = 0;
}

static void remove_wishes(struct restore *restore, const struct bfd_state_session *session)
{
	int status;
	size_t i;

	for (i = 0; i < session->wish_count; i++) {
		const struct bfd_wish *wish = &session->wishes[i];

		if (!*wish->client || !may_go(restore, wish->configured) || wish->taken)
			continue;
		status = delete_session(session, wish->client);
		if (status)
			failed(restore, NULL, status);
	}
}

static void add_listener_key(struct bfd_request *request, const struct bfd_prefix *prefix,
			     uint32_t ifindex)
{
	bfd_add_address(request, BFD_A_LISTENER_PREFIX, &prefix->address);
	addattr32(&request->n, sizeof(*request), BFD_A_LISTENER_PREFIX_LENGTH, prefix->length);
	addattr32(&request->n, sizeof(*request), BFD_A_LISTENER_IFINDEX, ifindex);
}

/* Of one whose device isn't there. */
static void add_waiting_key(struct bfd_request *request, const struct bfd_prefix *prefix,
			    const char *ifname)
{
	bfd_add_address(request, BFD_A_LISTENER_PREFIX, &prefix->address);
	addattr32(&request->n, sizeof(*request), BFD_A_LISTENER_PREFIX_LENGTH, prefix->length);
	addattrstrz(&request->n, sizeof(*request), BFD_A_LISTENER_IFNAME, ifname);
}

static void remove_listener(struct restore *restore, const struct bfd_state_listener *listener)
{
	struct bfd_request request;
	int status;
	size_t i;

	for (i = 0; i < restore->count; i++)
		if (restore->lines[i].listener == listener)
			return;
	if (!may_go(restore, listener->configured))
		return;
	bfd_request_init(&request, BFD_CMD_LISTENER_DEL, 0);
	if (listener->ifindex)
		add_listener_key(&request, &listener->prefix, listener->ifindex);
	else
		add_waiting_key(&request, &listener->prefix, listener->ifname);
	status = bfd_talk_default(&request);
	if (status)
		failed(restore, NULL, status);
}

static void remove_rest(struct restore *restore)
{
	size_t i;

	for (i = 0; i < restore->state.listener_count; i++)
		remove_listener(restore, &restore->state.listeners[i]);
	for (i = 0; i < restore->state.session_count; i++) {
		struct bfd_state_session *session = &restore->state.sessions[i];

		if (session->unsolicited)
			continue;
		if (goes(restore, session) || must_begin_anew(restore, session))
			remove_session(restore, session);
		else
			remove_wishes(restore, session);
	}
}

/* ---- what changes or comes ---- */

static bool auth_is(const struct bfd_auth_form *form, const struct bfd_arguments *args)
{
	uint32_t variant = args->auth_variant && !strcmp(args->auth_variant, "hmac")
				   ? BFD_DIGEST_VARIANT_HMAC
				   : BFD_DIGEST_VARIANT_RFC;
	uint32_t type = args->values[BFD_A_SESSION_AUTH_TYPE];

	return form->type == type &&
	       (!type || (form->variant == variant && !strcmp(form->chain, args->key_chain)));
}

/* A form that waits to take the place of another is no part of what is saved. */
static bool same_auth(const struct bfd_state_session *session, const struct bfd_arguments *args)
{
	if (auth_is(&session->auth, args))
		return session->auth.type || !session->awaits;
	return args->auth_optional && session->awaits && auth_is(&session->awaited, args);
}

static bool same_values(const struct bfd_values *a, const struct bfd_values *b, bool of_session)
{
	const struct bfd_parameter *parameter;

	for (parameter = bfd_parameters; parameter->name; parameter++)
		if ((of_session ? parameter->session : parameter->listener) &&
		    a->of[parameter->place] != b->of[parameter->place])
			return false;
	return a->admin_down == b->admin_down && a->diag == b->diag;
}

/* As the words would have said it. */
static void say(struct bfd_arguments *args, int place, uint32_t value)
{
	args->given[place] = true;
	args->values[place] = value;
}

/* Only what differs: all else would be told to the peer, too. */
static void take_differences(const struct line *line, const struct bfd_values *from,
			     struct bfd_arguments *change)
{
	const struct bfd_parameter *parameter;
	const struct bfd_values *to = &line->values;

	for (parameter = bfd_parameters; parameter->name; parameter++)
		if (parameter->session && to->of[parameter->place] != from->of[parameter->place])
			say(change, parameter->place, to->of[parameter->place]);
	if (to->admin_down != from->admin_down || to->diag != from->diag)
		say(change, BFD_A_SESSION_ADMIN_DOWN, to->admin_down);
	if (to->admin_down && to->diag != from->diag)
		say(change, BFD_A_SESSION_LOCAL_DIAGNOSTIC, to->diag);
}

static void take_auth(const struct line *line, struct bfd_arguments *change)
{
	say(change, BFD_A_SESSION_AUTH_TYPE, line->args.values[BFD_A_SESSION_AUTH_TYPE]);
	change->key_chain = line->args.key_chain;
	change->auth_variant = line->args.auth_variant;
	change->auth_optional = line->args.auth_optional;
}

static int set_session(const struct restore *restore, const struct line *line,
		       const struct bfd_arguments *change)
{
	struct bfd_request request;

	bfd_request_init(&request, BFD_CMD_SESSION_SET, 0);
	addattr32(&request.n, sizeof(request), BFD_A_SESSION_LOCAL_DISCRIMINATOR,
		  line->session->id);
	bfd_add_config(&request, change);
	if (restore->configured && !line->args.client)
		addattr32(&request.n, sizeof(request), BFD_A_SESSION_CONFIGURED, 1);
	return bfd_talk_default(&request);
}

/* A session that isn't there, or one more client of one that is. */
static int new_session(const struct restore *restore, const struct line *line)
{
	struct bfd_request request;

	if (line->args.absent)
		return nodev(line->args.absent);
	bfd_request_init(&request, BFD_CMD_SESSION_NEW, NLM_F_CREATE | NLM_F_EXCL);
	bfd_add_selector(&request, &line->args.selector);
	bfd_add_config(&request, &line->args);
	if (restore->configured)
		addattr32(&request.n, sizeof(request), BFD_A_SESSION_CONFIGURED, 1);
	return bfd_talk_default(&request);
}

/* Who shares a session with others is given what he asked for. */
static bool is_shared(const struct bfd_state_session *session)
{
	return session->wish_count > 1 || *session->wishes[0].client;
}

/* A change by who named no client is one for all of them, so that they must ask again. */
static void forget_others(struct restore *restore, const struct bfd_state_session *session)
{
	size_t i;

	for (i = session->first_line; i; i = restore->lines[i - 1].next_of_session)
		if (restore->lines[i - 1].args.client)
			restore->lines[i - 1].wish = NULL;
}

static int change_session(struct restore *restore, struct line *line)
{
	bool origin = !restore->configured || (line->wish && line->wish->configured);
	struct bfd_arguments change = {};
	int status;

	if (!same_auth(line->session, &line->args)) {
		take_auth(line, &change);
		status = set_session(restore, line, &change);
		if (status)
			return status;
		change = (struct bfd_arguments){};
	}
	if (line->wish && origin && same_values(&line->values, &line->wish->values, true))
		return 0;
	if (line->args.client || !line->wish)
		return new_session(restore, line);
	if (is_shared(line->session) && !same_values(&line->values, &line->wish->values, true))
		forget_others(restore, line->session);
	take_differences(line, &line->wish->values, &change);
	return set_session(restore, line, &change);
}

static int apply_listener(const struct restore *restore, const struct line *line)
{
	const struct bfd_state_listener *listener = line->listener;
	struct bfd_request request;

	if (listener && same_values(&line->values, &listener->values, false) &&
	    (listener->configured || !restore->configured))
		return 0;
	if (line->args.absent)
		return nodev(line->args.absent);
	bfd_request_init(&request, BFD_CMD_LISTENER_NEW, NLM_F_CREATE | NLM_F_REPLACE);
	add_listener_key(&request, &line->prefix, line->args.selector.ifindex);
	bfd_add_listener_config(&request, &line->args);
	if (restore->configured)
		addattr32(&request.n, sizeof(request), BFD_A_LISTENER_CONFIGURED, 1);
	return bfd_talk_default(&request);
}

/* Whether it is there with this secret only the agent can tell. */
static int apply_key(struct line *line)
{
	struct bfd_request request;

	bfd_request_init(&request, BFD_CMD_KEY_NEW, NLM_F_CREATE | NLM_F_REPLACE);
	bfd_add_key(&request, &line->key);
	explicit_bzero(line->key.secret, sizeof(line->key.secret));
	return bfd_talk_default(&request);
}

static bool names_device(const struct restore *restore, const char *name)
{
	for (int i = 0; name && i < restore->device_count; i++)
		if (!strcmp(restore->devices[i], name))
			return true;
	return false;
}

/* Was it left out before, for want of its device? */
static bool is_left(const struct restore *restore, const struct line *line)
{
	if (!restore->device_count)
		return true;
	return line->kind != LINE_KEY && !line->session && !line->listener &&
	       (names_device(restore, line->args.dev) || names_device(restore, line->args.vrf));
}

static void apply_lines(struct restore *restore, enum line_kind kind)
{
	size_t i;

	for (i = 0; i < restore->count; i++) {
		struct line *line = &restore->lines[i];
		int status = 0;

		if (line->kind != kind || !is_left(restore, line))
			continue;
		if (kind == LINE_KEY)
			status = apply_key(line);
		else if (kind == LINE_LISTENER)
			status = apply_listener(restore, line);
		else if (line->session)
			status = change_session(restore, line);
		else
			status = new_session(restore, line);
		if (status)
			failed(restore, line, status);
	}
}

static int apply(struct restore *restore)
{
	size_t i;

	index_sessions(restore);
	for (i = 0; i < restore->count; i++) {
		if (restore->lines[i].kind == LINE_SESSION)
			match_session(restore, &restore->lines[i]);
		else if (restore->lines[i].kind == LINE_LISTENER)
			match_listener(restore, &restore->lines[i]);
	}
	apply_lines(restore, LINE_KEY);
	if (!restore->device_count)
		remove_rest(restore);
	apply_lines(restore, LINE_LISTENER);
	apply_lines(restore, LINE_SESSION);
	return restore->status;
}

int bfd_restore(int argc, char **argv)
{
	struct restore restore = {};
	size_t i;
	int status;

	for (; argc > 0; argc--, argv++) {
		if (!strcmp(*argv, "help"))
			bfd_help_topic("restore");
		if (!strcmp(*argv, "add"))
			restore.keep = true;
		else if (!strcmp(*argv, "config"))
			restore.configured = true;
		else if (restore.configured && !strcmp(*argv, "dev")) {
			restore.devices = argv + 1;
			restore.device_count = argc - 1;
			break;
		} else if (!restore.file)
			restore.file = *argv;
		else
			invarg("is one file too many, see \"ip bfd help restore\"", *argv);
	}
	if (!restore.file)
		restore.file = "-";
	read_lines(&restore);
	status = bfd_read_state(&restore.state);
	if (!status) {
		check_keys(&restore);
		status = apply(&restore);
	}
	reading_line = 0;
	for (i = 0; i < restore.count; i++)
		explicit_bzero(&restore.lines[i].key, sizeof(restore.lines[i].key));
	explicit_bzero(restore.text, restore.length);
	return status;
}

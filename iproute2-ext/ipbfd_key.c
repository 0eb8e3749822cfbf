// SPDX-License-Identifier: GPL-2.0
/*
 * Keys: "ip bfd key", and what sessions show of their authentication.
 *
 * A secret goes from the command line, a file or standard input into one request.  It is never
 * printed, and no error of "key add" repeats a word behind `text` or `hex`, which could be a part
 * of one; the command line, as others see it in the list of processes, is overwritten.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "utils.h"
#include "ip_common.h"
#include "ipbfd.h"

#define US_PER_S UINT64_C(1000000)
#define LATEST_US BFD_CHECK_KEY_SEND_FROM_MAX

static const int time_attributes[BFD_KEY_TIMES] = {BFD_A_KEY_SEND_FROM, BFD_A_KEY_ACCEPT_FROM,
						   BFD_A_KEY_ACCEPT_UNTIL};

enum key_words {
	KEY_WORDS_ADD = 1,
	KEY_WORDS_CHANGE = 2,
	KEY_WORDS_SELECT = 4,
};

struct key_word {
	const char *name;
	unsigned int commands; /* enum key_words */
	void (*take)(const struct key_word *word, char *arg, struct bfd_key_arguments *args);
	int time;
};

/*
 * Set once a secret was on the command line: it may have had blanks that weren't quoted, and any
 * word behind be a part of it.
 */
static bool words_are_secret;

/* As duparg(), but for a secret. */
static void __attribute__((noreturn)) refuse_twice(const char *name, const char *arg)
{
	if (!words_are_secret)
		duparg(name, arg);
	fprintf(stderr, "Error: duplicate \"%s\"\n", name);
	exit(-1);
}

/* Says what a value must be, and of a value that is no secret which one it was. */
static void __attribute__((noreturn))
refuse(const struct key_word *word, const char *arg, const char *must)
{
	char message[160];

	if (!arg || words_are_secret) {
		fprintf(stderr, "Error: \"%s\" %s\n", word->name, must);
		exit(-1);
	}
	snprintf(message, sizeof(message), "\"%s\" %s", word->name, must);
	invarg(message, arg);
}

/* ---- numbers and times ---- */

static void take_id(const struct key_word *word, char *arg, struct bfd_key_arguments *args)
{
	if (args->has_id)
		refuse_twice(word->name, arg);
	if (get_u32(&args->id, arg, 10) || args->id > 255)
		refuse(word, arg, "must be from 0 to 255");
	args->has_id = true;
}

static void take_type(const struct key_word *word, char *arg, struct bfd_key_arguments *args)
{
	if (args->has_type)
		refuse_twice(word->name, arg);
	args->type = bfd_auth_type_by_name(arg);
	if (args->type == BFD_AUTHENTICATION_TYPE_NONE)
		refuse(word, arg, "must be " BFD_AUTH_TYPE_WORDS);
	args->has_type = true;
}

static uint64_t now_us(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return now.tv_sec * US_PER_S + now.tv_usec;
}

/* Whole seconds, and up to six decimals. */
static bool read_seconds(const char *text, uint64_t *time_us)
{
	uint64_t scale = US_PER_S, value = 0;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++)
		if (value < LATEST_US)
			value = value * 10 + (*text - '0');
	value = value < LATEST_US ? value * US_PER_S : LATEST_US + 1;
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text) && scale > 1; text++) {
			scale /= 10;
			value += (*text - '0') * scale;
		}
	*time_us = value;
	return !*text;
}

/* Z, +hh:mm or -hh:mm, as seconds ahead of UTC. */
static bool read_zone(const char *text, long *ahead_s)
{
	unsigned int hours, minutes;
	int end = 0;

	*ahead_s = 0;
	if (!strcmp(text, "Z"))
		return true;
	if (*text != '+' && *text != '-')
		return false;
	if (strspn(text + 1, "0123456789:") != 5 ||
	    sscanf(text + 1, "%2u:%2u%n", &hours, &minutes, &end) != 2 || end != 5 ||
	    text[1 + end] || hours > 23 || minutes > 59)
		return false;
	*ahead_s = (long)(hours * 3600 + minutes * 60) * (*text == '-' ? -1 : 1);
	return true;
}

/* 2026-11-26T12:00:00, and where that is; without, it is here. */
static bool read_date(const char *text, uint64_t *time_us)
{
	struct tm wanted = {.tm_isdst = -1}, given;
	long ahead_s = 0;
	time_t seconds;
	int end = 0;

	if (strspn(text, "0123456789") != 4 ||
	    sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &wanted.tm_year, &wanted.tm_mon,
		   &wanted.tm_mday, &wanted.tm_hour, &wanted.tm_min, &wanted.tm_sec, &end) != 6 ||
	    end != 19)
		return false;
	if (text[end] && !read_zone(text + end, &ahead_s))
		return false;
	wanted.tm_year -= 1900;
	wanted.tm_mon--;
	given = wanted;
	seconds = text[end] ? timegm(&wanted) - ahead_s : mktime(&wanted);
	/* What isn't there, as the 31st of November, or 24:00, became something else. */
	if (given.tm_mon != wanted.tm_mon || given.tm_mday != wanted.tm_mday ||
	    given.tm_hour != wanted.tm_hour || given.tm_min != wanted.tm_min ||
	    given.tm_sec != wanted.tm_sec || seconds < 0)
		return false;
	*time_us = seconds * US_PER_S;
	return true;
}

static void take_when(const struct key_word *word, char *arg, struct bfd_key_arguments *args)
{
	uint64_t *time_us = &args->times_us[word->time];
	bool understood = true;

	if (args->has_time[word->time])
		refuse_twice(word->name, arg);
	args->has_time[word->time] = true;
	if (!strcmp(arg, "none")) {
		*time_us = 0;
		return;
	}
	if (!strcmp(arg, "now")) {
		*time_us = now_us();
	} else if (*arg == '@') {
		understood = read_seconds(arg + 1, time_us);
	} else if (*arg == '+') {
		understood = bfd_read_time(arg + 1, time_us) == BFD_TIME_GOOD;
		*time_us += now_us();
	} else {
		understood = read_date(arg, time_us);
	}
	if (!understood)
		refuse(word, arg,
		       "must be \"now\", \"none\", @SECONDS, +TIME such as +90s, or a date such as "
		       "2026-11-26T12:00:00Z");
	if (!*time_us || *time_us > LATEST_US)
		refuse(word, arg, "must be after 1970 and before 2255");
}

/* ---- secrets ---- */

static void refuse_second_secret(const struct bfd_key_arguments *args)
{
	if (!args->has_secret)
		return;
	fprintf(stderr, "Error: more than one of \"text\", \"hex\" and \"file\" is given.\n");
	exit(-1);
}

static void take_text(const struct key_word *word, char *arg, struct bfd_key_arguments *args)
{
	size_t length = strlen(arg);

	refuse_second_secret(args);
	if (!length || length > sizeof(args->secret)) {
		explicit_bzero(arg, length);
		refuse(word, NULL, "must have from 1 to 20 bytes");
	}
	memcpy(args->secret, arg, length);
	args->length = length;
	args->has_secret = true;
	words_are_secret = true;
	explicit_bzero(arg, length);
}

/* -1: none. */
static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = digit ? strchr(digits, tolower((unsigned char)digit)) : NULL;

	return at ? (int)(at - digits) : -1;
}

static void take_hex(const struct key_word *word, char *arg, struct bfd_key_arguments *args)
{
	size_t digits = strlen(arg), i;

	refuse_second_secret(args);
	for (i = 0; i < digits && hex_digit(arg[i]) >= 0; i++)
		;
	if (i < digits || digits % 2 || !digits || digits > 2 * sizeof(args->secret)) {
		explicit_bzero(arg, digits);
		refuse(word, NULL, "must be from 1 to 20 bytes, of two hexadecimal digits each");
	}
	for (i = 0; i < digits / 2; i++)
		args->secret[i] = (unsigned int)hex_digit(arg[2 * i]) << 4 |
				  hex_digit(arg[2 * i + 1]);
	args->length = digits / 2;
	words_are_secret = true;
	args->has_secret = true;
	explicit_bzero(arg, digits);
}

/* Up to size bytes; returns how many, or -1 with errno.  stdio would keep a copy. */
static ssize_t read_all(int fd, uint8_t *buffer, size_t size)
{
	size_t length = 0;
	ssize_t got;

	while (length < size) {
		got = read(fd, buffer + length, size - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		length += got;
	}
	return length;
}

/* The bytes of a file, but for a newline at its end; "-" is standard input. */
static void take_file(const struct key_word *word, char *arg, struct bfd_key_arguments *args)
{
	uint8_t buffer[sizeof(args->secret) + 2]; /* a newline, and one to see that it is more */
	bool is_stdin = !strcmp(arg, "-");
	const char *why = NULL;
	ssize_t length = -1;
	int fd = 0;

	refuse_second_secret(args);
	if (is_stdin && batch_mode)
		refuse(word, arg, "can't be standard input in a batch");
	if (batch_mode)
		fd = bfd_open_regular(arg, &why);
	else if (!is_stdin)
		fd = open(arg, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		length = read_all(fd, buffer, sizeof(buffer));
	if (length < 0) {
		fprintf(stderr, "Error: cannot read the key from \"%s\": %s.\n", arg,
			why ? why : strerror(errno));
		exit(1);
	}
	if (!is_stdin)
		close(fd);
	if (length && buffer[length - 1] == '\n')
		length--;
	if (length && length <= (ssize_t)sizeof(args->secret)) {
		memcpy(args->secret, buffer, length);
		args->length = length;
		args->has_secret = true;
	}
	explicit_bzero(buffer, sizeof(buffer));
	if (!args->has_secret)
		refuse(word, arg, "must hold from 1 to 20 bytes");
}

/* ---- the command line ---- */

#define TIMED (KEY_WORDS_ADD | KEY_WORDS_CHANGE)

static const struct key_word words[] = {
	{"id", KEY_WORDS_ADD | KEY_WORDS_CHANGE | KEY_WORDS_SELECT, take_id, 0},
	{"type", KEY_WORDS_ADD, take_type, 0},
	{"text", KEY_WORDS_ADD, take_text, 0},
	{"hex", KEY_WORDS_ADD, take_hex, 0},
	{"file", KEY_WORDS_ADD, take_file, 0},
	{"send-from", TIMED, take_when, BFD_KEY_SEND_FROM},
	{"accept-from", TIMED, take_when, BFD_KEY_ACCEPT_FROM},
	{"accept-until", TIMED, take_when, BFD_KEY_ACCEPT_UNTIL},
};

/* In full, or as an abbreviation of one word only. */
static const struct key_word *find_word(const char *arg, unsigned int commands)
{
	const struct key_word *found = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!(words[i].commands & commands) || !*arg || matches(arg, words[i].name))
			continue;
		if (!strcmp(arg, words[i].name))
			return &words[i];
		if (found)
			return NULL;
		found = &words[i];
	}
	return found;
}

static void check_chain(const char *name)
{
	size_t length = strlen(name), i;

	if (!length || length > BFD_KEY_CHAIN_NAME_MAX)
		invarg("the name of a key chain must have from 1 to 31 bytes", name);
	for (i = 0; i < length; i++)
		if (iscntrl((unsigned char)name[i]))
			invarg("the name of a key chain must not hold control characters", name);
}

static void parse(int argc, char **argv, unsigned int commands, struct bfd_key_arguments *args)
{
	const char *last = "the name";

	memset(args, 0, sizeof(*args));
	if (argc < 1)
		missarg("NAME");
	if (argc == 1 && !strcmp(*argv, "help"))
		bfd_help_topic("key");
	args->chain = *argv;
	check_chain(args->chain);
	for (argc--, argv++; argc > 0; argc -= 2, argv += 2) {
		const struct key_word *word = find_word(*argv, commands);

		if (!strcmp(*argv, "help"))
			bfd_help_topic("key");
		if (!word) {
			/* It may be the key itself, or a part of one that has spaces. */
			fprintf(stderr,
				"Error: the word after %s is unknown (it isn't repeated here, it "
				"could be a key), try \"ip bfd help key\".\n",
				last);
			exit(-1);
		}
		if (argc < 2)
			incomplete_command();
		word->take(word, argv[1], args);
		last = word->take == take_text	? "\"text STRING\""
		       : word->take == take_hex ? "\"hex BYTES\""
						: word->name;
	}
}

void bfd_add_key(struct bfd_request *request, const struct bfd_key_arguments *args)
{
	int i;

	addattrstrz(&request->n, sizeof(*request), BFD_A_KEY_CHAIN, args->chain);
	if (args->has_id)
		addattr32(&request->n, sizeof(*request), BFD_A_KEY_ID, args->id);
	if (args->has_type)
		addattr32(&request->n, sizeof(*request), BFD_A_KEY_TYPE, args->type);
	if (args->has_secret)
		addattr_l(&request->n, sizeof(*request), BFD_A_KEY_SECRET, args->secret,
			  args->length);
	for (i = 0; i < BFD_KEY_TIMES; i++)
		if (args->has_time[i])
			addattr_l(&request->n, sizeof(*request), time_attributes[i],
				  &args->times_us[i], sizeof(args->times_us[i]));
}

/* ---- output ---- */

static int print_key(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_KEY_MAX + 1];

	(void)context;
	parse_rtattr_flags(tb, BFD_A_KEY_MAX, message->attributes, message->length, NLA_F_NESTED);
	if (!bfd_attr_string(tb, BFD_A_KEY_CHAIN))
		return 0;
	open_json_object(NULL);
	print_string(PRINT_ANY, "key_chain", "%s ", bfd_attr_string(tb, BFD_A_KEY_CHAIN));
	print_uint(PRINT_ANY, "id", "id %u ", bfd_attr_u32(tb, BFD_A_KEY_ID, 0));
	print_string(PRINT_ANY, "type", "type %s ",
		     bfd_auth_type_name(bfd_attr_u32(tb, BFD_A_KEY_TYPE, 0)));
	print_uint(PRINT_ANY, "length", "length %u ", bfd_attr_u32(tb, BFD_A_KEY_LENGTH, 0));
	bfd_print_moment(tb, BFD_A_KEY_SEND_FROM, "send_from", "send-from %s ");
	bfd_print_moment(tb, BFD_A_KEY_ACCEPT_FROM, "accept_from", "accept-from %s ");
	bfd_print_moment(tb, BFD_A_KEY_ACCEPT_UNTIL, "accept_until", "accept-until %s ");
	bfd_print_bool(tb, BFD_A_KEY_SENDING, "sending", "sending ");
	bfd_print_bool(tb, BFD_A_KEY_ACCEPTED, "accepted", "accepted ");
	close_json_object();
	print_string(PRINT_FP, NULL, "%s", "\n");
	return 0;
}

/* One form of authentication; key_id: 0 if there is no such member, else its attribute. */
static void print_auth(struct rtattr *const *tb, int type, int chain, int variant, int key_id)
{
	uint32_t method = bfd_attr_u32(tb, type, BFD_AUTHENTICATION_TYPE_NONE);
	const char *name = bfd_attr_string(tb, chain);

	print_string(PRINT_ANY, "type", "%s ", bfd_auth_type_name(method));
	if (method == BFD_AUTHENTICATION_TYPE_NONE)
		return;
	if (name)
		print_string(PRINT_ANY, "key_chain", "key %s ", name);
	if (key_id && tb[key_id])
		print_uint(PRINT_ANY, "key_id", "key-id %u ", bfd_attr_u32(tb, key_id, 0));
	else if (key_id)
		print_string(PRINT_FP, NULL, "%s", "key-id none ");
	if (bfd_attr_u32(tb, variant, 0) == BFD_DIGEST_VARIANT_HMAC)
		print_string(PRINT_ANY, "variant", "variant %s ", "hmac");
}

void bfd_print_session_auth(struct rtattr *const *tb)
{
	if (!tb[BFD_A_SESSION_AUTH_TYPE])
		return;
	open_json_object("auth");
	print_string(PRINT_FP, NULL, "%s", "auth ");
	print_auth(tb, BFD_A_SESSION_AUTH_TYPE, BFD_A_SESSION_AUTH_KEY_CHAIN,
		   BFD_A_SESSION_AUTH_VARIANT, BFD_A_SESSION_AUTH_KEY_ID);
	if (tb[BFD_A_SESSION_AUTH_AWAITED_TYPE]) {
		open_json_object("awaited");
		print_string(PRINT_FP, NULL, "%s", "awaits ");
		print_auth(tb, BFD_A_SESSION_AUTH_AWAITED_TYPE,
			   BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN, BFD_A_SESSION_AUTH_AWAITED_VARIANT,
			   0);
		close_json_object();
	}
	close_json_object();
}

/* ---- commands ---- */

/* The answer holds the key, without its secret. */
static int send_key(uint8_t command, struct bfd_key_arguments *args, uint16_t flags)
{
	struct bfd_request request;

	bfd_request_init(&request, command, flags);
	bfd_add_key(&request, args);
	explicit_bzero(args->secret, sizeof(args->secret));
	return json || echo_request ? bfd_talk_and_print(&request, print_key, NULL)
				    : bfd_talk_default(&request);
}

void bfd_parse_key_add(int argc, char **argv, struct bfd_key_arguments *args)
{
	/* No core dump of a process that holds a key. */
	prctl(PR_SET_DUMPABLE, 0);
	parse(argc, argv, KEY_WORDS_ADD, args);
	if (!args->has_id)
		missarg("id");
	if (!args->has_type)
		missarg("type");
	if (!args->has_secret)
		missarg("text\", \"hex\" or \"file");
}

static int key_add(int argc, char **argv)
{
	struct bfd_key_arguments args;

	bfd_parse_key_add(argc, argv, &args);
	return send_key(BFD_CMD_KEY_NEW, &args, NLM_F_CREATE | NLM_F_EXCL);
}

static int key_change(int argc, char **argv)
{
	struct bfd_key_arguments args;

	parse(argc, argv, KEY_WORDS_CHANGE, &args);
	if (!args.has_id)
		missarg("id");
	if (!args.has_time[BFD_KEY_SEND_FROM] && !args.has_time[BFD_KEY_ACCEPT_FROM] &&
	    !args.has_time[BFD_KEY_ACCEPT_UNTIL])
		missarg("send-from\", \"accept-from\" or \"accept-until");
	return send_key(BFD_CMD_KEY_SET, &args, 0);
}

static int key_del(int argc, char **argv)
{
	struct bfd_key_arguments args;
	struct bfd_request request;

	parse(argc, argv, KEY_WORDS_SELECT, &args);
	bfd_request_init(&request, BFD_CMD_KEY_DEL, 0);
	bfd_add_key(&request, &args);
	return bfd_talk_default(&request);
}

static int key_show(int argc, char **argv)
{
	struct bfd_request request;

	bfd_request_init(&request, BFD_CMD_KEY_GET, NLM_F_DUMP);
	if (argc > 0) {
		check_chain(*argv);
		addattrstrz(&request.n, sizeof(request), BFD_A_KEY_CHAIN, *argv);
	}
	if (argc > 1)
		invarg("unknown, try \"ip bfd help key\"", argv[1]);
	return bfd_talk_and_print(&request, print_key, NULL);
}

int bfd_key(int argc, char **argv)
{
	if (argc < 1)
		return key_show(argc, argv);
	if (!matches(*argv, "add"))
		return key_add(argc - 1, argv + 1);
	if (!matches(*argv, "change"))
		return key_change(argc - 1, argv + 1);
	if (!matches(*argv, "delete"))
		return key_del(argc - 1, argv + 1);
	if (!matches(*argv, "show") || !matches(*argv, "list"))
		return key_show(argc - 1, argv + 1);
	if (!matches(*argv, "help"))
		bfd_help_topic("key");
	fprintf(stderr, "Error: \"ip bfd key\" is followed by \"add\", \"change\", \"del\" or "
			"\"show\", see \"ip bfd help key\".\n");
	exit(-1);
}

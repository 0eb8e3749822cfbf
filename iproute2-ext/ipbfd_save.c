// SPDX-License-Identifier: GPL-2.0
/*
 * "ip bfd save": what is configured, as lines of a batch.  Only what differs from the defaults, and
 * what selects a session or a listener; never a secret, and never what changes by itself.
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils.h"
#include "ip_common.h"
#include "ipbfd.h"
#include "ipbfd_state.h"

/* In this order: that of the state isn't always the same. */
struct saved_line {
	char *group;  /* the session: who named no client must be the first to ask for it */
	char *client; /* NULL: none */
	char *text;
};

struct saved_lines {
	struct saved_line *lines;
	size_t count;
};

static FILE *open_text(char **text)
{
	static size_t size; /* outlives the stream; nobody reads it */
	FILE *stream = open_memstream(text, &size);

	if (stream)
		return stream;
	fprintf(stderr, "Error: out of memory.\n");
	exit(1);
}

/* As one word of a batch; false: there is no way to write it. */
static bool put_word(FILE *out, const char *word)
{
	bool plain = *word && !strpbrk(word, " \t\r\n\v\f#\\") && *word != '"' && *word != '\'';
	char quote = strchr(word, '"') ? '\'' : '"';

	if (plain)
		fprintf(out, " %s", word);
	else
		fprintf(out, " %c%s%c", quote, word, quote);
	return plain || !strchr(word, quote);
}

static bool put_named(FILE *out, const char *what, const char *word)
{
	if (!*word)
		return true;
	fprintf(out, " %s", what);
	return put_word(out, word);
}

static void put_address(FILE *out, const char *what, const struct bfd_inet_address *address)
{
	char text[INET6_ADDRSTRLEN];

	fprintf(out, " %s %s", what, bfd_format_address(address, text, sizeof(text)));
}

/* Exact, which a decimal needn't be. */
static void put_time(FILE *out, const char *what, uint32_t time_us)
{
	if (time_us % 1000)
		fprintf(out, " %s %uus", what, time_us);
	else if (time_us % 1000000)
		fprintf(out, " %s %ums", what, time_us / 1000);
	else
		fprintf(out, " %s %us", what, time_us / 1000000);
}

static void put_parameters(FILE *out, const struct bfd_values *values, bool of_session)
{
	const struct bfd_parameter *parameter;

	for (parameter = bfd_parameters; parameter->name; parameter++) {
		uint32_t value = values->of[parameter->place];

		if (!(of_session ? parameter->session : parameter->listener) ||
		    value == parameter->absent)
			continue;
		if (parameter->kind == BFD_PARAMETER_SWITCH)
			fprintf(out, " %s %s", parameter->name, value ? "on" : "off");
		else if (parameter->kind == BFD_PARAMETER_NUMBER)
			fprintf(out, " %s %u", parameter->name, value);
		else if (value)
			put_time(out, parameter->name, value);
		else
			fprintf(out, " %s off", parameter->name);
	}
	if (!values->admin_down)
		return;
	fprintf(out, " admin down");
	if (values->diag != BFD_DIAGNOSTIC_ADMIN_DOWN)
		fprintf(out, " diag %s", bfd_diag_name(values->diag));
}

static bool put_auth(FILE *out, const struct bfd_auth_form *form)
{
	bool written;

	fprintf(out, " auth %s", bfd_auth_type_name(form->type));
	if (form->type == BFD_AUTHENTICATION_TYPE_NONE)
		return true;
	written = put_named(out, "key", form->chain);
	if (form->variant == BFD_DIGEST_VARIANT_HMAC)
		fprintf(out, " variant hmac");
	return written;
}

/* The form that is in force; from none, also the one that the peer is to begin with. */
static bool put_session_auth(FILE *out, const struct bfd_state_session *session)
{
	bool written = true;

	if (session->auth.type != BFD_AUTHENTICATION_TYPE_NONE)
		return put_auth(out, &session->auth);
	if (!session->awaits)
		return true;
	written = put_auth(out, &session->awaited);
	fprintf(out, " optional");
	return written;
}

static bool put_selection(FILE *out, const struct bfd_state_session *session)
{
	bool written = true;

	put_address(out, "remote", &session->remote);
	if (session->multihop)
		fprintf(out, " multihop");
	if (session->local_fixed)
		put_address(out, "local", &session->local);
	if (session->multihop)
		written = put_named(out, "vrf", session->vrf);
	else
		written = put_named(out, "dev", session->ifname);
	return put_named(out, "name", session->name) && written;
}

static struct saved_line *add_line(struct saved_lines *lines)
{
	lines->lines = bfd_grow(lines->lines, lines->count, sizeof(*lines->lines));
	memset(&lines->lines[lines->count], 0, sizeof(*lines->lines));
	return &lines->lines[lines->count++];
}

static int save_wish(const struct bfd_state_session *session, struct bfd_wish *wish,
		     struct saved_lines *lines)
{
	struct saved_line *line = add_line(lines);
	FILE *out = open_text(&line->group);
	bool written = put_selection(out, session);

	fclose(out);
	line->client = wish->client;
	out = open_text(&line->text);
	if (session->awaits && session->auth.type != BFD_AUTHENTICATION_TYPE_NONE) {
		fprintf(out, "# that the session of the next line awaits");
		put_auth(out, &session->awaited);
		fprintf(out, " is not saved\n");
	}
	fprintf(out, "bfd add%s", line->group);
	written = put_named(out, "client", wish->client) && written;
	put_parameters(out, &wish->values, true);
	if (session->echo_source_fixed)
		put_address(out, "echo-source", &session->echo_source);
	written = put_session_auth(out, session) && written;
	fclose(out);
	if (written)
		return 0;
	fprintf(stderr,
		"Error: session %u has a name with both kinds of quotes, which no batch can "
		"hold.\n",
		session->id);
	return BFD_STATUS_LOCAL;
}

static int save_listener(const struct bfd_state_listener *listener, struct saved_lines *lines)
{
	struct saved_line *line = add_line(lines);
	char address[INET6_ADDRSTRLEN];
	FILE *out = open_text(&line->group);

	fprintf(out, "bfd listen add %s/%u",
		bfd_format_address(&listener->prefix.address, address, sizeof(address)),
		listener->prefix.length);
	put_named(out, "dev", listener->ifname);
	put_parameters(out, &listener->values, false);
	fclose(out);
	line->text = line->group;
	return 0;
}

static int save_key(const struct bfd_state_key *key, struct saved_lines *lines)
{
	static const char *const names[BFD_KEY_TIMES] = {"send-from", "accept-from",
							 "accept-until"};
	struct saved_line *line = add_line(lines);
	FILE *out = open_text(&line->group);
	int i;

	fprintf(out, "# key add");
	put_word(out, key->chain);
	fprintf(out, " id %u type %s", key->id, bfd_auth_type_name(key->type));
	for (i = 0; i < BFD_KEY_TIMES; i++) {
		if (!key->times_us[i])
			continue;
		fprintf(out, " %s @%" PRIu64, names[i], key->times_us[i] / 1000000);
		if (key->times_us[i] % 1000000)
			fprintf(out, ".%06" PRIu64, key->times_us[i] % 1000000);
	}
	fprintf(out, ": the secret is not saved");
	fclose(out);
	line->text = line->group;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct saved_line *first = a, *second = b;
	int order = strcmp(first->group, second->group);

	if (order || !first->client || !second->client)
		return order;
	return strcmp(first->client, second->client);
}

static void print_lines(struct saved_lines *lines)
{
	size_t i;

	if (lines->count)
		qsort(lines->lines, lines->count, sizeof(*lines->lines), compare);
	for (i = 0; i < lines->count; i++)
		printf("%s\n", lines->lines[i].text);
}

/* Nothing is printed if not all can be. */
int bfd_save(int argc, char **argv)
{
	struct saved_lines keys = {}, listeners = {}, sessions = {};
	struct bfd_state state;
	int status;
	size_t i, wish;

	if (argc > 0 && !strcmp(*argv, "help"))
		bfd_help_topic("save");
	if (argc > 0)
		invarg("unknown, try \"ip bfd help save\"", *argv);
	status = bfd_read_state(&state);
	for (i = 0; !status && i < state.key_count; i++)
		status = save_key(&state.keys[i], &keys);
	for (i = 0; !status && i < state.listener_count; i++)
		status = save_listener(&state.listeners[i], &listeners);
	for (i = 0; !status && i < state.session_count; i++)
		for (wish = 0; !status && !state.sessions[i].unsolicited &&
			       wish < state.sessions[i].wish_count;
		     wish++)
			status = save_wish(&state.sessions[i], &state.sessions[i].wishes[wish],
					   &sessions);
	if (status)
		return status;
	print_lines(&keys);
	print_lines(&listeners);
	print_lines(&sessions);
	return fflush(stdout) ? BFD_STATUS_LOCAL : 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * "ip bfd restore": makes what is configured equal to the lines of a file, by difference.  What is
 * as the file says isn't touched.  All lines are read (ipbfd_lines.c) before anything is changed.
 *
 * It must not know how lines are written (ipbfd_save.c), nor the words in them.
 */
#include <stdio.h>
#include <string.h>

#include "utils.h"
#include "ip_common.h"
#include "ipbfd_lines.h"

struct restore {
	bool keep;	 /* what the file doesn't have */
	bool configured; /* it is the agent's configuration: that only goes which came from it */
	char **devices;	 /* only what isn't there yet of lines with one of these, NULL: all */
	int device_count;
	struct bfd_lines lines;
	struct bfd_state state;
	struct bfd_state_session *sessions[BFD_BUCKETS]; /* by remote address */
	struct bfd_state_session *named[BFD_BUCKETS];	 /* those with a name, by it */
	int status;					 /* of the first change that failed */
};

static void failed(struct restore *restore, const struct bfd_line *line, int status)
{
	fflush(stdout);
	if (line)
		fprintf(stderr, "Command failed %s:%d\n", restore->lines.file, line->number);
	if (!restore->status)
		restore->status = status;
}

/* ---- what of it is there ---- */

static struct bfd_state_session **remote_bucket(struct restore *restore,
						const struct bfd_inet_address *remote)
{
	return &restore->sessions[bfd_hash_inet(BFD_HASH_START, remote) % BFD_BUCKETS];
}

static struct bfd_state_session **name_bucket(struct restore *restore, const char *name)
{
	return &restore->named[bfd_hash_text(name) % BFD_BUCKETS];
}

static bool same_device(const struct bfd_arguments *args, uint32_t ifindex, const char *ifname)
{
	return !args->dev || !strcmp(args->dev, ifname) ||
	       (args->selector.ifindex && args->selector.ifindex == ifindex);
}

/* All that can't be changed: with another name or address it is another session. */
static bool is_session(const struct bfd_line *line, const struct bfd_state_session *session)
{
	const struct bfd_arguments *args = &line->args;
	const struct bfd_selector *wanted = &args->selector;

	if (session->unsolicited || wanted->multihop != session->multihop ||
	    !bfd_same_inet(&wanted->remote, &session->remote) ||
	    !bfd_same_text(wanted->name, session->name))
		return false;
	if (wanted->multihop ? !bfd_same_text(args->vrf, session->vrf)
			     : args->vrf && strcmp(args->vrf, session->vrf) != 0)
		return false;
	if (!wanted->multihop && !same_device(args, session->ifindex, session->ifname))
		return false;
	if (wanted->local.family ? !bfd_same_inet(&wanted->local, &session->local)
				 : session->local_fixed)
		return false;
	return args->echo_source.family ? bfd_same_inet(&args->echo_source, &session->echo_source)
					: !session->echo_source_fixed;
}

static struct bfd_wish *find_wish(struct bfd_state_session *session, const char *client)
{
	size_t i;

	for (i = 0; i < session->wish_count; i++)
		if (bfd_same_text(session->wishes[i].client, client))
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
		if (!*session->name)
			continue;
		head = name_bucket(restore, session->name);
		session->next_named = *head;
		*head = session;
	}
}

static void match_session(struct restore *restore, struct bfd_line *line)
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
		session->first_line = line - restore->lines.all + 1;
	}
}

static void match_listener(struct restore *restore, struct bfd_line *line)
{
	size_t i;

	for (i = 0; i < restore->state.listener_count; i++) {
		struct bfd_state_listener *listener = &restore->state.listeners[i];

		if (bfd_same_prefix(&line->prefix, &listener->prefix) &&
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
	for (i = session->first_line; i; i = restore->lines.all[i - 1].next_of_session) {
		matched = true;
		nameless_comes = nameless_comes || !restore->lines.all[i - 1].args.client;
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

/* Its lines then ask for a session that isn't there. */
static void plan_removal(struct restore *restore, struct bfd_state_session *session)
{
	size_t i;

	session->going = true;
	for (i = session->first_line; i; i = restore->lines.all[i - 1].next_of_session) {
		restore->lines.all[i - 1].session = NULL;
		restore->lines.all[i - 1].wish = NULL;
	}
	session->first_line = 0;
}

static bool listener_goes(const struct restore *restore, const struct bfd_state_listener *listener)
{
	size_t i;

	for (i = 0; i < restore->lines.count; i++)
		if (restore->lines.all[i].listener == listener)
			return false;
	return may_go(restore, listener->configured);
}

/* Sessions that a listener took go with it.  Which one did isn't said: any of the device may. */
static bool may_go_with_listener(const struct restore *restore,
				 const struct bfd_state_session *session)
{
	size_t i;

	for (i = 0; i < restore->state.listener_count; i++)
		if (restore->state.listeners[i].going &&
		    restore->state.listeners[i].ifindex == session->ifindex)
			return true;
	return false;
}

static void plan_removals(struct restore *restore)
{
	size_t i;

	for (i = 0; i < restore->state.listener_count; i++)
		restore->state.listeners[i].going =
			listener_goes(restore, &restore->state.listeners[i]);
	for (i = 0; i < restore->state.session_count; i++) {
		struct bfd_state_session *session = &restore->state.sessions[i];

		if (session->unsolicited)
			session->going = may_go_with_listener(restore, session);
		else if (goes(restore, session) || must_begin_anew(restore, session))
			plan_removal(restore, session);
	}
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
		if (restore->state.listeners[i].going)
			remove_listener(restore, &restore->state.listeners[i]);
	for (i = 0; i < restore->state.session_count; i++) {
		const struct bfd_state_session *session = &restore->state.sessions[i];
		int status;

		if (session->unsolicited)
			continue;
		if (!session->going) {
			remove_wishes(restore, session);
			continue;
		}
		status = delete_session(session, NULL);
		if (status)
			failed(restore, NULL, status);
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
static void take_differences(const struct bfd_line *line, const struct bfd_values *from,
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

static void take_auth(const struct bfd_line *line, struct bfd_arguments *change)
{
	say(change, BFD_A_SESSION_AUTH_TYPE, line->args.values[BFD_A_SESSION_AUTH_TYPE]);
	change->key_chain = line->args.key_chain;
	change->auth_variant = line->args.auth_variant;
	change->auth_optional = line->args.auth_optional;
}

static int set_session(const struct restore *restore, const struct bfd_line *line,
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
static int new_session(const struct restore *restore, const struct bfd_line *line)
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

	for (i = session->first_line; i; i = restore->lines.all[i - 1].next_of_session)
		if (restore->lines.all[i - 1].args.client)
			restore->lines.all[i - 1].wish = NULL;
}

/* As it is asked for, and by whom. */
static bool is_granted(const struct restore *restore, const struct bfd_line *line)
{
	return line->wish && (!restore->configured || line->wish->configured) &&
	       same_values(&line->values, &line->wish->values, true);
}

static int change_session(struct restore *restore, struct bfd_line *line)
{
	struct bfd_arguments change = {};
	int status;

	if (!same_auth(line->session, &line->args)) {
		take_auth(line, &change);
		status = set_session(restore, line, &change);
		if (status)
			return status;
		change = (struct bfd_arguments){};
	}
	if (is_granted(restore, line))
		return 0;
	if (line->args.client || !line->wish)
		return new_session(restore, line);
	if (is_shared(line->session) && !same_values(&line->values, &line->wish->values, true))
		forget_others(restore, line->session);
	take_differences(line, &line->wish->values, &change);
	return set_session(restore, line, &change);
}

static bool is_same_listener(const struct restore *restore, const struct bfd_line *line)
{
	const struct bfd_state_listener *listener = line->listener;

	return listener && same_values(&line->values, &listener->values, false) &&
	       (listener->configured || !restore->configured);
}

static int apply_listener(const struct restore *restore, const struct bfd_line *line)
{
	struct bfd_request request;

	if (is_same_listener(restore, line))
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
static int apply_key(struct bfd_line *line)
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
static bool is_left(const struct restore *restore, const struct bfd_line *line)
{
	if (!restore->device_count)
		return true;
	return line->kind != BFD_LINE_KEY && !line->session && !line->listener &&
	       (names_device(restore, line->args.dev) || names_device(restore, line->args.vrf));
}

static void apply_lines(struct restore *restore, enum bfd_line_kind kind)
{
	size_t i;

	for (i = 0; i < restore->lines.count; i++) {
		struct bfd_line *line = &restore->lines.all[i];
		int status = 0;

		if (line->kind != kind || !is_left(restore, line))
			continue;
		if (kind == BFD_LINE_KEY)
			status = apply_key(line);
		else if (kind == BFD_LINE_LISTENER)
			status = apply_listener(restore, line);
		else if (line->session)
			status = change_session(restore, line);
		else
			status = new_session(restore, line);
		if (status)
			failed(restore, line, status);
	}
}

/* ---- would the agent take it? ---- */

/* One with these ends, as far as the line says them, is to be deleted first. */
static bool replaces_one(struct restore *restore, const struct bfd_line *line)
{
	const struct bfd_selector *wanted = &line->args.selector;
	const struct bfd_state_session *session;

	for (session = *remote_bucket(restore, &wanted->remote); session; session = session->next) {
		if (!session->going || wanted->multihop != session->multihop ||
		    !bfd_same_inet(&wanted->remote, &session->remote))
			continue;
		if (wanted->multihop ? (!wanted->local.family ||
					bfd_same_inet(&wanted->local, &session->local)) &&
					       bfd_same_text(line->args.vrf, session->vrf)
				     : same_device(&line->args, session->ifindex, session->ifname))
			return true;
	}
	return false;
}

static bool name_comes_free(struct restore *restore, const char *name)
{
	const struct bfd_state_session *session = *name_bucket(restore, name);

	while (session && strcmp(session->name, name) != 0)
		session = session->next_named;
	return session && session->going;
}

static int check_new(struct restore *restore, const struct bfd_line *line,
		     const struct bfd_arguments *args)
{
	struct bfd_selector selector = args->selector;
	struct bfd_request request;

	if (selector.name && name_comes_free(restore, selector.name))
		selector.name = NULL;
	bfd_request_init(&request, BFD_CMD_SESSION_CHECK,
			 NLM_F_CREATE | (replaces_one(restore, line) ? 0 : NLM_F_EXCL));
	bfd_add_selector(&request, &selector);
	bfd_add_config(&request, args);
	return bfd_talk_default(&request);
}

/* That its ends and its name fit is why the line means it. */
static int check_change(const struct bfd_line *line, const struct bfd_arguments *args)
{
	struct bfd_arguments change = *args;
	struct bfd_request request;

	change.client = NULL;
	change.echo_source.family = 0;
	change.given[BFD_A_SESSION_REMOTE_DISCRIMINATOR] = false;
	bfd_request_init(&request, BFD_CMD_SESSION_CHECK, 0);
	addattr32(&request.n, sizeof(request), BFD_A_SESSION_LOCAL_DISCRIMINATOR,
		  line->session->id);
	bfd_add_config(&request, &change);
	return bfd_talk_default(&request);
}

static int check_session(struct restore *restore, const struct bfd_line *line)
{
	struct bfd_arguments args = line->args;
	uint32_t type = args.values[BFD_A_SESSION_AUTH_TYPE];

	if (line->session && same_auth(line->session, &args) && is_granted(restore, line))
		return 0;
	/* Keys that the file brings aren't there yet. */
	if (type && !bfd_has_keys(&restore->state, args.key_chain, type)) {
		args.given[BFD_A_SESSION_AUTH_TYPE] = false;
		args.key_chain = args.auth_variant = NULL;
		args.auth_optional = false;
	}
	return line->session ? check_change(line, &args) : check_new(restore, line, &args);
}

static int check_listener(const struct restore *restore, const struct bfd_line *line)
{
	struct bfd_request request;

	if (is_same_listener(restore, line))
		return 0;
	bfd_request_init(&request, BFD_CMD_LISTENER_CHECK, NLM_F_CREATE | NLM_F_REPLACE);
	add_listener_key(&request, &line->prefix, line->args.selector.ifindex);
	bfd_add_listener_config(&request, &line->args);
	return bfd_talk_default(&request);
}

/*
 * Before anything is changed.  But where there is nothing yet, nothing can be lost, and each line
 * stands alone: when a machine starts an address may be late.
 */
static int check_lines(struct restore *restore)
{
	size_t i;

	if (!restore->state.session_count && !restore->state.listener_count)
		return 0;
	for (i = 0; i < restore->lines.count; i++) {
		const struct bfd_line *line = &restore->lines.all[i];
		int status = 0;

		if (line->args.absent)
			continue; /* left out */
		if (line->kind == BFD_LINE_SESSION)
			status = check_session(restore, line);
		else if (line->kind == BFD_LINE_LISTENER)
			status = check_listener(restore, line);
		if (!status)
			continue;
		fprintf(stderr, "Command failed %s:%d, and nothing was changed.\n",
			restore->lines.file, line->number);
		return status;
	}
	return 0;
}

static void match_lines(struct restore *restore)
{
	size_t i;

	index_sessions(restore);
	for (i = 0; i < restore->lines.count; i++) {
		if (restore->lines.all[i].kind == BFD_LINE_SESSION)
			match_session(restore, &restore->lines.all[i]);
		else if (restore->lines.all[i].kind == BFD_LINE_LISTENER)
			match_listener(restore, &restore->lines.all[i]);
	}
}

static int apply(struct restore *restore)
{
	bool all = !restore->device_count;
	int status = 0;

	match_lines(restore);
	if (all) {
		plan_removals(restore);
		status = check_lines(restore);
	}
	if (status)
		return status;
	apply_lines(restore, BFD_LINE_KEY);
	if (all)
		remove_rest(restore);
	apply_lines(restore, BFD_LINE_LISTENER);
	apply_lines(restore, BFD_LINE_SESSION);
	return restore->status;
}

int bfd_restore(int argc, char **argv)
{
	struct restore restore = {};
	const char *file = NULL;
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
		} else if (!file)
			file = *argv;
		else
			invarg("is one file too many, see \"ip bfd help restore\"", *argv);
	}
	bfd_read_lines(&restore.lines, file ? file : "-", restore.configured);
	status = bfd_read_state(&restore.state);
	if (!status) {
		bfd_check_keys(&restore.lines, &restore.state);
		status = apply(&restore);
	}
	bfd_forget_lines(&restore.lines);
	return status;
}

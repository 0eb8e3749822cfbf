// SPDX-License-Identifier: GPL-2.0
/*
 * The source address of our echo packets (RFC 5881 4); see resolve.h.
 *
 * A router sees them come in and go out by one link, and tells their source of a shorter way
 * (a redirect) if it believes that this is a neighbour there.  So the source SHOULD NOT be in a
 * subnet of the link, nor be link-local.
 */
#include <errno.h>

#include "address.h"
#include "resolve.h"

int resolve_check_echo_source(const struct session_request *request, struct session_error *error)
{
	const struct bfd_address *source = &request->echo_source;
	struct address_text text = address_format(source);
	const char *unusable = address_unusable(source);

	if (address_family(source) != address_family(&request->remote))
		return session_fail(error, SESSION_FIELD_ECHO_SOURCE, -EINVAL,
				    "echo source %s is not of the family of the remote address %s",
				    text.text, address_format(&request->remote).text);
	if (unusable)
		return session_fail(error, SESSION_FIELD_ECHO_SOURCE, -EINVAL,
				    "echo source %s is %s", text.text, unusable);
	return 0;
}

/* An address without neighbours (/32, /128) makes no subnet. */
static bool is_host_address(const struct watch_address *own)
{
	return own->prefix_length == 128 && address_equal(&own->prefix, &own->address);
}

bool resolve_provokes_redirects(const struct watch_link *link, const struct bfd_address *source)
{
	if (address_is_link_local(source))
		return true;
	for (const struct watch_address *own = link->addresses; own; own = own->next)
		if (!is_host_address(own) && resolve_subnet_has(own, source))
			return true;
	return false;
}

/* From the worst to the best. */
enum echo_source_rank {
	ECHO_SOURCE_NONE,
	ECHO_SOURCE_IN_SUBNET,
	ECHO_SOURCE_OUTSIDE,
};

struct echo_source {
	const struct watch *watch;
	const struct watch_link *link;
	const struct bfd_session_info *info;
	const struct bfd_address *best;
	enum echo_source_rank rank; /* of best */
};

static enum echo_source_rank echo_source_rank(const struct echo_source *choice,
					      const struct watch_address *own)
{
	if (!own->usable ||
	    address_family(&own->address) != address_family(&choice->info->remote) ||
	    address_unusable(&own->address) || address_is_link_local(&own->address))
		return ECHO_SOURCE_NONE;
	return resolve_provokes_redirects(choice->link, &own->address) ? ECHO_SOURCE_IN_SUBNET
								       : ECHO_SOURCE_OUTSIDE;
}

/* Of two that are as good: the one in use, else the lower one.  In no order of devices, so that a
 * later agent chooses the same.
 */
static bool echo_source_before(const struct echo_source *choice, const struct bfd_address *address)
{
	const struct bfd_address *current = &choice->info->echo_source;

	if (address_equal(choice->best, current))
		return false;
	return address_equal(address, current) ||
	       memcmp(address, choice->best, sizeof(*address)) < 0;
}

static void echo_source_look(const struct watch_link *other, void *context)
{
	struct echo_source *choice = context;

	/* An address of another routing domain isn't ours in this one, and may be a neighbour's. */
	if (watch_domain(choice->watch, other) != watch_domain(choice->watch, choice->link))
		return;
	for (const struct watch_address *own = other->addresses; own; own = own->next) {
		enum echo_source_rank rank = echo_source_rank(choice, own);

		if (rank == ECHO_SOURCE_NONE || rank < choice->rank ||
		    (rank == choice->rank && !echo_source_before(choice, &own->address)))
			continue;
		choice->rank = rank;
		choice->best = &own->address;
	}
}

void resolve_echo_source(const struct watch *watch, const struct watch_link *link,
			 struct bfd_session_info *info)
{
	struct echo_source choice = {.watch = watch, .link = link, .info = info};

	if (info->flags & BFD_INFO_ECHO_SOURCE_FIXED)
		return;
	watch_each_link(watch, echo_source_look, &choice);
	/* In the subnet nothing is better than our own end of the session. */
	if (choice.rank == ECHO_SOURCE_OUTSIDE ||
	    (choice.best && address_is_link_local(&info->local)))
		info->echo_source = *choice.best;
	else
		info->echo_source = info->local;
}

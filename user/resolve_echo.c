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
	const struct watch_address *own = NULL;
	const struct watch_subnet *subnet;
	unsigned int below = WATCH_PREFIX_LENGTHS;

	if (address_is_link_local(source))
		return true;
	while ((own = watch_next_address(link, source, own)))
		if (!is_host_address(own))
			return true;
	while ((subnet = watch_next_subnet(link, source, &below)))
		if (subnet->length != 128 || !is_host_address(subnet->first))
			return true; /* an address of ours isn't the other end of a link, too */
	return false;
}

/* From the worst to the best. */
enum echo_source_rank {
	ECHO_SOURCE_NONE,
	ECHO_SOURCE_IN_SUBNET,
	ECHO_SOURCE_OUTSIDE,
};

/* What is best for all sessions of a family on a link. */
struct echo_source {
	const struct watch *watch;
	const struct watch_link *link;
	uint32_t ifindex;	 /* of link */
	unsigned int generation; /* of watch, when it was so */
	int family;
	struct bfd_address best;    /* the lowest of those that are as good */
	enum echo_source_rank rank; /* of best */
};

/* Remembered, since there may be many addresses and many sessions. */
#define ECHO_SOURCES 64
static struct echo_source echo_sources[ECHO_SOURCES];

static enum echo_source_rank echo_source_rank(const struct echo_source *choice,
					      const struct watch_address *own)
{
	if (!own->usable || address_family(&own->address) != choice->family ||
	    address_unusable(&own->address) || address_is_link_local(&own->address))
		return ECHO_SOURCE_NONE;
	return resolve_provokes_redirects(choice->link, &own->address) ? ECHO_SOURCE_IN_SUBNET
								       : ECHO_SOURCE_OUTSIDE;
}

static void echo_source_look(const struct watch_link *other, void *context)
{
	struct echo_source *choice = context;

	/* An address of another routing domain isn't ours in this one, and may be a neighbour's. */
	if (watch_domain(choice->watch, other) != watch_domain(choice->watch, choice->link))
		return;
	for (const struct watch_address *own = other->addresses; own; own = own->next) {
		enum echo_source_rank rank = echo_source_rank(choice, own);

		/* In no order of devices, so that a later agent chooses the same. */
		if (rank == ECHO_SOURCE_NONE || rank < choice->rank ||
		    (rank == choice->rank &&
		     memcmp(&own->address, &choice->best, sizeof(choice->best)) >= 0))
			continue;
		choice->rank = rank;
		choice->best = own->address;
	}
}

static const struct echo_source *echo_source_best(const struct watch *watch,
						  const struct watch_link *link, int family)
{
	struct echo_source *choice =
		&echo_sources[(2 * link->ifindex + (family == AF_INET)) % ECHO_SOURCES];

	if (choice->watch == watch && choice->generation == watch_generation(watch) &&
	    choice->ifindex == link->ifindex && choice->family == family)
		return choice;
	*choice = (struct echo_source){
		.watch = watch,
		.link = link,
		.ifindex = link->ifindex,
		.generation = watch_generation(watch),
		.family = family,
	};
	watch_each_link(watch, echo_source_look, choice);
	return choice;
}

/* The one in use stays, if none is better. */
static bool echo_source_stays(const struct echo_source *choice, const struct bfd_address *current)
{
	const struct watch_address *own = NULL;
	uint32_t domain = watch_domain(choice->watch, choice->link);

	while ((own = watch_next_local(choice->watch, domain, current, own)))
		if (echo_source_rank(choice, own) == choice->rank)
			return true;
	return false;
}

void resolve_echo_source(const struct watch *watch, const struct watch_link *link,
			 struct bfd_session_info *info)
{
	const struct echo_source *choice;

	if (info->flags & BFD_INFO_ECHO_SOURCE_FIXED)
		return;
	choice = echo_source_best(watch, link, address_family(&info->remote));
	/* In the subnet nothing is better than our own end of the session. */
	if (choice->rank != ECHO_SOURCE_OUTSIDE &&
	    (choice->rank == ECHO_SOURCE_NONE || !address_is_link_local(&info->local)))
		info->echo_source = info->local;
	else if (!echo_source_stays(choice, &info->echo_source))
		info->echo_source = choice->best;
}

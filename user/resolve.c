// SPDX-License-Identifier: GPL-2.0
/*
 * From the ends that an operator names to a device and a local address; see
 * resolve.h.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>

#include "address.h"
#include "resolve.h"
#include "route.h"
#include "rtnl.h"

int session_fail(struct session_error *error, enum session_field field, int result,
		 const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	error->field = field;
	return result;
}

/* Does a prefix of the link cover the address? */
static bool link_covers(const struct watch_link *link, const struct bfd_address *address)
{
	unsigned int below = WATCH_PREFIX_LENGTHS;

	return watch_next_subnet(link, address, &below);
}

bool resolve_subnet_has(const struct watch_address *own, const struct bfd_address *address)
{
	return address_equal(address, &own->address) ||
	       address_in_prefix(address, &own->prefix, own->prefix_length);
}

bool resolve_same_subnet(const struct watch_link *link, const struct bfd_address *a,
			 const struct bfd_address *b)
{
	const struct watch_address *own = NULL;
	const struct watch_subnet *subnet;
	unsigned int below = WATCH_PREFIX_LENGTHS;

	if (address_is_link_local(a) && address_is_link_local(b))
		return true;
	while ((subnet = watch_next_subnet(link, a, &below)))
		if (address_in_prefix(b, &subnet->prefix, subnet->length))
			return true;
	/* Our own address needn't be in the subnet that comes with it. */
	while ((own = watch_next_address(link, a, own)))
		if (resolve_subnet_has(own, b))
			return true;
	while ((own = watch_next_address(link, b, own)))
		if (resolve_subnet_has(own, a))
			return true;
	return false;
}

/* Has the subnet room for one neighbour only, or has its one neighbour a name? */
static bool subnet_is_narrow(const struct watch_address *own)
{
	return own->prefix_length == 127 || !address_equal(&own->prefix, &own->address);
}

bool resolve_point_to_point(const struct watch_link *link, const struct bfd_address *remote)
{
	bool narrow = link->point_to_point;

	for (const struct watch_address *own = link->addresses; own; own = own->next) {
		/* fe80:: is everywhere, and an address without a subnet has no neighbours. */
		if (address_family(&own->address) != address_family(remote) ||
		    address_is_link_local(&own->address))
			continue;
		if (subnet_is_narrow(own))
			narrow = true;
		else if (own->prefix_length != 128)
			return link->point_to_point;
	}
	return narrow;
}

/* Has the link an address of the family beyond the automatic fe80:: one? */
static bool link_is_numbered(const struct watch_link *link, int family)
{
	for (const struct watch_address *own = link->addresses; own; own = own->next)
		if (address_family(&own->address) == family &&
		    !address_is_link_local(&own->address))
			return true;
	return false;
}

/* The subnet's own address or its broadcast address (IPv4 only). */
static bool link_broadcasts(const struct watch_link *link, const struct bfd_address *address)
{
	const struct watch_subnet *subnet;
	unsigned int below = 96 + 31; /* /31 and /32 have no such addresses (RFC 3021) */
	uint32_t bits;

	if (!address_is_v4(address))
		return false;
	memcpy(&bits, address_data(address), sizeof(bits));
	bits = ntohl(bits);
	while ((subnet = watch_next_subnet(link, address, &below)) && subnet->length >= 96) {
		uint32_t host = UINT32_MAX >> (subnet->length - 96);

		if ((bits & host) == host || !(bits & host))
			return true;
	}
	return false;
}

static int resolve_named_device(const struct watch *watch, uint32_t ifindex,
				const struct watch_link **out, struct session_error *error)
{
	const struct watch_link *link = watch_link(watch, ifindex);

	if (!link)
		return session_fail(error, SESSION_FIELD_DEVICE, -ENODEV,
				    "there is no device with index %u", ifindex);
	*out = link;
	return 0;
}

static int resolve_device_by_route(const struct watch *watch, struct rtnl *rtnl,
				   const struct bfd_address *remote, uint32_t domain,
				   const struct watch_link **out, struct session_error *error)
{
	struct address_text text = address_format(remote);
	struct route route;

	if (address_is_link_local(remote))
		return session_fail(error, SESSION_FIELD_REMOTE, -EINVAL,
				    "%s is link-local: name the device with dev", text.text);
	if (route_get(rtnl, remote, NULL, domain, &route) ||
	    (route.type != RTN_UNICAST && route.type != RTN_BROADCAST))
		return session_fail(error, SESSION_FIELD_REMOTE, -ENETUNREACH,
				    "no route to %s: name the device with dev", text.text);
	if (route.has_gateway)
		return session_fail(error, SESSION_FIELD_REMOTE, -ENETUNREACH,
				    "%s is behind the gateway %s: a single hop needs a neighbour",
				    text.text, address_format(&route.gateway).text);
	return resolve_named_device(watch, route.ifindex, out, error);
}

/* A neighbour is in a subnet of the link, or routed to it without a gateway. */
static bool resolve_on_link(const struct watch *watch, struct rtnl *rtnl,
			    const struct watch_link *link, const struct bfd_address *remote)
{
	struct route route;

	if (address_is_link_local(remote) || link_covers(link, remote))
		return true;
	return !route_get(rtnl, remote, NULL, watch_domain(watch, link), &route) &&
	       route.type == RTN_UNICAST && route.ifindex == link->ifindex && !route.has_gateway;
}

int resolve_check_vrf(const struct watch *watch, const struct session_request *request,
		      struct session_error *error)
{
	const struct watch_link *vrf = watch_link(watch, request->vrf_ifindex);

	if (!request->vrf_ifindex)
		return 0;
	if (!vrf)
		return session_fail(error, SESSION_FIELD_VRF, -ENODEV,
				    "there is no VRF device with index %u", request->vrf_ifindex);
	if (!watch_is_vrf(vrf))
		return session_fail(error, SESSION_FIELD_VRF, -EINVAL, "%s is not a VRF device",
				    vrf->name);
	return 0;
}

int resolve_check_remote(const struct session_request *request, struct session_error *error)
{
	const char *unusable = address_unusable(&request->remote);

	if (!unusable)
		return 0;
	return session_fail(error, SESSION_FIELD_REMOTE, -EINVAL, "%s is %s",
			    address_format(&request->remote).text, unusable);
}

static bool is_our_own(const struct watch *watch, const struct session_request *request)
{
	const struct watch_link *link = watch_link(watch, request->ifindex);
	uint32_t scope = request->vrf_ifindex;

	if (link)
		scope = watch_scope(watch, link, &request->remote);
	return watch_find_local(watch, scope, &request->remote);
}

int resolve_device(const struct watch *watch, struct rtnl *rtnl,
		   const struct session_request *request, const struct watch_link **out,
		   struct session_error *error)
{
	const struct bfd_address *remote = &request->remote;
	struct address_text text = address_format(remote);
	int result = resolve_check_vrf(watch, request, error);

	if (!result)
		result = resolve_check_remote(request, error);
	if (result)
		return result;
	if (is_our_own(watch, request))
		return session_fail(error, SESSION_FIELD_REMOTE, -EINVAL, "%s is our own address",
				    text.text);
	result = request->ifindex ? resolve_named_device(watch, request->ifindex, out, error)
				  : resolve_device_by_route(watch, rtnl, remote,
							    request->vrf_ifindex, out, error);
	if (result)
		return result;
	if (request->vrf_ifindex && watch_domain(watch, *out) != request->vrf_ifindex)
		return session_fail(error, SESSION_FIELD_VRF, -EINVAL, "%s is not in the VRF %s",
				    (*out)->name, watch_link(watch, request->vrf_ifindex)->name);
	if (!(*out)->ethernet)
		return session_fail(error, SESSION_FIELD_DEVICE, -EOPNOTSUPP,
				    "%s is not an Ethernet device", (*out)->name);
	if (link_broadcasts(*out, remote))
		return session_fail(error, SESSION_FIELD_REMOTE, -EINVAL,
				    "%s is a broadcast address on %s", text.text, (*out)->name);
	if (!resolve_on_link(watch, rtnl, *out, remote))
		return session_fail(error, SESSION_FIELD_REMOTE, -ENETUNREACH,
				    "%s is not on the link of %s", text.text, (*out)->name);
	return 0;
}

int resolve_check_local(const struct watch *watch, const struct watch_link *link,
			const struct session_request *request, struct session_error *error)
{
	const struct bfd_address *local = &request->local, *remote = &request->remote;
	struct address_text text = address_format(local);

	if (!watch_find_address(link, local)) {
		/* Without addresses of its own a link borrows those of another. */
		if (!link_is_numbered(link, address_family(local)) &&
		    !address_is_link_local(local) &&
		    watch_find_local(watch, watch_domain(watch, link), local))
			return 0;
		return session_fail(error, SESSION_FIELD_LOCAL, -EADDRNOTAVAIL,
				    "local address %s is not on %s", text.text, link->name);
	}
	/* RFC 5881 6: source and destination are part of the subnet. */
	if (link_covers(link, remote) && !resolve_same_subnet(link, local, remote))
		return session_fail(error, SESSION_FIELD_LOCAL, -EADDRNOTAVAIL,
				    "local address %s is not in the subnet of %s", text.text,
				    address_format(remote).text);
	return 0;
}

#define LOCAL_BEST 4

/* How good an address is to send from, up to LOCAL_BEST; 0: not at all. */
static unsigned int local_rank(const struct watch_address *own, const struct bfd_address *remote)
{
	if (address_family(&own->address) != address_family(remote) ||
	    address_is_link_local(&own->address) != address_is_link_local(remote))
		return 0;
	return 1 + own->preferred + 2 * own->usable;
}

/* The first of the best in a subnet. */
static const struct watch_address *local_of_subnet(const struct watch_subnet *subnet,
						   const struct bfd_address *remote)
{
	const struct watch_address *best = NULL, *own;
	unsigned int best_rank = 0;

	for (own = subnet->first; own && best_rank < LOCAL_BEST; own = own->next_in_subnet) {
		unsigned int rank = local_rank(own, remote);

		if (rank > best_rank) {
			best_rank = rank;
			best = own;
		}
	}
	return best;
}

/* To a link-local peer any link-local address serves, that of the longest prefix first. */
static const struct watch_address *local_link_local(const struct watch_link *link,
						    const struct bfd_address *remote)
{
	const struct watch_address *best = NULL, *own;
	unsigned int best_rank = 0;

	for (own = link->addresses; own && address_is_link_local(&own->address); own = own->next) {
		unsigned int rank = local_rank(own, remote) + LOCAL_BEST * own->prefix_length;

		if (rank > best_rank) {
			best_rank = rank;
			best = own;
		}
	}
	return best;
}

/* The longest prefix that covers the peer, before all else (RFC 5881 6). */
static const struct watch_address *local_best(const struct watch_link *link,
					      const struct bfd_address *remote)
{
	const struct watch_address *best = NULL, *own;
	unsigned int below = WATCH_PREFIX_LENGTHS, best_rank = 0;
	const struct watch_subnet *subnet;

	if (address_is_link_local(remote))
		return local_link_local(link, remote);
	while (!best && (subnet = watch_next_subnet(link, remote, &below)))
		best = local_of_subnet(subnet, remote);
	if (best)
		return best;
	for (own = link->addresses; own && best_rank < LOCAL_BEST; own = own->next) {
		unsigned int rank = local_rank(own, remote);

		if (rank > best_rank) {
			best_rank = rank;
			best = own;
		}
	}
	return best;
}

/* The one that the operator named: on the link, or borrowed. */
static int resolve_fixed(const struct watch *watch, const struct watch_link *link,
			 const struct bfd_address *fixed, struct bfd_address *out)
{
	const struct watch_address *own = watch_find_address(link, fixed);

	if (!own) {
		const struct watch_link *other =
			watch_find_local(watch, watch_scope(watch, link, fixed), fixed);

		if (!other || link_is_numbered(link, address_family(fixed)))
			return -EADDRNOTAVAIL;
		own = watch_find_address(other, fixed);
	}
	if (!own->usable)
		return -EAGAIN;
	*out = *fixed;
	return 0;
}

int resolve_local(const struct watch *watch, struct rtnl *rtnl, const struct watch_link *link,
		  const struct bfd_address *remote, const struct bfd_address *fixed,
		  const struct bfd_address *current, struct bfd_address *out)
{
	const struct watch_address *best = local_best(link, remote), *own;
	struct route route;

	if (fixed)
		return resolve_fixed(watch, link, fixed, out);
	if (best) {
		/* A better one that came later is no reason to move a session. */
		own = watch_find_address(link, current);
		if (own && own->usable &&
		    (resolve_same_subnet(link, current, remote) ||
		     !resolve_same_subnet(link, &best->address, remote)))
			best = own;
		*out = best->address;
		return best->usable ? 0 : -EAGAIN;
	}
	if (route_get(rtnl, remote, NULL, watch_domain(watch, link), &route) || !route.has_source ||
	    route.ifindex != link->ifindex ||
	    !watch_find_local(watch, watch_scope(watch, link, &route.source), &route.source))
		return -EADDRNOTAVAIL;
	*out = route.source;
	return 0;
}

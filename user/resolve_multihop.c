// SPDX-License-Identifier: GPL-2.0
/*
 * The ends of a multihop session, and the way between them; see resolve.h.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "address.h"
#include "resolve.h"
#include "route.h"

static const char *domain_name(const struct watch *watch, uint32_t domain)
{
	const struct watch_link *vrf = domain ? watch_link(watch, domain) : NULL;

	return vrf ? vrf->name : NULL;
}

/* The one that the operator named.  That there is no route yet is no reason to refuse. */
static int check_local(const struct watch *watch, const struct session_request *request,
		       struct session_error *error)
{
	const struct bfd_address *local = &request->local;
	const char *vrf = domain_name(watch, request->vrf_ifindex);
	struct address_text text = address_format(local);

	if (address_is_link_local(local) || address_unusable(local))
		return session_fail(error, SESSION_FIELD_LOCAL, -EINVAL,
				    "local address %s can't be reached over several hops",
				    text.text);
	if (watch_find_local(watch, request->vrf_ifindex, local))
		return 0;
	return session_fail(error, SESSION_FIELD_LOCAL, -EADDRNOTAVAIL,
			    vrf ? "local address %s is on no device of the VRF %s"
				: "local address %s is on no device",
			    text.text, vrf);
}

/* The one that the kernel would send from. */
static int choose_local(const struct watch *watch, struct rtnl *rtnl,
			const struct session_request *request, struct bfd_address *local,
			struct session_error *error)
{
	struct address_text text = address_format(&request->remote);
	struct route route;

	if (route_get(rtnl, &request->remote, NULL, request->vrf_ifindex, &route) ||
	    route.type != RTN_UNICAST)
		return session_fail(error, SESSION_FIELD_REMOTE, -ENETUNREACH,
				    "no route to %s: name the address to use with local",
				    text.text);
	if (!route.has_source || address_is_link_local(&route.source) ||
	    !watch_find_local(watch, request->vrf_ifindex, &route.source))
		return session_fail(
			error, SESSION_FIELD_REMOTE, -EADDRNOTAVAIL,
			"no address of ours can be reached from %s: name one with local",
			text.text);
	*local = route.source;
	return 0;
}

int resolve_multihop(const struct watch *watch, struct rtnl *rtnl,
		     const struct session_request *request, struct bfd_address *local,
		     struct session_error *error)
{
	struct address_text text = address_format(&request->remote);
	int result = resolve_check_vrf(watch, request, error);

	if (!result)
		result = resolve_check_remote(request, error);
	if (result)
		return result;
	if (request->ifindex)
		return session_fail(error, SESSION_FIELD_DEVICE, -EINVAL,
				    "a multihop session follows the route and has no device");
	if (address_is_link_local(&request->remote))
		return session_fail(error, SESSION_FIELD_REMOTE, -EINVAL,
				    "%s is link-local: no more than one hop away", text.text);
	if (watch_find_local(watch, request->vrf_ifindex, &request->remote))
		return session_fail(error, SESSION_FIELD_REMOTE, -EINVAL, "%s is our own address",
				    text.text);
	*local = request->local;
	return request->has_local ? check_local(watch, request, error)
				  : choose_local(watch, rtnl, request, local, error);
}

void resolve_route(const struct watch *watch, struct rtnl *rtnl,
		   const struct bfd_session_info *info, struct resolved_hop *hop)
{
	const struct watch_link *holder = watch_find_local(watch, info->vrf_ifindex, &info->local);
	struct route route;

	memset(hop, 0, sizeof(*hop));
	hop->no_address = !holder;
	if (!holder || route_get(rtnl, &info->remote, &info->local, info->vrf_ifindex, &route) ||
	    route.type != RTN_UNICAST)
		return;
	hop->link = watch_link(watch, route.ifindex);
	hop->address = route.has_gateway ? route.gateway : info->remote;
	hop->ready = watch_find_address(holder, &info->local)->usable;
}

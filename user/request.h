/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the attributes of a request mean together: from struct genl_request to
 * what sessions.h and listeners.h take.  Each attribute by itself was checked by
 * genl/validate.c against genl/bfd.yaml.  It must not look at sessions.
 *
 * Errors are negative errno, with the extended ACK set.
 */
#ifndef IPBFD_REQUEST_H
#define IPBFD_REQUEST_H

#include "genl/server.h"
#include "listeners.h"
#include "sessions.h"

/* Which sessions are meant. */
int request_selector(struct genl_request *request, struct session_selector *selector);

/* A new session: defaults and what the request says. */
int request_session(struct genl_request *request, struct session_request *wanted);

/* What the request changes of a session; set names it.  The rest of config is zero.  The number of
 * a key chain is left to who knows chains.
 */
int request_config(struct genl_request *request, bool multihop, struct bfd_config *config);

/* Names are shown on terminals and chosen by words of a command line. */
int request_check_name(struct genl_request *request, uint32_t attribute);
/* The client that the request names; NULL: none. */
const char *request_client(const struct genl_request *request);

/* Prefix and device of a listener; all are required. */
int request_listener_key(struct genl_request *request, struct listener_request *wanted);
/* A new listener: its key, defaults and what the request says. */
int request_listener(struct genl_request *request, struct listener_request *wanted);
/* The parameters of a listener's sessions.  -EMSGSIZE: message is too small. */
int request_put_listener_config(struct nl_msg *message, const struct bfd_config *config);

/* Parameters of a session, those that differ from others.  -EMSGSIZE as above. */
int request_put_differences(struct nl_msg *message, const struct bfd_config *config,
			    const struct bfd_config *from);

/* Pass on what sessions.h says. */
int request_fail(struct genl_request *request, int error,
		 const struct session_error *session_error);
/* The same for listeners.h, whose requests have other attributes. */
int request_fail_listener(struct genl_request *request, int error,
			  const struct session_error *session_error);

#endif /* IPBFD_REQUEST_H */

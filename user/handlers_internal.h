/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What handlers.c and handlers_listeners.c share.  Nobody else may include it.
 */
#ifndef IPBFD_HANDLERS_INTERNAL_H
#define IPBFD_HANDLERS_INTERNAL_H

#include "handlers.h"

struct handlers {
	struct dataplane *dataplane;
	struct sessions *sessions;
	struct listeners *listeners;
	struct notify *notify;
	const char *version;
	struct genl_server *server;
};

/* handlers_listeners.c: as the members of struct genl_handler; context is the above. */
int handle_listener_new(struct genl_request *request, void *context);
int handle_listener_del(struct genl_request *request, void *context);
int handle_listener_get(struct genl_request *request, void *context);
int handle_listener_dump(struct genl_request *request, struct genl_dump *dump,
			 struct nl_msg *message, void *context);

#endif /* IPBFD_HANDLERS_INTERNAL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the handlers*.c share.  Nobody else may include it.
 */
#ifndef IPBFD_HANDLERS_INTERNAL_H
#define IPBFD_HANDLERS_INTERNAL_H

#include "handlers.h"

struct handlers {
	struct dataplane *dataplane;
	struct sessions *sessions;
	struct keys *keys;
	struct listeners *listeners;
	struct notify *notify;
	const char *version;
	struct genl_server *server;
};

/* handlers_listeners.c: as the members of struct genl_handler; context is the above. */
int handle_listener_new(struct genl_request *request, void *context);
int handle_listener_check(struct genl_request *request, void *context);
int handle_listener_del(struct genl_request *request, void *context);
int handle_listener_get(struct genl_request *request, void *context);
int handle_listener_dump(struct genl_request *request, struct genl_dump *dump,
			 struct nl_msg *message, void *context);

/* handlers_keys.c: the same. */
int handle_key_new(struct genl_request *request, void *context);
int handle_key_set(struct genl_request *request, void *context);
int handle_key_del(struct genl_request *request, void *context);
int handle_key_get(struct genl_request *request, void *context);
int handle_key_dump(struct genl_request *request, struct genl_dump *dump, struct nl_msg *message,
		    void *context);
uint64_t key_generation(void *context);
/* The key chain that a request on a session names becomes config->auth.chain. */
int handlers_find_keys(const struct handlers *handlers, struct genl_request *request,
		       struct bfd_config *config);
/* A warning, if with these keys nothing can be sent now. */
void handlers_warn_of_keys(const struct handlers *handlers, struct genl_request *request,
			   const struct bfd_config *config);

#endif /* IPBFD_HANDLERS_INTERNAL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A few listeners in memory behind user/listeners.h, so that the handlers can be
 * tested without a data plane.  It must not be linked into anything but tests.
 */
#ifndef IPBFD_SELFTESTS_FAKE_LISTENERS_H
#define IPBFD_SELFTESTS_FAKE_LISTENERS_H

#include "user/listeners.h"

struct listeners *fake_listeners_new(void);
void fake_listeners_free(struct listeners *listeners);

#endif /* IPBFD_SELFTESTS_FAKE_LISTENERS_H */

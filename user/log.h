/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines on standard error: `bfd-agent: ...`, with a syslog priority in front
 * (`<3>`) when the journal reads it.  It must not know what it is told.
 */
#ifndef IPBFD_LOG_H
#define IPBFD_LOG_H

#include <stdbool.h>

/* Looks whether the journal is at the other end, and whether log_debug() says anything. */
void log_open(bool verbose);

/* One line each; the newline is added. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* IPBFD_LOG_H */

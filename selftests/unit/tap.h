/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TAP for a test program: one line per named check, the plan at the end, and
 * the exit codes of kselftest.  It must not know what is tested.
 */
#ifndef IPBFD_TAP_H
#define IPBFD_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum tap_exit {
	TAP_PASS = 0,
	TAP_FAIL = 1,
};

static unsigned int tap_checks;
static unsigned int tap_failures;

/* One check; the text begins with the conformance row that it tests.  Returns ok. */
__attribute__((format(printf, 2, 3))) static inline bool tap_check(bool ok, const char *format, ...)
{
	va_list arguments;

	tap_checks++;
	if (!ok)
		tap_failures++;
	printf("%s %u - ", ok ? "ok" : "not ok", tap_checks);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	return ok;
}

/* Were two numbers equal?  Tells both if not. */
#define tap_equal(got, want, ...)                                                                  \
	do {                                                                                       \
		unsigned long long got_ = (got), want_ = (want);                                   \
                                                                                                   \
		if (!tap_check(got_ == want_, __VA_ARGS__))                                        \
			printf("# %s:%d: %s is %llu, not %llu\n", __FILE__, __LINE__, #got, got_,  \
			       want_);                                                             \
	} while (0)

/* The plan.  Returns the exit code. */
static inline int tap_finish(void)
{
	printf("1..%u\n", tap_checks);
	return tap_failures ? TAP_FAIL : TAP_PASS;
}

#endif /* IPBFD_TAP_H */

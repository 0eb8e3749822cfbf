/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a fuzz target works on: the bytes of the input and a session.  It must not assert anything.
 */
#ifndef IPBFD_FUZZ_SUBJECT_H
#define IPBFD_FUZZ_SUBJECT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "selftests/unit/fixture.h"

/* What is left of the input; reads zeros beyond its end. */
struct input {
	const uint8_t *bytes;
	size_t left;
};

struct subject {
	struct fixture fixture;
	struct bfd_echo echo;
	struct bfd_echo_stats echo_stats;
	struct bfd_echo_packet echo_packet; /* the last one that left */
	struct bfd_auth auth;
	__u8 kick;
};

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static uint32_t take(struct input *input, unsigned int count)
{
	uint32_t value = 0;

	while (count-- > 0) {
		value = value << 8 | (input->left ? *input->bytes : 0);
		if (input->left) {
			input->bytes++;
			input->left--;
		}
	}
	return value;
}

#endif /* IPBFD_FUZZ_SUBJECT_H */

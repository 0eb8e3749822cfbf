/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A value of one BTF type as a value of another: members go by their names.  It must not know
 * what the values are.
 */
#ifndef IPBFD_BTF_COPY_H
#define IPBFD_BTF_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;

/*
 * Fill to, size bytes of zeroes, from a value of another type.  What only to has stays zero, what
 * only from has is lost; integers become wider, and narrower if the value allows it; of arrays
 * the common elements are taken, those beyond must be zero.  Locks and timers stay zero.
 *
 * Returns 0, or -EINVAL: a member of that name is of another kind, -ERANGE: a value doesn't fit;
 * then member, of member_size bytes, has its name.
 */
int btf_copy(const struct btf *from_btf, uint32_t from_type, const void *from,
	     const struct btf *to_btf, uint32_t to_type, void *to, char *member,
	     size_t member_size);

bool btf_copy_is_zero(const uint8_t *bytes, size_t size);

#endif /* IPBFD_BTF_COPY_H */

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Puts `ip bfd` into an iproute2 source tree (6.1 or later), so that its `ip` has
# the object bfd.  Builds nothing and touches nothing else.
#
#	iproute2-ext/drop-in.sh TREE

set -eu

if [ $# -ne 1 ] || [ ! -f "$1/ip/ip.c" ]; then
	echo "Usage: $0 TREE, the top folder of an iproute2 source tree" >&2
	exit 2
fi
tree=$1
top=$(cd "$(dirname "$0")/.." && pwd)

patch -d "$tree" -p1 --dry-run -s < "$top/iproute2-ext/iproute2.patch"
mkdir -p "$tree/bfd/kern" "$tree/bfd/genl/generated" "$tree/bfd/genl/uapi"
cp "$top"/iproute2-ext/ipbfd*.[ch] "$tree/ip/"
cp "$top/iproute2-ext/ip-bfd.8" "$tree/man/man8/"
cp "$top/kern/limits.h" "$tree/bfd/kern/"
cp "$top/genl/spec.h" "$tree/bfd/genl/"
cp "$top"/genl/generated/policy.[ch] "$tree/bfd/genl/generated/"
cp "$top/genl/uapi/bfd_genl.h" "$tree/bfd/genl/uapi/"
patch -d "$tree" -p1 -s < "$top/iproute2-ext/iproute2.patch"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Makes the agent of a version to come, to try upgrades with: its maps are laid out otherwise (all
# members of struct bfd_vars moved, key chains larger).
#
#	next_version.sh BUILD FOLDER	from a copy of this tree and its BUILD, which FOLDER must not be
#
# The agent is FOLDER/build/bfd-agent.  It must not change the tree.

set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
next=$2

mkdir "$next"
cp -a "$top"/{Makefile,VERSION,kern,user,genl,iproute2-ext,selftests} "$next"
cp -a "$build" "$next/build"
version=$(sed -n 's/^#define BFD_ABI_VERSION //p' "$top/kern/abi.h")
sed -i "s/^#define BFD_ABI_VERSION .*/#define BFD_ABI_VERSION $((version + 1))/
	s/^struct bfd_vars {/&\n\t__u64 novelty;/
	s/sizeof(struct bfd_vars) == [0-9]*/sizeof(struct bfd_vars) % 8 == 0/" "$next/kern/abi.h"
sed -i 's/^#define BFD_MAX_CHAIN_KEYS .*/#define BFD_MAX_CHAIN_KEYS 18/' "$next/kern/limits.h"
make -C "$next" -s BUILD=build WARNINGS=-w build/bfd-agent build/ip-bfd

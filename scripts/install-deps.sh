#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Install the Debian packages that the project needs.
#
#	scripts/install-deps.sh --build		compile and run the unit tests
#	scripts/install-deps.sh			everything: lint, interop, VM, benches
#	scripts/install-deps.sh --list [--build]	only print the package names
#
# A machine that has them all already is left without a call to apt, so that
# this can stand in front of every build. It must not leave a routing daemon
# running or enabled that was not there before, must not ask a question, and
# must not depend on systemd being there.

set -eu

build_packages="
	gcc libc6-dev make clang llvm pkg-config linux-libc-dev bpftool
	libbpf-dev libelf-dev zlib1g-dev
	libnl-3-dev libnl-genl-3-dev libnl-route-3-dev
	libmnl-dev libjson-c-dev libcap-dev
	python3 python3-yaml
	iproute2 iputils-ping jq"

# libclang-rt-dev is the sanitizer and fuzzer runtime that fits the default clang.
other_packages="
	clang-format clang-tidy cppcheck libclang-rt-dev
	tshark tcpdump ethtool stress-ng man-db
	frr bird2
	qemu-system-x86 busybox-static cpio kmod xz-utils"

policy=/usr/sbin/policy-rc.d
policy_is_ours=no

fail()
{
	echo "install-deps: $*" >&2
	exit 1
}

usage()
{
	echo "usage: install-deps.sh [--list] [--build]"
}

# Print those of the packages named that are not installed. One dpkg-query for
# all of them: this is the whole cost on a machine that is ready.
missing_of()
{
	installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "$@" 2>/dev/null)" || true
	for package in "$@"; do
		case $installed in
		*" installed:$package "*) ;;
		*) echo "$package" ;;
		esac
	done
}

# Packages of daemons start them from their installation scripts, unless this
# file says that they may not. One that somebody else put there stays.
forbid_service_start()
{
	[ ! -e "$policy" ] || return 0
	policy_is_ours=yes
	printf '#!/bin/sh\nexit 101\n' > "$policy"
	chmod 755 "$policy"
}

allow_service_start()
{
	[ "$policy_is_ours" = no ] || rm -f "$policy"
	policy_is_ours=no
}

# Not started now is not enough: with systemd it would start at the next boot.
disable_service()
{
	if command -v systemctl >/dev/null; then
		systemctl --quiet disable "$1" >/dev/null 2>&1 || true
	elif command -v update-rc.d >/dev/null; then
		update-rc.d "$1" disable >/dev/null 2>&1 || true
	fi
	# Reached only if a policy-rc.d of somebody else let it start.
	if [ -d /run/systemd/system ]; then
		systemctl --quiet stop "$1" >/dev/null 2>&1 || true
	fi
}

# apt's own words go to a log and are shown only if it failed.
run_apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o DPkg::Lock::Timeout=300 \
		-o Dpkg::Use-Pty=0 \
		"$@" >> "$log" 2>&1 < /dev/null
}

apt_install()
{
	run_apt install --no-install-recommends "$@"
}

# An empty or an old package list shows as a failed installation: refresh it
# and try once more. The first try spares the refresh where it isn't needed.
install_packages()
{
	echo "install-deps: installing" "$@"
	if apt_install "$@"; then
		return 0
	fi
	run_apt update || true
	: > "$log"
	apt_install "$@"
}

list=no
packages="$build_packages $other_packages"
for argument in "$@"; do
	case $argument in
	--build) packages=$build_packages ;;
	--list) list=yes ;;
	-h|--help) usage; exit 0 ;;
	*) usage >&2; fail "unknown argument '$argument'" ;;
	esac
done

if [ "$list" = yes ]; then
	printf '%s\n' $packages
	exit 0
fi

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
	fail "needs a Debian-like system (no dpkg-query or apt-get here); the packages are: $(echo $packages)"

missing=$(missing_of $packages)
[ -n "$missing" ] || exit 0

[ "$(id -u)" = 0 ] || fail "must be root to install: $(echo $missing)"

log=$(mktemp)
trap 'allow_service_start; rm -f "$log"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

forbid_service_start
if ! install_packages $missing; then
	tail -n 20 "$log" >&2
	fail "apt-get could not install: $(echo $(missing_of $missing))"
fi

for package in $missing; do
	case $package in
	frr) disable_service frr ;;
	bird2) disable_service bird; disable_service bird6 ;;
	esac
done

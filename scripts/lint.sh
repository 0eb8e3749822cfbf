#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Style and static analysis of all tracked sources.
#
#	scripts/lint.sh [STEP]...	(all, without arguments)
#
# Steps: format, tidy, cppcheck, generated, shell.  Prints one line for each
# finding, and exits with 1 if there is any, with 2 if a tool is missing.  What is
# not looked for, and why, stands in .clang-tidy and cppcheck-suppressions.txt.  It
# must not change a source.

set -u

cd "$(dirname "$0")/.." || exit 2
build=${BUILD:-build}
jobs=$(nproc)
found=0

fail()
{
	echo "lint: $*" >&2
	exit 2
}

require()
{
	command -v "$1" >/dev/null || fail "$1 is not installed (scripts/install-deps.sh)"
}

# Tracked files by pattern, those that are there.
tracked()
{
	local file

	git ls-files -- "$@" | while read -r file; do
		[ ! -f "$file" ] || echo "$file"
	done
}

c_files()
{
	tracked '*.c' '*.h' | grep -v -e '^genl/generated/' -e '^genl/uapi/'
}

# report STEP: findings from standard input, each with the step before it.
report()
{
	local line

	while IFS= read -r line; do
		echo "$1: $line"
		found=1
	done
}

lint_format()
{
	require clang-format
	report format < <(c_files | xargs clang-format --dry-run -Werror 2>&1 |
		sed -n 's/: error: code should be clang-formatted.*/: not as .clang-format says/p')
}

# The headers that a file needs to be read at all.
host_flags()
{
	echo -std=gnu11 -D_GNU_SOURCE -I. -Igenl "-I$build" -Iiproute2-ext -Iiproute2-ext/compat -Iselftests/unit
	echo '-DIPBFD_VERSION="lint"' -DIPBFD_FUZZ_REPLAY
	pkg-config --cflags libbpf libnl-3.0 libnl-genl-3.0 libnl-route-3.0
}

bpf_flags()
{
	echo -target bpf -mcpu=v3 -O2 -Ikern "-I/usr/include/$(gcc -print-multiarch)"
}

# tidy_file FILE FLAG...: findings, from the last time if nothing that it read has changed.
tidy_file()
{
	local file=$1 key

	shift
	key=$({
		echo "$@"
		cat .clang-tidy
		clang -E "$@" "$file"
	} 2>/dev/null | sha256sum | cut -d' ' -f1)
	if [ ! -f "$build/lint/$key" ]; then
		clang-tidy --quiet "${tidy_options[@]}" "$file" -- "$@" > "$build/lint/$key.out" 2>&1 ||
			grep -q ': \(warning\|error\): ' "$build/lint/$key.out" ||
			echo "$PWD/$file: error: clang-tidy failed" >> "$build/lint/$key.out"
		sed -n "s|^$PWD/||; /: \(warning\|error\): /p" "$build/lint/$key.out" > "$build/lint/$key"
		rm "$build/lint/$key.out"
	fi
	cat "$build/lint/$key"
}

# Each file in a process of its own: the analyzer is what takes the time.  So it has a
# bound for each function, and isn't run on the tests, which run under ASan and UBSan.
tidy_all()
{
	local file running=0

	while read -r file; do
		tidy_options=(--extra-arg=-Xclang --extra-arg=-analyzer-config
			--extra-arg=-Xclang --extra-arg=max-nodes=20000)
		case $file in
		kern/*) tidy_file "$file" $(bpf_flags) & ;;
		selftests/*)
			tidy_options=('--checks=-clang-analyzer-*')
			tidy_file "$file" $(host_flags) &
			;;
		*) tidy_file "$file" $(host_flags) & ;;
		esac
		running=$((running + 1))
		if [ $running -ge "$jobs" ]; then
			wait -n
			running=$((running - 1))
		fi
	done < <(tracked '*.c')
	wait
}

lint_tidy()
{
	local skeleton=$build/bfd.skel.h

	require clang-tidy
	[ -f "$skeleton" ] || make -s "BUILD=$build" "$skeleton" >/dev/null ||
		fail "cannot make $skeleton, which the sources include"
	mkdir -p "$build/lint"
	# What is generated is not ours to mend.
	report tidy < <(tidy_all | grep -v "bfd[.]skel[.]h:" | sort -u)
}

lint_cppcheck()
{
	require cppcheck
	report cppcheck < <(tracked '*.c' | xargs cppcheck --quiet -j "$jobs" --std=c11 \
		--enable=warning,performance,portability --inline-suppr \
		--suppressions-list=scripts/cppcheck-suppressions.txt --library=posix \
		'-DSEC(name)=' '-DLIBBPF_OPTS(type, name, ...)=struct type name = {0}' \
		-I. -Igenl -Ikern -Iiproute2-ext -Iiproute2-ext/compat -Iselftests/unit \
		--template='{file}:{line}: {severity}: {message} [{id}]' 2>&1 | sort -u)
}

lint_generated()
{
	local answer

	answer=$(scripts/genl-gen.py --check 2>&1) || report generated <<< "$answer"
}

shell_files()
{
	local file

	tracked '*.sh'
	git ls-files | grep -v '\.[a-z]*$' | while read -r file; do
		[ ! -f "$file" ] || ! head -n 1 "$file" | grep -q '^#!.*sh$' || echo "$file"
	done
}

# SC2154, SC2034	setup_ns and friends set variables by name; sourced files read them
# SC2046		words are wanted where a list is kept in a string
# SC1007, SC2155	"local a= b" declares two; a status that is masked isn't wanted
# SC2139		an alias that is made in a loop must expand when it is defined
# SC3013		dash and busybox have -nt and -ot
shell_exclusions=SC2154,SC2034,SC2046,SC1007,SC2155,SC2139,SC3013

lint_shell()
{
	local file shell

	while read -r file; do
		shell=bash
		if head -n 1 "$file" | grep -q '^#!/bin/sh'; then
			shell="sh"
		fi
		report shell < <($shell -n "$file" 2>&1)
	done < <(shell_files)
	if command -v shellcheck >/dev/null; then
		report shellcheck < <(shell_files | xargs shellcheck -x -S warning \
			-e $shell_exclusions -f gcc 2>&1)
	fi
}

[ $# -gt 0 ] || set -- format generated shell cppcheck tidy
for step; do
	case $step in
	format | tidy | cppcheck | generated | shell) "lint_$step" ;;
	*) fail "there is no step '$step'" ;;
	esac
done
exit $found

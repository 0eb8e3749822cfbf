#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the tests and adds up their TAP points.
#
#	selftests/run.sh [FOLDER | FOLDER/TEST]...	(all, without arguments)
#
# The tests of a folder are what is executable in build/selftests/FOLDER (or is
# build/selftests/FOLDER itself) and the executable *.sh of selftests/FOLDER that say
# `# time limit: SECONDS` in their head; scripts that don't are tools.  The last line is
# exactly `N passed, N failed, N skipped`; the exit status is 1 if anything failed.  It
# must not know what the tests test.

set -u

top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build}
export BUILD=$build
logs=$build/selftests-log
folders=(lint unit prog_run netlink cli agent netns conformance interop vm)
binary_time_limit=120 # seconds

passed=0
failed=0
skipped=0
declare -A running=() # process id to index in files
files=()
started=()
ended=()    # "STATUS SECONDS"
reported=0

end_children()
{
	trap '' INT TERM HUP
	kill -TERM "${!running[@]}" 2>/dev/null
	wait
	exit 1
}
trap end_children INT TERM HUP

# How many tests of a folder run side by side: these mostly wait, in namespaces of their own.
# One that says `# alone` in its head needs an idle machine, and runs after the others.
jobs_of()
{
	case $1 in
	agent | netns) echo 3 ;;
	interop | vm) echo 2 ;;
	*) echo 1 ;;
	esac
}

limit_in_head()
{
	sed -n '1,20s/^# time limit: \([0-9][0-9]*\).*/\1/p' "$1"
}

is_alone()
{
	[[ $1 == *.sh ]] && sed -n 1,20p "$1" | grep -qx '# alone'
}

# One that says `# long` in its head runs only if it is named: the rest is to fit in 20 minutes.
is_long()
{
	[[ $1 == *.sh ]] && sed -n 1,20p "$1" | grep -qx '# long'
}

# Prints the tests of one folder, one a line.
tests_of()
{
	local file alone=()

	for file in "$build/selftests/$1" "$build/selftests/$1"/*; do
		if [ -f "$file" ] && [ -x "$file" ]; then
			echo "$file"
		fi
	done
	for file in "$top/selftests/$1"/*.sh; do
		if [ -f "$file" ] && [ -x "$file" ] && [ -n "$(limit_in_head "$file")" ]; then
			if is_alone "$file"; then
				alone+=("$file")
			else
				echo "$file"
			fi
		fi
	done
	[ ${#alone[@]} -eq 0 ] || printf '%s\n' "${alone[@]}"
}

time_limit_of()
{
	case $1 in
	*.sh) limit_in_head "$1" ;;
	*) echo $binary_time_limit ;;
	esac
}

# Prints `passed failed skipped finished`, from the TAP of a log. finished is a word: yes,
# or what is wrong with the output as a whole.
count_tap()
{
	awk '
	/^1\.\.[0-9]+/ {
		split($1, range, "[.][.]"); plan = range[2]; planned = 1
		if (plan == 0 && /# *SKIP/) { skipped++; whole = 1 }
	}
	/^ok /     { run++; if (/# *SKIP/) skipped++; else passed++ }
	/^not ok / { run++; if (/# *TODO/) skipped++; else failed++ }
	/^Bail out!/ { bailed = 1 }
	END {
		finished = "yes"
		if (bailed) finished = "bailed-out"
		else if (!planned) finished = "no-plan"
		else if (!whole && plan != run + 0) finished = "planned-" plan "-ran-" run + 0
		print passed + 0, failed + 0, skipped + 0, finished
	}' "$1"
}

show_skips()
{
	sed -n 's/^ok [0-9]* *-* *\(.*\)# *SKIP *\(.*\)/  skipped: \1(\2)/p
		s/^1\.\.0 *# *SKIP *\(.*\)/  skipped: \1/p' "$1"
}

# name_of FOLDER FILE
name_of()
{
	local base

	base=$(basename "$2")
	if [ "$base" = "$1" ]; then
		echo "$1"
	else
		echo "$1/$base"
	fi
}

log_of()
{
	local name

	name=$(name_of "$1" "$2")
	echo "$logs/${name//\//-}.log"
}

# report FOLDER FILE STATUS SECONDS
report()
{
	local name log status=$3 seconds=$4 ok not_ok skip finished why=""

	name=$(name_of "$1" "$2")
	log=$(log_of "$1" "$2")
	read -r ok not_ok skip finished < <(count_tap "$log")
	if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
		why="took longer than $(time_limit_of "$2") s"
	elif [ "$finished" != yes ]; then
		why="ended early: $finished, exit status $status"
	elif [ "$status" -eq 4 ] && [ "$skip" -gt 0 ]; then
		: # kselftest's status of a test that can't run here
	elif [ "$status" -ne 0 ] && [ "$not_ok" -eq 0 ]; then
		why="all points passed, but the exit status is $status"
	fi
	[ -z "$why" ] || not_ok=$((not_ok + 1))
	passed=$((passed + ok))
	failed=$((failed + not_ok))
	skipped=$((skipped + skip))

	if [ "$not_ok" -eq 0 ]; then
		echo "ok   $name: $ok passed, $skip skipped ($seconds s)"
		show_skips "$log"
		return
	fi
	echo "FAIL $name: $ok passed, $not_ok failed, $skip skipped ($seconds s)${why:+: $why}"
	sed 's/^/  | /' "$log" | tail -n 400
}

# start_test FOLDER INDEX
start_test()
{
	local file=${files[$2]}

	timeout --kill-after=30 "$(time_limit_of "$file")" "$file" \
		> "$(log_of "$1" "$file")" 2>&1 < /dev/null &
	running[$!]=$2
	started[$2]=$SECONDS
}

# Waits for one test to end; reports those that are next in order.
reap()
{
	local pid status index

	wait -n -p pid "${!running[@]}" 2>/dev/null
	status=$?
	index=${running[$pid]}
	unset "running[$pid]"
	ended[index]="$status $((SECONDS - started[index]))"
	while [ $reported -lt ${#files[@]} ] && [ -n "${ended[$reported]-}" ]; do
		# shellcheck disable=SC2086
		report "$1" "${files[$reported]}" ${ended[$reported]}
		reported=$((reported + 1))
	done
}

# run_folder FOLDER: the tests in files.
run_folder()
{
	local jobs index

	jobs=$(jobs_of "$1")
	started=()
	ended=()
	reported=0
	for ((index = 0; index < ${#files[@]}; index++)); do
		! is_alone "${files[index]}" || jobs=1
		while [ ${#running[@]} -ge "$jobs" ]; do
			reap "$1"
		done
		start_test "$1" $index
	done
	while [ ${#running[@]} -gt 0 ]; do
		reap "$1"
	done
}

# Of the tests in files, those that are not long; each of these is a skip that says so.
leave_out_long()
{
	local file short=()

	for file in "${files[@]}"; do
		if is_long "$file"; then
			skipped=$((skipped + 1))
			echo "skip $(name_of "$1" "$file"): long: selftests/run.sh $1, or make check-long"
		else
			short+=("$file")
		fi
	done
	files=("${short[@]}")
}

mkdir -p "$logs"
all=no
if [ $# -eq 0 ]; then
	all=yes
	set -- "${folders[@]}"
fi
for wanted in "$@"; do
	wanted=${wanted%/}
	folder=${wanted%%/*}
	mapfile -t files < <(tests_of "$folder" | case $wanted in
		*/*) grep -F "/${wanted#*/}" ;;
		*) cat ;;
		esac)
	if [ ${#files[@]} -eq 0 ]; then
		echo "FAIL $wanted: there is no such test"
		failed=$((failed + 1))
		continue
	fi
	[ $all = no ] || leave_out_long "$folder"
	run_folder "$folder"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]

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
# Folders that are one queue, so that the end of one isn't a single test that waits.
queues=(lint "unit netlink cli" prog_run "agent netns" conformance torture "interop vm")
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
# prog_run measures time to the millisecond; lint and conformance keep all processors busy by
# themselves.
jobs_of()
{
	case $1 in
	agent | netns) echo 3 ;;
	unit | netlink | cli | interop | vm) echo 2 ;;
	*) echo 1 ;;
	esac
}

# Those that say `# alone` in their head need a machine that is idle but for one of their kind and the
# patient, and run after the others of their queue.
jobs_alone=2

limit_in_head()
{
	sed -n '1,20s/^# time limit: \([0-9][0-9]*\).*/\1/p' "$1"
}

# head_says FILE WORD: a script, with this word as a line of its head.
head_says()
{
	[[ $1 == *.sh ]] && sed -n 1,20p "$1" | grep -qx "# $2"
}

is_alone()
{
	head_says "$1" alone
}

# One that says `# long` in its head runs only if it is named: the rest is to fit in 20 minutes.
is_long()
{
	head_says "$1" long
}

# One that says `# patient` in its head only computes, and nothing depends on how long: it runs at
# the lowest priority and takes no place of those that mostly wait.  Best beside interop, which leaves
# the processors idle: agent and netns together do not.
is_patient()
{
	head_says "$1" patient
}

# Prints the tests of one folder, one a line.
tests_of()
{
	local file

	for file in "$build/selftests/$1" "$build/selftests/$1"/*; do
		if [ -f "$file" ] && [ -x "$file" ]; then
			echo "$file"
		fi
	done
	for file in "$top/selftests/$1"/*.sh; do
		if [ -f "$file" ] && [ -x "$file" ] && [ -n "$(limit_in_head "$file")" ]; then
			echo "$file"
		fi
	done
}

# Tests, one a line, in the order in which they are started: the patient; what may take longest
# first, so that nothing long is left at the end; then those that need an idle machine.
in_order()
{
	local file turn

	while read -r file; do
		turn=1
		! is_patient "$file" || turn=0
		! is_alone "$file" || turn=2
		echo "$turn $(time_limit_of "$file") $file"
	done | sort -s -k 1,1n -k 2,2nr | cut -d ' ' -f 3-
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

# folder_of FILE; of build/selftests/FOLDER itself it is FOLDER.
folder_of()
{
	local folder=${1%/*}

	[ "$folder" != "$build/selftests" ] || folder=$1
	echo "${folder##*/}"
}

name_of()
{
	local folder

	folder=$(folder_of "$1")
	if [ "${1##*/}" = "$folder" ]; then
		echo "$folder"
	else
		echo "$folder/${1##*/}"
	fi
}

log_of()
{
	local name

	name=$(name_of "$1")
	echo "$logs/${name//\//-}.log"
}

# report FILE STATUS SECONDS
report()
{
	local name log status=$2 seconds=$3 ok not_ok skip finished why=""

	name=$(name_of "$1")
	log=$(log_of "$1")
	read -r ok not_ok skip finished < <(count_tap "$log")
	if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
		why="took longer than $(time_limit_of "$1") s"
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

# start_test INDEX
start_test()
{
	local file=${files[$1]} priority=()

	! is_patient "$file" || priority=(nice -n 19)
	"${priority[@]}" timeout --kill-after=30 "$(time_limit_of "$file")" "$file" \
		> "$(log_of "$file")" 2>&1 < /dev/null &
	running[$!]=$1
	started[$1]=$SECONDS
}

# has_place JOBS: fewer than so many run, not counting the patient.
has_place()
{
	local index taken=0

	for index in "${running[@]}"; do
		is_patient "${files[index]}" || taken=$((taken + 1))
	done
	[ $taken -lt "$1" ]
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
		report "${files[$reported]}" ${ended[$reported]}
		reported=$((reported + 1))
	done
}

# run_queue JOBS: the tests in files, so many side by side.
run_queue()
{
	local jobs=$1 index others=yes

	started=()
	ended=()
	reported=0
	for ((index = 0; index < ${#files[@]}; index++)); do
		if is_alone "${files[index]}" && [ $others = yes ]; then
			while ! has_place 1; do
				reap
			done
			others=no
			jobs=$jobs_alone
		fi
		while ! has_place "$jobs"; do
			reap
		done
		start_test $index
	done
	while [ ${#running[@]} -gt 0 ]; do
		reap
	done
}

# Of the tests in files, those that are not long; each of these is a skip that says so.
leave_out_long()
{
	local file short=()

	for file in "${files[@]}"; do
		if is_long "$file"; then
			skipped=$((skipped + 1))
			echo "skip $(name_of "$file"): long: selftests/run.sh $(folder_of "$file"), or make check-long"
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
	set -- "${queues[@]}"
fi
for queue in "$@"; do
	files=()
	for wanted in $queue; do
		wanted=${wanted%/}
		folder=${wanted%%/*}
		mapfile -t found < <(tests_of "$folder" | case $wanted in
			*/*) grep -F "/${wanted#*/}" ;;
			*) cat ;;
			esac)
		if [ ${#found[@]} -eq 0 ]; then
			echo "FAIL $wanted: there is no such test"
			failed=$((failed + 1))
		fi
		files+=("${found[@]}")
	done
	[ ${#files[@]} -gt 0 ] || continue
	mapfile -t files < <(printf '%s\n' "${files[@]}" | in_order)
	[ $all = no ] || leave_out_long
	run_queue "$(jobs_of "$folder")"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 900
#
# The conformance tests as a test of `make check`.

exec "$(dirname "$0")/run.py" --tap "$@"

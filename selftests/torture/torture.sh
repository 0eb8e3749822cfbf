#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# long
#
# The torture test, shorter and with slower sessions.  `make torture` has it whole.

exec "$(dirname "$0")/torture.py" --build "$BUILD" --seconds 40 --sessions 40 --tx 50ms

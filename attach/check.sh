#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check.sh [OPTION | PATH]...
#
# Runs `hvreplay check` with these options and paths, and leaves its reports in the folder $HVREPLAY_REPORTS
# (hvreplay-report). Takes the hvreplay of the project that it is called in, else the one in PATH, and installs none.
# The exit status is that of check: 0 all agrees, 1 something differs, 2 wrong input, 3 a defect.
set -eu

reports=${HVREPLAY_REPORTS:-hvreplay-report}
program=./node_modules/.bin/hvreplay
[ -x "$program" ] || program=$(command -v hvreplay) || {
  echo "check.sh: no hvreplay in node_modules/.bin or PATH; 'npm ci' installs the one that package.json names" >&2
  exit 2
}

exec "$program" check --reporter pretty \
  --reporter "json=$reports/report.json" \
  --reporter "html=$reports/report.html" \
  --reporter "junit=$reports/junit.xml" \
  --reporter "gitlab=$reports/quality.json" \
  "$@"

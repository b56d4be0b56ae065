#!/usr/bin/env bash
# What recorded editing takes on the wire, to docs/BENCHMARKS-WIRE.md. Sizes are exact, whatever the machine does.
#
#   bench/wire.sh [TRACE...]    traces to replay; without any, those of the folder COEDIT_TRACES
set -euo pipefail
cd "$(dirname "$0")/.."
shopt -s nullglob
traces=("$@")
[ ${#traces[@]} -gt 0 ] || traces=("${COEDIT_TRACES:-../shared/traces}"/*.json*)
[ ${#traces[@]} -gt 0 ] || { echo "bench: no traces; COEDIT_TRACES names their folder" >&2; exit 1; }
{
	printf '# What a keystroke takes on the wire\n\nWritten by `bench/wire.sh` (`make bench`): `coedit bench wire --help` says what is counted. Bytes for each patch of a\n'
	printf 'trace, in messages of so many patches. JSON has one record for each patch, with ids of 16 hex digits; sealed is padded\nand signed; on the wire is without TLS and TCP.\n\n```\n'
	go run ./cmd/coedit bench wire "${traces[@]}" | sed 's/ *$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
	printf '```\n'
} >docs/BENCHMARKS-WIRE.md

#!/usr/bin/env bash
# Measures coedit and the other engines on the same traces, in turns, and writes docs/BENCHMARKS.md.
#
#   bench/run.sh [TRACE...]     traces to replay; without any, those of the folder COEDIT_TRACES
#
# ROUNDS (3) how often everything is measured; RUNS (3) how many runs make one measurement; ENGINES the peers of every
# round, SLOW_ENGINES those of the first round only; COEDIT_BIN a coedit to measure instead of building this one; MINUTES (60)
# after which no further round begins, and no other engine in the first one. Needs Go, Node 20 and npm.
#
# An engine gets at most 200 s for a trace, so the whole takes no more than MINUTES and a quarter of an hour.
set -euo pipefail
cd "$(dirname "$0")/.."

traces=${COEDIT_TRACES:-../shared/traces}
traces=$(cd "$traces" && pwd)
rounds=${ROUNDS:-3}
runs=${RUNS:-3}
read -r -a engines <<<"${ENGINES-yjs diamond-types json-joy}"
read -r -a slow <<<"${SLOW_ENGINES-yjs-nogc loro-crdt automerge}"
out=bench/out

files=("$@")
[ ${#files[@]} -gt 0 ] || files=("$traces"/*.json "$traces"/*.json.gz)
existing=()
for file in "${files[@]}"; do
	[ ! -e "$file" ] || existing+=("$file")
done
if [ ${#existing[@]} -eq 0 ]; then
	echo "bench: no traces in $traces; COEDIT_TRACES names another folder" >&2
	exit 1
fi

rm -rf "$out"
mkdir -p "$out"
coedit=${COEDIT_BIN:-$out/coedit}
[ -n "${COEDIT_BIN:-}" ] || make --no-print-directory build OUT="$coedit"
go test -c -o "$out/tracebench.test" ./internal/tracebench
(cd bench/peers && npm ci --no-audit --no-fund --loglevel=error)

[ ! -e /proc/loadavg ] || cp /proc/loadavg "$out/load.txt"

ends=$((SECONDS + 60 * ${MINUTES:-60}))
say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

# peer ENGINE FILE: one line of JSON, also where the engine fails.
peer() {
	if [ "$SECONDS" -ge "$ends" ]; then
		say "$1 $(basename "$2"): no time left"
		return
	fi
	say "$1 $(basename "$2")"
	timeout 200 node --expose-gc bench/peers/measure.mjs "$1" "$2" "$runs" >>"$out/peers.jsonl" ||
		node -e 'console.log(JSON.stringify({ engine: process.argv[1], trace: process.argv[2], error: "ended or took more than 200 s" }))' \
			"$1" "$(basename "$2" | sed -E 's/\.json(\.gz)?$//')" >>"$out/peers.jsonl"
}

measure() { # round file
	local round=$1 file=$2 engine
	say "round $round: coedit $(basename "$file")"
	"$coedit" bench trace --json --quiet --runs "$((runs + 2))" "$file" >>"$out/coedit.jsonl"
	for engine in "${engines[@]}"; do peer "$engine" "$file"; done
	if [ "$round" = 1 ]; then
		for engine in "${slow[@]}"; do peer "$engine" "$file"; done
		"$coedit" bench trace --json --quiet --times --runs 1 "$file" >>"$out/times.jsonl"
	fi
}

for round in $(seq "$rounds"); do
	if [ "$round" -gt 1 ] && [ "$SECONDS" -ge "$ends" ]; then
		say "round $round: no time left"
		break
	fi
	echo "$round" >"$out/rounds.txt"
	touch "$out/peers.jsonl" # should there be none
	for file in "${existing[@]}"; do measure "$round" "$file"; done
	say "round $round: floor"
	(cd internal/tracebench && COEDIT_TRACES=$traces "../../$out/tracebench.test" \
		-test.run '^$' -test.bench 'Floor|OnePlace' -test.benchtime 20x) >>"$out/floor.txt"
done
say "growth"
go test ./rga -run '^$' -bench Scale -benchtime 1x >"$out/scale.txt"
go version >"$out/go-version.txt"

node bench/peers/report.mjs "$out" >"$out/BENCHMARKS.md"
mkdir -p docs
mv "$out/BENCHMARKS.md" docs/BENCHMARKS.md
cat docs/BENCHMARKS.md

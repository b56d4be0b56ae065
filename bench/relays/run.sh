#!/usr/bin/env bash
# Measures coedit's relay and two others under the same loads, in turns, and writes docs/BENCHMARKS-RELAY.md.
#
# ROUNDS (3) how often the loads with others beside are measured; SECONDS_OF_LOAD (20); IDLE (5000) rooms of two idle clients;
# COEDIT_BIN a coedit to measure instead of building this one. Needs Go, Node 20 and npm. A quarter of an hour is normal.
set -euo pipefail
cd "$(dirname "$0")/../.."

rounds=${ROUNDS:-3}
load=${SECONDS_OF_LOAD:-20}
idle=${IDLE:-5000}
out=bench/out/relays
port=${PORT:-18230}

rm -rf "$out"
mkdir -p "$out"
ulimit -n "$(ulimit -Hn)"
coedit=${COEDIT_BIN:-$out/coedit}
[ -n "${COEDIT_BIN:-}" ] || make --no-print-directory build OUT="$coedit"
go build -o "$out/load" ./bench/relays/load
(cd bench/relays && npm ci --no-audit --no-fund --loglevel=error)
[ ! -e /proc/loadavg ] || cp /proc/loadavg "$out/load.txt"

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

# keep WHAT WHO COMMAND...: one line of JSON with who and what, also where it fails.
keep() {
	local what=$1 who=$2 figures
	shift 2
	say "$what: $who"
	figures=$(timeout 400 "$@" 2>>"$out/errors.txt") || figures='{"failed":true}'
	printf '{"what":"%s","who":"%s","figures":%s}\n' "$what" "$who" "$figures" >>"$out/relays.jsonl"
}

ours() { # what, who, flags
	local what=$1 who=$2
	shift 2
	keep "$what" "$who" "$coedit" bench relay --json --quiet "$@"
}

theirs() { # what, flags
	local what=$1
	shift
	port=$((port + 1))
	keep "$what" y-websocket "$out/load" --protocol y-websocket --port "$port" "$@" -- \
		node bench/relays/node_modules/@y/websocket-server/src/server.js
	port=$((port + 1))
	keep "$what" hocuspocus "$out/load" --protocol hocuspocus --port "$port" "$@" -- node bench/relays/hocuspocus.mjs "$port"
}

say "seal: one keystroke"
go test ./transport/seal -run '^$' -bench Keystroke -count 5 >"$out/seal.txt"

for round in $(seq "$rounds"); do
	ours one coedit --rooms 1 --clients 50 --rate 2 --duration "${load}s"
	ours one 'coedit, in memory' --rooms 1 --clients 50 --rate 2 --duration "${load}s" --memory
	theirs one --rooms 1 --clients 50 --rate 2 --duration "${load}s"
	ours many coedit --rooms 500 --clients 2 --rate 1 --duration "${load}s"
	theirs many --rooms 500 --clients 2 --rate 1 --duration "${load}s"
done
ours idle coedit --rooms "$idle" --clients 2 --rate 0 --duration 5s
theirs idle --rooms "$idle" --clients 2 --rate 0 --duration 5s

for rate in 30 120; do
	for payload in 120 8000; do
		ours "flow-$((rate * 10))-$payload" coedit --clients 11 --rate "$rate" --slow 1 --payload "$payload" --duration "${load}s"
		ours "flow-$((rate * 10))-$payload" 'plain queues' --clients 11 --rate "$rate" --slow 1 --payload "$payload" --duration "${load}s" --fifo
	done
done
ours ack coedit --rooms 1000 --clients 2 --rate 1 --duration "${load}s"
ours storm coedit --rooms 1000 --clients 2 --rate 1 --duration 5s --storm

go version >"$out/go-version.txt"
node bench/relays/report.mjs "$out" >"$out/report.md"
mv "$out/report.md" docs/BENCHMARKS-RELAY.md
cat docs/BENCHMARKS-RELAY.md

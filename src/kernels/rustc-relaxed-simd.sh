#!/usr/bin/env bash
# As rustc-simd.sh, with relaxed SIMD; the dependencies are shared with the build for all browsers.
relaxed=()
[[ " $* " != *" wasm32-unknown-unknown "* ]] || relaxed=(-Ctarget-feature=+relaxed-simd)
exec "${BASH_SOURCE[0]%/*}/rustc-simd.sh" "$@" "${relaxed[@]}"

#!/usr/bin/env bash
# rustc for the wasm modules, as cargo's RUSTC_WORKSPACE_WRAPPER: for this project's own crates alone. Their symbols are named the
# same in every build, so that modules of different instructions are bound to one JavaScript.
arguments=()
for argument; do
  [[ $argument != metadata=* ]] || argument=metadata=polyhead
  arguments+=("$argument")
done
exec "${arguments[@]}"

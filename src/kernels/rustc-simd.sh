#!/usr/bin/env bash
# rustc for the wasm modules, as cargo's RUSTC_WORKSPACE_WRAPPER: for this project's own crates alone. Their symbols are named the
# same in every build, so that modules of different instructions are bound to one JavaScript. rustc names what it keeps for the
# next build after the same hash: a folder for each build, or they would throw away each other's.
build=
for argument; do
  [[ $argument != metadata=* ]] || build=${argument#metadata=}
done
arguments=()
for argument; do
  case $argument in
    metadata=*) argument=metadata=polyhead ;;
    incremental=*) argument+=/$build ;;
  esac
  arguments+=("$argument")
done
exec "${arguments[@]}"

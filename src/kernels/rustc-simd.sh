#!/usr/bin/env bash
# rustc for the wasm modules, as cargo's RUSTC_WORKSPACE_WRAPPER: it applies to this project's own crates alone. Their
# symbols have the same names in every build, so that modules with different instructions share one JavaScript file.
# rustc names its incremental files after the same hash, so each build has its own folder; otherwise they would
# overwrite each other.
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

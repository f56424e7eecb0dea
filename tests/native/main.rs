//! Tests of the library and the command line on this machine.

mod activation_map;
mod canonical;
mod check;
mod command;
mod crew;
mod damaged;
mod edit;
mod embed;
mod evidence;
mod exports;
mod external;
mod figures;
mod fit;
mod fuzzed;
mod golden;
mod hostile;
mod image;
mod interrupted;
mod kernels;
mod kinds;
mod limits;
mod lowered;
mod merge;
mod mutants;
mod odd_numbers;
mod pairs;
mod preprocess;
mod profile;
mod results;
mod rule;
mod serve;
mod source;
mod split;
mod taps;
mod text;
mod tfjs;
mod tiny;
mod workshop;

/// What ends at all ends within this, also on a slow machine; no test is about less.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

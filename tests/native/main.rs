//! Tests of the library and the command line on this machine.

mod activation_map;
mod canonical;
mod check;
mod command;
mod edit;
mod embed;
mod evidence;
mod exports;
mod figures;
mod fit;
mod fuzzed;
mod golden;
mod hostile;
mod kinds;
mod merge;
mod pairs;
mod picture;
mod preprocess;
mod rule;
mod serve;
mod source;
mod split;
mod taps;
mod tfjs;
mod tiny;
mod workshop;

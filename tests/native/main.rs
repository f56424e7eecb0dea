//! Tests of the library and the command line on this machine.

mod activation_map;
mod canonical;
mod edit;
mod embed;
mod exports;
mod golden;
mod hostile;
mod kinds;
mod merge;
mod pairs;
mod picture;
mod preprocess;
mod serve;
mod source;
mod split;
mod tfjs;
mod tiny;

//! Tests of the library and the command line on this machine.

mod canonical;
mod edit;
mod embed;
mod golden;
mod kinds;
mod merge;
mod pairs;
mod picture;
mod preprocess;
mod serve;
mod split;
mod tiny;

//! Tests of the library and the command line on this machine.

mod accuracy_table;
mod activation_map;
mod adversarial;
mod backbone_relation;
mod backbones;
mod block_features;
mod canonical;
mod check;
mod command;
mod corrupt_files;
mod edit;
mod embed;
mod evidence;
mod exporter_matrix;
mod exports;
mod external;
mod features;
mod fit;
mod fuzzed;
mod golden;
mod image;
mod interrupted;
mod keras;
mod kernels;
mod limits;
mod lowering;
mod merge;
mod mutants;
mod nearly_equal_table;
mod non_finite;
mod pairs;
mod preprocess;
mod profile;
mod results;
mod rule;
mod sanitize;
mod serve;
mod source;
mod split;
mod tfjs;
mod tflite;
mod thread_pool;
mod tiny;
mod workshop;

/// The timeout of operations that must end, generous for slow machines; no test measures a shorter time.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

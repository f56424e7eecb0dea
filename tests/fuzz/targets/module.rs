//! WebAssembly modules in which a model is embedded.
#![cfg_attr(fuzzing, no_main)]

use polyhead::embed::{embed, embedded};
use polyhead_fuzz::held::{must, told};

polyhead_fuzz::target!("module", |data| {
    let held = told(embedded(data));
    let embedded_into = told(embed(data, b"a model"));
    assert_eq!(held.is_some(), embedded_into.is_some(), "read and written by different rules");
    let Some(module) = embedded_into else { return };
    assert_eq!(must("what was embedded", embedded(&module)), Some(b"a model".as_slice()));
    assert!(must("the module with its model", embed(&module, b"a model")) == module, "twice is not once");
    let other = must("the module with its model", embed(&module, b""));
    assert!(must("the module with another model", embed(&other, b"a model")) == module);
});

//! Runs every fuzz target on its seeds and on a thousand mutated inputs, always the same: `cargo test -p polyhead-fuzz`.
//! The fuzzer itself runs the same targets for hours: `./build.sh soak`.

macro_rules! targets {
    ($($name:ident $path:literal $count:literal,)*) => {
        $(
            #[path = $path]
            mod $name;
            #[test]
            fn $name() {
                $name::target().run($count);
            }
        )*
    };
}

targets! {
    model "targets/model.rs" 1000,
    graph "targets/graph.rs" 1000,
    classify "targets/classify.rs" 1000,
    archive "targets/archive.rs" 1000,
    labels "targets/labels.rs" 1000,
    preprocessing "targets/preprocessing.rs" 1000,
    evidence "targets/evidence.rs" 1000,
    features "targets/features.rs" 1000,
    decode "targets/decode.rs" 1000,
    exif "targets/exif.rs" 1000,
    project "targets/project.rs" 1000,
    module "targets/module.rs" 1000,
}

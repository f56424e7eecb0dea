//! Our own operators compared with tract's on whole models.

use polyhead::canonical::canonical;
use polyhead::engine::Engine;
use polyhead::onnx::{decode, to_graph, to_proto};
use std::path::PathBuf;

/// Runs every model in POLYHEAD_FIXTURES, and the demo's, on our operators and on tract's own.
#[test]
#[ignore = "takes models in POLYHEAD_FIXTURES"]
fn every_fixture_agrees_with_plain_tract() {
    let folder = PathBuf::from(std::env::var("POLYHEAD_FIXTURES").unwrap());
    let mut worst = 0.0f32;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "onnx") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let Ok(proto) = decode(&name, std::fs::read(&path).unwrap()) else { continue };
        let nhwc = ["keras", "liner", "tm-", "b0", "mnv2"].iter().any(|k| name.contains(k)) && !name.contains("lite0");
        let side = if name.contains("192") {
            192
        } else if name.contains("lite1") {
            240
        } else {
            224
        };
        let shape = if nhwc { [1, side, side, 3] } else { [1, 3, side, side] };
        let numbers: Vec<f32> = (0..3 * side * side).map(|i| ((i * 7919 % 2003) as f32 / 1001.5) - 1.0).collect();
        let Ok(graph) = to_graph(&name, proto).and_then(canonical) else { continue };
        let plain = Engine::plain(&name, graph.clone(), &shape).map(|e| e.run(&numbers));
        let own = Engine::new(&name, &to_proto(graph), &shape).map(|e| (e.is_lowered(), e.run(&numbers)));
        match (own, plain) {
            (Ok((lowered, Ok(own))), Ok(Ok(plain))) => {
                let apart = own
                    .iter()
                    .zip(&plain)
                    .flat_map(|(a, b)| a.values.iter().zip(&b.values))
                    .map(|(a, b)| (a - b).abs());
                let apart = apart.fold(0.0, f32::max);
                println!("{name}: lowered {lowered}, apart {apart:e}");
                worst = worst.max(apart);
            }
            (own, plain) => {
                println!("{name}: {:?} {:?}", own.err().map(|e| e.to_string()), plain.err().map(|e| e.to_string()))
            }
        }
    }
    assert!(worst < 1e-4, "{worst}");
}

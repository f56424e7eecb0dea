//! Inputs that fuzzing found, and what they were to be.

use crate::tiny::Tiny;
use polyhead::onnx::{self, ModelProto};

fn tiny() -> ModelProto {
    onnx::to_proto(Tiny::new("m", &["a", "b"]).graph())
}

#[test]
fn names_in_errors_do_not_move_the_cursor() {
    let mut proto = tiny();
    let graph = proto.graph.as_mut().unwrap();
    graph.node[0].input[0] = "x\u{1b}[2J\r\ny".into();
    let error = onnx::to_graph("m\n", proto).unwrap_err();
    assert_eq!(
        error.to_string(),
        "model 'm\u{fffd}', node 'one' (Conv): expected value 'x\u{fffd}[2J\u{fffd}\u{fffd}y' to be defined, found it nowhere in the file; export the model again"
    );
}

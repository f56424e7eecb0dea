//! Block features: the blocks that are found, and the statistics computed from them.

use polyhead::canonical::canonical;
use polyhead::features::find;
use polyhead::features::{FeatureLayout, Pooling};
use polyhead::import::{ImportedModel, Nothing, Overrides};
use polyhead::onnx::{
    self, Attribute, Attributes, DataType, Graph, Tensor, TypeAndShape, ValueId, ValueKind as ValueSource,
};
use std::path::PathBuf;

/// A 1×1 convolution whose weights, row by row, are given.
fn convolution(g: &mut Graph, name: &str, input: ValueId, rows: &[&[f32]]) -> ValueId {
    let weights = Tensor::from_f32(&[rows.len(), rows[0].len(), 1, 1], &rows.concat());
    let weights = g.add_initializer(format!("{name}.weight"), weights);
    g.add_node(name, "Conv", Attributes::new(), &[input, weights], TypeAndShape::default())
}

fn fact(shape: &[usize]) -> TypeAndShape {
    let shape = std::iter::once(None).chain(shape.iter().map(|&d| Some(d))).collect();
    TypeAndShape { dtype: Some(DataType::Float), shape: Some(shape) }
}

/// A stem of two channels x, −2x of the image's first channel x; a block that adds 3·stem to it; three channels that are
/// pooled; a linear head of two logits.
fn residual() -> Vec<u8> {
    let mut g = Graph { name: "residual".into(), ..Graph::default() };
    g.opsets.insert(String::new(), onnx::OPSET);
    let input = g.add_value("image", ValueSource::Input, fact(&[3, 2, 2]));
    g.inputs.push(input);
    let stem = convolution(&mut g, "stem", input, &[&[1.0, 0.0, 0.0], &[-2.0, 0.0, 0.0]]);
    let branch = convolution(&mut g, "branch", stem, &[&[3.0, 0.0], &[0.0, 3.0]]);
    let block = g.add_node("block", "Add", Attributes::new(), &[stem, branch], TypeAndShape::default());
    let last = convolution(&mut g, "last", block, &[&[1.0, 0.0], &[0.0, 1.0], &[1.0, 1.0]]);
    let pooled = g.add_node("pool", "GlobalAveragePool", Attributes::new(), &[last], TypeAndShape::default());
    let axis = Attributes::from([("axis".to_string(), Attribute::Int(1))]);
    let flat = g.add_node("flat", "Flatten", axis, &[pooled], TypeAndShape::default());
    let weights = g.add_initializer("head.weight", Tensor::from_f32(&[3, 2], &[1.0, 0.0, 0.0, 1.0, 0.0, 1.0]));
    let logits = g.add_node("head", "Gemm", Attributes::new(), &[flat, weights], fact(&[2]));
    g.outputs = vec![logits];
    onnx::encode(&onnx::to_proto(g))
}

#[test]
fn by_hand() {
    let stated = Overrides { placeholders: true, ..Overrides::default() };
    let source = ImportedModel::read("residual.onnx", &residual(), &stated, &Nothing).unwrap();
    let extractor = source.feature_extractor().unwrap();
    let shape: Vec<_> = extractor.layout().0.iter().map(|s| (s.pool, s.width)).collect();
    let expected = [(Pooling::Features, 3), (Pooling::Average, 2), (Pooling::Maximum, 2), (Pooling::Deviation, 2)];
    assert_eq!(shape, expected);
    // x = 1, 2, 3, 6: the block gives 4x and −8x. x has the mean 3 and the variance (4 + 1 + 0 + 9) / 4 = 3.5.
    let observation = extractor.run_tensor(&[1.0, 2.0, 3.0, 6.0, 9.0, 9.0, 9.0, 9.0, -9.0, 9.0, -9.0, 9.0]).unwrap();
    let deviation = 3.5f32.sqrt();
    let expected = [12.0, -24.0, -12.0, 12.0, -24.0, 24.0, -8.0, 4.0 * deviation, 8.0 * deviation];
    super::tiny::assert_close(&observation.features, &expected, 1e-5);
    super::tiny::assert_close(&observation.logits, &[12.0, -36.0], 1e-5);
}

#[test]
fn layouts() {
    let stated = Overrides { placeholders: true, ..Overrides::default() };
    let source = ImportedModel::read("residual.onnx", &residual(), &stated, &Nothing).unwrap();
    let extractor = source.feature_extractor().unwrap();
    let whole = extractor.layout();
    let some = whole.only(&[Pooling::Deviation, Pooling::Average]);
    assert_eq!((whole.width(), some.width()), (9, 4));
    assert_eq!(some.columns(whole).unwrap(), [3, 4, 7, 8]);
    assert_eq!(whole.columns(&some), None);
    assert_eq!(FeatureLayout::default().columns(whole).unwrap(), [0usize; 0]);
}

/// `POLYHEAD_FIXTURES=DIR cargo test --test native block_features -- --ignored --nocapture`; `DIR/models` contains real
/// exports.
#[test]
#[ignore = "needs real exports in POLYHEAD_FIXTURES"]
fn blocks_of_real_models() {
    let Some(folder) = std::env::var_os("POLYHEAD_FIXTURES").map(|f| PathBuf::from(f).join("models")) else {
        println!("skipped: POLYHEAD_FIXTURES does not name the folder of the exports");
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "onnx"));
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let stated = Overrides { placeholders: true, ..Overrides::default() };
        let found = ImportedModel::read(&name, &std::fs::read(&file).unwrap(), &stated, &Nothing)
            .and_then(|source| Ok(find(&canonical(source.graph)?)));
        let layout = match found {
            Ok((_, layout)) => layout,
            Err(error) => {
                println!("{name}: {error}");
                continue;
            }
        };
        let blocks = layout.only(&[Pooling::Average]);
        let widths: Vec<usize> = blocks.0.iter().map(|s| s.width).collect();
        println!("{name}: {} features, blocks {widths:?}", layout.only(&[Pooling::Features]).width());
        blocks.0.iter().for_each(|s| println!("    {} {}", s.width, s.value));
        // MobileNetV2 at 0.35 of its width; all others have the shape of EfficientNet-B0.
        let narrow = name.contains("-tm-") || name.starts_with("tm-");
        let expected = if narrow { [16, 24, 32, 56, 112] } else { [40, 80, 112, 192, 320] };
        assert_eq!(widths, expected, "{name}");
    }
}

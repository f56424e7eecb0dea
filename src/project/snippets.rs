//! Code snippets that run the merged file in a page and in Python.

use crate::image::preprocess::{ChannelOrder, Filter, Preprocessing, ResizeMode, TensorLayout};
use serde::Serialize;

/// Code snippets to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Texts {
    /// A program that ranks the labels of an image with numpy, Pillow and onnxruntime.
    pub python: String,
    /// Markup that shows the element.
    pub html: String,
}

impl Texts {
    pub(super) fn new(file: &str, preprocessing: &Preprocessing) -> Texts {
        Texts { python: python(file, preprocessing), html: html(file) }
    }
}

fn html(file: &str) -> String {
    let file = maud::html! { polyhead-classifier model=(file) camera {} }.into_string();
    format!("<script type=\"module\" src=\"polyhead/element/define.js\"></script>\n{file}\n")
}

fn python(file: &str, preprocessing: &Preprocessing) -> String {
    let linear = is_linear(preprocessing);
    let mut lines = vec![
        "import json".to_string(),
        "import numpy as np, onnxruntime".into(),
        "from PIL import Image, ImageOps".into(),
        String::new(),
        format!("model = onnxruntime.InferenceSession({})", quoted(file)),
        "image = ImageOps.exif_transpose(Image.open(\"image.jpg\")).convert(\"RGBA\")".into(),
        "image = Image.alpha_composite(Image.new(\"RGBA\", image.size, \"white\"), image).convert(\"RGB\")".into(),
    ];
    if linear {
        lines.extend(RESIZE.lines().map(String::from));
    }
    lines.extend(fitted(preprocessing, linear));
    lines.push(format!("x = {}", numbers(preprocessing)));
    lines.extend(
        [
            "probabilities = model.run([\"probabilities\"], {model.get_inputs()[0].name: x})[0][0]",
            "labels = json.loads(model.get_modelmeta().custom_metadata_map[\"polyhead.labels\"])",
            "print(sorted(zip(probabilities.tolist(), [label[\"label\"] for label in labels]), reverse=True))",
        ]
        .map(String::from),
    );
    lines.join("\n") + "\n"
}

/// Linear interpolation without antialiasing: Pillow's filters always widen when an image shrinks.
fn is_linear(preprocessing: &Preprocessing) -> bool {
    !preprocessing.antialias && preprocessing.filter == Filter::Bilinear
}

/// As in `tf.image.resize` and a browser's canvas: linear interpolation with half-pixel centres.
const RESIZE: &str = "\
def linear(values, size, axis):  # without antialias, which Pillow cannot do
    at = (np.arange(size) + 0.5) * values.shape[axis] / size - 0.5
    return np.apply_along_axis(lambda v: np.interp(at, np.arange(len(v)), v), axis, values)
";

/// The lines that resize `image` to the tensor's size.
fn fitted(preprocessing: &Preprocessing, linear: bool) -> Vec<String> {
    let Preprocessing { width: w, height: h, .. } = preprocessing;
    let filter = match preprocessing.filter {
        Filter::Nearest => "NEAREST",
        Filter::Bilinear => "BILINEAR",
        Filter::Bicubic => "BICUBIC",
        Filter::Lanczos => "LANCZOS",
    };
    let note = match !preprocessing.antialias && !matches!(preprocessing.filter, Filter::Bilinear | Filter::Nearest) {
        true => "  # antialiased by Pillow, other than the model was trained",
        false => "",
    };
    let resize = |size: &str| match linear {
        true => format!("image = linear(linear(np.asarray(image, np.float64), {size}[1], 0), {size}[0], 1)"),
        false => format!("image = image.resize({size}, Image.Resampling.{filter}){note}"),
    };
    match preprocessing.fit {
        ResizeMode::Squash => vec![resize(&format!("({w}, {h})"))],
        ResizeMode::CentreCrop => {
            let size = match preprocessing.resize_to {
                Some(s) => format!("size = ({s}, {s} * h // w) if w <= h else ({s} * w // h, {s})"),
                None => format!("size = ({w}, -(-{w} * h // w)) if {w} * h >= {h} * w else (-(-{h} * w // h), {h})"),
            };
            let cut = match linear {
                true => format!("image = image[top : top + {h}, left : left + {w}]"),
                false => format!("image = image.crop((left, top, left + {w}, top + {h}))"),
            };
            vec![
                "w, h = image.size".into(),
                size,
                resize("size"),
                format!("left, top = (size[0] - {w}) // 2, (size[1] - {h}) // 2"),
                cut,
            ]
        }
        ResizeMode::Letterbox => {
            let inside =
                |a: &u32, this: &str, other: &str| format!("max(1, (2 * {a} * {other} + {this}) // (2 * {this}))");
            vec![
                "w, h = image.size".into(),
                format!(
                    "size = ({w}, min({h}, {})) if {w} * h <= {h} * w else (min({w}, {}), {h})",
                    inside(w, "w", "h"),
                    inside(h, "h", "w")
                ),
                resize("size"),
                format!("box = np.zeros(({h}, {w}, 3), np.float32)"),
                format!("left, top = ({w} - size[0]) // 2, ({h} - size[1]) // 2"),
                "box[top : top + size[1], left : left + size[0]] = image".into(),
                "image = box".into(),
            ]
        }
    }
}

/// The lines that convert `image` to the tensor.
fn numbers(preprocessing: &Preprocessing) -> String {
    let Preprocessing { range: [low, high], mean, std, .. } = preprocessing;
    let mut x = "np.asarray(image, np.float32)".to_string();
    if [*low, *high] != [0.0, 255.0] {
        x = match *high - *low == 1.0 {
            true => format!("{x} / 255"),
            false => format!("{x} * ({high} - {low}) / 255").replace("- -", "+ "),
        };
        if *low != 0.0 {
            x = format!("{x} + {low}").replace("+ -", "- ");
        }
    }
    if *mean != [0.0; 3] {
        x = format!("{x} - {}", constant(mean));
    }
    if *std != [1.0; 3] {
        x = format!("({x}) / {}", constant(std));
    }
    if preprocessing.channels == ChannelOrder::Bgr {
        x = format!("({x})[..., ::-1]");
    }
    let order = match preprocessing.layout {
        TensorLayout::Nchw => ".transpose(2, 0, 1)",
        TensorLayout::Nhwc => "",
    };
    format!("np.ascontiguousarray(({x}){order}[None], np.float32)")
}

/// One number, or one per channel.
fn constant(values: &[f32; 3]) -> String {
    match values {
        [a, b, c] if a == b && b == c => a.to_string(),
        [a, b, c] => format!("np.float32([{a}, {b}, {c}])"),
    }
}

/// A string as a Python literal; JSON is valid Python.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

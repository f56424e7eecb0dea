/** A file, with "/" between the folders of its path. */
export interface WorkshopFile { path: string; bytes: Uint8Array }

/** How images are prepared. */
export interface WorkshopPreprocessing {
  width: number;
  height: number;
  fit: "squash" | "centre-crop" | "letterbox";
  "resize-to"?: number;
  filter: "nearest" | "bilinear" | "bicubic" | "lanczos";
  antialias: boolean;
  range: [number, number];
  mean: [number, number, number];
  std: [number, number, number];
  channels: "rgb" | "bgr";
  layout: "nchw" | "nhwc";
}

export interface WorkshopError { code: string; message: string; field?: string; model?: string }

/** What a model is, as `polyhead inspect --json` says it. */
export interface WorkshopDescription {
  name: string;
  facts: { format: string; producer: string; opset: number; bytes: number; input: string; input_shape: (number | null)[]; ends_with_activation: boolean; weights: "f32" | "f16" | "int8" };
  heads: { name: string; labels: string[]; activation: string; layers: string }[];
  labels_from: string;
  preprocessing: { value: WorkshopPreprocessing; from: string };
  parameters: number;
  multiply_adds: number;
  notes: string[];
}

export interface WorkshopModel {
  id: number;
  path: string;
  bytes: number;
  stated: { name?: string; labels?: string[]; preprocessing?: WorkshopPreprocessing; size?: number };
  tool: string | null;
  placeholders: boolean;
  model?: WorkshopDescription;
  error?: WorkshopError;
}

export interface WorkshopMergeOptions {
  duplicates?: "error" | "keep" | "merge";
  minShared?: number;
  tolerance?: number;
  preprocessing?: WorkshopPreprocessing | null;
  weights?: "keep" | "f32" | "f16";
  rename?: [string, string][];
  drop?: string[];
  order?: string[];
}

export interface WorkshopProof {
  exact: boolean;
  images: number;
  heads: { head: string; logit: number; probability: number; bound: number }[];
  rounding?: number;
}

/** As `polyhead merge --json`, with sizes and work before and after. */
export interface WorkshopMerge {
  labels: { label: string; heads: string[] }[];
  heads: { name: string; labels: string[]; activation: string }[];
  preprocessing: WorkshopPreprocessing;
  sources: { name: string; sha256: string }[];
  backbone: {
    cut: { name: string; shape: (number | null)[] }[];
    nodes: number;
    initializers: number;
    parameters: number;
    bytes: number;
    multiply_adds: number;
    models: {
      name: string;
      shared: number;
      multiply_adds: number;
      parameters: number;
      head: { nodes: number; operators: string[]; parameters: number; multiply_adds: number };
      largest_difference?: { node: string; tensor: string; relative: number };
    }[];
  };
  proof: WorkshopProof;
  warnings: string[];
  bytes: number;
  output: null;
  before: { bytes: number; multiplyAdds: number; parameters: number; models: { name: string; bytes: number }[] };
  after: { bytes: number; multiplyAdds: number; parameters: number };
  sharedWork: number;
}

export interface WorkshopImage {
  id: number;
  name: string;
  sha256: string;
  label: string | null;
  head: string | null;
  unseen: boolean;
  fresh: boolean;
  width: number;
  height: number;
  known?: boolean;
}

/** As `polyhead check --json`, its `report`. */
export interface WorkshopReport {
  model: string;
  rule: string;
  verdict: { advice: string; sentence: string; uncertain: boolean };
  warnings: { code: string; text: string }[];
  images: number;
  [figure: string]: any;
}

export interface WorkshopEvidence {
  id: number;
  name: string;
  summary: {
    bytes: number;
    fingerprint: string;
    width: number;
    layout: { pool: string; value: string; width: number }[];
    folds: number;
    total: number;
    labels: { head: string; label: string; images: number }[];
  };
}

export type WorkshopPool = "features" | "average" | "maximum" | "deviation";
export interface WorkshopEvidenceOptions { head?: string | null; pools?: WorkshopPool[]; folds?: number; storage?: "f32" | "f64" | null }
export interface WorkshopFitOptions { rule?: "auto" | "concat" | "scaled" | "gated" | "retrained"; pools?: WorkshopPool[]; falseRejects?: number; seed?: number }

export interface WorkshopRule {
  name: string;
  parameters?: Record<string, any>;
  "fitted-on"?: { evidence: Record<string, number>; "held-out": number };
  figures?: Record<string, any>;
  cautions?: string[];
}

/** As `polyhead fit --json`. */
export interface WorkshopFit {
  rule: WorkshopRule;
  comparison: { rule: string; accuracy: number; nll: number; ece: number }[];
  measured: string;
  images: number;
  none: boolean;
  best: string;
}

export interface WorkshopTaken { rule: WorkshopRule; proof: WorkshopProof; bytes: number; warnings: string[] }

export interface WorkshopCard {
  labels: { label: string; heads: string[] }[];
  heads: { name: string; labels: string[]; activation: string; linear: boolean }[];
  preprocessing: WorkshopPreprocessing;
  rule: any;
  calibrated: boolean;
  sources: { name: string; sha256: string }[];
  foreign: { key: string; value: string }[];
}

export interface WorkshopState {
  models: WorkshopModel[];
  options: WorkshopMergeOptions;
  merge: WorkshopMerge | null;
  stale: boolean;
  images: WorkshopImage[];
  evidence: WorkshopEvidence[];
  fit: WorkshopFit | null;
  taken: WorkshopRule | null;
  unsaved: boolean;
}

/**
 * The shapes that the workshop's module gives: what the command line prints with `--json` keeps its keys.
 *
 * @typedef {{ path: string, content: Blob }} Part a file as the page hands it over
 *
 * @typedef {object} Preprocessing as in `NAME.preprocess.json`
 * @property {number} width
 * @property {number} height
 * @property {string} fit
 * @property {number} [resize-to]
 * @property {string} filter
 * @property {boolean} antialias
 * @property {[number, number]} range
 * @property {number[]} mean
 * @property {number[]} std
 * @property {string} channels
 * @property {string} layout
 *
 * @typedef {object} Head
 * @property {string} name
 * @property {string[]} labels
 * @property {string} activation
 *
 * @typedef {object} Provenance where a value was found
 * @property {"stated" | "metadata" | "sidecar" | "guess" | "parts" | "missing"} kind
 * @property {string} text
 *
 * @typedef {object} Description
 * @property {string} name
 * @property {{ format: string, producer?: string, opset?: number, bytes: number, input: string, input_shape: (number | string | null)[],
 *   weights: "f32" | "f16" | "int8" }} facts
 * @property {(Head & { layers: string })[]} heads
 * @property {Provenance} labels_from
 * @property {{ value: Preprocessing, from: Provenance } | null} preprocessing
 * @property {number} parameters
 * @property {number} multiply_adds
 * @property {string[]} notes
 *
 * @typedef {object} Stated what a person said of a model
 * @property {string | null} [name]
 * @property {string[] | string | null} [labels]
 * @property {Preprocessing | null} [preprocessing]
 * @property {number | null} [size]
 *
 * @typedef {object} Told
 * @property {string} code
 * @property {string} message
 * @property {string} [field] what can be changed to put it right
 * @property {string} [model] the name of the model in which
 * @property {number} [modelId]
 *
 * @typedef {object} Model
 * @property {number} id
 * @property {string} path
 * @property {number} bytes
 * @property {Stated} stated
 * @property {string | null} tool
 * @property {boolean} placeholders no labels were found for it
 * @property {Description} [model]
 * @property {Told} [error]
 *
 * @typedef {object} MergeOptions
 * @property {"error" | "keep" | "merge"} [duplicates]
 * @property {number} [minShared] 0..1
 * @property {number} [tolerance]
 *
 * @typedef {object} Branch
 * @property {string} name
 * @property {number} shared 0..1
 * @property {number} multiply_adds
 * @property {number} parameters
 * @property {{ nodes: number, operators: string[], parameters: number, multiply_adds: number }} head
 *
 * @typedef {object} MergeReport
 * @property {{ label: string, heads: string[] }[]} labels
 * @property {Head[]} heads
 * @property {{ cut: { name: string, shape: number[] }[], nodes: number, initializers: number, parameters: number, bytes: number,
 *   multiply_adds: number, models: Branch[] }} backbone
 * @property {{ exact: boolean, images: number, heads: { head: string, logit: number, probability: number, bound: number }[] }} proof
 * @property {string[]} warnings
 * @property {number} bytes
 * @property {{ bytes: number, multiplyAdds: number, parameters: number, models: { name: string, bytes: number }[] }} before
 * @property {{ bytes: number, multiplyAdds: number, parameters: number }} after
 * @property {number} sharedWork 0..1
 *
 * @typedef {object} Image
 * @property {number} id
 * @property {string} name
 * @property {string} sha256
 * @property {string | null} label
 * @property {string | null} head
 * @property {boolean} unseen
 * @property {boolean} fresh
 *
 * @typedef {object} Evidence
 * @property {number} id
 * @property {string} name
 * @property {{ bytes: number, labels: { head: string, label: string, images: number }[] }} summary
 *
 * @typedef {object} Checked
 * @property {{ images: number, verdict: { advice: string, reason: string, rule?: string, uncertain: boolean } }} report
 * @property {string[]} wanted
 *
 * @typedef {object} RuleRecord
 * @property {string} name
 * @property {Record<string, unknown>} parameters
 * @property {string[]} [cautions]
 *
 * @typedef {object} FitReport
 * @property {RuleRecord} rule
 * @property {{ rule: string, accuracy: number, nll: number, ece: number }[]} comparison
 * @property {string} measured
 * @property {number} images
 * @property {boolean} none
 * @property {string} best
 *
 * @typedef {object} State
 * @property {Model[]} models
 * @property {MergeOptions} options
 * @property {MergeReport | null} merge
 * @property {boolean} stale
 * @property {Image[]} images
 * @property {Evidence[]} evidence
 * @property {FitReport | null} fit
 * @property {RuleRecord | null} taken
 * @property {boolean} unsaved
 */
export {};

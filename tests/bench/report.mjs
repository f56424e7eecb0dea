/** The figures as Markdown. */

/** @param {Record<string, any>} results as `main.mjs` collects them */
export function report({ machine, models, native, profile, left, brotli }) {
  const parts = [heading(machine, models)];
  for (const model of models) {
    parts.push(`## ${model.name}`, about(model), speed(model), heads(model), cold(model, brotli));
  }
  if (native) {
    parts.push("## Natively", natively(native));
  }
  if (profile) {
    parts.push("## Time an operator", ...profile);
  }
  if (left.length > 0) {
    parts.push("## Left out", left.map((line) => `- ${line}`).join("\n"));
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function heading({ cpu, cores, browser, system, versions, date }) {
  const runners = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Speed\n\n${cpu}, ${cores} cores, ${browser}, ${system}; ${runners.join(", ")}; ${date.slice(0, 10)}.
Medians of rounds in which every runner had its turn; ratios are of times within a round, below 1 = faster than Polyhead.`;
}

function about({ macs, peak, notes, rows, idle, difference }) {
  const lines = [
    `${(macs / 1e6).toFixed(1)} M multiply-adds, batch 1, 32-bit floats.`,
    `Inference: ${notes.inference}; 640 × 480: ${notes.small}; 12 megapixels: ${notes.large}.`,
    `Peak of this machine in WebAssembly: ${peak.toFixed(1)} GMAC/s a thread.`,
  ];
  if (difference !== undefined) {
    lines.push(`Largest difference of a score between Polyhead and onnxruntime-web: ${difference.toExponential(1)}.`);
  }
  if (idle > 0.1) {
    lines.push(`NOTE: idle runners took ${percent(idle)} of a core, which slows the others.`);
  }
  if (rows.some(({ facts }) => facts.preprocesses)) {
    lines.push("This build of Polyhead takes no tensor: its inference includes preparing a picture of the model's size.");
  }
  return lines.join("\n");
}

function speed({ rows }) {
  return table(
    ["runner", "threads", "cores busy", "inference, ms", "÷ Polyhead 1 thread", "÷ Polyhead same threads", "GMAC/s", "of the limit", "640 × 480, ms", "÷ Polyhead 1 thread", "12 MP, ms", "÷ Polyhead 1 thread"],
    rows.map((row) => [
      row.runner,
      ran(row),
      row.busy === undefined ? "unknown" : number(row.busy),
      number(row.inference.milliseconds.median),
      spread(row.inference.toOneThread),
      row.inference.toSameThreads.median.toFixed(2),
      number(row.rate),
      percent(row.ofLimit),
      number(row.small.milliseconds.median),
      row.small.toOneThread.median.toFixed(2),
      number(row.large.milliseconds.median),
      row.large.toOneThread.median.toFixed(2),
    ]),
  );
}

function ran({ threads, facts }) {
  return facts.threads === threads ? threads : `${threads} (ran on ${facts.threads})`;
}

function heads({ rows }) {
  const alone = rows.find((row) => row.alone);
  return alone && `Two heads in one model against one source alone: × ${(1 / alone.inference.toOneThread.median).toFixed(3)} the time of an inference.`;
}

function cold({ rows }, brotli) {
  const notes = new Set(rows.map((row) => row.cold.note));
  return `Cold start in a page of its own, nothing cached, from a server on this machine (${[...notes].join("; ")}); brotli's quality is ${brotli}:

${table(
    ["runner", "threads", "bytes, MB", "brotli, MB", "fetch + compile, ms", "prepare, ms", "first inference, ms", "to the first scores, ms", "wasm memory, MB", "after 12 MP, MB", "page's process at most, MB"],
    rows.map((row) => [
      row.runner,
      ran(row),
      mega(row.size.raw),
      mega(row.size.brotli),
      number(row.cold.fetched, 0),
      number(row.cold.prepared, 0),
      number(row.cold.first, 0),
      number(row.cold.total, 0),
      mega(row.memory.inference, 0),
      mega(row.memory.large, 0),
      row.memory.process ? mega(row.memory.process, 0) : "unknown",
    ]),
  )}`;
}

function natively({ versions, inferences, folder }) {
  return `Against onnxruntime ${versions.onnxruntime} with Pillow ${versions.pillow} and numpy ${versions.numpy} in Python ${versions.python}, on the same files.

${table(
    ["what", "Polyhead", "onnxruntime", "Polyhead ÷ onnxruntime", ""],
    [
      ...inferences.map((one) => [
        `${one.model}, one inference on one core, ms (Polyhead with reading a picture of the model's size)`,
        number(one.polyhead.median),
        number(one.onnxruntime.median),
        spread(one.ratio),
        one.note,
      ]),
      [
        `${folder.model}, ${folder.pictures} JPEG files up to 12 megapixels, ${folder.cores} cores, pictures a second with starting up (the same top label for ${folder.agree})`,
        number(folder.polyhead.median),
        number(folder.onnxruntime.median),
        spread(folder.ratio),
        folder.note,
      ],
    ],
  )}`;
}

/** @param {(string | number)[][]} rows */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

function spread({ median, low, high }) {
  return `${median.toFixed(2)} (${low.toFixed(2)} – ${high.toFixed(2)})`;
}

function number(value, digits = 1) {
  return value.toFixed(digits);
}

function mega(bytes, digits = 2) {
  return (bytes / 1e6).toFixed(digits);
}

function percent(part) {
  return `${(100 * part).toFixed(0)} %`;
}

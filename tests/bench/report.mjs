/** The figures as Markdown. */
import { counted } from "./disturb.mjs";

/** @param {Record<string, any>} results as `main.mjs` collects them */
export function report({ machine, models, native, profile, left, brotli }) {
  const parts = [heading(machine, models)];
  for (const model of models) {
    parts.push(`## ${model.name}`, about(model), inference(model), images(model), cold(model, brotli));
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

function about({ macs, peak, rows, idle, difference }) {
  const lines = [
    `${(macs / 1e6).toFixed(1)} M multiply-adds, batch 1, 32-bit floats.`,
    `Peak of this machine in WebAssembly: ${peak.toFixed(1)} GMAC/s a thread.`,
  ];
  if (difference !== undefined) {
    lines.push(`Largest difference of a score between Polyhead and onnxruntime-web: ${difference.toExponential(1)}.`);
  }
  if (idle > 0.1) {
    lines.push(`NOTE: idle runners took ${percent(idle)} of a core, which slows the others.`);
  }
  if (rows.some(({ facts }) => facts.preprocesses)) {
    lines.push("This build of Polyhead takes no tensor: its inference includes preparing an image of the model's size.");
  }
  return lines.join("\n");
}

const SPEED = [
  ["inference, ms", ({ inference }) => number(inference.milliseconds.median)],
  ["÷ Polyhead 1 thread", ({ inference }) => spread(inference.toOneThread)],
  ["÷ Polyhead same threads", ({ inference }) => inference.toSameThreads.median.toFixed(2)],
  ["cores busy", ({ busy }) => (busy === undefined ? "unknown" : number(busy))],
  ["GMAC/s", ({ rate }) => number(rate)],
  ["of the limit", ({ ofLimit }) => percent(ofLimit)],
];

const IMAGES = [
  ["640 × 480, ms", ({ small }) => number(small.milliseconds.median)],
  ["÷ Polyhead 1 thread", ({ small }) => spread(small.toOneThread)],
  ["12 megapixels, ms", ({ large }) => number(large.milliseconds.median)],
  ["÷ Polyhead 1 thread", ({ large }) => spread(large.toOneThread)],
];

const COLD = [
  ["files, MB", ({ size }) => mega(size.raw, 2)],
  ["brotli, MB", ({ size }) => mega(size.brotli, 2)],
  ["fetch + compile, ms", ({ cold }) => number(cold.fetched, 0)],
  ["prepare, ms", ({ cold }) => number(cold.prepared, 0)],
  ["first inference, ms", ({ cold }) => number(cold.first, 0)],
  ["to the first scores, ms", ({ cold }) => number(cold.total, 0)],
  ["wasm memory, MB", ({ memory }) => mega(memory.inference)],
  ["after 12 MP, MB", ({ memory }) => mega(memory.large)],
  ["page's process at most, MB", ({ memory }) => (memory.process ? mega(memory.process) : "unknown")],
];

function inference({ rows, notes }) {
  const alone = rows.find((row) => row.alone);
  const times = alone && (1 / alone.inference.toOneThread.median).toFixed(3);
  const heads = alone ? `\n\nTwo heads in one model take × ${times} the time of one source alone.` : "";
  return `Inference alone: ${notes.inference}.\n\n${runnersTable(rows, SPEED)}${heads}`;
}

function images({ rows, notes }) {
  return `An image, from its pixels to the ranking: ${notes.small} for the small one; ${notes.large} for the large one.

${runnersTable(rows, IMAGES)}`;
}

function cold({ rows }, brotli) {
  const { dropped, used, forced } = rows.reduce(
    (sum, { cold }) => ({
      dropped: sum.dropped + cold.dropped,
      used: sum.used + cold.used,
      forced: sum.forced || cold.forced,
    }),
    { dropped: 0, used: 0, forced: false },
  );
  return `Cold start in a page of its own, nothing cached, from a server on this machine: ${counted(used, dropped, forced)}, \
of all runners together; brotli at quality ${brotli}.

${runnersTable(rows, COLD)}`;
}

function natively({ versions, inferences, folder }) {
  const row = (what, { polyhead, onnxruntime, ratio, note }) => [
    what,
    number(polyhead.median),
    number(onnxruntime.median),
    spread(ratio),
    note,
  ];
  const { onnxruntime, pillow, numpy, python } = versions;
  return `Against onnxruntime ${onnxruntime} with Pillow ${pillow} and numpy ${numpy} in Python ${python}, on the same files. \
Polyhead's single inferences include reading an image of the model's size. The folder, for ${folder.model}, has \
${folder.images} JPEG files up to 12 megapixels, and its time includes starting up; the top label is the same \
for ${folder.agree}.

${table(
    ["what", "Polyhead", "onnxruntime", "Polyhead ÷ onnxruntime", "counted"],
    [
      ...inferences.map((one) => row(`${one.model}, one core, ms`, one)),
      row(`folder, ${folder.cores} cores, images a second`, folder),
    ],
  )}`;
}

/** @param {[string, (row: any) => string][]} columns their heads, and what stands in a row */
function runnersTable(rows, columns) {
  return table(
    ["runner", "threads", ...columns.map(([head]) => head)],
    rows.map((row) => [row.runner, ran(row), ...columns.map(([, text]) => text(row))]),
  );
}

function ran({ threads, facts }) {
  return facts.threads === threads ? threads : `${threads} (ran on ${facts.threads})`;
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

function mega(bytes, digits = 0) {
  return (bytes / 1e6).toFixed(digits);
}

function percent(part) {
  return `${(100 * part).toFixed(0)} %`;
}

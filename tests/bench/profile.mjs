/** Polyhead's time an operator, where its builds tell. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { table } from "./report.mjs";

const run = promisify(execFile);

/**
 * @typedef {{ op: string, node: string, milliseconds: number }[]} Nodes
 *
 * @param {import("./options.mjs").Options} options
 * @param {import("./models.mjs").Model} model
 * @param {{ threads: number, nodes: Nodes | null }[]} inBrowser what the module says
 * @returns {Promise<string>} Markdown
 */
export async function profiled(options, model, inBrowser) {
  const parts = [];
  for (const { threads, nodes } of inBrowser) {
    parts.push(`${model.name} in the browser, threads: ${threads}:`, nodes ? operators(nodes) : "not available: this build of the module has no `profile`.");
  }
  for (const { threads } of inBrowser) {
    parts.push(`${model.name} natively, threads: ${threads}:`, await natively(options, model, threads));
  }
  return parts.join("\n\n");
}

/** @param {Nodes} nodes */
function operators(nodes) {
  const total = nodes.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const part = (milliseconds) => `${((100 * milliseconds) / total).toFixed(1)} %`;
  const kinds = new Map();
  for (const { op, milliseconds } of nodes) {
    const kind = kinds.get(op) ?? { count: 0, milliseconds: 0 };
    kinds.set(op, { count: kind.count + 1, milliseconds: kind.milliseconds + milliseconds });
  }
  const rows = [...kinds].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  return table(
    ["operator", "nodes", "ms", "of all"],
    rows.map(([op, { count, milliseconds }]) => [op, count, milliseconds.toFixed(2), part(milliseconds)]),
  );
}

async function natively(options, model, threads) {
  try {
    const { stdout } = await run(options.polyhead, ["profile", model.onnx, "--threads", String(threads)]);
    return `\`\`\`\n${stdout.trimEnd()}\n\`\`\``;
  } catch (error) {
    return `not available: ${String(error.stderr || error.message).trim().split("\n")[0]}`;
  }
}

/** The processes of a Linux system, from `/proc`. */
import { readdirSync, readFileSync } from "node:fs";

/**
 * Every process's parent, and its time in ticks with that of its children that ended and were waited for.
 *
 * @returns {Map<number, { parent: number, time: number }>}
 */
export function processes() {
  const found = new Map();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) {
      const fields = statOf(name);
      if (fields) {
        const [, parent] = fields;
        const time = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
        found.set(Number(name), { parent: Number(parent), time });
      }
    }
  }
  return found;
}

/** From the state on: the name before it may hold spaces. */
function statOf(pid) {
  const text = read(pid, "stat");
  return text && text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** Nothing of a process that ended between listing and reading. */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** A process, and all below it. */
export function tree(processes, root) {
  const pids = [root];
  for (const pid of pids) {
    processes.forEach(({ parent }, child) => parent === pid && pids.push(child));
  }
  return pids;
}

/**
 * The most memory that a renderer below this process ever had, in bytes: the one with the most is the page that runs a
 * model. Undefined where the system does not tell.
 *
 * @param {Set<number>} seen those of pages before, which may still be ending; the one that is found is added
 */
export function peakOfRenderer(seen) {
  if (process.platform !== "linux") {
    return undefined;
  }
  const peaks = tree(processes(), process.pid)
    .filter((pid) => !seen.has(pid) && read(pid, "cmdline").includes("--type=renderer"))
    .map((pid) => ({ pid, bytes: 1024 * Number(read(pid, "status").match(/^VmHWM:\s*(\d+)/m)?.[1] ?? 0) }))
    .sort((a, b) => b.bytes - a.bytes);
  seen.add(peaks[0]?.pid);
  return peaks[0]?.bytes;
}

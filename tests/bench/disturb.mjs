/** Whether other work took the machine while something was measured. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The part of one core's time that others may take: timers and the kernel's own threads stay below. */
const OTHERS = 0.08;

/** The part of the best peak that a round may lose: less is the clock's own coming and going. */
const LOSS = 0.15;

/** A tick of `/proc` is a hundredth of a second on every Linux that browsers run on. */
const TICK = 10;

/**
 * Starts to watch; the result, called at the end, is the part of one core's time that processes outside took:
 * neither this one nor the browser. Undefined where the system does not tell.
 *
 * @param {number} browser its process
 * @returns {() => number | undefined}
 */
export function watchOthers(browser) {
  return watch(browser, ({ busy, ours }) => busy - ours);
}

/** As `watchOthers`, for what the browser and this process take. */
export function watchOurs(browser) {
  return watch(browser, ({ ours }) => ours);
}

function watch(browser, ticks) {
  const before = sample(browser);
  return () => {
    const after = sample(browser);
    return before && after && Math.max(0, (ticks(after) - ticks(before)) * TICK) / (after.time - before.time);
  };
}

/**
 * Which rounds were left alone.
 *
 * @param {{ others?: number, peak: number }[]} rounds
 * @returns {boolean[]}
 */
export function undisturbed(rounds) {
  const best = Math.max(...rounds.map(({ peak }) => peak));
  return rounds.map(({ others, peak }) => (others ?? 0) <= OTHERS && peak >= best * (1 - LOSS));
}

function sample(browser) {
  if (!existsSync("/proc/stat")) {
    return undefined;
  }
  const [user, nice, system, , , irq, softirq, steal] = readFileSync("/proc/stat", "utf8")
    .split("\n", 1)[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const parents = processes();
  const ours = [...tree(parents, browser), process.pid].reduce((sum, pid) => sum + (parents.get(pid)?.time ?? 0), 0);
  return { time: performance.now(), busy: user + nice + system + irq + softirq + steal, ours };
}

/** Every process's parent, and its time with that of its children that ended and were waited for. */
function processes() {
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

/** From the state on: the name before it may hold spaces. A process may end between listing and reading. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function tree(processes, root) {
  const pids = [root];
  for (const pid of pids) {
    processes.forEach(({ parent }, child) => parent === pid && pids.push(child));
  }
  return pids;
}

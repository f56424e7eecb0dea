/** Whether other work took the machine while something was measured. */
import { existsSync, readFileSync } from "node:fs";
import { processes, tree } from "./processes.mjs";

/** The part of one core's time that others may take: timers and the kernel's own threads stay below. */
const OTHERS = 0.08;

/** The part of the best peak that a round may lose: less is the clock's own coming and going. */
const LOSS = 0.15;

/** Fewer rounds than these are no middle. */
const FEWEST = 3;

/** A tick of `/proc` is a hundredth of a second on every Linux that browsers run on. */
const TICK = 10;

/**
 * Starts to watch; the result, called at the end, is the part of one core's time that processes outside took: neither
 * this one nor what it started, which the browser is. Undefined where the system does not tell.
 *
 * @returns {() => number | undefined}
 */
export function watchOthers() {
  return watch(({ busy, ours }) => busy - ours);
}

/** As `watchOthers`, for what the browser and this process take. */
export function watchOurs() {
  return watch(({ ours }) => ours);
}

function watch(ticks) {
  const before = sample();
  return () => {
    const after = sample();
    return before && after && Math.max(0, (ticks(after) - ticks(before)) * TICK) / (after.time - before.time);
  };
}

/**
 * The undisturbed rounds.
 *
 * @param {{ others?: number, peak: number }[]} rounds
 * @returns {boolean[]}
 */
export function undisturbed(rounds) {
  const best = Math.max(...rounds.map(({ peak }) => peak));
  return rounds.map(({ others, peak }) => (others ?? 0) <= OTHERS && peak >= best * (1 - LOSS));
}

/**
 * The rounds that were left alone; all of them where too few were.
 *
 * @template {{ others?: number, peak: number }} Round
 * @param {Round[]} rounds
 * @returns {{ rounds: Round[], dropped: number, forced: boolean, note: string }} `forced`: disturbed ones count, too
 */
export function keep(rounds) {
  const alone = undisturbed(rounds);
  const kept = rounds.filter((_, index) => alone[index]);
  const dropped = rounds.length - kept.length;
  const forced = kept.length < Math.min(FEWEST, rounds.length);
  const used = forced ? rounds : kept;
  return { rounds: used, dropped, forced, note: counted(used.length, dropped, forced) };
}

/** The result of `keep`, as text. */
export function counted(used, dropped, forced) {
  return forced
    ? `${used} rounds, ${dropped} of them DISTURBED BY OTHER WORK but counted`
    : `${used} rounds, ${dropped} more dropped as disturbed`;
}

function sample() {
  if (!existsSync("/proc/stat")) {
    return undefined;
  }
  const [user, nice, system, , , irq, softirq, steal] = readFileSync("/proc/stat", "utf8")
    .split("\n", 1)[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const running = processes();
  const ours = tree(running, process.pid).reduce((sum, pid) => sum + (running.get(pid)?.time ?? 0), 0);
  return { time: performance.now(), busy: user + nice + system + irq + softirq + steal, ours };
}

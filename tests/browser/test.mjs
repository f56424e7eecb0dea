/** `test` of node:test, of which a process may take its share: `./build.sh test FILE…` runs two processes at a time. */
import { test as declared } from "node:test";

const [share, shares] = (process.env.POLYHEAD_SHARE ?? "0/1").split("/").map(Number);
let count = 0;

/** As `test` of node:test; tests of a file are dealt out in turn. @type {typeof declared} */
export const test = (...given) => {
  const ours = count % shares === share;
  count += 1;
  return ours ? declared(...given) : undefined;
};

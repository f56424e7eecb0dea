/** The download size of a first ranking: bytes, raw and compressed with brotli. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const compress = promisify(brotliCompress);

/** The quality of files that are compressed once; half a minute for a module of 14 MB. */
const ONCE = 11;

/** That of servers that compress while they send; below a second. */
const QUICK = 5;

/**
 * Compresses nothing twice, also not in later runs.
 *
 * @param {string} folder where sizes are kept
 * @param {boolean} quick
 */
export async function sizer(folder, quick) {
  const quality = quick ? QUICK : ONCE;
  const notes = join(folder, "brotli.json");
  const known = JSON.parse(await readFile(notes, "utf8").catch(() => "{}"));
  return { quality, sizes };

  /**
   * @param {string[]} files
   * @returns {Promise<{ raw: number, brotli: number }>}
   */
  async function sizes(files) {
    const total = { raw: 0, brotli: 0 };
    for (const file of files) {
      const bytes = await readFile(file);
      const key = `${createHash("sha256").update(bytes).digest("hex")} ${quality}`;
      known[key] ??= (await compress(bytes, { params: parameters(bytes, quality) })).length;
      await writeFile(notes, JSON.stringify(known, undefined, 1));
      total.raw += bytes.length;
      total.brotli += known[key];
    }
    return total;
  }
}

function parameters(bytes, quality) {
  return {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
}

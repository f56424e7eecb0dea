/** This page's files that a site of its own needs. */
import { fetchFile } from "../polyhead/download.js";

const WWW = new URL("../", import.meta.url);

/** @returns {Promise<{ path: string, content: Blob }[]>} */
export async function siteFiles() {
  /** @type {{ files: string[] }} */
  const { files } = JSON.parse(await (await fetchFile(new URL("pkg/site.json", WWW).href)).text());
  return Promise.all(files.map(async (path) => ({ path, content: await fetchFile(new URL(path, WWW).href) })));
}

/** The JavaScript library in an empty page of the site. */
import { readFile } from "node:fs/promises";
import { WWW, addBlank, useBrowser, withPage } from "./browser.mjs";
import { test } from "./test.mjs";

const [{ file: sample }] = JSON.parse(await readFile(`${WWW}/samples/samples.json`, "utf8"));

/**
 * For all tests of a file: a function that runs `body` in an empty page of the site, with the library, an open classifier, an image, `caught`, which tells
 * what a promise rejects with, and `handed`, whose promise resolves in the task that hands a worker its next call: before
 * any answer can come.
 */
export function useLibrary(shared = useBrowser()) {
  return (name, body, check, options = {}) =>
    test(name, () =>
      withPage(
        shared,
        async (page) => {
          const result = await page.evaluate(
            async (sample) => {
              const library = await import("/polyhead/index.js");
              const caught = (promise) =>
                promise.then(
                  () => "nothing",
                  ({ name, code, message }) => ({ name, code, message }),
                );
              const handed = () =>
                new Promise((resolve) => {
                  const { postMessage } = Worker.prototype;
                  Worker.prototype.postMessage = function (...given) {
                    Worker.prototype.postMessage = postMessage;
                    postMessage.apply(this, given);
                    resolve();
                  };
                });
              const image = await (await fetch(`/samples/${sample}`)).blob();
              const classifier = await library.loadClassifier();
              try {
                return await globalThis.body({ library, classifier, image, caught, handed });
              } finally {
                classifier.close();
              }
            },
            sample,
          );
          await check(result);
        },
        {
          ...options,
          path: "blank",
          prepare: async (page) => {
            await addBlank(page);
            await page.addInitScript({ content: `globalThis.body = ${body};` });
            await options.prepare?.(page);
          },
        },
      ),
    );
}

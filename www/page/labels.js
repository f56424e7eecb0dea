/** The model's labels, by head. */
import { brief } from "./display-name.js";
import { byId, make, named } from "./dom.js";

/** @import { Label } from "../polyhead/types.js" */

/**
 * @param {Label[]} labels
 * @param {string[]} heads
 */
export function showLabels(labels, heads) {
  byId("labels", HTMLElement).replaceChildren(
    ...heads.map((head) => {
      const names = labels.filter((label) => label.heads.includes(head)).map(({ label }) => label);
      return make("div", "", named("h3", "", head), make("p", "", names.map(brief).join(", ")));
    }),
  );
}

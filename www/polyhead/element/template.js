/** What is inside the element. */
import { make } from "./dom.js";

/** @typedef {ReturnType<typeof build>} Template */

/** A new inside, without texts. */
export function build() {
  const canvas = make("canvas", { part: "preview", role: "img", hidden: "" });
  const video = make("video", { part: "video", hidden: "" });
  const invitation = make("slot", { name: "invitation" });
  const inviting = make("p", { part: "invitation" }, invitation);
  const bar = make("progress", { part: "progress" });
  const loadingWords = make("span");
  const loading = make("label", { part: "loading", hidden: "" }, loadingWords, bar);
  const stage = make("div", { part: "stage" }, canvas, video, inviting, loading);

  const choose = make("button", { part: "button choose-button", type: "button" });
  const camera = make("button", { part: "button camera-button", type: "button", hidden: "" });
  const devices = make("select", { part: "device-picker", hidden: "" });
  const file = make("input", { type: "file", accept: "image/*", hidden: "", tabindex: "-1" });
  const controls = make("div", { part: "controls" }, choose, camera, devices, file);

  const errorText = make("p", { part: "error-text" });
  const errorDetail = make("p", { part: "error-detail" });
  const again = make("button", { part: "button again-button", type: "button" });
  const failure = make("div", { part: "error", hidden: "" }, errorText, errorDetail, again);
  const alert = make("div", { role: "alert" }, failure);

  const ranking = make("ol", { part: "ranking" });
  const none = make("p", { part: "none", hidden: "" });
  const time = make("p", { part: "time" });
  const answer = make("div", { part: "answer", hidden: "" }, ranking, none, time);
  const status = make("p", { class: "unseen", role: "status", "aria-live": "polite" });

  const root = make("div", { part: "box" }, stage, controls, make("slot", { name: "help" }), alert, answer, status);
  return {
    root, stage, canvas, video, invitation, inviting, loading, loadingWords, bar, choose, camera, devices, file, failure,
    errorText, errorDetail, again, answer, ranking, none, time, status,
  };
}

/** The content of the element's shadow root. */
import { make } from "./dom.js";

/** @typedef {ReturnType<typeof build>} Template */

/** New content, without texts. */
export function build() {
  const canvas = make("canvas", { part: "preview", role: "img", hidden: "" });
  const video = make("video", { part: "video", hidden: "" });
  const invitation = make("slot", { name: "invitation" });
  const inviting = make("p", { part: "invitation" }, invitation);
  const bar = make("progress", { part: "progress" });
  const loadingWords = make("span");
  const loading = make("label", { part: "loading", hidden: "" }, loadingWords, bar);
  const stage = make("div", { part: "stage" }, canvas, video, make("slot", { name: "overlay" }), inviting, loading);

  const choose = make("button", { part: "button choose-button", type: "button" });
  const camera = make("button", { part: "button camera-button", type: "button", hidden: "" });
  const devices = make("select", { part: "device-picker", hidden: "" });
  const file = make("input", { type: "file", accept: "image/*", hidden: "", tabindex: "-1" });
  const controls = make("div", { part: "controls" }, choose, make("slot", { name: "buttons" }), camera, devices, file);

  const errorText = make("p", { part: "error-text" });
  const errorDetail = make("p", { part: "error-detail", lang: "en" });
  const again = make("button", { part: "button again-button", type: "button" });
  const failure = make("div", { part: "error", hidden: "" }, errorText, errorDetail, again);
  const alert = make("div", { role: "alert" }, failure);

  const ranking = make("ol", { part: "ranking" });
  const none = make("p", { part: "none", hidden: "" });
  const time = make("p", { part: "time" });
  const details = make("slot", { name: "details" });
  const answer = make("div", { part: "answer", hidden: "" }, ranking, none, details, time);
  const empty = make("slot", { name: "empty" });
  const status = make("p", { class: "unseen", role: "status", "aria-live": "polite" });

  const input = make("div", { part: "input" }, stage, controls, make("slot", { name: "help" }));
  const root = make("div", { part: "box" }, input, make("div", { part: "result" }, alert, empty, answer), status);
  return {
    root, stage, canvas, video, invitation, inviting, loading, loadingWords, bar, choose, camera, devices, file, failure,
    errorText, errorDetail, again, empty, answer, ranking, none, details, time, status,
  };
}

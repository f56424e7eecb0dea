/** The camera: started, picked, refused, lost, paused, stopped; smoothing and frame time. */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { WWW } from "./browser.mjs";
import { inEvery } from "./drivers/session.mjs";
import { servePage } from "./host.mjs";
import { test } from "./test.mjs";

const { Smoothing, FrameTime } = await import(`${pathToFileURL(WWW)}/polyhead/camera/camera.js`);

/** Remembers every track that the page is given, and takes `getUserMedia`'s place where a test wants a refusal. */
const WATCH = `
  window.tracks = [];
  if (navigator.mediaDevices) {
    const media = navigator.mediaDevices;
    const getUserMedia = media.getUserMedia.bind(media);
    window.asked = [];
    window.refuse = undefined;
    media.getUserMedia = async (wanted) => {
      asked.push(wanted.video);
      if (window.refuse) throw new DOMException("refused", window.refuse);
      const stream = await getUserMedia(wanted);
      for (const track of stream.getTracks()) {
        tracks.push(track);
        // Firefox does not let scripts send this event to a track.
        const listen = track.addEventListener.bind(track);
        track.addEventListener = (type, listener) => {
          if (type === "ended") window.lose = listener;
          listen(type, listener);
        };
      }
      return stream;
    };
  }
`;

function withCamera(page, body, walk) {
  return (async () => {
    const server = await servePage({ body: `<script src="/watch.js"></script>${body}`, scripts: { "/watch.js": WATCH } });
    try {
      await page.goto(server.page);
      await page.run(() => customElements.whenDefined("polyhead-classifier").then(() => true));
      await walk();
      assert.deepEqual(await page.run(() => window.violations), []);
    } finally {
      await server.close();
    }
  })();
}

const ELEMENT = '<polyhead-classifier id="one" camera top-k="2"></polyhead-classifier>';
const live = () => window.tracks.filter(({ readyState }) => readyState === "live").length;
const part = (name) => {
  const found = document.getElementById("one").shadowRoot.querySelector(`[part~="${name}"]`);
  return found.hidden ? null : found.textContent;
};

inEvery(
  "starts on a click, ranks frames, shows a smoothed frame time, stops every track",
  (page) =>
    withCamera(page, ELEMENT, async () => {
      assert.equal(await page.run(() => window.asked.length), 0, "asked before anyone acted");
      assert.equal(await page.run(part, "camera-button"), "Start the camera");
      const { live: moving, ranking } = await page.run(() =>
        window.next("ranking", () => document.getElementById("one").shadowRoot.querySelector('[part~="camera-button"]').click()));
      assert.equal(moving, true);
      assert.equal(ranking.labels.length, 2);
      assert.equal(await page.run(part, "camera-button"), "Stop the camera");
      await page.run(() => window.next("ranking").then(() => window.next("ranking")).then(() => true));
      assert.match(await page.run(part, "time"), /^\d+ ms per frame$/);
      const { mirrored, facing } = await page.run(() => ({
        mirrored: document.getElementById("one").shadowRoot.querySelector("video").classList.contains("mirrored"),
        facing: window.tracks[0].getSettings().facingMode ?? null,
      }));
      assert.equal(mirrored, facing !== "environment");
      assert.equal(await page.run(live), 1);
      await page.run(() => document.getElementById("one").stopCamera());
      assert.equal(await page.run(live), 0);
      assert.equal(await page.run(part, "camera-button"), "Start the camera");
    }),
);

inEvery(
  "removal, a chosen image and a stop before the permission end the camera; a move does not",
  (page) =>
    withCamera(page, `${ELEMENT}<div id="elsewhere"></div>`, async () => {
      const states = await page.run(async () => {
        const live = () => window.tracks.filter(({ readyState }) => readyState === "live").length;
        const settled = async (told) => {
          while (!told()) await new Promise((resolve) => setTimeout(resolve, 20));
        };
        const element = document.getElementById("one");
        const states = {};
        await element.startCamera();
        document.getElementById("elsewhere").append(element);
        await window.next("ranking");
        states.moved = live();
        await element.classify(await (await fetch("/samples/t-shirt.png")).blob());
        states.image = live();
        const starting = element.startCamera();
        element.stopCamera();
        await starting;
        // The permission that was asked for comes all the same.
        await settled(() => window.tracks.length === window.asked.length && live() === 0);
        states.early = live();
        await element.startCamera();
        states.again = live();
        element.remove();
        await settled(() => live() === 0);
        states.removed = live();
        return states;
      });
      assert.deepEqual(states, { moved: 1, image: 0, early: 0, again: 1, removed: 0 });
    }),
);

inEvery(
  "the device picker lists cameras after permission and changes between them",
  (page) =>
    withCamera(page, ELEMENT, async () => {
      assert.equal(await page.run(part, "device-picker"), null);
      const picked = await page.run(async () => {
        const element = document.getElementById("one");
        await element.startCamera();
        const picker = element.shadowRoot.querySelector("select");
        const options = [...picker.options].map(({ value, text }) => ({ value, text }));
        const other = options.find(({ value }) => value !== picker.value);
        if (!other) {
          return { options };
        }
        picker.value = other.value;
        picker.dispatchEvent(new Event("change"));
        await window.next("ranking");
        return { options, wanted: window.asked.at(-1).deviceId.exact === other.value, shown: picker.value === other.value, live: window.tracks.map(({ readyState }) => readyState) };
      });
      assert.ok(picked.options.length >= 2 && picked.options.every(({ text }) => text));
      assert.ok(picked.wanted && picked.shown);
      assert.deepEqual(picked.live, ["ended", "live"]);
    }),
  ({ name, cameras }) => (cameras < 2 ? `${name} fakes only one camera` : undefined),
);

inEvery(
  "a denied camera is reported with a remedy, and can be tried again",
  (page) =>
    withCamera(page, ELEMENT, async () => {
      const { error } = await page.run(() =>
        window.next("error", () => document.getElementById("one").shadowRoot.querySelector('[part~="camera-button"]').click()));
      assert.equal(error.code, "camera-denied");
      assert.equal(await page.run(part, "error-text"), "The camera is not allowed. Allow it in the address bar, and in the system's settings.");
      assert.equal(await page.run(part, "again-button"), "Try again");
      assert.equal(await page.run(part, "camera-button"), "Start the camera");
      assert.equal(await page.run(live), 0);
    }),
  ({ name, refuses }) => (refuses ? undefined : `${name}'s question for the camera is out of its driver's reach`),
  { cameraForbidden: true },
);

inEvery("a frame without permission for the camera reports it", (page) =>
  withCamera(page, "", async () => {
    const told = await page.run(async () => {
      const frame = document.createElement("iframe");
      frame.allow = "camera 'none'";
      frame.src = "/element.html?framed";
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener("load", resolve));
      const inside = frame.contentWindow;
      await inside.customElements.whenDefined("polyhead-classifier");
      const element = inside.document.body.appendChild(inside.document.createElement("polyhead-classifier"));
      const code = await element.startCamera().then(() => "nothing", (error) => error.code);
      return [code, element.shadowRoot.querySelector('[part~="error-text"]').textContent];
    });
    assert.equal(told[0], "camera-denied");
    assert.match(told[1], /^The camera is not allowed\./);
  }));

inEvery(
  "a large frame is drawn at the model's size, and has the ranking of the whole frame",
  (page) =>
    withCamera(page, "", async () => {
      const { sizes, frame, whole } = await page.run(async () => {
        const { loadClassifier } = await import("/polyhead/index.js");
        const classifier = await loadClassifier();
        const image = await createImageBitmap(await (await fetch("/samples/t-shirt.png")).blob());
        const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
        const context = canvas.getContext("2d");
        const drawing = setInterval(() => context.drawImage(image, 0, 0, 1280, 720), 50);
        const video = Object.assign(document.createElement("video"), { muted: true, srcObject: canvas.captureStream(20) });
        const shown = new Promise((resolve) => video.addEventListener("timeupdate", resolve, { once: true }));
        await video.play();
        await shown;
        const sizes = [];
        const { createImageBitmap: make } = window;
        window.createImageBitmap = async (...given) => {
          const bitmap = await make.apply(window, given);
          sizes.push([bitmap.width, bitmap.height]);
          return bitmap;
        };
        const frame = await classifier.classify(video);
        const whole = await classifier.classify(canvas);
        clearInterval(drawing);
        classifier.close();
        return { sizes, frame: frame.labels, whole: whole.labels };
      });
      assert.deepEqual(sizes, [[399, 224], [1280, 720]]);
      assert.equal(frame[0].label, whole[0].label);
      for (const { label, probability } of frame) {
        const other = whole.find((entry) => entry.label === label).probability;
        assert.ok(Math.abs(probability - other) < 0.1, `${label}: ${probability} for ${other}`);
      }
    }),
);

inEvery(
  "front or rear is requested; a lost device and a hidden page are noticed",
  (page) =>
    withCamera(page, ELEMENT, async () => {
      const { asked, paused, resumed, error, live: left } = await page.run(async () => {
        const element = document.getElementById("one");
        element.facingMode = "environment";
        await element.startCamera();
        const video = element.shadowRoot.querySelector("video");
        const hide = (hidden) => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        };
        await window.next("ranking");
        hide(true);
        while (!video.paused) await new Promise((resolve) => setTimeout(resolve, 20));
        // The frame under way may still be answered; its time and thirty more of the screen's frames go by.
        const frames = async () => {
          for (let frame = 0; frame < 30; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
        };
        for (let seen = -1; seen !== window.told.length; await frames()) seen = window.told.length;
        const before = window.told.length;
        await frames();
        const paused = [video.paused, window.told.length - before];
        hide(false);
        await window.next("ranking");
        const resumed = !video.paused;
        const lost = window.next("error");
        window.lose(new Event("ended"));
        const { error } = await lost;
        return {
          asked: window.asked.at(-1).facingMode.ideal, paused, resumed, error,
          live: window.tracks.filter(({ readyState }) => readyState === "live").length,
        };
      });
      assert.equal(asked, "environment");
      assert.deepEqual(paused, [true, 0]);
      assert.ok(resumed);
      assert.equal(error.code, "camera-lost");
      assert.equal(left, 0);
      assert.equal(await page.run(part, "error-text"), "The camera was disconnected. Connect it again, then start it.");
    }),
);

inEvery(
  "a camera that the browser ends while it runs is noticed",
  (page) =>
    withCamera(page, ELEMENT, async () => {
      await page.run(() => window.next("ranking", () => document.getElementById("one").startCamera()).then(() => true));
      await page.run(() => {
        window.lost = window.next("error");
      });
      await page.loseCamera();
      const { error } = await page.run(() => window.lost);
      assert.equal(error.code, "camera-lost");
      assert.equal(await page.run(part, "error-text"), "The camera was disconnected. Connect it again, then start it.");
      assert.equal(await page.run(part, "camera-button"), "Start the camera");
      assert.equal(await page.run(live), 0);
    }),
  ({ name, loses }) => (loses ? undefined : `${name}'s driver takes no camera away; the track's event is played above`),
);

inEvery(
  "frames are polled in browsers without frame callbacks; smoothing can be switched off",
  (page) =>
    withCamera(page, ELEMENT, async () => {
      const { frames, same, smooth } = await page.run(async () => {
        delete HTMLVideoElement.prototype.requestVideoFrameCallback;
        const { Classifier } = await import("/polyhead/index.js");
        const { classify } = Classifier.prototype;
        let turn = 0;
        Classifier.prototype.classify = async function (...given) {
          const ranking = await classify.apply(this, given);
          // With every frame what was sure is out of the question.
          turn += 1;
          const labels = ranking.labels.map((label) => ({ ...label, probability: (turn + label.label.length) % 2 }));
          return { ...ranking, labels };
        };
        const frames = [];
        const element = document.getElementById("one");
        element.smoothing = "off";
        await element.startCamera();
        const next = async () => {
          const { ranking } = await window.next("ranking");
          frames.push(ranking);
          return ranking.labels.map(({ probability }) => probability);
        };
        await next();
        const same = (await next()).every((probability) => probability === 0 || probability === 1);
        element.smoothing = "on";
        await next();
        const smooth = (await next()).some((probability) => probability > 0 && probability < 1);
        return { frames: frames.length, same, smooth };
      });
      assert.deepEqual({ frames, same, smooth }, { frames: 4, same: true, smooth: true });
    }),
);

inEvery("every refusal is shown as text, with a remedy", (page) =>
  withCamera(page, ELEMENT, async () => {
    const told = await page.run(async () => {
      const element = document.getElementById("one");
      const told = {};
      if (!navigator.mediaDevices) {
        Object.defineProperty(navigator, "mediaDevices", { value: new EventTarget(), configurable: true });
      }
      for (const name of ["NotAllowedError", "NotFoundError", "OverconstrainedError", "NotReadableError", "SecurityError", "OddError"]) {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", name));
        const code = await element.startCamera().then(() => "nothing", (error) => error.code);
        told[name] = [code, element.shadowRoot.querySelector('[part~="error-text"]').textContent];
      }
      Object.defineProperty(navigator, "mediaDevices", { value: undefined, configurable: true });
      told.insecure = [await element.startCamera().then(() => "nothing", (error) => error.code)];
      return told;
    });
    assert.deepEqual(Object.fromEntries(Object.entries(told).map(([name, [code]]) => [name, code])), {
      NotAllowedError: "camera-denied",
      NotFoundError: "camera-none",
      OverconstrainedError: "camera-none",
      NotReadableError: "camera-busy",
      SecurityError: "camera-insecure",
      OddError: "camera-failed",
      insecure: "camera-insecure",
    });
    assert.match(told.NotAllowedError[1], /Allow it in the address bar/);
    assert.match(told.NotFoundError[1], /Connect one/);
    assert.match(told.NotReadableError[1], /Close it/);
    assert.match(told.SecurityError[1], /https/);
    assert.match(told.OddError[1], /could not be started/);
  }));

test("smoothing is an exponential mean over time, and keeps sums and order", () => {
  const smoothing = new Smoothing();
  const ranking = (glass) => ({
    labels: [{ label: "glass", heads: ["a"], probability: glass }, { label: "paper", heads: ["a"], probability: 1 - glass }],
    heads: [{ head: "a", probability: 1 }],
    none: glass / 2,
    milliseconds: 5,
  });
  assert.deepEqual(smoothing.add(ranking(0.9), 0).labels, ranking(0.9).labels);
  const fresh = 1 - Math.exp(-1);
  const { labels, none, heads } = smoothing.add(ranking(0.1), 400);
  const glass = fresh * 0.1 + (1 - fresh) * 0.9;
  assert.deepEqual(labels.map(({ label }) => label), ["paper", "glass"]);
  assert.ok(Math.abs(labels[1].probability - glass) < 1e-12);
  assert.ok(Math.abs(labels[0].probability + labels[1].probability - 1) < 1e-12);
  assert.ok(Math.abs(none - glass / 2) < 1e-12);
  assert.equal(heads[0].probability, 1);
  const late = smoothing.add(ranking(0.7), 1e6).labels;
  assert.ok(Math.abs(late[0].probability - 0.7) < 1e-12, "an old frame still counts");
  smoothing.reset();
  assert.deepEqual(smoothing.add(ranking(0.3), 1e6).labels[0].probability, 0.7);
});

test("the frame time is the mean over the last frames, whatever happened before a pause", () => {
  const time = new FrameTime();
  assert.equal(time.add(0), undefined);
  assert.equal(time.add(30), 30);
  assert.equal(time.add(90), 45);
  for (let at = 100; at <= 300; at += 10) {
    time.add(at);
  }
  assert.equal(time.add(310), 10);
  time.reset();
  assert.equal(time.add(9000), undefined);
});

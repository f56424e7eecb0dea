/** WebKitGTK, driven over plain WebDriver (https://www.w3.org/TR/webdriver2/) on a screen of memory. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { SLOW } from "../browser.mjs";

const DRIVER = "/usr/bin/WebKitWebDriver";
const SCREEN = "/usr/bin/Xvfb";
/** Cameras of coloured frames, given without a question. */
const ARGUMENTS = [
  "--automation", "--enable-media-stream=true", "--enable-mock-capture-devices=true",
  "--features=-MockCaptureDevicesPrompt,-GetUserMediaRequiresFocus",
];
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

export const name = "WebKitGTK";
export const cameras = 2;
/** Its question for the camera is a window of the program, which WebDriver does not reach: it is switched off. */
export const refuses = false;
export const loses = false;
/** Driven, it is private: what pages store is gone with the last page of their origin. */
export const folders = false;
export const forgets = true;

export function missing() {
  const path = [DRIVER, SCREEN].find((path) => !existsSync(path));
  return path && `expected ${path}, found none; install webkit2gtk-driver and xvfb`;
}

/** @returns {Promise<import("./session.mjs").Session>} */
export async function open() {
  const screen = spawn(SCREEN, ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [display] = await once(screen.stdio[3], "data");
  const port = await freePort();
  const driver = spawn(DRIVER, [`--port=${port}`], {
    env: { ...process.env, DISPLAY: `:${String(display).trim()}`, GDK_BACKEND: "x11", LIBGL_ALWAYS_SOFTWARE: "1" },
    stdio: "ignore",
  });
  const end = () => {
    driver.kill();
    screen.kill();
  };
  try {
    const send = await connect(`http://127.0.0.1:${port}`);
    return {
      goto: (url) => send("POST", "/url", { url }),
      evaluate: (expression) => evaluate(send, expression),
      choose: async (input, ...paths) => {
        const found = await send("POST", "/execute/sync", { script: `return ${input}`, args: [] });
        await send("POST", `/element/${found[ELEMENT]}/value`, { text: paths.join("\n") });
      },
      close: async () => {
        await send("DELETE", "").catch(() => {});
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

async function evaluate(send, expression) {
  const script = `const done = arguments[arguments.length - 1];
    Promise.resolve().then(() => (${expression})).then(
      (value) => done({ value }), (error) => done({ error: String(error && error.stack ? error + " " + error.stack : error) }));`;
  const { value, error } = await send("POST", "/execute/async", { script, args: [] });
  if (error !== undefined && error !== null) {
    throw new Error(error);
  }
  return value;
}

/** A session, as a function that sends its commands. */
async function connect(address) {
  const timeouts = { script: 300_000, pageLoad: 120_000 };
  const capabilities = { alwaysMatch: { timeouts, "webkitgtk:browserOptions": { args: ARGUMENTS } } };
  let sessionId;
  for (let attempt = 0; sessionId === undefined; attempt += 1) {
    try {
      ({ sessionId } = await command(`${address}/session`, "POST", { capabilities }));
    } catch (error) {
      // The driver is not listening yet.
      if (attempt > 50 || error.cause?.code !== "ECONNREFUSED") {
        throw error;
      }
      await pause(100);
    }
  }
  return async (method, path, body) => {
    await pause(SLOW);
    return command(`${address}/session/${sessionId}${path}`, method, body);
  };
}

async function command(url, method, body) {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) {
    throw new Error(`${method} ${url}: ${value.error}: ${value.message}`);
  }
  return value;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

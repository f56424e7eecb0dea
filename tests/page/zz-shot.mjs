import { spawn } from "node:child_process";
import { chromium } from "playwright-core";
const server = spawn("/tmp/wt/page/target/debug/polyhead", ["serve", "/tmp/wt/page/www", "--port", "8765"], { stdio: "ignore" });
await new Promise((r) => setTimeout(r, 800));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const only = process.argv[2];
for (const [name, context] of [
  ["wide-light", { viewport: { width: 1280, height: 900 } }],
  ["wide-dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }],
  ["phone-light", { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 2 }],
  ["phone-dark", { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark", deviceScaleFactor: 2 }],
]) {
  if (only && !name.includes(only)) continue;
  const c = await browser.newContext({ ...context, serviceWorkers: "block" });
  const page = await c.newPage();
  page.on("console", (m) => console.log(name, m.type(), m.text()));
  page.on("pageerror", (e) => console.log(name, "ERR", e.message));
  await page.goto("http://127.0.0.1:8765/");
  await page.waitForSelector("#loading", { state: "hidden" });
  await page.screenshot({ path: `/tmp/shots/${name}-start.png`, fullPage: true });
  await page.click('[data-file="trainer.png"]');
  await page.waitForSelector("#time:not(:empty)");
  await page.waitForTimeout(600);
  await page.screenshot({ path: `/tmp/shots/${name}-ranking.png` });
  await page.click("#why-switch");
  await page.waitForSelector("#veil:not([hidden])");
  await page.check('input[value="raw"]');
  await page.click("summary >> nth=0");
  await page.waitForTimeout(300);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `/tmp/shots/${name}-why.png`, fullPage: true });
  await page.setInputFiles("#folder", "/tmp/many");
  await page.waitForSelector("#batch-bar", { state: "hidden", timeout: 120000 });
  await page.waitForTimeout(800);
  await page.locator("#batch").scrollIntoViewIfNeeded();
  await page.locator("#batch").screenshot({ path: `/tmp/shots/${name}-batch.png` });
  await c.close();
}
await browser.close();
server.kill();

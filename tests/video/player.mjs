// Plays a stream in headless Chromium with hls.js, to its end: node player.mjs <page>. Prints what happened, as JSON.
import chromium from '@sparticuz/chromium';
import { chromium as browsers } from 'playwright-core';

const SECONDS = 40;
const browser = await browsers.launch({ executablePath: await chromium.executablePath(), args: chromium.args });
try {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(process.argv[2]);
    await page.waitForFunction(() => window.played.ended || window.played.errors.length, null, { timeout: SECONDS * 1000 });
    const played = await page.evaluate(() => window.played);
    console.log(JSON.stringify({ ...played, errors: [...errors, ...played.errors] }));
} finally {
    await browser.close();
}

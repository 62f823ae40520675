// The image job on sharp (libvips). Reads one job per line from standard input: {"photo", "folder"}; answers
// {"milliseconds", "since_start", "peak"}: the processor time of the job in all threads, that of the process since it was
// started, and the most memory it has had so far, in MB.
//
//   node worker.mjs once|cascade EFFORT
//
// once: every rendition from the file, with libvips' shrink-on-load (how AWS's image handler uses it).
// cascade: one decode, each rendition from the one before, as our own pipeline does.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import sharp from "sharp";
import { rgbaToThumbHash } from "thumbhash";

const WIDTHS = [1080, 640, 320];
const [kind, effort] = [process.argv[2], Number(process.argv[3])];

sharp.concurrency(1);
sharp.cache(false);

const webp = (image) => image.webp({ quality: 80, effort });
const jpeg = (image) => image.jpeg({ quality: 80, progressive: true });

async function encode(image, folder, name) {
  await webp(image.clone()).toFile(join(folder, `${name}.webp`));
  await jpeg(image.clone()).toFile(join(folder, `${name}.jpg`));
}

async function describe(image) {
  const tiny = image.resize(32, 32, { fit: "inside" }).ensureAlpha();
  const { data, info } = await tiny.raw().toBuffer({ resolveWithObject: true });
  const pixels = sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } });
  return { hash: rgbaToThumbHash(info.width, info.height, data), dominant: (await pixels.stats()).dominant };
}

async function once(photo, folder) {
  await sharp(photo).metadata();
  for (const width of WIDTHS) {
    await encode(sharp(photo).autoOrient().resize(width), folder, `w${width}`);
  }
  await encode(sharp(photo).autoOrient().resize(150, 150, { fit: "cover" }), folder, "thumb");
  await describe(sharp(photo).autoOrient());
}

async function cascade(photo, folder) {
  await sharp(photo).metadata();
  let source = sharp(photo).autoOrient();
  for (const width of WIDTHS) {
    const { data, info } = await source.resize(width).raw().toBuffer({ resolveWithObject: true });
    source = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
    await encode(source, folder, `w${width}`);
  }
  await encode(source.clone().resize(150, 150, { fit: "cover" }), folder, "thumb");
  await describe(source.clone());
}

const peak = () => Number(readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1]) / 1024;

for await (const line of createInterface({ input: process.stdin })) {
  const { photo, folder } = JSON.parse(line);
  const start = process.cpuUsage();
  await (kind === "once" ? once : cascade)(photo, folder);
  const { user, system } = process.cpuUsage(start);
  const milliseconds = (user + system) / 1000;
  const whole = process.cpuUsage();
  console.log(JSON.stringify({ milliseconds, since_start: (whole.user + whole.system) / 1000, peak: peak() }));
}

/** A curve as an SVG: sizes by decades along it, time per message up it, and the band that counts as flat. */
import type { MeasuredCurve } from "./curve.ts";
import { median } from "./statistics.ts";

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 72;
const RIGHT = 24;
const TOP = 52;
const BOTTOM = 48;
/** At most so many lines across. */
const MOST_STEPS = 6;
/** Half the width of the ends of a spread's bar. */
const CAP = 5;

/** Of both themes: a viewer that shows the picture alone has its own colours by its media query. */
const STYLE = `
  svg { --ink: #1f2328; --faint: #d1d9e0; --line: #0969da; --band: #0969da; background: #ffffff }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --faint: #3d444d; --line: #58a6ff; --band: #58a6ff; background: #0d1117 } }
  text { fill: var(--ink); font: 13px system-ui, sans-serif }
  .title { font-size: 15px; font-weight: 600 }
  .grid { stroke: var(--faint) }
  .band { fill: var(--band); fill-opacity: 0.14 }
  .middle { stroke: var(--line); stroke-dasharray: 4 4; stroke-opacity: 0.6 }
  .line { stroke: var(--line); stroke-width: 2; fill: none }
  .bar { stroke: var(--line); stroke-width: 1.5; fill: none }
  .dot { fill: var(--line) }`;

interface Scale {
  x(size: number): string;
  y(ns: number): string;
}

/** `percent`: how far from the median of all points the band reaches. The same numbers give the same text. */
export function drawChart({ title, axis, points }: MeasuredCurve, percent: number): string {
  const middle = median(points.map(({ ns }) => ns.median));
  const top = ceiling(Math.max(...points.map(({ ns }) => ns.max), middle * (1 + percent / 100)));
  const scale = scaleOf(points[0].size, points[points.length - 1].size, top.value);
  const band = [1 + percent / 100, 1 - percent / 100].map((share) => Number(scale.y(middle * share)));
  const unit = top.value >= 10_000 ? { ns: 1000, name: "µs" } : { ns: 1, name: "ns" };
  const words = points.map(({ size, ns }) => `${inWords(size)}: ${round(ns.median / unit.ns)} ${unit.name}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(`CPU time per message by ${axis}: ${words.join(", ")}`)}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="band" x="${LEFT}" y="${band[0]}" width="${WIDTH - LEFT - RIGHT}" height="${fixed(band[1] - band[0])}"/>`,
    ...gridOf(top, unit, scale),
    `<path class="middle" d="M${LEFT} ${scale.y(middle)}H${WIDTH - RIGHT}"/>`,
    ...points.flatMap((point) => pointOf(point, scale)),
    `<path class="line" d="M${points.map(({ size, ns }) => `${scale.x(size)} ${scale.y(ns.median)}`).join("L")}"/>`,
    `<text class="title" x="${LEFT}" y="20">${escaped(title)}</text>`,
    `<text x="${LEFT}" y="37">${unit.name} of CPU per message; bars: all rounds; band: ± ${percent} % of the median</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(axis)}</text>`,
    "</svg>\n",
  ].join("\n");
}

function scaleOf(first: number, last: number, top: number): Scale {
  const [from, to] = [Math.log10(first), Math.log10(last)];
  const inner = 24;
  const width = WIDTH - LEFT - RIGHT - 2 * inner;
  return {
    x: (size) => fixed(LEFT + inner + (width * (Math.log10(size) - from)) / (to - from || 1)),
    y: (ns) => fixed(HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * ns) / top),
  };
}

function gridOf(top: { value: number; step: number }, unit: { ns: number }, { y }: Scale): string[] {
  const lines: string[] = [];
  for (let ns = 0; ns <= top.value; ns += top.step) {
    const at = y(ns);
    lines.push(
      `<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/>`,
      `<text x="${LEFT - 8}" y="${fixed(Number(at) + 4)}" text-anchor="end">${round(ns / unit.ns)}</text>`,
    );
  }
  return lines;
}

function pointOf({ size, ns }: MeasuredCurve["points"][number], { x, y }: Scale): string[] {
  const at = x(size);
  const [left, right] = [fixed(Number(at) - CAP), fixed(Number(at) + CAP)];
  const cap = (value: number) => `M${left} ${y(value)}H${right}`;
  return [
    `<path class="bar" d="M${at} ${y(ns.min)}V${y(ns.max)}${cap(ns.min)}${cap(ns.max)}"/>`,
    `<circle class="dot" cx="${at}" cy="${y(ns.median)}" r="4"/>`,
    `<text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${inWords(size)}</text>`,
  ];
}

/** The least round number that is not below `value`, and steps to it: 1, 2 or 5 times a power of ten. */
function ceiling(value: number): { value: number; step: number } {
  const power = 10 ** Math.floor(Math.log10(value / MOST_STEPS));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one * MOST_STEPS >= value)!;
  return { value: step * Math.ceil(value / step), step };
}

const fixed = (value: number) => value.toFixed(1);
const round = (value: number) => String(Number(value.toPrecision(3)));

/** "10 000", with a space that does not break. */
const inWords = (size: number) => String(size).replace(/\B(?=(\d{3})+$)/g, "\u00a0");

const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** What doctor has found, for people: what is well in few lines, then each fault with what repairs it, then the ports. */
import type { Examination } from "../../doctor/examine.ts";
import type { Finding, Level } from "../../doctor/finding.ts";
import type { PortInfo } from "../../transports/ports.ts";
import { paint, type Tone } from "../output/colour.ts";
import { displayWidth, printable } from "../output/display.ts";

export interface Look {
  /** Of the terminal; undefined where it is none. */
  columns: number | undefined;
  isColoured: boolean;
  /** Who asks sees what all processes hold. */
  seesAll: boolean;
}

/** Where nobody says how wide a line may be. */
const COLUMNS = 100;
/** What is well and no longer than this shares its line with others, on a terminal. */
const SHORT = 32;
const MARGIN = " ";
const GAP = "  ";
const ARROW = "-> ";

const tones: Readonly<Record<Level, Tone>> = { ok: "good", warn: "warn", FAIL: "bad" };
const WIDEST_LEVEL = 4;

export function formatExamination({ findings, ports }: Examination, look: Look): string[] {
  const well = findings.filter(({ level }) => level === "ok");
  const faults = [
    ...findings.filter(({ level }) => level === "FAIL"),
    ...findings.filter(({ level }) => level === "warn"),
  ];
  return [...formatWell(well, look), ...formatFaults(faults, look), ...formatPorts(ports, look)];
}

function formatWell(findings: readonly Finding[], look: Look): string[] {
  const cells = findings.map(({ level, seen }) => ({
    text: `${mark(level, look)}${GAP}${printable(seen)}`,
    width: displayWidth(printable(seen)),
  }));
  if (look.columns === undefined) return cells.map(({ text }) => MARGIN + text);
  const short = cells.filter(({ width }) => width <= SHORT);
  const long = cells.filter(({ width }) => width > SHORT);
  const width = Math.max(0, ...short.map((cell) => cell.width));
  const taken = WIDEST_LEVEL + GAP.length + width + GAP.length;
  const perLine = Math.max(1, Math.floor((look.columns - MARGIN.length) / taken));
  const lines: string[] = [];
  for (let at = 0; at < short.length; at += perLine) {
    const row = short.slice(at, at + perLine).map((cell) => cell.text + " ".repeat(width - cell.width));
    lines.push(MARGIN + row.join(GAP).trimEnd());
  }
  return [...lines, ...long.map(({ text }) => MARGIN + text)];
}

/** What repairs a fault stands behind it where there is room, else below it; several commands always do. */
function formatFaults(findings: readonly Finding[], look: Look): string[] {
  const columns = look.columns ?? COLUMNS;
  const before = MARGIN.length + WIDEST_LEVEL + GAP.length;
  const widthOf = (seen: string, mend: string) => before + displayWidth(`${seen}${GAP}${ARROW}${mend}`);
  const texts = findings.map(({ level, seen, mend }) => {
    const commands = mend
      .split("\n")
      .filter((line) => line !== "")
      .map(printable);
    return { level, seen: printable(seen), commands };
  });
  const behind = texts.filter(
    ({ seen, commands }) => commands.length === 1 && widthOf(seen, commands[0]) <= columns,
  );
  const aligned = Math.max(0, ...behind.map(({ seen }) => displayWidth(seen)));
  return texts.flatMap((text) => {
    const { level, seen, commands } = text;
    const head = `${MARGIN}${mark(level, look)}${GAP}${seen}`;
    if (!behind.includes(text)) return [head, ...commands.map((line) => " ".repeat(before) + ARROW + line)];
    const padded = seen + " ".repeat(aligned - displayWidth(seen));
    const space = widthOf(padded, commands[0]) <= columns ? padded.slice(seen.length) : "";
    return [`${head}${space}${GAP}${ARROW}${commands[0]}`];
  });
}

function formatPorts(ports: readonly PortInfo[], look: Look): string[] {
  if (ports.length === 0)
    return [`${MARGIN}ports${GAP}none; plug a board in, or try one without: npx bowline sim`];
  const rows = ports.map(({ name, vidPid, holder, espruino }, i) => [
    String(i + 1),
    name,
    vidPid || "-",
    holder ? `held by pid ${holder.pid} ${holder.command}` : look.seesAll ? "free" : "seems free",
    `Espruino? ${espruino}`,
  ]);
  const cells = rows.map((row) => row.map(printable));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column]))));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat(widths[column] - displayWidth(cell)))
      .join(GAP)
      .trimEnd(),
  );
  return [`${MARGIN}ports`, ...lines.map((line) => `${GAP}${line}`)];
}

/** The level as a word of equal width. */
function mark(level: Level, { isColoured }: Look): string {
  const word = level.padEnd(WIDEST_LEVEL);
  return isColoured ? paint(word, tones[level]) : word;
}

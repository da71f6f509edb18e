/** Values over time: which there are, the points of a chart, and all of them as a file. */
import { pipeline } from "node:stream/promises";
import type { SeriesList } from "./api.ts";
import { csvLines } from "./csv.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { type NumberRange, readNumber } from "./query.ts";
import type { Call, Route } from "./routes.ts";

const DEFAULT_RANGE_MS = 86_400_000;
const DEFAULT_POINTS = 600;
const pointCounts: NumberRange = { min: 1, max: 5000, isWhole: true };
/** ms since 1970, as far as Date goes. */
const times: NumberRange = { min: 0, max: 8.64e15, isWhole: true };

type History = GatewayApi["history"];

export function historyRoutes(history: History): Route[] {
  const path = "/api/v1/history";
  return [
    {
      ...{ method: "GET", path: `${path}/series`, role: "read", query: ["device"] },
      answer: ({ url }): SeriesList => {
        const view = history.view();
        const series = history.series(url.searchParams.get("device") ?? undefined);
        return { series, unkept: view.unkept, history: view };
      },
    },
    {
      ...{ method: "GET", path, role: "read" },
      query: ["device", "type", "field", "from", "to", "points"],
      answer: ({ url }) => {
        const [device, type, field] = [needed(url, "device"), needed(url, "type"), needed(url, "field")];
        const points = readNumber(url, "points", pointCounts) ?? DEFAULT_POINTS;
        return history.points({ device, type, field, ...readRange(url), points });
      },
    },
    {
      ...{ method: "GET", path: `${path}/csv`, role: "read" },
      query: ["device", "type", "field", "from", "to"],
      answer: (call) => sendCsv(history, call),
    },
  ];
}

/** `from` included, `to` not: a value of this very moment is meant. */
function readRange(url: URL): { from: number; to: number } {
  const to = readNumber(url, "to", times) ?? Date.now() + 1;
  const from = readNumber(url, "from", times) ?? Math.max(0, to - DEFAULT_RANGE_MS);
  if (from < to) return { from, to };
  throw new HttpFault(400, "QUERY_INVALID", `reading from: ${from}; allowed: less than to, ${to}`);
}

function needed(url: URL, name: string): string {
  const value = url.searchParams.get(name) ?? "";
  if (value !== "") return value;
  throw new HttpFault(
    400,
    "QUERY_INVALID",
    `reading ${name}: it is missing; allowed: device, type and field of a series`,
    { mend: "bowline history" },
  );
}

/** No faster than the client takes it; what fails before the first line is an answer of its own. */
async function sendCsv(history: History, { url, request, response }: Call): Promise<void> {
  const device = needed(url, "device");
  const [type, field] = [url.searchParams.get("type"), url.searchParams.get("field")];
  if (type === null && field !== null) needed(url, "type");
  const names = { device, ...(type !== null && { type }), ...(field !== null && { field }) };
  const lines = csvLines(history.rows({ ...names, ...readRange(url) }));
  const first = await lines.next();
  response.writeHead(200, {
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": `attachment; filename="${fileName(device, type, field)}"`,
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  response.write(first.value);
  await pipeline(lines, response).catch((error: NodeJS.ErrnoException) => {
    // The client has gone, and wants nothing more.
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  });
}

/** What a name may be of is told nowhere: nothing of it leads out of a folder or ends the header. */
function fileName(...parts: (string | null)[]): string {
  const names = parts.filter((part) => part !== null).map((part) => part.replace(/[^A-Za-z0-9.-]+/g, "-"));
  return `${names.join("_").replace(/^\.+/, "").slice(0, 120)}.csv`;
}

/** What happened and what is wrong over the API: the timeline, and the problems. */
import type { Subject } from "../timeline/happening.ts";
import { subjectKinds } from "../timeline/happening.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { messageNumbers, readLimit, readNumber } from "./query.ts";
import type { Route } from "./routes.ts";

/** A day of a house, unless more is asked for, and all there is. */
const happeningLimit = { most: 5000, usual: 500 };

export function timelineRoutes({ timeline, problems }: GatewayApi): Route[] {
  return [
    {
      ...{ method: "GET", path: "/api/v1/timeline", role: "read", query: ["from", "to", "subject", "limit"] },
      answer: ({ url }) => {
        const subject = readSubject(url);
        return timeline.page({
          from: readNumber(url, "from", messageNumbers) ?? 0,
          to: readNumber(url, "to", messageNumbers) ?? Number.MAX_SAFE_INTEGER,
          limit: readLimit(url, happeningLimit),
          ...(subject !== null && { subject }),
        });
      },
    },
    { method: "GET", path: "/api/v1/problems", role: "read", answer: () => problems.view() },
  ];
}

/** KIND:NAME; the store and the gateway itself have no name. null: none is asked for. */
function readSubject(url: URL): Subject | null {
  const text = url.searchParams.get("subject");
  if (text === null) return null;
  const at = text.indexOf(":");
  const kind = subjectKinds.find((one) => one === (at < 0 ? text : text.slice(0, at)));
  if (kind !== undefined) return { kind, name: at < 0 ? "" : text.slice(at + 1) };
  const seen = JSON.stringify(text.slice(0, 80));
  const allowed = `KIND:NAME, where KIND is one of ${subjectKinds.join(", ")}`;
  throw new HttpFault(400, "QUERY_INVALID", `reading subject: ${seen}; allowed: ${allowed}`);
}

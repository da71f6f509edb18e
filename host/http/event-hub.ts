/** GET /api/v1/events: all clients of the live events, and the two timers they share. */
import type { ServerResponse } from "node:http";
import type { IrcLineView } from "./api.ts";
import { type ChangeKind, EventStream, type Greeting, MAX_LINES } from "./event-stream.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { checkNumber, messageNumbers, readNumber } from "./query.ts";
import type { Call } from "./routes.ts";

/** Clients at once: pages, tails and scripts of one house. */
const MAX_STREAMS = 100;
/** Routers and proxies forget a silent connection; none sooner than this. */
const HEARTBEAT_MS = 15_000;
/** Changes of boards are gathered for so long: a thousand boards that come back together make one look at the table. */
const GATHER_MS = 50;

export class EventHub {
  private readonly streams = new Set<EventStream>();
  private readonly endings: (() => void)[] = [];
  private gathering: NodeJS.Timeout | undefined;

  constructor(
    private readonly gateway: GatewayApi,
    private readonly greeting: Greeting,
  ) {}

  start(): void {
    const { router, work, irc, timeline, problems } = this.gateway;
    const { messages, changes } = router;
    const heartbeat = setInterval(() => this.each((stream) => stream.beat()), HEARTBEAT_MS);
    this.endings.push(
      () => clearInterval(heartbeat),
      messages.subscribe(() => this.each((stream) => stream.pump())),
      changes.subscribe(({ id }) => this.gather("device", id)),
      irc.lines.subscribe((line) => this.gather("irc", nameOfLine(line))),
      timeline.subscribe(({ n }) => this.gather("happening", `${n}`)),
      problems.subscribe(() => this.gather("problems", "")),
      work.changes.subscribe((change) =>
        this.gather(change.kind, change.kind === "task" ? change.id : change.name),
      ),
    );
  }

  /** Ends every stream; clients come again when there is someone to come to. */
  stop(): void {
    for (const end of this.endings.splice(0).reverse()) end();
    clearTimeout(this.gathering);
    this.each((stream) => stream.stop());
  }

  /** From where the client left off (Last-Event-ID), else from `?from`, else live. */
  open({ request, response, url }: Call): void {
    const lastId = request.headers["last-event-id"];
    const from =
      typeof lastId === "string"
        ? checkNumber("Last-Event-ID", lastId, messageNumbers) + 1
        : readNumber(url, "from", messageNumbers);
    if (this.streams.size >= MAX_STREAMS) throw tooMany();
    beginEvents(response);
    if (request.method === "HEAD") response.end();
    else this.add(response, from);
  }

  private add(response: ServerResponse, from: number | undefined): void {
    const stream = new EventStream(response, this.gateway.store, (kind, names) => this.viewsOf(kind, names));
    this.streams.add(stream);
    const leave = this.gateway.problems.attend();
    response.once("close", () => {
      this.streams.delete(stream);
      leave();
    });
    stream.start(this.greeting, from);
  }

  private viewsOf(kind: ChangeKind, names: ReadonlySet<string>): { name: string; view: object }[] {
    const { work, irc, timeline, problems } = this.gateway;
    const wanted = <T>(all: T[], nameOf: (one: T) => string) =>
      all.map((view) => ({ name: nameOf(view), view: view as object })).filter(({ name }) => names.has(name));
    switch (kind) {
      case "device":
        return wanted(this.gateway.devicesView(), ({ id }) => id);
      case "component":
        // Instances of one name in a row.
        return wanted(work.components(), ({ name }) => name).sort((a, b) => (a.name < b.name ? -1 : 1));
      case "irc":
        return wanted(irc.lastLines(undefined, MAX_LINES).reverse(), nameOfLine);
      case "task":
        return [...names].flatMap((name) => {
          const view = work.task(name);
          return view === undefined ? [] : [{ name, view }];
        });
      case "happening":
        return [...names].flatMap((name) => {
          const view = timeline.get(Number(name));
          return view === undefined ? [] : [{ name, view }];
        });
      case "problems":
        return [{ name: "", view: problems.view() }];
    }
  }

  private gather(kind: ChangeKind, name: string): void {
    if (this.streams.size === 0) return;
    this.each((stream) => stream.noteChange(kind, name));
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.each((stream) => stream.flush());
    }, GATHER_MS);
  }

  private each(run: (stream: EventStream) => void): void {
    for (const stream of this.streams) run(stream);
  }
}

const nameOfLine = ({ network, n }: IrcLineView) => `${network} ${n}`;

/** The head of an answer that is a stream of events. */
export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    // A proxy that gathers the stream would make it late.
    "x-accel-buffering": "no",
    connection: "close",
  });
}

function tooMany(): HttpFault {
  const text = `opening an event stream: ${MAX_STREAMS} are open, the most allowed`;
  return new HttpFault(503, "STREAMS_FULL", text, { mend: "close a page or a `bowline tail`" });
}

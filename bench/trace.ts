/** A trace of Chromium: how long the main thread of its page worked, and when. */

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** µs: when it began, how long it took, and how much of that the thread ran. */
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/** One task of a thread, ms. */
export interface Task {
  start: number;
  /** That the thread ran: what other programs took meanwhile is not the page's. */
  ms: number;
}

export const traceCategories = ["-*", "disabled-by-default-devtools.timeline", "__metadata"];

/** Of the renderer that worked most: a browser may have one that waits for the next page. Error when there is none. */
export function mainThreadTasks(trace: string): Task[] {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const mains = traceEvents
    .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
    .map((main) => traceEvents.filter((event) => isTaskOf(event, main)).map(taskOf));
  const [busiest] = mains.sort((a, b) => sumOf(b) - sumOf(a));
  if (busiest === undefined || busiest.length === 0)
    throw new Error("trace: no task of a page's main thread");
  return busiest.sort((a, b) => a.start - b.start);
}

const isTaskOf = ({ name, pid, tid }: TraceEvent, main: TraceEvent) =>
  name === "RunTask" && pid === main.pid && tid === main.tid;

const taskOf = ({ ts, tdur = 0 }: TraceEvent): Task => ({ start: ts / 1000, ms: tdur / 1000 });

const sumOf = (tasks: readonly Task[]) => tasks.reduce((sum, { ms }) => sum + ms, 0);

/** The time of so many pieces of `pieceMs` each, from the first task on: how much of each the thread ran, ms. */
export function busyIn(tasks: readonly Task[], pieceMs: number, pieces: number): number[] {
  const busy = new Array<number>(pieces).fill(0);
  for (const { start, ms } of tasks) {
    const piece = Math.floor((start - tasks[0].start) / pieceMs);
    if (piece < pieces) busy[piece] += ms;
  }
  return busy;
}

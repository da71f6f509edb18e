/** A request to a board, as a task is shown: whoever asked for it, it is work that can be seen and stopped. */
import type { TaskState, TaskView } from "../hub/views.ts";
import type { RequestFacts, RequestView } from "../peers/request-book.ts";

/** MoniQue's error codes. */
const TECHNICAL = 300;
const KILLED = 301;
const FOREIGN_CALL = 501;

const states: Record<RequestView["state"], TaskState> = {
  waiting: "queued",
  delivered: "result",
  expired: "expired",
  cancelled: "killed",
  unknown: "error",
  rejected: "error",
};

export function viewBoardTask(
  view: RequestView,
  { key, isSent, acceptedAt, deadline }: RequestFacts,
): TaskView {
  const { rq, device, ot, at } = view;
  const isWaiting = view.state === "waiting";
  const answer = answerOf(view);
  const state =
    isWaiting && isSent
      ? "running"
      : answer.error && view.state === "delivered"
        ? "error"
        : states[view.state];
  return {
    id: key ?? String(rq),
    spec: ot,
    ...{ creator: "", parent: "", children: [] },
    state,
    on: isWaiting && !isSent ? "" : device,
    createdAt: acceptedAt,
    expiresAt: deadline,
    at: at ?? acceptedAt,
    deliveries: isSent ? 1 : 0,
    isSilent: false,
    ...answer,
  };
}

function answerOf({ state, reply, reason, code }: RequestView): Pick<TaskView, "result" | "error"> {
  switch (state) {
    case "waiting":
      return {};
    case "delivered": {
      const { re, err, ...result } = { ...reply } as { re?: unknown; err?: unknown };
      return err === undefined ? { result } : { error: { code: FOREIGN_CALL, message: String(err) } };
    }
    case "cancelled":
      return { error: { code: KILLED, message: "task killed" } };
    case "expired":
      return { error: { code: TECHNICAL, message: reason ?? "the board was not there, or took nothing" } };
    case "unknown":
      return { error: { code: TECHNICAL, message: `it may or may not have been done: ${reason}` } };
    case "rejected":
      return { error: { code: TECHNICAL, message: `${reason} (${code})` } };
  }
}

/** Error codes of the messages of type `error`; services have their own from 503 on. */
export const ErrorCode = {
  PROTOCOL: 100,
  ENCODING: 101,
  TRANSPORT: 200,
  TAG: 201,
  TECHNICAL: 300,
  /** The hub says it for whoever was killed (MoniQue KILL2). */
  KILLED: 301,
  COMPONENT: 500,
  /** What the component called in its turn failed. */
  FOREIGN: 501,
  INPUT: 502,
} as const;

/** The text that goes with 301, as requesters know it. */
export const KILLED_TEXT = "task killed";

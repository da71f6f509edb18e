/** The error codes that travel in replies and NAKs (iotgw §4): 0–31 are the system's, from 32 on the command's own. */
import { Command } from "./commands.ts";

export const enum WireError {
  OK = 0,
  BADCMD = 1,
  /** Made by the sender itself: no reply came in time. */
  REPLYTM = 2,
  CANTREADREQCHUNKS = 3,
  CANTREADREPCHUNKS = 4,
  /** Something else than INTRODUCE before the introduction. */
  NOINTRODUCTION = 5,
  TOO_BIG = 6,
  EXPIRED = 7,
  NO_ROUTE = 8,
  QUEUE_FULL = 9,
  UNAUTHORIZED = 10,
  PEER_REMOVED = 11,
  SHUTTING_DOWN = 12,
  CANCELLED = 13,
  BAD_FRAME = 14,
  HOP_LIMIT = 15,
  VERSION = 16,
}

/** The first code of a command's own. */
const OWN_CODES = 32;

export const enum IntroduceError {
  UNKNOWN_HOST = 32,
  INVALID_AUTH = 33,
}

export const enum DataError {
  DEVICE_UNKNOWN = 32,
}

const systemNames: Readonly<Record<number, string>> = {
  [WireError.OK]: "OK",
  [WireError.BADCMD]: "BADCMD",
  [WireError.REPLYTM]: "REPLYTM",
  [WireError.CANTREADREQCHUNKS]: "CANTREADREQCHUNKS",
  [WireError.CANTREADREPCHUNKS]: "CANTREADREPCHUNKS",
  [WireError.NOINTRODUCTION]: "NOINTRODUCTION",
  [WireError.TOO_BIG]: "TOO_BIG",
  [WireError.EXPIRED]: "EXPIRED",
  [WireError.NO_ROUTE]: "NO_ROUTE",
  [WireError.QUEUE_FULL]: "QUEUE_FULL",
  [WireError.UNAUTHORIZED]: "UNAUTHORIZED",
  [WireError.PEER_REMOVED]: "PEER_REMOVED",
  [WireError.SHUTTING_DOWN]: "SHUTTING_DOWN",
  [WireError.CANCELLED]: "CANCELLED",
  [WireError.BAD_FRAME]: "BAD_FRAME",
  [WireError.HOP_LIMIT]: "HOP_LIMIT",
  [WireError.VERSION]: "VERSION",
};

const introduceNames: Readonly<Record<number, string>> = {
  [IntroduceError.UNKNOWN_HOST]: "UNKNOWN_HOST",
  [IntroduceError.INVALID_AUTH]: "INVALID_AUTH",
};

const dataNames: Readonly<Record<number, string>> = {
  [DataError.DEVICE_UNKNOWN]: "DEVICE_UNKNOWN",
};

export function wireErrorName(code: number, cmd: number): string {
  const own = cmd === Command.INTRODUCE ? introduceNames : cmd === Command.DATA ? dataNames : {};
  return (code < OWN_CODES ? systemNames : own)[code] ?? `error ${code}`;
}

/** What a frame asks or tells: the commands of iotgw §4, and the bits of reqtype beside them. */

export const enum Command {
  /** iotgw §3: no frame has it. */
  ILLEGAL = 0,
  INTRODUCE = 1,
  DATA = 2,
  ACK = 3,
  NAK = 4,
  CREDIT = 5,
  CANCEL = 6,
  VOID = 7,
  ROUTES = 8,
  /** The proof of the side that dialled, once it knows both introductions. */
  PROVE = 9,
  /** From 16 on: of the application. One delivered message of a board. */
  EVENT = 16,
  SUBSCRIBE = 17,
}

/** 0 is a request, which waits for a reply; both bits at once are refused (iotgw §3). */
export const enum Reqtype {
  REQUEST = 0,
  REPLY = 1,
  /** A notification: no reply is wanted. */
  ASYNC = 2,
}

const names: Readonly<Record<number, string>> = {
  [Command.INTRODUCE]: "INTRODUCE",
  [Command.DATA]: "DATA",
  [Command.ACK]: "ACK",
  [Command.NAK]: "NAK",
  [Command.CREDIT]: "CREDIT",
  [Command.CANCEL]: "CANCEL",
  [Command.VOID]: "VOID",
  [Command.ROUTES]: "ROUTES",
  [Command.PROVE]: "PROVE",
  [Command.EVENT]: "EVENT",
  [Command.SUBSCRIBE]: "SUBSCRIBE",
};

/** A command not known here is answered BADCMD; it is no fault of the frame. */
export function isCommand(cmd: number): boolean {
  return names[cmd] !== undefined;
}

export function commandName(cmd: number): string {
  return names[cmd] ?? `command ${cmd}`;
}

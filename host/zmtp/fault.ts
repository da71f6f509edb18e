/** What the other end of a connection did wrong, coded: each ends its connection. */

export type ZmtpFaultCode =
  /** Its first bytes are no greeting: it speaks something else. */
  | "BAD_GREETING"
  /** It speaks ZMTP before 3.0. */
  | "BAD_VERSION"
  /** It wants PLAIN, CURVE or another mechanism than NULL. */
  | "BAD_MECHANISM"
  /** Flags that no frame has, a command among the parts of a message, a message before READY. */
  | "BAD_FRAME"
  /** A command whose body is not what its name says. */
  | "BAD_COMMAND"
  /** Its sort of socket has nothing to say to ours. */
  | "BAD_SOCKET"
  /** A message where this sort of socket sends none. */
  | "UNEXPECTED_MESSAGE"
  | "MESSAGE_TOO_LONG"
  | "TOO_MANY_PARTS"
  /** All connections together have begun more than may be kept until it is whole. */
  | "TOO_MUCH_UNFINISHED"
  | "TOPIC_TOO_LONG"
  | "TOO_MANY_TOPICS"
  /** It refused us, by the command ERROR. */
  | "REFUSED"
  | "HANDSHAKE_TIMEOUT"
  /** It does not read, and of all that waits for readers most waits for it. */
  | "STANDS_STILL"
  /** It said nothing within two heartbeats, not even PONG. */
  | "SILENT";

export interface ZmtpFault {
  readonly code: ZmtpFaultCode;
  /** What was read: what was seen; what is allowed. */
  readonly text: string;
}

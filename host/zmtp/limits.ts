/** How much one end of a ZMTP connection may ask of this one. */

export interface ZmtpLimits {
  /** Of a message, all its parts together. */
  messageBytes: number;
  parts: number;
  /** Of a command, its name included: READY, a subscription, PING. */
  commandBytes: number;
  topicBytes: number;
  /** Of all connections of a server together: what has come of messages that are not whole. */
  unfinishedBytes: number;
  /** Of all connections of a server together: their topics, and what it takes to keep them. */
  allTopicBytes: number;
  /** That one connection has at once. */
  topics: number;
  /** That a server has at once, those included that have not said READY. */
  connections: number;
  /** From the first byte to READY, ms. */
  handshakeMs: number;
  /** What waits for a connection that takes no more: above either, messages are dropped and counted. */
  pendingMessages: number;
  pendingBytes: number;
  /** For all connections of a server together; above it the one for whom most waits is disconnected. */
  allPendingBytes: number;
}

export const defaultLimits: ZmtpLimits = {
  // Four times what the format recommends as the most (MoniQue 2.3: 1 MB of data).
  messageBytes: 4 << 20,
  // A message of components has two; some readers tell what else came.
  parts: 8,
  commandBytes: 4096,
  // The longest tag: type, spec, two ids and a creator.
  topicBytes: 1024,
  // Sixteen of the largest messages at once; a thousand of the usual ones are less than a chunk each.
  unfinishedBytes: 64 << 20,
  // A thousand components with a hundred topics each.
  allTopicBytes: 32 << 20,
  topics: 4096,
  // A component has up to three to one port; 1000 of them beside strangers.
  connections: 4096,
  // As long as the session's own handshake may take (session §1).
  handshakeMs: 5000,
  // What one turn of the event loop can bring in from a producer at full speed, several times.
  pendingMessages: 65_536,
  pendingBytes: 16 << 20,
  // Eight readers that stand still. What several wait for is counted for each, though they share it.
  allPendingBytes: 128 << 20,
};

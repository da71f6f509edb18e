/** A transport moves chunks: bytes as a port or socket gave them, with no meaning of their own. */

export interface TransportHandler {
  /** Bytes arrived. The chunk is the transport's until it returns. */
  onChunk(chunk: Uint8Array): void;
  /** What write() had refused to take more of has left; write again. */
  onDrain(): void;
  /** The transport is gone, for whatever reason; called once, the last call. */
  onClose(reason: string): void;
}

export interface Transport {
  /** For people and logs: `serial /dev/serial/by-id/…` or `tcp 127.0.0.1:50123`. */
  readonly name: string;
  /** Whose address admission counts (session D9): an IP address, or "" for a cable or the loopback. */
  readonly remoteAddress: string;
  /** Names that a certificate of the other end proves; absent where there is none. */
  readonly names?: readonly string[];
  /** Chunks are the handler's for good, and not only until it returns. */
  readonly givesChunksAway?: boolean;
  /** Sets who is told. Nothing is delivered before this call. */
  start(handler: TransportHandler): void;
  /** Bytes written that have not left this process; absent where that is not known. At 0 the caller may reuse them. */
  readonly unsent?: number;
  /** Takes the bytes (copied or owned until sent: the caller must not reuse them before). False: stop until onDrain. */
  write(chunk: Uint8Array): boolean;
  /** Reads no more until resume(), so that the other side has to wait; absent where that cannot be. */
  pause?(): void;
  resume?(): void;
  /** Closes; onClose follows. Closing twice is harmless. */
  close(): void;
}

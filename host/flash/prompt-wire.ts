/** What a conversation with the prompt needs of a port; `serial-wire.ts` is the real one. */

export interface PromptWire {
  /** Its path, for messages. */
  readonly name: string;
  /** Bits a second, as they are now. */
  readonly baud: number;
  /** One listener: what came, latin1, whenever the board has been silent for a moment. */
  onText: (text: string) => void;
  /** Called once, when the port has gone. */
  onLost: (reason: string) => void;
  /** Latin1. Resolves when the kernel has it; while the board asks to wait (XOFF), for a bounded time. */
  write(text: string): Promise<void>;
  setBaud(baud: number): Promise<void>;
  /** Resets the board by DTR and RTS; best effort. */
  pulseReset(): Promise<void>;
  /** Resolves when the port can be opened by others; twice is harmless. */
  close(): Promise<void>;
}

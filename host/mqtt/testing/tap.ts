/** A line to a broker that can be cut and closed, and that counts how many messages are not acknowledged on it. */
import { connect, createServer, type Server, type Socket } from "node:net";
import mqttPacket from "mqtt-packet";

export class Tap {
  /** Most messages that were on their way at once, over one connection. */
  most = 0;
  /** Connections that were let through. */
  connections = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isOpen = true;
  port = 0;

  private constructor(private readonly target: number) {
    this.server = createServer((socket) => this.join(socket));
  }

  /** `listenOn`: its own port; any that is free unless one is named. */
  static async to(target: number, listenOn = 0): Promise<Tap> {
    const tap = new Tap(target);
    await new Promise<void>((resolve) => tap.server.listen(listenOn, "127.0.0.1", resolve));
    tap.port = (tap.server.address() as { port: number }).port;
    return tap;
  }

  /** As a process that is killed, on either side. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Cuts, and lets nobody through until it is opened. */
  close(): void {
    this.isOpen = false;
    this.cut();
  }

  open(): void {
    this.isOpen = true;
  }

  async stop(): Promise<void> {
    this.close();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket): void {
    if (!this.isOpen) return void near.resetAndDestroy();
    this.connections++;
    const far = connect(this.target, "127.0.0.1");
    const flying = new Set<number>();
    this.carry(near, far, (packet) => {
      if (packet.cmd === "publish" && packet.qos > 0) flying.add(packet.messageId ?? 0);
      this.most = Math.max(this.most, flying.size);
    });
    this.carry(far, near, (packet) => {
      if (packet.cmd === "puback") flying.delete(packet.messageId ?? 0);
    });
  }

  private carry(from: Socket, to: Socket, look: (packet: mqttPacket.Packet) => void): void {
    this.sockets.add(from);
    // Both sides of these tests speak MQTT 5, or neither does: what differs is behind what is looked at.
    let parser: mqttPacket.Parser | null = null;
    from.on("data", (chunk) => {
      parser ??= mqttPacket.parser({ protocolVersion: this.version }).on("packet", look);
      parser.parse(chunk);
      to.write(chunk);
    });
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroy();
    });
    from.on("error", () => {});
  }

  version: 4 | 5 = 5;
}

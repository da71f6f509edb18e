/** A broker of MQTT 5 that does what no real one can be made to: reasons of its choice, no acknowledgement, a line that ends. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import mqttPacket from "mqtt-packet";

/** It takes what is published as `answers` say, one after the other; then all. */
export class FakeBroker {
  answers: number[] = [];
  /** Publications that end the connection, with this reason; 0: without a word. */
  ends: { topic: RegExp; reasonCode: number } | null = null;
  /** false: it answers pings and nothing else. */
  acknowledges = true;
  /** Of what it was told, retained or not. */
  readonly topics: string[] = [];
  connections = 0;
  pings = 0;
  readonly published: string[] = [];
  retained = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.join(socket));

  constructor(private readonly properties: object) {}

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  say(packet: object): void {
    for (const socket of this.sockets) this.write(socket, packet);
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private end(socket: Socket, reasonCode: number): void {
    if (reasonCode !== 0) this.write(socket, { cmd: "disconnect", reasonCode });
    socket.end();
  }

  private write(socket: Socket, packet: object): void {
    socket.write(mqttPacket.generate(packet as mqttPacket.Packet, { protocolVersion: 5 }));
  }

  private join(socket: Socket): void {
    this.sockets.add(socket);
    const parser = mqttPacket.parser({ protocolVersion: 5 });
    socket.on("error", () => {});
    socket.on("data", (chunk) => parser.parse(chunk));
    parser.on("packet", (packet) => {
      const { properties } = this;
      if (packet.cmd === "connect") this.connections++;
      if (packet.cmd === "connect")
        this.write(socket, { cmd: "connack", reasonCode: 0, sessionPresent: false, properties });
      if (packet.cmd === "pingreq" && ++this.pings > 0) this.write(socket, { cmd: "pingresp" });
      if (packet.cmd !== "publish") return;
      const { topic, retain, messageId, payload } = packet;
      this.topics.push(topic);
      if (this.ends?.topic.test(topic)) return this.end(socket, this.ends.reasonCode);
      if (retain) this.retained++;
      else this.published.push((JSON.parse(payload.toString()) as { id: string }).id);
      const reasonCode = retain ? 0 : (this.answers.shift() ?? 0);
      if (this.acknowledges) this.write(socket, { cmd: "puback", messageId, reasonCode });
    });
  }
}

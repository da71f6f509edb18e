/**
 * POST /api/v1/ports/lend: serial ports lent to other programs, which on a port of their own would only be busy. A port
 * is lent as long as the connection of the answer lives, so that a program that dies in whatever way has given it back.
 */
import type { ServerResponse } from "node:http";
import type { LentPort } from "./api.ts";
import { readObject } from "./body.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { checkFields } from "./query.ts";
import type { Call, Route } from "./routes.ts";

/** A borrower in a container or a virtual machine that is gone says nothing: then, and once a second 10 times, it is asked. */
const KEEP_ALIVE_MS = 10_000;
/** In a line of the log and of a table. */
const MAX_NAME = 80;

export class PortLoans {
  private readonly answers = new Set<ServerResponse>();
  private isStopped = false;

  constructor(private readonly gateway: GatewayApi) {}

  get routes(): Route[] {
    return [
      { method: "POST", path: "/api/v1/ports/lend", role: "control", answer: (call) => this.lend(call) },
    ];
  }

  /** Ends every loan. */
  stop(): void {
    this.isStopped = true;
    for (const answer of this.answers) answer.end();
  }

  private async lend({ request, response }: Call): Promise<void> {
    const body = await readObject(request);
    checkFields(body, ["path", "to"]);
    const path = readText(body.path, "path", 4096);
    const to = body.to === undefined ? "another program" : readText(body.to, "to", MAX_NAME);
    const loan = await this.gateway.lendPort(path, to);
    if (loan === null) throw this.unknownPort(path);
    // Closing the port takes a moment, in which the borrower may have gone.
    if (response.destroyed) return loan.giveBack();
    this.answers.add(response);
    response.once("close", () => {
      this.answers.delete(response);
      loan.giveBack();
    });
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", connection: "close" });
    response.write(`${JSON.stringify({ path: loan.path, baud: loan.baud } satisfies LentPort)}\n`);
    if (this.isStopped) response.end();
  }

  private unknownPort(path: string): HttpFault {
    const ports = this.gateway.serialView().map((port) => port.path);
    const seen = ports.length === 0 ? "none is configured" : `there are: ${ports.slice(0, 10).join(", ")}`;
    const text = `lending ${path}: the gateway keeps no such port; ${seen}`;
    return new HttpFault(404, "PORT_UNKNOWN", text, { mend: "bowline ports" });
  }
}

function readText(value: unknown, name: string, most: number): string {
  if (typeof value === "string" && value !== "" && value.length <= most) return value;
  const text = `reading ${name}: ${JSON.stringify(value) ?? "missing"}; allowed: a text of at most ${most} characters`;
  throw new HttpFault(400, "REQUEST_INVALID", text, { mend: 'send {"path":"/dev/serial/by-id/…"}' });
}

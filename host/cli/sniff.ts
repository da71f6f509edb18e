/** `bowline sniff`: what passes on a link, frame by frame and packet by packet, as it passes. */
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { DeviceList, PortList, SerialView, SessionList } from "../http/api.ts";
import { listPorts } from "../transports/ports.ts";
import { connectClient, type GatewayClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { dissectorPath } from "./process/program-files.ts";
import type { Terminal } from "./process/terminal.ts";
import { CaptureFile } from "./sniff/capture-file.ts";
import { followChunks } from "./sniff/chunk-feed.ts";
import { findLink, type KnownLinks } from "./sniff/find-link.ts";
import { Sniffer } from "./sniff/sniffer.ts";

interface SniffOptions extends GatewayOptions {
  json?: boolean;
  pcap?: string;
}

export function addSniff(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("sniff")
      .description("what passes on a link, frames and packets in words, until Ctrl-C")
      .argument("<link>", "a board, a port, a socket or a session, by its name or a part of it")
      .option("--json", "one object a frame or packet, with its bytes")
      .option("--pcap <file>", "also write a capture for Wireshark"),
  )
    .addHelpText(
      "after",
      "\nBegins in the middle where the link is, and follows a board from connection to connection." +
        "\nTimes are seconds since the first line; a packet has the time at which it was whole." +
        "\n??: not understood, or no frame. Of a session's id the first 4 bytes are shown; --json and --pcap have" +
        " every byte, and who has the id of a session of a board without a key can take it over." +
        `\n\nwireshark -X lua_script:${dissectorPath} FILE shows a capture.`,
    )
    .action((link: string, options: SniffOptions) => sniff(link, options, terminal));
}

async function sniff(text: string, options: SniffOptions, terminal: Terminal): Promise<void> {
  const connect = () => connectClient(options, terminal);
  const link = findLink(text, await askKnown(await connect()));
  const capture = options.pcap === undefined ? null : CaptureFile.create(resolve(terminal.cwd, options.pcap));
  const sniffer = new Sniffer({ name: link.name, json: options.json === true, capture }, terminal);
  try {
    const { signal } = terminal;
    await followChunks({ connect, link, signal, whenReady: () => terminal.whenReady() }, sniffer);
  } finally {
    sniffer.stop();
    capture?.close();
  }
}

async function askKnown(client: GatewayClient): Promise<KnownLinks> {
  const { devices } = (await client.get("api/v1/devices")) as DeviceList;
  const { sessions } = (await client.get("api/v1/sessions")) as SessionList;
  const { serial, links } = (await client.get("api/v1/ports")) as PortList;
  return { devices, sessions, links, ports: await nameAll(serial) };
}

/** The ports with the names that `bowline ports` has for them; its serial number is a part of one. */
async function nameAll(serial: readonly SerialView[]): Promise<KnownLinks["ports"]> {
  const found = await listPorts();
  const naming = serial.map(async ({ path }) => {
    const device = await realpath(path).catch(() => path);
    const same = found.filter((port) => port.device === device);
    const usb = same.filter(({ serialNumber }) => serialNumber !== "");
    const aliases = [
      device,
      ...same.map(({ name }) => name),
      ...usb.map((port) => `usb:${port.serialNumber}`),
    ];
    return { path, aliases };
  });
  return Promise.all(naming);
}

/** What can refuse a start, looked at before anything is made or started that would be left behind. */
import { openKeys, openPeerKeys } from "../../admission/key-store.ts";
import { boards, checkListener, gateways } from "../../admission/listener.ts";
import type { Config } from "../../config/schema.ts";
import { checkIrcFiles } from "../../irc-bridge/secrets.ts";
import { heldFolder } from "../../transports/held-folder.ts";
import { readTls } from "../../transports/tls-files.ts";
import { hubPlaces, hubSettings } from "../../twins/hub-settings.ts";
import { portsBeside } from "./ports-beside.ts";
import { probePort } from "./probe-port.ts";

/** Rejects as the gateway itself would, of several reasons with the one to be mended first. */
export async function checkStart(config: Config): Promise<void> {
  const { data, http, tcp, peers, irc, gateway, monique } = config;
  // A second gateway on the same folder has the same ports as well: of those it would be told to no avail.
  const held = data === "memory" ? undefined : await heldFolder(data, portsBeside(config));
  if (held !== undefined) throw held;
  if (tcp.enabled) {
    checkListener(tcp, openKeys(data), boards);
    if (tcp.tls?.enabled) readTls(tcp.tls, "tcp.tls");
  }
  const { listen, connect } = peers;
  const isListening = peers.enabled && listen.enabled && connect.some(({ enabled }) => enabled);
  if (isListening) {
    checkListener(listen, openPeerKeys(data), gateways);
    if (listen.tls?.enabled) readTls(listen.tls, "peers.listen.tls");
  }
  checkIrcFiles(irc, gateway.id);
  const hub = monique.enabled ? hubPlaces(hubSettings(config)) : [];
  if (http.enabled) await probePort({ host: http.host, port: http.port, setting: "http.port" });
  if (tcp.enabled) await probePort({ host: tcp.host, port: tcp.port, setting: "tcp.port" });
  for (const place of hub) await probePort(place);
  const { rest } = monique;
  if (monique.enabled && rest.enabled) {
    await probePort({ host: rest.host, port: rest.port, setting: "monique.rest.port" });
  }
  if (isListening) await probePort({ host: listen.host, port: listen.port, setting: "peers.listen.port" });
}

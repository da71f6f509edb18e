/** Why a network cannot be had: each with the setting that mends it, by the name that the setting has. */
import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { channelMend, closedBy, closedSilently, saslFailure, unreachable } from "./failure.ts";

const error = (code: string, message: string) => Object.assign(new Error(message), { code });
const NOT_TLS = "Client network socket disconnected before secure TLS connection was established";

test.each([
  ["another name", error("ERR_TLS_CERT_ALTNAME_INVALID", "Hostname"), true, "IRC_TLS", "irc.tls.servername"],
  ["an unknown authority", error("SELF_SIGNED_CERT_IN_CHAIN", "self-signed"), true, "IRC_TLS", "irc.tls.ca"],
  ["closed before TLS", error("ECONNRESET", NOT_TLS), true, "IRC_TLS", "irc.tls: false"],
  ["words of IRC", error("EPROTO", "SSL routines:wrong version number:"), true, "IRC_TLS", "irc.tls: false"],
  ["nobody there", error("ECONNREFUSED", "connect ECONNREFUSED"), true, "IRC_UNREACHABLE", "irc.host"],
  ["nobody there, in the clear", error("ECONNREFUSED", "refused"), false, "IRC_UNREACHABLE", "irc.host"],
])("%s", (_, seen, isTls, code, mend) => {
  expect(unreachable("irc.example:6697", seen, isTls)).toMatchObject({
    code,
    mend: expect.stringContaining(mend),
  });
});

test.each([
  ["ECONNREFUSED", "connect ECONNREFUSED h:1", "nobody listens there"],
  ["ENOTFOUND", "getaddrinfo ENOTFOUND h", "no host has that name"],
  ["EPERM", "connect EPERM", "connect EPERM"],
])("%s is told in words, and the server once", (code, message, told) => {
  expect(unreachable("h:1", error(code, message), false).text).toBe(`connecting to h:1: ${told}`);
});

test("a server that hears words where it wants TLS closes without one of its own", () => {
  expect(closedSilently("h:6697", false, false).mend).toContain("irc.tls: true");
  expect([closedSilently("h:1", true, false).mend, closedSilently("h:1", false, true).mend]).toEqual([
    "",
    "",
  ]);
});

test.each([
  ["Access denied. Bad password?", "IRC_PASSWORD", "irc.passwordFile"],
  ["Closing link: (user@host) [Password mismatch]", "IRC_PASSWORD", "irc.passwordFile"],
  ["Excess Flood", "IRC_FLOOD", "irc.flood.linesPerMinute"],
  ["Server shutdown", "IRC_CLOSED", ""],
])("ERROR :%s", (said, code, mend) => {
  expect(closedBy(said)).toMatchObject({ code, mend: expect.stringContaining(mend) });
});

test("a channel with a key wants channelKeys", () => {
  expect(channelMend("475 Cannot join channel (+k)")).toContain("irc.channelKeys");
  expect(channelMend("kicked by ann: 475")).toBe("");
});

test("every setting that a mend names is one", () => {
  const network = { host: "h", port: 1, channels: ["#a"], channelKeys: [], passwordFile: "p", nick: "gw" };
  const tls = { ca: "a", cert: "c", key: "k", servername: "s" };
  const { irc } = configSchema.parse({ irc: { ...network, tls, sasl: { user: "u", passwordFile: "p" } } });
  const told = [
    ...[saslFailure("missing", ""), saslFailure("mechanism", ""), saslFailure("refused", "")],
    ...["Excess Flood", "Bad password"].map(closedBy),
    ...[error("ECONNREFUSED", ""), error("ERR_TLS_CERT_ALTNAME_INVALID", ""), error("CERT_X", "")].map(
      (one) => unreachable("h:1", one, true),
    ),
    closedSilently("h:1", false, false),
  ].map(({ mend }) => mend);
  const names = [...told, channelMend("475"), channelMend("477")].flatMap(
    (mend) => mend.match(/\birc(\.[a-zA-Z]+)+/g) ?? [],
  );
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect({ irc }).toHaveProperty(name);
});

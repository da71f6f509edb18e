/** A network with services for tests: InspIRCd with Atheme behind it, in the foreground, in a folder of their own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../testing/free-port.ts";
import { Person, type PersonOptions } from "./person.ts";

/** For the names of tests that are skipped without them. */
export const servicesNeeded =
  "needs inspircd and atheme-services: sudo apt-get install inspircd atheme-services";

// Debian keeps one where not everyone's PATH leads.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

export const areServicesAvailable =
  spawnSync("inspircd", ["--version"], { env }).status === 0 &&
  spawnSync("atheme-services", ["-v"], { env }).error === undefined;

export interface ServicesOptions {
  /** Paths: of the server's certificate, for its port of TLS. Client certificates need no authority there. */
  tls: { cert: string; key: string };
  /** Capabilities the server does not offer: modules that are left out, such as "ircv3_accounttag". */
  without?: readonly string[];
}

export interface ServicesNetwork {
  readonly host: string;
  readonly port: number;
  readonly tlsPort: number;
  /** Who sends more than ten commands in a second there is put out for flooding. */
  readonly strictPort: number;
  /** Makes an account; with `tls` of the options, the certificate of that connection belongs to it too. */
  register(account: string, password: string, options?: Partial<PersonOptions>): Promise<void>;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

export async function startServicesNetwork(options: ServicesOptions): Promise<ServicesNetwork> {
  const folder = mkdtempSync(join(tmpdir(), "bowline-services-"));
  chmodSync(folder, 0o755);
  const [port, tlsPort, serverPort] = [await freePort(), await freePort(), await freePort()];
  const strictPort = await freePort();
  const [ircConf, servicesConf] = [join(folder, "irc.conf"), join(folder, "services.conf")];
  writeFileSync(ircConf, serverConfiguration(folder, options, { port, tlsPort, serverPort, strictPort }));
  writeFileSync(servicesConf, servicesConfiguration(serverPort));
  // Root has to say that it means it; nobody else is asked.
  const asRoot = process.getuid?.() === 0 ? ["--runasroot"] : [];
  const irc = run("inspircd", ["--nofork", "--nopid", ...asRoot, "--config", ircConf], folder);
  await irc.says("is now running");
  const files = ["-l", join(folder, "services.log"), "-p", join(folder, "services.pid"), "-D", folder];
  const services = run("atheme-services", ["-n", "-c", servicesConf, ...files], folder);
  await services.says("finished synching");
  return {
    host: HOST,
    port,
    tlsPort,
    strictPort,
    async register(account, password, given = {}) {
      const person = await Person.connect({ port, nick: account, ...given });
      person.say("NickServ", `REGISTER ${password} ${account}@irc.test`);
      await person.line(/^:NickServ!\S+ NOTICE \S+ :.*(is now registered|registered to)/);
      if (given.tls?.cert !== undefined) {
        person.say("NickServ", "CERT ADD");
        await person.line(/^:NickServ!\S+ NOTICE \S+ :Added fingerprint/);
      }
      await person.quit();
    },
    async stop() {
      await Promise.all([services.kill(), irc.kill()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run(command: string, args: string[], cwd: string) {
  const child: ChildProcess = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        said += chunk;
        if (said.includes(text)) resolve();
      };
      child.stdout!.on("data", read);
      child.stderr!.on("data", read);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`${command} ended with ${code}:\n${said}`)));
    });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  return { says, kill };
}

const modules = [
  [
    "ssl_gnutls",
    "sslinfo",
    "cap",
    "ircv3",
    "ircv3_accounttag",
    "ircv3_batch",
    "ircv3_chghost",
    "ircv3_servertime",
  ],
  ["ircv3_echomessage", "services_account", "sasl", "spanningtree", "chghost", "svshold"],
].flat();

function serverConfiguration(
  folder: string,
  { tls, without = [] }: ServicesOptions,
  ports: { port: number; tlsPort: number; serverPort: number; strictPort: number },
): string {
  const { port, tlsPort, serverPort, strictPort } = ports;
  const limits = 'localmax="1000" globalmax="1000" fakelag="no" resolvehostnames="no"';
  const loaded = modules.filter((name) => !without.includes(name));
  return `<config format="xml">
<server name="irc.test" description="test" network="test" id="001">
<admin name="test" nick="test" email="test@irc.test">
<path configdir="${folder}" datadir="${folder}" logdir="${folder}" runtimedir="${folder}">
<bind address="${HOST}" port="${port}" type="clients">
<bind address="${HOST}" port="${strictPort}" type="clients">
<bind address="${HOST}" port="${tlsPort}" type="clients" sslprofile="tls">
<bind address="${HOST}" port="${serverPort}" type="servers">
${loaded.map((name) => `<module name="${name}">`).join("\n")}
<sslprofile name="tls" provider="gnutls" certfile="${tls.cert}" keyfile="${tls.key}" hash="sha256" requestclientcert="yes">
<dns server="${HOST}">
<sasl target="services.test">
<link name="services.test" ipaddr="${HOST}" port="1" allowmask="${HOST}/32" sendpass="link" recvpass="link">
<uline server="services.test" silent="yes">
<connect name="strict" allow="*" port="${strictPort}" ${limits} threshold="10" commandrate="20000">
<connect name="all" allow="*" ${limits} threshold="1000" commandrate="1000000">
<class name="all" commands="CHGHOST KILL">
<type name="all" classes="all">
<oper name="op" password="op" host="*@*" type="all">
<log method="file" type="*" level="default" target="${folder}/irc.log">
`;
}

function servicesConfiguration(serverPort: number): string {
  const loaded = [
    "protocol/inspircd",
    "backend/opensex",
    "crypto/pbkdf2v2",
    "saslserv/main",
    "saslserv/plain",
  ]
    .concat(["saslserv/external", "nickserv/main", "nickserv/register", "nickserv/cert", "nickserv/identify"])
    .concat(["nickserv/logout", "nickserv/ghost"]);
  return `${loaded.map((name) => `loadmodule "modules/${name}";`).join("\n")}
serverinfo { name = "services.test"; desc = "services"; numeric = "00A"; recontime = 1; netname = "test";
  adminname = "test"; adminemail = "test@irc.test"; registeremail = "test@irc.test"; auth = none; casemapping = ascii; };
uplink "irc.test" { host = "${HOST}"; send_password = "link"; receive_password = "link"; port = ${serverPort}; };
nickserv { nick = "NickServ"; user = "ns"; host = "services.test"; real = "ns"; maxnicks = 5; };
saslserv { nick = "SaslServ"; user = "ss"; host = "services.test"; real = "ss"; };
database { };
general { };
`;
}

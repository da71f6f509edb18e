/** `bowline up`: runs the gateway until it is told to stop. */
import type { Command } from "commander";
import { fileOf, type LoadedConfig, loadConfig } from "../config/load.ts";
import { type Config, configSchema } from "../config/schema.ts";
import { Gateway } from "../gateway.ts";
import type { ReloadView } from "../http/api.ts";
import { MonitoringListener } from "../http/monitoring-listener.ts";
import { HttpServer } from "../http/server.ts";
import { loadTokens } from "../http/token.ts";
import { systemClock } from "../platform/clock.ts";
import { makeDataFolder } from "../platform/data-folder.ts";
import type { BowlineError } from "../platform/errors.ts";
import { refuseAnothers } from "../platform/folder-owner.ts";
import { createLog, type Log } from "../platform/log.ts";
import { RepeatLimit } from "../platform/repeat-limit.ts";
import type { StoreFill } from "../store/store.ts";
import { collect } from "./arguments/options.ts";
import { hostInUrl } from "./gateway/locate.ts";
import { formatMessage } from "./output/message-line.ts";
import { journalLog } from "./process/journal-log.ts";
import { adoptingParent } from "./process/parent.ts";
import { pageDir } from "./process/program-files.ts";
import type { Terminal } from "./process/terminal.ts";
import { version } from "./process/version.ts";
import { untilAborted } from "./process/waiting.ts";
import { checkStart } from "./up/check-start.ts";
import { DemoBoards, demoCount, isPtyMissing } from "./up/demo-boards.ts";
import { withGivenOptions } from "./up/mend.ts";
import { joinLogs, PeopleLog } from "./up/people-log.ts";
import { Reloader } from "./up/reloader.ts";
import { StopSteps } from "./up/stop-steps.ts";
import { UpService } from "./up/up-service.ts";

interface UpOptions {
  config?: string;
  set?: string[];
  demo?: boolean;
  quiet?: boolean;
}

export function addUp(program: Command, terminal: Terminal): void {
  program
    .command("up")
    .description("runs the gateway until Ctrl-C")
    .option(
      "-c, --config <file>",
      "configuration; default: $BOWLINE_CONFIG, ./bowline.yaml, ~/.config/bowline/bowline.yaml",
    )
    .option("--set <key=value>", "one setting, over file and environment; may be repeated", collect)
    .option("--demo", "with one simulated board where no board on a cable is configured")
    .option("--quiet", "print no values")
    .addHelpText(
      "after",
      "\nValues and changes of boards and ports go to stdout, a line each." +
        "\nThe log goes to stderr as JSON lines (log.level); a terminal gets only its warnings there, in words," +
        " and a file that takes both (up > FILE 2>&1) all of it in words; journald gets lines with a priority, and no values" +
        " with --quiet (log.format)." +
        "\nA service of systemd with Type=notify is told when it serves, and with WatchdogSec= that it lives." +
        "\nkill -HUP reads the sections peers and monique of the configuration anew, where it runs without a terminal." +
        "\nCtrl-C or kill stops it in order, with exit code 0; while it still starts, with 130." +
        "\n\nExamples:" +
        "\n  bowline up --demo" +
        "\n  bowline up --set serial.0.path=/dev/ttyACM0 --set http.port=8080",
    )
    .action((options: UpOptions) => up(options, terminal));
}

async function up(options: UpOptions, terminal: Terminal): Promise<void> {
  const { config: file, set } = options;
  const read = () => loadConfig({ config: file, set, env: terminal.env, cwd: terminal.cwd });
  const loaded = read();
  const run = new Run(loaded, () => read().config, options, terminal);
  try {
    await run.start();
    await untilAborted(terminal.signal, adoptingParent().gone);
  } catch (error) {
    // What fails because everything is being stopped is no fault.
    terminal.signal.throwIfAborted();
    throw withGivenOptions(error, options);
  } finally {
    await run.stop();
  }
}

/** One life of the gateway with what belongs to it; what was started last is stopped first. */
class Run {
  private readonly stops = new StopSteps();
  private readonly people: PeopleLog;
  private readonly log: RepeatLimit;
  private readonly service: UpService;
  /** The journal gets each line once, with its priority. */
  private readonly journal: Log | null;
  private readonly boards: DemoBoards;
  private readonly boardLines: string[] = [];

  private readonly config: Config;

  constructor(
    private readonly loaded: LoadedConfig,
    private readonly load: () => Config,
    private readonly options: UpOptions,
    private readonly terminal: Terminal,
  ) {
    const { config } = loaded;
    this.config = config;
    const others = terminal.isWatched ? "warn" : terminal.isJoined ? config.log.level : "silent";
    this.people = new PeopleLog(terminal, others);
    const isRead = terminal.isWatched || terminal.isJoined;
    const { level, format } = config.log;
    const isJournal = format === "journald" || (format === "auto" && terminal.isJournal);
    this.journal = isJournal ? journalLog(level, (line) => terminal.warn(line)) : null;
    this.service = new UpService(terminal.env);
    const log = isRead && format !== "json" ? this.people : joinLogs(this.people, createLog(level));
    this.log = new RepeatLimit(this.journal ?? log, systemClock);
    this.boards = new DemoBoards({
      program: terminal.program,
      count: demoCount(config, options.demo === true),
      data: config.data,
      onDied: (device, text) => this.log.info({ device }, text),
    });
  }

  async start(): Promise<void> {
    const { terminal } = this;
    if (this.config.data !== "memory") refuseAnothers(this.config.data);
    await checkStart(this.config);
    if (this.config.data !== "memory") await makeDataFolder(this.config.data);
    const tokens = this.config.http.enabled ? await loadTokens(this.config.data, terminal.env) : [];
    const [config, noPty] = await this.startSerialBoards();
    terminal.signal.throwIfAborted();

    const { log } = this;
    this.stops.push("the log", async () => log.stop());
    const gateway = new Gateway(config, log, systemClock, (words) => this.tellUpgrade(words));
    if (!this.options.quiet) {
      gateway.router.messages.subscribe((message) => terminal.print(formatMessage(message)));
    }
    // Before anyone can ask: the API looks into the store.
    await gateway.open();
    this.stops.push("the store", () => gateway.close());
    const reloader = new Reloader(this.config, this.load, gateway, log);
    const page = await this.startHttp(gateway, config, tokens, log, () => reloader.reload());
    await this.startMonitoring(gateway, config, log);
    this.stops.push("boards, gateways and what is handed on", () => gateway.stop());
    await gateway.start();
    terminal.onReload(() => reloader.reloadQuietly());
    terminal.signal.throwIfAborted();

    this.printBanner(config, gateway, page);
    if (noPty !== undefined) await this.startTcpBoards(gateway, noPty);
    this.service.begin(gateway, log);
  }

  /** In the log it is already; a terminal is told as well, for it seems to hang. */
  private tellUpgrade(words: string): void {
    if (this.terminal.isWatched) this.terminal.warn(words);
    this.service.starting(words, this.log);
  }

  async stop(): Promise<void> {
    this.people.mute();
    this.boards.expectEnd();
    this.service.end();
    await this.stops.run();
  }

  /** The configuration with the boards' terminals as serial ports, and the error where there are no terminals. */
  private async startSerialBoards(): Promise<[Config, BowlineError?]> {
    const { config } = this;
    this.stops.push("simulated boards", () => this.boards.stop());
    try {
      const paths = await this.boards.startSerial();
      this.boardLines.push(...[...paths].map(([id, path]) => `boards simulated ${id} on ${path}`));
      const ports = [...paths.values()].map((path) => ({ path }));
      return [{ ...config, serial: [...config.serial, ...configSchema.parse({ serial: ports }).serial] }];
    } catch (error) {
      if (isPtyMissing(error) && config.tcp.enabled) return [config, error];
      throw error;
    }
  }

  private async startTcpBoards(gateway: Gateway, noPty: BowlineError): Promise<void> {
    if (gateway.tcpAddress === null) throw noPty;
    this.terminal.print(`boards simulated over the network: ${noPty.message}`);
    await this.boards.startTcp(gateway.tcpAddress);
  }

  /** -> the page's address with its token, or why there is none. */
  private async startHttp(
    gateway: Gateway,
    { http, data, gateway: { id } }: Config,
    tokens: Awaited<ReturnType<typeof loadTokens>>,
    log: Log,
    reload: () => Promise<ReloadView>,
  ): Promise<string> {
    if (!http.enabled) return "none (http.enabled is false)";
    const about = { id, version, store: data === "memory" ? ("memory" as const) : ("disk" as const) };
    const place = { host: http.host, port: http.port };
    const file = fileOf(this.loaded);
    const backup = (history: boolean) =>
      gateway.backup({ history, ...(file !== undefined && { configuration: file }) });
    const server = new HttpServer({ gateway, about, ...place, tokens, log, pageDir, reload, backup });
    const { host, port } = await server.start();
    this.stops.push("the API", () => server.stop());
    const control = tokens.find(({ role }) => role === "control");
    return `http://${hostInUrl(host)}:${port}/?token=${control?.token ?? ""}`;
  }

  private async startMonitoring({ work }: Gateway, { monique }: Config, log: Log): Promise<void> {
    const { host, port, enabled } = monique.rest;
    if (!monique.enabled || !enabled) return;
    const listener = new MonitoringListener({ work, host, port, log });
    await listener.start();
    this.stops.push("the monitoring of components", () => listener.stop());
  }

  private printBanner(config: Config, gateway: Gateway, page: string): void {
    const { tcpAddress } = gateway;
    const ports = this.config.serial.filter(({ enabled }) => enabled);
    const lines = [
      `bowline ${version}: gateway ${config.gateway.id}`,
      `page   ${page}`,
      ...(tcpAddress === null ? [] : [`boards tcp ${hostInUrl(tcpAddress.host)}:${tcpAddress.port}`]),
      ...peerLines(gateway),
      ...hubLines(gateway),
      ...ircLines(gateway),
      ...upstreamLines(gateway),
      ...ports.map(({ path }) => `boards serial ${path}`),
      ...this.boardLines,
      `store  ${describeStore(config.data, gateway.store.fill)}`,
    ];
    if (this.journal === null) for (const line of lines) this.terminal.print(line);
    // More people may read the journal than may command the gateway: the page's address goes there without its token.
    else
      for (const line of lines) this.journal.info({}, line.replace(/\?token=\S*/, "").replace(/ {2,}/, " "));
  }
}

/** Only once there are any: until then nobody needs the number. */
function peerLines({ others }: Gateway): string[] {
  const { gateway: own, peers } = others.view();
  if (peers.length === 0) return [];
  const { listen, id } = own;
  const where = listen?.isOpen ? `listens on ${hostInUrl(listen.host)}:${listen.port}` : "does not listen";
  return [`peers  ${peers.map(({ name }) => name).join(", ")}; this gateway is ${id}, ${where}`];
}

function hubLines({ components }: Gateway): string[] {
  const { addresses } = components;
  if (addresses === null) return [];
  const { host, com, tech, controller } = addresses;
  const workers = Object.entries(controller).map(([spec, port]) => `; ${spec} ${port}`);
  return [
    `hub    tcp ${hostInUrl(host)}: com ${com.in}, ${com.out}; tech ${tech.in}, ${tech.out}${workers.join("")}`,
  ];
}

function ircLines({ irc }: Gateway): string[] {
  return irc
    .view()
    .networks.map(
      ({ name, server, channels }) =>
        `irc    ${name === server ? name : `${name}, ${server}`}: ${channels.map((one) => one.name).join(", ") || "no channel"}`,
    );
}

function upstreamLines({ northbound }: Gateway): string[] {
  return northbound.views().map(({ name, target }) => `to     ${name}, ${target}`);
}

function describeStore(data: string, { messages, fault }: StoreFill): string {
  if (data === "memory") return "memory: messages are lost when the gateway stops";
  return fault === ""
    ? `${data}, ${messages} ${messages === 1 ? "message" : "messages"}`
    : `${data}: ${fault}`;
}

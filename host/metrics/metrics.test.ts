import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deviceView, FakeGateway, serialView } from "../http/testing/fake-gateway.ts";
import { componentView } from "../http/testing/fake-work.ts";
import { fullHouse, metricsOf, queued } from "../http/testing/full-house.ts";
import type { ComponentState } from "../hub/views.ts";
import { isPromtoolAvailable, promtool, promtoolNeeded } from "./testing/promtool.ts";
import { familiesOf, samplesOf } from "./testing/samples.ts";

const OPEN = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/** What dashboards and rules of others may rely on. */
const named: [name: string, type: string][] = [
  ["build_info", "gauge"],
  ["problems", "gauge"],
  ["history_up", "gauge"],
  ["link_up", "gauge"],
  ["link_opens_total", "counter"],
  ["link_rx_bytes_total", "counter"],
  ["link_tx_bytes_total", "counter"],
  ["link_frames_total", "counter"],
  ["link_crc_errors_total", "counter"],
  ["link_garbage_bytes_total", "counter"],
  ["link_overruns_total", "counter"],
  ["session_active", "gauge"],
  ["session_resumes_total", "counter"],
  ["session_resume_seconds", "histogram"],
  ["session_resent_packets_total", "counter"],
  ["session_resent_bytes_total", "counter"],
  ["session_resume_without_progress_total", "counter"],
  ["session_dup_suppressed_total", "counter"],
  ["session_unacked_packets", "gauge"],
  ["session_unacked_bytes", "gauge"],
  ["session_rtt_seconds", "histogram"],
  ["session_heartbeat_misses_total", "counter"],
  ["queue_packets", "gauge"],
  ["queue_bytes", "gauge"],
  ["queue_oldest_age_seconds", "gauge"],
  ["queue_invalidated_total", "counter"],
  ["queue_rejected_total", "counter"],
  ["store_commit_seconds", "histogram"],
  ["store_bytes_written_total", "counter"],
  ["irc_connected", "gauge"],
  ["irc_lines_total", "counter"],
  ["irc_throttled_seconds_total", "counter"],
  ["component_alive", "gauge"],
  ["component_last_sync_timestamp_seconds", "gauge"],
  ["kill_requests_total", "counter"],
  ["auth_failures_total", "counter"],
];

test("every name that others may rely on is there, with its type; the process and Node tell of themselves", async () => {
  const families = familiesOf((await metricsOf(fullHouse()).scrape("")).text);
  const found = named.map(([name]) => [name, families.get(`bowline_${name}`)]);
  expect(found).toEqual(named);
  for (const name of ["process_resident_memory_bytes", "process_open_fds", "nodejs_heap_size_used_bytes"])
    expect([name, families.get(name)]).toEqual([name, "gauge"]);
});

test("samples are what the views say, under their labels", async () => {
  const samples = samplesOf((await metricsOf(fullHouse()).scrape("")).text);
  const expected = {
    'bowline_build_info{version="0.1.0",proto="1"}': 1,
    'bowline_devices{state="connected"}': 2,
    'bowline_devices{state="away"}': 1,
    'bowline_device_up{device="pico-cellar"}': 0,
    'bowline_device_missing_total{device="pico-cellar"}': 3,
    'bowline_device_delivered_total{device="pico-kitchen"}': 3,
    'bowline_link_up{link="/dev/ttyUSB7"}': 0,
    'bowline_link_rx_bytes_total{link="/dev/ttyUSB7"}': 100,
    'bowline_queue_packets{peer="pico-kitchen",class="bulk"}': 2,
    'bowline_queue_packets{peer="pico-kitchen",class="control"}': 0,
    'bowline_queue_bytes{peer="pico-kitchen"}': 20,
    'bowline_queue_oldest_age_seconds{peer="pico-kitchen"}': 4,
    'bowline_queue_oldest_age_seconds{peer="gw2"}': 0,
    'bowline_queue_fill_ratio{peer="pico-kitchen"}': 0.02,
    'bowline_irc_connected{network="lab"}': 1,
    'bowline_irc_lines_total{network="lab",dir="out"}': 5,
    'bowline_irc_throttled_seconds_total{network="lab"}': 1.5,
    'bowline_auth_failures_total{surface="http"}': 3,
    'bowline_auth_failures_total{surface="irc"}': 2,
    bowline_store_up: 1,
    bowline_messages_delivered_total: 5,
  };
  const found = Object.keys(expected).map((name) => [name, samples.get(name)]);
  expect(Object.fromEntries(found)).toEqual(expected);
});

test("a board that sleeps, and one behind another gateway, are not missed", async () => {
  const gateway = fullHouse();
  gateway.change("pico-nap", { connected: false, hasLeft: true });
  gateway.change("gw2/b-1", { connected: false, gateway: "gw2" });
  const samples = samplesOf((await metricsOf(gateway).scrape("")).text);
  const found = ["pico-kitchen", "pico-cellar", "pico-nap", "gw2/b-1"].map((device) =>
    samples.get(`bowline_device_accounted_for{device="${device}"}`),
  );
  expect(found).toEqual([1, 0, 1, 1]);
});

test("of a name with several instances one that is well is enough, and a name without any is not alive", async () => {
  const gateway = new FakeGateway();
  const one = (name: string, state: ComponentState, isDown = false) => componentView(name, { state, isDown });
  gateway.work.componentViews = [
    ...[one("clock", "dead"), one("clock", "alive")],
    ...[one("bank", "dead"), one("bank", "dead"), one("radio", "alive", true), one("bell", "late")],
  ];
  const samples = samplesOf((await metricsOf(gateway).scrape("")).text);
  const of = (metric: string) =>
    ["clock", "bank", "radio", "bell"].map((name) =>
      samples.get(`bowline_component_${metric}{name="${name}"}`),
    );
  expect([of("alive"), of("instances")]).toEqual([
    [1, 0, 0, 1],
    [1, 0, 1, 1],
  ]);
});

describe("a thousand boards and five thousand components", () => {
  const BOARDS = 1000;
  const crowd = () => {
    const gateway = new FakeGateway();
    gateway.devices = numbers(BOARDS).map((i) => ({
      ...deviceView(`board-${i}`),
      delivered: 1,
      connected: i !== 900,
    }));
    gateway.work.componentViews = numbers(5000).map((i) =>
      componentView(`component-${i}`, { state: i === 4000 ? "dead" : "alive" }),
    );
    gateway.queued = numbers(BOARDS).map((i) => queued(`board-${i}`, i === 900 ? 3 : 0));
    gateway.serial = numbers(300).map((i) => serialView(`/dev/ttyS${i}`, { openings: 1 }));
    for (const { path } of gateway.serial) gateway.tallies.cable(path).rxBytes = 1;
    return gateway;
  };
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

  test("are as many series as two hundred of each and the rest together, and none of the rest is overlooked", async () => {
    const samples = samplesOf((await metricsOf(crowd()).scrape("")).text);
    const bySeries = new Map<string, number>();
    for (const name of samples.keys()) {
      const family = name.split("{")[0];
      bySeries.set(family, (bySeries.get(family) ?? 0) + 1);
    }
    const most = [...bySeries].filter(([, count]) => count > 201);
    expect(Object.fromEntries(most)).toEqual({
      bowline_queue_packets: 4 * 201, // by class
      bowline_link_frames_total: 2 * 101, // by direction
      bowline_link_silence_steps_total: 3 * 101, // by step
    });
    expect(bySeries.get("bowline_link_opens_total")).toBe(101 + 2);
    expect(samples.size).toBeLessThan(6000);
    const others = {
      'bowline_device_up{device="other"}': 0,
      'bowline_device_delivered_total{device="other"}': 800,
      'bowline_component_alive{name="other"}': 0,
      'bowline_queue_packets{peer="other",class="bulk"}': 3,
      'bowline_link_rx_bytes_total{link="other"}': 200,
    };
    expect(Object.fromEntries(Object.keys(others).map((name) => [name, samples.get(name)]))).toEqual(others);
  });

  test("keep their labels from scrape to scrape, whatever the order they are told in", async () => {
    const gateway = crowd();
    const metrics = metricsOf(gateway);
    const before = samplesOf((await metrics.scrape("")).text);
    gateway.devices.reverse();
    const after = samplesOf((await metrics.scrape("")).text);
    const ups = (samples: Map<string, number>) =>
      [...samples.keys()].filter((name) => name.startsWith("bowline_device_up")).sort();
    expect(ups(after)).toEqual(ups(before));
  });
});

test("who asks for OpenMetrics is given it, and whoever asks at the same time what they asked for", async () => {
  const metrics = metricsOf(fullHouse());
  const [open, text] = await Promise.all([metrics.scrape(OPEN), metrics.scrape("text/plain")]);
  expect(open.contentType).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  expect(text.contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(open.text).toMatch(/# EOF\n$/);
  expect(text.text).not.toContain("# EOF");
  const ours = (all: Map<string, number>) => [...all].filter(([name]) => name.startsWith("bowline_"));
  expect(ours(samplesOf(text.text))).toEqual(ours(samplesOf(open.text)));
});

test("a scrape that fails is told to who asked for it, and the next is made all the same", async () => {
  const gateway = fullHouse();
  const metrics = metricsOf(gateway);
  const { devicesView } = gateway;
  gateway.devicesView = () => {
    throw new Error("no devices");
  };
  await expect(metrics.scrape("")).rejects.toThrow("no devices");
  gateway.devicesView = devicesView;
  expect((await metrics.scrape("")).text).toContain("bowline_devices");
});

describe.skipIf(!isPromtoolAvailable)(`read by Prometheus' own parser (${promtoolNeeded})`, () => {
  /** Names as strangers may give them. */
  const hostile = () => {
    const gateway = fullHouse();
    const names = ['quote"s', "back\\slash", "new\nline", "{braces}", "ünïcode 🙂", "le=1", "\u0000\u2028"];
    gateway.devices = names.map((name) => deviceView(name));
    gateway.work.componentViews = names.map((name) => componentView(name));
    return gateway;
  };

  test("the text is valid and follows the conventions for names, whatever boards are called", async () => {
    for (const gateway of [fullHouse(), hostile()]) {
      const { text } = await metricsOf(gateway).scrape("");
      expect(promtool(["check", "metrics"], text)).toEqual({ code: 0, said: "" });
    }
    expect(promtool(["check", "metrics"], 'bowline_x{device="a"b"} 1\n').code).not.toBe(0);
  });

  test("OpenMetrics is valid", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bowline-metrics-"));
    const file = join(folder, "scrape");
    const read = (text: string) => {
      // Its parser of OpenMetrics is only to be had for samples that say when they were.
      writeFileSync(file, text.replace(/^([^#\n].*)$/gm, "$1 1700000000"));
      return promtool(["tsdb", "create-blocks-from", "openmetrics", file, join(folder, "blocks")]);
    };
    try {
      for (const gateway of [fullHouse(), hostile()])
        expect(read((await metricsOf(gateway).scrape(OPEN)).text)).toMatchObject({ code: 0 });
      for (const wrong of ['a{b="c"d"} 1\n# EOF\n', "a 1\n"]) expect(read(wrong)).toMatchObject({ code: 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

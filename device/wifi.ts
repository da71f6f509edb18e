/**
 * Joins the Wi-Fi that bowline.json names, again and again, while the network link waits for it.
 *
 * What boards have in common is little: connect() calls back with an error or null, on some boards not at all while the
 * network is away; 'connected' and 'disconnected' come also unasked. An ESP32 gives up after three failures, an ESP8266
 * and Espruino WiFi go on by themselves. So an attempt has a time to end in, and nothing is asked while we are in.
 */
import type { BoardConfig } from "./board.ts";
import { now } from "./board.ts";
import { noteFaults } from "./faults.ts";

/** ms for an attempt: Espruino WiFi resets its modem (14 s) and gives it 20 s to join. */
const JOIN_TIMEOUT = 40000;
/** ms: the first wait after a failure, doubled each time, and the longest. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60000;

let network: { ssid: string; password?: string } = { ssid: "" };
let wifi: BoardWifi | null = null;
let isJoined = true;
let isJoining = false;
/** When the attempt has failed for want of an answer, or the next one begins. */
let nextAt = 0;
let failures = 0;

/** Without `wifi` in the configuration, or on a board that has none, the network is taken to be there. */
export function startWifi(config: BoardConfig): void {
  "cold";
  if (!config.wifi) return;
  network = config.wifi;
  try {
    wifi = require("Wifi");
  } catch {
    noteFaults(["no wifi"]);
    return;
  }
  isJoined = false;
  wifi.on("connected", function () {
    joined();
  });
  // It also comes for attempts that fail, before or after their answer.
  wifi.on("disconnected", function () {
    if (isJoined) failed("wifi lost");
  });
}

/** Whether the network is there; begins to join it where that is due. */
export function isOnline(time: number): boolean {
  "cold";
  if (isJoined || time < nextAt) return isJoined;
  if (isJoining) failed("wifi: no answer");
  else join(time);
  return isJoined;
}

function join(time: number): void {
  "cold";
  isJoining = true;
  nextAt = time + JOIN_TIMEOUT;
  try {
    wifi!.connect(network.ssid, { password: network.password || "" }, function (error) {
      if (error) failed("wifi: " + error);
      else joined();
    });
  } catch (error) {
    failed(String(error));
  }
}

function joined(): void {
  "cold";
  isJoined = true;
  isJoining = false;
  failures = 0;
}

function failed(why: string): void {
  "cold";
  if (!isJoined && !isJoining) return;
  noteFaults([why]);
  isJoined = false;
  isJoining = false;
  let wait = FIRST_WAIT;
  for (let i = 0; i < failures && wait < LONGEST_WAIT; i++) wait = wait * 2;
  failures++;
  nextAt = now() + (wait < LONGEST_WAIT ? wait : LONGEST_WAIT) * (0.75 + Math.random() / 2);
}

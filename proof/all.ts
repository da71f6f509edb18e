/** Every proof there is, in the order of the layers. */
import { componentCrowd } from "./component-crowd.ts";
import { components } from "./components.ts";
import { crashes } from "./crashes.ts";
import { day } from "./day.ts";
import { everyByte } from "./every-byte.ts";
import { flood } from "./flood.ts";
import { fuzzHost } from "./fuzz-host.ts";
import { fuzzLink } from "./fuzz-link.ts";
import { fuzzSession } from "./fuzz-session.ts";
import { gateways } from "./gateways.ts";
import { history } from "./history.ts";
import { hubCrashes } from "./hub-crashes.ts";
import { irc } from "./irc.ts";
import { ircFuzz } from "./irc-fuzz.ts";
import { ircReference } from "./irc-reference.ts";
import { ircReferenceBot, ircReferenceBridge } from "./irc-reference-bridge.ts";
import { killAbuse } from "./kill-abuse.ts";
import { kills } from "./kills.ts";
import { modelCheck } from "./model-check.ts";
import { moniqueFuzz } from "./monique-fuzz.ts";
import { northbound } from "./northbound.ts";
import { outstanding } from "./outstanding.ts";
import { oversized } from "./oversized.ts";
import { powerCut } from "./power-cut.ts";
import type { Proof } from "./proof.ts";
import { queueClaims } from "./queue-claims.ts";
import { queueFaults } from "./queue-faults.ts";
import { queueFlat } from "./queue-flat.ts";
import { queueModel } from "./queue-model.ts";
import { resets } from "./resets.ts";
import { scheduleRules } from "./schedule-rules.ts";
import { schedules } from "./schedules.ts";
import { shortLinks } from "./short-links.ts";
import { storeFlips } from "./store-flips.ts";
import { stream } from "./stream.ts";
import { takeover } from "./takeover.ts";
import { zmtpFuzz } from "./zmtp-fuzz.ts";

export const proofs: readonly Proof[] = [
  stream,
  everyByte,
  takeover,
  outstanding,
  shortLinks,
  modelCheck,
  resets,
  fuzzSession,
  fuzzLink,
  fuzzHost,
  ircFuzz,
  moniqueFuzz,
  zmtpFuzz,
  oversized,
  flood,
  crashes,
  kills,
  day,
  history,
  northbound,
  gateways,
  irc,
  components,
  componentCrowd,
  hubCrashes,
  killAbuse,
  powerCut,
  storeFlips,
  schedules,
  scheduleRules,
  queueModel,
  queueFaults,
  queueClaims,
  queueFlat,
];

/** Against programs of others that have to be fetched first, so not in the suite. */
export const withOthers: readonly Proof[] = [ircReference, ircReferenceBridge, ircReferenceBot];

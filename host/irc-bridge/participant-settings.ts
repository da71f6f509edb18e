/** What an IRC-IoT participant is made with, of the section irc. */
import type { Config } from "../config/schema.ts";
import { defaultLimits } from "../irc-iot/limits.ts";
import type { ParticipantSettings } from "../irc-iot/participant-types.ts";
import type { Clock } from "../platform/clock.ts";
import { schemeKeys, signingKey } from "./secrets.ts";

/** Rejects with why our key cannot be used. */
export async function participantSettings(
  { irc, data }: Config,
  clock: Clock,
): Promise<Omit<ParticipantSettings, "seenMids">> {
  const { keepS, keepBytes, askAfterS, ...limits } = irc.limits;
  const keys = schemeKeys(irc);
  const privateKey = await signingKey(irc, data);
  const pinned = irc.operators.flatMap(({ name, key }) =>
    key === undefined ? [] : [{ name, key: key.toLowerCase() }],
  );
  return {
    limits: {
      ...defaultLimits,
      ...limits,
      ...{ keepMs: keepS * 1000, askAfterMs: askAfterS * 1000 },
      ...{ sentCacheBytes: keepBytes, heardCacheBytes: keepBytes },
    },
    schemes: { scheme: irc.scheme, keys },
    checksum: irc.checksum === "none" ? "" : irc.checksum,
    sign: privateKey === null ? null : { privateKey },
    peers: [
      ...irc.peers.map(({ key, scheme, ...peer }) => ({
        ...peer,
        ...(key && { key: key.toLowerCase() }),
        ...(scheme && { schemes: { scheme, keys } }),
      })),
      ...pinned,
    ],
    ...{ random: Math.random, now: () => clock.now(), wall: () => clock.wall() },
  };
}

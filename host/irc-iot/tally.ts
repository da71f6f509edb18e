/** What a Participant counts. */

export interface Tally {
  heard: number;
  datums: number;
  fragments: number;
  repeats: number;
  faults: number;
  /** Signatures that were refused, and of these the ones that were right after all, once the line before had come. */
  signaturesRefused: number;
  signaturesLate: number;
  versionAsked: number;
  versionAnswered: number;
  pingsSent: number;
  pingsAnswered: number;
  lostAsked: number;
  /** Lines said again; requests refused, by a budget or since it is not the asker's to have. */
  lostAnswered: number;
  lostRefused: number;
  givenUp: number;
}

export function newTally(): Tally {
  return {
    heard: 0,
    datums: 0,
    fragments: 0,
    repeats: 0,
    faults: 0,
    signaturesRefused: 0,
    signaturesLate: 0,
    versionAsked: 0,
    versionAnswered: 0,
    pingsSent: 0,
    pingsAnswered: 0,
    lostAsked: 0,
    lostAnswered: 0,
    lostRefused: 0,
    givenUp: 0,
  };
}

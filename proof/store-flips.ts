/**
 * One byte changed anywhere in the files of a store that was closed: it is refused as damaged, when it is opened or when
 * that part is read, or everything reads back as it was. Never something else, never less (iotgw §10, rules 5–7).
 */
import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { seededRandom } from "../host/transports/random.ts";
import { hold, type Proof } from "./proof.ts";
import { appendMessage, DEVICES, readAll, refusedOr, storeIn, type Truth } from "./store/truth.ts";

/** Lives of the store: each leaves a table, the last its log. */
const LIVES = 6;
const MESSAGES_A_LIFE = 45;
const MESSAGE_BYTES = 300;
/** LevelDB's own diary, which it never reads. */
const DIARY = /\/LOG(\.old)?$/;

interface StoreFile {
  path: string;
  bytes: Buffer;
}

/** A closed store with everything in it: tables of several blocks, a list of files, a log. */
async function fill(folder: string): Promise<Truth> {
  let seq = 0;
  for (let life = 0; life < LIVES; life++) {
    const opening = storeIn(folder);
    await opening.open();
    const { store } = opening;
    for (let i = 0; i < MESSAGES_A_LIFE; i++) {
      seq++;
      await appendMessage(store, DEVICES[seq % DEVICES.length], seq, seq % MESSAGE_BYTES);
    }
    await opening.close();
  }
  const opening = storeIn(folder);
  await opening.open();
  const truth = await readAll(opening.store, DEVICES);
  await opening.close();
  return truth;
}

async function filesOf(folder: string): Promise<StoreFile[]> {
  const names = [
    ...(await readdir(folder)),
    ...(await readdir(join(folder, "store"))).map((n) => `store/${n}`),
  ];
  const paths = names.filter((name) => name !== "store" && name !== "store/LOCK" && !DIARY.test(`/${name}`));
  return Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(join(folder, path)) })));
}

/** LevelDB writes to none of the files it finds: links do for them. */
async function copyStore(from: string, to: string): Promise<void> {
  await mkdir(join(to, "store"), { recursive: true });
  for (const name of await readdir(join(from, "store"))) {
    const path = join("store", name);
    if (name !== "LOCK" && !DIARY.test(`/${name}`)) await link(join(from, path), join(to, path));
  }
  for (const name of await readdir(from))
    if (name !== "store") await copyFile(join(from, name), join(to, name));
}

/** A place in all files together, and what is done to it. */
interface Flip {
  file: StoreFile;
  at: number;
  mask: number;
}

async function tryFlip(folder: string, { file, at, mask }: Flip, truth: Truth): Promise<"refused" | "exact"> {
  const damaged = Buffer.from(file.bytes);
  damaged[at] ^= mask;
  await rm(join(folder, file.path));
  await writeFile(join(folder, file.path), damaged);
  const what = () => `byte ${at} of ${file.path} ^ ${mask}`;
  const opening = storeIn(folder);
  const isOpen = await refusedOr(what, async () => {
    await opening.open();
    return true;
  });
  if (isOpen === null) return "refused";
  try {
    const read = await refusedOr(what, () => readAll(opening.store, DEVICES));
    if (read === null) return "refused";
    hold(isDeepStrictEqual(read, truth), () => `${what()}: ${difference(read, truth)}`);
    return "exact";
  } finally {
    await opening.close();
  }
}

/** The first thing that is not as it was. */
function difference(read: Truth, truth: Truth): string {
  for (const key of ["epoch", "messages", "watermarks", "documents"] as const) {
    const [seen, expected] = [Object.entries(read[key]), Object.entries(truth[key])];
    const i = expected.findIndex((one, at) => !isDeepStrictEqual(one, seen[at]));
    if (i >= 0 || seen.length !== expected.length)
      return `${key}: ${JSON.stringify(seen[i])} instead of ${JSON.stringify(expected[i])}; ${seen.length} of ${expected.length}`;
  }
  return "";
}

async function runFlips(seed: number, scale: number): Promise<string> {
  const random = seededRandom(seed);
  const root = await mkdtemp(join(tmpdir(), "bowline-flips-"));
  try {
    const original = join(root, "original");
    const truth = await fill(original);
    const files = await filesOf(original);
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    const outcomes = { refused: 0, exact: 0 };
    const touched = new Set<string>();
    const folder = join(root, "flipped");
    for (let i = 0; i < scale; i++) {
      // Half over all bytes, half over the files, so that the small ones are met.
      let file = files[Math.floor(random() * files.length)];
      if (i % 2 === 0) file = fileAt(files, Math.floor(random() * bytes));
      const flip = {
        file,
        at: Math.floor(random() * file.bytes.length),
        mask: 1 + Math.floor(random() * 255),
      };
      touched.add(kindOf(file.path));
      await copyStore(original, folder);
      outcomes[await tryFlip(folder, flip, truth)]++;
      await rm(folder, { recursive: true });
    }
    hold(scale < 100 || touched.size === 7, () => `only these kinds of files were touched: ${[...touched]}`);
    return (
      `${scale} bytes changed in ${files.length} files of ${bytes} bytes: ${outcomes.refused} refused, ` +
      `${outcomes.exact} harmless, 0 wrong`
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function fileAt(files: readonly StoreFile[], place: number): StoreFile {
  let to = 0;
  for (const file of files) {
    to += file.bytes.length;
    if (place < to) return file;
  }
  throw new RangeError(`byte ${place} of ${to}`);
}

const kindOf = (path: string) => path.replace(/\d+/, "N");

export const storeFlips: Proof = {
  name: "store-flips",
  promise: "a byte changed anywhere in a closed store is refused or harmless, never wrong and never less",
  unit: "bytes",
  scale: 200,
  run: runFlips,
};

/** The two checksums of a Container: CRC-16/ARC (`c1`) and CRC-32 (`c2`), as lower-case hex. */

const CRC16_POLYNOMIAL = 0xa001;
const CRC32_POLYNOMIAL = 0xedb88320;

/** Reflected tables: what eight steps of the register make of each byte. */
function tableOf(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let register = byte;
    for (let bit = 0; bit < 8; bit++)
      register = register & 1 ? (register >>> 1) ^ polynomial : register >>> 1;
    return register >>> 0;
  });
}

const crc16Table = tableOf(CRC16_POLYNOMIAL);
const crc32Table = tableOf(CRC32_POLYNOMIAL);

/** Name of a check field. */
export type CheckName = "c1" | "c2";

/** The check of these bytes: four digits for c1, eight for c2. */
export function checkOf(name: CheckName, bytes: Uint8Array): string {
  return name === "c1"
    ? crc16arc(bytes).toString(16).padStart(4, "0")
    : crc32(bytes).toString(16).padStart(8, "0");
}

/** Begins with 0; "123456789" gives 0xbb3d. */
function crc16arc(bytes: Uint8Array): number {
  let register = 0;
  for (let i = 0; i < bytes.length; i++)
    register = (register >>> 8) ^ crc16Table[(register ^ bytes[i]) & 255];
  return register;
}

/** zlib's; "123456789" gives 0xcbf43926. zlib.crc32 is not in every Node that we run on. */
function crc32(bytes: Uint8Array): number {
  let register = 0xffffffff;
  for (let i = 0; i < bytes.length; i++)
    register = (register >>> 8) ^ crc32Table[(register ^ bytes[i]) & 255];
  return (register ^ 0xffffffff) >>> 0;
}

/**
 * What the board's JavaScript has: the whitelist that the lint checks the bundle against, and to which the simulated
 * board's global object is cut down. Measured on Espruino 2v29 (espruino §1.2); what is not listed is missing there.
 */

const words = (text) => text.split(/\s+/).filter((word) => word !== "");

const typedArrays =
  words(`Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array
  Float32Array Float64Array`);

/** Global names of the language, without the board's API. */
export const languageGlobals = [
  ...words(`Array ArrayBuffer Boolean DataView Date Error Function Infinity JSON Math NaN Number Object Promise
    ReferenceError RegExp String SyntaxError TypeError atob btoa console decodeURIComponent encodeURIComponent eval
    globalThis isFinite isNaN parseFloat parseInt undefined`),
  ...typedArrays,
];

/** Global names of the board's API, on whichever board; a program asks `typeof` for those that only some have. */
export const boardGlobals =
  words(`Bluetooth E HIGH InternalError LOW LoopbackA LoopbackB Modules NRF Pin Serial Serial1
  Serial2 Serial3 Serial4 Serial5 Serial6 Telnet Terminal USB Waveform I2C I2C1 I2C2 I2C3 SPI SPI1 SPI2 SPI3 OneWire
  Graphics Bangle Jolt Puck ESP32 ESP8266 __FILE__ analogRead analogWrite changeInterval clearInterval clearTimeout
  clearWatch digitalPulse digitalRead digitalWrite dump echo edit getPinMode getSerial getTime global load peek16 peek32
  peek8 pinMode poke16 poke32 poke8 print process require reset save setBusyIndicator setDeepSleep setInterval
  setSleepIndicator setTime setTimeout setWatch shiftOut trace`);

/** Global names of pins: A0…H15, D0…D63, LED and LED1…, BTN and BTN1…. */
export function isPinName(name) {
  return /^(?:[A-H](?:\d|1[0-5])|D[0-9]|D[1-5]\d|D6[0-3]|LED[1-9]?|BTN[1-9]?)$/.test(name);
}

/** What the constructors and namespaces of the language have themselves. */
export const staticMembers = {
  Array: ["isArray"],
  ArrayBuffer: [],
  Date: ["now", "parse"],
  JSON: ["parse", "stringify"],
  Math: words(`E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos asin atan atan2 ceil cos exp floor log max min pow
    random round sign sin sqrt tan`),
  Number: words("MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY"),
  Object: words(`assign create defineProperties defineProperty entries fromEntries getOwnPropertyDescriptor
    getOwnPropertyDescriptors getOwnPropertyNames getPrototypeOf keys setPrototypeOf values`),
  Promise: words("all reject resolve"),
  String: ["fromCharCode"],
  ...Object.fromEntries(typedArrays.map((name) => [name, []])),
};

/** The typed arrays, whose common prototype is prototypeMembers.TypedArray. */
export const typedArrayNames = typedArrays;

/** What values of the language have. */
export const prototypeMembers = {
  Array:
    words(`concat every fill filter find findIndex forEach includes indexOf join map pop push reduce reverse shift
    slice some sort splice toString unshift length`),
  ArrayBuffer: ["byteLength"],
  Function: words("apply bind call toString name length"),
  Number: words("toFixed toString valueOf"),
  Object: words("hasOwnProperty toString valueOf __proto__"),
  Promise: words("then catch"),
  String:
    words(`charAt charCodeAt concat endsWith includes indexOf lastIndexOf length match padEnd padStart repeat
    replace replaceAll slice split startsWith substr substring toLowerCase toString toUpperCase trim valueOf`),
  TypedArray:
    words(`buffer byteLength byteOffset every fill filter find findIndex forEach includes indexOf join length
    map reduce reverse set slice some sort subarray toString`),
};

/** Methods of the language that no value on the board has, whatever it is. */
export const missingMethods = words(`allSettled at codePointAt copyWithin findLast findLastIndex flat flatMap
  isPrototypeOf localeCompare matchAll normalize propertyIsEnumerable race reduceRight search toExponential
  toLocaleString toPrecision toReversed toSorted toSpliced trimEnd trimLeft trimRight trimStart finally`);

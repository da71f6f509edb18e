/**
 * What a board is told to measure: scripts around a client, and how their answers are read. They stand in a function of
 * their own, for the client's names are short and global.
 */

/** Chunks of a serial port. */
const CHUNK = 64;
const PACKETS = 80;
/** As many are made at once; a small heap holds no more. */
const BATCH = 8;
const SESSION_ID = "\\xa5".repeat(16);
/** The server's answer and state: code 0, id, startPacketIndex 0, syncIntervalMin 20, syncIntervalMax 5000, expire 255. */
const SERVER_HEAD = `\\0\\x10${SESSION_ID}\\0\\x14\\xf9\\x0a\\x98\\xff`;

const say = (what: string) => `print("@@"+JSON.stringify(${what})+"@@")`;

/** What the program in hand is given, and counts. */
const edge = `
var benchWritten=0,benchTaken=0;
global.benchWrite=function(bytes){benchWritten+=bytes.length};
global.benchTake=function(text){benchTaken+=text.length};
`;

/** Variables in use once all has come to rest; the same without a client is what to subtract. */
export function memoryProbe(client: string): string {
  return `${edge}\n${client}\nsetTimeout(function(){var m=process.memory();${say("[m.usage,m.total,m.blocksize]")}},300);\nsetInterval(function(){},1e6);`;
}

/** As memoryProbe, for the firmware: it stands first, since it finds its cold functions by their place, and takes the console. */
export function firmwareProbe(firmware: string): string {
  return `${firmware}\nvar benchConsole=E.getConsole();setTimeout(function(){var m=process.memory();E.setConsole(benchConsole,{force:true});${say("[m.usage,m.total,m.blocksize]")}},800);`;
}

/** Variables of buffers of these sizes. */
export function bufferProbe(sizes: readonly number[]): string {
  return `${say(`[${sizes.map((size) => `E.getSizeOf(new Uint8Array(${size}))`).join("+")}]`)};setInterval(function(){},1e6);`;
}

/**
 * Runs `hear` for PACKETS packets, in batches which `make` makes beforehand, `repeats` times; answers the shortest µs per
 * packet, the variables that a repeat's batches grew by with nothing collected, and what was taken and written.
 */
const time = (make: string, repeats: number) => `
var best=1e9,grown=0,list,k,b,i,t,u,sum;
for(k=0;k<${repeats};k++){
 sum=0;
 grown=0;
 for(b=0;b<${PACKETS / BATCH};b++){
  list=${make};
  u=process.memory(false).usage;
  t=getTime();
  for(i=0;i<list.length;i++)hear(list[i]);
  sum+=getTime()-t;
  grown+=process.memory(false).usage-u;
 }
 if(sum<best)best=sum;
}
${say(`[best*1e6/${PACKETS},grown,benchTaken,benchWritten]`)};setInterval(function(){},1e6);`;

/** The same chunk again and again, so that a list of it costs nothing. */
const same = (chunk: string) => `new Array(${BATCH}).fill(${chunk})`;

/** A session over a socket: one packet of `size` bytes an event. */
export function sessionProbe(client: string, size: number, repeats: number): string {
  const head =
    size <= 240
      ? `String.fromCharCode(${size})`
      : `String.fromCharCode(${241 + ((size - 240) >> 8)},${(size - 240) & 255})`;
  return `${edge}\n${client}\n(function(){var hear=global.benchHear;hear("${SERVER_HEAD}");
var chunk=E.toString(${head}+"x".repeat(${size}));${time(same("chunk"), repeats)}})();`;
}

/** The session over the link: frames of one packet of 100 bytes, in events of at most 64 bytes. */
export function linkProbe(client: string, repeats: number): string {
  return `${edge}\n${client}\n(function(){var hear=global.benchHear,seq=0;
function frame(type,seq,text){
 var s=type+"\\x02"+String.fromCharCode(seq)+text,c=E.CRC32(s);
 s+=String.fromCharCode(c&255,(c>>>8)&255,(c>>>16)&255,c>>>24);
 return s.split("\\xdb").join("\\xdb\\xdd").split("\\xc0").join("\\xdb\\xdc")+"\\xc0";
}
function frames(){
 var out=[],f,i;
 for(i=0;i<${BATCH};i++){
  seq=(seq+1)&255;
  f=frame("D",seq,"d"+"x".repeat(100));
  out.push(f.substr(0,${CHUNK}),f.substr(${CHUNK}));
 }
 return out;
}
hear(frame("A",0,"\\x01\\xf0\\xf0"));
hear(frame("D",0,"${SERVER_HEAD}"));
${time("frames()", repeats)}})();`;
}

/**
 * Espruino's MQTT module over a socket: one QoS 1 publish of 100 bytes an event. The interpreter would put what the
 * module emits into a queue; here it is handed on at once, which is cheaper for it.
 */
export function mqttProbe(module: string, repeats: number): string {
  return `${edge}\n${module}\n(function(){var mq=global.mqtt.create("x",{});
mq.client={write:global.benchWrite};
mq.emit=function(name,topic,text){if(name==="message")global.benchTake(text)};
function hear(data){mq.packetHandler(data)}
var chunk=E.toString("\\x32\\x6e\\0\\x06lab/t1\\0\\x01"+"x".repeat(100));${time(same("chunk"), repeats)}})();`;
}

/** Packets of all repeats. */
export const packetsOf = (repeats: number) => PACKETS * repeats;

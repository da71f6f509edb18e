/** Node's global names, as the build of the world has the gateway's code see them. */
export {
  virtualClear as clearInterval,
  virtualClear as clearTimeout,
  virtualPerformance as performance,
  virtualRandom as virtualMathRandom,
  virtualSetImmediate as setImmediate,
  virtualSetInterval as setInterval,
  virtualSetTimeout as setTimeout,
} from "./virtual-time.ts";

export {
  descriptorGauge,
  eventLoopGauge,
  type Gauge,
  handleGauge,
  heapGauge,
  rssGauge,
} from "./gauges.ts";
export {
  type AdaptiveOptions,
  type Forecast,
  type Level,
  Predictor,
  type PredictorOptions,
  type Resource,
} from "./predictor.ts";
export { type Line, Trend } from "./trend.ts";
export { ResourceWatch, type ResourceWatchOptions } from "./watch.ts";

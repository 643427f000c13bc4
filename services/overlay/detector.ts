/** What makes a silence suspicious. */
export interface DetectorSettings {
  /** Suspicion starts at this phi: minus the decimal logarithm of the chance that the peer lives. */
  readonly threshold: number;
  /** Interval taken for granted until heartbeats came, in milliseconds. */
  readonly expectedMs: number;
  /** Least deviation assumed, in milliseconds: a clockwork peer is still allowed this much. */
  readonly leastDeviationMs: number;
  /**
   * Shorter intervals count as this one, in milliseconds: who spoke more often than it has to may stop doing so. 0 when
   * left out.
   */
  readonly leastIntervalMs?: number;
}

/** Weight of the newest interval in mean and variance: about the last 20 count. */
const NEWEST = 0.1;
/** Silences longer than this many expected intervals are told to the mean as this many: one stall must not blind it. */
const LONGEST_INTERVALS = 5;
/** Largest phi told: beyond it the chance is lost to rounding. */
export const LARGEST_PHI: number = 300;

/**
 * Phi-accrual failure detector of one link (Hayashibara et al. 2004): learns the intervals of its heartbeats as a
 * normal distribution and tells how unlikely the silence since the last one is. Mean and variance are kept as
 * exponentially weighted ones, two numbers instead of a window.
 */
export class PhiDetector {
  readonly #settings: DetectorSettings;
  readonly #deviations: number;
  #heardAtMs: number;
  #meanMs: number;
  #variance = 0;
  #suspectAtMs = 0;

  constructor(settings: DetectorSettings, nowMs: number) {
    this.#settings = settings;
    this.#deviations = deviationsAt(settings.threshold);
    this.#meanMs = settings.expectedMs;
    this.#heardAtMs = nowMs;
    this.#foresee();
  }

  /** A heartbeat, or anything else that shows life, came. Instants that go back are ignored. */
  heard(nowMs: number): void {
    if (nowMs <= this.#heardAtMs) return;
    const longest = LONGEST_INTERVALS * this.#settings.expectedMs;
    const { leastIntervalMs = 0 } = this.#settings;
    const interval = Math.max(leastIntervalMs, Math.min(nowMs - this.#heardAtMs, longest));
    const off = interval - this.#meanMs;
    this.#meanMs += NEWEST * off;
    this.#variance = (1 - NEWEST) * (this.#variance + NEWEST * off * off);
    this.#heardAtMs = nowMs;
    this.#foresee();
  }

  /** Nobody listened for so many milliseconds: that silence says nothing of the peer. */
  excuse(deafMs: number): void {
    this.#heardAtMs += deafMs;
    this.#suspectAtMs += deafMs;
  }

  /** When the link was last heard, milliseconds; later where silence was excused. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** The instant from which the silence is suspicious if it lasts, milliseconds. */
  get suspectAtMs(): number {
    return this.#suspectAtMs;
  }

  isSuspect(nowMs: number): boolean {
    return nowMs >= this.#suspectAtMs;
  }

  /** Minus the decimal logarithm of the chance that a heartbeat comes later than now; 0 to {@link LARGEST_PHI}. */
  phi(nowMs: number): number {
    return phiAt((nowMs - this.#heardAtMs - this.#meanMs) / this.#deviationMs());
  }

  #deviationMs(): number {
    return Math.max(this.#settings.leastDeviationMs, Math.sqrt(this.#variance));
  }

  #foresee(): void {
    this.#suspectAtMs = this.#heardAtMs + this.#meanMs + this.#deviations * this.#deviationMs();
  }
}

/** Phi of a silence that is `y` standard deviations longer than the mean: logistic approximation of the normal tail. */
function phiAt(y: number): number {
  const x = y * (1.5976 + 0.070566 * y * y);
  // ln(1 + e^x) without overflow
  const log = x > 30 ? x : Math.log1p(Math.exp(x));
  return Math.min(LARGEST_PHI, log / Math.LN10);
}

/** Inverse of {@link phiAt} by halving; found once per detector's threshold. */
function deviationsAt(phi: number): number {
  const known = DEVIATIONS.get(phi);
  if (known !== undefined) return known;
  let low = -10;
  let high = 40;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (phiAt(middle) < phi) low = middle;
    else high = middle;
  }
  if (DEVIATIONS.size < 100) DEVIATIONS.set(phi, high);
  return high;
}

/** Thousands of detectors share a threshold. */
const DEVIATIONS: Map<number, number> = new Map();

/** Octets of a long double. */
export const LONG_DOUBLE_OCTETS = 16;

const BIAS = 16_383;
const FRACTION_BITS = 112n;
const FRACTION = (1n << FRACTION_BITS) - 1n;
const ALL_ONES = 0x7fff;
/** Exponent of the least double, and of the least one with all bits. */
const LEAST_DOUBLE = -1074;

function toBits(octets: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(octets).toString("hex")}`);
}

function fromBits(negative: boolean, exponent: number, fraction: bigint): LongDouble {
  const sign = negative ? 0x8000 : 0;
  const bits = (BigInt(sign | exponent) << FRACTION_BITS) | fraction;
  return new LongDouble(Buffer.from(bits.toString(16).padStart(32, "0"), "hex"));
}

/** `significand` times 2 to the power of `exponent`, for a significand of any size above 0. */
function compose(negative: boolean, significand: bigint, exponent: number): LongDouble {
  const width = significand.toString(2).length;
  const fraction = (significand << (FRACTION_BITS + 1n - BigInt(width))) & FRACTION;
  return fromBits(negative, exponent + width - 1 + BIAS, fraction);
}

/** `significand` divided by 2 to the power of `bits`, to the nearest, halves to even. */
function roundedShift(significand: bigint, bits: number): bigint {
  if (bits <= 0) return significand << BigInt(-bits);
  const by = BigInt(bits);
  const whole = significand >> by;
  const rest = significand - (whole << by);
  const half = 1n << (by - 1n);
  const up = rest > half || (rest === half && (whole & 1n) === 1n);
  return up ? whole + 1n : whole;
}

/**
 * A number of IDL's type `long double`: IEEE 754 binary128, of which JavaScript has no own type. It keeps
 * what was received to the last bit.
 *
 * C++ ORBs on x86-64 (omniORB, TAO) send the memory of their own 80-bit format instead. For numbers from
 * them use {@link asX87}, for numbers to them {@link toX87}.
 */
export class LongDouble {
  /** 16 octets, the sign first. */
  readonly octets: Uint8Array;

  /** @throws RangeError for another number of octets than 16 */
  constructor(octets: Uint8Array) {
    if (octets.length !== LONG_DOUBLE_OCTETS) {
      throw new RangeError(`a long double has ${LONG_DOUBLE_OCTETS} octets, not ${octets.length}`);
    }
    this.octets = new Uint8Array(octets);
  }

  /** Every double has a long double of exactly its value. */
  static fromNumber(n: number): LongDouble {
    const negative = n < 0 || Object.is(n, -0);
    if (Number.isNaN(n)) return fromBits(false, ALL_ONES, 1n << (FRACTION_BITS - 1n));
    if (n === 0) return fromBits(negative, 0, 0n);
    if (!Number.isFinite(n)) return fromBits(negative, ALL_ONES, 0n);
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, Math.abs(n));
    const bits = view.getBigUint64(0);
    const exponent = Number(bits >> 52n);
    const fraction = bits & 0xf_ffff_ffff_ffffn;
    if (exponent === 0) return compose(negative, fraction, LEAST_DOUBLE);
    return compose(negative, fraction | (1n << 52n), exponent - 1075);
  }

  /** The nearest double; beyond its range infinite. */
  toNumber(): number {
    const bits = toBits(this.octets);
    const negative = bits >> 127n === 1n;
    const exponent = Number((bits >> FRACTION_BITS) & 0x7fffn);
    const fraction = bits & FRACTION;
    if (exponent === ALL_ONES && fraction !== 0n) return Number.NaN;
    const sign = negative ? -1 : 1;
    if (exponent === ALL_ONES) return sign * Number.POSITIVE_INFINITY;
    // Below the normal numbers of binary128 nothing is a double but 0.
    if (exponent === 0) return negative ? -0 : 0;
    const power = exponent - BIAS;
    if (power > 1024) return sign * Number.POSITIVE_INFINITY;
    const least = Math.max(power - 52, LEAST_DOUBLE);
    const significand = (1n << FRACTION_BITS) | fraction;
    const rounded = roundedShift(significand, least - (power - 112));
    // Two steps, for 2 to the power of `least` alone may be too small or the product too large.
    const half = least >> 1;
    return sign * Number(rounded) * 2 ** half * 2 ** (least - half);
  }

  /**
   * The number a C++ ORB on x86-64 meant: its 80-bit image lies in the first ten octets it sent, little
   * endian, with the leading 1 written out.
   */
  asX87(): LongDouble {
    const image = toBits(this.octets);
    const significand = image & 0xffff_ffff_ffff_ffffn;
    const exponent = Number((image >> 64n) & 0x7fffn);
    const negative = ((image >> 79n) & 1n) === 1n;
    if (exponent === ALL_ONES) {
      return fromBits(negative, ALL_ONES, (significand & 0x7fff_ffff_ffff_ffffn) << 49n);
    }
    if (significand === 0n) return fromBits(negative, 0, 0n);
    const power = Math.max(exponent, 1) - BIAS - 63;
    const width = significand.toString(2).length;
    if (power + width - 1 + BIAS > 0) return compose(negative, significand, power);
    return fromBits(negative, 0, significand << 49n);
  }

  /**
   * The reverse of {@link asX87}: what to send to a C++ ORB on x86-64 for this number, rounded to the 64
   * bits its significand has.
   */
  toX87(): LongDouble {
    const bits = toBits(this.octets);
    const sign = (bits >> 127n) << 79n;
    const exponent = (bits >> FRACTION_BITS) & 0x7fffn;
    const one = exponent === 0n ? 0n : 1n << FRACTION_BITS;
    const special = exponent === 0x7fffn;
    const size = (bits & FRACTION) | one;
    const significand = special ? size >> 49n : roundedShift(size, 49);
    // Rounded up to 2 to the power of 64, it is the next power of two.
    const carry = significand >> 64n;
    const image = sign | ((exponent + carry) << 64n) | (significand >> carry);
    return new LongDouble(Buffer.from(image.toString(16).padStart(32, "0"), "hex"));
  }

  toString(): string {
    return String(this.toNumber());
  }
}

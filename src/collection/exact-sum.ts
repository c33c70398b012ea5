/** The smallest number above 0: every finite number is a whole multiple of it. */
const UNIT_EXPONENT = 1074

/**
 * A sum that numbers can be taken out of again, without any rounding in between: a whole number of units of 2^-1074.
 *
 * Rejected: Neumaier's compensated sum, which is exact for one pass and drifts when numbers come and go; recomputing, which is O(n);
 * Shewchuk's partial sums, which are lost when one of them overflows. Adding is one addition of a BigInt of at most 34 machine words.
 */
export class ExactSum {
  #units = 0n
  #nans = 0
  #infinities = 0
  #negativeInfinities = 0
  readonly #bits: DataView = new DataView(new ArrayBuffer(8))

  add(number: number): void {
    this.#change(number, 1)
  }

  remove(number: number): void {
    this.#change(number, -1)
  }

  #change(number: number, by: 1 | -1): void {
    if (number === Number.POSITIVE_INFINITY) this.#infinities += by
    else if (number === Number.NEGATIVE_INFINITY) this.#negativeInfinities += by
    else if (Number.isNaN(number)) this.#nans += by
    else this.#units += this.#unitsOf(by * number)
  }

  #unitsOf(number: number): bigint {
    this.#bits.setFloat64(0, number)
    const high = this.#bits.getUint32(0)
    const exponent = (high >>> 20) & 0x7ff
    // numbers of exponent 0 have no leading 1, and lie as those of exponent 1
    const fraction =
      (BigInt(exponent === 0 ? high & 0xfffff : (high & 0xfffff) | 0x100000) << 32n) +
      BigInt(this.#bits.getUint32(4))
    const units = exponent > 1 ? fraction << BigInt(exponent - 1) : fraction
    return number < 0 ? -units : units
  }

  get result(): number {
    if (this.#nans > 0 || (this.#infinities > 0 && this.#negativeInfinities > 0)) return Number.NaN
    if (this.#infinities > 0) return Number.POSITIVE_INFINITY
    if (this.#negativeInfinities > 0) return Number.NEGATIVE_INFINITY
    const isNegative = this.#units < 0n
    const units = isNegative ? -this.#units : this.#units
    // the highest 64 bits or so, and whether anything is below them: rounded once, by Number
    const shift = Math.max(0, units.toString(16).length * 4 - 64)
    if (shift === 0) return withSign(Number(units) * 2 ** -UNIT_EXPONENT, isNegative)
    const highest = units >> BigInt(shift)
    const rest = highest << BigInt(shift) === units ? 0n : 1n
    return withSign(Number((highest << 1n) | rest) * 2 ** (shift - 1 - UNIT_EXPONENT), isNegative)
  }
}

const withSign = (size: number, isNegative: boolean): number => (isNegative ? -size : size)

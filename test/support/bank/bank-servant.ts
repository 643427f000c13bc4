import * as Bank from "./gen/Bank.ts";

const MOST_LINES = 1_000;

/** The books, in memory: plain data. */
export class BankServant extends Bank.BooksSkeleton {
  readonly balances: Map<string, bigint> = new Map();
  readonly tokens: string[] = [];
  /** Octets that make the state as large as a test wants it. */
  readonly ballast: Uint8Array;

  constructor(ballastOctets: number = 0) {
    super();
    this.ballast = new Uint8Array(ballastOctets);
  }

  add(token: string, account: string, amount: bigint): Bank.Receipt {
    this.tokens.push(token);
    return { place: this.tokens.length, balance: this.#book(account, amount) };
  }

  transfer(token: string, from: string, to: string, amount: bigint): Bank.Receipt {
    const balance = this.balance(from);
    // It was executed, and did nothing else.
    this.tokens.push(token);
    if (balance < amount) throw new Bank.Insufficient({ balance });
    this.#book(to, amount);
    return { place: this.tokens.length, balance: this.#book(from, -amount) };
  }

  balance(account: string): bigint {
    return this.balances.get(account) ?? 0n;
  }

  lines(from: number): readonly string[] {
    return this.tokens.slice(from - 1, from - 1 + MOST_LINES);
  }

  #book(account: string, amount: bigint): bigint {
    const balance = this.balance(account) + amount;
    this.balances.set(account, balance);
    return balance;
  }
}

import { BankServant } from "../../support/bank/bank-servant.ts";

/** Servants that were told that their service has ended. */
export const ended: EndingServant[] = [];

/** A servant that notes its end. */
export class EndingServant extends BankServant implements Disposable {
  [Symbol.dispose](): void {
    ended.push(this);
  }
}

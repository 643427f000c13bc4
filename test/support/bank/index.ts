export { BankServant } from "./bank-servant.ts";
export * as Bank from "./gen/Bank.ts";

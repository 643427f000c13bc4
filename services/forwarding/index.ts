export { ForwardingAgent, type ForwardingAgentOptions } from "./agent.ts";

export { type NetworkHost, NetworkHosts } from "./namespaces.ts";
export { type LinkMode as ProxyMode, TcpProxy } from "../../../services/chaos/index.ts";

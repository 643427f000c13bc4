export { type NetworkHost, NetworkHosts } from "./namespaces.ts";
export { type ProxyMode, TcpProxy } from "./tcp-proxy.ts";

import Glibc

/// The proxy that the environment asks for, by the conventions of curl: `http_proxy` (lower case only, since a CGI server would set the
/// upper-case one from a request header), `https_proxy`, `all_proxy` and `no_proxy`, the latter three in either case.
///
/// Read here and not by libcurl because the address rule depends on the answer: behind a proxy the connected address is the proxy's, which
/// the operator wrote himself and which is private more often than not, and the proxy resolves the target's name. So the rule is then
/// applied to the target's literal address only; what a name leads to is the proxy's to decide.
enum ProxySettings {
    /// The proxy's URL for this target, or nil for a direct connection. Loopback targets never go through a proxy.
    static func proxy(for target: WebAddress, environment: (String) -> String? = environmentVariable) -> String? {
        guard !isLoopback(target.host) else { return nil }
        func either(_ name: String) -> String? { environment(name) ?? environment(name.uppercased()) }
        let chosen = (target.scheme == "https" ? either("https_proxy") : environment("http_proxy")) ?? either("all_proxy")
        guard let chosen, !isExcluded(target.host, by: either("no_proxy") ?? "") else { return nil }
        return chosen
    }

    /// An empty variable counts as unset, as everywhere in this program.
    static func environmentVariable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        guard let address = IPAddress(literal: host) else { return false }
        return address.bytes.count == 4 ? address.bytes[0] == 127 : address.bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// `*` excludes all hosts; an entry excludes its own name or address and, for a name, everything below it.
    private static func isExcluded(_ host: String, by list: String) -> Bool {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return list.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
            if entry == "*" { return true }
            let name = entry.hasPrefix(".") ? entry.dropFirst() : entry
            return bare == name || bare.hasSuffix("." + name)
        }
    }
}

/// Where the server listens.
struct ListenAddress: Equatable {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// From `host:port`, `[ipv6]:port`, or `:port` for the loopback address.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host.isEmpty ? "127.0.0.1" : host, port: port)
    }

    /// As it stands in a URL.
    var urlHost: String { host.contains(":") ? "[\(host)]" : host }
}

extension ListenAddress {
    /// Where to listen; `PORT` alone moves the default address to another port, and wins over the file as every variable does.
    init(_ configuration: Configuration) throws(CommandFailure) {
        if let port = try Self.port(configuration) {
            self.init(host: "127.0.0.1", port: port)
        } else {
            self = try Settings.listen.resolve(configuration)
        }
    }

    /// What `PORT` says; nil when it is not set, or something else wins.
    static func port(_ configuration: Configuration) throws(CommandFailure) -> Int? {
        if configuration.options[Settings.listen.key] != nil || configuration.variable(Settings.listen.variable) != nil { return nil }
        guard let text = configuration.variable("PORT") else { return nil }
        guard let port = Int(text), (0...65_535).contains(port) else {
            throw CommandFailure(.usage, "PORT is “\(text)”; a port number from 0 to 65535 is expected")
        }
        return port
    }
}

import ArgumentParser

/// Options of every command that opens a data directory.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Where everything is kept; made when missing. (default: var)", valueName: "dir"))
    var dataDir: String?

    @Option(name: .long, help: ArgumentHelp("A configuration file: settings and sources, in JSON5. See man kasparro.conf.", valueName: "file"))
    var config: String?

    @Option(name: .long, help: ArgumentHelp("trace, debug, info, notice, warning, error or critical. (default: info)", valueName: "level"))
    var logLevel: String?

    @Option(name: .long, help: ArgumentHelp("text or json. (default: text)", valueName: "format"))
    var logFormat: String?
}

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

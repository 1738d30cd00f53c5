import Glibc
import Ingest

/// The first screen: where everything is, and what to type next.
struct Banner {
    var url: String
    var dataDirectory: String
    var sources: [SourceStatus]
    /// When the sources are loaded.
    var schedule: String
    var tokenOrigin: String
    /// How the token gets into the curl line.
    var tokenExpression: String
    var holdsSampleData: Bool
    var fault: FaultPoint?
    /// Where alerts go, in words.
    var alerts: String

    var text: String {
        let sources = sources.map { source in
            if let quota = source.quotaPerMinute { return "\(source.name) \(quota)/min" }
            return "\(source.name) \(source.detail)"
        }
        var lines = [
            "kasparro \(BuildInformation.version)  pid \(getpid())  data \(dataDirectory)" + (holdsSampleData ? "  (sample data)" : ""),
            "  API      \(url)/data       runs     \(url)/runs",
            "  health   \(url)/health     metrics  \(url)/metrics",
            "  sources  \(sources.joined(separator: " · "))",
            "  schedule \(schedule)",
            "  alerts   \(alerts)",
            "  token    \(tokenOrigin)",
            "  refresh  curl -X POST -H \"Authorization: Bearer \(tokenExpression)\" \(url)/refresh",
        ]
        if holdsSampleData {
            lines.append("  The rows of Historical_Data.csv are sample data, made up; use another --data-dir for your own.")
        }
        if let fault { lines.append("  FAULT    KASPARRO_FAULT=\(fault): this server is made to fail, for demonstrations and tests only") }
        return lines.joined(separator: "\n")
    }
}

import Glibc
import Ingest
import MarketData

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

    /// The same for programs.
    var json: String {
        jsonText { writer in
            writer.member("version", BuildInformation.version)
            writer.member("pid", Int(getpid()))
            writer.member("url", url)
            writer.member("data_dir", dataDirectory)
            writer.member("sample_data", holdsSampleData)
            writer.array("sources", sources) { writer, source in
                writer.beginObject()
                writer.member("name", source.name)
                writer.member("kind", source.kind)
                writer.member("quota_per_minute", source.quotaPerMinute)
                writer.endObject()
            }
            writer.member("schedule", schedule)
            writer.member("alerts", alerts)
            writer.member("token", tokenOrigin)
            writer.member("fault", fault.map { "\($0)" })
        }
    }

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

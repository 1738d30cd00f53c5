import MarketData
import TickerStore

/// What `kasparro status` shows, as a JSON object; the text is made of that, so that both say the same with and without a server.
enum StatusReport {
    /// Without a server.
    ///
    /// - Parameter holder: who has the directory open all the same.
    static func alone(
        _ directory: String,
        storeID: String?,
        holder: String?,
        _ statistics: StoreStatistics,
        _ counts: StoreCounts
    ) -> String {
        jsonText { writer in
            writer.member("data_dir", directory)
            writer.member("store_id", storeID)
            writer.key("counts")
            counts.append(to: &writer)
            writer.key("store")
            statistics.append(to: &writer)
            writer.member("store_reason", statistics.refusal)
            writer.nullMember("server")
            if let holder { writer.member("holder", holder) }
        }
    }

    /// From the server itself.
    static func beside(_ server: RunningServer, storeID: String?) async throws -> String {
        let status = try await server.get("/admin/status")
        let health = try await server.get("/health")
        let statistics = try await server.get("/stats")
        return jsonText { writer in
            func copy(_ name: String, of value: JSONValue?, as key: String? = nil) {
                writer.rawMember(key ?? name, value?.member(name)?.rawBytes ?? Array("null".utf8))
            }
            // As the user named it; the server may have another working directory.
            writer.member("data_dir", server.dataDirectory)
            writer.member("store_id", storeID)
            copy("counts", of: status)
            copy("store", of: status)
            copy("store_reason", of: status)
            writer.key("server")
            writer.beginObject()
            for name in ["pid", "version", "uptime_seconds"] { copy(name, of: status) }
            copy("status", of: health)
            writer.array("reasons", HealthAnswer.reasons(in: health)) { $0.string($1) }
            copy("scheduler", of: health.member("components"))
            copy("schedule", of: statistics)
            copy("alerts", of: status)
            for name in ["run_in_progress", "maintenance"] { copy(name, of: status) }
            copy("run_id", of: statistics, as: "latest_run_id")
            copy("last_successful_run_id", of: statistics)
            copy("status", of: statistics.member("health"), as: "last_run_status")
            writer.endObject()
        }
    }

    /// The report for people.
    static func text(_ json: String) -> String {
        guard let report = try? JSONDocument(parsing: Array(json.utf8)).root else { return json }
        func word(_ name: String, of value: JSONValue?) -> String { value?.member(name).flatMap(Self.word) ?? "-" }
        func size(_ name: String, of value: JSONValue?) -> String { sizeText(Int(value?.member(name)?.integer ?? 0)) }
        let (counts, store) = (report.member("counts"), report.member("store"))
        let sources = counts?.member("by_source")?.members.compactMap { key, rows in "\(key.string ?? ""): \(rows.integer ?? 0)" } ?? []
        var lines = [
            ("data directory", word("data_dir", of: report)),
            ("store id", word("store_id", of: report)),
            ("rows", word("normalized", of: counts) + (sources.isEmpty ? "" : " (\(sources.joined(separator: ", ")))")),
            ("raw records", word("raw", of: counts)),
            ("quarantined", word("quarantined", of: counts)),
            ("segments", word("segments", of: store)),
            ("size", "\(size("bytes", of: store)), \(size("wal_bytes", of: store)) of it write-ahead log"),
            ("last record", word("last_lsn", of: store)),
            ("writing", store?.member("read_only")?.boolValue == true ? "refused: " + word("store_reason", of: report) : "possible"),
        ]
        if let server = report.member("server"), !server.isNull {
            lines += [
                ("server", "pid \(word("pid", of: server)), kasparro \(word("version", of: server)), up \(upTime(server))"),
                ("health", health(server)),
                ("scheduler", schedule(word("scheduler", of: server), server.member("schedule"))),
            ]
            lines += AlertLines.lines(server.member("alerts"))
            lines += [
                ("last run", "\(word("latest_run_id", of: server)), \(word("last_run_status", of: server))"),
                ("running now", word("run_in_progress", of: server)),
                ("maintenance", word("maintenance", of: server)),
            ]
        } else if let holder = report.member("holder")?.string {
            lines.append(("server", holder))
        } else {
            lines.append(("server", "none; start one with: kasparro serve --data-dir \(word("data_dir", of: report))"))
        }
        let width = lines.map(\.0.utf8.count).max() ?? 0
        return lines.map { $0.0 + String(repeating: " ", count: width - $0.0.utf8.count + 2) + $0.1 }.joined(separator: "\n")
    }

    /// `ok`, or `degraded` and why.
    private static func health(_ server: JSONValue) -> String {
        let reasons = server.member("reasons")?.elements.compactMap { $0.string } ?? []
        return (server.member("status")?.string ?? "-") + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))")
    }

    /// `42 s`, `3 h 12 min`, `12 d 3 h`
    private static func upTime(_ server: JSONValue) -> String {
        let seconds = server.member("uptime_seconds")?.integer ?? 0
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3_600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
        default: "\(seconds / 86_400) d \(seconds % 86_400 / 3_600) h"
        }
    }

    /// The state, and when sources are loaded next.
    private static func schedule(_ state: String, _ schedule: JSONValue?) -> String {
        guard let next = schedule?.member("next_tick")?.string else { return state }
        let names = schedule?.member("sources")?.members.filter { $1.member("next_tick")?.string == next }.compactMap { $0.key.string } ?? []
        return "\(state), next at \(next)" + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
    }

    /// The id in the manifest; nil when that cannot be read, which `verify` looks into.
    static func storeID(of directory: String, _ fileSystem: any FileSystem) -> String? {
        guard let bytes = try? fileSystem.contents(directory + "/MANIFEST.json", limit: 64 << 20) else { return nil }
        return (try? JSONDocument(parsing: bytes))?.root.member("store_id")?.string
    }

    private static func word(_ value: JSONValue) -> String? {
        value.isNull ? nil : value.string ?? String(decoding: value.rawBytes, as: UTF8.self)
    }
}

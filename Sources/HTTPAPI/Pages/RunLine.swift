import MarketData

/// What the status page tells of a run, taken from the same text as `/runs` gives.
struct RunLine: Sendable {
    var id: String
    var status: String
    var trigger: String
    var source: String
    var startedAt: Timestamp?
    var durationMilliseconds: Int64?
    var inserted: Int64
    var updated: Int64
    var skipped: Int64
    var quarantined: Int64
    /// What went wrong, the first thing first.
    var problems: [String]
    /// How each source came out.
    var outcomes: [String: String]

    init?(_ run: any RunPresentation) {
        var writer = JSONWriter()
        writer.beginObject()
        run.appendMembers(to: &writer, includingBatches: false)
        writer.endObject()
        guard let root = try? JSONDocument(parsing: writer.bytes).root, let id = root.member("run_id")?.string,
            let status = root.member("status")?.string
        else { return nil }
        func count(_ name: String) -> Int64 { root.member("stats")?.member(name)?.integer ?? 0 }
        self.id = id
        self.status = status
        trigger = root.member("trigger")?.string ?? ""
        source = root.member("source")?.string ?? ""
        startedAt = root.member("started_at")?.string.flatMap { try? Timestamp.parse($0) }
        durationMilliseconds = root.member("duration_ms")?.integer
        inserted = count("inserted")
        updated = count("updated")
        skipped = count("skipped")
        quarantined = count("quarantined")
        problems = (root.member("errors")?.elements.map { $0 } ?? []).compactMap { error in
            error.member("message")?.string.map { message in (error.member("source")?.string).map { "\($0): \(message)" } ?? message }
        }
        outcomes = [:]
        if let sources = root.member("by_source") {
            for (source, result) in sources.members { outcomes[source.string ?? ""] = result.member("status")?.string }
        }
    }
}

import MarketData

/// A finished run as a line of the store's `runs` family: what `/runs/{id}` shows, and what else it takes to read it back.
extension RunRecord {
    /// A log record has 16 MiB at most, a batch 8; of a line of this size the older errors are cut.
    private static let longestLine = 4 << 20

    /// One JSON object without line ends.
    var line: [UInt8] {
        var record = self
        while true {
            let bytes = record.encoded()
            if bytes.count <= Self.longestLine || record.errors.count + record.unmappedFields.count < 2 { return bytes }
            record.errorsLeftOut += record.errors.count / 2
            record.errors.removeFirst(record.errors.count / 2)
            record.unmappedFields.removeLast(record.unmappedFields.count / 2)
        }
    }

    private func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("sequence", sequence)
        appendMembers(to: &writer, includingBatches: true)
        writer.member("remembered", remembered)
        writer.array("ended_sources", endedSources) { $0.string($1) }
        writer.key("pre_run_counts")
        writer.beginObject()
        writer.member("raw", preRunCounts.raw)
        writer.member("normalized", preRunCounts.normalized)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// Reads a line back; nil when it is none.
    init?(line: [UInt8]) {
        guard let root = try? JSONDocument(parsing: line).root, let sequence = root.member("sequence")?.integer,
            let counts = root.member("pre_run_counts"), let statistics = root.member("stats")
        else { return nil }
        self.init(start: root, sequence: Int(sequence), counts: counts)
        fold(end: root, statistics: statistics)
        list(root.member("batches")?.elements.compactMap { BatchSummary($0) } ?? [])
        // Lines of older versions say `totals`.
        totals = (root.member("by_source") ?? root.member("totals")).map { RunTotals.read($0) } ?? [:]
        // Those of others do not, and have no records of unchanged files among the skipped ones.
        for (source, value) in root.member("by_source")?.members.map({ $0 }) ?? [] {
            guard let source = source.string, let duplicates = value.member("duplicates")?.integer, let sums = totals[source] else { continue }
            let remembered = sums.skipped - Int(duplicates)
            if remembered > 0 { rememberedBySource[source] = remembered }
            totals[source]?.skipped = Int(duplicates)
        }
        totals = totals.filter { $0.value.batches > 0 }
    }

    /// The part that is known when a run begins.
    ///
    /// - Parameter counts: Where `raw` and `normalized` are.
    init?(start root: JSONValue, sequence: Int, counts: JSONValue) {
        guard let runID = root.member("run_id")?.string, let trigger = root.member("trigger")?.string, let source = root.member("source")?.string,
            let startedAt = root.member("started_at")?.string.flatMap({ try? Timestamp.parse($0) })
        else { return nil }
        self.init(
            sequence: sequence,
            runID: runID,
            trigger: trigger,
            source: source,
            sources: root.member("sources")?.elements.compactMap { $0.string } ?? [],
            startedAt: startedAt,
            preRunCounts: RunCounts(raw: Int(counts.member("raw")?.integer ?? 0), normalized: Int(counts.member("normalized")?.integer ?? 0))
        )
        resumeFrom = root.member("resume_from").flatMap { ResumePoint($0) }
    }

    /// The part that is known when it has ended.
    ///
    /// - Parameter statistics: Where `throttle_events`, `collisions` and the number of errors are.
    mutating func fold(end root: JSONValue, statistics: JSONValue) {
        status = root.member("status")?.string.flatMap(Status.init) ?? .failed
        completedAt = root.member("completed_at")?.string.flatMap { try? Timestamp.parse($0) }
        remembered = Int(root.member("remembered")?.integer ?? 0)
        throttleEvents = Int(statistics.member("throttle_events")?.integer ?? 0)
        collisions = Int(statistics.member("collisions")?.integer ?? 0)
        endedSources = root.member("ended_sources")?.elements.compactMap { $0.string } ?? []
        // Others may have joined since the start.
        if let joined = root.member("sources") { sources = joined.elements.compactMap { $0.string } }
        errors = root.member("errors")?.elements.compactMap { SourceError($0) } ?? []
        errorsLeftOut = max(0, Int(statistics.member("errors")?.integer ?? 0) - errors.count)
        failedBatches =
            root.member("failed_batches")?.elements.compactMap { value in
                guard let number = value.member("batchNum")?.integer, let source = value.member("source")?.string else { return nil }
                return FailedBatch(number: Int(number), source: source, error: value.member("error")?.string ?? "")
            } ?? []
        for (source, value) in root.member("by_source")?.members.map({ $0 }) ?? [] {
            guard let source = source.string, let text = value.member("status")?.string else { continue }
            outcomes[source] = SourceOutcome(rawValue: text)
        }
        schemaVersion = Int(root.member("schema_version")?.integer ?? 1)
        take(MappingReport(root))
        unmappedFields =
            root.member("unmapped_fields")?.elements.compactMap { value in
                guard let source = value.member("source")?.string, let field = value.member("field")?.string else { return nil }
                return UnmappedField(source: source, field: field)
            } ?? []
    }
}

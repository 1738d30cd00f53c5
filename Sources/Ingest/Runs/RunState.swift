import MarketData
import TickerStore

/// The pieces of a run record in the store's state, and how they are folded.
///
/// | key | value | written with |
/// |---|---|---|
/// | `run/<sequence>` | start: id, trigger, sources, counts | a commit of its own, before the first batch |
/// | `run/<sequence>/batch/<number>` | summary of one batch | that batch |
/// | `run/<sequence>/end` | status, errors | a commit of its own |
enum RunState {
    static let prefix = "run/"

    static func startKey(_ sequence: Int) -> String { prefix + padded(sequence, 10) }
    static func batchKey(_ sequence: Int, _ number: Int) -> String { startKey(sequence) + "/batch/" + padded(number, 8) }
    static func endKey(_ sequence: Int) -> String { startKey(sequence) + "/end" }

    static func start(_ record: RunRecord) -> StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("run_id", record.runID)
        writer.member("trigger", record.trigger)
        writer.member("source", record.source)
        writer.array("sources", record.sources) { $0.string($1) }
        writer.member("started_at", record.startedAt.description)
        writer.member("raw", record.preRunCounts.raw)
        writer.member("normalized", record.preRunCounts.normalized)
        if let resumeFrom = record.resumeFrom {
            writer.key("resume_from")
            resumeFrom.append(to: &writer)
        }
        writer.endObject()
        return StateChange(key: startKey(record.sequence), value: writer.bytes)
    }

    static func batch(_ summary: RunRecord.BatchSummary, sequence: Int) -> StateChange {
        var writer = JSONWriter()
        summary.append(to: &writer)
        return StateChange(key: batchKey(sequence, summary.number), value: writer.bytes)
    }

    static func end(_ record: RunRecord) -> StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("status", record.status.rawValue)
        writer.member("completed_at", record.completedAt?.description)
        writer.member("remembered", record.remembered)
        writer.member("throttle_events", record.throttleEvents)
        writer.member("collisions", record.collisions)
        writer.array("sources", record.sources) { $0.string($1) }
        writer.array("errors", record.errors) { $1.append(to: &$0) }
        writer.array("failed_batches", record.failedBatches) { writer, batch in
            writer.beginObject()
            writer.member("batchNum", batch.number)
            writer.member("source", batch.source)
            writer.member("error", batch.error)
            writer.endObject()
        }
        writer.array("unmapped_fields", record.unmappedFields) { writer, unmapped in
            writer.beginObject()
            writer.member("source", unmapped.source)
            writer.member("field", unmapped.field)
            writer.endObject()
        }
        writer.endObject()
        return StateChange(key: endKey(record.sequence), value: writer.bytes)
    }

    /// The runs in the state, oldest first. A piece that cannot be read is left out.
    static func fold(_ state: [(key: String, value: [UInt8])]) -> [RunRecord] {
        var runs: [Int: RunRecord] = [:]
        // Keys come sorted, so a start precedes its batches and its end.
        for (key, value) in state where key.hasPrefix(prefix) {
            let parts = key.dropFirst(prefix.count).split(separator: "/")
            guard let sequence = parts.first.flatMap({ Int($0) }), let root = try? JSONDocument(parsing: value).root else { continue }
            switch parts.count {
            case 1: runs[sequence] = started(root, sequence: sequence)
            case 2: runs[sequence]?.fold(end: root)
            default: if let summary = RunRecord.BatchSummary(root) { runs[sequence]?.batches.append(summary) }
            }
        }
        return runs.values.sorted { $0.sequence < $1.sequence }
    }

    private static func started(_ root: JSONValue, sequence: Int) -> RunRecord? {
        guard let runID = root.member("run_id")?.string, let trigger = root.member("trigger")?.string, let source = root.member("source")?.string,
            let startedAt = root.member("started_at")?.string.flatMap({ try? Timestamp.parse($0) })
        else { return nil }
        var record = RunRecord(
            sequence: sequence,
            runID: runID,
            trigger: trigger,
            source: source,
            sources: root.member("sources")?.elements.compactMap { $0.string } ?? [],
            startedAt: startedAt,
            preRunCounts: RunCounts(raw: Int(root.member("raw")?.integer ?? 0), normalized: Int(root.member("normalized")?.integer ?? 0))
        )
        record.resumeFrom = root.member("resume_from").flatMap { RunRecord.ResumePoint($0) }
        return record
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension RunRecord {
    fileprivate mutating func fold(end root: JSONValue) {
        status = root.member("status")?.string.flatMap(Status.init) ?? .failed
        completedAt = root.member("completed_at")?.string.flatMap { try? Timestamp.parse($0) }
        remembered = Int(root.member("remembered")?.integer ?? 0)
        throttleEvents = Int(root.member("throttle_events")?.integer ?? 0)
        collisions = Int(root.member("collisions")?.integer ?? 0)
        // Others may have joined since the start.
        if let joined = root.member("sources") { sources = joined.elements.compactMap { $0.string } }
        errors = root.member("errors")?.elements.compactMap { SourceError($0) } ?? []
        failedBatches =
            root.member("failed_batches")?.elements.compactMap { value in
                guard let number = value.member("batchNum")?.integer, let source = value.member("source")?.string else { return nil }
                return FailedBatch(number: Int(number), source: source, error: value.member("error")?.string ?? "")
            } ?? []
        unmappedFields =
            root.member("unmapped_fields")?.elements.compactMap { value in
                guard let source = value.member("source")?.string, let field = value.member("field")?.string else { return nil }
                return UnmappedField(source: source, field: field)
            } ?? []
    }
}

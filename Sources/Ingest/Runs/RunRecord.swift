package import MarketData

/// What a run did, as `/runs` shows it (spec section 6).
///
/// On disk it is in pieces: a start, one summary a batch, each in the batch's own commit, and an end. A record is folded from them.
package struct RunRecord: Sendable {
    package enum Status: String, Sendable {
        case running
        case success
        case partialSuccess = "partial_success"
        case failed
    }

    package struct BatchSummary: Sendable, Equatable {
        package var number: Int
        package var source: String
        /// Records that went into the batch.
        package var rows = 0
        package var inserted = 0
        package var updated = 0
        package var skipped = 0
        package var quarantined = 0
        package var durationMilliseconds = 0
    }

    package struct SourceError: Sendable, Equatable {
        package var source: String
        package var type: ErrorType
        package var message: String
        package var at: Timestamp
    }

    package struct FailedBatch: Sendable, Equatable {
        package var number: Int
        package var source: String
        package var error: String
    }

    /// The closed set of `etl_errors_total.type` (spec section 10).
    package enum ErrorType: String, Sendable, CaseIterable {
        case network, timeout, tls
        case httpStatus = "http_status"
        case rateLimited = "rate_limited"
        case budget, parse, shape
        case tooLarge = "too_large"
        case schema, data, store, interrupted
    }

    /// Orders runs; not a clock.
    package var sequence: Int
    package var runID: String
    package var trigger: String
    /// A source's name, or `all`.
    package var source: String
    package var sources: [String]
    package var status = Status.running
    package var startedAt: Timestamp
    package var completedAt: Timestamp?
    package var batches: [BatchSummary] = []
    package var failedBatches: [FailedBatch] = []
    package var errors: [SourceError] = []
    /// Fields of the sources that give nothing, as `source` and `field`.
    package var unmappedFields: [UnmappedField] = []
    /// Records of files that were not opened because nothing about them had changed.
    package var remembered = 0
    package var throttleEvents = 0
    /// Records of a page that had the identity of an earlier one in it.
    package var collisions = 0
    /// What the store held when the run began.
    package var preRunCounts: RunCounts

    /// The run that this one goes on after; nil for a run from the start.
    package var resumeFrom: ResumePoint?

    package struct ResumePoint: Sendable, Equatable {
        /// The first batch of this run: the one behind the last that was committed.
        package var batch: Int
        package var runID: String
        package var source: String
        package var sources: [String]
    }

    package struct UnmappedField: Sendable, Equatable {
        package var source: String
        package var field: String
    }
}

/// Counts of the store that `/refresh` shows.
package struct RunCounts: Sendable, Equatable {
    package var raw: Int
    package var normalized: Int

    package init(raw: Int, normalized: Int) {
        self.raw = raw
        self.normalized = normalized
    }
}

/// Batch summaries that `/runs/{id}` lists; more are only counted.
private let listedBatches = 1_000

extension RunRecord {
    package var inserted: Int { batches.reduce(0) { $0 + $1.inserted } }
    var updated: Int { batches.reduce(0) { $0 + $1.updated } }
    var duplicates: Int { batches.reduce(0) { $0 + $1.skipped } }
    var quarantined: Int { batches.reduce(0) { $0 + $1.quarantined } }
    var extracted: Int { batches.reduce(0) { $0 + $1.rows } }
    var skipped: Int { duplicates + remembered }
    /// A run that goes on after another numbers on from there.
    var firstBatchNumber: Int { resumeFrom?.batch ?? 1 }
    /// The number behind the last committed batch.
    var nextBatchNumber: Int { (batches.last?.number ?? firstBatchNumber - 1) + 1 }
    /// The source whose batch came last, or would have come first.
    var unfinishedSource: String { batches.last?.source ?? sources.first ?? "" }
    /// Whether the process was killed or stopped in the middle of the run.
    var wasInterrupted: Bool { status == .failed && errors.contains { $0.type == .interrupted } }
    package var durationMilliseconds: Int64? { completedAt.map { max(0, $0.milliseconds - startedAt.milliseconds) } }

    /// Writes the members of spec section 6 into an object that is open.
    package func appendMembers(to writer: inout JSONWriter, includingBatches: Bool) {
        writer.member("run_id", runID)
        writer.member("trigger", trigger)
        writer.member("source", source)
        writer.array("sources", sources) { $0.string($1) }
        writer.member("status", status.rawValue)
        writer.member("schema_version", 1)
        writer.member("started_at", startedAt.description)
        writer.member("completed_at", completedAt?.description)
        writer.member("duration_ms", durationMilliseconds)
        if includingBatches { writer.array("batches", Array(batches.suffix(listedBatches))) { $1.append(to: &$0) } }
        writer.member("batches_total", batches.count)
        writer.array("failed_batches", failedBatches) { writer, batch in
            writer.beginObject()
            writer.member("batchNum", batch.number)
            writer.member("source", batch.source)
            writer.member("error", batch.error)
            writer.endObject()
        }
        if let resumeFrom {
            writer.key("resume_from")
            resumeFrom.append(to: &writer)
        } else {
            writer.nullMember("resume_from")
        }
        for name in ["applied_mappings", "quarantined_mappings"] { writer.array(name, [Int]()) { $0.number($1) } }
        writer.array("unmapped_fields", unmappedFields) { writer, unmapped in
            writer.beginObject()
            writer.member("source", unmapped.source)
            writer.member("field", unmapped.field)
            writer.endObject()
        }
        writer.array("type_changes", [Int]()) { $0.number($1) }
        writer.array("errors", errors) { $1.append(to: &$0) }
        appendStatistics(to: &writer)
    }

    private func appendStatistics(to writer: inout JSONWriter) {
        writer.key("stats")
        writer.beginObject()
        writer.member("extracted", extracted)
        writer.member("loaded", inserted + updated)
        writer.member("inserted", inserted)
        writer.member("updated", updated)
        writer.member("duplicates", duplicates)
        writer.member("skipped", skipped)
        writer.member("quarantined", quarantined)
        writer.member("collisions", collisions)
        writer.member("outliers", 0)
        writer.member("errors", errors.count)
        writer.member("throttle_events", throttleEvents)
        writer.endObject()
    }
}

extension RunRecord.ResumePoint {
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("batch", batch)
        writer.member("run_id", runID)
        writer.member("source", source)
        writer.array("sources", sources) { $0.string($1) }
        writer.endObject()
    }

    init?(_ value: JSONValue) {
        guard let batch = value.member("batch")?.integer, let runID = value.member("run_id")?.string, let source = value.member("source")?.string
        else { return nil }
        self.init(batch: Int(batch), runID: runID, source: source, sources: value.member("sources")?.elements.compactMap { $0.string } ?? [])
    }
}

extension RunRecord.BatchSummary {
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("no", number)
        writer.member("source", source)
        writer.member("rows", rows)
        writer.member("inserted", inserted)
        writer.member("updated", updated)
        writer.member("skipped", skipped)
        writer.member("quarantined", quarantined)
        writer.member("status", "success")
        writer.member("duration_ms", durationMilliseconds)
        writer.endObject()
    }

    init?(_ value: JSONValue) {
        guard let number = value.member("no")?.integer, let source = value.member("source")?.string else { return nil }
        func count(_ name: String) -> Int { Int(value.member(name)?.integer ?? 0) }
        self.init(
            number: Int(number),
            source: source,
            rows: count("rows"),
            inserted: count("inserted"),
            updated: count("updated"),
            skipped: count("skipped"),
            quarantined: count("quarantined"),
            durationMilliseconds: count("duration_ms")
        )
    }
}

extension RunRecord.SourceError {
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("source", source)
        writer.member("type", type.rawValue)
        writer.member("message", message)
        writer.member("at", at.description)
        writer.endObject()
    }

    init?(_ value: JSONValue) {
        guard let source = value.member("source")?.string, let type = value.member("type")?.string.flatMap(RunRecord.ErrorType.init),
            let message = value.member("message")?.string, let at = value.member("at")?.string, let time = try? Timestamp.parse(at)
        else { return nil }
        self.init(source: source, type: type, message: message, at: time)
    }
}

extension JSONWriter {
    /// Writes a member whose value is an array.
    mutating func array<Element>(_ key: String, _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void) {
        self.key(key)
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }
}

extension RunRecord {
    /// Closes a run that was going on when its process died: the batch behind the last committed one failed (spec section 6).
    mutating func closeKilled(at time: Timestamp) {
        status = .failed
        completedAt = time
        let message = "the process ended in the middle of the run; the next run goes on after its last committed batch"
        failedBatches = [FailedBatch(number: nextBatchNumber, source: unfinishedSource, error: message)]
        errors.append(SourceError(source: source, type: .interrupted, message: message, at: time))
    }
}

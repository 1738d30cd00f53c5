package import MarketData

extension RunRecord {
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
        if includingBatches { writer.array("batches", batches.suffix(Self.listedBatches)) { $1.append(to: &$0) } }
        writer.member("batches_total", batchCount)
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
        writer.member("too_old", tooOld)
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
        writer.member("too_old", tooOld)
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
            tooOld: count("too_old"),
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

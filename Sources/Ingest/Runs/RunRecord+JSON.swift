package import MarketData

extension RunRecord {
    /// Writes the members of spec section 6 into an object that is open.
    package func appendMembers(to writer: inout JSONWriter, includingBatches: Bool) {
        writer.member("run_id", runID)
        writer.member("trigger", trigger)
        writer.member("source", source)
        writer.array("sources", sources) { $0.string($1) }
        writer.member("status", status.rawValue)
        writer.member("schema_version", schemaVersion)
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
        writer.array("applied_mappings", appliedMappings) { $1.append(to: &$0) }
        writer.array("quarantined_mappings", quarantinedMappings) { $1.append(to: &$0) }
        writer.array("unmapped_fields", unmappedFields) { writer, unmapped in
            writer.beginObject()
            writer.member("source", unmapped.source)
            writer.member("field", unmapped.field)
            writer.endObject()
        }
        writer.array("type_changes", typeChanges) { $1.append(to: &$0) }
        writer.array("errors", errors) { $1.append(to: &$0) }
        appendSources(to: &writer)
        appendStatistics(to: &writer)
    }

    /// What came of each source.
    private func appendSources(to writer: inout JSONWriter) {
        writer.key("by_source")
        writer.beginObject()
        for source in sources + totals.keys.filter({ !sources.contains($0) }).sorted() {
            writer.key(source)
            writer.beginObject()
            writer.member("status", outcomes[source]?.rawValue ?? (status == .running ? "running" : "unfinished"))
            var sums = totals[source] ?? RunTotals()
            let duplicates = sums.skipped
            // As in the sums of the run: what was not read again is skipped, too.
            sums.skipped += rememberedBySource[source] ?? 0
            sums.appendMembers(to: &writer)
            writer.member("duplicates", duplicates)
            writer.endObject()
        }
        writer.endObject()
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
        writer.member("outliers", outliers)
        writer.member("outliers_untested", outliersUntested)
        writer.member("errors", errorCount)
        writer.member("throttle_events", throttleEvents)
        writer.endObject()
    }
}

extension RunRecord.Mapping {
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("source", source)
        writer.member("from", from)
        writer.member("to", to)
        writer.key("confidence")
        writer.number(literal: Array(Self.literal(hundredths: confidence).utf8))
        writer.array("reasons", reasons) { $0.string($1) }
        writer.endObject()
    }

    init?(_ value: JSONValue) {
        guard let source = value.member("source")?.string, let from = value.member("from")?.string, let to = value.member("to")?.string
        else { return nil }
        let confidence = value.member("confidence").flatMap { Self.hundredths($0) } ?? 0
        let reasons = value.member("reasons")?.elements.compactMap(\.string) ?? []
        self.init(source: source, from: from, to: to, confidence: confidence, reasons: reasons)
    }

    /// `0.92` is 92.
    static func hundredths(_ value: JSONValue) -> Int? {
        value.withRaw { Double(String(decoding: $0.bytes, as: UTF8.self)) }.map { Int(($0 * 100).rounded()) }
    }

    /// 92 is `0.92`, 100 is `1`.
    package static func literal(hundredths: Int) -> String {
        let rest = hundredths % 100
        let digits = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
        return rest == 0 ? "\(hundredths / 100)" : "\(hundredths / 100).\(digits)"
    }
}

extension RunRecord.TypeChange {
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("source", source)
        writer.member("field", field)
        writer.member("from", from)
        writer.member("to", to)
        writer.endObject()
    }

    init?(_ value: JSONValue) {
        guard let source = value.member("source")?.string, let field = value.member("field")?.string, let from = value.member("from")?.string,
            let to = value.member("to")?.string
        else { return nil }
        self.init(source: source, field: field, from: from, to: to)
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
        writer.member("outliers", outliers)
        writer.member("outliers_untested", outliersUntested)
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
            outliers: count("outliers"),
            outliersUntested: count("outliers_untested"),
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

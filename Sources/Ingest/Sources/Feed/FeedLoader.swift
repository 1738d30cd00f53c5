import CoreMetrics
import MarketData

/// Turns a feed's page into batches (spec section 2); on the run's thread.
struct FeedLoader {
    /// For the `Accept` header.
    static let mediaTypes = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8"

    let name: String
    let source: FeedSource
    let run: ActiveRun

    func load(_ page: HTTPPage) -> SourceOutcome {
        let started = run.environment.now().monotonic
        defer { IngestMetrics.latency(.transform).recordMilliseconds(run.environment.now().monotonic - started) }
        if let other = Self.otherThanXML(page.body) {
            run.report(other.type, source: name, "\(page.place): \(other.what) where a feed is expected; it begins: \(excerpt(page.body))")
            return .failed
        }
        do throws(FeedPath.Failure) {
            return try read(page)
        } catch {
            run.report(.schema, source: name, "the configuration: \(error)")
            return .failed
        }
    }

    private func read(_ page: HTTPPage) throws(FeedPath.Failure) -> SourceOutcome {
        let records: [String]? = if let text = source.records { try FeedPath.records(text) } else { nil }
        var rows = FeedRows(
            fields: try FeedField.all(of: source),
            intake: RecordIntake(name: name, place: page.place, fetchedAt: page.fetchedAt, format: source.format, run: run)
        )
        let reader = FeedReader(records: records, paths: rows.fields.map(\.path)) { [run] record in
            rows.add(record)
            return !run.mustStop && rows.intake.rejected < CSVLoader.maximumBadRecords
        }
        var failure: FeedFailure?
        do throws(FeedFailure) { try reader.read(page.body) } catch { failure = error }
        if run.mustStop { return .failed }
        if let failure {
            let isBeginning = reader.recordCount == 0
            let context = isBeginning ? "it begins: \(excerpt(page.body))" : "records before that, which are kept: \(reader.recordCount)"
            run.report(failure.errorType, source: name, "\(page.place): \(failure); \(context)")
        } else if reader.recordCount == 0 {
            if source.allowsEmpty { return .loaded }
            run.report(
                .shape,
                source: name,
                "\(page.place): the feed has no records\(source.records.map { " at '\($0)'" } ?? ""); it begins: \(excerpt(page.body))"
            )
        }
        guard reader.recordCount > 0 else { return .failed }
        let absentFields = rows.absent.filter { source.format.constants[$0.field] == nil }
        if !absentFields.isEmpty {
            let absent = absentFields.map { "\($0.path) (\($0.field.rawValue))" }.joined(separator: ", ")
            run.report(
                .schema,
                source: name,
                "\(page.place): no record has \(absent); the first one has \(rows.pathsOfFirst.joined(separator: ", "))"
            )
        }
        let isTooBad = rows.intake.rejected >= CSVLoader.maximumBadRecords
        if isTooBad {
            let count = rows.intake.rejected
            run.report(.data, source: name, "\(page.place): too_many_bad_records: \(count) records of this run are in quarantine")
        }
        var outcome = rows.intake.finish(isCut: isTooBad)
        if isTooBad { outcome.join(.failed) }
        if failure != nil { outcome.join(.failed) }
        return outcome
    }

    /// What a body is when its first bytes say that it is no XML document: servers answer with status 200 and something else.
    private static func otherThanXML(_ body: [UInt8]) -> (type: RunRecord.ErrorType, what: String)? {
        var start = body[...]
        if start.starts(with: [0xEF, 0xBB, 0xBF]) { start = start.dropFirst(3) }
        start = start.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = start.first else { return (.parse, "an empty answer") }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return (.shape, "JSON") }
        let head = start.prefix(14).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        if head.starts(with: "<!doctype html".utf8) || head.starts(with: "<html".utf8) { return (.shape, "an HTML page") }
        return nil
    }
}

/// A field and where a record has it.
private struct FeedField {
    let field: TickerField
    let path: FeedPath

    /// Not in the dictionary's order: the reasons of a record in quarantine are to be the same each time.
    static func all(of source: FeedSource) throws(FeedPath.Failure) -> [FeedField] {
        var fields: [FeedField] = []
        for field in TickerField.allCases {
            if let path = source.fields[field] { fields.append(FeedField(field: field, path: try FeedPath(path))) }
        }
        return fields
    }
}

/// Gives records to the intake, and remembers which fields none of them had.
private struct FeedRows {
    /// Names of a record that a message shows.
    private static let shownPaths = 20

    let fields: [FeedField]
    var intake: RecordIntake
    private(set) var pathsOfFirst: [String] = []
    private var wasFound: [Bool]
    private var raw: [UInt8] = []

    init(fields: [FeedField], intake: RecordIntake) {
        self.fields = fields
        self.intake = intake
        wasFound = fields.map { _ in false }
    }

    /// Required fields whose path led to nothing in all records.
    var absent: [FeedField] { zip(fields, wasFound).filter { !$1 && TickerField.required.contains($0.field) }.map(\.0) }

    mutating func add(_ record: FeedRecord) {
        if record.position == 0 { pathsOfFirst = record.shownPaths(atMost: Self.shownPaths) }
        raw.removeAll(keepingCapacity: true)
        guard record.appendRaw(to: &raw) else { return intake.reject(raw[...], reason: "record_too_long", position: record.position) }
        intake.draft.begin()
        for (index, field) in fields.enumerated() {
            _ = record.withText(at: field.path) { text in
                wasFound[index] = true
                if text.count > FeedRecord.maximumFieldBytes {
                    intake.draft.reject("field_too_long")
                } else {
                    intake.draft.set(field.field, text: text)
                }
            }
        }
        intake.add(raw[...], position: record.position)
    }
}

extension FeedReader {
    /// Reads a whole document.
    func read(_ document: [UInt8]) throws(FeedFailure) {
        try document.withUnsafeBufferPointer { bytes throws(FeedFailure) in try read(bytes, isLast: true) }
    }
}

import CoreMetrics
import MarketData

/// Turns a feed's page into batches (spec section 2); on the run's thread.
struct FeedLoader {
    /// For the `Accept` header.
    static let mediaTypes = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8"

    let name: String
    let source: FeedSource
    let mode: SourceDefinition.SchemaMode
    let run: ActiveRun

    /// Of a text so much is looked at to find out what it is.
    private static let sampledBytes = 256

    init(name: String, source: FeedSource, mode: SourceDefinition.SchemaMode = .infer, run: ActiveRun) {
        self.name = name
        self.source = source
        self.mode = mode
        self.run = run
    }

    /// Builds a document's rows and submits them.
    ///
    /// - Parameter memo: what to remember of the document if all is well with it.
    func load(_ page: HTTPPage, memo: PageMemo? = nil) -> SourceOutcome {
        let started = run.environment.now().monotonic
        defer { IngestMetrics.latency(.transform).recordMilliseconds(run.environment.now().monotonic - started) }
        if let other = Self.otherThanXML(page.body) {
            run.report(other.type, source: name, "\(page.place): \(other.what) where a feed is expected; it begins: \(excerpt(page.body))")
            return .failed
        }
        do throws(FeedPath.Failure) {
            return try read(page, memo)
        } catch {
            run.report(.schema, source: name, "the configuration: \(error)")
            return .failed
        }
    }

    private func read(_ page: HTTPPage, _ memo: PageMemo?) throws(FeedPath.Failure) -> SourceOutcome {
        let records: [String]? = if let text = source.records { try FeedPath.records(text) } else { nil }
        let shape = try decide(page, records: records)
        var rows = FeedRows(
            fields: try FeedField.all(of: source, shape.decision, run.schemas.registry.approvals(of: name)),
            currencies: FeedCurrency.all(of: shape.decision),
            shape: shape,
            run: run,
            intake: RecordIntake(name: name, place: page.place, fetchedAt: page.fetchedAt, format: source.format, run: run)
        )
        let reader = FeedReader(records: records, paths: rows.fields.map(\.path) + rows.currencies.map(\.path)) { [run] record in
            rows.add(record)
            return !run.mustStop && !rows.intake.hasFailed && rows.intake.rejected < CSVLoader.maximumBadRecords
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
        if let complaint = shape.decision.complaint(source: name, declared: source.fields) {
            run.report(.schema, source: name, "\(page.place): \(complaint)")
        }
        let isTooBad = rows.intake.rejected >= CSVLoader.maximumBadRecords
        if isTooBad {
            let count = rows.intake.rejected
            run.report(.data, source: name, "\(page.place): too_many_bad_records: \(count) records of this run are in quarantine")
        }
        var outcome = rows.intake.finish(memo: failure == nil && !isTooBad ? memo : nil, isCut: isTooBad)
        if isTooBad { outcome.join(.failed) }
        if failure != nil { outcome.join(.failed) }
        return outcome
    }

    /// Finds out what gives our fields, from the first records.
    private func decide(_ page: HTTPPage, records: [String]?) throws(FeedPath.Failure) -> KnownShape {
        var sample = TextSample()
        let declared = try FeedField.all(of: source, SchemaDecision()).map(\.path)
        let reader = FeedReader(records: records, paths: declared) { record in
            sample.add(record.texts(atMost: Self.sampledBytes))
            return !sample.isFull
        }
        // What is wrong with the document is said when it is read for its rows.
        try? reader.read(page.body)
        let names = sample.sample.fields.map(\.name)
        let rules = SchemaRules(source, mode: mode)
        let shape = run.shape(of: name, names: names, rules: rules, isOpen: true) { sample.sample }
        var given: [TickerField: MappingDecision] = [:]
        for (field, value) in source.format.constants { given[field] = MappingDecision(field: field.rawValue, from: value, reason: .constant) }
        run.note([MappingDecision](shape.decision, given: given))
        return shape
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
struct FeedField {
    let field: TickerField
    let path: FeedPath

    /// Not in the dictionary's order: the reasons of a record in quarantine are to be the same each time.
    static func all(
        of source: FeedSource,
        _ decision: SchemaDecision,
        _ approvals: SchemaApprovals = SchemaApprovals()
    ) throws(FeedPath.Failure) -> [FeedField] {
        var fields: [FeedField] = []
        for field in TickerField.allCases {
            let declared = source.fields[field].flatMap { approvals.forbids($0, field) ? nil : $0 }
            if let path = decision.match(for: field)?.from ?? declared {
                fields.append(FeedField(field: field, path: try FeedPath(path)))
            }
        }
        return fields
    }
}

/// A field in which a record must not say another currency, and where a record has it.
struct FeedCurrency {
    let field: CurrencyField
    let path: FeedPath

    static func all(of decision: SchemaDecision) -> [FeedCurrency] {
        decision.checkedCurrencies.compactMap { field in (try? FeedPath(field.name)).map { FeedCurrency(field: field, path: $0) } }
    }
}

/// Gives records to the intake.
private struct FeedRows {
    let fields: [FeedField]
    let currencies: [FeedCurrency]
    private var shape: KnownShape
    private let run: ActiveRun
    var intake: RecordIntake
    private var raw: [UInt8] = []

    init(fields: [FeedField], currencies: [FeedCurrency], shape: KnownShape, run: ActiveRun, intake: RecordIntake) {
        self.fields = fields
        self.currencies = currencies
        self.shape = shape
        self.run = run
        self.intake = intake
        self.intake.draft.unmappedReasons = shape.decision.unmappedReasons
    }

    mutating func add(_ record: FeedRecord) {
        raw.removeAll(keepingCapacity: true)
        guard record.appendRaw(to: &raw) else { return intake.reject(raw[...], reason: "record_too_long", position: record.position) }
        intake.draft.begin()
        for field in fields {
            _ = record.withText(at: field.path) { text in
                if text.count > FeedRecord.maximumFieldBytes {
                    intake.draft.reject("field_too_long")
                } else {
                    intake.draft.set(field.field, text: text)
                }
            }
        }
        for currency in currencies { _ = record.withText(at: currency.path) { intake.draft.check(currency.field, $0) } }
        if intake.add(raw[...], position: record.position), !shape.types.holds(intake.draft.types) {
            shape = run.note(intake.draft.types, of: shape)
        }
    }
}

extension FeedReader {
    /// Reads a whole document.
    func read(_ document: [UInt8]) throws(FeedFailure) {
        try document.withUnsafeBufferPointer { bytes throws(FeedFailure) in try read(bytes, isLast: true) }
    }
}

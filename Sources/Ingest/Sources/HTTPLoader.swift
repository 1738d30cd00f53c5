import CoreMetrics
import MarketData
import TickerStore

/// Turns pages of records into batches; on the run's thread.
struct HTTPLoader {
    /// Of a record that is too long so much is kept.
    private static let keptOfLong = 64 << 10

    let name: String
    let source: HTTPSource
    private let mode: SourceDefinition.SchemaMode
    let run: ActiveRun
    /// What is declared.
    private let declared: [(field: TickerField, pointer: JSONPointer)]
    /// Where the fields are in records of the page.
    private var paths: [(field: TickerField, pointer: JSONPointer)]
    /// Where records must not say another currency.
    private var currencies: [(field: CurrencyField, pointer: JSONPointer)] = []
    /// Where records say how good they are.
    private var rank: RankField?
    private var shape: KnownShape?
    private let takesArrays: Bool
    private let takesScalars: Bool
    /// Records of this run that are in quarantine.
    private(set) var badRecords = 0

    init(name: String, source: HTTPSource, mode: SourceDefinition.SchemaMode = .infer, run: ActiveRun) {
        self.name = name
        self.source = source
        self.mode = mode
        self.run = run
        // In one order, so that a record that waits in the quarantine has the same reasons when it comes again.
        declared = TickerField.allCases.compactMap { field in source.fields[field].flatMap { JSONPointer($0) }.map { (field, $0) } }
        paths = declared
        // The name of a map's member is no place inside a record.
        let inside = declared.map(\.pointer.tokens).filter { source.form != .map || $0 != [[]] }
        takesScalars = inside.contains([])
        takesArrays = !inside.isEmpty && inside.allSatisfy { $0.first?.allSatisfy { (0x30...0x39).contains($0) } ?? false }
    }

    /// Whether the source is to end: because of its bad records, or because building failed.
    var mustEnd: Bool { hasTooManyBadRecords || hasFailed }
    private var hasTooManyBadRecords: Bool { badRecords >= CSVLoader.maximumBadRecords }
    private var hasFailed = false

    /// Builds a page's rows and submits them.
    ///
    /// - Parameters:
    ///   - start: says that the page is not done; goes with all its batches but the last.
    ///   - end: says that it is; goes with the last.
    ///   - memo: what to remember of the page once it is.
    ///   - waiting: for records out of the quarantine.
    mutating func load(
        _ page: ParsedPage,
        start: StateChange? = nil,
        end: StateChange? = nil,
        memo: PageMemo? = nil,
        waiting: WaitingRecords? = nil
    ) -> SourceOutcome {
        let started = run.environment.now().monotonic
        defer { IngestMetrics.latency(.transform).recordMilliseconds(run.environment.now().monotonic - started) }
        var intake = RecordIntake(
            name: name,
            place: page.place,
            fetchedAt: page.fetchedAt,
            format: source.format,
            run: run,
            expected: page.records.count,
            checkpoint: start
        )
        intake.waiting = waiting
        let shape = decide(page)
        intake.draft.unmappedReasons = shape.decision.unmappedReasons
        if waiting == nil { expectRanks(of: page, in: &intake) }
        let before = badRecords
        page.records.forEach { index, record in
            add(record, at: index, to: &intake)
            badRecords = before + intake.rejected
            // Asking takes a lock, so not for each record.
            return !hasTooManyBadRecords && !intake.hasFailed && (index & 0xFF != 0 || !run.mustStop)
        }
        defer { hasFailed = intake.hasFailed }
        guard hasTooManyBadRecords, !run.mustStop else {
            return intake.finish(end, memo: memo, hint: shape.decision.complaint(source: name, declared: source.fields) ?? "")
        }
        run.report(.data, source: name, "\(page.place): too_many_bad_records: \(badRecords) records of this run are in quarantine")
        return intake.finish(start, isCut: true)
    }

    private mutating func add(_ record: PageRecord, at index: Int, to intake: inout RecordIntake) {
        if let reason = record.reason ?? unfit(record.value) {
            let content = record.raw.count > PageRecord.longest ? record.raw.prefix(Self.keptOfLong) : record.raw
            return intake.reject(content, reason: reason, position: index)
        }
        fill(&intake.draft, from: record)
        if intake.add(record.raw, position: index), let shape, !shape.types.holds(intake.draft.types) {
            self.shape = run.note(intake.draft.types, of: shape)
        }
    }

    private func fill(_ draft: inout RowDraft, from record: PageRecord) {
        draft.begin()
        for (field, pointer) in paths { draft.set(field, json: isKey(pointer) ? record.key : record.value?.pointer(pointer)) }
        for (field, pointer) in currencies {
            var text: [UInt8] = []
            if record.value?.pointer(pointer)?.appendString(to: &text) == true { draft.check(field, text.span) }
        }
    }

    /// Looks through a page whose records do not come by their rank, so that of two with one identity the better one is known beforehand.
    private func expectRanks(of page: ParsedPage, in intake: inout RecordIntake) {
        guard let rank else { return }
        var last: Int64 = 0
        var isInOrder = true
        page.records.forEach { _, record in
            let next = rank.rank(of: record.value)
            isInOrder = next >= last
            last = next
            return isInOrder
        }
        if isInOrder { return }
        page.records.forEach { index, record in
            if record.reason == nil, unfit(record.value) == nil {
                fill(&intake.draft, from: record)
                intake.expect(rank: rank.rank(of: record.value))
            }
            return index & 0xFF != 0 || !run.mustStop
        }
    }

    /// Whether a pointer stands for the name of a map's member.
    private func isKey(_ pointer: JSONPointer) -> Bool { source.form == .map && pointer.tokens == [[]] }

    // MARK: Shape

    /// Finds out where the fields are in the page's records.
    private mutating func decide(_ page: ParsedPage) -> KnownShape {
        var rules = SchemaRules(source, mode: mode)
        // What is no field inside the records is given in any case.
        let outside = declared.filter { isKey($0.pointer) || $0.pointer.tokens.isEmpty }.map(\.field)
        rules.constants.formUnion(outside)
        var names = RecordNames(page.records).names
        // A declared pointer may lead where nobody looks for names, as into an array.
        for pair in rules.declared where !names.contains(pair.from) && !rules.constants.contains(pair.to) && isIn(page, pair.from) {
            names.append(pair.from)
        }
        rank = RankField(among: names)
        let shape = run.shape(of: name, names: names, rules: rules, isOpen: true) { SchemaSample(page.records, names: names) }
        let approvals = run.schemas.registry.approvals(of: name)
        paths = TickerField.allCases.compactMap { field in
            let found = shape.decision.match(for: field).flatMap { JSONPointer($0.from) }
            // A declared field may come in later records; not one that somebody has forbidden.
            let isForbidden = source.fields[field].map { approvals.forbids($0, field) } ?? false
            return (found ?? (isForbidden ? nil : declared.first { $0.field == field }?.pointer)).map { (field, $0) }
        }
        currencies = shape.decision.checkedCurrencies.compactMap { field in JSONPointer(field.name).map { (field, $0) } }
        var given: [TickerField: MappingDecision] = [:]
        for decision in [MappingDecision](fields: source.fields, constants: source.format.constants) {
            if let field = TickerField(rawValue: decision.field), rules.constants.contains(field) { given[field] = decision }
        }
        run.note([MappingDecision](shape.decision, given: given))
        self.shape = shape
        return shape
    }

    /// Whether a pointer leads to something in one of the first records.
    private func isIn(_ page: ParsedPage, _ text: String) -> Bool {
        guard let pointer = JSONPointer(text) else { return false }
        var isFound = false
        page.records.forEach { index, record in
            isFound = record.value?.pointer(pointer) != nil
            return !isFound && index + 1 < SchemaSample.maximumRecords
        }
        return isFound
    }

    /// Why a value cannot be a record at all: fields are members, unless they are declared as positions, or as the value itself.
    private func unfit(_ value: JSONValue?) -> String? {
        switch value?.kind {
        case .object: nil
        case .array where takesArrays: nil
        case .string where takesScalars, .number where takesScalars: nil
        default: "not_an_object"
        }
    }
}

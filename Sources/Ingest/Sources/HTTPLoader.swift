import CoreMetrics
import MarketData
import TickerStore

/// Turns pages of records into batches; on the run's thread.
struct HTTPLoader {
    /// Of a record that is too long so much is kept.
    private static let keptOfLong = 64 << 10

    let name: String
    let source: HTTPSource
    let run: ActiveRun
    private let paths: [(field: TickerField, pointer: JSONPointer)]
    private let takesArrays: Bool
    private let takesScalars: Bool
    /// Records of this run that are in quarantine.
    private(set) var badRecords = 0
    /// Fields whose pointer has led to something in some record.
    private var found: Set<TickerField> = []

    init(name: String, source: HTTPSource, run: ActiveRun) {
        self.name = name
        self.source = source
        self.run = run
        // In one order, so that a record that waits in the quarantine has the same reasons when it comes again.
        paths = TickerField.allCases.compactMap { field in source.fields[field].flatMap { JSONPointer($0) }.map { (field, $0) } }
        // The name of a map's member is no place inside a record.
        let inside = paths.map(\.pointer.tokens).filter { source.form != .map || $0 != [[]] }
        takesScalars = inside.contains([])
        takesArrays = !inside.isEmpty && inside.allSatisfy { $0.first?.allSatisfy { (0x30...0x39).contains($0) } ?? false }
    }

    /// Whether the source is to end because of its bad records.
    var hasTooManyBadRecords: Bool { badRecords >= CSVLoader.maximumBadRecords }

    /// Builds a page's rows and submits them.
    ///
    /// - Parameters:
    ///   - start: says that the page is not done; goes with all its batches but the last.
    ///   - end: says that it is; goes with the last.
    mutating func load(_ page: RecordPage, start: StateChange? = nil, end: StateChange? = nil) -> SourceOutcome {
        let started = run.environment.now().monotonic
        defer { IngestMetrics.latency(.transform).recordMilliseconds(run.environment.now().monotonic - started) }
        var intake = RecordIntake(
            name: name,
            place: page.place,
            fetchedAt: page.fetchedAt,
            format: source.format,
            run: run,
            checkpoint: start
        )
        let before = badRecords
        page.records.forEach { index, record in
            add(record, at: index, to: &intake)
            badRecords = before + intake.rejected
            // Asking takes a lock, so not for each record.
            return !hasTooManyBadRecords && (index & 0xFF != 0 || !run.mustStop)
        }
        guard hasTooManyBadRecords, !run.mustStop else { return intake.finish(end, hint: hint) }
        run.report(.data, source: name, "\(page.place): too_many_bad_records: \(badRecords) records of this run are in quarantine")
        return intake.finish(start, isCut: true)
    }

    private mutating func add(_ record: PageRecord, at index: Int, to intake: inout RecordIntake) {
        if let reason = record.reason ?? unfit(record.value) {
            let content = record.raw.count > PageRecord.longest ? record.raw.prefix(Self.keptOfLong) : record.raw
            return intake.reject(content, reason: reason, position: index)
        }
        intake.draft.begin()
        for (field, pointer) in paths {
            let isName = source.form == .map && pointer.tokens == [[]]
            let value = isName ? record.key : record.value?.pointer(pointer)
            if value != nil { found.insert(field) }
            intake.draft.set(field, json: value)
        }
        intake.add(record.raw, position: index)
    }

    /// Which pointers have led nowhere yet.
    private var hint: String {
        let absent = TickerField.required.compactMap { field in found.contains(field) ? nil : source.fields[field].map { "\($0) (\(field.rawValue))" }
        }
        return absent.isEmpty ? "" : "; no record has \(absent.joined(separator: ", "))"
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

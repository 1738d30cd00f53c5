import MarketData
import TickerStore

/// Takes the records of a page one after the other and makes batches of them: rows, and records in quarantine. Full batches go to the store.
///
/// For each record: `draft.begin()`, set its fields in `draft`, then `add` it.
struct RecordIntake {
    /// What a row's line takes beside the raw record.
    private static let lineBytes = 4_096

    var draft: RowDraft
    /// Records taken so far.
    private(set) var records = 0
    /// Those of them that went to quarantine.
    private(set) var rejected = 0
    /// Whether any of them became a row, or would have if it were not too old.
    private(set) var hasRows = false

    /// Set when the records have waited in the quarantine: a bad one then goes on waiting, and a good one is taken out with its row.
    var waiting: WaitingRecords?

    private let name: String
    /// The page, secrets masked, and when it came.
    private let place: String
    private let fetchedAt: Timestamp
    /// Goes with every batch but the last.
    private let checkpoint: StateChange?
    private let run: ActiveRun
    private var builder: BatchBuilder
    private var fault: BatchFault?
    /// Identities of the page's rows: symbol, source id and time.
    private var seen = ByteInterner()
    /// By the identity's number: a hash of what the row says.
    private var contents: [Int] = []
    /// By the identity's number, where records do not come by their rank: the best one that the page has.
    private var ranks: [Int64] = []
    private var identity: [UInt8] = []

    /// - Parameters:
    ///   - expected: records of the page, where that is known.
    ///   - checkpoint: says that the page is not done; goes with all its batches but the last.
    init(
        name: String,
        place: String,
        fetchedAt: Timestamp,
        format: RecordFormat,
        run: ActiveRun,
        expected: Int = LogFormat.maximumBatchRows,
        checkpoint: StateChange? = nil
    ) {
        self.name = name
        self.place = place
        self.fetchedAt = fetchedAt
        self.checkpoint = checkpoint
        self.run = run
        builder = BatchBuilder(source: name)
        fault = BatchFault(run, source: name, rows: min(expected, LogFormat.maximumBatchRows))
        draft = RowDraft(now: fetchedAt, format: format, oldestKept: run.environment.oldestKept(at: fetchedAt))
    }

    /// Takes the record whose fields are in `draft`: a row when it is good, else a record in quarantine.
    ///
    /// - Parameters:
    ///   - raw: the source's own record, at most some megabytes: it must fit a batch.
    ///   - position: its index in the page.
    /// - Returns: Whether it is a good record.
    @discardableResult
    mutating func add(_ raw: ArraySlice<UInt8>, position: Int) -> Bool {
        makeRoom(for: raw)
        records += 1
        guard draft.finish() else {
            quarantine(raw, position)
            return false
        }
        if let waiting {
            switch waiting.verdict(draft) {
            case .store: break
            case .outdated:
                hasRows = true
                builder.skipOutdated(waiting.ids[position])
                return true
            case .keep:
                hasRows = true
                builder.keepWaiting()
                return true
            }
        }
        if draft.isTooOld {
            hasRows = true
            builder.skipTooOld()
            if let waiting { builder.remove(waiting.ids[position]) }
            return true
        }
        // Records come by rank or by age, or their ranks are known beforehand: of two with one identity the first is the better one else
        // (spec section 5).
        guard waiting?.laterWins == true || isNewOrSame() else {
            if waiting == nil { run.update { $0.collisions += 1 } }
            draft.reject("identity_collision")
            quarantine(raw, position)
            return false
        }
        hasRows = true
        builder.append(draft) { $0.append(contentsOf: raw) }
        if let waiting { builder.remove(waiting.ids[position]) }
        return true
    }

    /// Takes note of the rank of the record whose fields are in `draft`, before any record of the page is added: of two with one identity the
    /// better one is to be the row, and the first one of equals.
    mutating func expect(rank: Int64) {
        guard draft.finish(), !draft.isTooOld else { return }
        let number = numberOfIdentity()
        if number == contents.count {
            contents.append(draft.contentHash)
            ranks.append(rank)
        } else if rank < ranks[number] {
            contents[number] = draft.contentHash
            ranks[number] = rank
        }
    }

    /// Takes a record that cannot be a row whatever its fields are.
    mutating func reject(_ raw: ArraySlice<UInt8>, reason: String, position: Int) {
        makeRoom(for: raw)
        records += 1
        draft.begin()
        draft.reject(reason)
        quarantine(raw, position)
    }

    /// Whether the fault switch has ended the source.
    var hasFailed: Bool { fault?.hasFailed == true }

    /// Hands the last batch to the store; says what became of the page.
    ///
    /// - Parameters:
    ///   - change: goes with that batch.
    ///   - memo: of the page, if all its records were taken; goes with that batch, too.
    ///   - hint: what may be the reason, for the report that no record could become a row.
    ///   - isCut: there are more records, which are not looked at; why has been reported.
    mutating func finish(_ change: StateChange? = nil, memo: PageMemo? = nil, hint: String = "", isCut: Bool = false) -> SourceOutcome {
        guard !run.mustStop else { return hasRows ? .loaded : .failed }
        if !builder.isEmpty { submit(change, memo) }
        if hasFailed { return .failed }
        if records > 0, !hasRows, !isCut {
            run.report(
                .data,
                source: name,
                "\(place): none of the \(records) records could become a row; they are in quarantine\(hint.isEmpty ? "" : "; " + hint)"
            )
        }
        return hasRows ? .loaded : .failed
    }

    private mutating func makeRoom(for raw: ArraySlice<UInt8>) {
        if fault?.allows(&builder) == false { return }
        if builder.isFull(adding: raw.count + Self.lineBytes, rows: LogFormat.maximumBatchRows) { submit(checkpoint) }
    }

    private mutating func submit(_ change: StateChange?, _ memo: PageMemo? = nil) {
        if fault?.allows(&builder, isComplete: true) == false { return }
        let taken = memo.map { $0.pages.taken($0.page, records: records, hasRows: hasRows) }
        let changes = (change.map { [$0] } ?? []) + (taken?.changes ?? [])
        run.submit(&builder, source: name, fetchedAt: fetchedAt, changes: changes) { _ in taken?.committed() }
    }

    private mutating func quarantine(_ raw: ArraySlice<UInt8>, _ position: Int) {
        rejected += 1
        if waiting != nil { return builder.keepWaiting() }
        builder.quarantine(Array(raw), reasons: draft.reasons, place: place, position: position)
    }

    /// False when an earlier record of the page, or one of a better rank, has the same identity and says something else. One that says the same is a row that is
    /// stored already, for the store to skip.
    private mutating func isNewOrSame() -> Bool {
        let number = numberOfIdentity()
        let content = draft.contentHash
        guard number < contents.count else {
            contents.append(content)
            return true
        }
        return contents[number] == content
    }

    private mutating func numberOfIdentity() -> Int {
        identity.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: draft.timestamp.milliseconds) { identity.append(contentsOf: $0) }
        identity.append(contentsOf: draft.symbol)
        identity.append(0)
        identity.append(contentsOf: draft.sourceID)
        let key = identity
        return Int(seen.intern(key.span))
    }
}

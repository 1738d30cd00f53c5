import CoreMetrics
import Logging
import MarketData
import Synchronization
import TickerStore
import Transfer

/// Where a run's batches go: the store, or whoever only wants to look at them.
protocol BatchSink: Sendable {
    /// Takes a batch; the answer comes when it is durable or has failed, from any thread.
    func submit(_ batch: Batch, completion: @escaping @Sendable (Result<CommitCounts, StoreError>) -> Void)
}

extension Store: BatchSink {}

/// A run while it goes on: what its sources report, and the one way their batches take into the store.
///
/// Batches are numbered and submitted by the run's own thread, so they commit in number order; errors may come from any thread.
final class ActiveRun: Sendable {
    /// Batches that may be on their way to the disk while the next one is built.
    static let batchesInFlight = 4
    /// Bounds of the record, which must fit one record of the log.
    private static let errorsKept = 1_000
    /// Passes over sources that were asked for while the run went on, at most; then another run begins.
    private static let passesOfJoins = 20
    private static let unmappedFieldsKept = 500
    private static let longestFieldName = 200
    private static let longestMessage = 1_000

    let runID: String
    let sources: [SourceDefinition]
    private let sink: any BatchSink
    let environment: IngestEnvironment
    /// Raised by a shutdown.
    let cancellation: CancellationFlag
    /// Whether it only looks: nothing is concluded from how its requests go.
    let isPreview: Bool
    /// The shapes that its sources have.
    let schemas: RunSchemas
    /// nil: it does not look for outliers.
    private let outliers: OutlierDetector?
    private let outlierCounters: OutlierCounters
    /// nil: what it brings is not stored.
    private let newest: NewestData?
    private let state: Mutex<State>
    /// A checkpoint must never be stored when the rows before it were not.
    private let sequenceOfBatches = BatchSequence()
    private let ledger: RunLedger
    /// One answer a submitted batch; failures have been noted already.
    private let answers = BlockingQueue<Void>()

    private struct State {
        var record: RunRecord
        /// Batches that have a number.
        var numbered = 0
        /// Commits that were asked for, and answers that have come.
        var submitted = 0
        var answered = 0
        var storeFailure: StoreError?
        /// When each source's turn began last, by its name.
        var attempts: [String: Moment] = [:]
        /// Sources that somebody asked for while this run went on.
        var joined: [SourceDefinition] = []
        var isClosing = false
        /// Passes that joins have asked for.
        var joinPasses = 0
        /// How the first table's columns were mapped.
        var mappingDecisions: [MappingDecision] = []
        /// Files whose records are counted as remembered.
        var remembered: Set<FileKey> = []
    }

    init(
        record: RunRecord,
        sources: [SourceDefinition],
        sink: any BatchSink,
        environment: IngestEnvironment,
        cancellation: CancellationFlag = CancellationFlag(),
        isPreview: Bool = false,
        schemas: RunSchemas = RunSchemas(),
        outliers: OutlierDetector? = nil,
        outlierCounters: OutlierCounters = OutlierCounters(),
        newest: NewestData? = nil
    ) {
        self.schemas = schemas
        self.cancellation = cancellation
        self.isPreview = isPreview
        self.outliers = outliers
        self.outlierCounters = outlierCounters
        self.newest = newest
        runID = record.runID
        self.sources = sources
        self.sink = sink
        self.environment = environment
        ledger = RunLedger(record)
        state = Mutex(State(record: record))
    }

    var record: RunRecord { state.withLock { $0.record } }
    var isCancelled: Bool { cancellation.isCancelled }
    /// Set when a commit failed: the run must end.
    var storeFailure: StoreError? { state.withLock { $0.storeFailure } }
    var mustStop: Bool { isCancelled || storeFailure != nil }

    func update(_ change: (inout RunRecord) -> Void) { state.withLock { change(&$0.record) } }

    /// When each source's turn began last, by its name.
    var attempts: [String: Moment] { state.withLock { $0.attempts } }

    func attempted(_ sources: [SourceDefinition], at moment: Moment) {
        state.withLock { state in
            for definition in sources { state.attempts[definition.name] = moment }
        }
    }

    /// Asks for one more pass over these sources; false when the run is about to end and cannot take it any more.
    func join(_ wanted: [SourceDefinition]) -> Bool {
        state.withLock { state in
            if state.isClosing { return false }
            for definition in wanted where !state.joined.contains(where: { $0.name == definition.name }) { state.joined.append(definition) }
            return true
        }
    }

    /// What was asked for since the last time: files once more, an API only when this run did not ask it yet. nil closes the run for more.
    func takeJoin() -> [SourceDefinition]? {
        state.withLock { state in
            guard !state.joined.isEmpty else {
                state.isClosing = true
                return nil
            }
            // Whoever asks all the time must not keep one run going for ever.
            state.joinPasses += 1
            if state.joinPasses == Self.passesOfJoins { state.isClosing = true }
            let joined = state.joined
            state.joined = []
            let known = state.record.sources
            state.record.sources += joined.map(\.name).filter { !known.contains($0) }
            return joined.filter { definition in
                if case .csv = definition.kind { return true }
                return !known.contains(definition.name)
            }
        }
    }

    /// What gives our fields their values, in the first table that was read.
    var mappingDecisions: [MappingDecision] { state.withLock { $0.mappingDecisions } }

    func note(_ decisions: [MappingDecision]) {
        state.withLock { if $0.mappingDecisions.isEmpty { $0.mappingDecisions = decisions } }
    }

    /// Counts the records of a file that was not read again, once a run.
    func remember(_ records: Int, of file: FileKey, source: String) {
        let isNew = state.withLock { $0.remembered.insert(file).inserted }
        if isNew { remember(records, source: source) }
    }

    /// Counts records that were not read because nothing about them had changed.
    func remember(_ records: Int, source: String) {
        update { record in
            record.remembered += records
            record.rememberedBySource[source, default: 0] += records
        }
        if !isPreview { IngestMetrics.runRows(source: source, .skipped).increment(by: records) }
    }

    /// Notes an error of a source in the record, the log and the metrics.
    func report(_ type: RunRecord.ErrorType, source: String, _ message: String) {
        let at = Timestamp(milliseconds: environment.now().wall)
        // Part of it may be a stranger's text: it must neither fill the record nor steer a terminal.
        let message = String(
            environment.secrets.redacted(message).unicodeScalars.prefix(Self.longestMessage).map {
                $0.properties.generalCategory == .control ? "\u{FFFD}" : Character($0)
            }
        )
        update { record in
            // They are all counted, and the log names the first ones of each kind; that a run was interrupted is what resuming goes by.
            if record.errors.count < Self.errorsKept || type == .interrupted {
                record.errors.append(.init(source: source, type: type, message: environment.withoutDirectory(message), at: at))
            } else {
                record.errorsLeftOut += 1
            }
        }
        IngestMetrics.errors(source: source, type: type).increment()
        environment.logger.warning("\(message)", metadata: ["run_id": "\(runID)", "source": "\(source)", "type": "\(type.rawValue)"])
    }

    /// Notes fields that give nothing, once each.
    func noteUnmapped(_ fields: [String], source: String) {
        let secrets = environment.secrets
        update { record in
            for field in fields.lazy.map({ String(secrets.redacted($0).prefix(Self.longestFieldName)) })
            where record.unmappedFields.count < Self.unmappedFieldsKept
                && !record.unmappedFields.contains(where: { $0.source == source && $0.field == field })
            {
                record.unmappedFields.append(.init(source: source, field: field))
            }
        }
    }

    /// The number of the batch that is being built. Run's thread only.
    var nextBatchNumber: Int { state.withLock { $0.record.firstBatchNumber + $0.numbered } }

    /// Notes a batch that came to nothing before it was submitted. It keeps its number. Run's thread only.
    func fail(batch number: Int, source: String, _ message: String) {
        state.withLock { state in
            state.numbered += 1
            state.record.failedBatches.append(.init(number: number, source: source, error: environment.withoutDirectory(message)))
        }
        report(.data, source: source, message)
    }

    /// Hands the builder's batch to the store; its summary and `changes` are committed with it. Run's thread only.
    ///
    /// - Parameter committed: called with what became of the batch when it is durable.
    func submit(
        _ builder: inout BatchBuilder,
        source: String,
        fetchedAt: Timestamp,
        changes: [StateChange] = [],
        committed: (@Sendable (RunRecord.BatchSummary) -> Void)? = nil
    ) {
        let number = state.withLock { state in
            state.submitted += 1
            state.numbered += 1
            return state.record.firstBatchNumber + state.numbered - 1
        }
        let records = builder.records
        let tooOld = builder.tooOld
        let (outdated, stillWaiting) = (builder.outdated, builder.stillWaiting)
        let now = environment.now()
        let tally = outliers.map { builder.test(with: $0, number: number, at: Timestamp(milliseconds: now.wall)) } ?? OutlierTally()
        if let problem = tally.problem { report(.store, source: source, problem) }
        var batch = builder.take(origin: BatchOrigin(runID: runID, number: number, source: source, fetchedAt: fetchedAt))
        let environment = environment
        if !environment.secrets.isEmpty {
            for index in batch.quarantined.indices { batch.quarantined[index].place = environment.secrets.redacted(batch.quarantined[index].place) }
        }
        batch.sequence = sequenceOfBatches
        if tally.tested > 0 { outlierCounters.begin(batch.series.lazy.map(\.symbol)) }
        let learned = schemas.takeChanges()
        let newestRow = batch.rows.lazy.map(\.timestamp).max()
        // Filled in on the store's thread, in the middle of the commit, so that record and disk say the same.
        let summary = Mutex(RunRecord.BatchSummary(number: number, source: source, rows: records, tooOld: tooOld, outliers: tally.outliers))
        batch.state = { [ledger, newest] counts in
            let complete = summary.withLock { summary in
                summary.take(counts, tested: tally.tested, milliseconds: environment.now().monotonic - now.monotonic)
                summary.skipped += outdated
                summary.quarantined += stillWaiting
                return summary
            }
            return ledger.changes(with: complete) + changes + learned + (newestRow.flatMap { newest?.changes(with: $0, of: source) } ?? [])
        }
        if submittedAhead >= Self.batchesInFlight { awaitAnswer() }
        sink.submit(batch) { [self] result in
            switch result {
            case .success:
                let summary = summary.withLock { $0 }
                update { $0.append(summary) }
                IngestMetrics.rows(source: source).increment(by: records)
                if let newestRow { newest?.note(newestRow, of: source) }
                if !isPreview { IngestMetrics.count(summary) }
                if !tally.counts.isEmpty { outlierCounters.add(tally.counts) }
                IngestMetrics.latency(.load).recordMilliseconds(summary.durationMilliseconds)
                committed?(summary)
            case .failure(let error):
                schemas.putBack(learned)
                state.withLock { state in
                    if state.storeFailure == nil { state.storeFailure = error }
                    let message = environment.withoutDirectory(error.message)
                    state.record.failedBatches.append(.init(number: number, source: source, error: message))
                }
            }
            _ = answers.push(())
        }
    }

    /// Stores the run's start once more, with the sources that have joined: their walks are gone on with after a kill. Run's thread only.
    func storeJoins() {
        let start = RunState.start(record)
        submit(state: [start], source: "") { _ in }
    }

    /// Notes, behind its last batch, that a source has nothing more to do in this run; `changes` are committed with that. Run's thread only.
    /// A run that must stop leaves its sources unfinished.
    func end(source: String, changes: [StateChange] = []) {
        guard !mustStop else { return }
        let ended = RunState.ended(source, sequence: record.sequence)
        submit(state: [ended] + changes, source: source) { record in
            if !record.endedSources.contains(source) { record.endedSources.append(source) }
        }
    }

    /// Commits changes of the state behind what was submitted before, and then notes that in the record.
    private func submit(state changes: [StateChange], source: String, committed: @escaping @Sendable (inout RunRecord) -> Void) {
        var batch = Batch(
            origin: BatchOrigin(runID: runID, number: 0, source: source, fetchedAt: Timestamp(milliseconds: environment.now().wall))
        )
        batch.sequence = sequenceOfBatches
        batch.state = { _ in changes }
        if submittedAhead >= Self.batchesInFlight { awaitAnswer() }
        state.withLock { $0.submitted += 1 }
        sink.submit(batch) { [self] result in
            state.withLock { state in
                switch result {
                case .success: committed(&state.record)
                case .failure(let error): if state.storeFailure == nil { state.storeFailure = error }
                }
            }
            _ = answers.push(())
        }
    }

    private var submittedAhead: Int { state.withLock { $0.submitted - $0.answered } }

    private func awaitAnswer() {
        let count = answers.popAll()?.count ?? 0
        state.withLock { $0.answered += count }
    }

    /// Waits until every submitted batch is durable or has failed.
    func drain() {
        while submittedAhead > 0 { awaitAnswer() }
    }
}

extension RunRecord.BatchSummary {
    /// - Parameter tested: Rows that were tested for outliers; they are the newest of their series, so all of them were inserted.
    fileprivate mutating func take(_ counts: CommitCounts, tested: Int, milliseconds: Int64) {
        inserted = counts.inserted
        updated = counts.updated
        skipped = counts.skipped
        quarantined = counts.quarantined + counts.seenInQuarantine
        outliersUntested = inserted + updated - tested
        durationMilliseconds = Int(milliseconds)
    }
}

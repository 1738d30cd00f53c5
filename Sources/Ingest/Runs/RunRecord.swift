package import MarketData

/// What a run did, as `/runs` shows it (spec section 6).
///
/// While the run goes on it is in pieces in the store's state: a start, and one summary a batch, each in the batch's own commit. The end makes
/// one line of the `runs` family of them (`RunState`, `RunRecord+Line`).
package struct RunRecord: Sendable {
    /// How a run came out, or that it still goes on.
    package enum Status: String, Sendable {
        case running
        case success
        case partialSuccess = "partial_success"
        case failed
    }

    /// What one batch came to; on disk with its rows.
    package struct BatchSummary: Sendable, Equatable {
        package var number: Int
        package var source: String
        /// Records that went into the batch.
        package var rows = 0
        package var inserted = 0
        package var updated = 0
        package var skipped = 0
        package var quarantined = 0
        /// Older than rows are kept, so neither stored nor quarantined.
        package var tooOld = 0
        package var outliers = 0
        /// Inserted and updated rows that were not tested.
        package var outliersUntested = 0
        package var durationMilliseconds = 0
    }

    /// Something that went wrong with a source; the run goes on with the others.
    package struct SourceError: Sendable, Equatable {
        package var source: String
        package var type: ErrorType
        package var message: String
        package var at: Timestamp
    }

    /// A batch that came to nothing.
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
    /// Those of them that had nothing more to do, well or badly, before the run ended.
    package var endedSources: [String] = []
    package var status = Status.running
    package var startedAt: Timestamp
    package var completedAt: Timestamp?
    /// The newest ones, oldest first; `totals` has them all.
    package private(set) var batches: [BatchSummary] = []
    /// By source.
    package var totals: [String: RunTotals] = [:]
    package var failedBatches: [FailedBatch] = []
    package var errors: [SourceError] = []
    /// Errors that are counted and not among `errors`: a record is bounded.
    package var errorsLeftOut = 0
    /// How each source came out that has ended.
    package var outcomes: [String: SourceOutcome] = [:]
    /// Of the store, when the run ended (spec section 4).
    package var schemaVersion = 1
    /// Inferred and approved mappings that were used.
    package var appliedMappings: [Mapping] = []
    /// Mappings that were not used and want a person's judgement.
    package var quarantinedMappings: [Mapping] = []
    package var typeChanges: [TypeChange] = []
    /// Fields of the sources that give nothing, as `source` and `field`.
    package var unmappedFields: [UnmappedField] = []
    /// Records of files that were not opened, and of pages that were not parsed, because nothing about them had changed.
    package var remembered = 0
    /// The same by source; a run of an older version has only the sum.
    package var rememberedBySource: [String: Int] = [:]
    package var throttleEvents = 0
    /// Records of a page that had the identity of an earlier one in it.
    package var collisions = 0
    /// What the store held when the run began.
    package var preRunCounts: RunCounts

    /// The run that this one goes on after; nil for a run from the start.
    package var resumeFrom: ResumePoint?

    /// Where a run begins that goes on after one that was killed or stopped.
    package struct ResumePoint: Sendable, Equatable {
        /// The first batch of this run: the one behind the last that was committed.
        package var batch: Int
        /// The run that it goes on after.
        package var runID: String
        /// The first source, in configured order, that had not ended.
        package var source: String
        /// All that had not.
        package var sources: [String]
    }

    /// A field of a source that gives none of ours.
    package struct UnmappedField: Sendable, Equatable {
        package var source: String
        package var field: String
    }

    /// A field of a source that gives one of ours, or might.
    package struct Mapping: Sendable, Equatable {
        package var source: String
        /// The source's name.
        package var from: String
        /// Ours.
        package var to: String
        /// From 0 to 100.
        package var confidence: Int
        package var reasons: [String]
    }

    /// A field whose values are of another type than before (spec section 4).
    package struct TypeChange: Sendable, Equatable {
        package var source: String
        /// The source's name.
        package var field: String
        package var from: String
        package var to: String
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

extension RunRecord {
    /// Batch summaries that `/runs/{id}` lists; more are only counted.
    static let listedBatches = 1_000

    package var inserted: Int { sum(\.inserted) }
    var updated: Int { sum(\.updated) }
    var duplicates: Int { sum(\.skipped) }
    var quarantined: Int { sum(\.quarantined) }
    var extracted: Int { sum(\.rows) }
    var tooOld: Int { sum(\.tooOld) }
    package var outliers: Int { sum(\.outliers) }
    package var outliersUntested: Int { sum(\.outliersUntested) }
    /// Committed batches, listed or not.
    package var batchCount: Int { sum(\.batches) }
    var skipped: Int { duplicates + remembered }
    /// Errors, listed or not.
    var errorCount: Int { errors.count + errorsLeftOut }
    /// A run that goes on after another numbers on from there.
    var firstBatchNumber: Int { resumeFrom?.batch ?? 1 }
    /// The number behind the last committed batch.
    var nextBatchNumber: Int { (batches.last?.number ?? firstBatchNumber - 1) + 1 }
    /// The first source, in configured order, that was not done.
    var unfinishedSource: String { sources.first { !endedSources.contains($0) } ?? batches.last?.source ?? sources.first ?? "" }
    static let replayTrigger = "replay"
    /// Whether it tried quarantined records again and asked no source for anything.
    package var isReplay: Bool { trigger == Self.replayTrigger }
    /// Whether the process was killed or stopped in the middle of the run.
    var wasInterrupted: Bool { status == .failed && errors.contains { $0.type == .interrupted } }
    package var durationMilliseconds: Int64? { completedAt.map { max(0, $0.milliseconds - startedAt.milliseconds) } }

    private func sum(_ field: KeyPath<RunTotals, Int>) -> Int { totals.values.reduce(0) { $0 + $1[keyPath: field] } }

    /// Counts a committed batch.
    mutating func append(_ summary: BatchSummary) {
        totals[summary.source, default: RunTotals()].add(summary)
        batches.append(summary)
        // Not each time: what is left has to move.
        if batches.count >= 2 * Self.listedBatches { batches.removeFirst(Self.listedBatches) }
    }

    mutating func take(_ report: MappingReport) {
        appliedMappings = report.applied
        quarantinedMappings = report.quarantined
        typeChanges = report.typeChanges
    }

    /// Takes over listed batches that `totals` has counted already.
    mutating func list(_ summaries: some Sequence<BatchSummary>) { batches = Array(summaries) }
}

extension RunRecord {
    /// Closes a run that was going on when its process died: the batch behind the last committed one failed (spec section 6).
    mutating func closeKilled(at time: Timestamp) {
        status = .failed
        completedAt = time
        let message =
            isReplay
            ? "the process ended in the middle of the replay; what it stored is stored, and the other records go on waiting"
            : "the process ended in the middle of the run; the next run goes on after its last committed batch"
        failedBatches = [FailedBatch(number: nextBatchNumber, source: unfinishedSource, error: message)]
        errors.append(SourceError(source: source, type: .interrupted, message: message, at: time))
    }
}

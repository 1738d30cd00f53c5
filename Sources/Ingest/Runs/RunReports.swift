package import MarketData

/// What a request for a run is answered with.
package struct RefreshTicket: Sendable {
    package var runID: String
    /// Another request had started it.
    package var alreadyRunning: Bool
    package var preRunCounts: RunCounts

    package init(runID: String, alreadyRunning: Bool, preRunCounts: RunCounts) {
        self.runID = runID
        self.alreadyRunning = alreadyRunning
        self.preRunCounts = preRunCounts
    }
}

/// Why no run was started.
package enum RefreshError: Error, Sendable {
    case unknownSource(String, known: [String])
    /// The process is stopping.
    case draining
    case storeUnavailable(String)
    /// The system has no thread for a run.
    case noThread(String)
    /// The machine's clock cannot be right; what it says, and what speaks against it.
    case clock(String)
    /// What was asked for needs a run of its own, and this one goes on.
    case busy(runID: String)
}

/// A source as the banner, `/stats` and the metrics show it.
package struct SourceStatus: Sendable {
    package var name: String
    package var kind: String
    package var quotaPerMinute: Int?
    /// As of now.
    package var tokensRemaining: Int?
    /// The URL, secrets masked, or the files.
    package var detail: String
    /// nil for files.
    package var limits: SourceLimits?
}

/// What holds a source's requests back, as of now.
package struct SourceLimits: Sendable, Equatable {
    /// Requests a minute that are sent at most, after the API's throttling; `quotaPerMinute` when it does not throttle.
    package var effectivePerMinute: Int
    /// No request on schedule before this; nil: one may be sent, quota allowing.
    package var notBefore: Timestamp?
    /// Requests of this calendar month, UTC.
    package var monthUsed: Int
    package var monthBudget: Int?
    /// `closed`, `open` or `half_open`.
    package var circuit: String
    /// Waits for quota since the process began.
    package var throttleEvents: Int
    /// Set while a request waits.
    package var waitingUntil: Timestamp?
    /// `quota`, `upstream` (the API said when) or `backoff`, while a request waits.
    package var waitingFor: String?
}

/// Figures about the runs so far.
package struct RunStatistics: Sendable {
    /// Of a process that has none.
    package static let none = RunStatistics(
        healthStatus: "none",
        healthErrors: 0,
        failedBatches: 0,
        batches: 0,
        lastRunNewRecords: 0,
        lastRunSkipped: 0,
        totalDuplicatePrevention: 0
    )

    /// The last finished run's status, or `none`.
    package var healthStatus: String
    package var healthErrors: Int
    /// Mean duration of the last 20 finished runs.
    package var latencyAverageMilliseconds: Int?
    /// Of the last 20 finished runs.
    package var failedBatches: Int
    /// Of the last 20 finished runs, failed ones included.
    package var batches: Int
    package var lastSuccessfulRunID: String?
    package var lastRunNewRecords: Int
    package var lastRunSkipped: Int
    /// Records skipped since the store was made.
    package var totalDuplicatePrevention: Int
    package var runInProgress: String?
    /// Why no run starts while the machine's clock says what it says; nil when it may be right.
    package var clockProblem: String?
}

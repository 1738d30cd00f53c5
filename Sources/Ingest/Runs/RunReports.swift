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
}

/// Figures about the runs so far.
package struct RunStatistics: Sendable {
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
}

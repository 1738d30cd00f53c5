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
    /// Which sources make the server degraded, in configured order.
    package var failingSources: [FailingSource] = []
    /// Why the last run failed, where that is no source's fault: it was interrupted, or the store refused its rows.
    package var lastRunFailure: String?
}

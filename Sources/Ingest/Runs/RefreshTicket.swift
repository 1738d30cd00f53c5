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
    /// No quarantined record is meant.
    case nothingWaits
}

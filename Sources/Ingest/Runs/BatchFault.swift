import Glibc
import Logging

/// The fault switch as it is met by those who build a source's batches; on the run's thread.
struct BatchFault {
    private let fault: FaultSwitch
    private let run: ActiveRun
    private let source: String
    /// Records of a full batch.
    private let rows: Int
    /// Whether the fault has ended the source, which has been reported.
    private(set) var hasFailed = false

    /// nil in ordinary use, and while only looking.
    ///
    /// - Parameter rows: records of a full batch.
    init?(_ run: ActiveRun, source: String, rows: Int) {
        guard let fault = run.environment.fault, !run.isPreview else { return nil }
        self.fault = fault
        self.run = run
        self.source = source
        self.rows = rows
    }

    /// Lets the fault strike.
    ///
    /// - Parameter isComplete: nothing more goes into the batch.
    /// - Returns: Whether the batch may be built on; if not, what was built is gone, and no other one may be built.
    mutating func allows(_ builder: inout BatchBuilder, isComplete: Bool = false) -> Bool {
        if hasFailed { return false }
        let number = run.nextBatchNumber
        switch fault.strike(batch: number, built: builder.records, of: rows, isComplete: isComplete) {
        case nil: break
        case .pause:
            warn("a pause before batch \(number)")
            run.environment.pause(milliseconds: FaultSwitch.pauseMilliseconds) { run.mustStop }
        case .crash:
            run.drain()
            // Without the batch before, it would be another fault.
            if run.storeFailure != nil { break }
            warn("the process kills itself")
            killProcess()
        case .failure:
            builder.discard()
            hasFailed = true
            let message =
                "batch \(number) could not be built, because KASPARRO_FAULT=\(fault.point) says so; what was committed stays, and the next run goes on"
            run.fail(batch: number, source: source, message)
            return false
        }
        return true
    }

    private func warn(_ what: String) {
        run.environment.logger.warning("KASPARRO_FAULT=\(fault.point): \(what)", metadata: ["run_id": "\(run.runID)", "source": "\(source)"])
    }
}

/// Ends the process as a power cut would.
func killProcess() -> Never {
    kill(getpid(), SIGKILL)
    while true { pause() }
}

import MarketData

@testable import TickerStore

/// The engine's work beside the commits, driven by hand.
extension StoreEngine {
    /// Runs the next job from begin to end; false when none is due.
    ///
    /// - Parameter meanwhile: Done while the job has been chosen and has not run yet.
    @discardableResult
    func runJob(meanwhile: () throws -> Void = {}) throws -> Bool {
        guard let job = nextJob(ignoresRetry: true) else { return false }
        try meanwhile()
        try complete { () throws(StoreError) in try job.run() }
        return true
    }

    /// Publishes what a job made.
    func complete(_ run: () throws(StoreError) -> JobResult) throws(StoreError) {
        do throws(StoreError) {
            for path in try finish(try run()) { try? directory.fileSystem.remove(path) }
        } catch {
            fail(error)
            throw error
        }
    }

    /// Seals all that the log holds, and does nothing else.
    func sealAll() throws {
        maintenance.isSealWanted = true
        while let job = nextJob(ignoresRetry: true, sealOnly: true) {
            try complete { () throws(StoreError) in try job.run() }
        }
    }

    /// Copies what is sealed.
    func backup(to path: String, copies: Bool = false) throws(StoreError) -> BackupReport {
        let target = BackupJob.Target(path: path, copies: copies, extras: [])
        return try backupJob(target).run()
    }
}

import Glibc

/// The thread that seals, merges and copies, one thing after the other, less favoured than the others.
final class MaintenanceThread: Sendable {
    enum Work: Sendable {
        case job(any MaintenanceJob)
        case backup(BackupJob, @Sendable (BackupReport) -> Void)
        /// Files that are no longer needed. One that stays is set aside at the next start.
        case remove([String])
    }

    enum Outcome: Sendable {
        case job(Result<JobResult, StoreError>)
        /// nil: it succeeded.
        case backup(StoreError?)
    }

    private let work = BlockingQueue<Work>()
    private let done = BlockingQueue<Outcome>()
    private let fileSystem: any FileSystem

    /// - Parameter wake: Called on this thread when there is an outcome.
    /// - Throws: when there is no thread to be had.
    init(fileSystem: any FileSystem, wake: @escaping @Sendable () -> Void) throws(ThreadError) {
        self.fileSystem = fileSystem
        try startThread { [work, done] in
            // Commits and requests come first.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
            while let all = work.popAll() {
                for item in all {
                    guard let outcome = Self.run(item, fileSystem) else { continue }
                    _ = done.push(outcome)
                    wake()
                }
            }
            done.close()
        }
    }

    private static func run(_ work: Work, _ fileSystem: any FileSystem) -> Outcome? {
        switch work {
        case .job(let job):
            do throws(StoreError) { return .job(.success(try job.run())) } catch { return .job(.failure(error)) }
        case .backup(let job, let report):
            do throws(StoreError) {
                report(try job.run())
                return .backup(nil)
            } catch {
                return .backup(error)
            }
        case .remove(let paths):
            for path in paths { try? fileSystem.remove(path) }
            return nil
        }
    }

    func start(_ item: Work) { _ = work.push(item) }

    /// What has been done since the last call.
    func outcomes() -> [Outcome] { done.popAll(waitingAtMost: 0) ?? [] }

    /// Waits for something to be done.
    func waitForOutcomes() -> [Outcome] { done.popAll() ?? [] }

    /// Ends the thread when what was started is done, and waits for that.
    func stop() {
        work.close()
        while done.popAll() != nil {}
    }
}
